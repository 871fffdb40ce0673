"""The STG-DC reports of a concentrator as XML: S24, S11, S06 and G02, as in meters.md A (MET-2)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Final
from xml.sax.saxutils import quoteattr
from zoneinfo import ZoneInfo

from concentrators.simulator.meters.layout import MadeMeter
from concentrators.simulator.meters.listing import MINUTES_OF_DAY, Day, Row

VERSION: Final = "3.1.c"
AVAILABILITY_VERSION: Final = "3.4"
_TERMINAL, _SWITCH = 1, 2


def stamp(at: float, zone: ZoneInfo) -> str:
    """Local time with milliseconds, and a letter for summer or winter, which tells the two halves of a doubled hour."""
    local = datetime.fromtimestamp(at, UTC).astimezone(zone)
    return f"{local:%Y%m%d%H%M%S}{local.microsecond // 1000:03}{_season(local)}"


def s24(serial: str, rows: Iterable[Row], at: float, zone: ZoneInfo) -> bytes:
    """The list of meters, at ``at``."""
    meters = "".join(
        f'<Meter MeterId="{row.meter.name}" ComStatus="{row.seen.state}" Date="{stamp(row.seen.last_contact, zone)}"'
        f' Active="{"Y" if row.seen.active else "N"}"/>\n'
        for row in rows
    )
    return _report("S24", VERSION, serial, f'<S24 Fh="{stamp(at, zone)}">\n{meters}</S24>\n')


def s11(serial: str, rows: Iterable[Row], at: float, zone: ZoneInfo) -> bytes:
    """The devices that the network has registered, by their MACs."""
    devices = "".join(_device(row) for row in rows)
    return _report("S11", VERSION, serial, f'<S11 Fh="{stamp(at, zone)}">\n{devices}</S11>\n')


def s06(serial: str, meters: Iterable[MadeMeter], at: float, zone: ZoneInfo) -> bytes:
    """What each meter is, with the MAC by which S11 has it."""
    when = stamp(at, zone)
    return _report("S06", VERSION, serial, "".join(_parameters(meter, when) for meter in meters))


def g02(serial: str, days: Iterable[Day], day: date, zone: ZoneInfo) -> bytes:
    """How much of ``day`` each meter was there, with the midnight at which it ended, even if clocks skipped that."""
    midnight = datetime.combine(day + timedelta(days=1), datetime.min.time(), zone)
    end = f"{midnight:%Y%m%d%H%M%S}000{_season(midnight)}"
    found = "".join(
        f'<Cnt Id="{one.name}">\n<G02 Fh="{end}" Atime="{one.minutes}" Nchanges="{one.changes}"'
        f' Aconc="{MINUTES_OF_DAY}" Atimeperc="{one.percent:.2f}"/>\n</Cnt>\n'
        for one in days
    )
    return _report("G02", AVAILABILITY_VERSION, serial, found)


def mac_of(meter: MadeMeter) -> str:
    """As S06 writes it: ``02:99:00:01:20:01``."""
    return meter.mac.to_bytes(6).hex(":").upper()


def yesterday(at: float, zone: ZoneInfo) -> date:
    return datetime.fromtimestamp(at, UTC).astimezone(zone).date() - timedelta(days=1)


def _season(local: datetime) -> str:
    return "S" if local.dst() else "W"


def _report(kind: str, version: str, serial: str, content: str) -> bytes:
    """As the concentrator sends it by its own schedule: without a declaration."""
    head = f'<Report IdRpt="{kind}" IdPet="0" Version="{version}">\n<Cnc Id={quoteattr(serial)}>\n'
    return f"{head}{content}</Cnc>\n</Report>\n".encode("iso-8859-15", "xmlcharrefreplace")


def _device(row: Row) -> str:
    state = _SWITCH if row.meter.is_switch else _TERMINAL
    return (
        f'<macListRegDevices regEntryID="{row.meter.mac}" regEntryLNID="{row.lnid}" regEntryState="{state}"'
        f' regEntryLSID="{row.lsid}" regEntrySID="{row.sid}" regEntryLevel="{row.level}"/>\n'
    )


def _parameters(meter: MadeMeter, when: str) -> str:
    return (
        f'<Cnt Id="{meter.name}">\n<S06 Fh="{when}" NS="{meter.name[3:]}" Fab="{meter.maker}" Mod="{meter.model}"'
        f' Af="2015" Te="ELECTRICIDAD" Vf="V99.99" VPrime="V1.3.6" Pro="PRIME" Mac="{mac_of(meter)}"/>\n</Cnt>\n'
    )
