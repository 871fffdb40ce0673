"""What deploy/install.sh lays out, that it may run again, and what it says of wrong options (OPS-2)."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests import ROOT
from tests.deploy.installing import install

SITE = "smmeplus.test"
KINDS = ("web", "listener", "jobs", "owner")
SECRETS = (
    "SECRET_KEY",
    "SECRET_KEY_FALLBACKS",
    "DATABASE_URL",
    "CONFIGURATION_KEYS",
    "EMAIL_URL",
    "OIDC_CLIENT_SECRET",
)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("installed")
    done = install(root, "--site", SITE)
    assert (done.returncode, _complaints(done.stderr)) == (0, [])
    return root


def _complaints(text: str) -> list[str]:
    return [line for line in text.splitlines() if not line.startswith("Creating ")]  # of users


def settings_of(root: Path, kind: str) -> dict[str, str]:
    text = (root / f"etc/smmeplus/{kind}.env").read_text()
    return dict(re.findall(r"^([A-Z_]+)=(.*)$", text, re.MULTILINE))


def all_below(root: Path) -> dict[str, tuple[int, bytes]]:
    """Mode and content of each file."""
    files = sorted(path for path in root.rglob("*") if path.is_file())
    return {str(path.relative_to(root)): (path.stat().st_mode, path.read_bytes()) for path in files}


def test_settings_are_read_by_their_services_alone(installed: Path) -> None:
    modes = {path.name: path.stat().st_mode & 0o777 for path in (installed / "etc/smmeplus").iterdir()}
    assert modes == {
        "common.env": 0o644,
        "web.env": 0o640,
        "listener.env": 0o640,
        "jobs.env": 0o640,
        "owner.env": 0o600,
    }


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_settings_belong_to_the_groups_of_the_new_machine(installed: Path) -> None:
    groups = re.findall(r"^(smmeplus-\w+):[^:]*:(\d+):", (installed / "etc/group").read_text(), re.MULTILINE)
    found = {name: (installed / f"etc/smmeplus/{name.removeprefix('smmeplus-')}.env").stat() for name, _ in groups}
    assert len(found) == 3
    assert {name: (stat.st_uid, str(stat.st_gid)) for name, stat in found.items()} == {
        name: (0, number) for name, number in groups
    }


def test_nothing_secret_is_in_what_all_may_read_and_each_has_a_key_of_its_own(installed: Path) -> None:
    common = (installed / "etc/smmeplus/common.env").read_text()
    assert not re.search(rf"^#?({SECRETS})=", common, re.MULTILINE)
    keys = {settings_of(installed, kind)["SECRET_KEY"] for kind in KINDS}
    assert len(keys) == 4
    assert min(map(len, keys)) >= 50
    of_concentrators = [settings_of(installed, kind).get("CONFIGURATION_KEYS") for kind in KINDS]
    assert of_concentrators[0] == of_concentrators[2] != ""
    assert (of_concentrators[1], of_concentrators[3]) == (None, None)


def test_the_site_is_in_each_setting_that_has_it(installed: Path) -> None:
    settings = settings_of(installed, "common")
    assert settings["ALLOWED_HOSTS"] == SITE
    assert settings["CSRF_TRUSTED_ORIGINS"] == settings["SITE_URL"] == f"https://{SITE}"


@pytest.mark.parametrize("kind", KINDS)
def test_the_product_takes_the_settings(installed: Path, kind: str) -> None:
    files = ":".join(str(installed / f"etc/smmeplus/{name}.env") for name in (kind, "common"))
    done = subprocess.run(
        [sys.executable, "-c", "import smmeplus.settings as s; print(s.ALLOWED_HOSTS)"],
        cwd=ROOT,
        env={"ENV_FILE": files, "PATH": os.defpath},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, f"['{SITE}']\n"), done.stderr


def test_all_that_a_unit_names_is_there(installed: Path) -> None:
    text = "\n".join(unit.read_text() for unit in (installed / "etc/systemd/system").glob("*.service"))
    named = set(re.findall(r"^(?:WorkingDirectory|ReadWritePaths)=(/.*)$", text, re.MULTILINE))
    named |= {
        file for files in re.findall(r"^Environment=ENV_FILE=(.*)$", text, re.MULTILINE) for file in files.split(":")
    }
    assert len(named) >= 6
    assert [path for path in named if not Path(f"{installed}{path}").exists()] == []


def test_again_it_has_nothing_to_do_and_puts_units_back_but_no_settings(installed: Path) -> None:
    before = all_below(installed)
    assert install(installed).stdout == ""
    unit, settings = installed / "etc/systemd/system/smmeplus-web.service", installed / "etc/smmeplus/web.env"
    mine = settings.read_text() + "EMAIL_URL=smtp://mail.test\n"
    settings.write_text(mine)
    unit.write_text("[Service]\n")
    done = install(installed, "--site", "other.test")
    assert done.stdout.splitlines() == [
        "/etc/smmeplus/common.env is there, so --site changes nothing in it.",
        f"write {unit} (0644 root:root)",
    ]
    assert settings.read_text() == mine
    settings.write_bytes(before["etc/smmeplus/web.env"][1])
    assert all_below(installed) == before


def test_settings_of_a_kind_that_are_made_later_have_the_same_keys_of_concentrators(installed: Path) -> None:
    jobs = installed / "etc/smmeplus/jobs.env"
    before = jobs.read_bytes()
    jobs.unlink()
    install(installed)
    assert settings_of(installed, "jobs")["CONFIGURATION_KEYS"] == settings_of(installed, "web")["CONFIGURATION_KEYS"]
    assert jobs.read_bytes() != before
    jobs.write_bytes(before)


def test_a_dry_run_names_what_it_would_write_and_writes_nothing(tmp_path: Path) -> None:
    done = install(tmp_path, "--dry-run")
    assert done.returncode == 0
    assert f"write {tmp_path}/etc/smmeplus/web.env (0640 root:smmeplus-web)" in done.stdout
    assert "SECRET_KEY" not in done.stdout
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--no-such-option"], "There is no option --no-such-option."),
        (["x"], "There is no option x."),
        (["--site"], "--site needs a value."),
        (["--site", ""], "--site needs a value."),
        (["--site", "https://smmeplus.test"], "--site is a name alone, without https:// and without a path"),
        (["--site", "a|b"], "--site is a name alone"),
        (["--services", "web nosuch"], "There is no service nosuch. There are: access access.timer canary@ listener"),
        (["--services", "../web"], "There is no service ../web."),
        (["--wheel", "/no/such.whl"], "There is no such wheel"),
    ],
)
def test_wrong_options_are_named_before_anything_is_done(tmp_path: Path, options: list[str], said: str) -> None:
    done = install(tmp_path, *options)
    assert done.returncode == 1
    assert said in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("service", ["listener@9602", "canary@CANARY-1", "prune.timer"])
def test_services_are_named_as_systemd_names_them(tmp_path: Path, service: str) -> None:
    assert install(tmp_path, "--dry-run", "--services", service).returncode == 0
