"""Events and notifications to a real broker by AMQP 1.0, which is killed at times (API-3)."""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from concentrators.keys.encryption import encrypted
from concentrators.models import Company
from tests.support.systems.rabbitmq import HOST, Broker, broker_in
from tests.support.tls.certificates import Authority
from tests.wakeup.monitoring.notifications.feed.publishing import begin, change, changes, publish
from tests.wakeup.monitoring.notifications.happenings import make_receiver
from wakeup.models import FeedEvent, Receiver
from wakeup.monitoring.notifications.outbox import queue_test
from wakeup.monitoring.notifications.sending import addresses
from wakeup.monitoring.notifications.sending.addresses import WrongUrlError
from wakeup.monitoring.notifications.sending.amqp import AT_ONCE, Outgoing, place_of, read_amqp_url, runs, send_all
from wakeup.monitoring.notifications.sending.feeding import claim_batch, due_feeds, send_batch, settle_batch
from wakeup.monitoring.notifications.sending.sender import Sender

Told = tuple[str, str, Any]


def outgoing(groups: str) -> list[Outgoing]:
    """One for each letter; a dot is about no concentrator."""
    return [Outgoing(f"{n}", "", "" if one == "." else one, "", b"") for n, one in enumerate(groups)]


@pytest.mark.parametrize(
    ("groups", "expected"),
    [("", []), ("A", ["A"]), ("ABC", ["ABC"]), ("AA", ["A", "A"]), ("ABCBA", ["ABC", "BA"]), ("A..B", ["A.", ".B"])],
)
def test_two_of_one_concentrator_are_never_under_way_together(groups: str, expected: list[str]) -> None:
    assert ["".join(one.group or "." for one in run) for run in runs(outgoing(groups))] == expected


def test_no_more_are_under_way_than_may_be() -> None:
    many = [Outgoing(f"{n}", "", f"{n}", "", b"") for n in range(2 * AT_ONCE + 1)]
    assert [len(run) for run in runs(many)] == [AT_ONCE, AT_ONCE, 1]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("amqps://smm@broker.example/events", (True, "broker.example", 5671, "events", "smm")),
        ("amqp://10.0.0.1:5673/a/b%20c", (False, "10.0.0.1", 5673, "a/b c", "")),
        ("amqps://[::1]//amq/queue/events", (True, "::1", 5671, "/amq/queue/events", "")),
    ],
)
def test_an_address_names_user_host_and_place(text: str, expected: tuple[Any, ...]) -> None:
    target = read_amqp_url(text)
    assert (target.is_safe, target.host, target.port, place_of(target), target.user) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "events",
        "amqps://broker.example",
        "amqps://broker.example/",
        "https://broker.example/events",
        "amqps://smm:secret@broker.example/events",
        "amqps://broker.example:0/events",
        "amqps://broker.example:x/events",
        "amqps://broker example/events",
        "amqps://bröker.example/events",
        "amqps:///events",
    ],
)
def test_nothing_else_is_one(text: str) -> None:
    with pytest.raises(WrongUrlError):
        read_amqp_url(text)


@pytest.mark.django_db
@pytest.mark.one_database
@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("amqp://127.0.0.1:1/events", "no connection"),
        ("amqp://10.9.9.9/events", "outside|10.9.9.9"),
        ("amqp://smm@127.0.0.1:1/events", "no secret"),
        ("https://127.0.0.1/events", "wrong address"),
    ],
)
def test_what_cannot_be_sent_says_why(address: str, why: str) -> None:
    arrived, failure = send_all(make_receiver(kind="amqp", address=address), outgoing("AB"))
    assert arrived == 0
    assert failure.startswith(why)


@pytest.mark.django_db
@pytest.mark.one_database
def test_without_its_library_nothing_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "proton", None)
    one = make_receiver(kind="amqp", address="amqp://127.0.0.1:1/events")
    assert send_all(one, outgoing("A")) == (0, "no library")


# What follows has a broker, which takes seconds to start.

WITH_BROKER = [
    pytest.mark.ci_only,
    pytest.mark.process,
    pytest.mark.django_db(transaction=True),
    pytest.mark.one_database(in_ci=True),
]


def with_broker(test: Any) -> Any:
    for mark in WITH_BROKER:
        test = mark(test)
    return test


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    with broker_in(Path(tmp_path_factory.mktemp("broker"))) as one:
        yield one


def follower(broker: Broker, queue: str, **values: Any) -> Receiver:
    address = f"amqp://guest@127.0.0.1:{broker.port}//queue/{queue}"
    one: Receiver = make_receiver(kind="amqp", address=address, encrypted_secret=encrypted(b"guest"), **values)
    return one


