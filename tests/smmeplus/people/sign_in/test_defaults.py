"""What holds without a variable, with HTTPS and without; and what is refused (ACC-2)."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from smmeplus import variables
from smmeplus.environment import Environment

NAMES = ("SECOND_FACTOR", "SESSION_IDLE_MINUTES", "SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME", "OIDC_ISSUER")
SHOW = f"import json; from smmeplus import settings as s; print(json.dumps([getattr(s, n, '') for n in {NAMES}]))"


@pytest.mark.parametrize(
    ("https", "expected"),
    [
        ("true", ["staff", 30, "__Host-sessionid", "__Host-csrftoken", ""]),
        ("false", ["none", 30, "", "", ""]),
    ],
)
def test_defaults(https: str, expected: list[object]) -> None:
    given = {"ENV_FILE": os.devnull, "SECRET_KEY": "only-for-tests, but as long as a real one", "HTTPS": https}
    kept = {name: value for name, value in os.environ.items() if name not in NAMES}
    done = subprocess.run([sys.executable, "-c", SHOW], env=kept | given, capture_output=True, check=True, text=True)
    assert json.loads(done.stdout) == expected


@pytest.mark.parametrize(
    ("kind", "text", "meant"),
    [
        ("SECOND_FACTOR", " Staff ", "staff"),
        ("ISSUER", "https://login.example/realms/grid", "https://login.example/realms/grid"),
        ("ISSUER", "http://127.0.0.1:8080/x", "http://127.0.0.1:8080/x"),
        ("ROLES", "ops:operator, a:b:Viewer", {"ops": "Operator", "a:b": "Viewer"}),
        ("PAIRS", "grid:Chile,", {"grid": "Chile"}),
    ],
)
def test_what_is_right_is_taken(kind: str, text: str, meant: object) -> None:
    environment = Environment({"SECOND_FACTOR": text})
    assert environment.read("SECOND_FACTOR", getattr(variables, kind), None) == meant
    assert environment.problems == []


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("SECOND_FACTOR", "yes"),
        ("ISSUER", "login.example"),
        ("ISSUER", "http://login.example"),
        ("ROLES", "ops:Root"),
        ("ROLES", "ops"),
        ("PAIRS", ":Chile"),
        ("PAIRS", "grid:"),
    ],
)
def test_what_is_wrong_is_said(kind: str, text: str) -> None:
    environment = Environment({"SECOND_FACTOR": text})
    assert environment.read("SECOND_FACTOR", getattr(variables, kind), None) is None
    assert len(environment.problems) == 1
