"""What `make run` shows (OPS-1)."""

from __future__ import annotations

import socket
import stat
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from pytest_django.fixtures import Settings

from concentrators.demo import add_company
from concentrators.models import Company, Concentrator, DeviceKeys
from concentrators.simulator.ciphering.inventory import cipherings_of
from smmeplus.demo.starting import alone
from smmeplus.management.commands import preparedemo
from tests.support.processes import free_port

pytestmark = [pytest.mark.django_db, pytest.mark.time]


@pytest.fixture
def folder(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of its own and ports that are free. The past, which takes seconds, has tests of its own."""
    settings.BASE_DIR = tmp_path
    settings.DEMO = True
    for name in ("PORT", "LISTENER_PORT"):
        monkeypatch.setenv(name, str(free_port()))
    monkeypatch.delenv("METRICS_PORT", raising=False)
    monkeypatch.delenv("ENV_FILE", raising=False)
    monkeypatch.setattr(preparedemo, "load_demo", lambda *, now, port: add_company(now=now))
    return tmp_path


def password_said(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().out.split("password ")[1].split("\n")[0]


def test_it_refuses_to_run_anywhere_but_in_the_demo(
    folder: Path, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.DEMO = False
    with pytest.raises(CommandError, match="DEMO=true"):
        call_command("preparedemo")
    assert not User.objects.exists()
    assert not (folder / "var").exists()
    assert "password" not in capsys.readouterr().out


def test_what_could_be_read_by_others_is_closed_to_them_with_a_word(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    var = folder / "var"
    (var / "meters").mkdir(parents=True)
    names = ("smmeplus.sqlite3", "smmeplus.sqlite3-wal", "meters/list.xml")
    for name in names:
        (var / name).touch(mode=0o644)
    (var / "meters").chmod(0o755)
    (var / "link").symlink_to(folder / "elsewhere")
    var.chmod(0o755)
    call_command("preparedemo")
    assert f"5 of {var} could be read by every user" in capsys.readouterr().out
    assert {stat.S_IMODE((var / name).stat().st_mode) for name in names} == {0o600}
    assert stat.S_IMODE(var.stat().st_mode) == 0o700
    call_command("preparedemo")
    assert "could be read" not in capsys.readouterr().out


def test_chile_has_90_concentrators_and_a_canary(folder: Path) -> None:
    call_command("preparedemo")
    chile = Company.objects.get()
    assert (chile.name, chile.time_zone) == ("Chile", "America/Santiago")
    assert Concentrator.objects.of_the_field().count() == 90
    assert [canary.serial_number for canary in Concentrator.objects.canaries()] == ["CANARY-1"]
    assert Concentrator.objects.get(serial_number="16CEC50610036665").substation == "Santiago Centro"
    assert set(Concentrator.objects.of_the_field().values_list("carrier", flat=True)) == {"Entel", "Movistar", "WOM"}


def test_some_concentrators_cipher_what_they_send_and_keep_their_keys(folder: Path, settings: Settings) -> None:
    settings.CONFIGURATION_KEYS = [Fernet.generate_key().decode()]
    call_command("preparedemo")
    chile = Company.objects.get()
    keys = {key: one.security.keys for key, one in cipherings_of(chile.pk).items()}
    assert len(keys) == len({one.unicast for one in keys.values()}) == 6
    assert all(one.ciphered_only for one in DeviceKeys.objects.filter(concentrator__company=chile))
    call_command("preparedemo")
    assert {key: one.security.keys for key, one in cipherings_of(chile.pk).items()} == keys


def test_without_a_key_of_the_environment_none_has_keys(folder: Path, settings: Settings) -> None:
    settings.CONFIGURATION_KEYS = []
    call_command("preparedemo")
    assert not DeviceKeys.objects.exists()


def test_it_prints_an_address_and_a_password_that_works(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    port = str(free_port())
    monkeypatch.setenv("PORT", port)
    call_command("preparedemo")
    said = capsys.readouterr().out
    assert f"http://127.0.0.1:{port}/" in said
    assert "Look first at" in said
    password = said.split("password ")[1].split("\n")[0]
    assert User.objects.get(username="admin").check_password(password)
    kept = folder / "var" / "demo-password"
    assert kept.read_text().strip() == password
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_a_second_time_it_keeps_data_and_password(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("preparedemo")
    first = password_said(capsys)
    Concentrator.objects.filter(serial_number__endswith="5").delete()
    left = Concentrator.objects.count()
    call_command("preparedemo")
    assert password_said(capsys) == first
    assert Concentrator.objects.count() == left


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


def test_one_that_runs_already_is_named_and_nothing_is_changed(folder: Path) -> None:
    (folder / "var").mkdir()
    with alone(folder / "var" / "demo.lock", "http://127.0.0.1:8123/"), pytest.raises(CommandError) as refused:
        call_command("preparedemo")
    assert str(refused.value).startswith("The demo of this folder runs already: http://127.0.0.1:8123/ ")
    assert not Company.objects.exists()
    call_command("preparedemo")


@pytest.mark.parametrize("name", ["PORT", "LISTENER_PORT", "METRICS_PORT"])
def test_a_port_that_is_taken_is_named_and_nothing_is_changed(
    folder: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        monkeypatch.setenv(name, str(taken))
        with pytest.raises(CommandError, match=rf"Taken already: {name}={taken}\. .*make run {name}={taken + 1}"):
            call_command("preparedemo")
    assert not Company.objects.exists()


def test_what_reads_the_environment_of_the_demo_finds_its_listener(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = folder / "demo.env"
    file.write_text("SECRET_KEY=x\nLISTENER_PORT=1\nHTTPS=false\n")
    file.chmod(0o600)
    monkeypatch.setenv("ENV_FILE", str(file))
    port = str(free_port())
    monkeypatch.setenv("LISTENER_PORT", port)
    for _again in range(2):
        call_command("preparedemo")
        assert file.read_text() == f"SECRET_KEY=x\nHTTPS=false\nLISTENER_PORT={port}\n"
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
