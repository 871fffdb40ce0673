"""A profile belongs to a company or to all: who sees, adds and changes which (ACC-1)."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from concentrators.models import Company
from profiles.changing import save_profile
from profiles.models import ProcedureProfile, SpontaneousProfile
from profiles.procedures.changing import make_default
from tests.factories import CompanyFactory, ConcentratorFactory, ProcedureProfileFactory, SpontaneousProfileFactory
from tests.profiles.owners.conftest import Kind
from tests.smmeplus.translation.markup import alerts, options, parse, texts
from tests.smmeplus.users import client_of

pytestmark = [pytest.mark.usefixtures("configured", "peru"), pytest.mark.one_database]

HTMX = {"HX-Request": "true"}


def names(client: Client, kind: Kind) -> list[str]:
    return texts(parse(client.get(reverse(f"{kind.rooms}:list"))), ".//tbody/tr/td[1]/a")


def add(client: Client, kind: Kind, name: str, **more: Any) -> Any:
    return client.post(reverse(f"{kind.rooms}:add"), kind.values | {"name": name, **more})


def url(action: str, kind: Kind, profile: Any) -> str:
    return reverse(f"{kind.rooms}:{action}", args=[profile.pk])


def test_users_see_those_of_all_and_of_their_companies(
    client: Client, both: Client, kind: Kind, chile: Company, peru: Company, administrator: User
) -> None:
    for name, company in (("All", None), ("Of Chile", chile), ("Of Peru", peru)):
        kind.factory.create(name=name, company=company)
    at_first = {"At once"} if kind.model is ProcedureProfile else set()
    assert {*names(client, kind)} == {"All", "Of Chile"} | at_first
    assert {*names(both, kind)} == {*names(client_of(administrator), kind)} == {"All", "Of Chile", "Of Peru"} | at_first


@pytest.mark.parametrize("action", ["show", "change", "clone", "delete"])
def test_one_of_others_is_not_there(client: Client, kind: Kind, peru: Company, action: str) -> None:
    profile = kind.factory.create(name="Of Peru", company=peru)
    for method in ("get",) if action == "show" else ("get", "post"):
        for headers in (HTMX, {}):
            sent = kind.values | {"name": "Mine"} if method == "post" else {}
            answer = getattr(client, method)(url(action, kind, profile), sent, headers=headers)
            assert answer.status_code == 404
            assert "Of Peru" not in answer.content.decode()
    assert kind.model.objects.get(pk=profile.pk).name == "Of Peru"


def test_nor_is_it_told_who_deleted_one_of_others(
    client: Client, kind: Kind, peru: Company, administrator: User
) -> None:
    profile = kind.factory.create(name="Of Peru", company=peru)
    address = url("change", kind, profile)
    client_of(administrator).post(url("delete", kind, profile))
    said = client.get(address, headers=HTMX).content.decode()
    assert "it is not for you" in said
    assert "Of Peru" not in said
    assert "administrator" not in said


def test_what_all_use_only_an_administrator_of_all_changes(client: Client, kind: Kind, administrator: User) -> None:
    profile = kind.factory.create(name="All")
    for action in ("change", "delete", *(["default"] if kind.model is ProcedureProfile else [])):
        assert client.get(url(action, kind, profile)).status_code == 403
        assert client.post(url(action, kind, profile), kind.values | {"name": "Mine"}).status_code == 403
    assert kind.model.objects.get(pk=profile.pk).name == "All"
    assert client.get(url("show", kind, profile)).status_code == 200
    changed = client_of(administrator).post(url("change", kind, profile), kind.values | {"name": "Renamed"})
    assert changed.status_code == 302
    assert kind.model.objects.get(pk=profile.pk).name == "Renamed"


def test_rows_offer_only_what_the_user_may(client: Client, kind: Kind, chile: Company) -> None:
    kind.model.objects.all().delete() if kind.model is SpontaneousProfile else None
    kind.factory.create(name="All")
    page = client.get(reverse(f"{kind.rooms}:list"))
    assert not {"Change", "Delete", "Make default"} & {*texts(parse(page), ".//tbody//a")}
    assert "Clone" in texts(parse(page), ".//tbody//a")
    kind.factory.create(name="Of Chile", company=chile)
    page = client.get(reverse(f"{kind.rooms}:list"))
    assert {"Change", "Delete"} <= {*texts(parse(page), ".//tbody//a")}
    assert "Make default" not in texts(parse(page), ".//tbody//a")


def test_who_has_one_company_adds_for_it_and_sees_no_field_more(client: Client, kind: Kind, chile: Company) -> None:
    dialog = parse(client.get(reverse(f"{kind.rooms}:add"), headers=HTMX))
    assert "Company" not in texts(dialog, ".//label")
    assert add(client, kind, "New", company="").status_code == 302
    profile = kind.model.objects.get(name="New")
    assert profile.company == chile
    assert "Company" not in texts(parse(client.get(url("show", kind, profile), headers=HTMX)), ".//dt")
    assert "Company" not in texts(parse(client.get(reverse(f"{kind.rooms}:list"))), ".//th//a")


def test_a_tampered_form_adds_to_no_other_company(client: Client, both: Client, kind: Kind, chile: Company) -> None:
    italy = CompanyFactory.create(name="Italy")
    add(client, kind, "Mine", company=italy.pk)
    assert kind.model.objects.get(name="Mine").company == chile
    assert add(both, kind, "Theirs", company=italy.pk).status_code == 200
    assert not kind.model.objects.filter(name="Theirs").exists()


def test_who_has_several_chooses_one_of_them(both: Client, kind: Kind, peru: Company) -> None:
    dialog = parse(both.get(reverse(f"{kind.rooms}:add"), headers=HTMX))
    assert [*options(dialog, "company").values()] == ["---------", "Chile", "Peru"]
    assert add(both, kind, "Of nobody", company="").status_code == 200
    assert add(both, kind, "New", company=peru.pk).status_code == 302
    profile = kind.model.objects.get(name="New")
    assert profile.company == peru
    assert profile.history.get().company == peru
    facts = parse(both.get(url("show", kind, profile), headers=HTMX))
    assert dict(zip(texts(facts, ".//dt"), texts(facts, ".//dd"), strict=True))["Company"] == "Peru"


def test_an_administrator_of_all_adds_for_all_unless_they_choose(
    administrator: User, kind: Kind, chile: Company
) -> None:
    client = client_of(administrator)
    dialog = parse(client.get(reverse(f"{kind.rooms}:add"), headers=HTMX))
    assert [*options(dialog, "company").values()] == ["All companies", "Chile", "Peru"]
    assert add(client, kind, "All", company="").status_code == 302
    assert add(client, kind, "Of Chile", company=chile.pk).status_code == 302
    found = dict(kind.model.objects.filter(name__in=["All", "Of Chile"]).values_list("name", "company__name"))
    assert found == {"All": None, "Of Chile": "Chile"}


def test_of_one_company_alone_nothing_is_asked(administrator: User, kind: Kind, peru: Company, chile: Company) -> None:
    peru.delete()
    client = client_of(administrator)
    assert "Company" not in texts(parse(client.get(reverse(f"{kind.rooms}:add"), headers=HTMX)), ".//label")
    add(client, kind, "New")
    assert kind.model.objects.get(name="New").company is None


def test_who_has_no_company_adds_nothing(kind: Kind, operator: User, chile: Company) -> None:
    chile.users.clear()
    answer = add(client_of(operator), kind, "New")
    assert "you are in none yet" in answer.content.decode()
    assert not kind.model.objects.filter(name="New").exists()


def test_a_clone_of_what_all_use_is_ones_own(client: Client, kind: Kind, chile: Company) -> None:
    profile = kind.factory.create(name="All")
    assert client.get(url("clone", kind, profile)).status_code == 200
    client.post(url("clone", kind, profile), kind.values | {"name": "All copy"})
    assert kind.model.objects.get(name="All copy").company == chile


def test_a_name_is_taken_by_what_one_can_use_and_by_nothing_else(
    client: Client, kind: Kind, chile: Company, peru: Company, administrator: User
) -> None:
    kind.factory.create(name="Night", company=peru)
    kind.factory.create(name="Day")
    assert add(client, kind, "NIGHT").status_code == 302  # else it would tell what Peru has
    assert add(client, kind, "DAY").status_code == 200
    assert add(client, kind, "night").status_code == 200
    assert add(client_of(administrator), kind, "night", company="").status_code == 200
    assert kind.model.objects.filter(name_folded="night").count() == 2
    assert kind.model.objects.filter(name_folded="day").count() == 1


@pytest.mark.parametrize("is_first_of_all", [True, False])
def test_nor_do_two_who_name_at_the_same_moment_get_one_name(kind: Kind, chile: Company, is_first_of_all: bool) -> None:
    owners = (None, chile) if is_first_of_all else (chile, None)
    first, second = (kind.factory.build(name="Night", company=owner) for owner in owners)
    second.full_clean()
    save_profile(first)
    with pytest.raises(ValidationError, match="Somebody has just taken"):
        save_profile(second)


@pytest.mark.parametrize("owned", [True, False])
def test_the_database_refuses_a_name_twice(kind: Kind, chile: Company, owned: bool) -> None:
    kind.factory.create(name="Night", company=chile if owned else None)
    with pytest.raises(IntegrityError), transaction.atomic():
        kind.factory.create(name="NIGHT", company=chile if owned else None)


def test_the_default_is_everybodys(chile: Company, administrator: User) -> None:
    profile = ProcedureProfileFactory.create(name="Night", company=chile)
    address = reverse("procedures:default", args=[profile.pk])
    for answer in (client_of(administrator).get(address), client_of(administrator).post(address)):
        assert alerts(parse(answer)) == ["“Night” belongs to one company; the default holds for all of them."]
    with pytest.raises(ValidationError):
        make_default(profile)
    with pytest.raises(IntegrityError), transaction.atomic():
        ProcedureProfile.objects.filter(pk=profile.pk).update(is_default=True)


def test_uses_are_counted_of_companies_that_one_sees(
    client: Client, both: Client, chile: Company, peru: Company
) -> None:
    profile = SpontaneousProfileFactory.create(name="All")
    for company, number in ((chile, 2), (peru, 3)):
        ConcentratorFactory.create_batch(number, company=company, profile=profile, in_field=True)
    for browser, count in ((client, "2"), (both, "5")):
        assert browser.get(f"/api/v1/profiles/{profile.pk}/").json()["concentrator_count"] == int(count)
        shown = parse(browser.get(reverse("profiles:show", args=[profile.pk]), headers=HTMX))
        assert texts(shown, ".//dd")[-1] == count


def test_the_api_shows_the_same(client: Client, kind: Kind, chile: Company, peru: Company) -> None:
    mine, theirs = (kind.factory.create(name=name, company=one) for name, one in (("Mine", chile), ("Theirs", peru)))
    kind.factory.create(name="All")
    address = {"profiles": "/api/v1/profiles/", "procedures": "/api/v1/procedure-profiles/"}[kind.rooms]
    found = {one["name"]: one["company"] for one in client.get(address).json()["results"]}
    assert found.items() >= {"Mine": chile.pk, "All": None}.items()
    assert "Theirs" not in found
    assert client.get(f"{address}{mine.pk}/").status_code == 200
    assert client.get(f"{address}{theirs.pk}/").status_code == 404


def test_the_profiles_of_an_environment_are_everybodys(capsys: pytest.CaptureFixture[str], chile: Company) -> None:
    SpontaneousProfileFactory.create(name="wake up smmeplus 10 min", company=chile)
    call_command("loadenvironment", "production")
    found = dict(SpontaneousProfile.objects.values_list("name", "company__name"))
    assert found == {"wake up smmeplus 10 min": "Chile", "Wake up SMMePlus 100 min": None}
    assert "there already, of Chile alone" in capsys.readouterr().out
