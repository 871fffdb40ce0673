"""Places in the feed that other systems keep: text that holds as long as the events after it are kept (API-3).

A cursor is the number of the last event that was read and the beginning of its id: after a restore of the database the
numbers go on from an older one, with other events, and whoever was ahead has to be told. It is not signed, so that it
outlives keys; what is seen by it is decided anew each time.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple
from uuid import UUID

#: What comes after this is all that is kept.
_FORM: Final = re.compile(r"e(0|[1-9][0-9]{0,17})\.([0-9a-f]{8})", re.ASCII)
_NO_ID: Final = "00000000"


class Cursor(NamedTuple):
    """After the event ``number``; ``mark`` is how its id begins, all zeros if there was none."""

    number: int
    mark: str

    @classmethod
    def at(cls, number: int, uid: UUID | None) -> Cursor:
        return cls(number, uid.hex[: len(_NO_ID)] if uid else _NO_ID)

    @classmethod
    def read(cls, text: str) -> Cursor | None:
        """None if it is none of ours."""
        found = _FORM.fullmatch(text)
        return cls(int(found[1]), found[2]) if found else None

    def __str__(self) -> str:
        return f"e{self.number}.{self.mark}"

    def is_of(self, uid: UUID | None) -> bool:
        """Whether ``uid`` is that of its event; None: which is not kept any more, so that nothing is known."""
        return uid is None or self.mark in (_NO_ID, uid.hex[: len(_NO_ID)])
