"""Whether each message that was answered is stored once."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict

from tests.world.world import Outcome

#: Seconds: a device's clock shows hundredths, and nobody sends twice within ten of them.
SAME_S = 0.05


def assert_answered_once(outcome: Outcome) -> None:
    """A message is recognised by its sender, its kind and its device's time."""
    sent = defaultdict(list)
    for one in outcome.stored:
        if one.device_time is not None:
            sent[one.serial, one.kind].append(one.device_time)
    for times in sent.values():
        times.sort()
    wrong = [
        (serial, kind.word, at)
        for serial, kind, at in outcome.answered
        if _count(sent[serial, kind], at - SAME_S, at + SAME_S) != 1
    ]
    assert outcome.answered
    assert not wrong


def _count(times: list[float], begin: float, end: float) -> int:
    return bisect_left(times, end) - bisect_left(times, begin)
