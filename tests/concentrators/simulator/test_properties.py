"""SIM-1: what holds for a concentrator whatever happens to the service and to its supply."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby, pairwise, takewhile

from hypothesis import given
from hypothesis import strategies as st

from concentrators.simulator.behaviour import PAUSE, RETRY_INTERVAL, Behaviour, Profile
from smmeplus.dlms.kinds import WAKEUPS, Kind

DAY = 86_400.0
PERIODS = [60.0, 600.0, 6000.0, DAY]
Spans = list[tuple[float, float]]


@dataclass(frozen=True)
class Attempt:
    at: float
    kind: Kind
    reached: bool
    restart: int  # how often the concentrator had restarted by then


def spans() -> st.SearchStrategy[Spans]:
    """Up to six spans of time in order, each from (inclusive) to (exclusive), in seconds."""
    lengths = st.lists(st.tuples(st.floats(1, DAY / 3), st.floats(1, DAY / 3)), max_size=6)
    return lengths.map(_laid_end_to_end)


def _laid_end_to_end(lengths: list[tuple[float, float]]) -> Spans:
    laid: Spans = []
    end = 0.0
    for gap, length in lengths:
        start, end = end + gap, end + gap + length
        laid.append((start, end))
    return laid


def inside(moment: float, outages: Spans) -> bool:
    return any(start <= moment < end for start, end in outages)


def lived_through(profile: Profile, service_away: Spans, supply_away: Spans, lasting: float) -> list[Attempt]:
    """Two days of one concentrator, each attempt of which takes ``lasting`` seconds."""
    concentrator = Behaviour(profile, now=0.0)
    blows = [(start, concentrator.power_lost) for start, _ in supply_away]
    blows += [(end, concentrator.power_restored) for _, end in supply_away]
    blows.sort(key=lambda blow: blow[0])
    attempts: list[Attempt] = []
    restart = 0
    ends: tuple[float, bool] | None = None  # of the attempt under way: when, and whether it reaches the service
    while True:
        now = min([2 * DAY, *(blow[0] for blow in blows[:1]), *([ends[0]] if ends else [])])
        if not ends and concentrator.due is not None:
            now = min(now, concentrator.due)
        if now >= 2 * DAY:
            return attempts
        if blows and blows[0][0] == now:
            restart += blows[0][1] == concentrator.power_restored
            blows.pop(0)[1](now)
            ends = None
        elif ends and ends[0] == now:
            (concentrator.succeeded if ends[1] else concentrator.failed)(now)
            ends = None
        else:
            reaches = not inside(now, service_away)
            attempts.append(Attempt(now, concentrator.begin(now), reaches, restart))
            ends = (now + lasting, reaches)


def wakeups_by_restart(attempts: list[Attempt]) -> list[list[Attempt]]:
    wakeups = [attempt for attempt in attempts if attempt.kind in WAKEUPS]
    return [list(group) for _, group in groupby(wakeups, key=lambda attempt: attempt.restart)]


lives = given(
    profile=st.builds(Profile, period=st.sampled_from(PERIODS), last_gasp=st.booleans()),
    service_away=spans(),
    supply_away=spans(),
    lasting=st.floats(0, 59),
)


@lives
def test_attempts_are_never_less_than_sixty_seconds_apart_but_for_a_restart(
    profile: Profile, service_away: Spans, supply_away: Spans, lasting: float
) -> None:
    for wakeups in wakeups_by_restart(lived_through(profile, service_away, supply_away, lasting)):
        assert all(after.at - before.at >= RETRY_INTERVAL - 1e-6 for before, after in pairwise(wakeups))


@lives
def test_a_round_has_three_retries_at_most_and_thirty_minutes_lie_between_rounds(
    profile: Profile, service_away: Spans, supply_away: Spans, lasting: float
) -> None:
    for wakeups in wakeups_by_restart(lived_through(profile, service_away, supply_away, lasting)):
        in_round = 0
        for before, after in pairwise(wakeups):
            if before.reached:
                in_round = 0
                continue
            in_round += 1
            gap = round(after.at - before.at, 6)
            assert gap in (RETRY_INTERVAL, PAUSE)
            assert (gap == PAUSE) == (in_round == 4)
            if gap == PAUSE:
                in_round = 1  # the RETRY TASK alone starts again: 3 retries without a wake-up before them


@lives
def test_after_an_attempt_that_got_through_the_next_comes_one_period_later(
    profile: Profile, service_away: Spans, supply_away: Spans, lasting: float
) -> None:
    assert profile.period is not None
    for wakeups in wakeups_by_restart(lived_through(profile, service_away, supply_away, lasting)):
        gaps = [after.at - before.at for before, after in pairwise(wakeups) if before.reached]
        assert all(abs(gap - profile.period) < 1e-6 for gap in gaps)


@lives
def test_every_restart_boots_at_once_and_says_boot_until_it_is_heard_and_keepalive_from_then_on(
    profile: Profile, service_away: Spans, supply_away: Spans, lasting: float
) -> None:
    for wakeups in wakeups_by_restart(lived_through(profile, service_away, supply_away, lasting)):
        assert wakeups[0].at in [0.0, *(end for _, end in supply_away)]
        unheard = len(list(takewhile(lambda attempt: not attempt.reached, wakeups)))
        assert {attempt.kind for attempt in wakeups[: unheard + 1]} == {Kind.BOOT}
        assert {attempt.kind for attempt in wakeups[unheard + 1 :]} <= {Kind.KEEPALIVE}


@lives
def test_while_the_supply_is_away_there_is_one_last_gasp_where_enabled_and_nothing_else(
    profile: Profile, service_away: Spans, supply_away: Spans, lasting: float
) -> None:
    attempts = lived_through(profile, service_away, supply_away, lasting)
    unsupplied = [(attempt.at, attempt.kind) for attempt in attempts if inside(attempt.at, supply_away)]
    begun = [start for start, _ in supply_away if start < 2 * DAY]
    assert unsupplied == ([(start, Kind.LASTGASP) for start in begun] if profile.last_gasp else [])


@lives
def test_once_service_and_supply_stay_the_service_hears_from_it_within_a_pause_or_a_period(
    profile: Profile, service_away: Spans, supply_away: Spans, lasting: float
) -> None:
    assert profile.period is not None
    recovered = max([end for _, end in service_away + supply_away], default=0.0)
    longest = max(PAUSE, profile.period)
    attempts = lived_through(profile, service_away, supply_away, lasting)
    heard = [attempt.at for attempt in attempts if attempt.reached and attempt.at >= recovered]
    assert recovered + longest > 2 * DAY or heard[0] <= recovered + longest
