"""What an operator does about a status: one word for each of its reasons (UI-8)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _l

from wakeup.monitoring.status.rules import Status, StatusReason

_NOTHING = _l("Nothing to do.")
_ADVICE: Mapping[tuple[Status, StatusReason], Any] = {
    (Status.UNREACHABLE, StatusReason.SILENCE): _l(
        "See whether others of its feeder or carrier are silent, too. If it is alone, check its modem, SIM and antenna."
    ),
    (Status.UNREACHABLE, StatusReason.POWER): _l(
        "It has lost its supply: ask the grid's control room about its feeder. It calls when power is back."
    ),
    (Status.UNREACHABLE, StatusReason.NEVER_CALLED): _l(
        "Check that its configuration was written, that its SIM is active and that it reaches the wake-up address."
    ),
    (Status.LATE, StatusReason.SILENCE): _l("Wait for its retries. If they fail, too, it turns unreachable."),
    (Status.LATE, StatusReason.OUR_SIDE): _l(
        "Look at our side first: its messages could not come in. It is judged when it has had the time to retry."
    ),
    (Status.NEVER_CALLED, StatusReason.NEVER_CALLED): _l(
        "Wait for its first wake-up, and see whether its configuration has been written."
    ),
    (Status.DISABLED, StatusReason.PROFILE): _l(
        "Nothing is expected of it. To watch it, give it a profile with wake-up enabled."
    ),
    (Status.OUT_OF_SERVICE, StatusReason.OPERATOR): _l(
        "Nothing is expected until its end. Put it back in service when the work is done earlier."
    ),
    (Status.REACHABLE, StatusReason.MESSAGE): _NOTHING,
}


def what_to_do(status: str, reason: str) -> str:
    """The word for what :func:`.rules.status_of` said; both are values of its enumerations."""
    return str(_ADVICE.get((Status(status), StatusReason(reason)), _NOTHING))
