"""A company's own profile is for its concentrators alone, in whatever way they are installed (ACC-1, CON-2, CON-4)."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from concentrators.importing import check, write
from concentrators.importing.errors import InventoryChanged
from concentrators.models import Company, Concentrator, InstallationRow, State
from concentrators.procedures.actions import install, modify, remove
from concentrators.procedures.held import InstallationError
from profiles.models import ProcedureProfile, SpontaneousProfile
from tests.factories import ConcentratorFactory, ProcedureProfileFactory, SpontaneousProfileFactory
from tests.smmeplus.translation.markup import options, parse, texts

pytestmark = pytest.mark.one_database

PAGES = ("installation", "modification", "removal")


@pytest.fixture
def theirs(peru: Company) -> SpontaneousProfile:
    return SpontaneousProfileFactory.create(name="Peru 10", company=peru)


@pytest.fixture
def their_procedure(peru: Company) -> ProcedureProfile:
    return ProcedureProfileFactory.create(name="Peru by night", company=peru)


@pytest.fixture
def ours(chile: Company) -> SpontaneousProfile:
    return SpontaneousProfileFactory.create(name="Chile 10", company=chile)


@pytest.fixture
def one(chile: Company) -> Concentrator:
    return ConcentratorFactory.create(serial_number="C1", company=chile)


@pytest.fixture
def in_field(chile: Company) -> Concentrator:
    return ConcentratorFactory.create(serial_number="F1", company=chile, in_field=True)


def stored() -> list[tuple[Any, ...]]:
    return list(Concentrator.objects.order_by("pk").values_list("serial_number", "state", "profile"))


@pytest.mark.parametrize("view", PAGES)
def test_pages_offer_those_of_all_and_of_the_company(
    both: Client, chile: Company, peru: Company, theirs: Any, their_procedure: Any, ours: Any, view: str
) -> None:
    SpontaneousProfileFactory.create(name="All 10")
    for company, profiles, procedures in (
        (chile, ["All 10", "Chile 10"], ["At once"]),
        (peru, ["All 10", "Peru 10"], ["At once", "Peru by night"]),
    ):
        page = parse(both.get(f"/concentrators/{view}/?company={company.pk}"))
        assert [text.removesuffix(" (default)") for text in options(page, "procedure").values()] == procedures
        if view != "removal":
            found = [text for text in texts(page, ".//tbody//td[1]") if text.endswith(" 10")]
            assert found == profiles


def test_a_page_refuses_another_companys_profile(
    both: Client, chile: Company, one: Concentrator, theirs: SpontaneousProfile
) -> None:
    for confirmed in ("", "1"):
        sent = {"concentrator": [one.pk], "profile": theirs.pk, "confirmed": confirmed}
        answer = both.post(f"/concentrators/installation/?company={chile.pk}", sent).content.decode()
        assert "The profile has been deleted meanwhile" in answer
    assert stored() == [("C1", State.AVAILABLE, None)]


@pytest.mark.parametrize("view", PAGES)
def test_and_another_companys_procedure(
    both: Client, chile: Company, one: Any, in_field: Concentrator, ours: Any, their_procedure: Any, view: str
) -> None:
    before, chosen = stored(), one if view == "installation" else in_field
    sent = {"concentrator": [chosen.pk], "profile": ours.pk, "procedure": their_procedure.pk, "confirmed": "1"}
    answer = both.post(f"/concentrators/{view}/?company={chile.pk}", sent).content.decode()
    assert "The procedure profile has been deleted meanwhile" in answer
    assert stored() == before


def test_a_companys_own_profile_installs_its_concentrators(
    client: Client, one: Concentrator, ours: SpontaneousProfile
) -> None:
    client.post("/concentrators/installation/", {"concentrator": [one.pk], "profile": ours.pk, "confirmed": "1"})
    assert stored() == [("C1", State.IN_FIELD, ours.pk)]


@pytest.mark.parametrize("by", ["id", "name"])
@pytest.mark.parametrize("action", ["install", "modify"])
def test_the_api_refuses_it_and_does_not_know_one_of_strangers(
    client: Client, both: Client, one: Any, in_field: Any, theirs: SpontaneousProfile, action: str, by: str
) -> None:
    before, serial = stored(), "C1" if action == "install" else "F1"
    body = {"action": action, "concentrators": [serial], "profile": theirs.pk if by == "id" else theirs.name}
    unknown = client.post("/api/v1/installations/", body, "application/json")
    assert (unknown.status_code, "no such profile" in unknown.content.decode()) == (400, True)
    refused = both.post("/api/v1/installations/", body, "application/json")
    assert (refused.status_code, "profile of another company" in refused.content.decode()) == (409, True)
    assert stored() == before


def test_of_two_of_one_name_the_api_asks_for_the_id(
    both: Client, one: Concentrator, chile: Company, peru: Company
) -> None:
    first, _second = (SpontaneousProfileFactory.create(name="Night", company=company) for company in (chile, peru))
    body = {"action": "install", "concentrators": ["C1"], "profile": "Night"}
    assert "give its id" in both.post("/api/v1/installations/", body, "application/json").content.decode()
    done = both.post("/api/v1/installations/", body | {"profile": first.pk}, "application/json")
    assert (done.status_code, stored()) == (200, [("C1", State.IN_FIELD, first.pk)])


def test_no_action_gives_it(one: Any, in_field: Any, theirs: SpontaneousProfile, their_procedure: Any) -> None:
    before, now = stored(), timezone.now()
    available = Concentrator.objects.filter(serial_number="C1")
    of_field = Concentrator.objects.filter(serial_number="F1")
    everybodys = SpontaneousProfileFactory.create()
    for act, chosen, profile, procedure in (
        (install, available, theirs, None),
        (install, available, everybodys, their_procedure),
        (modify, of_field, theirs, None),
        (modify, of_field, everybodys, their_procedure),
        (remove, of_field, None, their_procedure),
    ):
        with pytest.raises(InstallationError, match="profile of another company"):
            act(chosen, profile, user=None, now=now, procedure=procedure)
    assert stored() == before


def test_nor_does_one_of_concentrators_of_both(one: Any, peru: Company, theirs: SpontaneousProfile) -> None:
    ConcentratorFactory.create(serial_number="P1", company=peru)
    with pytest.raises(InstallationError, match="“Peru 10” is the profile of another company"):
        install(Concentrator.objects.all(), theirs, user=None, now=timezone.now())
    assert {state for _serial, state, _profile in stored()} == {State.AVAILABLE}


def file_of(tmp_path: Any, profile: str) -> Any:
    path = tmp_path / "file.csv"
    path.write_text(f"serial_number,type,profile\nNEW1,CERCO1,{profile}\n")
    return path


def test_a_file_does_not_know_another_companys_profile(
    tmp_path: Any, chile: Company, theirs: Any, ours: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    ConcentratorFactory.create()  # and its type
    with pytest.raises(CommandError):
        call_command("importconcentrators", file_of(tmp_path, "Peru 10"), company="Chile")
    said = capsys.readouterr().out
    assert "No spontaneous profile has this name; there are: " in said
    assert "Chile 10" in said
    assert "Peru 10." not in said.partition("there are:")[2]
    call_command("importconcentrators", file_of(tmp_path, "chile 10"), company="Chile")
    assert Concentrator.objects.get(serial_number="NEW1").profile == ours


def test_nor_another_companys_procedure(tmp_path: Any, chile: Company, ours: Any, their_procedure: Any) -> None:
    ConcentratorFactory.create()
    with pytest.raises(CommandError, match="no procedure profile “Peru by night”"):
        call_command("importconcentrators", file_of(tmp_path, "chile 10"), company="Chile", procedure="Peru by night")


@pytest.mark.parametrize("what", ["profile", "procedure"])
def test_rows_that_were_checked_are_written_with_none_either(
    tmp_path: Any, chile: Company, theirs: Any, their_procedure: Any, ours: Any, what: str
) -> None:
    ConcentratorFactory.create()
    with file_of(tmp_path, "Chile 10").open("rb") as source:
        plan = check(source, chile)
    if what == "profile":
        InstallationRow.objects.update(profile=theirs)
    procedure = their_procedure if what == "procedure" else None
    with pytest.raises(InventoryChanged):
        write(plan, company=chile, user=None, now=timezone.now(), procedure=procedure)
    assert not Concentrator.objects.filter(serial_number="NEW1").exists()


def test_a_concentrator_with_a_companys_own_profile_stays_in_that_company(
    one: Concentrator, peru: Company, ours: SpontaneousProfile
) -> None:
    install(Concentrator.objects.all(), ours, user=None, now=timezone.now())
    one.refresh_from_db()
    one.company = peru
    with pytest.raises(ValidationError, match="“Chile 10”, which is another company's"):
        one.full_clean()


def test_filters_offer_no_profile_of_others(client: Client, both: Client, theirs: Any, ours: Any, one: Any) -> None:
    for path in ("/concentrators/", "/reports/in-field/", "/configurations/"):
        answer = client.get(path)
        assert "Chile 10" in answer.content.decode(), path
        assert "Peru 10" not in answer.content.decode(), path
        assert "Peru 10" in both.get(path).content.decode(), path
