"""What all other settings are read from, and what more than one of them asks for."""

import os

from smmeplus import variables
from smmeplus.common import places
from smmeplus.environment import Environment

BASE_DIR = places.HOME
env = Environment(os.environ)
env.read_file(BASE_DIR / ".env")
CONFIGURATION_PROBLEMS = env.problems  # with which no command and no web server starts: see smmeplus/checks.py

DEBUG = env.read("DEBUG", variables.SWITCH, default=False)
# Behind TLS, which is the default outside development: set HTTPS=false only on a machine of your own.
HTTPS = env.read("HTTPS", variables.SWITCH, default=not DEBUG)
PROXIES = env.read("PROXIES", variables.NUMBER, default=1 if HTTPS else 0)  # between browser and us
