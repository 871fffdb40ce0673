"""Chile and Peru, each with profiles of its own, beside those of all companies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from concentrators.models import Company
from profiles.models import ProcedureProfile, SpontaneousProfile
from tests.factories import CompanyFactory, ProcedureProfileFactory, SpontaneousProfileFactory
from tests.smmeplus.users import client_of, make_operator

SPONTANEOUS = {"wakeup_enabled": "on", "wakeup_period": "20"}
PROCEDURE = {"waves": "all", "tries": "24", "backoff_min": "10", "verify_after_days": "0"}


@dataclass(frozen=True)
class Kind:
    """One of the two kinds of profiles: its pages, and what its form needs beside a name."""

    rooms: str
    model: Any
    factory: Any
    values: dict[str, str]


KINDS = (
    Kind("profiles", SpontaneousProfile, SpontaneousProfileFactory, SPONTANEOUS),
    Kind("procedures", ProcedureProfile, ProcedureProfileFactory, PROCEDURE),
)


@pytest.fixture(params=KINDS, ids=lambda kind: kind.rooms)
def kind(request: pytest.FixtureRequest) -> Kind:
    found: Kind = request.param
    return found


@pytest.fixture
def peru(db: None) -> Company:
    return CompanyFactory.create(name="Peru")


@pytest.fixture
def operator(chile: Company) -> User:
    """Of Chile alone."""
    return make_operator(chile)


@pytest.fixture
def both(chile: Company, peru: Company) -> Client:
    """A browser of an operator of both."""
    return client_of(make_operator(chile, peru, name="of both"))
