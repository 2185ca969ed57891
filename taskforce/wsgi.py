"""The WSGI application that gunicorn serves."""

import os

from django.core.wsgi import get_wsgi_application

from taskforce.core.middleware import utf8_only, whole_bodies

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "taskforce.settings")
application = whole_bodies(utf8_only(get_wsgi_application()))
