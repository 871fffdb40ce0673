"""The web application for a WSGI server such as gunicorn."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from gunicorn.errors import AppImportError

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "smmeplus.settings")
if settings.CONFIGURATION_PROBLEMS:  # a WSGI server runs no system checks; of this error gunicorn prints the text alone
    raise AppImportError("\n".join(map(str, settings.CONFIGURATION_PROBLEMS)))
application = get_wsgi_application()
