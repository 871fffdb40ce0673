"""Filters: those of the pages, but strict, so that no misspelled one gives everything (API-1)."""

from __future__ import annotations

import pytest

from concentrators.models import Company, RollOut
from profiles.models import SpontaneousProfile
from tests.smmeplus.api.asking import LISTS, Api, errors
from tests.smmeplus.common.test_list_filters import GARBAGE
from wakeup.models import Incident

pytestmark = pytest.mark.one_database("postgresql", in_ci=True)

SECOND, BEFORE, AFTER = "2020-09-24T10:18:46.5", "2020-09-24T10:18:46.499999", "2020-09-24T10:18:46.500001"
#: For each filter of each list a value, and how many of the operator's rows match.
NARROWING = {
    "companies": [],
    "profiles": [("q", "TE", 1), ("q", "x", 0)],
    "procedure-profiles": [("q", "ONCE", 1), ("q", "x", 0)],
    "concentrators": [
        ("company", "{company}", 3),
        ("state", "available", 1),
        ("profile", "{profile}", 2),
        ("q", "a1", 1),
        ("status", "unreachable", 2),
        ("status", "reachable", 0),
        ("reason", "power", 2),
        ("reason", "silence", 0),
        ("keys", "none", 2),
        ("keys", "ciphered only", 1),
    ],
    "roll-outs": [("company", "{company}", 1), ("state", "running", 1), ("state", "done", 0), ("q", "TEN", 1)],
    "roll-out-members": [
        ("company", "{company}", 2),
        ("roll_out", "{roll_out}", 2),
        ("roll_out", "0", 0),
        ("wave", "1", 2),
        ("wave", "2", 0),
        ("outcome", "confirmed", 0),
        ("q", "a1", 1),
    ],
    "out-of-service": [
        ("company", "{company}", 2),
        ("concentrator", "a2", 1),
        ("state", "over", 2),
        ("state", "present", 0),
    ],
    "planned-work": [
        ("company", "{company}", 1),
        *(("state", state, number) for state, number in (("over", 1), ("now", 0))),
        *(("scope", scope, number) for scope, number in (("feeder", 1), ("company", 0))),
        ("q", "work 1", 1),
        ("q", "x", 0),
    ],
    "configurations": [
        ("company", "{company}", 2),
        ("concentrator", "a2", 1),
        ("state", "pending", 2),
        ("state", "heard not reachable", 0),
        ("reason", "silent", 0),
        ("profile", "{profile}", 2),
        ("q", "a1", 1),
    ],
    "messages": [
        ("company", "{company}", 6),
        ("concentrator", "a2", 3),
        ("concentrator", "A3", 0),
        ("kind", "boot", 2),
        ("kind", "other", 0),
    ],
    "status-changes": [
        ("company", "{company}", 2),
        ("concentrator", "a2", 1),
        ("to_status", "late", 2),
        ("to_status", "reachable", 0),
        ("reason", "silence", 2),
        ("reason", "message", 0),
        ("q", "a1", 1),
        ("changed_from", "2020-09-24T10:18:46.5Z", 2),
        ("changed_to", "2020-09-24T10:18:46.5Z", 0),
    ],
    "power-failures": [
        ("company", "{company}", 2),
        ("concentrator", "a2", 1),
        ("ended_from", "2020-09-24T10:18:46.5Z", 2),
        ("ended_from", "2020-09-24T10:18:46.6Z", 0),
        ("ended_to", "2020-09-24T10:18:46.5Z", 0),
    ],
    "outages": [
        ("company", "{company}", 2),
        ("dark", "yes", 2),
        ("dark", "no", 0),
        ("quality", "inferred", 2),
        ("cause", "power", 2),
        ("cause", "our side", 0),
        ("planned", "no", 2),
        ("from_day", "2020-09-24", 2),
        ("to_day", "2020-09-23", 0),
        ("q", "a1", 1),
        ("concentrator", "a2", 1),
        ("incident", "{incident}", 1),
        ("began_from", "2020-09-24T10:18:46.5Z", 2),
        ("began_to", "2020-09-24T10:18:46.5Z", 0),
    ],
    "incidents": [
        ("state", "lasting", 2),
        ("state", "merged", 0),
        ("cause", "power", 2),
        ("scope", "feeder", 2),
        ("company", "{company}", 2),
        ("planned", "yes", 0),
        ("owner", "nobody", 2),
        ("owner", "mine", 0),
        ("from_day", "2020-09-24", 2),
        ("to_day", "2020-09-23", 0),
        ("q", "of a1", 1),
        ("began_from", "2020-09-24T10:18:46.5Z", 2),
        ("began_to", "2020-09-24T10:18:46.5Z", 0),
    ],
    "meter-conflicts": [
        ("company", "{company}", 2),
        ("kind", "1", 2),
        ("kind", "2", 0),
        ("state", "waiting", 2),
        ("state", "decided", 0),
        ("state", "over", 0),
        ("meter", "cira1", 1),
    ],
    "alarms": [
        ("company", "{company}", 2),
        ("state", "open", 2),
        ("state", "shelved", 0),
        ("priority", "1", 2),
        ("priority", "3", 0),
        ("kind", "power", 2),
        ("kind", "wide", 0),
        ("q", "a1", 1),
        ("raised_from", "2020-09-24T10:18:46.5Z", 2),
        ("raised_to", "2020-09-24T10:18:46.5Z", 0),
    ],
    "meters": [
        ("company", "{company}", 2),
        ("q", "ra1", 1),
        ("manufacturer", "CIR", 2),
        ("supervisors", "yes", 0),
        ("in_master", "no", 2),
    ],
    "sightings": [
        ("company", "{company}", 2),
        ("q", "ra1", 1),
        ("q", "x", 0),
        ("state", "active", 2),
        ("state", "unknown", 0),
        ("concentrator", "a2", 1),
        ("level", "0", 2),
        ("level", "1", 0),
        ("manufacturer", "CIR", 2),
        ("silent_days", "1", 2),
        ("conflict", "yes", 2),
        ("supervisors", "no", 2),
    ],
    "meter-counts-by-concentrator": [
        ("company", "{company}", 2),
        ("q", "a1", 1),
        ("listed", "no", 0),
        ("failures", "no", 2),
        ("conflict", "yes", 0),
        ("substation", "x", 0),
        ("feeder", "x", 0),
    ],
    "meter-counts": [
        ("company", "{company}", 2),
        ("manufacturer", "CIR", 2),
        ("q", "a1", 1),
        ("state", "unknown", 0),
    ],
    "repeaters": [
        ("company", "{company}", 2),
        ("q", "a1", 1),
        ("state", "active", 2),
        ("behind", "2", 0),
        ("orphans", "yes", 0),
    ],
    "wakeup-totals": [
        ("company", "{company}", 2),
        ("q", "2", 1),
        ("concentrator", "A2", 1),
        ("status", "unreachable", 2),
        ("status", "late", 0),
    ],
    "daily-counts": [
        ("company", "{company}", 4),
        ("q", "2", 2),
        ("concentrator", "A2", 2),
        ("from_day", "2020-09-24", 2),
        ("to_day", "2020-09-23", 2),
        ("to_day", "2020-09-22", 0),
        ("missing", "100", 4),
        ("missing", "145", 0),
        ("chatty", "yes", 0),
    ],
    "daily-totals": [
        ("company", "{company}", 1),
        ("from_day", "2020-09-24", 1),
        ("to_day", "2020-09-23", 1),
    ],
    "concentrator-counts": [("company", "{company}", 6)],
    "availability": [
        ("company", "{company}", 2),
        ("month", "2020-09", 2),
        ("month", "2020-08", 0),
        ("q", "a1", 1),
        *((place, "none", 0) for place in ("substation", "feeder")),
    ],
    "deliveries": [
        ("company", "{company}", 1),
        ("state", "waiting", 1),
        ("state", "dropped", 0),
        ("event", "incident opened", 1),
        ("event", "test", 0),
        ("q", "desk", 1),
        ("q", "INCIDENT 1", 1),
        ("made_from", "2020-09-24T10:18:46.5Z", 1),
        ("made_to", "2020-09-24T10:18:46.5Z", 0),
    ],
    "events": [("company", "{company}", 2), ("concentrator", "a1", 1), ("type", "outage.began,outage.ended", 0)],
}