def received(broker: Broker, queue: str) -> list[Any]:
    """All messages that are in ``queue``, which is empty then."""
    from proton import Timeout
    from proton.utils import BlockingConnection

    connection = BlockingConnection(
        f"amqp://127.0.0.1:{broker.port}", timeout=10, user="guest", password="guest", allowed_mechs="PLAIN"
    )
    found = list[Any]()
    try:
        receiver = connection.create_receiver(f"/amq/queue/{queue}", credit=100)
        while True:
            found.append(receiver.receive(timeout=1.5))
            receiver.accept()
    except Timeout:
        return found
    finally:
        connection.close()


def send_once(one: Receiver, now: Any) -> str:
    """A try; return why it failed."""
    assert one.pk in due_feeds(now)
    batch = claim_batch(one.pk, now)
    assert batch
    number, failure = send_batch(batch, now)
    settle_batch(batch, number, failure, now)
    return failure


@with_broker
def test_events_outlive_a_broker_that_is_killed(broker: Broker, chile: Company) -> None:
    """Nothing is lost, nothing is out of order for its concentrator, and what comes twice is told by its id."""
    begin()
    one = follower(broker, "events", company=chile, tells="events", name="Events")
    now = timezone.now()
    assert claim_batch(one.pk, now) is None
    ones = changes(chile, 3)
    change(ones[0], "reachable")
    publish()
    assert send_once(one, now) == ""
    broker.stop()
    change(ones[1], "reachable")
    change(ones[0])
    publish(1)
    assert send_once(one, now).startswith(("no connection", "no answer"))
    change(ones[0], "reachable")
    publish(2)
    broker.start()
    later = now + timedelta(hours=1)
    batch = claim_batch(one.pk, later)
    assert batch
    assert send_batch(batch, later) == (7, "")  # and the sender is killed before it notes that
    later += timedelta(minutes=2)
    assert send_once(one, later) == ""
    messages = received(broker, "events")
    first = list({message.id: json.loads(bytes(message.body)) for message in messages}.values())
    assert len(messages) == 10
    assert [event["number"] for event in first] == [1, 2, 3, 4, 5, 6, 7]
    assert [event["id"] for event in first] == [str(uid) for uid in FeedEvent.objects.values_list("uid", flat=True)]
    of_one = defaultdict[str, list[str]](list)
    for event in first:
        of_one[event["concentrator"]].append(event["data"]["to_status"])
    assert of_one["S0"] == ["unreachable", "reachable", "unreachable", "reachable"]
    message = messages[0]
    assert (message.group_id, message.subject, message.content_type) == ("S0", "status.changed", "application/json")
    assert message.durable


@with_broker
def test_a_notification_goes_there_as_iec_61968_9(broker: Broker, chile: Company) -> None:
    one = follower(broker, "night", company=chile, body_format="iec 61968-9", name="Night")
    queue_test(one, "somebody", timezone.now())
    sender = Sender()
    sender.run_once()
    assert (sender.delivered, sender.failed) == (1, 0)
    (message,) = received(broker, "night")
    assert b"EndDeviceEvent" in bytes(message.body)
    assert message.id == f"msg_{one.deliveries.get().body['id']}"


@with_broker
def test_a_wrong_password_loses_nothing(broker: Broker, chile: Company) -> None:
    begin()
    one = follower(broker, "later", company=chile, tells="events", name="Later")
    now = timezone.now()
    assert claim_batch(one.pk, now) is None
    changes(chile, 2)
    publish()
    Receiver.objects.filter(pk=one.pk).update(encrypted_secret=encrypted(b"wrong"))
    assert send_once(one, now).startswith("no connection")
    Receiver.objects.filter(pk=one.pk).update(encrypted_secret=encrypted(b"guest"))
    assert send_once(one, now + timedelta(hours=1)) == ""
    assert [json.loads(bytes(one.body))["number"] for one in received(broker, "later")] == [1, 2]


@with_broker
def test_by_tls_the_broker_has_to_be_who_it_is_called(
    broker: Broker, chile: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(addresses, "_looked_up", lambda _target: ["127.0.0.1"])

    def tried(host: str, authority: Authority) -> tuple[int, str]:
        monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
        one = follower(broker, "safe", company=chile, name=f"{host} {authority.file}")
        one.address = f"amqps://guest@{host}:{broker.tls_port}//queue/safe"
        return send_all(one, outgoing("A"))

    assert tried(HOST, broker.authority) == (1, "")
    for host, authority in (("other.example", broker.authority), (HOST, Authority(tmp_path, "Another"))):
        arrived, failure = tried(host, authority)
        assert (arrived, failure.partition("|")[0]) == (0, "no connection")
    assert len(received(broker, "safe")) == 1
