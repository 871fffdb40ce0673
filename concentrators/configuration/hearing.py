"""What the listener knows of a concentrator (CFG-1, CFG-3).

The listener is far above this room, so what it writes is named here by its relation to a configuration.
"""

from __future__ import annotations

from typing import Final

from django.db.models import F, Q

_TOTAL: Final = "concentrator__total__"
LAST_WAKEUP: Final = f"{_TOTAL}last_wakeup_at"
#: The address that the last wake-up came from.
LAST_SOURCE: Final = f"{_TOTAL}source_ip"


def heard_not_reachable() -> Q:
    """Of configurations: those whose concentrator has sent a wake-up since it could not be connected to any more."""
    return Q(
        **{
            "profile__isnull": False,
            "unreachable_since__isnull": False,
            f"{LAST_WAKEUP}__gt": F("unreachable_since"),
        }
    )
