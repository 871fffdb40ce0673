"""Senders over real sockets: each receiver apart, at least once, in order, and by one sender at a time (STA-7)."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from tests import ROOT
from tests.plugins.effort import ROUNDS
from tests.support.listener import database_url
from tests.support.processes import wait_until
from tests.wakeup.monitoring.notifications.happenings import make_receiver
from tests.wakeup.monitoring.notifications.sending.answering import Answering, answering
from wakeup.models import Delivery, Receiver
from wakeup.monitoring.notifications.outbox import queue_test
from wakeup.monitoring.notifications.sending import webhook
from wakeup.monitoring.notifications.sending.secrets import make_secret, secret_of
from wakeup.monitoring.notifications.sending.sender import Sender
from wakeup.monitoring.notifications.sending.signing import signed_headers

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.time]


def webhook_at(web: Answering, **values: Any) -> Receiver:
    receiver = make_receiver(**{"address": web.url, **values})
    make_secret(receiver)
    return receiver


def tell(receiver: Receiver, number: int = 1) -> None:
    for _ in range(number):
        queue_test(receiver, "somebody", timezone.now())


def send_all(clock: Any = timezone.now) -> Sender:
    sender = Sender(clock)
    sender.run_once()
    return sender


def send_apart() -> threading.Thread:
    """The same in a thread, which has a connection of its own."""

    def work() -> None:
        try:
            send_all()
        finally:
            connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    return thread


def later() -> datetime:
    """When the longest pause and each hold are over."""
    return timezone.now() + timedelta(minutes=20)


def test_what_is_posted_is_signed_and_says_what_it_is(web: Answering) -> None:
    receiver = webhook_at(web)
    tell(receiver)
    assert send_all().delivered == 1
    (post,) = web.posts
    said = json.loads(post.body)
    assert (said["type"], said["data"]["number"], said["data"]["user"]) == ("test", 1, "somebody")
    assert "id" not in said["data"]
    seconds = int(post.headers["webhook-timestamp"])
    assert abs(seconds - timezone.now().timestamp()) < 60
    signed = signed_headers(secret_of(receiver), post.id, seconds, post.body)
    assert post.headers["webhook-signature"] == signed["webhook-signature"]
    assert receiver.deliveries.get().state == "delivered"


def test_a_receiver_that_was_away_for_a_day_loses_nothing_and_gets_it_in_order(web: Answering) -> None:
    receiver = webhook_at(web)
    tell(receiver, 3)
    web.manner = 500
    assert send_all().failed == 1
    first = receiver.deliveries.get(number=1)
    assert (first.state, first.reason, first.tries) == ("waiting", "answered|500", 1)
    assert receiver.deliveries.filter(tries=0).count() == 2
    web.manner = 200
    assert send_all(later).delivered == 3
    assert [post.number for post in web.posts] == [1, 1, 2, 3]
    assert web.posts[0].id == web.posts[1].id
    assert len({post.id for post in web.posts}) == 3


def test_one_that_hangs_holds_up_no_other(web: Answering, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook, "WHOLE_S", 1.0)
    with answering("hang") as hanging:
        tell(webhook_at(hanging))
        tell(webhook_at(web), 5)
        thread = send_apart()
        wait_until(lambda: len(web.posts) == 5, patience_s=10)
        assert thread.is_alive()
        thread.join()
    assert Delivery.objects.filter(state="waiting").get().reason == "no answer|1"


def test_nothing_goes_out_unsigned(web: Answering) -> None:
    receiver = make_receiver(address=web.url)
    tell(receiver)
    send_all()
    assert (web.posts, receiver.deliveries.get().reason) == ([], "no secret")


def test_a_secret_that_no_key_reads_is_told_and_nothing_is_sent(web: Answering, settings: Any) -> None:
    receiver = webhook_at(web)
    tell(receiver)
    settings.CONFIGURATION_KEYS = []
    send_all()
    assert web.posts == []
    assert receiver.deliveries.get().reason.startswith("no key|")


def test_an_address_that_is_none_is_told(web: Answering) -> None:
    receiver = webhook_at(web, address="hook")
    tell(receiver)
    send_all()
    assert receiver.deliveries.get().reason.startswith("wrong address|")


def test_a_mistake_of_ours_is_noted_and_tried_again(web: Answering, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: Any) -> None:
        raise KeyError("whsec_secret")

    receiver = webhook_at(web)
    tell(receiver)
    monkeypatch.setattr("wakeup.monitoring.notifications.sending.sender.send", fail)
    send_all()
    assert (receiver.deliveries.get().state, receiver.deliveries.get().reason) == ("waiting", "failed|KeyError")


def test_a_mail_is_in_the_language_of_its_receiver_and_goes_to_all_addresses() -> None:
    receiver = make_receiver(kind="email", address="a@example.org, b@example.org", language="en", name="Desk")
    tell(receiver)
    send_all()
    (sent,) = mail.outbox
    assert sent.to == ["a@example.org", "b@example.org"]
    assert sent.subject.startswith("Test of the notifications · since ")
    assert "Sent by: somebody" in sent.body
    assert sent.extra_headers["Message-ID"].startswith("<msg_")
    assert receiver.deliveries.get().state == "delivered"


def test_a_mail_server_that_is_away_is_waited_for(settings: Any) -> None:
    settings.EMAIL_BACKEND = "tests.wakeup.monitoring.notifications.sending.test_sender.Away"
    receiver = make_receiver(kind="email", address="a@example.org")
    tell(receiver)
    send_all()
    assert receiver.deliveries.get().reason == "mail|[Errno 111] Connection refused"
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert send_all(later).delivered == 1


class Away:
    """A backend of which no server answers."""

    def __init__(self, **_kwargs: Any) -> None:
        pass

    def send_messages(self, _messages: Any) -> int:
        raise ConnectionRefusedError(111, "Connection refused")


def test_two_senders_are_never_at_one_receiver_at_once(web: Answering) -> None:
    web.manner = "slow"
    receiver = webhook_at(web)
    tell(receiver, 8)
    threads = [send_apart() for _ in range(3)]
    for thread in threads:
        thread.join()
    assert [post.number for post in web.posts] == [*range(1, 9)]
    assert web.most_at_once == 1
    assert receiver.deliveries.filter(state="delivered", tries=1).count() == 8


def test_the_command_says_what_it_did_and_that_no_network_is_listed(web: Answering, settings: Any) -> None:
    settings.NOTIFY_NETWORKS = []
    tell(webhook_at(web))
    out, err = StringIO(), StringIO()
    call_command("sendnotifications", "--once", stdout=out, stderr=err)
    assert out.getvalue() == "delivered 0, failed 1, signs of life 0, events 0\n"
    assert err.getvalue().startswith("NOTIFY_NETWORKS is empty")


@contextmanager
def sending(settings: Any) -> Iterator[subprocess.Popen[bytes]]:
    """`manage.py sendnotifications` in a process of its own, ended on leaving."""
    environment = os.environ | {
        "DATABASE_URL": database_url(),
        "NOTIFY_NETWORKS": "127.0.0.0/8",
        "CONFIGURATION_KEYS": settings.CONFIGURATION_KEYS[0],
    }
    command = [sys.executable, "manage.py", "sendnotifications"]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.mark.process
def test_the_service_ends_at_sigterm_with_what_it_has_in_hand(web: Answering, settings: Any) -> None:
    receiver = webhook_at(web)
    tell(receiver, 3)
    with sending(settings) as process:
        wait_until(lambda: len(web.posts) == 3, patience_s=60)
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    assert receiver.deliveries.filter(state="delivered").count() == 3


@pytest.mark.process
@pytest.mark.ci_only
def test_whenever_a_sender_is_killed_nothing_is_lost_and_what_comes_twice_has_the_same_id(settings: Any) -> None:
    moment = random.Random(7)
    with ExitStack() as stack:
        webs = [stack.enter_context(answering("slow")) for _ in range(2)]
        receivers = [webhook_at(one) for one in webs]
        for receiver in receivers:
            tell(receiver, 12 * ROUNDS)
        for _ in range(ROUNDS):
            before = sum(len(one.posts) for one in webs)
            with sending(settings) as process:
                wanted = before + moment.randint(1, 12)
                wait_until(lambda wanted=wanted: sum(len(one.posts) for one in webs) >= wanted, patience_s=60)  # type: ignore[misc]
                process.kill()
                process.wait()
            Receiver.objects.update(held_until=timezone.now())  # the time of the hold passes
        send_all()
    for one, receiver in zip(webs, receivers, strict=True):
        numbers = [post.number for post in one.posts]
        assert numbers == sorted(numbers)
        assert sorted(set(numbers)) == [*range(1, 12 * ROUNDS + 1)]
        assert len({(post.number, post.id) for post in one.posts}) == 12 * ROUNDS
        assert len(numbers) <= 12 * ROUNDS + ROUNDS
        assert not receiver.deliveries.filter(state="waiting").exists()
