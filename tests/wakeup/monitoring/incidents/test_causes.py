"""Why an incident is thought to be one of power, of a carrier or of our side (STA-5)."""

from __future__ import annotations

import pytest

from tests.wakeup.monitoring.incidents.dark import Place, back, dark, notes
from tests.wakeup.monitoring.outages.story import at
from wakeup.models import Incident, Outage, VerdictSpan
from wakeup.monitoring.incidents.evidence import IncidentSign
from wakeup.monitoring.incidents.keeping import keep_incidents
from wakeup.monitoring.verdicts.wording import findings_in_words

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("by", "cause"), [("boot", "power"), ("keepalive", "communication")])
def test_what_was_undecided_is_told_by_how_half_of_them_come_back(place: Place, by: str, cause: str) -> None:
    outages = dark(place(), "12:10", gasp=False)
    keep_incidents(at("12:31"))
    incident = Incident.objects.get()
    evidence = incident.evidence
    assert (incident.cause, {outage.cause for outage in incident.outages.all()}) == ("undecided", {"undecided"})
    back(outages[:1], "12:40", by)
    keep_incidents(at("12:41"))
    assert Incident.objects.get().cause == "undecided"
    back(outages[1:2], "12:42", by)
    keep_incidents(at("12:43"))
    incident.refresh_from_db()
    assert (incident.cause, incident.evidence) == (cause, evidence)
    assert [note.facts["to"] for note in incident.notes.filter(kind="cause")] == [cause]
    assert {outage.cause for outage in Outage.objects.open()} == {cause}


def test_what_an_operator_said_stays(place: Place) -> None:
    outages = dark(place(), "12:10", gasp=False)
    keep_incidents(at("12:31"))
    Incident.objects.update(cause="communication", is_cause_said=True)
    back(outages, "12:40")
    keep_incidents(at("12:41"))
    assert Incident.objects.get().cause == "communication"


@pytest.mark.parametrize(
    ("dark_ones", "verdict", "cause"),
    [(4, "field", "power"), (3, "field", "undecided"), (4, "undecided", "undecided"), (4, None, "undecided")],
)
def test_silence_is_power_where_all_are_silent_while_their_way_is_open(
    place: Place, dark_ones: int, verdict: str, cause: str
) -> None:
    dark(place(count=4)[:dark_ones], "12:10", gasp=False, verdict=verdict)
    keep_incidents(at("12:31"))
    assert Incident.objects.get().cause == cause


def test_a_carrier_that_fails_is_one_incident_of_it(place: Place) -> None:
    VerdictSpan.objects.create(
        carrier="Claro",
        cause="carrier",
        began_at=at("12:00"),
        judged_at=at("12:30"),
        evidence=[{"sign": "canaries fail", "names": ["C1"], "number": 1, "of": 1}],
    )
    silent = dark(place(carrier="Claro", count=2), "12:10", gasp=False, verdict="carrier")
    silent += dark(place("F2", carrier="Claro", count=3), "12:12", gasp=False, verdict="carrier")
    keep_incidents(at("12:35"))
    incident = Incident.objects.get()
    assert (incident.scope, incident.carrier, incident.cause, incident.members) == (
        *("carrier", "Claro", "communication"),
        5,
    )
    assert [sign["sign"] for sign in incident.evidence] == ["silent", "complete", "canaries fail"]
    back(silent, "13:00", "keepalive")
    keep_incidents(at("13:01"))
    assert Incident.objects.get().ended_at == at("13:00")


def test_a_power_outage_under_a_carrier_that_fails_is_its_own(place: Place) -> None:
    feeder, others = place(carrier="Claro", count=6), place("F2", carrier="Claro")
    dark(feeder[:3], "12:08")
    dark(feeder[3:], "12:08", gasp=False, verdict="carrier")
    dark(others, "12:10", gasp=False, verdict="carrier")
    keep_incidents(at("12:35"))
    told = Incident.objects.order_by("scope").values_list("scope", "feeder", "carrier", "cause", "members")
    assert list(told) == [("carrier", "", "Claro", "communication", 4), ("feeder", "F1", "", "power", 6)]


def test_our_side_is_an_incident_of_no_company_for_as_long_as_it_lasted(place: Place) -> None:
    first = VerdictSpan.objects.create(cause="our side", began_at=at("12:10"), judged_at=at("12:20"))
    assert keep_incidents(at("12:20")) == 1
    incident = Incident.objects.get()
    assert (incident.company, incident.scope, incident.cause, incident.began_at) == (
        *(None, "our side", "our side"),
        at("12:10"),
    )
    VerdictSpan.objects.filter(pk=first.pk).update(ended_at=at("12:30"))
    assert [keep_incidents(at("12:31")), keep_incidents(at("12:32"))] == [1, 0]
    VerdictSpan.objects.create(cause="our side", began_at=at("12:38"), judged_at=at("12:39"), ended_at=at("12:39"))
    VerdictSpan.objects.create(cause="our side", began_at=at("13:00"), judged_at=at("13:00"))
    keep_incidents(at("13:01"))
    assert keep_incidents(at("13:02")) == 0
    told = Incident.objects.order_by("began_at").values_list("began_at", "ended_at")
    assert list(told) == [(at("12:10"), at("12:39")), (at("13:00"), None)]
    assert notes(incident) == ["12:10 opened", "12:30 ended", "12:38 reopened", "12:39 ended"]


def test_the_evidence_is_told_in_words(place: Place) -> None:
    feeder = place()
    dark(feeder[:3], "12:10")
    keep_incidents(at("12:11"))
    incident = Incident.objects.get()
    assert incident.evidence == [{"sign": "gasps", "names": [], "number": 3, "of": 3}]
    assert incident.against == [{"sign": "others heard", "names": [], "number": 1, "of": 4}]
    told = findings_in_words([*incident.evidence, {"sign": "of old"}], labels=dict(IncidentSign.choices))
    assert told == ["last gasps of its concentrators came in 3/3", "of old"]
