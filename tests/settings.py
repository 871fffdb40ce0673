"""The product's settings, for its tests: no developer's `.env`, no TLS, no collectstatic, no slow hashing, no disk."""

import os

os.environ["ENV_FILE"] = os.devnull
os.environ["SECRET_KEY"] = "only-for-tests, but as long and as various as a real one"
os.environ["HTTPS"] = "false"
os.environ["STATIC_FROM_PACKAGES"] = "true"
os.environ.setdefault("LISTENER_RATE_PER_SERIAL", "0")  # but for the tests of it: others send much at once

from smmeplus.settings import *  # noqa: F403 - reads the environment

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
WHITENOISE_AUTOREFRESH = True  # instead of a list of all static files for each server that starts
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":  # noqa: F405
    # As for PostgreSQL: a commit does not wait for the disk. Tests kill processes, but never the power.
    DATABASES["default"]["OPTIONS"]["init_command"] = "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;"  # noqa: F405
