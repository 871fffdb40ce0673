"""By which token a user acts: it may see fewer companies than its user, and history names it (API-1, ACC-3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

_NAME: Final = "acting"
BY: Final = "by token "


@dataclass(frozen=True, slots=True)
class Acting:
    """A token at work. ``begins`` is what of it may be shown; ``companies`` are keys, and empty where all are meant."""

    begins: str
    name: str
    companies: frozenset[int] = frozenset()

    def __str__(self) -> str:
        return f"{self.begins} {self.name}".rstrip()

    def reason(self, reason: str | None, longest: int) -> str:
        """``reason`` of a change, with the token before it; its name is cut where it would be longer than ``longest``.

        ``smmeplus.common.audit`` reads it. No name holds a tab.
        """
        by, rest = f"{BY}{self}", f"\t{reason}" if reason else ""
        room = longest - len(rest)
        return (by if len(by) <= room else f"{by[: room - 1]}…") + rest


def act_by(user: Any, acting: Acting) -> None:
    """From now on whoever is handed this very object sees at most the companies of the token."""
    vars(user)[_NAME] = acting


def acting_of(user: Any) -> Acting | None:
    """None where a browser asks, or a command."""
    acting: Acting | None = getattr(user, _NAME, None)
    return acting


def limits_of(user: Any) -> frozenset[int]:
    """The keys of the only companies that a token lets ``user`` see; empty if it lets them see all of theirs."""
    acting = acting_of(user)
    return acting.companies if acting else frozenset()
