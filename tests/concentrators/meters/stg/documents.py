"""Documents as concentrators write them, with ids outside of real ranges."""

from __future__ import annotations

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from concentrators.meters.lists import ReceivedList
from concentrators.meters.stg import StgFile, read

SANTIAGO = ZoneInfo("America/Santiago")
CONCENTRATOR, OTHER = "CIR9990000001", "CIR9990000002"
DATE = "20261129120000000S"
SHA256 = "0" * 64


def meter(name: str = "CIR9900000001", status: str = "2", date: str = "20261129115900000S", active: str = "Y") -> str:
    return f'<Meter MeterId="{name}" ComStatus="{status}" Date="{date}" Active="{active}"/>'


def s24(*rows: str, date: str = DATE) -> str:
    return f'<S24 Fh="{date}">\n' + "\n".join(rows) + "\n</S24>"


def cnc(*parts: str, of: str = CONCENTRATOR) -> str:
    return f'<Cnc Id="{of}">\n' + "\n".join(parts) + "\n</Cnc>"


def document(*concentrators: str, kind: str = "S24", request: str = "0") -> str:
    return f'<Report IdRpt="{kind}" IdPet="{request}" Version="3.1.c">\n' + "\n".join(concentrators) + "\n</Report>"


def answers(kind: str, rows: Iterable[tuple[str, str]], of: str = CONCENTRATOR) -> str:
    """G02 or S06: of each meter its id and its attributes."""
    found = [f'<Cnt Id="{name}"><{kind} {attributes}/></Cnt>' for name, attributes in rows]
    return document(cnc(*found, of=of), kind=kind)


def received(written: str | bytes | StgFile, zone: ZoneInfo = SANTIAGO, file_name: str = "") -> ReceivedList:
    """The one list of ``written``."""
    file = written if isinstance(written, StgFile) else read(as_bytes(written), file_name)
    (only,) = file.reports
    found = only.received(1, zone, SHA256, file_name, None)
    assert found is not None
    return found


def as_bytes(written: str | bytes) -> bytes:
    return written if isinstance(written, bytes) else written.encode()
