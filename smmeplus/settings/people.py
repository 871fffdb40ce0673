"""Who signs in, and how guessing is slowed (ACC-1, ACC-2)."""

from datetime import timedelta

from smmeplus import variables
from smmeplus.settings.environment import HTTPS, env

# After the password: of whom a second factor is demanded. Who has one is asked for it in any case.
SECOND_FACTOR = env.read("SECOND_FACTOR", variables.SECOND_FACTOR, default="staff" if HTTPS else "none")
OTP_TOTP_SYNC = False  # a code holds one step earlier and later than now, however long a phone's clock has been wrong

# The directory of a company, by OpenID Connect. It asks its people for whatever it wants, a second factor as well.
OIDC_ISSUER = env.read("OIDC_ISSUER", variables.ISSUER, default="")
OIDC_CLIENT_ID = env.read("OIDC_CLIENT_ID", variables.TEXT, default="smmeplus")
OIDC_CLIENT_SECRET = env.read("OIDC_CLIENT_SECRET", variables.TEXT, default="")
OIDC_ROLES = env.read("OIDC_ROLES", variables.ROLES, default={})
OIDC_COMPANIES = env.read("OIDC_COMPANIES", variables.PAIRS, default={})
OIDC_GROUPS = env.read("OIDC_GROUPS", variables.TEXT, default="groups")  # the claim with the groups
OIDC_AMR = env.read("OIDC_AMR", variables.WORDS, default=[])  # one of these ways of showing it is demanded

# Sessions end after a shift, and after this time without use; 0: they do not. What a page asks for by itself is no use.
SESSION_ENGINE = "smmeplus.people.sessions.store"
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_IDLE_MINUTES = env.read("SESSION_IDLE_MINUTES", variables.NUMBER, default=30)

# Who guesses passwords is slowed (ACC-2). By name and address together: nobody can lock an operator out from elsewhere.
# By either alone: smmeplus/people/guessing.py.
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
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "one_time_code", "code", "state"]  # are not stored
AXES_SENSITIVE_PARAMETERS += ["old_password", "new_password1", "new_password2"]
AXES_VERBOSE = False
AXES_ENABLE_ADMIN = False
AXES_LOCKOUT_TEMPLATE = "registration/locked_out.html"
AXES_CLIENT_IP_CALLABLE = "smmeplus.people.addresses.address_of"

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "smmeplus.people.passwords.GuessableWords"},
]
