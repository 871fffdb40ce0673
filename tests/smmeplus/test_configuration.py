"""Wrong variables of the environment: told all at once, with what is right, and never with a secret (OPS-2)."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.checks.registry import registry

from smmeplus import variables
from smmeplus.checks import CONFIGURATION, check_folder_of_sqlite, check_variables
from smmeplus.environment import IDS, Environment, Problem
from smmeplus.variables import Kind
from tests import ROOT

KINDS: dict[str, Kind[Any]] = {
    "SECRET_KEY": variables.KEY,
    "SECRET_KEY_FALLBACKS": variables.KEYS,
    "DATABASE_URL": variables.DATABASE,
    "ALLOWED_HOSTS": variables.HOSTS,
    "CSRF_TRUSTED_ORIGINS": variables.ORIGINS,
    "HTTPS": variables.SWITCH,
    "CONN_MAX_AGE": variables.NUMBER,
    "LOG_LEVEL": variables.LEVEL,
    "LISTENER_PROXIES": variables.NETWORKS,
    "LISTENER_PORT": variables.PORT,
    "API_REQUESTS_PER_USER": variables.RATE,
    "SITE_URL": variables.SITE,
    "EMAIL_URL": variables.EMAIL,
    "DEFAULT_FROM_EMAIL": variables.SENDER,
    "SYSTEM_TITLE": variables.TITLE,
}
LONG = "a long random text, of all that a keyboard has to offer"
KEY = "one-long-random-text-of-all-that-a-keyboard-has-to-offer"


def read(name: str, value: str) -> tuple[Any, list[Problem]]:
    environment = Environment({name: value})
    return environment.read(name, KINDS[name], None), environment.problems


@pytest.mark.parametrize(
    ("name", "value", "meant"),
    [
        ("SECRET_KEY", LONG, LONG),
        ("SECRET_KEY_FALLBACKS", f"{KEY}, {KEY[::-1]}", [KEY, KEY[::-1]]),
        ("SECRET_KEY_FALLBACKS", "", []),
        ("ALLOWED_HOSTS", "smmeplus.example, .example ,", ["smmeplus.example", ".example"]),
        ("CSRF_TRUSTED_ORIGINS", "https://a.example,http://b", ["https://a.example", "http://b"]),
        ("CSRF_TRUSTED_ORIGINS", "", []),
        ("HTTPS", "Yes", True),
        ("HTTPS", "0", False),
        ("HTTPS", "", None),
        ("CONN_MAX_AGE", "0", 0),
        ("LOG_LEVEL", "warning", "WARNING"),
        ("LISTENER_PROXIES", "10.0.0.0/8, 192.0.2.7,2001:db8::/32", ["10.0.0.0/8", "192.0.2.7", "2001:db8::/32"]),
        ("LISTENER_PROXIES", "", []),
        ("LISTENER_PORT", " 58700 ", 58_700),
        ("LISTENER_PORT", "", None),
        ("API_REQUESTS_PER_USER", "5/hour", "5/hour"),
        ("SITE_URL", "https://smmeplus.example/", "https://smmeplus.example/"),
        ("DEFAULT_FROM_EMAIL", "SMM ePlus <a@b.example>", "SMM ePlus <a@b.example>"),
        ("SYSTEM_TITLE", " 534d4D00000000ff ", b"SMM\0\0\0\0\xff"),
    ],
)
def test_what_is_right_is_taken_as_it_is_meant(name: str, value: str, meant: object) -> None:
    assert read(name, value) == (meant, [])


@pytest.mark.parametrize(
    ("name", "value", "seen"),
    [
        ("SECRET_KEY", "geheim", "SECRET_KEY has 6 characters, so it could be guessed."),
        ("SECRET_KEY", LONG[:49], "SECRET_KEY has 49 characters, so it could be guessed."),
        ("SECRET_KEY", "geh" * 17, "SECRET_KEY has 3 different characters, so it could be guessed."),
        ("SECRET_KEY", "gehabcdef" * 6, "SECRET_KEY has 8 different characters, so it could be guessed."),
        ("SECRET_KEY_FALLBACKS", "geheim", "SECRET_KEY_FALLBACKS has a key in place 1 that has 6 characters"),
        ("SECRET_KEY_FALLBACKS", f"{KEY},{'geh' * 17}", "SECRET_KEY_FALLBACKS has a key in place 2 that has 3"),
        ("SECRET_KEY", "$geheim", "SECRET_KEY begins with $, which stands for another variable, and there is none."),
        ("SECRET_KEY", "$SECRET_KEY", "SECRET_KEY begins with $"),
        ("ALLOWED_HOSTS", "", "ALLOWED_HOSTS is empty, so the web would refuse every request."),
        ("ALLOWED_HOSTS", "https://smmeplus.example", "ALLOWED_HOSTS contains “https://smmeplus.example”."),
        ("CSRF_TRUSTED_ORIGINS", "smmeplus.example", "CSRF_TRUSTED_ORIGINS contains “smmeplus.example”."),
        ("HTTPS", "ture", "HTTPS is “ture”."),
        ("HTTPS", "2", "HTTPS is “2”."),
        ("CONN_MAX_AGE", "-1", "CONN_MAX_AGE is “-1”."),
        ("CONN_MAX_AGE", "1.5", "CONN_MAX_AGE is “1.5”."),
        ("LOG_LEVEL", "LOUD", "LOG_LEVEL is “LOUD”."),
        ("LISTENER_PROXIES", "192.0.2.7,10.0.0.1/8", "LISTENER_PROXIES contains “10.0.0.1/8”."),
        ("LISTENER_PORT", "0", "LISTENER_PORT is “0”."),
        ("LISTENER_PORT", "65536", "LISTENER_PORT is “65536”."),
        ("LISTENER_PORT", "http", "LISTENER_PORT is “http”."),
        ("LISTENER_PROXIES", "balancer", "LISTENER_PROXIES contains “balancer”."),
        ("API_REQUESTS_PER_USER", "many", "API_REQUESTS_PER_USER is “many”."),
        ("API_REQUESTS_PER_USER", "5/week", "API_REQUESTS_PER_USER is “5/week”."),
        ("SITE_URL", "smmeplus.example", "SITE_URL is “smmeplus.example”."),
        ("SITE_URL", "https://[", "SITE_URL is no address."),
        ("DEFAULT_FROM_EMAIL", "SMM ePlus", "DEFAULT_FROM_EMAIL is “SMM ePlus”."),
        ("SYSTEM_TITLE", "534D4D00000001", "SYSTEM_TITLE is “534D4D00000001”."),
        ("SYSTEM_TITLE", "SMM0000000000001", "SYSTEM_TITLE is “SMM0000000000001”."),
        ("DATABASE_URL", "mysql://u:geheim@host/db", "DATABASE_URL begins with “mysql://”."),
        ("DATABASE_URL", "geheim", "DATABASE_URL begins with no scheme"),
        (
            "DATABASE_URL",
            "postgres://u:geheim@host:65536/db",
            "DATABASE_URL begins with “postgres://”, and the rest",
        ),
        (
            "DATABASE_URL",
            "postgres://u:geheim@host:port/db",
            "DATABASE_URL begins with “postgres://”, and the rest",
        ),
        ("DATABASE_URL", "postgres://u:geheim@host", "DATABASE_URL names no database."),
        ("DATABASE_URL", "sqlite://var/geheim", "DATABASE_URL begins with “sqlite://”, and the rest cannot be read."),
        ("EMAIL_URL", "pop://u:geheim@host", "EMAIL_URL begins with “pop://”."),
        ("EMAIL_URL", "smtp://u:geh#eim@host", "EMAIL_URL begins with “smtp://”, and the rest cannot be read."),
        ("EMAIL_URL", "smtp://host:99999", "EMAIL_URL begins with “smtp://”, and the rest cannot be read."),
    ],
)
def test_what_is_wrong_is_named_without_its_secrets_and_with_what_is_right(name: str, value: str, seen: str) -> None:
    taken, (problem,) = read(name, value)
    assert taken is None
    assert (problem.id, problem.right) == (IDS[name], KINDS[name].right)
    assert problem.seen.startswith(seen)
    assert "geh" not in str(problem)
    assert problem.right.startswith("It must ")


@pytest.mark.parametrize(
    ("url", "engine", "name"),
    [
        ("postgres://u:p%40ss@host:5432/db", variables.POSTGRESQL, "db"),
        ("postgres://u:p@one:5432,two:5433/db?target_session_attrs=read-write", variables.POSTGRESQL, "db"),
        ("postgresql:///?service=fleet", variables.POSTGRESQL, ""),
        ("sqlite://:memory:", variables.SQLITE, ":memory:"),
        (f"sqlite:///{Path.cwd()}/x.sqlite3", variables.SQLITE, f"{Path.cwd()}/x.sqlite3"),
    ],
)
def test_a_database_is_postgresql_or_sqlite(url: str, engine: str, name: str) -> None:
    config, problems = read("DATABASE_URL", url)
    assert (config["ENGINE"], config["NAME"], problems) == (engine, name, [])


def test_a_mail_server_is_read_with_its_password() -> None:
    config, problems = read("EMAIL_URL", "smtp+tls://u:p%40ss@mail.example:587")
    assert (config["EMAIL_HOST_PASSWORD"], config["EMAIL_USE_TLS"], problems) == ("p@ss", True, [])


def test_what_is_required_has_no_default() -> None:
    for values in ({}, {"SECRET_KEY": ""}):
        environment = Environment(dict(values))
        assert environment.required("SECRET_KEY", variables.KEY, instead="") == ""
        assert [problem.seen for problem in environment.problems] == ["SECRET_KEY is not set."]


def test_a_default_may_be_parsed_like_a_value() -> None:
    environment = Environment({"DATABASE_URL": ""})
    config = environment.parsed("DATABASE_URL", variables.DATABASE, "sqlite:////default", instead={})
    assert config["NAME"] == "/default"
    environment = Environment({"DATABASE_URL": "mysql://host/name"})
    assert environment.parsed("DATABASE_URL", variables.DATABASE, "sqlite:////default", instead={}) == {}
    assert [problem.id for problem in environment.problems] == [IDS["DATABASE_URL"]]


def test_a_file_adds_to_the_variables_and_changes_none(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("# comment\n\n  # another\nHTTPS=false\nexport LOG_LEVEL='DEBUG'\nSITE_URL=a=b\n")
    values = {"ENV_FILE": str(tmp_path / "file"), "HTTPS": "true"}
    environment = Environment(values)
    environment.read_file(tmp_path / "no such file")
    assert values == {"HTTPS": "true", "LOG_LEVEL": "DEBUG", "SITE_URL": "a=b", "ENV_FILE": values["ENV_FILE"]}
    assert environment.problems == []


def test_of_several_files_the_first_one_counts(tmp_path: Path) -> None:
    (tmp_path / "web").write_text("SITE_URL=of web\n")
    (tmp_path / "common").write_text("SITE_URL=of all\nLOG_LEVEL=DEBUG\n")
    values = {"ENV_FILE": f"{tmp_path}/web:{tmp_path}/common:{tmp_path}/gone"}
    environment = Environment(values)
    environment.read_file(tmp_path / "no such file")
    assert (values["SITE_URL"], values["LOG_LEVEL"]) == ("of web", "DEBUG")
    assert [problem.seen for problem in environment.problems] == [
        f"ENV_FILE: {tmp_path}/gone cannot be read: No such file or directory."
    ]


def test_a_default_file_may_be_missing_but_one_that_is_named_may_not(tmp_path: Path) -> None:
    environment = Environment({})
    environment.read_file(tmp_path / ".env")
    assert environment.problems == []
    environment = Environment({"ENV_FILE": f"{tmp_path}/.env"})
    environment.read_file(tmp_path)
    (problem,) = environment.problems
    assert (problem.id, problem.seen) == (
        IDS["ENV_FILE"],
        f"ENV_FILE: {tmp_path}/.env cannot be read: No such file or directory.",
    )


@pytest.mark.parametrize(
    ("content", "seen"),
    [
        (b"HTTPS=false\n DATABASE_URL=geheim\nSECRET KEY=geheim\n", "is wrong in line 2, 3."),
        (b"SECRET_KEY=\xff\n", "cannot be read: it is no text in UTF-8."),
    ],
)
def test_a_broken_file_is_named_with_its_lines_but_not_what_is_in_them(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, content: bytes, seen: str
) -> None:
    (tmp_path / ".env").write_bytes(content)
    environment = Environment({})
    environment.read_file(tmp_path / ".env")
    (problem,) = environment.problems
    assert problem.seen == f"ENV_FILE: {tmp_path}/.env {seen}"
    assert "geheim" not in str(problem) + caplog.text


def test_the_system_check_reports_every_problem(settings: Any) -> None:
    settings.CONFIGURATION_PROBLEMS = [Problem(IDS["HTTPS"], "HTTPS is “x”.", "Right is y."), Problem("b", "c", "d")]
    errors = check_variables()
    assert [(error.id, error.msg, error.hint) for error in errors] == [
        (IDS["HTTPS"], "HTTPS is “x”.", "Right is y."),
        ("b", "c", "d"),
    ]


def test_the_folder_of_an_sqlite_database_must_exist(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    folder = tmp_path / "var"
    monkeypatch.setitem(settings.DATABASES, "default", {"ENGINE": variables.SQLITE, "NAME": folder / "x.sqlite3"})
    (error,) = check_folder_of_sqlite()
    assert error.id == IDS["DATABASE_URL"]
    assert error.msg == f"The database is a file in {folder}, a folder that does not exist."
    folder.mkdir()
    assert check_folder_of_sqlite() == []


@pytest.mark.parametrize("facts", [{"ENGINE": variables.SQLITE, "NAME": ":memory:"}, {"ENGINE": variables.POSTGRESQL}])
def test_another_database_needs_no_folder(monkeypatch: pytest.MonkeyPatch, facts: dict[str, str]) -> None:
    monkeypatch.setitem(settings.DATABASES, "default", facts)
    assert check_folder_of_sqlite() == []


def test_each_process_notices_that_the_machine_of_its_database_is_gone_unless_the_operator_says_otherwise() -> None:
    """Nothing tells it: without time-outs of its own it would wait for a quarter of an hour (OPS-3)."""
    url = "postgres://u@db/smmeplus?tcp_user_timeout=500&sslmode=require"
    command = "from smmeplus.settings import DATABASES; print(sorted(DATABASES['default']['OPTIONS'].items()))"
    environment = {"ENV_FILE": "/dev/null", "SECRET_KEY": KEY, "DATABASE_URL": url}
    done = subprocess.run([sys.executable, "-c", command], env=environment, cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.strip() == (
        "[('connect_timeout', 5), ('keepalives_count', 3), ('keepalives_idle', 5), ('keepalives_interval', 2),"
        " ('sslmode', 'require'), ('tcp_user_timeout', 500)]"
    ), done.stderr


def test_both_checks_run_before_a_command_and_one_can_be_asked_for_by_its_tag() -> None:
    assert {check_variables, check_folder_of_sqlite} <= set(registry.get_checks())
    assert check_variables.tags == (CONFIGURATION,)


def variables_in(*files: str) -> set[str]:
    texts = "\n".join((settings.BASE_DIR / file).read_text() for file in files)
    return set(re.findall(r"^#?([A-Z_]+)=", texts, re.MULTILINE))


def test_every_variable_is_in_the_example_and_in_the_documentation() -> None:
    assert variables_in("deploy/smmeplus.env.example") == IDS.keys() - {"ENV_FILE"}
    documented = re.findall(
        r"^\| `([A-Z_]+)` \| `(smmeplus\.E\d+)` \|", (settings.BASE_DIR / "docs/operation.md").read_text(), re.MULTILINE
    )
    assert dict(documented) == IDS


def test_the_settings_read_every_variable_by_a_kind() -> None:
    source = "\n".join(part.read_text() for part in (settings.BASE_DIR / "smmeplus/settings").glob("*.py"))
    assert set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', source)) == IDS.keys() - {"ENV_FILE"}


@pytest.mark.parametrize("start", [["-m", "smmeplus", "check"], ["-c", "import smmeplus.wsgi"]], ids=["command", "web"])
def test_with_a_wrong_configuration_nothing_starts(start: list[str]) -> None:
    wrong = {"ENV_FILE": "/dev/null", "SECRET_KEY": "geheim", "HTTPS": "ture", "DATABASE_URL": "mysql://u:geheim@h/d"}
    done = subprocess.run(
        [sys.executable, *start], cwd=settings.BASE_DIR, env=wrong, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert set(re.findall(r"\((smmeplus\.E\d+)\)", done.stderr)) == {IDS[name] for name in wrong if name != "ENV_FILE"}
    assert "geheim" not in done.stderr
    assert ("Traceback" in done.stderr) == (start[0] == "-c")  # which gunicorn does not show
