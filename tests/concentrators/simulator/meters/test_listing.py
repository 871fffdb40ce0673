"""What a concentrator knows: its own meters and those it picks up, in all its reports alike."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from concentrators.simulator.meters.layout import NO_SWITCH
from concentrators.simulator.meters.life import ACTIVE, PERMANENT, TEMPORARY
from concentrators.simulator.meters.listing import MINUTES_OF_DAY
from tests.concentrators.simulator.meters.made import AT, DAY, HOUR, NOW, made

FLEET = made()
SHARED = {one.meter.name for one in FLEET.shared}
ROWS = {net.place.serial: FLEET.rows(net, AT) for net in FLEET.nets}


def test_rows_are_in_the_order_of_names_and_each_meter_stands_once() -> None:
    for rows in ROWS.values():
        names = [row.meter.name for row in rows]
        assert names == sorted(set(names))


def test_a_concentrator_without_meters_still_has_its_supervisor() -> None:
    own = [row.meter for row in ROWS["MADE00010"] if row.meter.name not in SHARED]
    assert [meter.is_supervisor for meter in own] == [True]


def test_most_are_active_a_few_fail_and_fewer_have_failed_for_good() -> None:
    states = Counter(row.seen.state for rows in ROWS.values() for row in rows)
    total = sum(states.values())
    assert states[ACTIVE] > 0.9 * total
    assert 0 < states[PERMANENT] < 0.04 * total
    assert 0 < states[TEMPORARY] < 0.06 * total


def test_no_contact_is_later_than_the_list() -> None:
    assert all(row.seen.last_contact < AT for rows in ROWS.values() for row in rows)


def test_last_contact_never_moves_back_from_list_to_list() -> None:
    for net in FLEET.nets[:9]:
        before = dict[str, float]()
        for turn in range(25):
            for row in FLEET.rows(net, AT + turn * 7 * HOUR):
                assert row.seen.last_contact >= before.get(row.meter.name, 0)
                before[row.meter.name] = row.seen.last_contact


def test_the_network_has_no_meter_that_the_list_lacks() -> None:
    for net in FLEET.nets:
        registered = FLEET.registered(net, AT)
        assert {row.meter.mac for row in registered} <= {row.meter.mac for row in ROWS[net.place.serial]}
        assert len({row.lnid for row in registered}) == len(registered)


def test_each_finds_its_repeater_but_for_orphans_on_some_days() -> None:
    orphans = Counter[int]()
    for day in range(5):
        for net in FLEET.nets:
            registered = FLEET.registered(net, AT + day * DAY)
            levels = {row.lsid: row.level for row in registered if row.lsid != NO_SWITCH}
            for row in registered:
                if row.sid and row.sid not in levels:
                    orphans[day] += 1
                else:
                    assert row.level == (levels[row.sid] + 1 if row.sid else 0)
    assert orphans
    assert max(orphans.values()) < 0.2 * sum(map(len, ROWS.values()))


def test_what_is_behind_a_failed_repeater_has_failed_too() -> None:
    found = 0
    for net in FLEET.nets[:20]:
        for hours in range(0, 48, 4):
            at = AT + hours * HOUR
            states = {row.meter.name: row.seen for row in FLEET.rows(net, at)}
            for meter in net.meters:
                above = None if meter.parent is None else net.meters[meter.parent]
                if above is None or states[above.name].state != TEMPORARY or meter.name in SHARED:
                    continue
                if meter.name in states:
                    found += 1
                    assert states[meter.name].last_contact <= states[above.name].last_contact + 360
    assert found > 5


def test_the_availability_of_a_day_is_as_in_the_field() -> None:
    days = [day for net in FLEET.nets for day in FLEET.days(net, NOW.date(), AT)]
    total = len(days)
    assert 0.4 * total < sum(1 for day in days if day.percent == 100) < 0.6 * total
    assert sum(1 for day in days if day.percent < 95) < 0.3 * total
    assert any(day.percent == 0 for day in days)
    for day in days:
        assert 0 <= day.minutes <= MINUTES_OF_DAY
        assert 0 <= day.changes <= 28
        assert abs(day.percent - 100 * day.minutes / MINUTES_OF_DAY) < 0.08


def test_meters_appear_fail_go_and_return() -> None:
    seen = {serial: {row.meter.name for row in rows} for serial, rows in ROWS.items()}
    later = {net.place.serial: {row.meter.name for row in FLEET.rows(net, AT + 10 * DAY)} for net in FLEET.nets}
    assert sum(len(later[serial] - seen[serial]) for serial in seen) > 5
    assert sum(len(seen[serial] - later[serial]) for serial in seen) > 5


def test_it_is_the_same_whoever_asks_and_whenever() -> None:
    again = made()
    assert {net.place.serial: again.rows(net, AT) for net in reversed(again.nets)} == ROWS


def test_a_silent_concentrators_meters_are_still_its_own() -> None:
    fleet = made(silent_since=NOW - timedelta(days=9))
    assert [len(net.meters) for net in fleet.nets] == [len(net.meters) for net in FLEET.nets]
