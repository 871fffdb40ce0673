from __future__ import annotations

import pytest

from tests.world.trace import hms, seconds


@pytest.mark.parametrize(("text", "moment"), [("0:00:00", 0), ("1:40:00", 6_000), ("719:59:59", 2_591_999)])
def test_times_are_written_and_read(text: str, moment: int) -> None:
    assert seconds(text) == moment
    assert hms(moment) == hms(moment + 0.999) == text
