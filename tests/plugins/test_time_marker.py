"""Which tests get the mark ``time`` without being told."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

import pytest
from django.utils import timezone

from tests.plugins.time_marker import asks_clock


@pytest.fixture
def now() -> datetime:
    return timezone.now()


def test_a_test_whose_fixture_asks_the_clock_is_marked(request: pytest.FixtureRequest, now: datetime) -> None:
    assert request.node.get_closest_marker("time")


def test_one_that_does_not_is_not(request: pytest.FixtureRequest) -> None:
    assert not request.node.get_closest_marker("time")


@pytest.mark.parametrize(
    "asking",
    [lambda: datetime.now(UTC), lambda: [datetime.now(UTC).date() for _ in range(2)], lambda: timezone.localtime()],
)
def test_it_is_seen_anywhere_in_a_function(asking: Any) -> None:
    assert asks_clock(asking)


@pytest.mark.parametrize("other", [lambda: time.monotonic(), lambda clock: clock.now(), timezone.now, print])
def test_clocks_made_up_and_functions_of_others_are_no_reason(other: Any) -> None:
    assert not asks_clock(other)
