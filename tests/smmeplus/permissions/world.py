"""Somebody in each role, in a company and in another one, and what they are answered at each address."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from django.apps import apps
from django.contrib.auth.models import Group, User
from django.contrib.sessions.models import Session as DjangoSession
from django.core.cache import cache
from django.db import transaction
from django.http.response import HttpResponseBase
from django.test import Client
from django.urls import reverse

from concentrators.models import Company, Decision
from smmeplus import roles
from smmeplus.models import RequestCount, Session
from tests.factories import ConcentratorFactory
from tests.smmeplus.foreign import IN_FIELD, Address, Owned, every_address, every_admin_address
from tests.smmeplus.permissions.table import (
    ADMINISTRATOR,
    METHODS,
    NO_ROLE,
    NO_THING,
    NOBODY,
    NOT_THERE,
    OF_ALL,
    OPERATOR,
    READS,
    REFUSED,
    ROLES,
    SHARED,
    VIEWER,
    WRITES,
    Row,
)
from tests.smmeplus.users import make_user
from wakeup.models import CauseClass

GROUPS = {VIEWER: roles.VIEWER, OPERATOR: roles.OPERATOR, ADMINISTRATOR: roles.ADMINISTRATOR}
#: What changes by looking.
OF_LOOKING = {DjangoSession, Session, RequestCount}
#: Answers that say no: to sign in first, not for you, not there, no such method.
_NO_SUCH_METHOD = 405
REFUSALS = frozenset({401, 403, 404, _NO_SUCH_METHOD})
_NOT_FOR_YOU = ("/sign-in/?next=", "/admin/login/?next=")
#: What commands of the API are told. Of what they cannot read they say so before they look for the thing.
BODIES: Mapping[str, dict[str, object]] = {
    "api:alarm-command": {"command": "acknowledge"},
    "api:roll-out-command": {"command": "pause"},
    "api:incident-comment": {"text": "Seen"},
    "api:incident-owner": {"owner": "owner"},
    "api:incident-reclass": {"cause": CauseClass.values[0], "reason": "Seen"},
    "api:incident-merge": {"into": 1},
    "api:incident-split": {"concentrators": [IN_FIELD]},
    "api:meterconflict-decide": {"decision": Decision.NONE.value},
}


class Place(NamedTuple):
    """One or several addresses of a row of the table: a view, and for profiles whose the thing is."""

    name: str
    addresses: tuple[Address, ...]

    @property
    def is_foreign(self) -> bool:
        return any(address.is_foreign for address in self.addresses)


def places(owned: Owned) -> list[Place]:
    """Everything that has an address, once for each row of the table."""
    found: dict[str, list[Address]] = {}
    for address in (*every_address(owned), *_of_all(owned), *every_admin_address(owned)):
        if not address.view.endswith("RedirectView"):  # to an address that is asked itself
            found.setdefault(address.view or address.path, []).append(_of_a_row(address))
    return [Place(name, tuple(dict.fromkeys(addresses))) for name, addresses in sorted(found.items())]


def _of_all(owned: Owned) -> Iterator[Address]:
    """Of profiles once more, with one that belongs to all companies."""
    shared = {"profiles": owned.other_profile.pk, "procedures": owned.shared_procedure.pk}
    for room, key in shared.items():
        for view in ("show", "change", "clone", "delete", *(["default"] if room == "procedures" else [])):
            path = reverse(f"{room}:{view}", args=[key])
            yield Address(f"{room}:{view} of all companies", path, is_foreign=False)


def _of_a_row(address: Address) -> Address:
    """In the admin site some models belong to no company: the first of their rows stands for all."""
    _, room, *rest = address.path.split("/")
    model = apps.all_models.get(rest[0], {}).get(rest[1]) if len(rest) > 1 else None
    if room != "admin" or address.is_foreign or model is None:
        return address
    first = model._default_manager.order_by("pk").values_list("pk", flat=True).first()
    return address._replace(path=address.path.replace("/1/", f"/{first}/", 1)) if first is not None else address


class Visitor:
    """A user, or nobody, with one session for all that they ask."""

    def __init__(self, user: User | None) -> None:
        self.client = Client(raise_request_exception=True)
        if user is not None:
            self.client.force_login(user)
        self._cookies = dict(self.client.cookies)
        #: Addresses whose answers somebody might keep.
        self.kept: set[str] = set()

    def ask(self, address: Address, method: str) -> HttpResponseBase:
        self.client.cookies.clear()
        self.client.cookies.update(self._cookies)
        cache.clear()  # in which the requests to the API are counted
        is_of_program = address.path.startswith("/api/")
        told = json.dumps(BODIES.get(address.view, {}))
        body: dict[str, Any] = {"data": told, "content_type": "application/json"} if is_of_program else {}
        response: HttpResponseBase = getattr(self.client, method.lower())(
            address.path, **(body if method != "GET" else {})
        )
        if "no-store" not in response.get("Cache-Control", ""):
            self.kept.add(address.path)
        return response


def is_refused(address: Address, response: HttpResponseBase) -> bool:
    """Whether the answer says no. The admin site leads to its first page whoever asks for what is not there."""
    if response.status_code in REFUSALS:
        return True
    leads_to = response.get("Location", "")
    return leads_to.startswith(_NOT_FOR_YOU) or (address.path.startswith("/admin/") and leads_to == "/admin/")


def is_allowed(visitor: Visitor, address: Address, method: str) -> bool:
    """Asks, and takes back what it did. What a refusal did stays, and shows in ``contents``."""
    with transaction.atomic():
        refused = is_refused(address, visitor.ask(address, method))
        transaction.set_rollback(not refused)
    return not refused


def people(company: Company, name: str) -> dict[str, User]:
    """One of ``company`` in each role but nobody and the administrator of all companies."""
    found = {}
    for role in (NO_ROLE, VIEWER, OPERATOR, ADMINISTRATOR):
        user = found[role] = make_user(f"{name} {role}", company, is_staff=role == ADMINISTRATOR)
        if role in GROUPS:
            user.groups.add(Group.objects.get(name=GROUPS[role]))
    return found


class World:
    """A company with one of everything, its people, and those of another company."""

    def __init__(self, owned: Owned) -> None:
        self.places = places(owned)
        insiders = people(owned.company, "own") | {OPERATOR: owned.owner}  # who has uploaded their files
        outsiders = people(ConcentratorFactory.create(serial_number="OWN1").company, "strange")
        self.of_all = User.objects.create_superuser("of all")
        self.insiders = {NOBODY: Visitor(None), OF_ALL: Visitor(self.of_all)}
        self.insiders |= {role: Visitor(user) for role, user in insiders.items()}
        # Those below may not do more: that is the matter of tests/smmeplus/test_roles.py.
        self.outsiders = {role: Visitor(outsiders[role]) for role in (OPERATOR, ADMINISTRATOR)}

    def methods_of(self, place: Place) -> tuple[str, ...]:
        """Those that the address has: others are answered with 405 whoever asks, an administrator of all, too.

        The admin site takes others for GET.
        """
        address = place.addresses[0]
        if address.path.startswith("/admin/"):
            return METHODS[:2]
        return tuple(method for method in METHODS if self._knows(address, method))

    def _knows(self, address: Address, method: str) -> bool:
        with transaction.atomic():
            is_known = self.insiders[OF_ALL].ask(address, method).status_code != _NO_SUCH_METHOD
            transaction.set_rollback(is_known)
        return is_known

    def seen_row(self, place: Place) -> Row:
        """What is true of a place, as the table would say it."""
        methods = self.methods_of(place)
        rights = [self._right(role, place, methods) for role in ROLES]
        return Row(place.name, methods, tuple(rights), self._of_others(place, methods))

    def _right(self, role: str, place: Place, methods: Iterable[str]) -> str:
        visitor = self.insiders[role]
        allowed = {method for method in methods if self._any(visitor, place, method)}
        return (READS if "GET" in allowed else "") + (WRITES if allowed - {"GET"} else "") or REFUSED

    def _of_others(self, place: Place, methods: Iterable[str]) -> str:
        if not place.is_foreign:
            return NO_THING
        asked = ((visitor, method) for visitor in self.outsiders.values() for method in methods)
        return SHARED if any(self._any(visitor, place, method) for visitor, method in asked) else NOT_THERE

    @staticmethod
    def _any(visitor: Visitor, place: Place, method: str) -> bool:
        return any(is_allowed(visitor, address, method) for address in place.addresses)


def contents() -> dict[str, str]:
    """A checksum of each table, but of those that tell of whoever looks."""
    found = {}
    for model in apps.get_models(include_auto_created=True):
        if model not in OF_LOOKING:
            values = repr(list(model._default_manager.order_by("pk").values_list()))
            found[model._meta.label] = hashlib.sha256(values.encode()).hexdigest()
    return found
