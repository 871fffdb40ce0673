"""The product's settings, for its tests: no developer's `.env`, no TLS, no collectstatic, no slow hashing."""

import os

os.environ["ENV_FILE"] = os.devnull
os.environ["SECRET_KEY"] = "only-for-tests, but as long as a real one"
os.environ["HTTPS"] = "false"
os.environ["STATIC_FROM_PACKAGES"] = "true"

from smmeplus.settings import *  # noqa: F403 - reads the environment

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
WHITENOISE_AUTOREFRESH = True  # instead of a list of all static files for each server that starts
