"""The procedure profile that is chosen for an installation, a modification, a removal or a file (PRC-1)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time
from typing import Any

import pytest
from django.test import Client

from concentrators.models import Company, Concentrator, State
from concentrators.procedures import actions, held, pages
from profiles.models import ProcedureProfile, SpontaneousProfile
from tests.concentrators.procedures.choices import PAGES, ask, confirm, questions, url
from tests.factories import ConcentratorFactory, ProcedureProfileFactory
from tests.smmeplus.translation.markup import alerts, field, options, parse, selected, text, with_class

pytestmark = pytest.mark.one_database

GONE = "The procedure profile has been deleted meanwhile; choose another one."
BY_DEFAULT = "Procedure profile “At once”: in one wave; writes begin at any hour."


@pytest.fixture
def careful(db: None) -> ProcedureProfile:
    return ProcedureProfileFactory.create(
        name="Careful", waves="10, 100, all", begin_hour=time(22), end_hour=time(5), disables_on_removal=True
    )


@pytest.fixture
def chosen(chile: Company, profile: SpontaneousProfile) -> Callable[[str], dict[str, Any]]:
    """What a page posts with two concentrators chosen that it offers."""

    def chosen(view: str) -> dict[str, Any]:
        is_new = view == "installation"
        two = ConcentratorFactory.create_batch(2, company=chile, in_field=not is_new)
        keys = {"concentrator": [one.pk for one in two]}
        return keys if view == "removal" else keys | {"profile": profile.pk}

    return chosen


@pytest.fixture
def carried_out(monkeypatch: pytest.MonkeyPatch) -> list[ProcedureProfile | None]:
    """By which procedure profiles actions are carried out."""
    found: list[ProcedureProfile | None] = []
    real = held.hold_procedure

    def hold(procedure: ProcedureProfile | None) -> ProcedureProfile:
        found.append(procedure)
        return real(procedure)

    monkeypatch.setattr(actions, "hold_procedure", hold)
    return found


@pytest.mark.parametrize("view", PAGES)
def test_the_drop_down_offers_each_and_begins_with_the_default(
    client: Client, careful: ProcedureProfile, view: str
) -> None:
    default = ProcedureProfile.objects.default()
    page = parse(client.get(url(view)))
    assert options(page, "procedure") == {str(default.pk): "At once", str(careful.pk): "Careful"}
    assert selected(page, "procedure") == str(default.pk)
    assert field(page, "procedure").get("form") == "chosen"


@pytest.mark.parametrize("view", PAGES)
def test_the_question_says_how_it_is_carried_out(
    client: Client, careful: ProcedureProfile, chosen: Callable[[str], dict[str, Any]], view: str
) -> None:
    dialog = ask(client, view, procedure=careful.pk, **chosen(view))
    assert len(questions(dialog)) == 1
    assert [text(note) for note in with_class(dialog, "note")] == [
        "Procedure profile “Careful”: in waves of 10, 100, all; writes begin 22:00\N{EN DASH}05:00."
    ]


@pytest.mark.parametrize(
    ("view", "said"),
    [
        ("installation", "0.000 → 0.003 messages a second. The largest burst: 2 first wake-ups,"),
        ("modification", "0.003 → 0.003 messages a second. The largest burst: 2 first wake-ups,"),
        ("removal", "0.003 → 0.000 messages a second."),
    ],
)
def test_the_question_states_the_load(
    client: Client, chosen: Callable[[str], dict[str, Any]], view: str, said: str
) -> None:
    (load,) = with_class(ask(client, view, **chosen(view)), "load")
    assert text(load).startswith(f"Wake-ups of this company: {said}")


@pytest.mark.parametrize("view", PAGES)
def test_without_a_choice_it_is_the_default(
    client: Client, chosen: Callable[[str], dict[str, Any]], view: str, carried_out: list[Any]
) -> None:
    fields = chosen(view)
    assert [text(note) for note in with_class(ask(client, view, **fields), "note")] == [BY_DEFAULT]
    confirm(client, view, 2, **fields)
    assert carried_out == [None]


@pytest.mark.parametrize("view", PAGES)
def test_the_action_is_carried_out_by_the_chosen_one(
    client: Client,
    careful: ProcedureProfile,
    chosen: Callable[[str], dict[str, Any]],
    view: str,
    carried_out: list[Any],
) -> None:
    assert "HX-Redirect" in confirm(client, view, 2, procedure=careful.pk, **chosen(view))
    assert carried_out == [careful]


def test_only_a_removal_that_disables_the_wakeup_says_so(
    client: Client, careful: ProcedureProfile, chosen: Callable[[str], dict[str, Any]]
) -> None:
    said = "The wake-up inside the concentrators is disabled, too."
    fields = {view: chosen(view) for view in PAGES}
    assert said in text(ask(client, "removal", procedure=careful.pk, **fields["removal"]))
    assert said not in text(ask(client, "removal", **fields["removal"]))
    assert said not in text(ask(client, "modification", procedure=careful.pk, **fields["modification"]))
    one = {"concentrator": fields["removal"]["concentrator"][:1]}
    assert "inside the concentrator is disabled, too." in text(ask(client, "removal", procedure=careful.pk, **one))


@pytest.mark.parametrize("view", PAGES)
@pytest.mark.parametrize("garbage", ["0", "999999", "9" * 30, "x", "-1", "\0", "At once"])
def test_what_is_no_procedure_profile_is_refused(
    client: Client, chosen: Callable[[str], dict[str, Any]], view: str, garbage: str
) -> None:
    fields = chosen(view)
    before = list(Concentrator.objects.values_list("state", "profile"))
    said = "Null characters are not allowed." if garbage == "\0" else GONE
    assert alerts(ask(client, view, procedure=garbage, **fields)) == [said]
    confirm(client, view, 2, procedure=garbage, **fields)
    assert list(Concentrator.objects.values_list("state", "profile")) == before


def test_one_that_is_deleted_at_the_last_moment_refuses_the_installation(
    client: Client,
    careful: ProcedureProfile,
    chosen: Callable[[str], dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    act = pages.ChoosePage._act

    def after_a_deletion(page: pages.ChoosePage, *args: Any) -> Any:
        ProcedureProfile.objects.filter(pk=careful.pk).delete()
        return act(page, *args)

    monkeypatch.setattr(pages.ChoosePage, "_act", after_a_deletion)
    answer = confirm(client, "installation", 2, procedure=careful.pk, **chosen("installation"))
    assert alerts(parse(answer)) == [GONE]
    assert set(Concentrator.objects.values_list("state", flat=True)) == {State.AVAILABLE}


def test_the_question_about_many_repeats_it(
    client: Client,
    careful: ProcedureProfile,
    chosen: Callable[[str], dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pages, "LONG", 1)
    dialog = ask(client, "removal", procedure=careful.pk, **chosen("removal"))
    hidden = {one.get("name"): one.get("value") for one in dialog.iter("input") if one.get("type") == "hidden"}
    assert hidden["procedure"] == str(careful.pk)
