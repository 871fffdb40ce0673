"""The words by which programs tell errors apart: they are English, and they stay (API-1).

``docs/api.md`` lists them. Of an error without a word here only its status, or ``invalid``, is told.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

#: Of a problem as a whole, with what each stands for.
PROBLEMS: Final = {
    "invalid": "400: `errors` says what is wrong",
    "parse_error": "400: the body is no JSON, or nested too deeply",
    "bad_request": "400: the request cannot be read",
    "not_authenticated": "401: no token, and nobody signed in; or a token at a page for people",
    "authentication_failed": "401: the header is not as it should be",
    "token_invalid": "401: no such token, or it was revoked",
    "token_expired": "401: the token has ended",
    "user_disabled": "401: the user of the token is disabled",
    "permission_denied": "403: the user may not do this",
    "token_read_only": "403: the token only reads",
    "token_network": "403: the token may not be used from this address",
    "not_found": "404: not there, or of another company",
    "method_not_allowed": "405: see the header `Allow`",
    "not_acceptable": "406: see `Accept`",
    "conflict": "409: the data do not allow it as they are now",
    "in_field": "409: concentrators are in field already; `errors` names them",
    "not_in_field": "409: concentrators are not in field; `errors` names them",
    "profile_gone": "409: the spontaneous profile has been deleted meanwhile",
    "profile_of_another": "409: a profile belongs to another company than the concentrators",
    "procedure_gone": "409: the procedure profile has been deleted meanwhile",
    "key_reused": "409: the `Idempotency-Key` was sent with another request before",
    "in_progress": "409: the request of this `Idempotency-Key` is being worked on; see `Retry-After`",
    "changed_meanwhile": "409: what was chosen has changed meanwhile",
    "acknowledged": "409: acknowledged before",
    "owner_already": "409: they are the owner already",
    "same_incident": "409: an incident cannot be a part of itself",
    "other_company": "409: the incidents belong to two companies",
    "not_in_incident": "409: no outage of the incident is among them",
    "all_of_incident": "409: none would be left in the incident",
    "merged": "409: it has become a part of another incident",
    "ended": "409: it is over",
    "cancelled": "409: it is cancelled",
    "not_shelved": "409: the alarm is not shelved",
    "wrong_time": "409: the time is not possible",
    "no_reason": "409: there is no reason, or too long a one",
    "not_decided": "409: nothing is decided about the conflict of meters",
    "out_of_service": "409: it is out of service during a part of that time already",
    "wrong_state": "409: the state of the roll-out does not allow it",
    "overtaken": "409: later changes have overtaken the roll-out",
    "cursor_gone": "410: events after the cursor are not kept any more; see `events/`",
    "too_large": "413: the body is too large",
    "unsupported_media_type": "415: the body has to be JSON",
    "throttled": "429: too many requests; see `Retry-After`",
    "server_error": "500: the server could not do this",
}

#: Of what is wrong with one field or parameter.
FIELDS: Final = {
    "invalid": "it is wrong; `detail` says what is right",
    "required": "it is missing",
    "null": "it may not be null",
    "blank": "it may not be empty",
    "empty": "a parameter is empty: leave it out to have all",
    "invalid_choice": "none of the choices, or not yours",
    "does_not_exist": "there is no such thing, or it is another company's",
    "unknown_field": "the body has no such field",
    "unknown_parameter": "there is no such parameter here",
    "reversed": "it is before the parameter with which the interval begins",
    "repeated": "a parameter of one value is given more than once",
    "min_length": "too short, or too few",
    "max_length": "too long, or too many",
    "min_value": "too small",
    "max_value": "too large",
    "not_a_list": "it has to be a list",
    "max_string_length": "too long for a number",
    "in_field": "this concentrator is in field already",
    "not_in_field": "this concentrator is not in field",
    "not_in_incident": "this concentrator has no outage in the incident",
    "all_of_incident": "without this concentrator and the others named none would be left in the incident",
}


def problem_code(code: object, status: int) -> str:
    """``code`` where it is one that stays; else what ``status`` alone says."""
    if str(code) in PROBLEMS:
        return str(code)
    word = HTTPStatus(status).name.lower()
    return word if word in PROBLEMS else "invalid"


def field_code(code: object) -> str:
    return str(code) if str(code) in FIELDS else "invalid"
