"""Dialogs about a profile that somebody has deleted in the meantime (UI-9)."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from concentrators.models import Company
from profiles.models import ProcedureProfile, SpontaneousProfile
from tests.factories import ConcentratorFactory, SpontaneousProfileFactory
from tests.smmeplus.translation.markup import alerts, links, parse, texts
from tests.smmeplus.users import client_of, make_operator

pytestmark = [pytest.mark.usefixtures("configured"), pytest.mark.one_database]

HTMX = {"HX-Request": "true", "HX-Current-URL": "http://testserver/profiles/?sort=-name"}
TYPED = {"name": "Typed with care", "wakeup_enabled": "on", "wakeup_period": "20", "seen": "x"}


@pytest.fixture
def gone(administrator: User) -> int:
    """The key of a profile “Ten”, which the administrator has deleted."""
    profile = SpontaneousProfileFactory.create(name="Ten")
    key = profile.pk
    client_of(administrator).post(reverse("profiles:delete", args=[key]))
    return key


@pytest.mark.parametrize("action", ["show", "change", "clone", "delete"])
def test_a_dialog_says_who_deleted_it_and_leads_back(client: Client, gone: int, action: str) -> None:
    answer = client.get(reverse(f"profiles:{action}", args=[gone]), headers=HTMX)
    dialog = parse(answer)
    assert (answer.status_code, answer["HX-Retarget"]) == (404, "#dialog")
    [said] = alerts(dialog)
    assert said.startswith("“Ten” was deleted by administrator at ")
    assert links(dialog)["Back"] == "/profiles/?sort=-name"


@pytest.mark.parametrize("headers", [HTMX, {}])
def test_what_was_typed_is_said(client: Client, gone: int, headers: dict[str, str]) -> None:
    answer = client.post(reverse("profiles:change", args=[gone]), TYPED, headers=headers)
    dialog = parse(answer)
    assert answer.status_code == 404
    found = dict(zip(texts(dialog, ".//dl/dt"), texts(dialog, ".//dl/dd"), strict=True))
    assert found == {"name": "Typed with care", "wake up enabled": "on", "wakeup period min": "20"}
    assert not SpontaneousProfile.objects.exists()


def test_a_procedure_profile_says_so_too(client: Client, administrator: User) -> None:
    profile = ProcedureProfile.objects.create(name="Night")
    url = reverse("procedures:default", args=[profile.pk])
    client_of(administrator).post(reverse("procedures:delete", args=[profile.pk]))
    [said] = alerts(parse(client.post(url, headers=HTMX)))
    assert said.startswith("“Night” was deleted by administrator at ")


def test_what_never_was_has_no_name(client: Client) -> None:
    assert alerts(parse(client.get(reverse("profiles:show", args=[999]), headers=HTMX))) == [
        "This is not there any more, or it is not for you. Nothing was changed."
    ]


def test_of_a_concentrator_of_others_nothing_is_said(chile: Company) -> None:
    client, one = client_of(make_operator(name="of nobody")), ConcentratorFactory.create(company=chile)
    said = client.get(reverse("concentrator:change", args=[one.serial_number]), headers=HTMX).content.decode()
    assert "This is not there any more, or it is not for you." in said
    assert one.serial_number not in said


def test_a_page_without_scripts_is_not_found_as_ever(client: Client, gone: int) -> None:
    answer = client.get(reverse("profiles:change", args=[gone]))
    assert (answer.status_code, "There is nothing here" in answer.content.decode()) == (404, True)
