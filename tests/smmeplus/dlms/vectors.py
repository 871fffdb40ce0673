"""The test vectors of the specification (WIR-8), read from ``tests/vectors.txt``."""

from datetime import UTC, datetime, timedelta, timezone
from typing import NamedTuple
from zoneinfo import ZoneInfo

from smmeplus.dlms.kinds import KIND_BY_WORD, Kind
from tests import ROOT

SANTIAGO = ZoneInfo("America/Santiago")
_LOCAL_WINTER = " as local winter time of the company"
_WINTER_IN_CHILE = timezone(timedelta(hours=-4))


class Vector(NamedTuple):
    """A line of the file. ``moment`` is in UTC, for a company in Chile; a line that must be refused has no kind."""

    name: str
    transport: str
    kind: Kind | None
    serial: str
    moment: datetime | None
    frame: bytes
    answer: bytes


def _vector(line: str) -> Vector:
    name, transport, kind, serial, moment, frame, answer = (part.strip() for part in line.split("|"))
    return Vector(
        name, transport, KIND_BY_WORD.get(kind), serial, _moment(moment), bytes.fromhex(frame), _hex_or_nothing(answer)
    )


def _hex_or_nothing(text: str) -> bytes:
    return b"" if text == "-" else bytes.fromhex(text)


def _moment(text: str) -> datetime | None:
    if text == "-":
        return None
    if text.endswith(_LOCAL_WINTER):
        wall_clock = datetime.fromisoformat(text.removesuffix(_LOCAL_WINTER))
        return wall_clock.replace(tzinfo=_WINTER_IN_CHILE).astimezone(UTC)
    return datetime.fromisoformat(text)


_LINES = (ROOT / "tests" / "vectors.txt").read_text(encoding="utf-8").splitlines()
VECTORS = [_vector(line) for line in _LINES if line and not line.startswith("#")]
GOOD = [vector for vector in VECTORS if vector.kind]
BAD = [vector for vector in VECTORS if not vector.kind]
BY_NAME = {vector.name: vector for vector in VECTORS}
