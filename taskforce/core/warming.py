"""What the first reader of each process would otherwise wait for, done before anybody comes.

With gunicorn's `--preload` it happens once, before workers are forked: one that takes the place of a killed one answers
its first request as fast as its second, which counts most when everybody sends in the last minute.
"""

import gc
from pathlib import Path

from django.conf import settings
from django.template import engines
from django.urls import get_resolver
from django.utils import translation

from taskforce.core import languages, pagecache


def warm() -> None:
    """Read catalogues, addresses and formats of each language, and our own templates; nothing that needs a server."""
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            translation.gettext("Send")
            get_resolver()._populate()
        languages.locale_of(code).decimal_formats  # noqa: B018 - read for being read
    for engine in engines.all():
        for folder in map(Path, engine.dirs):
            for file in folder.rglob("*.html"):
                engine.get_template(file.relative_to(folder).as_posix())
    pagecache.build()
    # What is there now stays: a collection in a worker that went through it would copy every page of it.
    gc.collect()
    gc.freeze()
