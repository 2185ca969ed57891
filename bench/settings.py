"""The portal's settings with the pages that it is measured by (`bench/pages.py`)."""

from taskforce.settings import *  # noqa: F403 - the portal's own settings, all of them
from taskforce.settings import BASE_DIR, CACHES, TEMPLATES

ROOT_URLCONF = "bench.urls"
TEMPLATES = [{**TEMPLATES[0], "DIRS": [BASE_DIR / "templates", BASE_DIR / "bench" / "templates"]}]
CACHES["pages"] = {**CACHES["pages"], "BACKEND": "bench.forgetful.Pages"}
