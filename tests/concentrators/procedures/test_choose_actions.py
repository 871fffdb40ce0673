"""Installation, modification, removal: what they ask and do (CON-2 to CON-4)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.test import Client

from concentrators.models import Company, Concentrator, State
from concentrators.procedures import actions, held
from profiles.models import SpontaneousProfile
from tests.concentrators.procedures.choices import CHANGED, CHANGED_BY_ANOTHER, PAGES, ask, confirm, questions, url
from tests.factories import ConcentratorFactory, SpontaneousProfileFactory
from tests.smmeplus.translation.markup import alerts, field, links, parse, texts

pytestmark = [pytest.mark.one_database, pytest.mark.time]

NOW = datetime(2026, 3, 14, 7, 15, tzinfo=UTC)


def said_after(client: Client, view: str) -> list[str]:
    """What the page says when it comes again."""
    return alerts(parse(client.get(url(view))))


def states() -> dict[str, tuple[str, str | None]]:
    """State and profile of each concentrator."""
    return {
        one.serial_number: (one.state, one.profile.name if one.profile else None) for one in Concentrator.objects.all()
    }


@pytest.fixture
def available(chile: Company) -> list[int]:
    """The keys of A1, A2 and A3."""
    return [ConcentratorFactory.create(company=chile, serial_number=f"A{number}").pk for number in (1, 2, 3)]


@pytest.fixture
def in_field(chile: Company) -> list[int]:
    """The keys of F1, F2 and F3, which have the profile "Old" since 2020."""
    old = SpontaneousProfileFactory.create(name="Old")
    since = datetime(2020, 9, 24, tzinfo=UTC)
    return [
        ConcentratorFactory.create(
            company=chile, serial_number=f"F{number}", in_field=True, profile=old, installed_at=since
        ).pk
        for number in (1, 2, 3)
    ]


@pytest.mark.parametrize(("count", "words"), [(1, "1 concentrator"), (2, "2 concentrators")])
def test_an_installation_is_asked_with_its_number_and_not_yet_done(
    client: Client, available: list[int], profile: SpontaneousProfile, count: int, words: str
) -> None:
    dialog = ask(client, "installation", concentrator=available[:count], profile=profile.pk)
    assert texts(dialog, ".//h1") == ["Concentrator installation"]
    assert questions(dialog) == [f"Install {words} with profile “Ten”?"]
    assert texts(dialog, ".//footer/button") == ["Cancel", "Install"]
    assert dialog.findall(".//footer/button")[-1].get("value") == str(count)
    assert {state for state, _profile in states().values()} == {State.AVAILABLE}


@pytest.mark.parametrize(
    ("count", "words"), [(1, "1 concentrator was installed"), (2, "2 concentrators were installed")]
)
@time_machine.travel(NOW, tick=False)
def test_a_confirmed_installation_puts_the_chosen_into_the_field(
    client: Client, operator: User, available: list[int], profile: SpontaneousProfile, count: int, words: str
) -> None:
    done = confirm(client, "installation", count, concentrator=available[:count], profile=profile.pk)
    assert done["HX-Redirect"] == url("installation")
    for one in Concentrator.objects.filter(pk__in=available[:count]):
        assert (one.state, one.profile, one.installed_at) == (State.IN_FIELD, profile, NOW)
    assert Concentrator.objects.filter(state=State.AVAILABLE).count() == 3 - count
    assert said_after(client, "installation") == [f"{words} with profile “Ten”. Show them"]


def test_every_change_is_a_row_of_history_by_the_user_under_one_id(
    client: Client, operator: User, available: list[int], profile: SpontaneousProfile
) -> None:
    confirm(client, "installation", 2, concentrator=available[:2], profile=profile.pk)
    rows = Concentrator.history.filter(history_type="~")
    assert [row.serial_number for row in rows.order_by("serial_number")] == ["A1", "A2"]
    assert {row.history_user for row in rows} == {operator}
    assert len({row.history_change_reason for row in rows}) == 1


def test_a_modification_asks_and_gives_another_profile(
    client: Client, in_field: list[int], profile: SpontaneousProfile
) -> None:
    chosen = {"concentrator": in_field[:2], "profile": profile.pk}
    assert questions(ask(client, "modification", **chosen)) == ["Give 2 concentrators the profile “Ten”?"]
    confirm(client, "modification", 2, **chosen)
    assert states() == {"F1": ("in field", "Ten"), "F2": ("in field", "Ten"), "F3": ("in field", "Old")}
    assert {one.installed_at for one in Concentrator.objects.all()} == {datetime(2020, 9, 24, tzinfo=UTC)}
    assert said_after(client, "modification") == ["2 concentrators got the profile “Ten”. Show them"]


@pytest.mark.parametrize(
    ("others", "words"),
    [(1, "1 concentrator got"), (2, "2 concentrators got")],
)
def test_a_modification_says_how_many_got_the_profile_that_had_another(
    client: Client, in_field: list[int], profile: SpontaneousProfile, others: int, words: str
) -> None:
    Concentrator.objects.filter(pk__in=in_field[others:]).update(profile=profile)
    confirm(client, "modification", 3, concentrator=in_field, profile=profile.pk)
    assert said_after(client, "modification") == [f"{words} the profile “Ten”. Show them"]
    assert Concentrator.history.filter(history_type="~").count() == others


@pytest.mark.parametrize(
    ("count", "question", "said"),
    [
        (1, "Remove 1 concentrator from the field? Its history stays.", "1 concentrator was removed"),
        (2, "Remove 2 concentrators from the field? Their history stays.", "2 concentrators were removed"),
    ],
)
def test_a_removal_asks_and_takes_out_of_the_field(
    client: Client, in_field: list[int], count: int, question: str, said: str
) -> None:
    assert questions(ask(client, "removal", concentrator=in_field[:count])) == [question]
    confirm(client, "removal", count, concentrator=in_field[:count])
    removed = Concentrator.objects.filter(state=State.REMOVED)
    assert [one.pk for one in removed] == in_field[:count]
    assert all(one.profile is None for one in removed)
    assert said_after(client, "removal") == [f"{said} from the field. Show them"]


@pytest.mark.parametrize("view", PAGES)
def test_the_sentence_leads_to_what_was_changed(
    client: Client, available: list[int], in_field: list[int], profile: SpontaneousProfile, view: str
) -> None:
    chosen = available[:2] if view == "installation" else in_field[:2]
    confirm(client, view, 2, concentrator=chosen, profile=profile.pk)
    list_of_them = parse(client.get(links(parse(client.get(url(view))))["Show them"]))
    assert "Total items: 2" in texts(list_of_them, ".//span[@class='total']")
    assert field(list_of_them, "company").get("name") == "company"


@pytest.mark.parametrize("view", ["installation", "modification"])
@pytest.mark.parametrize("nothing", [{}, {"profile": ""}])
def test_every_choice_that_is_missing_is_named(client: Client, chile: Company, view: str, nothing: Any) -> None:
    dialog = ask(client, view, **nothing)
    assert alerts(dialog) == ["Select exactly one spontaneous profile.", "Select at least one concentrator."]
    assert texts(dialog, ".//footer/button") == ["Close"]


def test_a_removal_needs_concentrators_and_no_profile(client: Client, chile: Company) -> None:
    assert alerts(ask(client, "removal")) == ["Select at least one concentrator."]


@pytest.mark.parametrize("confirmed", [{}, {"confirmed": "3"}])
def test_a_deleted_profile_is_said_and_nothing_done(client: Client, available: list[int], confirmed: Any) -> None:
    dialog = ask(client, "installation", concentrator=available, profile=999, **confirmed)
    assert alerts(dialog) == ["The profile has been deleted meanwhile; select another one."]
    assert Concentrator.history.filter(history_type="~").count() == 0


def test_if_somebody_was_faster_with_all_of_them_it_is_said_and_nothing_done(
    client: Client, available: list[int], profile: SpontaneousProfile
) -> None:
    chosen = {"concentrator": available, "profile": profile.pk}
    assert questions(ask(client, "installation", **chosen)) == ["Install 3 concentrators with profile “Ten”?"]
    confirm(client, "installation", 3, concentrator=available, profile=SpontaneousProfileFactory.create().pk)
    before = states()
    assert alerts(parse(confirm(client, "installation", 3, **chosen))) == [CHANGED_BY_ANOTHER]
    assert states() == before


def test_if_somebody_was_faster_with_one_of_them_the_rest_is_asked_again(
    client: Client, available: list[int], profile: SpontaneousProfile
) -> None:
    confirm(client, "installation", 1, concentrator=available[:1], profile=profile.pk)
    before = states()
    dialog = parse(confirm(client, "installation", 3, concentrator=available, profile=profile.pk))
    assert alerts(dialog) == [CHANGED]
    assert questions(dialog) == ["Install 2 concentrators with profile “Ten”?"]
    assert states() == before


def test_if_somebody_is_faster_at_the_last_moment_all_of_it_is_refused(
    client: Client, available: list[int], profile: SpontaneousProfile, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = Concentrator.objects.filter(pk=available[0])
    real = held.locked

    def locked_after_somebody(concentrators: QuerySet[Concentrator]) -> QuerySet[Concentrator]:
        taken.update(state=State.IN_FIELD, profile=profile, installed_at=NOW)
        return real(concentrators)

    monkeypatch.setattr(actions, "locked", locked_after_somebody)
    dialog = parse(confirm(client, "installation", 3, concentrator=available, profile=profile.pk))
    assert alerts(dialog) == ["In field already: A1. Give them another profile with “Concentrator modification”."]
    assert texts(dialog, ".//footer/button") == ["Close"]
    assert Concentrator.objects.filter(profile=profile).exclude(pk=available[0]).count() == 0


@pytest.mark.parametrize("view", PAGES)
def test_a_second_confirmation_of_the_same_does_nothing(
    client: Client, available: list[int], in_field: list[int], profile: SpontaneousProfile, view: str
) -> None:
    chosen = {"concentrator": available if view == "installation" else in_field, "profile": profile.pk}
    confirm(client, view, 3, **chosen)
    changes = Concentrator.history.count()
    assert confirm(client, view, 3, **chosen).status_code == 200
    assert Concentrator.history.count() == changes


@pytest.mark.parametrize("number", ["", "0", "-3", "x", "yes", "٣"])
def test_a_confirmation_without_the_number_is_asked_again(
    client: Client, available: list[int], profile: SpontaneousProfile, number: Any
) -> None:
    dialog = ask(client, "installation", concentrator=available, profile=profile.pk, confirmed=number)
    assert alerts(dialog) == [CHANGED]
    assert {state for state, _profile in states().values()} == {State.AVAILABLE}
