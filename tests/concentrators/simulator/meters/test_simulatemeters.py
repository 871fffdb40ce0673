"""`manage.py simulatemeters`: the files of a company's concentrators in field, as their scenario lets them (SIM-2)."""

from __future__ import annotations

import signal
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command

from concentrators.management.commands import simulatemeters
from concentrators.models import Company, Concentrator, ConcentratorType, State
from concentrators.simulator.faults import read_faults
from concentrators.simulator.meters.files import has_lists
from concentrators.simulator.meters.inventory import places
from concentrators.simulator.meters.writing import MeterWriter, Writing
from profiles.models import SpontaneousProfile
from tests.concentrators.simulator.meters.made import AT, DAY, HOUR

pytestmark = [pytest.mark.one_database, pytest.mark.django_db]
SERIALS = [serial for number in range(30) if has_lists(serial := f"A{number:03}")][:12]


@pytest.fixture
def company() -> Company:
    """With a concentrator in field for each serial number, two on a feeder, and one in the store."""
    company = Company.objects.create(name="Chile", time_zone="America/Santiago")
    profile = SpontaneousProfile.objects.create(name="10 min", wakeup_ip="10.132.20.228", wakeup_period=10)
    kind, _ = ConcentratorType.objects.get_or_create(name="CERCO1")
    common = {"company": company, "type": kind, "customers": 30}
    in_field = {"profile": profile, "state": State.IN_FIELD, "installed_at": datetime(2026, 3, 14, tzinfo=UTC)}
    for number, serial in enumerate(SERIALS):
        where = {"substation": f"S{number % 2}", "feeder": f"F{number // 2}"}
        Concentrator.objects.create(serial_number=serial, **common, **in_field, **where)
    Concentrator.objects.create(serial_number="STORE1", **common)
    return company


def written(folder: Path) -> Counter[tuple[str, str]]:
    """How many files there are of each concentrator and report."""
    names = [path.name.split("_") for path in folder.iterdir()]
    return Counter((parts[0], parts[2]) for parts in names)


def writer(company: Company, folder: Path, scenario: str = "", begin: float = AT) -> MeterWriter:
    return MeterWriter(Writing(company, folder, read_faults(scenario), begin))


def test_places_have_about_as_many_meters_as_customers(company: Company) -> None:
    Concentrator.objects.filter(serial_number=SERIALS[0]).update(customers=0)
    Concentrator.objects.filter(serial_number=SERIALS[1]).update(customers=50_000)
    found = places(company.pk, {})
    assert [place.serial for place in found] == SERIALS
    assert len({place.number for place in found}) == len(SERIALS)
    assert 80 <= found[0].meters <= 92
    assert found[1].meters == 998
    assert all(27 <= place.meters <= 31 for place in found[2:])


def test_past_days_have_one_list_of_each_concentrator_in_field(
    company: Company, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("simulatemeters", company="chile", folder=tmp_path / "new" / "folder", days=2)
    found = written(tmp_path / "new" / "folder")
    assert found == {(serial, kind): 2 for serial in SERIALS for kind in ("S24", "S11", "S06", "G02")}
    assert "96 files written" in capsys.readouterr().out


def test_who_is_dark_or_away_hands_over_nothing_meanwhile_and_who_poses_never(company: Company, tmp_path: Path) -> None:
    scenario = f"feeder:F1 off 0 7200\n{SERIALS[0]} away 3600 3600\n{SERIALS[1]} poses OTHER1"
    one = writer(company, tmp_path, scenario)
    one.write(AT, AT + 3 * HOUR, HOUR)
    found = written(tmp_path)
    lists = {serial: found[serial, "S24"] for serial in SERIALS}
    expected = {SERIALS[0]: 2, SERIALS[1]: 0, SERIALS[2]: 1, SERIALS[3]: 1}
    assert lists == dict.fromkeys(SERIALS, 3) | expected


def test_who_is_away_for_good_has_neighbours_that_hear_its_meters(company: Company, tmp_path: Path) -> None:
    silent = SERIALS[2]
    one = writer(company, tmp_path, f"{silent} away 0 {365 * DAY}")
    one.write(AT, AT + 10, DAY)
    one.write(AT, AT + DAY, DAY)
    assert not [name for name, _kind in written(tmp_path) if name == silent]
    (place,) = [place for place in places(company.pk, {}) if place.serial == silent]
    lists = b"".join(path.read_bytes() for path in tmp_path.glob("*_S24_0_*"))
    assert lists.count(f"99{place.number:05}".encode()) == 3


def test_who_joins_the_field_is_taken_up(company: Company, tmp_path: Path) -> None:
    one = writer(company, tmp_path)
    one.write(AT, AT + HOUR, HOUR)
    in_field = Concentrator.objects.get(serial_number=SERIALS[0])
    Concentrator.objects.filter(serial_number="STORE1").update(
        state=State.IN_FIELD, profile=in_field.profile, installed_at=in_field.installed_at
    )
    one.write(AT + HOUR, AT + 2 * HOUR, HOUR)
    assert written(tmp_path)["STORE1", "S24"] == 1


def test_without_a_fleet_it_writes_nothing(tmp_path: Path) -> None:
    assert writer(Company.objects.create(name="Peru"), tmp_path).write(AT - DAY, AT, DAY) == 0


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "Nothing to do"),
        ({"days": 1, "scenario": Path("missing-scenario")}, "missing-scenario"),
        ({"days": 1, "company": "Peru"}, "no company “Peru”"),
    ],
)
def test_what_cannot_be_done_is_said(company: Company, tmp_path: Path, options: dict[str, object], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        call_command("simulatemeters", **{"company": "Chile", "folder": tmp_path} | options)
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_made_is_named(company: Company, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CommandError, match="file"):
        call_command("simulatemeters", company="Chile", folder=tmp_path / "file", days=1)


@pytest.mark.parametrize("text", ["-1", "401", "1.5", "x"])
def test_numbers_have_limits(text: str) -> None:
    with pytest.raises(CommandError):
        call_command("simulatemeters", "--company", "Chile", "--folder", "x", "--days", text)


def test_it_goes_on_until_it_is_told_to_stop(
    company: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An hour of it, which a clock lets pass in no time."""
    times = iter([AT, AT + 600, AT + 1200, AT + 86_400, AT + 3_000])

    stops = iter([False, False, False, False, True])
    event = SimpleNamespace(wait=lambda _seconds: next(stops), set=lambda: None)
    monkeypatch.setattr(simulatemeters, "threading", SimpleNamespace(Event=lambda: event))
    monkeypatch.setattr(simulatemeters, "time", lambda: next(times))
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    call_command("simulatemeters", company="Chile", folder=tmp_path, every=60)
    lists = {serial: count for (serial, kind), count in written(tmp_path).items() if kind == "S24"}
    assert set(lists) == set(SERIALS)
    assert max(lists.values()) <= 2  # a day without it is not made up for, and a clock that goes back adds nothing
    assert "files written" in capsys.readouterr().out
