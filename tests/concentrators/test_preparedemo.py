"""What `make run` shows (OPS-1)."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db.models import Count
from pytest_django.fixtures import Settings

from concentrators.models import Company, Concentrator, State
from profiles.models import SpontaneousProfile

pytestmark = [pytest.mark.django_db, pytest.mark.time]


@pytest.fixture
def folder(tmp_path: Path, settings: Settings) -> Path:
    settings.BASE_DIR = tmp_path
    return tmp_path


def password_said(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().out.split("password ")[1].split("\n")[0]


def test_chile_has_60_in_field_on_both_profiles_and_30_to_install(folder: Path) -> None:
    call_command("preparedemo")
    chile = Company.objects.get()
    assert (chile.name, chile.time_zone) == ("Chile", "America/Santiago")
    available = Concentrator.objects.filter(state=State.AVAILABLE)
    assert available.of_the_field().count() == 30
    assert [canary.serial_number for canary in available.canaries()] == ["CANARY-1"]
    profiles = SpontaneousProfile.objects.annotate(n=Count("concentrators")).values_list("name", "n")
    assert dict(profiles) == {"Wake up SMMePlus 10 min": 30, "Wake up SMMePlus 100 min": 30}
    assert Concentrator.objects.get(serial_number="16CEC50610036665").substation == "Santiago Centro"
    assert set(Concentrator.objects.of_the_field().values_list("carrier", flat=True)) == {"Entel", "Movistar", "WOM"}


def test_it_prints_an_address_and_a_password_that_works(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORT", "8010")
    call_command("preparedemo")
    said = capsys.readouterr().out
    assert "http://127.0.0.1:8010/" in said
    password = said.split("password ")[1].split("\n")[0]
    assert User.objects.get(username="admin").check_password(password)
    kept = folder / "var" / "demo-password"
    assert kept.read_text().strip() == password
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_a_second_time_it_keeps_data_and_password(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("preparedemo")
    first = password_said(capsys)
    Concentrator.objects.filter(state=State.AVAILABLE).delete()
    call_command("preparedemo")
    assert password_said(capsys) == first
    assert Concentrator.objects.count() == 60


def test_a_password_that_the_user_changed_is_not_shown_and_not_changed(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("preparedemo")
    capsys.readouterr()
    user = User.objects.get(username="admin")
    user.set_password("my own")
    user.save()
    call_command("preparedemo")
    assert password_said(capsys) == "as you set it"
    assert User.objects.get(username="admin").check_password("my own")


def test_a_lost_database_gets_a_new_password(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("preparedemo")
    first = password_said(capsys)
    User.objects.all().delete()
    call_command("preparedemo")
    second = password_said(capsys)
    assert second != first
    assert (folder / "var" / "demo-password").read_text().strip() == second
