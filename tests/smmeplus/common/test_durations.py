"""One way to say how long something lasts (UI-8)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.utils import translation

from smmeplus.common.wording.durations import in_words
from smmeplus.templatetags.durations import lasted

NOW = datetime(2027, 4, 3, 23, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("duration", "said"),
    [
        (timedelta(), "0 s"),
        (timedelta(milliseconds=499), "0 s"),
        (timedelta(seconds=59.4), "59 s"),
        (timedelta(seconds=59.6), "1 min"),
        (timedelta(seconds=61), "1 min 1 s"),
        (timedelta(hours=2, minutes=10, seconds=59), "2 h 10 min"),
        (timedelta(hours=1, seconds=5), "1 h"),
        (timedelta(days=3), "3 d"),
        (timedelta(days=400, hours=5, minutes=7), "400 d 5 h"),
        (timedelta(seconds=-5), "0 s"),
    ],
)
def test_a_duration_has_its_two_greatest_units(duration: timedelta, said: str) -> None:
    assert in_words(duration) == said


@pytest.mark.parametrize(("language", "said"), [("en", "2 d 3 h"), ("es", "2 d 3 h"), ("it", "2 g 3 h")])
def test_units_are_those_of_the_language(language: str, said: str) -> None:
    with translation.override(language):
        assert in_words(timedelta(days=2, hours=3)) == said


@time_machine.travel(NOW, tick=False)
def test_a_page_says_how_long_ago_something_was() -> None:
    assert lasted(NOW - timedelta(minutes=5)) == "5 min"
    assert lasted(NOW - timedelta(minutes=5), NOW - timedelta(minutes=4)) == "1 min"
    assert lasted(None) == "—"
