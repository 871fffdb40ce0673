"""Handshakes take turns, and leave the event loop to messages between them (LIS-3)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from wakeup.listener.tls.turns import TURN_S, Turns


class Rounds:
    """Turns whose clock and loop are the test's."""

    def __init__(self) -> None:
        self.now = 0.0
        self.soon: list[Callable[[], None]] = []
        self.done: list[str] = []
        self.turns = Turns(lambda: self.now, self.soon.append)

    def go_round(self) -> None:
        self.soon.pop(0)()


class Hand:
    def __init__(self, rounds: Rounds, name: str, costs_s: float = 0.0) -> None:
        self._rounds, self._name, self._costs_s = rounds, name, costs_s

    def take_turn(self) -> None:
        self._rounds.now += self._costs_s
        self._rounds.done.append(self._name)
        if self._name == "bad":
            raise ValueError(self._name)


@pytest.fixture
def rounds() -> Rounds:
    return Rounds()


def test_nobody_costs_nothing(rounds: Rounds) -> None:
    assert not rounds.soon


def test_quick_ones_share_a_round(rounds: Rounds) -> None:
    for name in "abc":
        rounds.turns.queue(Hand(rounds, name))
    rounds.go_round()
    assert (rounds.done, rounds.soon) == ([*"abc"], [])


def test_a_round_is_over_when_its_time_is_up_and_the_next_one_goes_on_in_order(rounds: Rounds) -> None:
    for name in "abcde":
        rounds.turns.queue(Hand(rounds, name, TURN_S / 2))
    rounds.go_round()
    assert rounds.done == [*"ab"]
    rounds.go_round()
    rounds.go_round()
    assert (rounds.done, rounds.soon) == ([*"abcde"], [])


def test_who_asks_twice_has_one_turn_and_keeps_the_place(rounds: Rounds) -> None:
    first, second = Hand(rounds, "first"), Hand(rounds, "second")
    for one in (first, second, first):
        rounds.turns.queue(one)
    rounds.go_round()
    assert rounds.done == ["first", "second"]
    assert first not in rounds.turns


def test_who_leaves_has_no_turn(rounds: Rounds) -> None:
    gone, stays = Hand(rounds, "gone"), Hand(rounds, "stays")
    rounds.turns.queue(gone)
    rounds.turns.queue(stays)
    rounds.turns.leave(gone)
    assert gone not in rounds.turns
    rounds.go_round()
    assert rounds.done == ["stays"]


def test_one_that_fails_stops_nobody(rounds: Rounds) -> None:
    rounds.turns.queue(Hand(rounds, "bad"))
    rounds.turns.queue(Hand(rounds, "good"))
    with pytest.raises(ValueError, match="bad"):
        rounds.go_round()
    rounds.go_round()
    assert rounds.done == ["bad", "good"]
