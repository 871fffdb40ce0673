"""Which files come when, under which names, and how they get into a folder."""

from __future__ import annotations

import gzip
import re
from collections import Counter
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

from concentrators.simulator.meters.files import File, Schedule, has_lists, write
from tests.concentrators.simulator.meters.made import AT, DAY, HOUR, NOW, SANTIAGO, SILENT, made, root_of

FLEET = made(silent_since=NOW - timedelta(hours=5))
DAILY = Schedule(FLEET, SANTIAGO, DAY)
NAME = re.compile(r"(MADE\d{5})_0_(S24|S11|S06|G02)_([01])_(\d{14})")


def test_one_day_has_each_report_once_of_all_that_have_lists_and_are_not_silent() -> None:
    files = list(DAILY.between(AT - DAY, AT))
    found = [NAME.fullmatch(file.name) for file in files]
    kinds = Counter(match[2] for match in found if match)
    serials = {match[1] for match in found if match}
    assert len(set(kinds.values())) == 1
    assert set(kinds) == {"S24", "S11", "S06", "G02"}
    without = {net.place.serial for net in FLEET.nets if not has_lists(net.place.serial)}
    assert without
    assert {net.place.serial for net in FLEET.nets} - without - serials <= {f"MADE{SILENT:05}"}


def test_half_open_times_leave_nothing_out_and_say_nothing_twice() -> None:
    schedule = Schedule(FLEET, SANTIAGO, HOUR)
    whole = [(file.at, file.name) for file in schedule.between(AT - 3 * HOUR, AT)]
    cuts = [AT - 3 * HOUR, AT - 2.5 * HOUR, AT - 2.4999 * HOUR, AT - HOUR, AT]
    parts = [(file.at, file.name) for begin, end in pairwise(cuts) for file in schedule.between(begin, end)]
    assert whole == parts == sorted(whole, key=lambda file: file[0])
    assert len(set(parts)) == len(parts) > 100
    assert not list(schedule.between(AT, AT))


def test_what_begins_at_the_moment_of_a_list_has_it() -> None:
    schedule = Schedule(FLEET, SANTIAGO, HOUR)
    first = next(schedule.between(AT - HOUR, AT))
    assert next(schedule.between(first.at, AT)).name == first.name


def test_parameters_and_availability_come_once_a_day_and_the_network_with_each_fourth_list() -> None:
    schedule = Schedule(made(4), SANTIAGO, HOUR)
    files = [match for file in schedule.between(AT - DAY, AT) if (match := NAME.fullmatch(file.name))]
    count = len({match[1] for match in files})
    kinds = Counter(match[2] for match in files)
    assert kinds["S24"] == 24 * count
    assert kinds["S06"] == kinds["G02"] == count
    assert 6 * count <= kinds["S11"] <= 7 * count


def test_a_silent_one_writes_nothing_from_then_on() -> None:
    schedule = Schedule(FLEET, SANTIAGO, HOUR)
    times = [file.at for file in schedule.between(AT - 7 * HOUR, AT) if file.name.startswith(f"MADE{SILENT:05}")]
    assert AT - 6 * HOUR <= max(times) < AT - 5 * HOUR


def test_gzip_is_told_by_the_name_and_holds_the_same() -> None:
    files = list(DAILY.between(AT - DAY, AT))
    formats = Counter[str]()
    for file in files:
        match = NAME.fullmatch(file.name)
        assert match
        formats[match[3]] += 1
        content = gzip.decompress(file.content) if match[3] == "1" else file.content
        assert root_of(content).get("IdRpt") == match[2]
    assert min(formats["0"], formats["1"]) > 20


def test_files_are_the_same_byte_for_byte_each_time() -> None:
    assert list(DAILY.between(AT - DAY, AT)) == list(
        Schedule(made(silent_since=NOW - timedelta(hours=5)), SANTIAGO, DAY).between(AT - DAY, AT)
    )


def test_a_file_is_written_whole_and_nothing_else_is_left(tmp_path: Path) -> None:
    write(File(AT, "MADE1", "S24", "one", b"new"), tmp_path)
    write(File(AT, "MADE1", "S24", "one", b"newer"), tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"one": b"newer"}
