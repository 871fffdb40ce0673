"""The web: TLS, cookies, headers, files that it serves and takes."""

import bootstrap_wrapper
from csp.constants import NONE, SELF

from smmeplus import variables
from smmeplus.common import places
from smmeplus.settings.environment import BASE_DIR, DEBUG, HTTPS, env

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
    # Both bind more than this host for a year, so whoever owns the domain decides; the checks ask for them regardless.
    SECURE_HSTS_INCLUDE_SUBDOMAINS = env.read("HSTS_SUBDOMAINS", variables.SWITCH, default=False)
    SECURE_HSTS_PRELOAD = env.read("HSTS_PRELOAD", variables.SWITCH, default=False)
    SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
    # A browser takes cookies of these names from this host alone, and only by TLS.
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
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
# From where Prometheus may read the numbers of the web and the fleet; empty: from nowhere.
METRICS_NETWORKS = env.read("METRICS_NETWORKS", variables.NETWORKS, default=[])
