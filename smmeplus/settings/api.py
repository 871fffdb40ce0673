"""The API (API-1): how it is asked, and how it describes itself."""

from datetime import timedelta

from smmeplus import variables
from smmeplus.common.version import version
from smmeplus.settings.environment import PROXIES, env

# The API (API-1). Without NUM_PROXIES whoever asks could write himself any address.
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "smmeplus.api.tokens.authentication.TokenAuthentication",
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
# The default of knox; migrations of what refers to it ask for the setting all the same.
KNOX_TOKEN_MODEL = "knox.AuthToken"  # noqa: S105 - no password
REST_KNOX = {"AUTH_HEADER_PREFIX": "Bearer", "TOKEN_PREFIX": "smm_", "TOKEN_TTL": timedelta(days=90)}
SPECTACULAR_SETTINGS = {
    "TITLE": "SMM ePlus wake-up support",
    "DESCRIPTION": "Concentrators, their messages and reports. Errors are problem details (RFC 9457).",
    "VERSION": version(),
    "SERVERS": [{"url": "/", "description": "Where the product itself is."}],
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
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
        "smmeplus.api.nullable.say_what_may_be_null",
        "smmeplus.api.numbers.say_how_wide_numbers_are",
        "smmeplus.api.schema.add_problems",
    ],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}
