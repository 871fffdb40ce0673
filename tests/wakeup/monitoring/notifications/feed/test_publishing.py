"""Each thing that happens is published once, in order, to those whom it concerns (API-3)."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest
from django.contrib.auth.models import User

from concentrators.models import Company, PlannedWindow, PlannedWork, RollOut
from concentrators.planned.works import cancel
from profiles.models import SpontaneousProfile, SystemSettings
from smmeplus.dlms.kinds import Kind
from tests.factories import CompanyFactory, ConcentratorFactory, ProcedureProfileFactory, SpontaneousProfileFactory
from tests.wakeup.monitoring.notifications.feed.publishing import (
    DAY,
    MINUTE,
    NOW,
    begin,
    bodies,
    change,
    changes,
    publish,
    told,
)
from tests.wakeup.monitoring.notifications.happenings import make_alarm, make_incident, note
from tests.wakeup.monitoring.outages.story import at, installed, passed, say
from wakeup.models import FeedEvent, FeedProgress, IncidentNote, Outage
from wakeup.monitoring.desk import follow
from wakeup.monitoring.notifications.feed import sources
from wakeup.monitoring.notifications.feed.pruning import old_events, prune_events
from wakeup.monitoring.notifications.feed.publishing import publish_events
from wakeup.monitoring.notifications.feed.schema import KINDS, TYPES, event_schema


@pytest.fixture
def profile(db: None) -> SpontaneousProfile:
    return SpontaneousProfileFactory.create(wakeup_period=10)


@pytest.fixture
def work(chile: Company) -> PlannedWork:
    return PlannedWork(company=chile, scope="feeder", feeder="A7", title="Works", begin=NOW + DAY, end=NOW + 2 * DAY)


def add(one: Any, minutes: float = 0) -> None:
    one._history_date = NOW + minutes * MINUTE
    one.save()


def make_roll_out(company: Company) -> RollOut:
    one = RollOut(
        company=company,
        action="install",
        procedure=ProcedureProfileFactory.create(),
        began_at=NOW,
        since=NOW,
        audit_id="4f3c1b52-9d7c-4d9a-8d1e-3c0f4f1f2a10",
    )
    add(one)
    return one


@pytest.mark.django_db
def test_nothing_has_happened() -> None:
    assert [publish(), publish(1)] == [0, 0]
    assert told() == []


def test_what_was_before_the_first_pass_is_not_told(chile: Company, work: PlannedWork) -> None:
    changes(chile, 2)
    note(make_incident(chile), "opened")
    add(work, -9)
    begin()
    assert publish() == 0


def test_a_change_of_status_is_told_once(chile: Company) -> None:
    begin()
    changes(chile, 1)
    assert [publish(), publish(), publish(1)] == [1, 0, 0]
    assert told() == ["status.changed S0"]


@pytest.mark.parametrize("count", [2, 5, 6])
def test_many_are_told_in_the_order_of_their_keys(chile: Company, monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    """Also in several parts, of which the last may be full."""
    monkeypatch.setattr(sources, "CHUNK", 2)
    begin()
    changes(chile, count)
    assert publish() == count
    assert told() == [f"status.changed S{index}" for index in range(count)]


def test_an_event_says_what_when_and_about_whom(chile: Company) -> None:
    SystemSettings(environment_name="UAT").save()
    begin()
    one = ConcentratorFactory.create(company=chile, serial_number="A1", substation="Six", feeder='Ñ " \u2028')
    change(one, at=NOW - 3 * MINUTE, reason="last gasp", verdict="network")
    publish()
    (event,) = bodies()
    assert event == {
        "id": str(FeedEvent.objects.get().uid),
        "number": 1,
        "type": "status.changed",
        "at": "2026-12-31T00:57:00.000000+00:00",
        "published_at": "2026-12-31T01:00:00.000000+00:00",
        "environment": "UAT",
        "company": "Chile",
        "concentrator": "A1",
        "data": {
            "from_status": "reachable",
            "to_status": "unreachable",
            "reason": "last gasp",
            "verdict": "network",
            "substation": "Six",
            "feeder": 'Ñ " \u2028',
        },
    }


def test_an_outage_is_told_with_the_changes_that_make_it(chile: Company, profile: SpontaneousProfile) -> None:
    publish_events(at("11:00"))
    one = installed(chile, profile, serial_number="A1")
    say(one, Kind.KEEPALIVE, "12:05")
    passed("13:00")
    publish_events(at("13:00"))
    assert told(of_concentrators=True)[-2:] == ["status.changed A1", "outage.began A1"]
    say(one, Kind.BOOT, "14:00")
    passed("14:01")
    publish_events(at("14:01"))
    assert told(of_concentrators=True)[-2:] == ["status.changed A1", "outage.ended A1"]
    ended = [event for event in bodies() if event["concentrator"]][-1]
    assert (ended["at"], ended["data"]["ended_by"]) == ("2020-09-24T14:00:00.000000+00:00", "boot")
    assert publish_events(at("15:00")) == 0


def test_an_outage_that_is_over_when_it_is_published_begins_all_the_same(
    chile: Company, profile: SpontaneousProfile
) -> None:
    publish_events(at("11:00"))
    one = installed(chile, profile, serial_number="A1")
    say(one, Kind.KEEPALIVE, "12:05")
    passed("13:00")
    say(one, Kind.BOOT, "14:00")
    passed("14:01")
    publish_events(at("14:01"))
    assert told(of_concentrators=True)[-2:] == ["outage.began A1", "outage.ended A1"]


def test_an_outage_that_becomes_better_known_is_told_again(chile: Company) -> None:
    begin()
    one = ConcentratorFactory.create(company=chile, serial_number="A1")
    times = {"earliest_at": NOW, "latest_at": NOW, "began_at": NOW, "noticed_at": NOW}
    outage = Outage.objects.create(concentrator=one, company=chile, is_untold=True, **times)
    publish()
    Outage.objects.filter(pk=outage.pk).update(is_announced=True, is_untold=True)
    publish(1)
    assert told() == ["outage.began A1", "outage.changed A1"]
    assert bodies()[-1]["data"]["is_announced"] is True


def test_an_outage_waits_for_the_change_that_another_process_recorded_just_now(
    chile: Company, profile: SpontaneousProfile, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_events(at("11:00"))
    one = installed(chile, profile, serial_number="A1")
    monkeypatch.setattr("wakeup.monitoring.notifications.feed.publishing.last_settled", lambda: 0)
    passed("13:00")
    publish_events(at("13:00"))
    assert told(of_concentrators=True) == []
    monkeypatch.undo()
    publish_events(at("13:01"))
    assert told(of_concentrators=True)[-1] == f"outage.began {one.serial_number}"


def test_lines_of_an_incident_are_events_but_for_what_people_say(chile: Company) -> None:
    begin()
    one = make_incident(chile, evidence=[{"sign": "gasps", "names": ["Secret"], "number": 3, "of": 4}])
    make_alarm(chile, incident=one, priority=1)
    note(one, "opened", "comment", "grew")
    IncidentNote.objects.create(
        incident=one, at=NOW, kind="cause", text="Seen", facts={"to": "power", "evidence": [{"names": ["Secret"]}]}
    )
    publish()
    note(one, "comment")
    assert publish(1) == 0
    assert told() == ["incident.opened", "incident.grew", "incident.cause"]
    last = bodies()[-1]
    assert (last["data"]["said"], last["data"]["text"], last["data"]["feeder"]) == ({"to": "power"}, "Seen", "A7")
    assert "Secret" not in str(bodies())


def test_planned_work_is_told_as_operators_change_it(chile: Company, operator: User, work: PlannedWork) -> None:
    begin()
    add(work)
    publish(1)
    work.title = "More"
    add(work, 1)
    publish(2)
    PlannedWindow.objects.create(work=work, begin=work.begin, end=work.end)
    cancel(work, user=operator, now=NOW + 3 * MINUTE)
    publish(4)
    assert publish(5) == 0
    assert told() == ["planned-work.made", "planned-work.changed", "planned-work.cancelled"]


def test_what_was_committed_late_is_told(chile: Company, work: PlannedWork) -> None:
    """Half a day after its time, by when others have been told of and looked for."""
    begin()
    publish(12 * 60)
    add(work)
    assert publish(12 * 60 + 1) == 1
    assert publish(12 * 60 + 2) == 0


def test_what_a_publisher_missed_while_none_ran_is_told(chile: Company, work: PlannedWork) -> None:
    begin()
    add(work, 60)
    changes(chile, 1)
    assert publish(9 * 24 * 60) == 2
    assert publish(9 * 24 * 60 + 1) == 0
    assert publish(19 * 24 * 60) == 0


def test_planned_work_of_a_company_that_is_gone_stops_nobody(work: PlannedWork) -> None:
    begin()
    gone = CompanyFactory.create()
    work.company = gone
    add(work)
    work.delete()
    gone.delete()
    changes(CompanyFactory.create(), 1)
    assert publish(1) == 1


def test_a_roll_out_is_told_as_it_goes_on(chile: Company) -> None:
    begin()
    one = make_roll_out(chile)
    RollOut.objects.filter(pk=one.pk).update(size=7, waves=2)
    publish(1)
    one.state = "done"
    add(one, 2)
    publish(3)
    assert told() == ["roll-out.started", "roll-out.changed"]
    assert [(one["data"]["state"], one["data"]["size"]) for one in bodies()] == [("running", 7), ("done", 0)]


def test_what_was_deleted_is_not_found_again(chile: Company, work: PlannedWork) -> None:
    """It is looked for as far back as this; who deletes leaves that much."""
    begin()
    add(work)
    publish(1)
    late = NOW + 40 * DAY  # since when nobody has published
    assert (old_events(late, 2), prune_events(late, 2)) == (0, 0)
    assert publish(40 * 24 * 60) == 0
    assert publish(43 * 24 * 60) == 0
    assert (old_events(late + 3 * DAY, 2), prune_events(late + 3 * DAY, 2)) == (1, 1)
    assert FeedProgress.objects.get().pruned == 1
    assert publish(43 * 24 * 60 + 1) == 0


def test_the_watchers_pass_publishes(chile: Company) -> None:
    begin()
    note(make_incident(chile), "opened")
    follow(NOW)
    assert "incident.opened" in told()


def test_every_event_is_as_its_schema_says(chile: Company, profile: SpontaneousProfile, work: PlannedWork) -> None:
    publish_events(at("11:00"))
    one = installed(chile, profile, serial_number="A1")
    say(one, Kind.KEEPALIVE, "12:05")
    passed("13:00")
    say(one, Kind.BOOT, "14:00")
    passed("14:01")
    add(work)
    make_roll_out(chile)
    note(make_incident(chile), "opened", "ended")
    note(make_incident(None, scope="our side", feeder="", substation=""), "opened")
    publish()
    validator = jsonschema.Draft202012Validator(event_schema(), format_checker=jsonschema.FormatChecker())
    validator.check_schema(event_schema())
    found = bodies()
    assert {event["type"].split(".")[0] for event in found} == set(KINDS)
    assert {event["type"] for event in found} <= set(TYPES)
    assert not [(event["type"], error.message) for event in found for error in validator.iter_errors(event)]
    assert list(validator.iter_errors(found[0] | {"data": {}})), "the schema asks for what an event has"
