"""Settings of SMM ePlus wake-up support, all from the environment (12-factor).

Every variable is described in ``deploy/smmeplus.env.example``. Without any, the product runs on an
embedded SQLite file under ``var/`` and refuses to start only for want of ``SECRET_KEY``. A wrong one raises nothing
here: the default stands in for it, and the system check says what is wrong.
"""

import os
from datetime import timedelta
from typing import Any

import bootstrap_wrapper
import django_stubs_ext
from csp.constants import NONE, SELF

from smmeplus import variables
from smmeplus.common import places
from smmeplus.environment import Environment
from smmeplus.logs import logging_settings

django_stubs_ext.monkeypatch()  # generic views, forms and admins may then be annotated

BASE_DIR = places.HOME
env = Environment(os.environ)
env.read_file(BASE_DIR / ".env")
CONFIGURATION_PROBLEMS = env.problems  # with which no command and no web server starts: see smmeplus/checks.py

DEBUG = env.read("DEBUG", variables.SWITCH, default=False)
if DEBUG:
    SECRET_KEY = env.read("SECRET_KEY", variables.TEXT, default="only-for-development")
else:
    SECRET_KEY = env.required("SECRET_KEY", variables.KEY, instead="")
ALLOWED_HOSTS = env.read("ALLOWED_HOSTS", variables.HOSTS, default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.read("CSRF_TRUSTED_ORIGINS", variables.ORIGINS, default=[])
# Behind TLS, which is the default outside development: set HTTPS=false only on a machine of your own.
HTTPS = env.read("HTTPS", variables.SWITCH, default=not DEBUG)

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
    "django_tables2",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "knox",
    "lucide",
    "rest_framework",
    "simple_history",
]

MIDDLEWARE = [
    "smmeplus.health.HealthMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "concentrators.upload.bodies.BodyLimitMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "smmeplus.kept.middleware.SignInMiddleware",
    "smmeplus.people.role_needed.RoleMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "smmeplus.people.security_log.tell_refusals_and_exports",
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
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Who guesses passwords is slowed (ACC-2). By name and address together: nobody can lock an operator out from elsewhere.
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "smmeplus.roles.PermissionBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_DISABLE_ACCESS_LOG = True
AXES_VERBOSE = False
AXES_ENABLE_ADMIN = False
AXES_LOCKOUT_TEMPLATE = "registration/locked_out.html"
AXES_CLIENT_IP_CALLABLE = "smmeplus.sign_in.address_of"
PROXIES = env.read("PROXIES", variables.NUMBER, default=1 if HTTPS else 0)  # between browser and us

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "smmeplus.people.passwords.GuessableWords"},
]

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("es", "Español"), ("it", "Italiano")]
LANGUAGE_COOKIE_AGE = 365 * 24 * 60 * 60
LOCALE_PATHS = [places.DATA / "locale"]
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "static/"
STATIC_ROOT = env.read("STATIC_ROOT", variables.PATH, default=BASE_DIR / "var" / "static")
STATICFILES_DIRS = [places.DATA / "static", ("bootstrap", bootstrap_wrapper.get_bootstrap_dir())]
# Without collectstatic (make run) the files are served from where their packages keep them.
WHITENOISE_USE_FINDERS = env.read("STATIC_FROM_PACKAGES", variables.SWITCH, default=DEBUG)
if not WHITENOISE_USE_FINDERS:
    STORAGES = {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }

if HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS = env.read("HSTS_SECONDS", variables.NUMBER, default=31_536_000)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
SESSION_COOKIE_AGE = 12 * 60 * 60  # a shift
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000  # concentrators ticked one by one; "select all" is a single field
# The longest installation file, and how it is taken in: only where files are for, and never longer than that (CON-5).
UPLOAD_MAX_MB = env.read("UPLOAD_MAX_MB", variables.NUMBER, default=100)
FILE_UPLOAD_HANDLERS = [
    "concentrators.upload.bodies.CountingHandler",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],  # Bootstrap's check marks and carets are data: images
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}

# Where commands look for a listener, and on which one listens, unless they are told otherwise.
LISTENER_PORT = env.read("LISTENER_PORT", variables.PORT, default=58692)

# Balancers whose PROXY header says where a connection comes from (WIR-7); a header from elsewhere is refused.
LISTENER_PROXIES = env.read("LISTENER_PROXIES", variables.NETWORKS, default=[])

