"""The page of deliveries: what was told, what waits and why, and who may test and send now (STA-7, ACC-1)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from concentrators.models import Company
from tests.factories import CompanyFactory
from tests.smmeplus.api.asking import Api
from tests.smmeplus.translation.markup import parse, text, texts, with_class
from tests.smmeplus.users import client_of, make_operator, make_user, make_viewer
from tests.wakeup.monitoring.notifications.happenings import make_incident, make_receiver
from wakeup.models import Delivery, Receiver
from wakeup.monitoring.notifications.outbox import queue_test

pytestmark = pytest.mark.one_database
LIST = reverse("deliveries:list")


@pytest.fixture
def receiver(chile: Company) -> Receiver:
    return make_receiver(chile, name="Control room")


def failed(receiver: Receiver) -> Delivery:
    """A test that was answered 500, and is tried again in an hour."""
    now = timezone.now()
    made = queue_test(receiver, "somebody", now - timedelta(minutes=5))
    receiver.deliveries.filter(pk=made.pk).update(tries=3, reason="answered|500", next_try_at=now + timedelta(hours=1))
    return made


def row(client: Client) -> list[str]:
    """The cells of the only delivery."""
    (found,) = parse(client.get(LIST, headers={"HX-Request": "true"})).findall(".//tbody/tr")
    return [text(cell) for cell in found]


def receivers(client: Client) -> list[list[str]]:
    (section,) = parse(client.get(LIST)).findall(".//section[@aria-labelledby='receivers-head']")
    return [[text(part) for part in one] for one in section.findall("div/ul/li")]


def test_what_fails_says_how_often_and_why(client: Client, receiver: Receiver) -> None:
    failed(receiver)
    state, name, number, about, event, reason, *_rest, settled, action = row(client)
    assert (state, name, number, about) == ("not delivered, 3 tries", "Control room", "1", "—")
    assert (event, reason, settled, action) == ("test", "answered 500", "—", "Send now")
    (shown,) = receivers(client)
    assert shown[:3] == ["Control room", "webhook, Chile", "not delivered since"]
    assert shown[4:] == ["answered 500", "1 delivery waits", "Test"]


def test_what_was_not_told_says_why(client: Client, chile: Company, receiver: Receiver) -> None:
    now = timezone.now()
    times = {"made_at": now, "not_before": now, "next_try_at": now, "settled_at": now}
    one = make_incident(chile)
    Delivery.objects.create(
        receiver=receiver,
        number=1,
        key="k",
        event="incident opened",
        incident=one,
        state="dropped",
        reason="planned",
        **times,
    )
    state, _name, _number, about, event, reason, *_rest, next_try, settled, action = row(client)
    assert (state, about, event) == ("not needed any more", f"incident {one.pk}", "incident opened")
    assert (reason, next_try, settled, action) == ("planned work", "—", "—", "")


def test_a_receiver_that_gets_everything_is_grey(client: Client, receiver: Receiver) -> None:
    assert receivers(client)[0][2:] == ["nothing delivered yet", "Test"]
    queue_test(receiver, "somebody", timezone.now())
    receiver.deliveries.update(state="delivered", tries=1, settled_at=timezone.now())
    assert receivers(client)[0][2] == "last delivered"
    assert with_class(parse(client.get(LIST)), "text-bg-danger") == []


def test_a_sign_of_life_that_is_missing_is_told_and_cannot_be_tested(client: Client, chile: Company) -> None:
    one = make_receiver(chile, kind="life sign", sign_failure="no canary|200")
    (shown,) = receivers(client)
    assert shown[1:3] == ["sign of life, Chile", "no sign of life"]
    assert shown[3:] == ["no canary message was stored for 200 s"]
    assert client.post(reverse("receivers:test", args=[one.pk])).status_code == 404


def test_an_inactive_receiver_says_so(client: Client, chile: Company) -> None:
    one = make_receiver(chile, is_active=False)
    assert receivers(client)[0][2:] == ["inactive"]
    assert client.post(reverse("receivers:test", args=[one.pk])).status_code == 404


def test_the_page_says_that_no_network_is_listed(client: Client, settings: Any) -> None:
    assert "No webhook goes anywhere" in text(parse(client.get(LIST)))
    settings.NOTIFY_NETWORKS = ["10.0.0.0/8"]
    assert "No webhook goes anywhere" not in text(parse(client.get(LIST)))


def test_a_test_waits_in_the_outbox(client: Client, receiver: Receiver) -> None:
    url = reverse("receivers:test", args=[receiver.pk])
    assert "says that it is a test" in text(parse(client.get(url)))
    assert not receiver.deliveries.exists()
    page = parse(client.post(url, follow=True))
    assert "A test to Control room waits in the outbox." in text(page)
    assert receiver.deliveries.get().body["user"] == "operator"


def test_send_now_does_not_wait_for_the_next_try(client: Client, receiver: Receiver) -> None:
    url = reverse("deliveries:send-now", args=[failed(receiver).pk])
    assert "Control room, 1" in text(parse(client.get(url)))
    page = parse(client.post(url, follow=True))
    assert "It is tried within seconds" in text(page)
    assert receiver.deliveries.get().next_try_at <= timezone.now()


def test_what_waits_for_its_delay_is_not_sent_before(client: Client, receiver: Receiver) -> None:
    one = queue_test(receiver, "somebody", timezone.now() + timedelta(minutes=9))
    assert row(client)[-1] == ""
    page = parse(client.post(reverse("deliveries:send-now", args=[one.pk]), follow=True))
    assert "Nothing was changed." in text(page)


def test_what_has_been_delivered_is_not_sent_again(client: Client, receiver: Receiver) -> None:
    one = failed(receiver)
    receiver.deliveries.update(state="delivered")
    assert client.post(reverse("deliveries:send-now", args=[one.pk])).status_code == 404


@pytest.mark.parametrize("view", ["deliveries:send-now", "receivers:test"])
def test_a_get_changes_nothing(client: Client, receiver: Receiver, view: str) -> None:
    one = failed(receiver)
    client.get(reverse(view, args=[one.pk if view.startswith("deliveries") else receiver.pk]))
    assert receiver.deliveries.get().next_try_at > timezone.now()


def test_viewers_see_none_of_it_and_operators_of_other_companies_other_things(
    chile: Company, receiver: Receiver
) -> None:
    one = failed(receiver)
    assert client_of(make_viewer(chile)).get(LIST).status_code == 403
    stranger = client_of(make_operator(CompanyFactory.create(), name="stranger"))
    assert receivers(stranger) == []
    assert texts(parse(stranger.get(LIST)), ".//td[@class='empty']")
    for view, key in (("deliveries:send-now", one.pk), ("receivers:test", receiver.pk)):
        assert stranger.post(reverse(view, args=[key])).status_code == 404


def test_one_of_all_companies_is_for_who_sees_them_all(client: Client, administrator: Any) -> None:
    make_receiver(name="Everything")
    assert receivers(client) == []
    assert [shown[0] for shown in receivers(client_of(administrator))] == ["Everything"]


def test_to_look_is_not_to_act(chile: Company, receiver: Receiver) -> None:
    one = failed(receiver)
    permissions = ("wakeup.view_delivery", "wakeup.view_receiver")
    looks = client_of(make_user("looks", chile, permissions=permissions))
    assert receivers(looks)[0][-1] == "1 delivery waits"
    assert row(looks)[-1] == ""
    assert looks.post(reverse("receivers:test", args=[receiver.pk])).status_code == 403
    assert looks.post(reverse("deliveries:send-now", args=[one.pk])).status_code == 403
    assert receiver.deliveries.count() == 1


def test_the_api_says_the_same(chile: Company, receiver: Receiver) -> None:
    one = failed(receiver)
    (said,) = Api(make_operator(chile)).rows("deliveries/", state="waiting")
    assert (said["id"], said["receiver"], said["number"], said["event"]) == (one.pk, "Control room", 1, "test")
    assert (said["reason"], said["tries"], said["incident"]) == ("answered 500", 3, None)
    assert Api(make_operator(CompanyFactory.create(), name="stranger")).rows("deliveries/") == []


def test_a_name_is_text_and_no_markup(client: Client, chile: Company) -> None:
    failed(make_receiver(chile, name="<script>alert(1)</script>"))
    assert b"<script>alert" not in client.get(LIST).content
