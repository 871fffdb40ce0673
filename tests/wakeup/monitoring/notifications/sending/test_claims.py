"""Which delivery is tried next, when it is tried again, and that one sender is at a receiver (STA-7)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from concentrators.models import Company
from tests.wakeup.monitoring.notifications.happenings import MINUTE, NOW, make_receiver
from wakeup.models import Delivery, Receiver
from wakeup.monitoring.notifications.outbox import queue_test, try_again_now
from wakeup.monitoring.notifications.sending.claims import HELD_FOR, claim, due_receivers, pause_after, settle

pytestmark = pytest.mark.one_database("postgresql")
SECOND = timedelta(seconds=1)


@pytest.fixture
def receiver(chile: Company) -> Receiver:
    return make_receiver(chile)


def waiting(receiver: Receiver, number: int) -> list[Delivery]:
    return [queue_test(receiver, "somebody", NOW) for _ in range(number)]


def test_nothing_is_due_of_an_empty_outbox(receiver: Receiver) -> None:
    assert due_receivers(NOW) == []
    assert claim(receiver.pk, NOW) is None


def test_they_go_in_the_order_of_their_numbers(receiver: Receiver) -> None:
    waiting(receiver, 3)
    told = []
    while one := claim(receiver.pk, NOW):
        told.append(one.number)
        settle(one, "", NOW)
    assert told == [1, 2, 3]
    assert due_receivers(NOW) == []


def test_one_that_fails_holds_up_those_behind_it_and_no_other_receiver(chile: Company, receiver: Receiver) -> None:
    other = make_receiver(chile)
    waiting(receiver, 2)
    waiting(other, 1)
    one = claim(receiver.pk, NOW)
    assert one is not None
    settle(one, "answered|500", NOW)
    assert due_receivers(NOW + 10 * SECOND) == [other.pk]
    assert claim(receiver.pk, NOW + 10 * SECOND) is None
    again = claim(receiver.pk, NOW + 40 * SECOND)
    assert again is not None
    assert (again.number, again.tries) == (1, 2)


def test_one_that_waits_for_its_delay_holds_up_nobody(receiver: Receiver) -> None:
    first, second = waiting(receiver, 2)
    Delivery.objects.filter(pk=first.pk).update(not_before=NOW + 2 * MINUTE, next_try_at=NOW + 2 * MINUTE)
    one = claim(receiver.pk, NOW)
    assert one == second
    settle(one, "", NOW)
    assert due_receivers(NOW + MINUTE) == []
    assert due_receivers(NOW + 2 * MINUTE) == [receiver.pk]


def test_whoever_is_held_is_left_alone_until_the_hold_runs_out(receiver: Receiver) -> None:
    waiting(receiver, 2)
    first = claim(receiver.pk, NOW)
    assert first is not None
    assert claim(receiver.pk, NOW) is None
    assert due_receivers(NOW + HELD_FOR - SECOND) == []
    again = claim(receiver.pk, NOW + HELD_FOR)  # the first sender was killed
    assert again == first


def test_a_sender_that_was_too_slow_cannot_let_go_what_another_one_holds(receiver: Receiver) -> None:
    waiting(receiver, 1)
    slow = claim(receiver.pk, NOW)
    other = claim(receiver.pk, NOW + HELD_FOR)
    assert slow is not None
    assert other is not None
    settle(slow, "no answer|15", NOW + HELD_FOR)
    receiver.refresh_from_db()
    assert receiver.held_by == other.receiver.held_by
    assert receiver.deliveries.get().reason == ""
    settle(slow, "", NOW + HELD_FOR)  # it has arrived all the same
    assert receiver.deliveries.get().state == "delivered"


def test_an_inactive_receiver_keeps_what_waits(receiver: Receiver) -> None:
    waiting(receiver, 1)
    Receiver.objects.update(is_active=False)
    assert due_receivers(NOW) == []
    assert claim(receiver.pk, NOW) is None
    Receiver.objects.update(is_active=True)
    assert due_receivers(NOW) == [receiver.pk]


@pytest.mark.parametrize(("tries", "seconds"), [(1, 30), (2, 60), (5, 480), (6, 900), (7, 900), (100_000, 900)])
def test_pauses_grow_from_30_s_to_15_minutes(tries: int, seconds: int) -> None:
    pauses = [pause_after(tries).total_seconds() for _ in range(200)]
    assert seconds * 0.75 <= min(pauses) < seconds * 0.85
    assert seconds * 1.15 < max(pauses) <= seconds * 1.25


def test_try_again_now_lets_those_before_it_be_tried_too(receiver: Receiver) -> None:
    first, second = waiting(receiver, 2)
    receiver.deliveries.filter(pk=first.pk).update(next_try_at=NOW + 9 * MINUTE, tries=7)
    assert try_again_now(second, NOW) == 1
    assert due_receivers(NOW) == [receiver.pk]
    receiver.deliveries.update(state="delivered")
    assert try_again_now(second, NOW) == 0
