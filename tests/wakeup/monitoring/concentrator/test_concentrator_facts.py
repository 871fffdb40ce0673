"""How far a device's clock is from ours, in words (CON-6)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from wakeup.monitoring.concentrator.facts import in_words


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "+0 s"),
        (-0.4, "+0 s"),
        (0.6, "+1 s"),
        (-2, "-2 s"),
        (59, "+59 s"),
        (60, "+1 min"),
        (61, "+1 min 1 s"),
        (-3600, "-1 h"),
        (3601, "+1 h"),
        (-3700, "-1 h 1 min"),
        (86_399, "+23 h 59 min"),
        (-86_400, "-1 d"),
        (90_000, "+1 d 1 h"),
        (-400 * 86_400, "-400 d"),
    ],
)
def test_a_difference_is_told_with_its_sign_in_its_greatest_units(seconds: float, said: str) -> None:
    assert in_words(timedelta(seconds=seconds)) == said
