"""The settings that are the same everywhere: no environment changes them, and `settings.py` takes them all in."""

from pathlib import Path

from csp.constants import NONE, SELF

from taskforce.limits import table

BASE_DIR = Path(__file__).resolve().parent.parent
DEBUG = False

# --- apps ---------------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "modeltranslation",
    "taskforce.accounts.apps.PortalAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.mediawiki",
    "csp",
    "django_htmx",
    "pgtrigger",
    "taskforce.core",
    "taskforce.audit",
    "taskforce.limits",
    "taskforce.notifications",
    "taskforce.accounts",
    "taskforce.questions",
    "taskforce.timeline",
    "taskforce.announcements",
    "proposals",
    "recruitment",
    "feedback",
    "taskforce.portal",
]
MIDDLEWARE = [
    "taskforce.core.middleware.Headers",
    "taskforce.core.middleware.RefusedLanguages",
    "taskforce.core.middleware.Spoken",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "taskforce.core.middleware.KnownHost",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "taskforce.core.middleware.RequestLog",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "taskforce.accounts.views.limits.TooOftenInForms",
    "taskforce.core.middleware.HostileBytes",
    "taskforce.core.middleware.Refusals",
    "taskforce.portal.former_addresses.FormerAddresses",
]
ROOT_URLCONF = "taskforce.urls"
WSGI_APPLICATION = "taskforce.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "taskforce.core.context.page",
                "taskforce.portal.context.demo",
            ],
            "builtins": ["django.templatetags.i18n", "taskforce.core.templatetags.portal"],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- accounts -----------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_REDIRECT_URL = "account_email"  # for who was on the way to nowhere; the adapter sends staff to the staff side
LOGIN_URL = "account_login"
ACCOUNT_ADAPTER = "taskforce.accounts.adapters.AccountAdapter"
ACCOUNT_FORMS = {
    "signup": "taskforce.accounts.mailboxforms.SignUpForm",
    "request_login_code": "taskforce.accounts.mailboxforms.CodeForm",
    "confirm_email_verification_code": "taskforce.accounts.mailboxforms.ConfirmForm",
}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1", "password2"]  # a code by mail is a way in for everybody
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 15 * 60  # seconds; mail can be slow, and three minutes lock people out
ACCOUNT_USER_DISPLAY = "taskforce.accounts.adapters.shown_name"
# A page that can say that one is signed out: the home page is the same bytes for everybody.
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_RATE_LIMITS = table.rates_of_sign_in()
ACCOUNT_EMAIL_NOTIFICATIONS = True  # accounts/notices.py says of which changes, and in which words
MFA_ADAPTER = "taskforce.accounts.adapters.SecondFactorAdapter"
MFA_FORMS = {
    "authenticate": "taskforce.accounts.factor_forms.FactorForm",
    "reauthenticate": "taskforce.accounts.factor_forms.FactorForm",
}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_TOLERANCE = 1  # steps of 30 seconds before and after: clocks differ, and typing takes time
SOCIALACCOUNT_ADAPTER = "taskforce.accounts.social.SocialAdapter"
SOCIALACCOUNT_PROVIDERS = {"mediawiki": {"provider_class": "taskforce.accounts.wikimedia.WikimediaProvider"}}
SOCIALACCOUNT_FORMS = {"signup": "taskforce.accounts.social.SignUpForm"}
# A wiki's word opens no account that it did not open before: an address is confirmed by the portal's own code.
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
SOCIALACCOUNT_AUTO_SIGNUP = False
SOCIALACCOUNT_LOGIN_ON_GET = False
SOCIALACCOUNT_STORE_TOKENS = False
SESSION_ENGINE = "taskforce.accounts.sessions"
MESSAGE_STORAGE = "taskforce.core.messages.Storage"
# No script needs either: a form carries its token itself.
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "taskforce.core.errorpages.csrf_failure"

# --- languages and time -------------------------------------------------------------------------------------------

USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
# A list in code, never from the environment: columns and migrations follow it.
LANGUAGES = [
    ("en", "English"),
    ("ar", "العربية"),
    ("de", "Deutsch"),
    ("es", "español"),
    ("fr", "français"),
    ("hi", "हिन्दी"),
    ("id", "Bahasa Indonesia"),
    ("ja", "日本語"),
    ("pt-br", "português do Brasil"),
    ("ru", "русский"),
    ("zh-hans", "简体中文"),
    ("zh-hant", "繁體中文"),
]
LANGUAGE_COOKIE_NAME = "language"
LOCALE_PATHS = [BASE_DIR / "locale"]
MODELTRANSLATION_DEFAULT_LANGUAGE = "en"
_codes = tuple(code for code, _ in LANGUAGES)
MODELTRANSLATION_FALLBACK_LANGUAGES = {
    "default": ("en", *_codes),
    "zh-hant": ("zh-hans", "en", *_codes),
    "zh-hans": ("zh-hant", "en", *_codes),
}

# --- static files -------------------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
_npm = BASE_DIR / "node_modules" / "@wikimedia"
STATICFILES_DIRS = [
    ("codex", _npm / "codex" / "dist"),
    ("codex-tokens", _npm / "codex-design-tokens" / "dist"),
]
CODEX_ICONS = _npm / "codex-icons" / "dist" / "codex-icons.json"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "taskforce.core.staticfiles.HashedFiles"},
}

# --- security -----------------------------------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "object-src": [NONE],
        "frame-ancestors": [NONE],
    },
}
X_FRAME_OPTIONS = "DENY"
# What a page could ask a browser for, all of it off but the button that copies an address. Only names that browsers
# know: of others they complain.
_OFF = (
    "accelerometer autoplay camera clipboard-read display-capture encrypted-media fullscreen gamepad "
    "geolocation gyroscope hid idle-detection local-fonts magnetometer microphone midi otp-credentials payment "
    "picture-in-picture publickey-credentials-create publickey-credentials-get screen-wake-lock serial storage-access "
    "sync-xhr usb window-management xr-spatial-tracking"
)
PERMISSIONS_POLICY = ", ".join([*(f"{name}=()" for name in _OFF.split()), "clipboard-write=(self)"])
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
