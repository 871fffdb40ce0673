"""Receivers that follow all events: each gets them at least once and in order (API-3)."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import jsonschema
import pytest
from django.contrib.auth.models import User

from concentrators.models import Company
from tests.factories import CompanyFactory
from tests.wakeup.monitoring.notifications.feed.publishing import NOW, begin, change, changes, publish
from tests.wakeup.monitoring.notifications.happenings import make_incident, make_receiver, note, queue
from tests.wakeup.monitoring.notifications.sending.answering import Answering
from wakeup.models import FeedEvent, FeedProgress, Receiver
from wakeup.monitoring.notifications.feed.pruning import prune_events
from wakeup.monitoring.notifications.feed.schema import event_schema
from wakeup.monitoring.notifications.pages.receivers import receivers_of
from wakeup.monitoring.notifications.sending import feeding
from wakeup.monitoring.notifications.sending.claims import HELD_FOR
from wakeup.monitoring.notifications.sending.feeding import claim_batch, due_feeds, send_batch, settle_batch
from wakeup.monitoring.notifications.sending.secrets import make_secret

pytestmark = [pytest.mark.django_db, pytest.mark.one_database(in_ci=True)]
DAY = timedelta(days=1)


def follower(web: Answering, company: Company | None, **values: Any) -> Receiver:
    """Who follows from now on."""
    one = make_receiver(company, tells="events", address=web.url, **values)
    make_secret(one)
    begin()
    assert claim_batch(one.pk, NOW) is None
    return one


def send(one: Receiver, now: datetime = NOW, kill: Callable[[], None] | None = None) -> int:
    """As a sender does; return how many tries. One that is killed does so before it notes what has arrived."""
    tries = 0
    while one.pk in due_feeds(now) and (batch := claim_batch(one.pk, now)):
        tries += 1
        number, failure = send_batch(batch, now)
        if kill:
            return tries
        settle_batch(batch, number, failure, now)
    return tries


def arrived(web: Answering) -> list[int]:
    return [event["number"] for post in web.posts for event in json.loads(post.body)["data"]["events"]]


def test_nothing_happens_where_nothing_has_happened(chile: Company, web: Answering) -> None:
    assert send(follower(web, chile)) == 0
    assert web.posts == []


def test_what_was_before_it_came_is_not_sent(chile: Company, web: Answering) -> None:
    begin()
    changes(chile, 2)
    publish()
    one = follower(web, chile)
    changes(chile, 1, "T")
    publish(1)
    send(one)
    assert arrived(web) == [3]


@pytest.mark.parametrize("count", [1, 3, 4, 7])
def test_all_arrive_once_and_in_order(
    chile: Company, web: Answering, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    monkeypatch.setitem(feeding.MOST, "webhook", 3)
    one = follower(web, chile)
    changes(chile, count)
    publish()
    send(one)
    assert arrived(web) == list(range(1, count + 1))
    assert len({post.id for post in web.posts}) == len(web.posts)
    assert send(one, NOW + DAY) == 0


def test_an_event_is_the_same_by_every_way(chile: Company, web: Answering) -> None:
    one = follower(web, chile)
    changes(chile, 1)
    publish()
    send(one)
    (post,) = web.posts
    (event,) = json.loads(post.body)["data"]["events"]
    assert event == json.loads(FeedEvent.objects.get().body)
    jsonschema.validate(event, event_schema())


def test_a_receiver_that_is_away_for_a_day_gets_all_in_order(
    chile: Company, web: Answering, administrator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(feeding.MOST, "webhook", 4)
    one = follower(web, chile)
    web.manner = 503
    ones = changes(chile, 3)
    publish()
    for hour in range(24):
        send(one, NOW + timedelta(hours=hour))
        change(ones[0], "reachable" if hour % 2 else "unreachable")
        publish(hour)
    (shown,) = receivers_of(administrator)
    assert (shown.is_wrong, shown.at) == (True, NOW)
    web.manner = 200
    web.posts.clear()
    send(one, NOW + DAY)
    assert arrived(web) == list(range(1, 28))
    (shown,) = receivers_of(administrator)
    assert (shown.is_wrong, shown.at) == (False, NOW + DAY)


def test_a_try_that_failed_is_not_repeated_at_once(chile: Company, web: Answering) -> None:
    one = follower(web, chile)
    web.manner = 500
    changes(chile, 1)
    publish()
    assert [send(one), send(one), send(one, NOW + timedelta(minutes=1))] == [1, 0, 1]
    one.refresh_from_db()
    assert (one.event_tries, one.event_failure, one.events_fail_since) == (2, "answered|500", NOW)


def test_a_sender_that_is_killed_sends_again_what_is_told_by_its_id(chile: Company, web: Answering) -> None:
    one = follower(web, chile)
    changes(chile, 2)
    publish()
    assert send(one, kill=lambda: None) == 1
    assert send(one) == 0, "it is held"
    assert send(one, NOW + HELD_FOR) == 1
    assert arrived(web) == [1, 2, 1, 2]
    assert web.posts[0].id == web.posts[1].id


def test_a_double_with_more_in_it_has_another_id(chile: Company, web: Answering) -> None:
    """Else a receiver that leaves out what comes twice would never see the new ones."""
    one = follower(web, chile)
    changes(chile, 1)
    publish()
    send(one, kill=lambda: None)
    changes(chile, 1, "T")
    publish(1)
    send(one, NOW + HELD_FOR)
    assert arrived(web) == [1, 1, 2]
    assert web.posts[0].id != web.posts[1].id


def test_who_was_slow_takes_nothing_back(chile: Company, web: Answering) -> None:
    """Its hold has run out, and another sender is further."""
    one = follower(web, chile)
    changes(chile, 1)
    publish()
    slow = claim_batch(one.pk, NOW)
    assert slow
    changes(chile, 1, "T")
    publish(1)
    send(one, NOW + HELD_FOR)
    settle_batch(slow, 1, "", NOW + HELD_FOR)
    settle_batch(slow, 0, "closed", NOW + HELD_FOR)
    one.refresh_from_db()
    assert (one.event_number, one.event_failure, one.held_by) == (2, "", "")


def test_it_is_sent_its_company_and_our_side_alone(
    chile: Company, web: Answering, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeding, "WINDOW", 2)
    one = follower(web, chile)
    changes(CompanyFactory.create(), 5, "X")
    changes(chile, 1)
    note(make_incident(None, scope="our side", feeder="", substation=""), "opened")
    publish()
    send(one)
    assert arrived(web) == [6, 7]
    one.refresh_from_db()
    assert one.event_number == 7


def test_without_a_company_it_is_sent_all(chile: Company, web: Answering) -> None:
    one = follower(web, None)
    changes(CompanyFactory.create(), 1, "X")
    changes(chile, 1)
    publish()
    send(one)
    assert arrived(web) == [1, 2]


def test_who_follows_events_is_sent_no_notifications(chile: Company, web: Answering) -> None:
    one = follower(web, chile)
    make_incident(chile)
    assert queue(60) == 0
    assert not one.deliveries.exists()


def test_one_that_is_switched_off_is_not_served(chile: Company, web: Answering) -> None:
    one = follower(web, chile)
    changes(chile, 1)
    publish()
    Receiver.objects.update(is_active=False)
    assert due_feeds(NOW) == []
    Receiver.objects.update(is_active=True)
    assert send(one) == 1


def test_what_a_receiver_waits_for_is_not_deleted(chile: Company, web: Answering) -> None:
    one = follower(web, chile)
    web.manner = 500
    changes(chile, 2)
    publish()
    send(one)
    late = NOW + 90 * DAY
    FeedProgress.objects.update(looked_at=late)
    assert prune_events(late, 2) == 0
    web.manner = 200
    send(one, late)
    assert arrived(web)[-2:] == [1, 2]
    assert prune_events(late, 2) == 2


def test_after_a_restore_it_goes_on_with_what_is_new(chile: Company, web: Answering) -> None:
    one = follower(web, chile)
    changes(chile, 3)
    publish()
    send(one)
    FeedEvent.objects.filter(number__gt=1).delete()
    FeedProgress.objects.update(number=1)
    assert send(one) == 0
    changes(chile, 1, "T")
    publish(1)
    send(one)
    assert arrived(web) == [1, 2, 3, 2]
