"""The balancer in memory."""

from __future__ import annotations

from collections import Counter

from tests.world.virtual.network import NOTICED_AFTER, Balancer

ONE, OTHER = ("10.0.0.1", 1), ("10.0.0.2", 1)


def test_each_target_has_its_turn_and_one_that_is_down_none_as_soon_as_that_is_noticed() -> None:
    now = 0.0
    balancer = Balancer(lambda: now, [ONE, OTHER])
    assert Counter(balancer.choose() for _ in range(10)) == {ONE: 5, OTHER: 5}
    balancer.note(ONE, is_up=False)
    assert Counter(balancer.choose() for _ in range(10)) == {ONE: 5, OTHER: 5}
    now = NOTICED_AFTER
    assert Counter(balancer.choose() for _ in range(10)) == {OTHER: 10}
    balancer.note(OTHER, is_up=False)
    now = 2 * NOTICED_AFTER
    assert balancer.choose() is None
    balancer.note(ONE, is_up=True)
    assert balancer.choose() is None
    now = 3 * NOTICED_AFTER
    assert balancer.choose() == ONE
