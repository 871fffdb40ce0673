"""A selection of ticks and searches on the pages of two tables (CON-3, UI-7)."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from concentrators.models import Company, Concentrator, State
from profiles.models import SpontaneousProfile, SystemSettings
from tests.concentrators.procedures.choices import (
    PAGES,
    ask,
    confirm,
    questions,
    selected_items,
    table,
    ticked,
    url,
)
from tests.factories import CompanyFactory, ConcentratorFactory
from tests.smmeplus.translation.markup import alerts, field, parse, rows, text, with_class

pytestmark = pytest.mark.one_database

MOST_QUERIES = 9


@pytest.fixture
def keys(chile: Company) -> dict[str, int]:
    """The keys of A0 to A4, B0 to B4 and C0 to C4, all available, by serial number."""
    serials = [f"{letter}{number}" for letter in "ABC" for number in range(5)]
    return {serial: _make(chile, serial) for serial in serials}


def _make(company: Company, serial: str, **values: Any) -> int:
    return int(ConcentratorFactory.create(company=company, serial_number=serial, manufacturer="", **values).pk)


def changed() -> set[str]:
    return set(Concentrator.history.filter(history_type="~").values_list("serial_number", flat=True))


def test_ticks_and_searches_add_up_and_count_nothing_twice(
    client: Client, keys: dict[str, int], profile: SpontaneousProfile
) -> None:
    choice: dict[str, Any] = {"all": ["A", "a", "4"], "concentrator": [keys["A0"], keys["B1"]], "profile": profile.pk}
    chosen = {"A0", "A1", "A2", "A3", "A4", "B1", "B4", "C4"}
    assert selected_items(table(client, "installation", **choice)) == len(chosen)
    assert questions(ask(client, "installation", **choice)) == ["Install 8 concentrators with profile “Ten”?"]
    confirm(client, "installation", 8, **choice)
    assert changed() == chosen


def test_what_was_unticked_is_left_out_of_the_searches_before(
    client: Client, keys: dict[str, int], profile: SpontaneousProfile
) -> None:
    choice: dict[str, Any] = {"all": ["A", "0"], "less": [f"1:{keys['A0']}", f"2:{keys['A1']}"], "profile": profile.pk}
    assert ticked(table(client, "installation", **choice)) == ["A0", "A2", "A3", "A4", "B0", "C0"]
    confirm(client, "installation", 6, **choice)
    assert changed() == {"A0", "A2", "A3", "A4", "B0", "C0"}


def test_a_table_comes_with_its_boxes_ticked_whatever_it_shows(client: Client, keys: dict[str, int]) -> None:
    choice: dict[str, Any] = {"all": "A", "concentrator": keys["C4"]}
    searched = table(client, "installation", "?c-q=4&c-sort=-serial_number", **choice)
    assert [row[0] for row in rows(searched)] == ["C4", "B4", "A4"]
    assert ticked(searched) == ["C4", "A4"]
    assert selected_items(searched) == 6


def test_what_is_selected_is_shown_alone_and_searched_in(client: Client, keys: dict[str, int]) -> None:
    choice: dict[str, Any] = {"all": "A", "concentrator": keys["C4"]}
    alone = table(client, "installation", "?c-selected=1", **choice)
    assert ticked(alone) == [row[0] for row in rows(alone)] == ["A0", "A1", "A2", "A3", "A4", "C4"]
    assert "Select all" not in text(alone)
    searched = table(client, "installation", "?c-selected=1&c-q=4", **choice)
    assert [row[0] for row in rows(searched)] == ["A4", "C4"]
    assert selected_items(searched) == 6
    assert "Nothing that matches is selected." in text(table(client, "installation", "?c-selected=1"))


def test_a_table_asked_for_without_a_selection_has_none(client: Client, keys: dict[str, int]) -> None:
    headers = {"HX-Request": "true", "HX-Target": "choose-concentrators"}
    shown = parse(client.get(url("installation"), headers=headers))
    assert (ticked(shown), selected_items(shown)) == ([], 0)


@pytest.mark.parametrize(
    "nonsense", [{"less": "1:x"}, {"less": "17"}, {"less": "-1:5"}, {"since": "yesterday"}, {"all": "A\0"}]
)
def test_nonsense_in_a_selection_is_refused_and_changes_nothing(
    client: Client, keys: dict[str, int], profile: SpontaneousProfile, nonsense: dict[str, str]
) -> None:
    choice: dict[str, Any] = {"concentrator": keys["A0"], "profile": profile.pk, **nonsense}
    assert len(alerts(parse(confirm(client, "installation", 1, **choice)))) == 1
    assert selected_items(table(client, "installation", **choice)) == 0
    assert changed() == set()


def test_too_many_searches_or_ticks_are_refused(client: Client, chile: Company, profile: SpontaneousProfile) -> None:
    assert alerts(ask(client, "installation", all=["A"] * 51, profile=profile.pk)) == [
        "At most 50 searches can be selected together."
    ]
    for name, value in (("concentrator", "1"), ("less", "1:1")):
        assert alerts(ask(client, "installation", **{name: [value] * 10_001}, profile=profile.pk)) == [
            "At most 10000 can be ticked one by one. Search, and select all that match."
        ]


@pytest.mark.parametrize("view", PAGES)
def test_fifty_searches_cost_no_more_queries_than_one(
    client: Client, chile: Company, profile: SpontaneousProfile, view: str
) -> None:
    SystemSettings.objects.filter().update(environment_name="Production")
    for number in range(30):
        ConcentratorFactory.create(company=chile, serial_number=f"A{number:02}", in_field=view != "installation")
    choice: dict[str, Any] = {
        "all": [f"A{number:02}" for number in range(50)],
        "concentrator": list(Concentrator.objects.values_list("pk", flat=True))[:5],
        "since": "2020-01-01T00:00:00+00:00",
        "profile": profile.pk,
    }
    for act in (table, ask):
        with CaptureQueriesContext(connection) as captured:
            act(client, view, **choice)
        # The question asks for what would be done, too, and PostgreSQL for the types that match.
        assert len(captured) <= MOST_QUERIES + (act is ask), "\n".join(query["sql"][:150] for query in captured)


@pytest.mark.parametrize("view", PAGES)
def test_the_question_names_the_first_twenty_and_leads_to_all(
    client: Client, chile: Company, profile: SpontaneousProfile, view: str
) -> None:
    serials = [f"S{number:02}" for number in range(23)]
    for serial in serials:
        ConcentratorFactory.create(company=chile, serial_number=serial, in_field=view != "installation")
    choice: dict[str, Any] = {"all": "S", "profile": profile.pk}
    dialog = ask(client, view, **choice)
    (listed,) = with_class(dialog, "serials")
    assert [text(one) for one in listed] == serials[:20]
    assert "and 3 more." in text(dialog)
    assert "All 23 serial numbers as a file" in text(dialog)
    file = client.post(url(view), choice | {"serials": "csv"})
    assert file["Content-Disposition"].startswith("attachment")
    lines = file.getvalue().decode().splitlines()
    assert [line.split(",")[0] for line in lines[1:]] == serials
    assert changed() == set()


def test_one_alone_is_named_without_more(client: Client, keys: dict[str, int], profile: SpontaneousProfile) -> None:
    dialog = ask(client, "installation", concentrator=keys["A0"], profile=profile.pk)
    assert [text(one) for one in with_class(dialog, "serials")] == ["A0"]
    assert "more" not in text(dialog)
    assert "The serial number as a file" in text(dialog)


@pytest.mark.parametrize("chosen", [{"all": ""}, {"concentrator": ["1", "x"]}, {}])
def test_the_file_has_nothing_of_others(client: Client, chile: Company, chosen: dict[str, Any]) -> None:
    ConcentratorFactory.create(serial_number="STRANGE", company=CompanyFactory.create())
    file = client.post(url("installation"), chosen | {"serials": "csv"})
    assert len(file.getvalue().decode().splitlines()) == 1


def test_taking_out_of_the_field_is_red_and_nothing_else(
    client: Client, chile: Company, profile: SpontaneousProfile
) -> None:
    for view in PAGES:
        one = _make(chile, f"R{view}", in_field=view != "installation")
        dialog = ask(client, view, concentrator=one, profile=profile.pk)
        is_red = view == "removal"
        assert len(with_class(dialog, "takes-out")) == is_red
        assert len(with_class(dialog, "btn-danger")) == is_red
        assert len(with_class(parse(client.get(url(view))), "btn-danger")) == is_red


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (1, "The selected concentrator has the profile “Ten” already. There is nothing to do."),
        (2, "All 2 selected concentrators have the profile “Ten” already. There is nothing to do."),
    ],
)
def test_nothing_to_do_is_said_and_not_asked(
    client: Client, chile: Company, profile: SpontaneousProfile, number: int, said: str
) -> None:
    for place in range(number):
        _make(chile, f"F{place}", in_field=True, profile=profile)
    choice: dict[str, Any] = {"all": "F", "profile": profile.pk}
    for dialog in (
        ask(client, "modification", **choice),
        parse(confirm(client, "modification", number, **choice)),
    ):
        assert alerts(dialog) == [said]
        assert questions(dialog) == []
        assert not with_class(dialog, "alert-success")
    assert changed() == set()


def test_those_that_have_the_profile_already_are_not_counted(
    client: Client, chile: Company, profile: SpontaneousProfile
) -> None:
    _make(chile, "F0", in_field=True, profile=profile)
    _make(chile, "F1", in_field=True)
    dialog = ask(client, "modification", all="F", profile=profile.pk)
    assert questions(dialog) == ["Give 1 concentrator the profile “Ten”?"]
    assert "1 of those selected has this profile already, and stays as it is." in text(dialog)
    confirm(client, "modification", 2, all="F", profile=profile.pk)
    assert changed() == {"F1"}


def test_another_one_instead_is_asked_about_although_the_number_is_the_same(
    client: Client, keys: dict[str, int], profile: SpontaneousProfile
) -> None:
    choice: dict[str, Any] = {"all": "A", "profile": profile.pk}
    seal = field(ask(client, "installation", **choice), "seal").get("value")
    Concentrator.objects.filter(serial_number="A0").update(state=State.REMOVED)
    ConcentratorFactory.create(serial_number="A9", company=Company.objects.get(), manufacturer="")
    dialog = parse(confirm(client, "installation", 5, seal=seal, **choice))
    assert len(questions(dialog)) == 1
    assert alerts(dialog) == ["What you chose has changed meanwhile, so nothing was done. Look once more:"]
    assert changed() == set()
    confirm(client, "installation", 5, seal=field(dialog, "seal").get("value"), **choice)
    assert changed() == {"A1", "A2", "A3", "A4", "A9"}