# The only networks from which messages are taken, by the concentrator's own address; empty: all (SEC-1).
LISTENER_NETWORKS = env.read("LISTENER_NETWORKS", variables.NETWORKS, default=[])

# Messages a minute of one serial number, how many of them at once, and of one address; what is above is answered and
# counted, not stored (SEC-2). 0 is no limit. Addresses behind a balancer have none.
LISTENER_RATE_PER_SERIAL = env.read("LISTENER_RATE_PER_SERIAL", variables.NUMBER, default=60)
LISTENER_BURST_PER_SERIAL = env.read("LISTENER_BURST_PER_SERIAL", variables.NUMBER, default=120)
LISTENER_RATE_PER_ADDRESS = env.read("LISTENER_RATE_PER_ADDRESS", variables.NUMBER, default=0)

# The only networks in which the configuration writer connects to concentrators; empty: to none (CFG-2).
WRITER_NETWORKS = env.read("WRITER_NETWORKS", variables.NETWORKS, default=[])
# The only networks that webhooks are sent to; empty: to none (STA-7).
NOTIFY_NETWORKS = env.read("NOTIFY_NETWORKS", variables.NETWORKS, default=[])
# Encrypt the passwords of concentrators: the first one encrypts, all of them decrypt.
CONFIGURATION_KEYS = env.read("CONFIGURATION_KEYS", variables.FERNET_KEYS, default=[])

# The API (API-1). Without NUM_PROXIES whoever asks could write himself any address.
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "smmeplus.common.api.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["smmeplus.common.api.permissions.MayUse"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["smmeplus.common.api.parsing.BoundedJSONParser"],
    "DEFAULT_FILTER_BACKENDS": ["smmeplus.common.api.filtering.StrictFilters"],
    "DEFAULT_PAGINATION_CLASS": "smmeplus.common.api.pagination.CursorPages",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_METADATA_CLASS": None,
    "DEFAULT_THROTTLE_CLASSES": ["smmeplus.common.api.throttling.PerUser"],
    "DEFAULT_THROTTLE_RATES": {
        "user": env.read("API_REQUESTS_PER_USER", variables.RATE, default="600/min"),
        "refused": env.read("API_REFUSALS_PER_ADDRESS", variables.RATE, default="60/min"),
    },
    "NUM_PROXIES": PROXIES,
    "EXCEPTION_HANDLER": "smmeplus.common.api.problems.handle",
    "URL_FORMAT_OVERRIDE": None,
}
REST_KNOX = {"AUTH_HEADER_PREFIX": "Bearer", "TOKEN_PREFIX": "smm_", "TOKEN_TTL": timedelta(days=90)}
SPECTACULAR_SETTINGS = {
    "TITLE": "SMM ePlus wake-up support",
    "DESCRIPTION": "Concentrators, their messages and reports. Errors are problem details (RFC 9457).",
    "VERSION": "1",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "COMPONENT_SPLIT_REQUEST": True,
    # By itself it calls them after their resource as soon as another resource has a state or a status, too.
    "ENUM_NAME_OVERRIDES": {
        "StateEnum": "concentrators.models.State",
        "ConfigurationStateEnum": "concentrators.models.ConfigurationState",
        "FailureEnum": "concentrators.models.Failure",
        "KindEnum": "smmeplus.dlms.kinds.KIND_BY_WORD",
        "CommandEnum": "concentrators.api.rollouts.COMMANDS",
        "AlarmKindEnum": "wakeup.models.alarms.AlarmKind",
        "AlarmPriorityEnum": "wakeup.models.alarms.Priority",
        "AlarmCommandEnum": "wakeup.monitoring.alarms.api.COMMANDS",
        "PlannedScopeEnum": "concentrators.models.PlannedScope",
        "IncidentScopeEnum": "wakeup.models.IncidentScope",
        "NoteKindEnum": "wakeup.models.NoteKind",
        "IncidentStateEnum": "wakeup.monitoring.incidents.states.IncidentState",
        "StatusEnum": "wakeup.monitoring.status.rules.Status",
        "ReasonEnum": "wakeup.models.changes.ChangeReason",
        "DeliveryStateEnum": "wakeup.models.DeliveryState",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "smmeplus.api.schema.add_problems",
    ],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}

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
    env.read("LOG_LEVEL", variables.LEVEL, default="INFO"), env.read("SECURITY_LOG", variables.LOG, default="")
)
