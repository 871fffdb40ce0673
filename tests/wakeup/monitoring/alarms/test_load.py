"""The load that alarms are, beside the limits of EEMUA 191 and ISA-18.2 (STA-9)."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from concentrators.models import Company
from tests.factories import CompanyFactory
from tests.smmeplus.translation.markup import parse, text
from tests.wakeup.monitoring.alarms.stored import NOON, make_alarm, make_outage, minutes
from wakeup.models import Alarm
from wakeup.models.alarms import Priority
from wakeup.models.outages import Quality
from wakeup.monitoring.alarms.load import Figures, Row, figures, load_of
from wakeup.monitoring.alarms.measures import MEASURES

DAY = timedelta(days=1)
END = NOON + DAY
ONE = (1, "F1")


def raised(*at: float, source: tuple[object, ...] = ONE, priority: int = 1) -> list[Row]:
    """Alarms so many minutes after noon, which ended at once."""
    return [Row(NOON + minutes(one), NOON + minutes(one), priority, None, source) for one in at]


def load(found: Sequence[Row], begin: datetime = NOON, end: datetime = END) -> Figures:
    return load_of(found, begin, end)


def test_nothing_is_no_load() -> None:
    one = load([])
    assert (one.raised, one.per_hour, one.flooded_percent, one.standing, one.chattering) == (0, 0, 0, 0, 0)
    assert (one.percent_of(Priority.LOW), one.false_percent, one.announced_percent) == (None, None, None)
    assert one.quality_percent(Quality.MEASURED) is None


@pytest.mark.parametrize(("number", "per_hour"), [(1, 1 / 24), (144, 6), (145, 145 / 24)])
def test_the_average_is_over_the_whole_time(number: int, per_hour: float) -> None:
    assert load(raised(*range(number))).per_hour == pytest.approx(per_hour)


def test_the_time_has_its_begin_and_not_its_end() -> None:
    assert load(raised(-1, 0, 24 * 60 - 1, 24 * 60)).raised == 2


@pytest.mark.parametrize(
    ("at", "flooded"),
    [([0] * 10, 0), ([0] * 11, 1), ([0] * 5 + [9.9] * 6, 1), ([0] * 5 + [10] * 6, 0), ([0] * 11 + [25] * 99, 2)],
)
def test_more_than_ten_in_ten_minutes_are_a_flood(at: list[float], flooded: int) -> None:
    one = load(raised(*at))
    assert (one.flooded, one.periods) == (flooded, 144)
    assert one.flooded_percent == pytest.approx(100 * flooded / 144)


def test_a_time_that_is_no_multiple_of_ten_minutes_counts_its_rest() -> None:
    assert load([], end=NOON + minutes(11)).periods == 2


def test_what_stands_for_more_than_a_day_stands_at_the_end() -> None:
    def standing(raised_at: datetime, ended_at: datetime | None) -> int:
        return load([Row(raised_at, ended_at, 1, None, ONE)]).standing

    assert standing(NOON - minutes(1), None) == 1
    assert standing(NOON, None) == 0
    assert standing(NOON - DAY, END) == 0
    assert standing(NOON - DAY, END + minutes(1)) == 1
    assert standing(END + minutes(1), None) == 0


@pytest.mark.parametrize(
    ("at", "chattering", "repeating"),
    [
        ([0, 1], 0, 0),
        ([0, 1, 2], 1, 1),
        ([0, 0, 0], 1, 1),
        ([2, 0, 1], 1, 1),
        ([0, 5, 9.9], 1, 1),
        ([0, 5, 10], 0, 1),
        ([0, 600, 1200], 0, 1),
        ([0, 1, 600, 601, 1200, 1201], 0, 1),
    ],
)
def test_three_of_one_place_repeat_within_a_day_and_chatter_within_minutes(
    at: list[float], chattering: int, repeating: int
) -> None:
    one = load(raised(*at))
    assert (one.chattering, one.repeating) == (chattering, repeating)


def test_three_of_three_places_do_neither() -> None:
    found = [row for source in range(3) for row in raised(0, source=(1, source))]
    assert (load(found).chattering, load(found).repeating) == (0, 0)


def test_three_within_a_day_repeat_and_three_in_a_month_do_not() -> None:
    month = load(raised(0, 24 * 60, 48 * 60), end=NOON + 30 * DAY)
    assert month.repeating == 0


def test_shares_are_of_all_and_false_ones_of_those_judged() -> None:
    found = [
        row._replace(is_false=said)
        for priority, said in [(1, True), (1, False), (1, None), (3, False)]
        for row in raised(0, priority=priority)
    ]
    one = load(found)
    assert [one.percent_of(level) for level in Priority] == [75, 0, 25]
    assert (one.judged, one.false) == (3, 1)
    assert one.false_percent == pytest.approx(100 / 3)


@pytest.mark.parametrize(
    ("name", "numbers", "kept"),
    [
        ("alarms_per_hour", {"raised": 144}, True),
        ("alarms_per_hour", {"raised": 145}, False),
        ("flooded_percent", {"flooded": 1}, True),
        ("flooded_percent", {"flooded": 2}, False),
        ("standing", {"standing": 9}, True),
        ("standing", {"standing": 10}, False),
        ("chattering", {"chattering": 0}, True),
        ("chattering", {"chattering": 1}, False),
        ("high_percent", {"raised": 19, "by_priority": {3: 19}}, None),
        ("high_percent", {"raised": 20, "by_priority": {3: 2}}, True),
        ("high_percent", {"raised": 20, "by_priority": {3: 3}}, False),
        ("low_percent", {"raised": 100, "by_priority": {1: 64}}, False),
        ("medium_percent", {"raised": 100, "by_priority": {2: 15}}, True),
        ("repeating", {"repeating": 99}, None),
        ("false_percent", {"judged": 1, "false": 1}, None),
    ],
)
def test_a_limit_is_kept_or_not(name: str, numbers: dict[str, object], kept: bool | None) -> None:
    values = dict.fromkeys(("raised", "flooded", "standing", "chattering", "repeating", "judged", "false"), 0)
    one = Figures(**{"hours": 24, "periods": 144, "by_priority": {}, **values, **numbers})  # type: ignore[arg-type]
    (measure,) = (measure for measure in MEASURES if measure.name == name)
    assert measure.is_kept(one) is kept


@pytest.mark.django_db
def test_figures_are_of_the_companies_asked_for_and_of_what_is_about_none(chile: Company) -> None:
    other = CompanyFactory.create()
    for company in (chile, other, None):
        make_alarm(company, NOON)
    assert figures([chile.pk], NOON, END).raised == 2
    assert figures([], NOON, END).raised == 1
    assert figures(None, NOON, END).raised == 3
    assert figures([chile.pk, other.pk], NOON, END).raised == 3


@pytest.mark.django_db
def test_figures_tell_how_outages_are_known(chile: Company) -> None:
    other = CompanyFactory.create()
    boot = {"ended_by": "boot", "ended_at": NOON + minutes(60)}
    make_outage(chile, NOON, **boot, is_announced=True, quality="measured")
    make_outage(chile, NOON, **boot, quality="restored")
    make_outage(chile, NOON - DAY, **boot, quality="restored")
    make_outage(chile, NOON, ended_by="keepalive", ended_at=NOON + minutes(60), is_announced=True)
    make_outage(chile, NOON, is_announced=True)
    make_outage(chile, END, **boot | {"ended_at": END})
    make_outage(other, NOON, **boot)
    one = figures([chile.pk], NOON, END)
    assert (one.booted, one.announced) == (3, 1)
    assert one.announced_percent == pytest.approx(100 / 3)
    assert one.by_quality == {"measured": 1, "restored": 1, "inferred": 2}
    assert figures(None, NOON, END).booted == 4


@pytest.mark.django_db
def test_figures_cost_two_queries_however_many_alarms_there_are(chile: Company) -> None:
    for number in range(50):
        make_alarm(chile, NOON + minutes(number))
    with CaptureQueriesContext(connection) as captured:
        figures([chile.pk], NOON, END)
    assert len(captured) == 2


LOAD = reverse("alarms:load")


def cells(client: Client) -> dict[str, list[str]]:
    table = parse(client.get(LOAD)).findall(".//tbody/tr")
    return {text(row.find("th")): [text(cell) for cell in row.iter("td")] for row in table}


def test_the_page_shows_each_figure_beside_its_limit(client: Client, chile: Company) -> None:
    now = timezone.now()
    for number in range(11):
        make_alarm(chile, now - minutes(1 + number / 100), ended_at=now, is_false=number == 0 or None)
    make_alarm(chile, now - timedelta(days=3))
    shown = cells(client)
    assert shown["Alarms per hour, on average"] == ["6 at most", "0.5 kept", "0.1 kept", "0.0 kept"]
    assert shown["Chattering places"] == ["none", "1 not kept", "1 not kept", "1 not kept"]
    assert shown["Alarms that stand for more than a day"] == ["less than 10", "1 kept", "1 kept", "1 kept"]
    assert shown["Alarms raised"] == ["—", "11", "12", "12"]
    assert shown["False alarms among them"] == ["—", "100.0 %", "100.0 %", "100.0 %"]
    assert shown["Announced by a last gasp"] == ["—", "—", "—", "—"]


def test_nobody_sees_the_load_of_others(client: Client, operator: User) -> None:
    make_alarm(CompanyFactory.create(), timezone.now())
    assert cells(client)["Alarms raised"] == ["—", "0", "0", "0"]


def test_the_page_costs_the_same_few_queries(client: Client, chile: Company) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get(LOAD)
        return len(captured)

    few = queries()
    for number in range(30):
        make_alarm(chile, timezone.now() - timedelta(hours=number))
    assert few == queries() < 10


@pytest.mark.parametrize("file_format", ["csv", "xlsx", "json"])
def test_it_is_exported(client: Client, chile: Company, file_format: str) -> None:
    make_alarm(chile, timezone.now())
    response = client.get(LOAD, {"export": file_format})
    content = b"".join(response.streaming_content)  # type: ignore[attr-defined]
    assert content.startswith({"csv": b"\xef\xbb\xbffigure,", "xlsx": b"PK", "json": b"[{"}[file_format])
    if file_format == "csv":
        lines = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
        assert len(lines) == 3 * len(MEASURES)
        assert lines[0] == {"figure": "raised", "hours": "24", "value": "1", "limit": "", "is_kept": ""}
        assert Alarm.objects.count() == 1


def test_an_unknown_format_is_the_page(client: Client) -> None:
    assert parse(client.get(LOAD, {"export": "pdf"})).find(".//h1") is not None
