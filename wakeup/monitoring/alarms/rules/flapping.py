"""Places that come and go (STA-7, STA-9)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable
from datetime import datetime, timedelta
from typing import Final, TypeVar

#: So many changes within so long: a place went dark, came back, or went dark again.
CHANGES: Final = 4
WITHIN: Final = timedelta(minutes=60)

_Place = TypeVar("_Place", bound=Hashable)


def flapping_places(changes: Iterable[tuple[_Place, datetime]], now: datetime) -> set[_Place]:
    """Those of which at least CHANGES are later than WITHIN before ``now``."""
    numbers = Counter(place for place, at in changes if now - WITHIN < at <= now)
    return {place for place, number in numbers.items() if number >= CHANGES}