INSTANTS = [
    (f"{SECOND}Z", "", 4),
    (f"{AFTER}Z", "", 2),
    ("", f"{SECOND}Z", 2),
    ("", f"{AFTER}Z", 4),
    (f"{BEFORE}Z", f"{SECOND}Z", 0),
    (f"{SECOND}Z", f"{AFTER}Z", 2),
    (f"{SECOND}Z", f"{SECOND}Z", 0),
    ("2020-09-24T07:18:46.5-03:00", "2020-09-24T12:18:46.500001+02:00", 2),
]
NO_INSTANTS = [
    "2020-09-24",
    "2020-09-24T10:18:46",
    "10:18",
    "yesterday",
    "2020-13-24T10:18:46Z",
    "0001-01-01T00:00:00+14:00",
]


@pytest.mark.parametrize("name", LISTS)
def test_every_filter_filters(api: Api, chile: Company, name: str) -> None:
    values = {"company": chile.pk, "profile": SpontaneousProfile.objects.get().pk}
    values["roll_out"] = RollOut.objects.get(company=chile).pk
    values["incident"] = Incident.objects.filter(company=chile).latest("pk").pk
    for parameter, value, number in NARROWING[name]:
        rows = api.rows(f"{name}/", **{parameter: value.format(**values)})
        assert len(rows) == number, parameter


def test_times_are_instants_the_first_included_and_the_last_not(api: Api) -> None:
    for received_from, received_to, number in INSTANTS:
        given = {name: at for name, at in (("received_from", received_from), ("received_to", received_to)) if at}
        assert len(api.rows("messages/", **given)) == number, given


def test_a_time_without_offset_or_sense_says_what_is_right(api: Api) -> None:
    for text in NO_INSTANTS:
        said = errors(api.ask("messages/", received_from=text))
        assert said.keys() == {"received_from"}, text
        assert "2020-09-24T10:18:46Z" in said["received_from"]


def test_a_plus_that_the_address_made_a_space_is_explained(api: Api) -> None:
    response = api.client.get("/api/v1/messages/?received_from=2020-09-24T10:18:46+02:00")
    assert "%2B" in errors(response)["received_from"]


@pytest.mark.ci_only  # at the desk `test_every_request.py` sends some
@pytest.mark.parametrize("name", LISTS)
def test_garbage_is_refused_or_finds_nothing_and_is_no_error(api: Api, name: str) -> None:
    for parameter in sorted({parameter for parameter, _value, _number in NARROWING[name]}):
        for garbage in (*GARBAGE, "1e999999", "nan"):
            assert api.ask(f"{name}/", **{parameter: garbage}).status_code in (200, 400), (parameter, garbage)
