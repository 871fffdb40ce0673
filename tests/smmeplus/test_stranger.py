"""Who belongs to one company sees and changes nothing of another, whatever they ask for (ACC-1).

Every address of the product is asked with the ids, serial numbers and company of somebody else. An address that is
new is asked by itself, or the walk fails because nobody has said what its argument stands for. The owner sees and
changes their own things at the same addresses: else the walk would prove nothing.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any, NamedTuple
from urllib.parse import unquote_plus, urlencode

import pytest
from django.contrib.auth.models import Group, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from smmeplus.common.exporting import FORMATS
from smmeplus.roles import ADMINISTRATOR
from tests.factories import ConcentratorFactory
from tests.smmeplus.common.all_lists import LISTS
from tests.smmeplus.foreign import (
    AVAILABLE,
    IN_FIELD,
    SECRETS,
    Address,
    Owned,
    every_address,
    every_admin_address,
)
from tests.smmeplus.users import make_operator

pytestmark = pytest.mark.one_database(in_ci=True)

HTMX = {"HX-Request": "true"}
PARTS = ("choose-concentrators", "choose-profile")
NOT_THERE = {302, 400, 403, 404, 405}
#: Where even the owner reads nothing: they act, lead elsewhere, or show what is everybody's.
#: They show nothing of a concentrator but the serial number, which stands in the address.
TELL_NOTHING = {
    "api:configuration-detail",
    "api:roll-out-command",
    "api:alarm-command",
    *(f"api:incident-{word}" for word in ("acknowledge", "comment", "owner", "reclass", "merge", "split")),
    "incidents:acknowledge",
    "incidents:split",
    "api:outofservice-end",
    "reports:unsubscribe",  # the key of a mail is all that it takes
    "api:plannedwork-cancel",
    "api:meterconflict-decide",
    "api:meterconflict-withdraw",
    *(f"rollouts:{command}" for command in ("pause", "resume", "cancel", "retry")),
    "concentrator:make-available",
    "concentrator:back-in-service",
    "concentrator:password",
    "concentrator:keys",
    "concentrator:remove-keys",
    "concentrator:ciphered-only",
    "concentrator:try-again",
    "wakeup:ignore-stray",
}
LIST_VIEWS = {listed.view for listed in LISTS}
BULK = ("installation", "modification", "removal")


class Asked(NamedTuple):
    """A request: what was sent with it, and what came back, both as text."""

    address: Address
    sent: str
    status: int
    answer: str

    @property
    def leaks(self) -> list[str]:
        """The secrets in the answer that were not sent."""
        return [secret for secret in SECRETS if secret in self.answer and secret not in self.sent]


@pytest.fixture
def owned(db: None) -> Owned:
    return Owned()


@pytest.fixture
def stranger(db: None) -> User:
    """An operator of another company, which has one concentrator."""
    return make_operator(ConcentratorFactory.create(serial_number="OWN1").company, name="stranger")


@pytest.fixture
def strange_administrator(stranger: User) -> User:
    stranger.groups.add(Group.objects.get(name=ADMINISTRATOR))
    stranger.is_staff = True
    stranger.save()
    return stranger


class Visitor:
    """A user at one address, in a session of its own: one of the addresses ends it."""

    def __init__(self, user: User, address: Address) -> None:
        self.address = address
        self.client = Client()
        self.client.force_login(user)

    def ask(self, method: str = "get", query: dict[str, Any] | None = None, **request: Any) -> Asked:
        target = self.address.path + (f"?{urlencode(query, doseq=True)}" if query else "")
        sent = unquote_plus(target) + str(request.get("data", ""))
        response = getattr(self.client, method)(target, **request)
        return Asked(self.address, sent, response.status_code, text_of(response))


def text_of(response: Any) -> str:
    """All that an answer says: where it leads, and its text, be it packed in a sheet."""
    content = response.getvalue()
    if zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            content = b"".join(map(archive.read, archive.namelist()))
    return str(response.get("Location", "") + content.decode(errors="replace"))


def looks(user: User, owned: Owned, address: Address) -> Iterator[Asked]:
    """Every way to look at an address."""
    visitor, company = Visitor(user, address), {"company": owned.company.pk}
    yield visitor.ask()
    if address.view not in LIST_VIEWS:
        return
    everything = {**company, "from_day": "", "to_day": "", "ignored": "", "per_page": 250}
    yield visitor.ask(query=everything, headers=HTMX)
    yield visitor.ask(query={**everything, "q": "s", "c-q": "s"})
    for part in PARTS if address.view.startswith("concentrators:") else ():
        yield visitor.ask(query={**company, "c-q": "s"}, headers={**HTMX, "HX-Target": part})
    for file_format in FORMATS:
        yield visitor.ask(query={**everything, "export": file_format})


def deeds(user: User, owned: Owned, address: Address) -> Iterator[Asked]:
    """Every way to do something at an address."""
    if address.view.startswith("api:"):
        yield from _deeds_of_programs(user, owned, address)
        return
    visitor, query = Visitor(user, address), {"company": owned.company.pk}
    keys = [one.pk for one in owned.concentrators]
    choices: list[dict[str, object]] = [{"concentrator": keys}, {"all": ""}, {"all": "secret"}]
    for chosen in choices if address.view in LIST_VIEWS else choices[:1]:
        yield visitor.ask("post", query, data={**_form(owned), **chosen}, headers=HTMX)
    for method in ("put", "patch", "delete") if address.is_foreign else ():
        yield visitor.ask(method)


def _deeds_of_programs(user: User, owned: Owned, address: Address) -> Iterator[Asked]:
    visitor = Visitor(user, address)
    for action, serial in (("install", AVAILABLE), ("modify", IN_FIELD), ("remove", IN_FIELD)):
        data: dict[str, Any] = {"action": action, "concentrators": [serial], "company": owned.company.pk}
        data |= {"profile": owned.other_profile.pk} if action != "remove" else {}
        yield visitor.ask("post", data=json.dumps(data), content_type="application/json")
    for method in ("put", "patch", "delete"):
        yield visitor.ask(method, data="{}", content_type="application/json")


def in_days(days: int) -> str:
    """With its offset: as a time of the company's zone it might be one that a change of its clocks leaves out."""
    return (timezone.now() + timedelta(days=days)).isoformat(timespec="minutes")


