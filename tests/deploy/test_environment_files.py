"""Each service has a user and a file of its own, and reads in it what it needs and nothing that only others need."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from smmeplus import variables
from smmeplus.environment import IDS
from tests import ROOT

DEPLOY = Path(ROOT, "deploy")
UNITS = {path.stem: path.read_text() for path in sorted((DEPLOY / "systemd").glob("*.service"))}
SERVICES = sorted(UNITS.keys() - {"smmeplus-canary@"})  # which knows nothing
KINDS = {
    "smmeplus-web": "web",
    "smmeplus-access": "web",
    "smmeplus-listener": "listener",
    "smmeplus-listener@": "listener",
}
#: What each kind of process may know that is not everybody's.
MAY_KNOW = {
    "web": {
        *("SECRET_KEY", "SECRET_KEY_FALLBACKS", "DATABASE_URL", "CONFIGURATION_KEYS", "OIDC_CLIENT_SECRET"),
        "EMAIL_URL",
    },
    "listener": {"SECRET_KEY", "DATABASE_URL", "CONFIGURATION_KEYS"},
    "jobs": {"SECRET_KEY", "DATABASE_URL", "CONFIGURATION_KEYS", "EMAIL_URL"},
    "owner": {"SECRET_KEY", "DATABASE_URL"},
}


def example_of(kind: str) -> str:
    return (DEPLOY / "env" / f"{kind}.env.example").read_text()


def set_in(text: str) -> dict[str, str]:
    return dict(re.findall(r"^#?([A-Z_]+)=(.*)$", text, re.MULTILINE))


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_has_the_user_and_the_file_of_its_kind_first(name: str) -> None:
    kind = KINDS.get(name, "jobs")
    assert re.findall(r"^User=(.*)$", UNITS[name], re.MULTILINE) == [f"smmeplus-{kind}"]
    files = f"/etc/smmeplus/{kind}.env:/etc/smmeplus/common.env"
    assert re.findall(r"^Environment=ENV_FILE=(.*)$", UNITS[name], re.MULTILINE) == [files]
    assert f"# /etc/smmeplus/{kind}.env (mode 0640, owner root, group smmeplus-{kind})" in example_of(kind)
    users = (DEPLOY / "sysusers.d" / "smmeplus.conf").read_text()
    assert re.search(rf"^u\s+smmeplus-{kind}\s", users, re.MULTILINE)


@pytest.mark.parametrize("kind", MAY_KNOW)
def test_a_file_has_what_its_processes_may_know_and_no_more(kind: str) -> None:
    found = set_in(example_of(kind))
    assert set(found) == MAY_KNOW[kind]
    assert set(found) <= IDS.keys()


@pytest.mark.parametrize("kind", MAY_KNOW)
def test_a_database_is_asked_as_its_role_and_only_if_it_proves_who_it_is(kind: str) -> None:
    config = variables.DATABASE.parse(set_in(example_of(kind))["DATABASE_URL"])
    role = "smmeplus" if kind == "owner" else f"smmeplus_{kind}"
    assert (config["USER"], config["OPTIONS"]["sslmode"]) == (role, "verify-full")
    roles = (DEPLOY / "postgres" / "roles.sql").read_text()
    assert kind == "owner" or f"\\set {kind} {role}\n" in roles


def test_there_is_a_file_for_each_kind_and_no_other() -> None:
    assert {path.name for path in (DEPLOY / "env").iterdir()} == {f"{kind}.env.example" for kind in MAY_KNOW}
    assert {KINDS.get(name, "jobs") for name in SERVICES} == MAY_KNOW.keys() - {"owner"}
