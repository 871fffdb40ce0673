"""The bench's own arithmetic: medians, spreads, ratios, percentiles, verdicts, and how they are shown."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.bench.figures import Result, Spread, Target, compared, percentile, ratios
from tests.bench.places import PlaceError, filesystem_of, on_a_disk
from tests.bench.sender import Outcome
from tests.bench.senders import together
from tests.bench.table import as_json, table


def test_a_spread_is_the_median_between_the_lowest_and_the_highest() -> None:
    assert Spread.of([30.0, 10.0, 20.0]) == Spread(20.0, 10.0, 30.0)


def test_the_median_of_an_even_number_of_rounds_lies_between_the_middle_two() -> None:
    assert Spread.of([1.0, 2.0, 4.0, 100.0]).median == 3.0


def test_a_spread_of_nothing_is_an_error() -> None:
    with pytest.raises(ValueError, match="nothing was measured"):
        Spread.of([])


def test_each_figure_is_compared_with_the_floor_of_its_own_round() -> None:
    assert ratios([50.0, 10.0], [100.0, 40.0]) == [0.5, 0.25]


def test_figures_and_floors_have_to_come_in_pairs() -> None:
    with pytest.raises(ValueError, match="shorter"):
        ratios([1.0, 2.0], [1.0])


def test_the_ratio_is_the_median_of_the_rounds_and_not_the_ratio_of_the_medians() -> None:
    result = compared("PER-1", "what", "/s", [10.0, 20.0, 90.0], "floor", [10.0, 100.0, 100.0], None)
    assert result.ratio == Spread(0.9, 0.2, 1.0)
    assert (result.figure.median, result.floor) == (20.0, Spread(100.0, 10.0, 100.0))


@pytest.mark.parametrize(
    ("share", "expected"), [(0.0, 1.0), (0.5, 50.0), (0.501, 51.0), (0.99, 99.0), (0.991, 100.0), (1.0, 100.0)]
)
def test_a_percentile_is_the_nearest_rank(share: float, expected: float) -> None:
    assert percentile([float(number) for number in range(100, 0, -1)], share) == expected


def test_what_several_senders_reach_counts_until_the_last_of_them_has_ended() -> None:
    whole = together([Outcome(30, 2.0, [0.1]), Outcome(50, 4.0, [0.2, 0.3])])
    assert (whole.rate, whole.times) == (20.0, [0.1, 0.2, 0.3])


def test_each_percentile_of_one_value_is_that_value() -> None:
    assert {percentile([7.0], share) for share in (0.0, 0.5, 1.0)} == {7.0}


@pytest.mark.parametrize(
    ("target", "met", "missed"),
    [
        (Target("≥", 0.5), 0.5, 0.499),
        (Target("≤", 6), 6.0, 6.001),
        (Target("<", 20, "ms"), 19.99, 20.0),
    ],
)
def test_a_target_is_met_up_to_its_limit(target: Target, met: float, missed: float) -> None:
    assert target.is_met(met)
    assert not target.is_met(missed)


def test_a_target_is_about_the_ratio_where_there_is_a_floor_and_else_about_the_figure() -> None:
    target = Target("≥", 4)
    assert compared("", "", "", [10.0], "", [5.0], target).verdict == "missed"
    assert Result("", "", "", Spread.of([10.0]), target=target).verdict == "met"


def test_without_a_target_there_is_no_verdict() -> None:
    result = compared("", "", "", [10.0], "", [5.0], None)
    assert (result.is_met, result.verdict) == (None, "")


def test_the_table_shows_figure_floor_ratio_target_verdict_and_notes() -> None:
    rates, floors = [12_000.0, 10_000.0, 14_000.0], [20_000.0, 20_000.0, 20_000.0]
    result = compared("PER-1", "at once", "messages/s", rates, "echo", floors, Target("≥", 0.5), ["sender 40%"])
    _header, line, note = table([result]).splitlines()
    assert line.split("  ") == [
        "PER-1",
        "at once",
        "12,000 (10,000 … 14,000) messages/s",
        "20,000 echo",
        "0.60 (0.50 … 0.70)",
        "≥ 0.5 x",
        "met",
    ]
    assert note.strip() == "sender 40%"


def test_the_same_goes_out_as_json() -> None:
    results = {"sqlite": [compared("PER-1", "at once", "/s", [1.0], "echo", [2.0], Target("≥", 0.5))]}
    written = json.loads(json.dumps(as_json(results, {"rounds": "1"})))
    (result,) = written["databases"]["sqlite"]
    assert (result["ratio"], result["target"], result["met"]) == ([0.5, 0.5, 0.5], "≥ 0.5 x", True)
    assert written["about"] == {"rounds": "1"}


def test_a_directory_in_memory_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("tests.bench.places.filesystem_of", lambda directory: "tmpfs")
    with pytest.raises(PlaceError, match="is tmpfs, which is memory"):
        on_a_disk(tmp_path)


def test_what_is_no_directory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PlaceError, match="is not a directory"):
        on_a_disk(tmp_path / "absent")


def test_the_file_system_of_a_directory_is_told_apart_from_that_of_the_kernel(tmp_path: Path) -> None:
    assert filesystem_of(Path("/proc")) == "proc"
    assert filesystem_of(tmp_path) != "proc"
