"""The work of services as the doctor sees it: by what they store, by mail servers and receivers that answer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from concentrators.models import Company, Concentrator
from reports.models import Kind, StoredMonth, Subscription
from smmeplus.doctor import work
from smmeplus.doctor.findings import State
from tests.factories import ConcentratorFactory
from tests.smmeplus.users import make_viewer
from tests.support.processes import free_port
from tests.wakeup.monitoring.notifications.happenings import make_receiver
from tests.wakeup.monitoring.notifications.sending.answering import answering
from wakeup.models import Delivery, ListenerRun, MinuteCount, WakeupTotal
from wakeup.models.listeners import WaitsFor

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


def states(told: Any) -> list[State]:
    return [one[0] for one in told]


def listen(**values: Any) -> None:
    now = timezone.now()
    told = {"host": "one", "process_id": 1, "address": "0.0.0.0", "port": 58692, "started_at": now, "seen_at": now}
    ListenerRun.objects.create(**{**told, **values})


def test_no_listener_is_wrong() -> None:
    listen(seen_at=timezone.now() - timedelta(minutes=1))
    assert states(work.listeners()) == [State.WRONG]


@pytest.mark.parametrize(
    ("values", "state"),
    [
        ({}, State.OK),
        ({"waits_for": WaitsFor.STANDBY}, State.WRONG),
        ({"certificate_ends_at": timedelta(days=29)}, State.WARNING),
        ({"certificate_ends_at": timedelta(days=31)}, State.OK),
    ],
)
def test_each_listener_that_runs_is_told(values: dict[str, Any], state: State) -> None:
    listen(port=58693)
    moments = {n: timezone.now() + v if isinstance(v, timedelta) else v for n, v in values.items()}
    listen(**moments)
    assert states(work.listeners()) == [state, State.OK]


@pytest.mark.parametrize(("minutes", "state"), [(None, State.WRONG), (1, State.OK), (6, State.WRONG)])
def test_a_watcher_that_counts_nothing_is_wrong(chile: Company, minutes: int | None, state: State) -> None:
    if minutes is not None:
        MinuteCount.objects.create(company=chile, minute=timezone.now() - timedelta(minutes=minutes))
    assert states(work.watcher()) == [state]


@pytest.mark.parametrize(("minutes", "state"), [(None, State.OK), (5, State.OK), (31, State.WRONG)])
def test_notifications_that_wait_are_wrong(minutes: int | None, state: State) -> None:
    if minutes is not None:
        at = timezone.now() - timedelta(minutes=minutes)
        times = {"made_at": at, "not_before": at, "next_try_at": at}
        Delivery.objects.create(receiver=make_receiver(), number=1, key="k", event="test", **times)
    assert states(work.notifications()) == [state]


@pytest.mark.parametrize(("minutes", "state"), [(None, State.WRONG), (1, State.OK), (3, State.WRONG)])
def test_a_canary_that_does_not_come_through_is_wrong(chile: Company, minutes: int | None, state: State) -> None:
    canary = ConcentratorFactory.create(company=chile, in_field=True)
    Concentrator.objects.filter(pk=canary.pk).update(is_canary=True)
    if minutes is not None:
        last = timezone.now() - timedelta(minutes=minutes)
        WakeupTotal.objects.update_or_create(concentrator=canary, defaults={"last_wakeup_at": last})
    assert states(work.canaries()) == [state]


def test_without_canaries_nothing_is_said_of_them() -> None:
    assert states(work.canaries()) == []


@pytest.mark.parametrize(("days", "state"), [(1, State.OK), (5, State.WRONG)])
def test_reports_that_are_not_mailed_are_wrong(chile: Company, days: int, state: State) -> None:
    user = make_viewer(chile)
    user.email = "reader@example.org"
    user.save()
    day = timezone.now().date() - timedelta(days=days)
    Subscription.objects.create(user=user, company=chile, kind=Kind.DAILY, language="en", sent_day=day)
    assert states(work.reports()) == [state]


@pytest.mark.parametrize(("hours", "state"), [(None, State.WARNING), (1, State.OK), (7, State.WARNING)])
def test_months_that_are_not_stored_are_slow_and_no_more(chile: Company, hours: int | None, state: State) -> None:
    looked_at = None if hours is None else timezone.now() - timedelta(hours=hours)
    StoredMonth.objects.create(company=chile, month=timezone.now().date(), looked_at=looked_at)
    assert states(work.months()) == [state]


def test_a_mail_server_that_answers_is_well_and_gets_no_mail(settings: Any) -> None:
    settings.SITE_URL = "https://smmeplus.example"
    assert states(work.mail()) == [State.OK]
    assert mail.outbox == []


@pytest.mark.parametrize("is_wanted", [False, True])
def test_one_that_cannot_be_reached_is_wrong_only_if_somebody_is_mailed(settings: Any, is_wanted: bool) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.SITE_URL = "127.0.0.1", free_port(), "https://smmeplus.example"
    if is_wanted:
        make_receiver(kind="email", address="desk@example.org")
    assert states(work.mail()) == [State.WRONG if is_wanted else State.WARNING]


def test_mails_without_an_address_to_link_to_are_wrong(settings: Any) -> None:
    settings.SITE_URL = ""
    make_receiver(kind="email", address="desk@example.org")
    assert states(work.mail())[0] is State.WRONG


def test_webhooks_are_connected_to_and_nothing_is_posted(settings: Any) -> None:
    settings.NOTIFY_NETWORKS = ["127.0.0.0/8"]
    with answering() as web:
        make_receiver(name="A", address=web.url)
        make_receiver(name="B", address=f"http://127.0.0.1:{free_port()}/")
        make_receiver(name="C", address="http://192.0.2.1/")
        make_receiver(name="D", address="nowhere")
        make_receiver(name="E", address="http://192.0.2.1/", is_active=False)
        told = list(work.webhooks())
    assert states(told) == [State.OK, State.WRONG, State.WRONG, State.WRONG]
    assert "192.0.2.1 lies outside NOTIFY_NETWORKS" in told[2][1]
    assert web.posts == []


def test_without_networks_webhooks_are_wrong(settings: Any) -> None:
    settings.NOTIFY_NETWORKS = []
    make_receiver()
    ((state, said, _to_do),) = work.webhooks()
    assert (state, "NOTIFY_NETWORKS" in said) == (State.WRONG, True)
