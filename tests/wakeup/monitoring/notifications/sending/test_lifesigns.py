"""Our own sign of life goes out each minute while the whole chain works, and never otherwise (STA-10)."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from concentrators.models import Company
from tests.factories import ConcentratorFactory
from tests.wakeup.monitoring.notifications.happenings import make_receiver
from tests.wakeup.monitoring.notifications.sending.answering import Answering
from wakeup.models import Delivery, Receiver, VerdictSpan, WakeupTotal
from wakeup.monitoring.notifications.outbox import queue_test
from wakeup.monitoring.notifications.sending.lifesigns import due_signs, give_sign
from wakeup.monitoring.notifications.sending.secrets import make_secret

pytestmark = pytest.mark.one_database("postgresql")
#: The second hour of the night in which Chile's clocks go back.
NOW = datetime(2027, 4, 4, 3, 30, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.fixture
def receiver(chile: Company, web: Answering) -> Receiver:
    """Of a product whose chain is whole."""
    canary = ConcentratorFactory.create(company=chile, is_canary=True, in_field=True)
    WakeupTotal.objects.create(concentrator=canary, first_wakeup_at=NOW, last_wakeup_at=NOW, wakeup_count=1)
    VerdictSpan.objects.create(carrier="", cause="ok", began_at=NOW - 9 * SECOND, judged_at=NOW)
    receiver = make_receiver(kind="life sign", address=web.url)
    make_secret(receiver)
    return receiver


def failure(receiver: Receiver) -> str:
    receiver.refresh_from_db()
    return receiver.sign_failure


def test_it_states_what_the_chain_has_done(receiver: Receiver, web: Answering) -> None:
    assert give_sign(receiver.pk, NOW + SECOND)
    (post,) = web.posts
    said = json.loads(post.body)
    assert said["type"] == "sign.of.life"
    assert said["data"]["canary_stored_at"] == said["data"]["judged_at"] == NOW.isoformat()
    assert (said["data"]["not_delivered"], said["data"]["not_delivered_since"]) == (0, None)
    assert post.headers["webhook-signature"].startswith("v1,")
    receiver.refresh_from_db()
    assert receiver.sign_sent_at == NOW + SECOND


def test_it_is_given_once_a_minute_by_whichever_sender(receiver: Receiver, web: Answering) -> None:
    given = [give_sign(receiver.pk, NOW + seconds * SECOND) for seconds in (0, 1, 59, 60, 61)]
    assert given == [True, False, False, True, False]
    assert due_signs(NOW + 119 * SECOND) == []
    assert due_signs(NOW + 120 * SECOND) == [receiver.pk]
    assert len({post.id for post in web.posts}) == 2


@pytest.mark.parametrize(("seconds", "is_whole"), [(149, True), (150, False)])
def test_no_canary_no_sign(receiver: Receiver, web: Answering, seconds: int, is_whole: bool) -> None:
    VerdictSpan.objects.update(judged_at=NOW + seconds * SECOND)
    assert give_sign(receiver.pk, NOW + seconds * SECOND) == is_whole
    assert len(web.posts) == is_whole
    assert failure(receiver) == ("" if is_whole else "no canary|150")


@pytest.mark.parametrize(("seconds", "is_whole"), [(179, True), (180, False)])
def test_nobody_judges_no_sign(receiver: Receiver, web: Answering, seconds: int, is_whole: bool) -> None:
    WakeupTotal.objects.update(last_wakeup_at=NOW + seconds * SECOND)
    assert give_sign(receiver.pk, NOW + seconds * SECOND) == is_whole
    assert failure(receiver) == ("" if is_whole else "nobody judges|180")


def test_without_any_canary_none_is_sent(receiver: Receiver, web: Answering) -> None:
    WakeupTotal.objects.all().delete()
    assert not give_sign(receiver.pk, NOW)
    assert (web.posts, failure(receiver)) == ([], "no canary|∞")


def test_one_that_is_missed_is_missed(receiver: Receiver, web: Answering) -> None:
    web.manner = 500
    assert not give_sign(receiver.pk, NOW)
    assert failure(receiver) == "answered|500"
    assert not Delivery.objects.exists()
    assert due_signs(NOW + 59 * SECOND) == []
    web.manner = 200
    assert give_sign(receiver.pk, NOW + 60 * SECOND)
    assert failure(receiver) == ""


def test_an_outbox_that_does_not_get_on_is_stated(receiver: Receiver, web: Answering) -> None:
    other = make_receiver()
    queue_test(other, "somebody", NOW - 60 * SECOND)
    other.deliveries.update(tries=1)
    give_sign(receiver.pk, NOW)
    said: dict[str, Any] = json.loads(web.posts[0].body)["data"]
    assert (said["not_delivered"], said["not_delivered_since"]) == (1, (NOW - 60 * SECOND).isoformat())


def test_an_inactive_one_and_one_that_is_none_give_no_sign(receiver: Receiver) -> None:
    Receiver.objects.update(is_active=False)
    assert due_signs(NOW) == []
    Receiver.objects.update(is_active=True, kind="webhook")
    assert due_signs(NOW) == []
    assert not give_sign(receiver.pk, NOW)
