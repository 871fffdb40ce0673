"""The reports as XML: attributes as meters.md A has them, read by the standard library."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from concentrators.simulator.meters.reports import g02, mac_of, s06, s11, s24, stamp, yesterday
from tests.concentrators.simulator.meters.made import AT, NOW, SANTIAGO, made, root_of

FLEET = made(12)
NET = FLEET.nets[5]  # of 89 meters
SERIAL = NET.place.serial
ROWS = FLEET.rows(NET, AT)


def test_s24_has_four_attributes_and_is_of_its_concentrator() -> None:
    root = root_of(s24(SERIAL, ROWS, AT, SANTIAGO))
    assert root.attrib == {"IdRpt": "S24", "IdPet": "0", "Version": "3.1.c"}
    assert [one.attrib for one in root] == [{"Id": SERIAL}]
    (listed,) = root.findall("./Cnc/S24")
    assert listed.attrib == {"Fh": "20261129203000000S"}
    assert {tuple(meter.attrib) for meter in listed} == {("MeterId", "ComStatus", "Date", "Active")}
    assert [meter.get("MeterId") for meter in listed] == [row.meter.name for row in ROWS]
    assert {(meter.get("ComStatus"), meter.get("Active")) for meter in listed} <= {("2", "Y"), ("1", "Y"), ("0", "N")}


def test_an_empty_list_is_a_list() -> None:
    (listed,) = root_of(s24(SERIAL, [], AT, SANTIAGO)).findall("./Cnc/S24")
    assert len(listed) == 0


def test_s11_has_the_devices_in_decimal_numbers_and_s06_says_which_meter_each_is() -> None:
    devices = root_of(s11(SERIAL, FLEET.registered(NET, AT), AT, SANTIAGO)).iter("macListRegDevices")
    by_mac = {int(one.attrib["regEntryID"]): one.attrib for one in devices}
    parameters = root_of(s06(SERIAL, [row.meter for row in ROWS], AT, SANTIAGO))
    names = {
        int(report.attrib["Mac"].replace(":", ""), 16): meter.attrib["Id"]
        for meter in parameters.iter("Cnt")
        for report in meter
    }
    assert by_mac
    assert set(by_mac) <= set(names)
    assert set(names.values()) == {row.meter.name for row in ROWS}
    assert {len(names[mac]) for mac in by_mac} == {13}
    for attributes in by_mac.values():
        assert (attributes["regEntryState"] == "1") == (attributes["regEntryLSID"] == "255")
        assert (attributes["regEntrySID"] == "0") == (attributes["regEntryLevel"] == "0")


def test_a_mac_is_written_with_colons() -> None:
    assert mac_of(NET.meters[1]) == "02:99:00:00:60:01"


def test_g02_is_of_the_day_that_ends_at_its_midnight() -> None:
    day = date(2026, 11, 28)
    root = root_of(g02(SERIAL, FLEET.days(NET, day, AT), day, SANTIAGO))
    assert root.get("Version") == "3.4"
    found = root.findall("./Cnc/Cnt/G02")
    assert len(found) == len(ROWS)
    assert {one.get("Fh") for one in found} == {"20261129000000000S"}
    assert {one.get("Aconc") for one in found} == {"1439"}
    assert all(0 <= float(one.attrib["Atimeperc"]) <= 100 for one in found)


def test_what_is_no_letter_of_latin_9_and_what_xml_means_itself_do_no_harm() -> None:
    odd = "Ñ\"<&'\u20ac\u4e2d"
    (one,) = root_of(s24(odd, ROWS, AT, SANTIAGO))
    assert one.get("Id") == odd


@pytest.mark.parametrize(
    ("moment", "zone", "expected"),
    [
        # Chile puts its clocks back at midnight: the hour from 23:00 comes twice, first in summer.
        (datetime(2027, 4, 4, 2, 30, tzinfo=UTC), "America/Santiago", "20270403233000000S"),
        (datetime(2027, 4, 4, 3, 30, tzinfo=UTC), "America/Santiago", "20270403233000000W"),
        (datetime(2026, 9, 6, 3, 59, 59, tzinfo=UTC), "America/Santiago", "20260905235959000W"),
        (datetime(2026, 9, 6, 4, 0, tzinfo=UTC), "America/Santiago", "20260906010000000S"),
        (datetime(2026, 12, 31, 23, 30, tzinfo=UTC), "UTC", "20261231233000000W"),
        (datetime(2026, 7, 1, 0, 0, 0, 250_000, tzinfo=UTC), "Europe/Madrid", "20260701020000250S"),
    ],
)
def test_times_are_local_with_a_letter_of_the_season(moment: datetime, zone: str, expected: str) -> None:
    assert stamp(moment.timestamp(), ZoneInfo(zone)) == expected


def test_yesterday_is_that_of_the_concentrators_clock() -> None:
    assert yesterday(NOW.replace(hour=2).timestamp(), SANTIAGO) == date(2026, 11, 27)
    assert yesterday(NOW.replace(hour=3).timestamp(), SANTIAGO) == date(2026, 11, 28)
