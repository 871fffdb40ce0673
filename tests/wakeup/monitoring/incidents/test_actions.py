"""What operators do to incidents: each with a line in the timeline and in the audit, refused if outdated (STA-5)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError

from concentrators.models import Company
from tests.factories import CompanyFactory
from tests.smmeplus.users import make_operator
from tests.wakeup.monitoring.incidents.pages.incidents import MINUTE, NOON, incident_of, outage
from wakeup.models import Incident, Outage
from wakeup.monitoring.incidents import actions
from wakeup.monitoring.incidents.actions import IncidentError

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.fixture
def other(chile: Company) -> User:
    return make_operator(chile, name="other")


@pytest.fixture
def feeder(chile: Company) -> Incident:
    """Of four, one of which is back."""
    return incident_of(chile, "A1", "A2", "A3", "A4", back=1)


def notes(incident: Incident) -> list[tuple[str, str, object]]:
    return [(note.kind, note.user.username if note.user else "", note.facts) for note in incident.notes.all()]


def stored(incident: Incident) -> Incident:
    return Incident.objects.get(pk=incident.pk)


def members(incident: Incident) -> list[str]:
    rows = Outage.objects.filter(incident=incident).order_by("concentrator__serial_number")
    return list(rows.values_list("concentrator__serial_number", flat=True))


def audited(incident: Incident) -> tuple[object, object]:
    row = incident.history.latest("history_id")
    return row.history_user, row.history_date


def test_who_acknowledges_is_the_owner(feeder: Incident, operator: User) -> None:
    actions.acknowledge(feeder, user=operator, now=NOON)
    one = stored(feeder)
    assert (one.owner, one.acknowledged_at) == (operator, NOON)
    assert notes(feeder) == [("acknowledged", "operator", {})]
    assert audited(feeder) == (operator, NOON)


def test_a_second_one_is_told_who_was_faster(feeder: Incident, operator: User, other: User) -> None:
    actions.acknowledge(feeder, user=operator, now=NOON)
    with pytest.raises(IncidentError, match=r"acknowledged at .*12:00:00 PM UTC, and its owner is operator"):
        actions.acknowledge(feeder, user=other, now=NOON + MINUTE)
    assert stored(feeder).owner == operator
    assert len(notes(feeder)) == 1


def test_it_is_handed_over_and_so_acknowledged(feeder: Incident, operator: User, other: User) -> None:
    actions.hand_over(feeder, other, user=operator, now=NOON)
    assert (stored(feeder).owner, stored(feeder).acknowledged_at) == (other, NOON)
    actions.hand_over(feeder, operator, user=other, now=NOON + MINUTE)
    assert (stored(feeder).owner, stored(feeder).acknowledged_at) == (operator, NOON)
    assert notes(feeder) == [
        ("owner", "operator", {"from": "", "to": "other"}),
        ("owner", "other", {"from": "other", "to": "operator"}),
    ]
    with pytest.raises(IncidentError, match="operator is the owner already"):
        actions.hand_over(feeder, operator, user=operator, now=NOON)


def test_a_cause_that_is_said_is_that_of_its_outages_and_keeps_the_evidence(feeder: Incident, operator: User) -> None:
    Incident.objects.filter(pk=feeder.pk).update(evidence=[{"sign": "heard", "names": [], "number": 1, "of": 2}])
    alone = outage(incident_of(feeder.company, feeder="13"), "B1", cause="power")
    actions.reclass(feeder, "communication", "The modem of the feeder", user=operator, now=NOON)
    one = stored(feeder)
    assert (one.cause, one.is_cause_said) == ("communication", True)
    assert one.evidence == [{"sign": "heard", "names": [], "number": 1, "of": 2}]
    assert set(one.outages.values_list("cause", flat=True)) == {"communication"}
    assert Outage.objects.get(pk=alone.pk).cause == "power"
    (note,) = one.notes.all()
    assert (note.kind, note.text, note.facts) == (
        "cause",
        "The modem of the feeder",
        {"from": "power", "to": "communication"},
    )


def test_a_check_of_what_is_stored_refuses_and_leaves_everything(feeder: Incident, operator: User, other: User) -> None:
    def refuse(_stored: Incident) -> None:
        raise ValidationError("Outdated.")

    acts: list[Callable[[], object]] = [
        lambda: actions.reclass(feeder, "our side", "x", user=operator, now=NOON, check=refuse),
        lambda: actions.hand_over(feeder, other, user=operator, now=NOON, check=refuse),
    ]
    for act in acts:
        with pytest.raises(ValidationError, match="Outdated"):
            act()
    assert (stored(feeder).cause, stored(feeder).owner, notes(feeder)) == ("power", None, [])


def test_what_ended_is_still_acknowledged_re_classed_and_commented(feeder: Incident, operator: User) -> None:
    Incident.objects.filter(pk=feeder.pk).update(ended_at=NOON)
    actions.acknowledge(feeder, user=operator, now=NOON)
    actions.reclass(feeder, "our side", "A switch of ours", user=operator, now=NOON)
    actions.comment(feeder, "Told the grid", user=operator, now=NOON)
    assert [kind for kind, _user, _facts in notes(feeder)] == ["acknowledged", "cause", "comment"]


def test_merged_its_outages_are_those_of_the_other(feeder: Incident, chile: Company, operator: User) -> None:
    wide = incident_of(chile, "B1", feeder="13", began_at=NOON - 20 * MINUTE, size=6)
    actions.merge(feeder, wide, user=operator, now=NOON)
    target, part = stored(wide), stored(feeder)
    assert members(target) == ["A1", "A2", "A3", "A4", "B1"]
    assert (target.members, target.dark, target.customers, target.size) == (5, 4, 500, 10)
    assert (target.began_at, target.window_from) == (NOON - 20 * MINUTE, NOON - 20 * MINUTE)
    assert target.window_until == NOON - 10 * MINUTE
    assert (part.merged_into, part.dark, part.ended_at) == (target, 0, None)
    assert notes(part) == [("merged", "operator", {"into": wide.pk})]
    assert notes(target) == [("absorbed", "operator", {"incident": feeder.pk, "concentrators": 4})]
    assert audited(part) == (operator, NOON)
    assert not Incident.objects.open().filter(pk=feeder.pk).exists()


def test_the_parts_of_a_part_are_parts_of_the_whole(feeder: Incident, chile: Company, operator: User) -> None:
    part, wide = incident_of(chile, feeder="11", merged_into=feeder), incident_of(chile, "B1", feeder="13")
    actions.merge(feeder, wide, user=operator, now=NOON)
    assert stored(part).merged_into == wide


def test_a_feeder_in_its_substation_is_not_counted_twice(feeder: Incident, chile: Company, operator: User) -> None:
    wide = incident_of(chile, "B1", scope="substation", feeder="", size=40)
    actions.merge(feeder, wide, user=operator, now=NOON)
    assert stored(wide).size == 40


def test_what_cannot_be_merged_says_why(feeder: Incident, chile: Company, operator: User) -> None:
    ended = incident_of(chile, "B1", feeder="13", ended_at=NOON)
    foreign = incident_of(CompanyFactory.create(), "C1")
    part = incident_of(chile, "D1", feeder="14", merged_into=ended)
    for one, into, why in (
        (feeder, feeder, "part of itself"),
        (feeder, ended, "Feeder 13 of Pudahuel” has ended"),
        (ended, feeder, "Feeder 13 of Pudahuel” has ended"),
        (feeder, foreign, "of one company"),
        (feeder, part, f"part of incident {ended.pk} meanwhile"),
        (part, feeder, f"part of incident {ended.pk} meanwhile"),
    ):
        with pytest.raises(IncidentError, match=why):
            actions.merge(one, into, user=operator, now=NOON)
    assert members(feeder) == ["A1", "A2", "A3", "A4"]
    assert not Incident.objects.filter(merged_into=feeder).exists()


def test_after_a_merge_nothing_is_done_to_the_part(
    feeder: Incident, chile: Company, operator: User, other: User
) -> None:
    wide = incident_of(chile, "B1", feeder="13")
    actions.merge(feeder, wide, user=operator, now=NOON)
    acts: list[Callable[[], object]] = [
        lambda: actions.acknowledge(feeder, user=operator, now=NOON),
        lambda: actions.hand_over(feeder, other, user=operator, now=NOON),
        lambda: actions.reclass(feeder, "our side", "x", user=operator, now=NOON),
        lambda: actions.split(feeder, Outage.objects.all(), user=operator, now=NOON),
        lambda: actions.merge(feeder, wide, user=operator, now=NOON),
    ]
    for act in acts:
        with pytest.raises(IncidentError, match=f"part of incident {wide.pk} meanwhile"):
            act()


def test_what_is_split_off_is_an_incident_of_who_did_it(feeder: Incident, operator: User) -> None:
    Incident.objects.filter(pk=feeder.pk).update(scope="substation", feeder="", evidence=[{"sign": "heard"}])
    moved = Outage.objects.filter(concentrator__serial_number__in=["A2", "A3"])
    made = actions.split(feeder, moved, user=operator, now=NOON, expected=2)
    made, rest = stored(made), stored(feeder)
    assert (members(made), members(rest)) == (["A2", "A3"], ["A1", "A4"])
    assert (made.scope, made.substation, made.feeder) == ("feeder", "Pudahuel", "12")
    assert (made.members, made.dark, made.customers, made.size) == (2, 2, 200, 4)
    assert (rest.members, rest.dark, rest.customers) == (2, 1, 200)
    assert (made.owner, made.acknowledged_at, made.is_split) == (operator, NOON, True)
    assert (made.opened_at, made.cause, made.evidence) == (feeder.opened_at, "power", [{"sign": "heard"}])
    assert notes(made) == [("split", "operator", {"from": rest.pk, "concentrators": 2})]
    assert notes(rest) == [("split", "operator", {"into": made.pk, "concentrators": 2})]
    assert audited(made) == (operator, NOON)


def test_the_begin_of_a_part_is_its_first_gasp_or_else_its_latest_last_wake_up(
    feeder: Incident, operator: User
) -> None:
    for number, is_announced in enumerate((True, True, False, False)):
        at = NOON - (9 - number) * MINUTE
        times = {"began_at": at, "earliest_at": at - 30 * timedelta(seconds=1), "latest_at": at + MINUTE}
        rows = Outage.objects.filter(concentrator__serial_number=f"A{number + 1}")
        rows.update(**times, is_announced=is_announced, ended_at=None)
    gasped = actions.split(
        feeder, Outage.objects.filter(concentrator__serial_number__in=["A1", "A3"]), user=operator, now=NOON
    )
    assert gasped.began_at == NOON - 9 * MINUTE
    silent = actions.split(gasped, Outage.objects.filter(concentrator__serial_number="A3"), user=operator, now=NOON)
    assert silent.began_at == NOON - 7 * MINUTE - timedelta(seconds=30)
    assert (silent.window_from, silent.window_until) == (silent.began_at, NOON - 6 * MINUTE)


def test_a_part_of_which_all_are_back_has_ended_and_the_rest_goes_on(feeder: Incident, operator: User) -> None:
    made = actions.split(feeder, Outage.objects.filter(concentrator__serial_number="A1"), user=operator, now=NOON)
    assert made.ended_at == NOON - 5 * MINUTE
    assert stored(feeder).ended_at is None
    assert [kind for kind, _user, _facts in notes(made)] == ["ended", "split"]


def test_a_carriers_part_is_a_carriers(chile: Company, operator: User) -> None:
    wide = incident_of(chile, "A1", "A2", scope="carrier", carrier="Entel", substation="", feeder="")
    made = actions.split(wide, Outage.objects.filter(concentrator__serial_number="A1"), user=operator, now=NOON)
    assert (made.scope, made.carrier, made.feeder) == ("carrier", "Entel", "")


def test_a_split_that_is_outdated_or_takes_none_or_all_is_refused(feeder: Incident, operator: User) -> None:
    some = Outage.objects.filter(concentrator__serial_number__in=["A1", "A2"])
    foreign = outage(incident_of(CompanyFactory.create()), "F1")
    for chosen, expected, why in (
        (some, 3, "has changed meanwhile"),
        (Outage.objects.none(), 0, "None of these"),
        (Outage.objects.filter(pk=foreign.pk), 0, "None of these"),
        (Outage.objects.all(), 0, "Leave at least one"),
    ):
        with pytest.raises(IncidentError, match=why):
            actions.split(feeder, chosen, user=operator, now=NOON, expected=expected)
    assert members(feeder) == ["A1", "A2", "A3", "A4"]
    assert Incident.objects.count() == 2
