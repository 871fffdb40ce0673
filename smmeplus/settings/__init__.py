"""Settings of SMM ePlus wake-up support, all from the environment (12-factor).

Every variable is described in ``deploy/smmeplus.env.example``. Without any, the product runs on an
embedded SQLite file under ``var/`` and refuses to start only for want of ``SECRET_KEY``. A wrong one raises nothing
here: the default stands in for it, and the system check says what is wrong.
"""

from typing import Any

import django_stubs_ext

from smmeplus import variables
from smmeplus.common import places
from smmeplus.logs import logging_settings
from smmeplus.settings.api import *
from smmeplus.settings.devices import *
from smmeplus.settings.environment import *
from smmeplus.settings.environment import BASE_DIR, DEBUG, env
from smmeplus.settings.people import *
from smmeplus.settings.web import *

django_stubs_ext.monkeypatch()  # generic views, forms and admins may then be annotated

if DEBUG:
    SECRET_KEY = env.read("SECRET_KEY", variables.TEXT, default="only-for-development")
else:
    SECRET_KEY = env.required("SECRET_KEY", variables.KEY, instead="")
# Those that it was before: who is signed in stays so while it changes.
SECRET_KEY_FALLBACKS = env.read("SECRET_KEY_FALLBACKS", variables.KEYS, default=[])
# Only in the environment of `make run`: nowhere else is a user with a known name made by itself.
DEMO = env.read("DEMO", variables.SWITCH, default=False)
ALLOWED_HOSTS = env.read("ALLOWED_HOSTS", variables.HOSTS, default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.read("CSRF_TRUSTED_ORIGINS", variables.ORIGINS, default=[])

INSTALLED_APPS = [
    "smmeplus",
    "profiles",
    "concentrators",
    "wakeup",
    "reports",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.forms",
    "axes",
    "csp",
    "django_filters",
    "django_htmx",
    "django_otp",
    "django_otp.plugins.otp_static",
    "django_otp.plugins.otp_totp",
    "django_tables2",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "knox",
    "lucide",
    "rest_framework",
    "simple_history",
]

MIDDLEWARE = [
    "smmeplus.common.vitals.ids.RequestIdMiddleware",
    "smmeplus.headers.HeadersMiddleware",
    "smmeplus.api.compressing.CompressionMiddleware",
    "smmeplus.metrics.web.MetricsMiddleware",
    "smmeplus.health.HealthMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "smmeplus.api.slashes.CommonMiddleware",
    "concentrators.upload.bodies.BodyLimitMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "smmeplus.people.sessions.middleware.complete_sessions",
    "django_htmx.middleware.HtmxMiddleware",
    "smmeplus.kept.middleware.SignInMiddleware",
    "smmeplus.people.role_needed.RoleMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "smmeplus.people.security_log.tell_refusals_and_exports",
    "smmeplus.common.exporting.limits.ExportMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "smmeplus.urls"
WSGI_APPLICATION = "smmeplus.wsgi.application"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
CSRF_FAILURE_VIEW = "smmeplus.kept.middleware.old_form"
LOGOUT_REDIRECT_URL = "login"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [places.DATA / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "smmeplus.navigation.frame",
            ],
        },
    }
]

# The database. On SQLite a writer asks for its lock when the transaction begins (several processes
# write), and a commit reaches the disk before it returns: what was answered survives a power cut.
_SQLITE_URL = f"sqlite:///{BASE_DIR / 'var' / 'smmeplus.sqlite3'}"
DATABASES = {"default": env.parsed("DATABASE_URL", variables.DATABASE, _SQLITE_URL, instead=variables.NO_DATABASE)}
if DATABASES["default"]["ENGINE"] == variables.SQLITE:
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    }
else:
    DATABASES["default"].setdefault("CONN_MAX_AGE", env.read("CONN_MAX_AGE", variables.NUMBER, default=60))
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    # Seconds; ``tcp_user_timeout`` in milliseconds. Without them a process would hang for a quarter of an hour when the
    # machine of its database vanishes, which refuses nothing and resets nothing.
    DATABASES["default"]["OPTIONS"] = {
        "connect_timeout": 5,
        "keepalives_idle": 5,
        "keepalives_interval": 2,
        "keepalives_count": 3,
        "tcp_user_timeout": 10_000,
        **DATABASES["default"].get("OPTIONS", {}),
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("es", "Español"), ("it", "Italiano")]
LANGUAGE_COOKIE_AGE = 365 * 24 * 60 * 60
LOCALE_PATHS = [places.DATA / "locale"]
USE_TZ = True
TIME_ZONE = "UTC"

# Reports by e-mail. Links in them need an address, which no request tells; without a default nobody guesses one.
SITE_URL = env.read("SITE_URL", variables.SITE, default="http://127.0.0.1:8000" if DEBUG else "")
_MAIL_URL = "consolemail://" if DEBUG else "smtp://127.0.0.1:25"
_MAIL: dict[str, Any] = env.parsed("EMAIL_URL", variables.EMAIL, _MAIL_URL, instead={})
vars().update(_MAIL)
EMAIL_TIMEOUT = 10  # seconds, of each step
DEFAULT_FROM_EMAIL = env.read("DEFAULT_FROM_EMAIL", variables.SENDER, default="smmeplus@localhost")

FORM_RENDERER = "smmeplus.common.forms.Renderer"
FORMAT_MODULE_PATH = ["smmeplus.formats"]
DJANGO_TABLES2_TEMPLATE = "table.html"

LOGGING = logging_settings(
    env.read("LOG_LEVEL", variables.LEVEL, default="INFO"),
    env.read("SECURITY_LOG", variables.LOG, default=""),
    env.read("LOG_FORMAT", variables.LOG_FORMAT, default="plain"),
)
