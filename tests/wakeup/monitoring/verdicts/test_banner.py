"""What every page says while we are blind (STA-4, UI-8)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from concentrators.models import Company
from tests.factories import CompanyFactory, ConcentratorFactory
from tests.smmeplus.translation.markup import parse, text
from tests.wakeup.monitoring.verdicts.listeners import listener_until
from wakeup.models import ListenerRun, VerdictSpan
from wakeup.models.verdicts import Cause
from wakeup.monitoring.verdicts.banner import KEPT_S, KEY

pytestmark = [pytest.mark.banner, pytest.mark.one_database, pytest.mark.time, pytest.mark.django_db]

NOON = datetime(2026, 2, 25, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def span(cause: Cause, began: float, ended: float | None = None, **values: Any) -> None:
    at = {"began_at": NOON + began * MINUTE, "ended_at": None if ended is None else NOON + ended * MINUTE}
    VerdictSpan.objects.create(cause=cause, judged_at=NOON, **at, **values)


def said(client: Client, now: datetime = NOON) -> str:
    cache.delete(KEY)
    with time_machine.travel(now, tick=False):
        page = parse(client.get(reverse("profiles:list")))
    banner = page.find(".//div[@id='verdict-banner']")
    return "" if banner is None else text(banner)


def test_nothing_while_all_is_well_or_the_field_is_dark(client: Client) -> None:
    span(Cause.OK, -60, -10)
    assert said(client).startswith("Nobody watches.") is False
    span(Cause.FIELD, -10)
    assert said(client) == ""


def test_our_side_with_since_when_and_what_it_means(client: Client) -> None:
    span(Cause.OUR_SIDE, -12, evidence=[{"sign": "canaries fail", "names": ["C1"], "number": 1, "of": 1}])
    assert said(client).startswith(
        "Our side: messages do not come in. Since 2/25/2026 11:48:00 AM UTC, 12 minutes ago."
    )
    assert "no concentrator turns unreachable" in said(client)


def test_no_listener_runs(client: Client) -> None:
    span(Cause.OUR_SIDE, -12, evidence=[{"sign": "no listener", "names": [], "number": 0, "of": 0}])
    assert said(client).startswith("No listener runs: no message can come in. Since 2/25/2026 11:48:00 AM UTC")


def test_afterwards_until_everybody_has_tried_anew(client: Client) -> None:
    span(Cause.OUR_SIDE, -40, -20)
    span(Cause.OK, -20)
    assert "is judged after 2/25/2026 12:13:00 PM UTC" in said(client)
    VerdictSpan.objects.update(judged_at=NOON + 13 * MINUTE)
    assert said(client, NOON + 13 * MINUTE) == ""


def test_undecided_is_said_aloud(client: Client) -> None:
    span(Cause.UNDECIDED, -12)
    assert said(client).startswith("Whose fault silence is cannot be told. There is no canary")


def test_a_carrier_is_named_to_those_who_have_it(client: Client, chile: Company) -> None:
    span(Cause.CARRIER, -12, carriers=["Entel", "Foreign"])
    ConcentratorFactory.create(company=chile, carrier="Entel")
    ConcentratorFactory.create(company=CompanyFactory.create(), carrier="Foreign")
    assert said(client).startswith("A carrier fails: Entel. Since")


@pytest.mark.parametrize(("minutes", "is_said"), [(3, False), (3.01, True)])
def test_nobody_watches(client: Client, minutes: float, is_said: bool) -> None:
    now = NOON + minutes * MINUTE
    listener_until(now)
    span(Cause.OK, -60)
    assert said(client, now).startswith("Nobody watches. Since 2/25/2026 12:00:00 PM UTC") is is_said


def test_nobody_watches_and_no_listener_runs(client: Client) -> None:
    assert said(client).startswith("No listener runs: no message can come in. Until")
    listener_until(NOON - MINUTE)
    assert said(client).startswith("No listener runs: no message can come in. Since 2/25/2026 11:59:00 AM UTC")
    ListenerRun.objects.update(seen_at=NOON)
    assert said(client).startswith("Nobody watches. Statuses are right")


def test_pages_do_not_ask_each_time(client: Client, django_assert_num_queries: Any) -> None:
    span(Cause.OK, -60)
    with time_machine.travel(NOON, tick=False) as clock:
        client.get(reverse("profiles:list"))
        VerdictSpan.objects.update(cause=Cause.UNDECIDED)
        assert b"verdict-banner" not in client.get(reverse("profiles:list")).content
        clock.shift(KEPT_S + 1)
        assert b"verdict-banner" in client.get(reverse("profiles:list")).content


def test_who_is_not_signed_in_is_told_nothing() -> None:
    assert b"verdict-banner" not in Client().get(reverse("login")).content
