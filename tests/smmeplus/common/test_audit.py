"""Who changed what, when, from what to what, with one id per bulk action (ACC-3)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User

from concentrators.models import Company, Concentrator
from concentrators.procedures import actions
from concentrators.procedures.bulk import BulkChange
from profiles.models import SpontaneousProfile
from smmeplus.common import audit
from smmeplus.common.audit import Change, changes_of
from tests.factories import ConcentratorFactory, SpontaneousProfileFactory

pytestmark = pytest.mark.one_database

NOW = datetime(2020, 9, 24, 10, 18, 46, tzinfo=UTC)


@pytest.fixture
def profile(db: None) -> SpontaneousProfile:
    return SpontaneousProfileFactory.create(name="Ten")


@pytest.fixture
def three(chile: Company) -> list[Concentrator]:
    return ConcentratorFactory.create_batch(3, company=chile)


def all_of(chosen: list[Concentrator]) -> Any:
    return Concentrator.objects.filter(pk__in=[one.pk for one in chosen])


def record(chosen: list[Concentrator], word: str, at: datetime = NOW) -> None:
    BulkChange(word, user=None, now=at).record(all_of(chosen))


def newest(one: Concentrator) -> Change:
    """The change that came last, whatever the clock of the test says."""
    return max(changes_of(one), key=lambda change: change.action is not None)


def others(one: Concentrator) -> int | None:
    change = newest(one)
    return change.action.others if change.action else None


def test_a_bulk_action_is_told_with_its_user_time_and_number_of_others(
    three: list[Concentrator], profile: SpontaneousProfile, operator: User
) -> None:
    actions.install(all_of(three), profile, user=operator, now=NOW)
    change = newest(three[0])
    assert (change.at, change.user) == (NOW, "operator")
    assert change.action is not None
    assert (change.action.word, change.action.others, change.action.is_beyond_counting) == ("installation", 2, False)
    assert {newest(one).action for one in three} == {change.action}


def test_each_action_has_an_id_of_its_own(three: list[Concentrator], profile: SpontaneousProfile) -> None:
    actions.install(all_of(three[:1]), profile, user=None, now=NOW)
    actions.install(all_of(three[1:]), profile, user=None, now=NOW)
    ids = {change.action.id for one in three if (change := newest(one)).action}
    assert len(ids) == 2
    assert [others(one) for one in three] == [0, 1, 1]


def test_it_says_from_what_to_what(three: list[Concentrator], profile: SpontaneousProfile) -> None:
    one = three[0]
    twenty = SpontaneousProfileFactory.create(name="Twenty")
    later = datetime.now(UTC)
    actions.install(all_of([one]), profile, user=None, now=later)
    actions.modify(all_of([one]), twenty, user=None, now=later + timedelta(minutes=1))
    actions.remove(all_of([one]), user=None, now=later + timedelta(minutes=2))
    assert [(change.user, change.what) for change in changes_of(one)] == [
        ("the system", "state: in field → removed, spontaneous profile: Twenty → —"),
        ("the system", "spontaneous profile: Ten → Twenty"),
        ("the system", "state: available → in field, spontaneous profile: — → Ten"),
        ("the system", "added"),
    ]


def test_what_has_been_deleted_is_told_by_its_last_name(chile: Company) -> None:
    old = SpontaneousProfileFactory.create(name="Older")
    old.name = "Old"
    old.save()
    one = ConcentratorFactory.create(company=chile, in_field=True, profile=old, type__name="CERCO9")
    actions.remove(all_of([one]), user=None, now=datetime.now(UTC))
    gone, key = one.type, one.type_id
    Concentrator.objects.update(type=ConcentratorFactory.create().type)
    one.refresh_from_db()
    one.save()
    old.delete()
    gone.delete()
    newest, before, _added = (change.what for change in changes_of(one))
    assert newest == f"type: type {key} (deleted) → CERCO1"
    assert before == "state: in field → removed, spontaneous profile: Old (deleted) → —"


def test_a_change_of_one_alone_belongs_to_no_action(three: list[Concentrator]) -> None:
    one = three[0]
    one.feeder, one.management_ip = "<b>7</b>", "10.1.1.1"
    one.save()
    change = changes_of(one)[0]
    assert change.what == "management IP: — → 10.1.1.1, feeder: — → <b>7</b>"
    assert change.action is None


@pytest.mark.parametrize(
    ("word", "said"), [("removal", "removal"), ("file", "installation file"), ("new word", "new word")]
)
def test_an_action_is_called_by_its_word(three: list[Concentrator], word: str, said: str) -> None:
    record(three, word)
    action = newest(three[0]).action
    assert action is not None
    assert action.word == said


@pytest.mark.parametrize("reason", [None, "", "typed by hand", "6f1c2b3a-0000-4000-8000-000000000000"])
def test_a_reason_without_word_and_id_is_no_action(three: list[Concentrator], reason: str | None) -> None:
    Concentrator.history.update(history_change_reason=reason, history_date=NOW)
    assert [change.action for change in changes_of(three[0])] == [None]


def test_beyond_a_number_that_takes_long_others_are_no_longer_counted(
    chile: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "MOST_COUNTED", 3)
    some, many = ConcentratorFactory.create_batch(3, company=chile), ConcentratorFactory.create_batch(6, company=chile)
    record(some, "file")
    record(many, "file")
    found = [action for one in (some[0], many[0]) if (action := newest(one).action)]
    assert [(action.others, action.is_beyond_counting) for action in found] == [(2, False), (3, True)]


def test_the_last_changes_are_told_newest_first_each_with_what_was_before(three: list[Concentrator]) -> None:
    one = three[0]
    for number in range(1, 26):
        one.customers = number
        one.save()
    told = [change.what for change in changes_of(one)]
    assert told == [f"customers served: {number - 1} → {number}" for number in range(25, 5, -1)]


@pytest.mark.parametrize("number", [0, 1, 30])
def test_any_number_of_changes_costs_one_query(
    three: list[Concentrator], profile: SpontaneousProfile, django_assert_num_queries: Any, number: int
) -> None:
    one = three[0]
    for minute in range(number):
        actions.install(all_of([one]), profile, user=None, now=NOW + timedelta(minutes=minute))
        actions.remove(all_of([one]), user=None, now=NOW + timedelta(minutes=minute, seconds=1))
    with django_assert_num_queries(1):
        assert len(changes_of(one)) == min(2 * number + 1, 20)


def test_what_has_no_history_yet_has_no_changes(three: list[Concentrator]) -> None:
    Concentrator.history.all().delete()
    assert changes_of(three[0]) == []
