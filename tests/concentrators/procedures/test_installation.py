"""Installing, modifying and removing concentrators (CON-2, CON-4)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models import Q
from django.test.utils import CaptureQueriesContext

from concentrators.models import Concentrator, State
from concentrators.procedures import actions
from concentrators.procedures.actions import Done, install, make_available, modify, remove
from concentrators.procedures.held import InstallationError, hold_procedure
from profiles.models import ProcedureProfile, SpontaneousProfile
from tests.factories import (
    CompanyFactory,
    ConcentratorFactory,
    ProcedureProfileFactory,
    SpontaneousProfileFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

NOW = datetime(2020, 9, 24, 10, 18, 46, tzinfo=UTC)
BEFORE = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def operator() -> User:
    return UserFactory.create(username="operator")


@pytest.fixture
def profile() -> SpontaneousProfile:
    return SpontaneousProfileFactory.create(name="Wake up SMMePlus 10 min")


def chosen(*concentrators: Concentrator) -> Any:
    return Concentrator.objects.filter(pk__in=[one.pk for one in concentrators])


def facts(concentrator: Concentrator) -> tuple[str, int | None, datetime | None]:
    concentrator.refresh_from_db()
    return concentrator.state, concentrator.profile_id, concentrator.installed_at


def removed() -> Concentrator:
    return ConcentratorFactory.create(state=State.REMOVED, installed_at=BEFORE)


def in_field() -> Concentrator:
    return ConcentratorFactory.create(in_field=True, installed_at=BEFORE)


def changes() -> list[Any]:
    """The audit rows of changes, as installations and imports write them."""
    return list(Concentrator.history.filter(history_type="~").order_by("serial_number"))


def test_available_and_removed_concentrators_are_installed(profile: SpontaneousProfile, operator: User) -> None:
    fresh, former = ConcentratorFactory.create(), removed()
    assert install(chosen(fresh, former), profile, user=operator, now=NOW).changed == 2
    assert facts(fresh) == facts(former) == (State.IN_FIELD, profile.pk, NOW)


def test_only_what_was_chosen_is_installed(profile: SpontaneousProfile, operator: User) -> None:
    one, other = ConcentratorFactory.create_batch(2)
    install(chosen(one), profile, user=operator, now=NOW)
    assert facts(other) == (State.AVAILABLE, None, None)


def test_one_in_field_refuses_the_whole_installation(profile: SpontaneousProfile, operator: User) -> None:
    available, installed = ConcentratorFactory.create(), in_field()
    before = facts(installed)
    with pytest.raises(InstallationError) as refusal:
        install(chosen(available, installed), profile, user=operator, now=NOW)
    assert installed.serial_number in refusal.value.message
    assert available.serial_number not in refusal.value.message
    assert facts(available) == (State.AVAILABLE, None, None)
    assert facts(installed) == before
    assert changes() == []


def test_a_refusal_names_three_and_counts_the_rest(profile: SpontaneousProfile, operator: User) -> None:
    installed = [in_field() for _ in range(5)]
    with pytest.raises(InstallationError) as refusal:
        install(chosen(*installed), profile, user=operator, now=NOW)
    named = [one.serial_number in refusal.value.message for one in installed]
    assert named == [True, True, True, False, False]
    assert "and 2 more" in refusal.value.message


def test_a_choice_that_has_become_empty_installs_none(profile: SpontaneousProfile, operator: User) -> None:
    assert install(Concentrator.objects.filter(state=State.AVAILABLE), profile, user=operator, now=NOW) == Done(0, None)
    assert changes() == []


def test_a_filter_on_the_state_and_a_slice_choose_once(
    profile: SpontaneousProfile, operator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "CHUNK", 2)
    ConcentratorFactory.create_batch(7)
    first_five = Concentrator.objects.filter(state=State.AVAILABLE).order_by("serial_number")[:5]
    assert install(first_five, profile, user=operator, now=NOW).changed == 5
    states = Concentrator.objects.order_by("serial_number").values_list("state", flat=True)
    assert list(states) == [State.IN_FIELD] * 5 + [State.AVAILABLE] * 2


def test_a_refusal_in_a_later_chunk_undoes_the_earlier_ones(
    profile: SpontaneousProfile, operator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "CHUNK", 1)
    first, last = ConcentratorFactory.create(), in_field()
    with pytest.raises(InstallationError, match=last.serial_number):
        install(chosen(first, last), profile, user=operator, now=NOW)
    assert facts(first) == (State.AVAILABLE, None, None)
    assert changes() == []


def test_a_choice_through_other_tables_is_installed(profile: SpontaneousProfile, operator: User) -> None:
    concentrator = ConcentratorFactory.create()
    concentrator.company.users.add(operator)
    visible = Concentrator.objects.visible_to(operator).filter(Q(type__name__icontains="cerco")).distinct()
    assert install(visible, profile, user=operator, now=NOW).changed == 1


def test_a_profile_deleted_meanwhile_installs_nothing(profile: SpontaneousProfile, operator: User) -> None:
    concentrator = ConcentratorFactory.create()
    SpontaneousProfile.objects.filter(pk=profile.pk).delete()
    with pytest.raises(InstallationError, match="deleted meanwhile"):
        install(chosen(concentrator), profile, user=operator, now=NOW)
    assert facts(concentrator) == (State.AVAILABLE, None, None)


def test_modification_gives_another_profile_and_keeps_the_time_of_installation(
    profile: SpontaneousProfile, operator: User
) -> None:
    concentrator = in_field()
    assert modify(chosen(concentrator), profile, user=operator, now=NOW).changed == 1
    assert facts(concentrator) == (State.IN_FIELD, profile.pk, BEFORE)


def test_modification_leaves_alone_who_has_the_profile_already(profile: SpontaneousProfile, operator: User) -> None:
    same, other = ConcentratorFactory.create(in_field=True, profile=profile), in_field()
    assert modify(chosen(same, other), profile, user=operator, now=NOW).changed == 1
    assert [row.serial_number for row in changes()] == [other.serial_number]


def test_modification_of_those_that_all_have_the_profile_changes_none(
    profile: SpontaneousProfile, operator: User
) -> None:
    same = ConcentratorFactory.create(in_field=True, profile=profile)
    assert modify(chosen(same), profile, user=operator, now=NOW).changed == 0
    assert changes() == []


@pytest.mark.parametrize("not_in_field", [ConcentratorFactory.create, removed])
def test_modification_of_one_not_in_field_refuses_all(
    not_in_field: Any, profile: SpontaneousProfile, operator: User
) -> None:
    installed, other = in_field(), not_in_field()
    before = facts(installed), facts(other)
    with pytest.raises(InstallationError, match=f"Not in field: {other.serial_number}"):
        modify(chosen(installed, other), profile, user=operator, now=NOW)
    assert (facts(installed), facts(other)) == before
    assert changes() == []


def test_removal_takes_out_of_the_field_and_keeps_the_time_of_installation(operator: User) -> None:
    concentrator = in_field()
    assert remove(chosen(concentrator), user=operator, now=NOW).changed == 1
    assert facts(concentrator) == (State.REMOVED, None, BEFORE)


@pytest.mark.parametrize("not_in_field", [ConcentratorFactory.create, removed])
def test_removal_of_one_not_in_field_refuses_all(not_in_field: Any, operator: User) -> None:
    installed, other = in_field(), not_in_field()
    with pytest.raises(InstallationError, match=f"Not in field: {other.serial_number}"):
        remove(chosen(installed, other), user=operator, now=NOW)
    assert facts(installed)[0] == State.IN_FIELD
    assert changes() == []


def test_each_change_has_an_audit_row_with_user_time_and_all_values(
    profile: SpontaneousProfile, operator: User
) -> None:
    with time_machine.travel(BEFORE):
        concentrator = ConcentratorFactory.create(substation="Ñuñoa", customers=7, management_ip="10.60.0.10")
    install(chosen(concentrator), profile, user=operator, now=NOW)
    (row,) = changes()
    assert (row.history_user, row.history_date, row.history_type) == (operator, NOW, "~")
    concentrator.refresh_from_db()
    assert {field.attname: getattr(row, field.attname) for field in Concentrator._meta.concrete_fields} == {
        field.attname: getattr(concentrator, field.attname) for field in Concentrator._meta.concrete_fields
    }
    assert (row.prev_record.state, row.prev_record.profile_id) == (State.AVAILABLE, None)


def test_an_action_has_one_id_and_the_next_one_another(profile: SpontaneousProfile, operator: User) -> None:
    two = chosen(*ConcentratorFactory.create_batch(2))
    install(two, profile, user=operator, now=NOW)
    remove(two, user=operator, now=NOW)
    reasons = [row.history_change_reason for row in sorted(changes(), key=lambda row: row.history_id)]
    assert reasons[0] == reasons[1] != reasons[2] == reasons[3]
    assert [reason.split()[0] for reason in reasons] == ["installation", "installation", "removal", "removal"]


def test_an_action_answers_with_the_id_of_its_audit_rows(profile: SpontaneousProfile, operator: User) -> None:
    done = install(chosen(*ConcentratorFactory.create_batch(2)), profile, user=operator, now=NOW)
    assert {row.history_change_reason for row in changes()} == {f"installation {done.audit_id}"}


@pytest.mark.parametrize("action", [install, modify, remove, make_available])
def test_a_profile_is_given_where_one_is_needed_and_nowhere_else(action: Any, profile: SpontaneousProfile) -> None:
    with pytest.raises(TypeError):
        action(Concentrator.objects.all(), None if action.needs_profile else profile, user=None, now=NOW)


def test_an_action_without_a_user_is_recorded_too(profile: SpontaneousProfile) -> None:
    install(chosen(ConcentratorFactory.create()), profile, user=None, now=NOW)
    assert [row.history_user for row in changes()] == [None]


def test_the_number_of_queries_does_not_grow_with_the_concentrators(
    profile: SpontaneousProfile, operator: User
) -> None:
    def queries(count: int) -> int:
        batch = ConcentratorFactory.create_batch(count, company=CompanyFactory.create())
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert install(chosen(*batch), profile, user=operator, now=NOW).changed == count
        return len(captured)

    assert queries(2) == queries(200) < 35


def test_rows_are_locked_so_that_messages_are_still_counted(profile: SpontaneousProfile, operator: User) -> None:
    concentrator = ConcentratorFactory.create()
    with CaptureQueriesContext(connection) as captured:
        install(chosen(concentrator), profile, user=operator, now=NOW)
    # A foreign key to a concentrator or profile waits for FOR UPDATE, but not for FOR NO KEY UPDATE.
    locks = [query["sql"].partition("FOR ")[2].strip().split(" OF ")[0] for query in captured if "FOR " in query["sql"]]
    expected = ["NO KEY UPDATE", "KEY SHARE", "NO KEY UPDATE"]
    assert locks == (expected if connection.features.has_select_for_no_key_update else [])


@pytest.mark.parametrize("is_named", [True, False])
def test_a_procedure_profile_is_held_whether_it_is_named_or_the_default(is_named: bool) -> None:
    named, default = ProcedureProfileFactory.create(), ProcedureProfile.objects.default()
    with transaction.atomic():
        assert hold_procedure(named if is_named else None) == (named if is_named else default)


def test_a_procedure_profile_that_has_been_deleted_refuses_the_action(
    profile: SpontaneousProfile, operator: User
) -> None:
    one, gone = ConcentratorFactory.create(), ProcedureProfileFactory.create()
    ProcedureProfile.objects.filter(pk=gone.pk).delete()
    with pytest.raises(InstallationError, match="The procedure profile has been deleted meanwhile"):
        install(chosen(one), profile, user=operator, now=NOW, procedure=gone)
    assert facts(one) == (State.AVAILABLE, None, None)
