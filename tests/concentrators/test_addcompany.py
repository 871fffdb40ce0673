"""Companies from the command line, so that a new installation needs no browser before it has users (ACC-1)."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command

from concentrators.models import Company

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


def companies() -> list[tuple[str, str]]:
    return list(Company.objects.order_by("name").values_list("name", "time_zone"))


def test_a_company_is_added_with_its_zone_and_its_history(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("addcompany", "Chile", "--time-zone", "America/Santiago")
    assert capsys.readouterr().out == "Chile was added, in the zone America/Santiago.\n"
    call_command("addcompany", "Ñuñoa S.A.", "--verbosity", "0")
    assert companies() == [("Chile", "America/Santiago"), ("Ñuñoa S.A.", "UTC")]
    assert Company.objects.get(name="Chile").history.get().history_type == "+"
    assert capsys.readouterr().out == ""


def test_one_that_is_there_stays_as_it_is_however_it_is_written(chile: Company) -> None:
    before = companies()
    call_command("addcompany", "CHILE", "--time-zone", "Europe/Rome")
    assert companies() == before


@pytest.mark.parametrize(
    ("name", "zone", "said"),
    [
        ("Chile", "Santiago", "is not a time zone"),
        ("Chile", "", "cannot be blank|is not a time zone"),
        ("", "UTC", "cannot be blank"),
        ("x" * 101, "UTC", "at most 100 characters"),
    ],
)
def test_what_is_wrong_is_refused(name: str, zone: str, said: str) -> None:
    with pytest.raises(CommandError, match=said):
        call_command("addcompany", name, "--time-zone", zone)
    assert companies() == []
