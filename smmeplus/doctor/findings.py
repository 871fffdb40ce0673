"""What a check finds, and the checks of a run: one that fails or waits costs no other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Final

from django.db import Error, connection, transaction


class State(StrEnum):
    OK = "ok"
    #: Somebody should look at it; the installation works.
    WARNING = "warning"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """``to_do`` is empty where nothing is to be done."""

    check: str
    state: State
    said: str
    to_do: str = ""

    def as_dict(self) -> dict[str, str]:
        return asdict(self)


#: What one look at something says: its state, what was seen, and what to do.
Told = tuple[State, str, str]
Look = Callable[[], Iterable[Told]]
LONGEST: Final = "10s"  # of a question to the database


@dataclass(frozen=True, slots=True)
class Check:
    name: str
    look: Look
    asks_database: bool = False


def ok(said: str) -> Told:
    return State.OK, said, ""


def warning(said: str, to_do: str) -> Told:
    return State.WARNING, said, to_do


def wrong(said: str, to_do: str) -> Told:
    return State.WRONG, said, to_do


def findings(checks: Iterable[Check]) -> Iterator[Finding]:
    """Of all ``checks`` in their order. Once the database does not answer, those that ask it are named and left out."""
    is_away = False
    for check in checks:
        if check.asks_database and is_away:
            yield Finding(check.name, State.WARNING, "not looked at: the database does not answer", "Mend that first.")
            continue
        found, failed = _looked(check)
        is_away = is_away or (check.asks_database and failed and not _answers())
        yield from found


def _looked(check: Check) -> tuple[list[Finding], bool]:
    """What it found, and whether it could not be done."""
    told: list[Told] = []
    try:
        told.extend(_asked(check.look) if check.asks_database else check.look())
    except Exception as error:  # whatever it is: the other checks are still of use
        told.append(wrong(f"could not be looked at: {_short(error)}", "Mend that, and look again."))
        return [Finding(check.name, *one) for one in told], True
    return [Finding(check.name, *one) for one in told], False


def _asked(look: Look) -> list[Told]:
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('statement_timeout', %s, true)", [LONGEST])
        return list(look())


def _answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return False
    return True


def _short(error: Exception) -> str:
    return f"{type(error).__name__}: {str(error).strip().partition(chr(10))[0]}"[:300]
