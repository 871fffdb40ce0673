"""Whose fault it is, by evidence alone (STA-4)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wakeup.models.verdicts import Cause
from wakeup.monitoring.verdicts.rules import (
    Canary,
    Evidence,
    Part,
    Place,
    Sign,
    Verdict,
    verdict_on_all,
    verdict_on_carrier,
)

NOW = datetime(2026, 2, 25, 18, 16, tzinfo=UTC)
HEARD = NOW - timedelta(seconds=30)
SILENT = NOW - timedelta(seconds=151)
STANDS, FALLS = Part(90, 1), Part(90, 60)
CALM = Evidence(
    NOW,
    listeners=2,
    takes=True,
    canaries=[Canary("DESK", "", HEARD), Canary("E1", "Entel", HEARD), Canary("M1", "Movistar", HEARD)],
    fleet=STANDS,
    carriers={"Entel": Part(50, 1), "Movistar": Part(40, 0)},
)


def silent(*names: str) -> list[Canary]:
    return [one._replace(heard_at=SILENT) if one.name in names else one for one in CALM.canaries]


def causes(evidence: Evidence) -> tuple[Cause, dict[str, Cause]]:
    of_all = verdict_on_all(evidence)
    return of_all.cause, {name: verdict_on_carrier(evidence, name, of_all).cause for name in evidence.carriers}


def both(cause: Cause) -> dict[str, Cause]:
    return {"Entel": cause, "Movistar": cause}


def signs(verdict: Verdict) -> set[Sign]:
    return {finding.sign for finding in verdict.evidence}


def test_all_is_well() -> None:
    assert causes(CALM) == (Cause.OK, both(Cause.OK))


def test_a_national_blackout_is_the_field_however_large_its_share() -> None:
    dark = replace(CALM, fleet=Part(90, 90), carriers={"Entel": Part(50, 50), "Movistar": Part(40, 40)})
    assert causes(dark) == (Cause.FIELD, both(Cause.FIELD))
    assert signs(verdict_on_all(dark)) == {Sign.CANARIES_ARRIVE, Sign.FLEET_FALLS}


def test_a_region_that_falls_is_enough() -> None:
    evidence = replace(CALM, fleet=Part(1000, 40), regions={"Maule": Part(40, 40), "Biobío": Part(960, 0)})
    verdict = verdict_on_all(evidence)
    assert verdict.cause == Cause.FIELD
    assert verdict.evidence[-1].names == ("Maule",)


@pytest.mark.parametrize(("listeners", "takes", "sign"), [(0, True, Sign.NO_LISTENER), (2, False, Sign.DATABASE)])
def test_what_we_know_to_be_broken_is_our_side(listeners: int, takes: bool, sign: Sign) -> None:
    evidence = replace(CALM, listeners=listeners, takes=takes, fleet=FALLS)
    assert causes(evidence) == (Cause.OUR_SIDE, both(Cause.OUR_SIDE))
    assert signs(verdict_on_all(evidence)) == {sign}


def test_when_nothing_arrives_it_is_our_side() -> None:
    cut = replace(CALM, canaries=silent("DESK", "E1", "M1"), fleet=FALLS)
    assert causes(cut) == (Cause.OUR_SIDE, both(Cause.OUR_SIDE))


def test_canaries_of_carriers_alone_cannot_tell_our_side_from_all_of_them() -> None:
    cut = replace(CALM, canaries=silent("E1", "M1")[1:], fleet=FALLS)
    assert causes(cut) == (Cause.UNDECIDED, both(Cause.UNDECIDED))


def test_without_a_canary_nobody_can_tell() -> None:
    assert causes(replace(CALM, canaries=[])) == (Cause.UNDECIDED, both(Cause.UNDECIDED))


def test_one_carrier_alone() -> None:
    evidence = replace(
        CALM, canaries=silent("E1"), fleet=Part(90, 50), carriers={"Entel": Part(50, 50), "Movistar": Part(40, 0)}
    )
    assert causes(evidence) == (Cause.CARRIER, {"Entel": Cause.CARRIER, "Movistar": Cause.OK})
    assert verdict_on_all(evidence).carriers == ("Entel",)


def test_a_carrier_fails_while_the_rest_is_dark() -> None:
    evidence = replace(
        CALM, canaries=silent("E1"), fleet=Part(90, 90), carriers={"Entel": Part(50, 50), "Movistar": Part(40, 40)}
    )
    assert causes(evidence) == (Cause.FIELD, {"Entel": Cause.CARRIER, "Movistar": Cause.FIELD})


def test_what_began_in_the_field_stays_so_when_the_carriers_batteries_end() -> None:
    dark = replace(
        CALM,
        canaries=silent("E1", "M1"),
        fleet=Part(90, 90),
        carriers={"Entel": Part(50, 50), "Movistar": Part(40, 40)},
        before={"": Cause.FIELD, **both(Cause.FIELD)},
    )
    assert causes(dark) == (Cause.FIELD, both(Cause.FIELD))
    assert causes(replace(dark, canaries=silent("DESK", "E1", "M1"))) == (Cause.FIELD, both(Cause.FIELD))
    assert causes(replace(dark, before={})) == (Cause.CARRIER, both(Cause.CARRIER)), "the test above can fail"


def test_a_dark_country_is_the_field_though_those_who_are_not_dark_are_heard_by_a_carrier_without_canary() -> None:
    """Whose wake-ups are due since its canary fell silent: of the dark ones none, they owe theirs for longer."""
    dark = replace(
        CALM,
        canaries=silent("DESK", "E1", "M1"),
        fleet=Part(90, 80, 10, 10),
        carriers={"Entel": Part(50, 44, 6, 6), "Movistar": Part(40, 36, 4, 4)},
        before={"": Cause.FIELD, **both(Cause.FIELD)},
    )
    assert causes(dark) == (Cause.FIELD, both(Cause.FIELD))
    assert causes(replace(dark, before={})) == (Cause.CANARY_AWAY, both(Cause.CANARY_AWAY)), "the test above can fail"


def test_a_region_that_falls_is_enough_for_the_carriers_that_fall_in_it() -> None:
    evidence = replace(
        CALM,
        fleet=Part(900, 44),
        carriers={"Entel": Part(500, 40), "Movistar": Part(400, 4)},
        regions={"Maule": Part(80, 44), "Biobío": Part(820, 0)},
        places={
            Place("Entel", "Maule"): Part(40, 40),
            Place("Entel", "Biobío"): Part(460, 0),
            Place("Movistar", "Maule"): Part(40, 4),
            Place("Movistar", "Biobío"): Part(360, 0),
        },
    )
    assert causes(evidence) == (Cause.FIELD, {"Entel": Cause.FIELD, "Movistar": Cause.OK})
    nowhere = {Place("Entel", ""): Part(40, 40)}  # who has no region has none in common with anybody
    assert causes(replace(evidence, places=nowhere))[1] == both(Cause.OK)


@pytest.mark.parametrize(
    ("due", "heard", "cause"), [(0, 0, Cause.OUR_SIDE), (40, 19, Cause.OUR_SIDE), (40, 20, Cause.CANARY_AWAY)]
)
def test_a_canary_that_is_away_is_never_our_side(due: int, heard: int, cause: Cause) -> None:
    evidence = replace(CALM, canaries=silent("DESK", "E1", "M1"), fleet=Part(90, 1, due, heard))
    assert verdict_on_all(evidence).cause == cause


def test_a_carriers_canary_that_is_away_is_not_the_carriers_fault() -> None:
    evidence = replace(CALM, canaries=silent("E1"), carriers={"Entel": Part(50, 1, 20, 18), "Movistar": Part(40, 0)})
    assert causes(evidence) == (Cause.OK, {"Entel": Cause.CANARY_AWAY, "Movistar": Cause.OK})


def test_a_last_gasp_proves_the_way_of_its_carrier_alone() -> None:
    evidence = replace(
        CALM,
        canaries=silent("E1", "M1"),
        gasps={"Entel": HEARD},
        fleet=FALLS,
        carriers={"Entel": Part(50, 50), "Movistar": Part(40, 10)},
    )
    assert causes(evidence) == (Cause.FIELD, {"Entel": Cause.FIELD, "Movistar": Cause.CARRIER})


def test_a_last_gasp_by_udp_does_not_prove_the_way_of_canaries_by_tcp() -> None:
    evidence = replace(CALM, canaries=silent("DESK", "E1", "M1"), gasps={"Entel": HEARD}, fleet=FALLS)
    verdict = verdict_on_all(evidence)
    assert verdict.cause == Cause.OUR_SIDE
    assert [finding.sign for finding in verdict.against] == [Sign.GASPS_ARRIVE]


def test_a_carrier_without_a_canary_that_falls_alone_is_undecided() -> None:
    evidence = replace(CALM, canaries=CALM.canaries[:1], carriers={"Entel": Part(50, 30), "Movistar": Part(40, 0)})
    assert causes(evidence) == (Cause.OK, {"Entel": Cause.UNDECIDED, "Movistar": Cause.OK})


@pytest.mark.parametrize(("part", "falls"), [(Part(9, 2), False), (Part(15, 3), True), (Part(16, 3), False)])
def test_three_and_a_share_of_the_part(part: Part, falls: bool) -> None:
    assert part.falls(0.2) == falls


@pytest.mark.parametrize(("seconds", "cause"), [(150, Cause.OK), (151, Cause.OUR_SIDE)])
def test_a_canary_fails_150_s_after_its_last_message(seconds: int, cause: Cause) -> None:
    lone = [Canary("DESK", "", NOW - timedelta(seconds=seconds))]
    assert verdict_on_all(replace(CALM, canaries=lone)).cause == cause


PARTS = st.builds(
    lambda size, unreachable, due, heard: Part(size, min(unreachable, size), due, min(heard, due)),
    *[st.integers(0, 60)] * 4,
)
CANARIES = st.lists(
    st.builds(
        Canary,
        st.just("C"),
        st.sampled_from(["", "Entel", "Movistar"]),
        st.sampled_from([None, SILENT, HEARD]),
    ),
    max_size=5,
)


@given(CANARIES, PARTS, PARTS, PARTS, st.sampled_from(Cause), st.booleans())
def test_it_is_our_side_only_if_no_canary_arrives(
    canaries: list[Canary], fleet: Part, entel: Part, movistar: Part, before: Cause, gasped: bool
) -> None:
    evidence = replace(
        CALM,
        canaries=canaries,
        fleet=fleet,
        carriers={"Entel": entel, "Movistar": movistar},
        before=dict.fromkeys(["", "Entel", "Movistar"], before),
        gasps={"Entel": HEARD} if gasped else {},
    )
    of_all, of_carriers = causes(evidence)
    arrive = any(canary.heard_at == HEARD for canary in canaries)
    is_free = any(not canary.carrier for canary in canaries)
    if of_all == Cause.OUR_SIDE:
        assert is_free
        assert not arrive
        assert not fleet.is_heard
        assert set(of_carriers.values()) == {Cause.OUR_SIDE}
    if of_all == Cause.FIELD and before != Cause.FIELD:
        assert arrive
    for name, cause in of_carriers.items():
        if cause == Cause.CARRIER:
            assert not any(one.carrier == name and one.heard_at == HEARD for one in canaries)
