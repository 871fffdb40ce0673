"""Asks the API as a program does."""

from __future__ import annotations

import json
from typing import Any

from django.contrib.auth.models import User
from django.test import Client
from django.urls import URLPattern
from knox.models import AuthToken

from smmeplus.api.urls import v1

ROOT = "/api/v1/"
LISTS = (
    "companies",
    "profiles",
    "procedure-profiles",
    "concentrators",
    "configurations",
    "roll-outs",
    "roll-out-members",
    "out-of-service",
    "planned-work",
    "meter-conflicts",
    "messages",
    "status-changes",
    "outages",
    "incidents",
    "power-failures",
    "alarms",
    "availability",
    "deliveries",
    "events",
    "meters",
    "sightings",
    "meter-counts-by-concentrator",
    "meter-counts",
    "repeaters",
    "wakeup-totals",
    "daily-counts",
    "daily-totals",
    "concentrator-counts",
)
#: The lists of which each row belongs to a company, with how many rows the viewer of the fixtures has in each.
OF_COMPANIES = {
    "companies": 1,
    "concentrators": 3,
    "configurations": 2,
    "roll-outs": 1,
    "roll-out-members": 2,
    "out-of-service": 2,
    "planned-work": 1,
    "meter-conflicts": 2,
    "messages": 6,
    "status-changes": 2,
    "outages": 2,
    "incidents": 2,
    "power-failures": 2,
    "alarms": 2,
    "events": 2,
    "availability": 2,
    "meters": 2,
    "sightings": 2,
    "meter-counts-by-concentrator": 2,
    "meter-counts": 2,
    "repeaters": 2,
    "wakeup-totals": 2,
    "daily-counts": 4,
    "daily-totals": 1,
    "concentrator-counts": 6,
}
NO_ACTION = "00000000-0000-4000-8000-000000000000"


class Api:
    """A program with a token of ``user``, or with ``token``; with neither it has none."""

    def __init__(self, user: User | None = None, *, token: str = "") -> None:
        self.token = AuthToken.objects.create(user)[1] if user else token
        self.client = Client(headers={"Authorization": f"Bearer {self.token}"} if self.token else None)

    def ask(self, path: str, **query: Any) -> Any:
        """The whole response to a GET of ``path`` below ``/api/v1/``."""
        return self.client.get(path if path.startswith(("/", "http")) else f"{ROOT}{path}", query)

    def get(self, path: str, **query: Any) -> Any:
        """What an answer of 200 says."""
        response = self.ask(path, **query)
        assert response.status_code == 200, response.content
        assert response["Content-Type"] == "application/json"
        return response.json()

    def rows(self, path: str, **query: Any) -> list[dict[str, Any]]:
        """The rows of all pages."""
        page = self.get(path, **query)
        found: list[dict[str, Any]] = page["results"]
        while page["next"]:
            page = self.get(page["next"])
            found += page["results"]
        return found

    def post(self, body: Any, *, content_type: str = "application/json") -> Any:
        """The response to ``body`` at installations."""
        data = body if isinstance(body, (str, bytes)) else json.dumps(body)
        return self.client.post(f"{ROOT}installations/", data, content_type=content_type)


def problem(response: Any, status: int) -> dict[str, Any]:
    """The problem of ``response``, which is one with ``status``."""
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    said: dict[str, Any] = json.loads(response.content)
    assert said["status"] == status
    assert said["type"] == "about:blank"
    assert said["title"]
    assert said["detail"]
    return said


def errors(response: Any) -> dict[str, str]:
    """What a 400 says is right, by field."""
    return {error["field"]: error["detail"] for error in problem(response, 400)["errors"]}


def every_path(**arguments: object) -> dict[str, str]:
    """The addresses of all operations, by name; ``arguments`` are those of the addresses that take one."""
    paths: dict[str, str] = {}
    for pattern in v1:
        assert isinstance(pattern, URLPattern)
        route = str(pattern.pattern)
        for name, value in {"pk": 1, "serial_number": "A1", "audit_id": NO_ACTION, **arguments}.items():
            for converter in ("int", "slug", "uuid"):
                route = route.replace(f"<{converter}:{name}>", str(value))
        assert "<" not in route
        paths[str(pattern.name)] = f"{ROOT}{route}"
    return paths
