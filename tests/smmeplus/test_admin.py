"""The admin site: every page of every model answers, and messages stay as they came in."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from knox.models import AuthToken

from concentrators.models import Company, Concentrator
from profiles.models import SystemSettings
from smmeplus.common.paging import CappedPaginator
from smmeplus.dlms.kinds import Kind
from tests.factories import ConcentratorFactory
from tests.smmeplus.translation.markup import links, parse, text, texts, with_class
from tests.smmeplus.users import client_of, make_user
from wakeup.admin import MessageAdmin
from wakeup.models import Format, ListenerRun, Message, Receiver, StrayFrame
from wakeup.recording.arrivals import Arrival
from wakeup.recording.recorder import record

pytestmark = pytest.mark.one_database

MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)
READ_ONLY = ("message", "strayframe", "spontaneousprofile", "procedureprofile", "listenerrun")
AT = datetime(2020, 9, 24, 10, 18, 46, tzinfo=UTC)
MESSAGES = reverse("admin:wakeup_message_changelist")


@pytest.fixture
def client(administrator: User) -> Client:
    return client_of(administrator)


@pytest.fixture
def one_of_each(chile: Company, administrator: User) -> Concentrator:
    """A concentrator in field with a message, a stray frame of an unknown one, a listener, and a token."""
    SystemSettings.objects.create()
    ListenerRun.objects.create(host="a", process_id=1, address="0.0.0.0", port=58692, started_at=AT, seen_at=AT)
    AuthToken.objects.create(administrator)
    Receiver.objects.create(name="Desk", kind="webhook", address="https://10.20.0.5/")
    concentrator: Concentrator = ConcentratorFactory.create(company=chile, serial_number="16CEC5A", in_field=True)
    record([arrival(concentrator.serial_number), arrival("UNKNOWN1")])
    return concentrator


def arrival(serial: str, kind: Kind = Kind.KEEPALIVE) -> Arrival:
    return Arrival(serial, kind, Format.PUSH, AT, source_ip="10.60.0.7", port=58692, raw=b"\x00\x01")


def url(model: type, page: str, *args: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)  # type: ignore[attr-defined]


def shown(client: Client, **query: str) -> list[str]:
    """The serial numbers in the list of messages."""
    return texts(parse(client.get(MESSAGES, query)), ".//tbody/tr/td[@class='field-concentrator nowrap']")


def test_the_first_page_lists_every_model(client: Client) -> None:
    page = client.get(reverse("admin:index")).content.decode()
    assert all(url(model, "changelist") in page for model in MODELS)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_list_detail_history_and_form_of_every_model_answer(
    client: Client, one_of_each: Concentrator, model: type[User]
) -> None:
    thing = model._default_manager.first()
    assert thing is not None
    assert client.get(url(model, "changelist"), follow=True).status_code == 200
    assert client.get(url(model, "changelist"), {"q": "x"}, follow=True).status_code == 200
    assert client.get(url(model, "change", thing.pk)).status_code == 200
    assert client.get(url(model, "history", thing.pk)).status_code == 200
    may_add = model._meta.model_name not in (*READ_ONLY, "systemsettings", "authtoken")
    assert client.get(url(model, "add")).status_code == (200 if may_add else 403)


@pytest.mark.parametrize("name", READ_ONLY)
def test_what_is_to_look_at_cannot_be_touched(client: Client, one_of_each: Concentrator, name: str) -> None:
    model = next(model for model in MODELS if model._meta.model_name == name)
    thing = model._default_manager.get()
    for path in (url(model, "add"), url(model, "change", thing.pk), url(model, "delete", thing.pk)):
        assert client.post(path, {"post": "yes"}).status_code == 403
    client.post(url(model, "changelist"), {"action": "delete_selected", "_selected_action": thing.pk, "post": "yes"})
    assert model._default_manager.get() == thing


def test_state_and_profile_cannot_change_in_the_admin_site(client: Client, one_of_each: Concentrator) -> None:
    facts = {"serial_number": "16CEC5A", "company": one_of_each.company_id, "type": one_of_each.type_id}
    rest = {"manufacturer": "Ap System", "management_port": "4059", "management_address": "fixed", "customers": "7"}
    client.post(url(Concentrator, "change", one_of_each.pk), facts | rest | {"state": "removed", "profile": ""})
    one_of_each.refresh_from_db()
    assert (one_of_each.customers, one_of_each.state, one_of_each.profile is None) == (7, "in field", False)


def test_messages_show_the_newest_first(client: Client, one_of_each: Concentrator) -> None:
    record([arrival("16CEC5A", Kind.BOOT)])
    kinds = texts(parse(client.get(MESSAGES)), ".//tbody/tr/td[@class='field-kind']")
    assert kinds == [Kind.BOOT.word, Kind.KEEPALIVE.word]


def test_messages_in_another_order_are_those_of_all_time(
    client: Client, one_of_each: Concentrator, monkeypatch: pytest.MonkeyPatch
) -> None:
    record([Arrival("16CEC5A", Kind.OTHER, Format.PUSH, timezone.now(), "10.60.0.7", 58692)])
    monkeypatch.setattr(MessageAdmin, "list_per_page", 1)
    kinds = [
        texts(parse(client.get(MESSAGES, query)), ".//tbody/tr/td[@class='field-kind']")
        for query in ({}, {"p": "2"}, {"o": "2"}, {"o": "-2"}, {"o": "2", "p": "2"})
    ]
    newest, oldest = [Kind.OTHER.word], [Kind.KEEPALIVE.word]
    assert kinds == [newest, oldest, oldest, newest, newest]


@pytest.mark.parametrize("typed", ["16CEC5A", "16cec5a", " 16cec5A "])
def test_messages_are_found_by_the_whole_serial_number_in_any_case(
    client: Client, one_of_each: Concentrator, typed: str
) -> None:
    other = ConcentratorFactory.create(company=one_of_each.company, in_field=True)
    record([arrival(other.serial_number)])
    assert shown(client, q=typed) == ["16CEC5A"]
    assert len(shown(client)) == 2


@pytest.mark.parametrize("typed", ["UNKNOWN1", "16CEC", "16CEC5AB", "%", "ñ", "'"])
def test_an_unknown_serial_number_finds_none(client: Client, one_of_each: Concentrator, typed: str) -> None:
    assert shown(client, q=typed) == []


def test_millions_of_messages_are_not_counted(client: Client, one_of_each: Concentrator) -> None:
    with CaptureQueriesContext(connection) as queries:
        client.get(MESSAGES)
    counts = [query["sql"] for query in queries if re.search(r"COUNT\(.*wakeup_message", query["sql"], re.DOTALL)]
    assert counts
    assert all(f"LIMIT {CappedPaginator.CAP + 1})" in sql for sql in counts)


def test_the_number_of_messages_stops_at_the_cap(one_of_each: Concentrator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CappedPaginator, "CAP", 2)
    messages = Message.objects.order_by("pk")
    assert CappedPaginator(messages, 1).count == 1
    record([arrival("16CEC5A")] * 2)
    assert (CappedPaginator(messages.all(), 1).count, CappedPaginator(messages.all(), 1).num_pages) == (2, 2)


def test_the_last_bytes_of_a_stray_frame_show_in_hex(client: Client, one_of_each: Concentrator) -> None:
    stray = StrayFrame.objects.get()
    page = client.get(url(StrayFrame, "change", stray.pk)).content.decode()
    assert "00 01" in page


def test_who_is_no_staff_is_not_let_in(chile: Company) -> None:
    client = Client()
    client.force_login(make_user("nobody", chile, permissions=("concentrators.view_concentrator",)))
    assert client.get(reverse("admin:index"))["Location"].startswith(reverse("admin:login"))


def test_browsers_find_an_icon(client: Client) -> None:
    for visitor in (client, Client()):
        response = visitor.get("/favicon.ico", follow=True)
        assert (response.status_code, response["Content-Type"]) == (200, "image/svg+xml")


@pytest.mark.parametrize(
    ("path", "current"),
    [
        ("/admin/", "Admin"),
        ("/admin/auth/user/", "Admin"),
        ("/admin/profiles/systemsettings/1/change/", "System"),
    ],
)
def test_its_pages_stand_in_the_frame_of_the_product(client: Client, path: str, current: str) -> None:
    SystemSettings.objects.create(environment_name="UAT", wakeup_ip="10.132.20.229")
    page = parse(client.get(path, follow=True))
    assert links(page)["SMM ePlus - SMART METERS MANAGER"] == "/"
    assert text(with_class(page, "environment")[0]) == "UAT"
    (bar,) = with_class(page, "frame-bar")
    assert list(links(bar)) == ["Admin", "System", "Technical area", "Report"]
    assert [text(link) for link in bar.iter("a") if link.get("aria-current")] == [current]


def test_a_small_window_of_its_own_has_no_frame(client: Client) -> None:
    assert not with_class(parse(client.get("/admin/auth/user/add/?_popup=1")), "frame-bar")
