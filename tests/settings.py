"""Settings of the test run: the portal's own, with fast passwords and plain static files.

Servers come from `deploy/stack.py with-servers`, which sets DATABASE_URL and REDIS_URL.
"""

import os

os.environ.setdefault("SECRET_KEY", "only-tests" * 5)
os.environ.setdefault("SITE_URL", "http://testserver")
os.environ.setdefault("ALLOWED_HOSTS", "testserver,127.0.0.1,localhost")
os.environ.setdefault("EMAIL_URL", "smtp://127.0.0.1:9")
os.environ.setdefault("DEFAULT_FROM_EMAIL", "portal@example.org")
os.environ.setdefault("MAIL_DOMAIN_RATE", "0")

from taskforce.settings import *  # noqa: F403 - the portal's own settings, all of them
from taskforce.settings import BASE_DIR, CACHES, DATABASES, TEMPLATES

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Hashed names come from collectstatic, which a live test server does not run.
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# Each test client builds the middleware anew; without this WhiteNoise would read every static file's headers each time.
WHITENOISE_AUTOREFRESH = True
# Nobody hears of the faults that tests cause, whatever the environment says.
SENTRY_DSN = ""
# A test holds one transaction from its beginning to its end, whatever else it waits for.
DATABASES["default"]["OPTIONS"]["options"] = ""
# Whoever changes this in a test has every template read anew.
TEMPLATES = [{**TEMPLATES[0], "DIRS": [BASE_DIR / "templates", BASE_DIR / "tests" / "notifications" / "templates"]}]
# What a test wrote is rolled back, and another one's rows may look the same: a test that keeps pages says so.
CACHES["pages"] = {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}
