"""What the numbers mean with which a device refuses (Green Book 9.4, 9.5; CFG-2)."""

from collections.abc import Mapping
from typing import Final

SUCCESS: Final = 0
READ_WRITE_DENIED: Final = 3
OBJECT_UNDEFINED: Final = 4
CLASS_INCONSISTENT: Final = 9
TYPE_UNMATCHED: Final = 12
SCOPE_VIOLATED: Final = 13
NO_LONG_GET: Final = 16
LONG_SET_ABORTED: Final = 17
NO_LONG_SET: Final = 18
WRONG_BLOCK: Final = 19
OTHER_REASON: Final = 250
#: Data-Access-Result.
ACCESS_RESULTS: Final[Mapping[int, str]] = {
    SUCCESS: "success",
    1: "hardware-fault",
    2: "temporary-failure",
    READ_WRITE_DENIED: "read-write-denied",
    OBJECT_UNDEFINED: "object-undefined",
    CLASS_INCONSISTENT: "object-class-inconsistent",
    11: "object-unavailable",
    TYPE_UNMATCHED: "type-unmatched",
    SCOPE_VIOLATED: "scope-of-access-violated",
    14: "data-block-unavailable",
    15: "long-get-aborted",
    NO_LONG_GET: "no-long-get-in-progress",
    LONG_SET_ABORTED: "long-set-aborted",
    NO_LONG_SET: "no-long-set-in-progress",
    WRONG_BLOCK: "data-block-number-invalid",
    OTHER_REASON: "other-reason",
}

ACCEPTED: Final = 0
REJECTED: Final = 1
#: Association-result.
ASSOCIATION_RESULTS: Final[Mapping[int, str]] = {
    ACCEPTED: "accepted",
    REJECTED: "rejected-permanent",
    2: "rejected-transient",
}

NO_REASON: Final = 1
CONTEXT_NOT_SUPPORTED: Final = 2
TITLE_NOT_RECOGNISED: Final = 3
MECHANISM_NOT_RECOGNISED: Final = 11
MECHANISM_REQUIRED: Final = 12
AUTHENTICATION_FAILURE: Final = 13
AUTHENTICATION_REQUIRED: Final = 14
#: Result-source-diagnostic, where the service *user* has refused.
USER_DIAGNOSTICS: Final[Mapping[int, str]] = {
    0: "null",
    NO_REASON: "no-reason-given",
    CONTEXT_NOT_SUPPORTED: "application-context-name-not-supported",
    TITLE_NOT_RECOGNISED: "calling-AP-title-not-recognized",
    4: "calling-AP-invocation-identifier-not-recognized",
    5: "calling-AE-qualifier-not-recognized",
    6: "calling-AE-invocation-identifier-not-recognized",
    7: "called-AP-title-not-recognized",
    8: "called-AP-invocation-identifier-not-recognized",
    9: "called-AE-qualifier-not-recognized",
    10: "called-AE-invocation-identifier-not-recognized",
    MECHANISM_NOT_RECOGNISED: "authentication-mechanism-name-not-recognised",
    MECHANISM_REQUIRED: "authentication-mechanism-name-required",
    AUTHENTICATION_FAILURE: "authentication-failure",
    AUTHENTICATION_REQUIRED: "authentication-required",
}
#: The same, where the service *provider* has refused: other meanings of the same numbers.
PROVIDER_DIAGNOSTICS: Final[Mapping[int, str]] = {
    0: "null",
    1: "no-reason-given",
    2: "no-common-acse-version",
}

SERVICE_NOT_ALLOWED: Final = 1
SERVICE_UNKNOWN: Final = 2
#: The state-error of an exception-response.
STATE_ERRORS: Final[Mapping[int, str]] = {
    SERVICE_NOT_ALLOWED: "service-not-allowed",
    SERVICE_UNKNOWN: "service-unknown",
}
NOT_POSSIBLE: Final = 1
NOT_SUPPORTED: Final = 2
DECIPHERING_ERROR: Final = 5
INVOCATION_COUNTER_ERROR: Final = 6
#: The service-error of an exception-response.
EXCEPTIONS: Final[Mapping[int, str]] = {
    NOT_POSSIBLE: "operation-not-possible",
    NOT_SUPPORTED: "service-not-supported",
    3: "other-reason",
    4: "pdu-too-long",
    DECIPHERING_ERROR: "deciphering-error",
    INVOCATION_COUNTER_ERROR: "invocation-counter-error",
}

INITIATE_ERROR: Final = 1
#: The services that a confirmed-service-error speaks of.
CONFIRMED_SERVICES: Final[Mapping[int, str]] = {
    INITIATE_ERROR: "initiate",
    2: "get-status",
    3: "get-name-list",
    4: "get-variable-attribute",
    5: "read",
    6: "write",
    7: "get-data-set-attribute",
    8: "get-ti-attribute",
    9: "change-scope",
    10: "start",
    11: "stop",
    12: "resume",
    13: "make-usable",
    14: "initiate-load",
    15: "load-segment",
    16: "terminate-load",
    17: "initiate-up-load",
    18: "up-load-segment",
    19: "terminate-up-load",
}
INITIATE: Final = 6
VERSION_TOO_LOW: Final = 1
INCOMPATIBLE_CONFORMANCE: Final = 2
PDU_TOO_SHORT: Final = 3
#: The kinds of error in it, and their values from 0 on.
SERVICE_ERRORS: Final[Mapping[int, tuple[str, tuple[str, ...]]]] = {
    0: (
        "application-reference",
        (
            "other",
            "time-elapsed",
            "application-unreachable",
            "application-reference-invalid",
            "application-context-unsupported",
            "provider-communication-error",
            "deciphering-error",
        ),
    ),
    1: (
        "hardware-resource",
        (
            "other",
            "memory-unavailable",
            "processor-resource-unavailable",
            "mass-storage-unavailable",
            "other-resource-unavailable",
        ),
    ),
    2: (
        "vde-state-error",
        ("other", "no-dlms-context", "loading-data-set", "status-nochange", "status-inoperable"),
    ),
    3: ("service", ("other", "pdu-size", "service-unsupported")),
    4: (
        "definition",
        ("other", "object-undefined", "object-class-inconsistent", "object-attribute-inconsistent"),
    ),
    5: (
        "access",
        ("other", "scope-of-access-violated", "object-access-violated", "hardware-fault", "object-unavailable"),
    ),
    INITIATE: (
        "initiate",
        (
            "other",
            "dlms-version-too-low",
            "incompatible-conformance",
            "pdu-size-too-short",
            "refused-by-the-VDE-handler",
        ),
    ),
    7: (
        "load-data-set",
        (
            "other",
            "primitive-out-of-sequence",
            "not-loadable",
            "dataset-size-too-large",
            "not-awaited-segment",
            "interpretation-failure",
            "storage-failure",
            "data-set-not-ready",
        ),
    ),
    8: ("change-scope", ("other",)),
    9: ("task", ("other", "no-remote-control", "ti-stopped", "ti-running", "ti-unusable")),
    10: ("other", ("other",)),
}


def name_of(table: Mapping[int, str], number: int) -> str:
    """The name in ``table`` with its number, which stands alone if it is not known: ``type-unmatched (12)``."""
    return f"{table.get(number, 'unknown')} ({number})"


def service_error_name(kind: int, value: int) -> str:
    """A ServiceError in words: ``initiate: pdu-size-too-short (6, 3)``."""
    name, values = SERVICE_ERRORS.get(kind, ("unknown", ()))
    return f"{name}: {values[value] if value < len(values) else 'unknown'} ({kind}, {value})"
