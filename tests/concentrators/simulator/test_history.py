"""What a concentrator sent in the past (SIM-3)."""

from __future__ import annotations

import pytest

from concentrators.simulator.behaviour import PAUSE, RETRY_INTERVAL, Profile
from concentrators.simulator.history import IsOpen, Lived, Sent
from smmeplus.dlms.kinds import Kind

MINUTE = 60.0
DAY = 86_400.0
TEN = Profile(10 * MINUTE, last_gasp=True)


def always(_at: float) -> bool:
    return True


def closed(begin: float, end: float) -> IsOpen:
    return lambda at: not begin <= at < end


def times(sent: list[Sent]) -> list[float]:
    return [one.at for one in sent]


def test_it_boots_and_then_calls_once_a_period() -> None:
    sent = list(Lived(TEN, 100.0).until(100.0 + 30 * DAY, always))
    assert sent[0] == (100.0, Kind.BOOT)
    assert len(sent) == 30 * 144
    assert {one.kind for one in sent[1:]} == {Kind.KEEPALIVE}
    assert {later - sooner for sooner, later in zip(times(sent), times(sent)[1:], strict=False)} == {600.0}


@pytest.mark.parametrize("stops", [[], [0.0], [600.0], [599.0, 601.0, 1_800.0]])
def test_in_how_many_steps_it_is_played_makes_no_difference(stops: list[float]) -> None:
    lived = Lived(TEN, 0.0)
    at_once = list(Lived(TEN, 0.0).until(DAY, always))
    assert [one for end in [*stops, DAY] for one in lived.until(end, always)] == at_once


def test_nothing_is_sent_before_the_end_that_is_due_at_the_end() -> None:
    lived = Lived(TEN, 0.0)
    assert times(list(lived.until(600.0, always))) == [0.0]
    assert times(list(lived.until(600.1, always))) == [600.0]


def test_a_service_that_was_closed_is_retried_until_it_is_reached_and_the_interval_begins_anew() -> None:
    sent = list(Lived(TEN, 0.0).until(3_000.0, closed(600.0, 600.0 + 2.5 * RETRY_INTERVAL)))
    assert times(sent) == [0.0, 780.0, 1_380.0, 1_980.0, 2_580.0]


def test_after_a_round_in_vain_it_pauses() -> None:
    end = 600.0 + 3 * RETRY_INTERVAL + 1.0
    assert times(list(Lived(TEN, 0.0).until(4_000.0, closed(600.0, end))))[1] == 780.0 + PAUSE


def test_what_it_sends_while_it_is_away_is_lost() -> None:
    lived = Lived(TEN, 0.0)
    sent = list(lived.until(590.0, always))
    lived.is_away = True
    assert not list(lived.until(700.0, always))
    lived.is_away = False
    assert times(sent + list(lived.until(1_330.0, always))) == [0.0, 720.0, 1_320.0]


@pytest.mark.parametrize("last_gasp", [True, False])
def test_without_supply_it_gasps_once_if_it_may_and_boots_when_it_is_back(last_gasp: bool) -> None:
    lived = Lived(Profile(600.0, last_gasp=last_gasp), 0.0)
    list(lived.until(700.0, always))
    lived.behaviour.power_lost(700.0)
    gasps = list(lived.until(10_000.0, always))
    assert gasps == ([(700.0, Kind.LASTGASP)] if last_gasp else [])
    lived.behaviour.power_restored(10_000.0)
    assert list(lived.until(10_601.0, always)) == [(10_000.0, Kind.BOOT), (10_600.0, Kind.KEEPALIVE)]


def test_one_without_a_period_sends_nothing_until_it_is_given_one() -> None:
    lived = Lived(Profile(None), 0.0)
    assert not list(lived.until(DAY, always))
    lived.behaviour.profile_changed(TEN, DAY)
    assert list(lived.until(DAY + 1.0, always)) == [(DAY, Kind.KEEPALIVE)]
