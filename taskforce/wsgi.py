"""The WSGI application that gunicorn serves."""

import os
from importlib import import_module

from django.conf import settings
from django.core.wsgi import get_wsgi_application

# Before our own modules, some of which read settings when they are imported.
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "taskforce.settings")

from taskforce.core.middleware import utf8_only, whole_bodies
from taskforce.core.warming import warm

application = whole_bodies(utf8_only(get_wsgi_application()))
# Before workers are forked (`--preload`): the first visitor of each need not wait for it.
import_module(settings.ROOT_URLCONF)
warm()
