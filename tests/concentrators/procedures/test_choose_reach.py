"""How far a choice reaches: all that match a search, and never beyond what the page offers (CON-3, ACC-1)."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from concentrators.models import Company, Concentrator, State
from profiles.models import SpontaneousProfile
from tests.concentrators.procedures.choices import CHANGED, CHANGED_BY_ANOTHER, PAGES, ask, confirm, questions
from tests.factories import CompanyFactory, ConcentratorFactory
from tests.smmeplus.translation.markup import alerts, parse, texts
from tests.smmeplus.users import make_operator

pytestmark = pytest.mark.one_database


def make(serial: str, company: Company, view: str = "installation", **values: Any) -> Concentrator:
    """A concentrator that ``view`` offers."""
    return ConcentratorFactory.create(serial_number=serial, company=company, in_field=view != "installation", **values)


def changed() -> set[str]:
    """The serial numbers of those that were changed since they were made."""
    return set(Concentrator.history.filter(history_type="~").values_list("serial_number", flat=True))


@pytest.mark.parametrize("view", PAGES)
def test_all_that_match_are_searched_again_over_all_pages(
    client: Client, chile: Company, profile: SpontaneousProfile, view: str
) -> None:
    for number in range(30):
        make(f"MATCH{number:02}", chile, view)
    make("OTHER", chile, view)
    choice = {"all": "match", "profile": profile.pk}
    assert "30 concentrators" in questions(ask(client, view, **choice))[0]
    confirm(client, view, 30, **choice)
    assert changed() == {f"MATCH{number:02}" for number in range(30)}


def test_all_without_a_search_is_all_that_the_page_offers(
    client: Client, chile: Company, profile: SpontaneousProfile
) -> None:
    for serial in ("A1", "A2"):
        make(serial, chile)
    make("FIELD", chile, "removal")
    make("REMOVED", chile, state=State.REMOVED)
    make("OTHER", CompanyFactory.create())
    confirm(client, "installation", 2, all="", profile=profile.pk)
    assert changed() == {"A1", "A2"}


def test_one_that_came_since_the_question_is_asked_about_first(
    client: Client, chile: Company, profile: SpontaneousProfile
) -> None:
    choice = {"all": "", "profile": profile.pk}
    make("A1", chile)
    assert questions(ask(client, "installation", **choice)) == ["Install 1 concentrator with profile “Ten”?"]
    make("A2", chile)
    dialog = parse(confirm(client, "installation", 1, **choice))
    assert alerts(dialog) == [CHANGED]
    assert questions(dialog) == ["Install 2 concentrators with profile “Ten”?"]
    assert changed() == set()


def test_a_search_that_matches_nothing_is_said(client: Client, chile: Company, profile: SpontaneousProfile) -> None:
    make("A1", chile)
    assert alerts(ask(client, "installation", all="nothing", profile=profile.pk)) == [CHANGED_BY_ANOTHER]


@pytest.mark.parametrize("view", PAGES)
def test_concentrators_of_another_company_are_never_reached(
    client: Client, chile: Company, profile: SpontaneousProfile, view: str
) -> None:
    own, strange = make("OWN", chile, view), make("STRANGE", CompanyFactory.create(), view)
    choice = {"concentrator": [own.pk, strange.pk], "profile": profile.pk}
    assert "1 concentrator" in questions(ask(client, view, **choice))[0]
    for count in (1, 2):
        confirm(client, view, count, **choice)
    assert changed() == {"OWN"}
    assert alerts(ask(client, view, concentrator=strange.pk, profile=profile.pk)) == [CHANGED_BY_ANOTHER]


@pytest.mark.parametrize("choice", [{"concentrator": "own"}, {"all": ""}])
def test_naming_a_strangers_company_in_the_url_reaches_ones_own_only(
    client: Client, chile: Company, profile: SpontaneousProfile, choice: dict[str, Any]
) -> None:
    own, strange = make("OWN", chile), make("STRANGE", CompanyFactory.create())
    if "concentrator" in choice:
        choice = {"concentrator": [own.pk, strange.pk]}
    address = f"{reverse('concentrators:installation')}?company={strange.company_id}"
    client.post(address, choice | {"profile": profile.pk, "confirmed": "1"})
    assert changed() == {"OWN"}


@pytest.mark.parametrize("view", PAGES)
def test_a_user_of_another_company_changes_nothing(chile: Company, profile: SpontaneousProfile, view: str) -> None:
    theirs = make("THEIRS", chile, view)
    stranger = Client()
    stranger.force_login(make_operator(CompanyFactory.create()))
    for choice in ({"concentrator": theirs.pk}, {"all": ""}, {"all": "", "concentrator": theirs.pk}):
        dialog = parse(confirm(stranger, view, 1, profile=profile.pk, **choice))
        assert alerts(dialog) == [CHANGED_BY_ANOTHER]
    assert changed() == set()


@pytest.mark.parametrize("view", PAGES)
def test_who_belongs_to_no_company_changes_nothing(chile: Company, profile: SpontaneousProfile, view: str) -> None:
    make("A1", chile, view)
    nobody = Client()
    nobody.force_login(make_operator(name="nobody"))
    confirm(nobody, view, 1, all="", profile=profile.pk)
    assert changed() == set()


@pytest.mark.parametrize(
    ("view", "state"),
    [
        ("installation", State.IN_FIELD),
        ("installation", State.REMOVED),
        ("modification", State.AVAILABLE),
        ("modification", State.REMOVED),
        ("removal", State.AVAILABLE),
        ("removal", State.REMOVED),
    ],
)
def test_concentrators_in_another_state_are_never_reached(
    client: Client, chile: Company, profile: SpontaneousProfile, view: str, state: State
) -> None:
    other = ConcentratorFactory.create(company=chile, in_field=state == State.IN_FIELD, state=state)
    assert alerts(ask(client, view, concentrator=other.pk, profile=profile.pk)) == [CHANGED_BY_ANOTHER]
    confirm(client, view, 1, concentrator=other.pk, profile=profile.pk)
    assert changed() == set()


@pytest.mark.parametrize(
    "garbage",
    ["-1", "1.5", "x", "²", "9" * 19, "9" * 5000, "\0", "' OR 1=1 --"],
)
def test_garbage_for_a_concentrator_is_refused_and_nothing_done(
    client: Client, chile: Company, profile: SpontaneousProfile, garbage: str
) -> None:
    one = make("A1", chile)
    dialog = parse(confirm(client, "installation", 2, concentrator=[one.pk, garbage], profile=profile.pk))
    assert texts(dialog, ".//h1") == ["Concentrator installation"]
    assert alerts(dialog) == [f"Select a valid choice. {garbage} is not one of the available choices."]
    assert changed() == set()


@pytest.mark.parametrize("key", ["0", "9" * 18, "٣" * 18])
def test_the_key_of_no_concentrator_is_left_out(
    client: Client, chile: Company, profile: SpontaneousProfile, key: str
) -> None:
    one = make("A1", chile)
    dialog = ask(client, "installation", concentrator=[one.pk, key], profile=profile.pk)
    assert questions(dialog) == ["Install 1 concentrator with profile “Ten”?"]


@pytest.mark.parametrize("garbage", ["-1", "x", "9" * 30])
def test_garbage_for_the_profile_is_refused_and_nothing_done(client: Client, chile: Company, garbage: str) -> None:
    one = make("A1", chile)
    dialog = parse(confirm(client, "installation", 1, concentrator=one.pk, profile=garbage))
    assert alerts(dialog) == ["The profile has been deleted meanwhile; select another one."]
    assert changed() == set()


def test_garbage_for_the_search_of_all_is_refused(client: Client, chile: Company, profile: SpontaneousProfile) -> None:
    make("A1", chile)
    dialog = parse(confirm(client, "installation", 1, all="A\0", profile=profile.pk))
    assert alerts(dialog) == ["Null characters are not allowed."]
    assert changed() == set()
