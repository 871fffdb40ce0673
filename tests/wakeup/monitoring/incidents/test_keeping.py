"""What an incident is of, why, and how it goes on (STA-5)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from concentrators.models import Company, Concentrator, PlannedWindow, PlannedWork, State
from profiles.models import SystemSettings
from tests.factories import CompanyFactory
from tests.wakeup.monitoring.incidents.dark import Place, back, dark, notes
from tests.wakeup.monitoring.outages.story import at
from wakeup.models import DeskProgress, Incident, Outage
from wakeup.monitoring.incidents.flapping import is_flapping
from wakeup.monitoring.incidents.keeping import keep_incidents

pytestmark = pytest.mark.django_db


def test_a_feeder_that_goes_dark_is_one_incident_that_grows_and_ends(place: Place) -> None:
    feeder = place()
    outages = dark(feeder[:3], "12:10")
    assert keep_incidents(at("12:11")) > 0
    incident = Incident.objects.get()
    assert (incident.scope, incident.substation, incident.feeder, incident.size) == ("feeder", "S", "F1", 4)
    assert (incident.cause, incident.began_at, incident.opened_at) == ("power", at("12:10"), at("12:11"))
    assert (incident.members, incident.dark, incident.customers) == (3, 3, 150)
    outages += dark(feeder[3:], "12:14")
    back(outages[:3], "12:20")
    keep_incidents(at("12:21"))
    incident.refresh_from_db()
    assert (incident.members, incident.dark, incident.customers, incident.ended_at) == (4, 1, 200, None)
    back(outages, "12:30")
    keep_incidents(at("12:31"))
    incident.refresh_from_db()
    assert (incident.dark, incident.ended_at) == (0, at("12:30"))
    assert notes(incident) == ["12:10 opened", "12:14 grew", "12:30 ended"]
    assert keep_incidents(at("12:32")) == 0


def test_two_of_a_place_are_none_and_nothing_is_said_of_nothing(place: Place) -> None:
    assert keep_incidents(at("12:05")) == 0
    dark(place(count=2), "12:10")
    keep_incidents(at("12:11"))
    assert not Incident.objects.exists()


def test_the_rule_is_that_of_the_settings(place: Place) -> None:
    SystemSettings.objects.update_or_create(pk=1, defaults={"incident_least": 2, "incident_window_min": 10})
    feeder = place()
    dark(feeder[:1], "12:10")
    dark(feeder[1:2], "12:19")
    keep_incidents(at("12:20"))
    assert Incident.objects.get().members == 2


def test_feeders_of_one_name_are_those_of_their_substations(place: Place) -> None:
    dark(place("1", substation="A")[:2] + place("1", substation="B")[:2], "12:10")
    keep_incidents(at("12:11"))
    assert not Incident.objects.exists()
    dark(place("9", substation=""), "12:20")
    keep_incidents(at("12:21"))
    assert (Incident.objects.get().scope, Incident.objects.get().substation) == ("feeder", "")


def test_what_has_no_feeder_is_no_feeder_and_other_companies_are_others(place: Place) -> None:
    abroad = CompanyFactory.create()
    dark(place("", substation="", count=3) + place(company=abroad, count=3), "12:10")
    keep_incidents(at("12:11"))
    assert Incident.objects.get().company == abroad


def test_whoever_cannot_go_dark_does_not_count(place: Place) -> None:
    feeder = place(count=10)
    Concentrator.objects.filter(pk__in=[one.pk for one in feeder[4:]]).update(state=State.REMOVED, profile=None)
    dark(feeder[:3], "12:10")
    keep_incidents(at("12:11"))
    assert Incident.objects.get().size == 4


def test_a_substation_takes_in_its_feeders(place: Place) -> None:
    first, second = place("1", substation="T"), place("2", substation="T")
    dark(first, "12:10")
    keep_incidents(at("12:11"))
    row = Incident.objects.get()  # half of the substation, so it is the place
    assert (row.scope, row.members) == ("substation", 4)
    third, fourth = place("3", substation="U"), place("4", substation="U", count=6)
    dark(third, "12:30")
    keep_incidents(at("12:31"))
    feeder = Incident.objects.get(scope="feeder")
    dark(fourth[:4], "12:31")
    dark(second, "12:32")
    keep_incidents(at("12:33"))
    feeder.refresh_from_db()
    assert (feeder.scope, feeder.substation, feeder.members) == ("substation", "U", 8)
    assert "12:31 widened" in notes(feeder)
    row.refresh_from_db()
    assert (row.members, Incident.objects.count()) == (8, 2)  # half of T went dark anew, while it was dark


def test_an_incident_that_was_told_is_taken_in_and_said_so(place: Place) -> None:
    first, second, rest = (
        place(feeder, substation="T", count=count) for feeder, count in (("1", 4), ("2", 4), ("3", 12))
    )
    dark(first, "12:10")
    dark(second, "12:11")
    keep_incidents(at("12:12"))
    older, younger = Incident.objects.order_by("pk")
    dark(rest[:2], "12:13")
    keep_incidents(at("12:14"))
    older.refresh_from_db()
    younger.refresh_from_db()
    assert (older.scope, older.members, younger.merged_into) == ("substation", 10, older)
    absorbed = older.notes.get(kind="absorbed")
    assert absorbed.facts["incident"] == younger.pk
    assert not younger.outages.exists()


def test_a_late_comer_that_does_not_fit_is_left_to_the_work_list(place: Place) -> None:
    feeder = place(count=5)
    dark(feeder[:3], "12:10")
    dark(feeder[3:4], "15:10")
    keep_incidents(at("15:11"))
    assert Incident.objects.get().members == 3


def test_a_place_that_goes_dark_again_goes_on_with_its_incident_and_flaps(place: Place) -> None:
    feeder = place()
    for minute in range(10, 40, 4):
        clock = f"12:{minute}"
        dark(feeder, clock, until=f"12:{minute + 2}")
        keep_incidents(at(clock) + timedelta(minutes=3))
        incident = Incident.objects.get()
        assert is_flapping(incident, at(clock) + timedelta(minutes=3)) == (minute >= 14)
    assert incident.members == 4
    assert notes(incident)[:4] == ["12:10 opened", "12:12 ended", "12:14 reopened", "12:16 ended"]
    assert not is_flapping(incident, at("13:40"))
    dark(feeder, "13:00")
    keep_incidents(at("13:01"))
    assert Incident.objects.count() == 2


def test_what_an_operator_split_takes_no_members_but_ends(place: Place) -> None:
    feeder = place(count=8)
    outages = dark(feeder[:4], "12:10")
    keep_incidents(at("12:11"))
    Incident.objects.update(is_split=True)
    dark(feeder[4:], "12:12")
    back(outages, "12:20")
    keep_incidents(at("12:21"))
    split, other = Incident.objects.order_by("pk")
    assert (split.members, split.ended_at, other.members) == (4, at("12:20"), 4)


def test_an_incident_is_planned_while_its_place_or_all_its_members_are(chile: Company, place: Place) -> None:
    work = PlannedWork.objects.create(
        company=chile, scope="feeder", substation="S", feeder="F1", title="Pole", begin=at("12:00"), end=at("14:00")
    )
    window = PlannedWindow.objects.create(work=work, begin=work.begin, end=work.end)
    dark(place(), "12:10")
    members = dark(place("F2"), "12:30")
    Outage.objects.filter(pk__in=[one.pk for one in members]).update(planned=window)
    keep_incidents(at("12:31"))
    assert [incident.planned for incident in Incident.objects.all()] == [window, window]
    dark(place("F2", count=1), "12:31")
    keep_incidents(at("12:32"))
    assert Incident.objects.get(feeder="F2").planned is None


def test_what_happened_long_before_the_first_pass_is_no_incident(place: Place) -> None:
    DeskProgress.objects.update(begun_at=at("12:00") + timedelta(days=1))
    dark(place(), "11:59")
    dark(place("F2"), "12:01")
    keep_incidents(at("13:00"))
    assert Incident.objects.get().feeder == "F2"


def test_an_incident_leaves_its_trace(place: Place) -> None:
    outages = dark(place(), "12:10")
    keep_incidents(at("12:11"))
    back(outages, "12:30")
    keep_incidents(at("12:31"))
    assert [row.ended_at for row in Incident.objects.get().history.all()][::-1][-1] == at("12:30")


def test_outages_of_its_members_that_are_momentary_are_no_part_of_it(place: Place) -> None:
    Outage.objects.filter(pk__in=[one.pk for one in dark(place(), "12:10", until="12:10")]).update(is_momentary=True)
    keep_incidents(at("12:11"))
    assert not Incident.objects.exists()