def _form(owned: Owned) -> dict[str, Any]:
    """The fields of all forms: a form takes those that it knows."""
    return {
        "company": owned.company.pk,
        "profile": owned.other_profile.pk,
        "confirmed": "1",
        "type": owned.concentrators[0].type_id,
        "manufacturer": "Changed",
        "management_port": 4060,
        "management_address": "as last heard",
        "customers": 7,
        "ignore": "yes",
        "only_good_rows": "yes",
        "reason": "Changed",
        "begin": in_days(1),
        "end": in_days(2),
        "out": owned.out.pk,
        "name": "Changed",
        "file": SimpleUploadedFile("file.csv", b"serial_number\nNEW1\n"),
        "_selected_action": [owned.company.pk, *(one.pk for one in owned.concentrators)],
        "action": "delete_selected",
        "post": "yes",
    }


def faults(asked: Iterable[Asked]) -> list[str]:
    """What the answers tell, and those that are no proper refusals."""
    found = []
    for one in asked:
        if one.leaks:
            found.append(f"{one.address.view} tells {one.leaks}: {one.sent}")
        elif one.status >= 500 or (one.address.is_foreign and one.status not in NOT_THERE):
            found.append(f"{one.address.view} answers {one.status}: {one.sent}")
    return found


def test_a_stranger_reads_nothing_at_any_address(stranger: User, owned: Owned) -> None:
    assert not faults(one for address in every_address(owned) for one in looks(stranger, owned, address))


def test_a_stranger_does_nothing_at_any_address(stranger: User, owned: Owned) -> None:
    before = owned.rows()
    assert not faults(one for address in every_address(owned) for one in deeds(stranger, owned, address))
    assert owned.rows() == before


def test_a_strange_administrator_reads_and_does_nothing_in_the_admin_site(
    strange_administrator: User, owned: Owned
) -> None:
    before = owned.rows()
    asked = (one for address in every_admin_address(owned) for one in both(strange_administrator, owned, address))
    assert not faults(asked)
    assert owned.rows() == before


def both(user: User, owned: Owned, address: Address) -> Iterator[Asked]:
    """To look at an address of the admin site and, if it is about things of companies, to do something there."""
    visitor = Visitor(user, address)
    yield visitor.ask()
    if address.is_of_companies:
        yield visitor.ask("post", data=_form(owned))


@pytest.mark.ci_only  # as it is about the walk, not about the product
def test_the_owner_reads_his_own_at_each_address_that_is_for_it(owned: Owned) -> None:
    addresses = list(every_address(owned))
    telling = {one for one in addresses if any(asked.leaks for asked in looks(owned.owner, owned, one))}
    silent = {address for address in addresses if address.is_foreign and address.view not in TELL_NOTHING} - telling
    assert not silent
    lists = {"concentrators:list", "reports:wakeup", "reports:wakeup-per-day", "wakeup:strays"}
    assert {*lists, *(f"concentrators:{page}" for page in BULK)} <= {address.view for address in telling}


def test_the_administrator_of_all_reads_them_in_the_admin_site(administrator: User, owned: Owned) -> None:
    addresses = [address for address in every_admin_address(owned) if address.is_of_companies]
    telling = {address.view for address in addresses if Visitor(administrator, address).ask().leaks}
    for model in ("concentrators_company", "concentrators_concentrator", "wakeup_message", "wakeup_strayframe"):
        assert {f"admin:{model}_{page}" for page in ("changelist", "change")} <= telling
    assert {f"admin:concentrators_concentrator_{page}" for page in ("history", "simple_history")} <= telling


@pytest.mark.time
@pytest.mark.parametrize(
    "view",
    [
        *(f"concentrators:{page}" for page in BULK),
        "concentrator:change",
        "concentrator:make-available",
        "concentrator:out-of-service",
        "concentrator:back-in-service",
        "wakeup:ignore-stray",
        "wakeup:create-from-stray",
    ],
)
def test_the_owner_changes_his_own_by_the_same_requests(owned: Owned, view: str) -> None:
    before = owned.rows()
    for address in every_address(owned):
        if address.view == view:
            list(deeds(owned.owner, owned, address))
    assert owned.rows() != before


def test_an_argument_that_nobody_knows_fails_the_walk(owned: Owned, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.smmeplus.foreign.every_path", lambda: [reverse("profiles:show", args=[1])])
    monkeypatch.setattr("tests.smmeplus.foreign.ARGUMENTS", {})
    with pytest.raises(pytest.fail.Exception, match="which “pk” of “profiles:show” is a stranger's"):
        list(every_address(owned))
