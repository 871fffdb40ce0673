"""Messages that do not come from where they are expected (SEC-1), on the fast path and on the slow one."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection, transaction

from concentrators.models import Company, Concentrator
from profiles.models import FromElsewhere, SystemSettings
from smmeplus.dlms.kinds import Kind
from tests.factories import ConcentratorFactory
from tests.wakeup.recording.fast_paths import NOON, arrival
from wakeup.counts.rebuild import rebuild
from wakeup.models import DailyCount, Message, StrayFrame, StrayReason, WakeupTotal
from wakeup.recording.arrivals import Arrival, Recorded
from wakeup.recording.attempts import Attempt
from wakeup.recording.recorder import record

pytestmark = pytest.mark.django_db(transaction=True)

HOME, AWAY = "10.60.1.7", "192.0.2.9"
NETWORKS = "10.60.0.0/16 10.61.7.8/32"


@pytest.fixture
def one(known: Concentrator) -> Concentrator:
    """Counted once already, from anywhere; from now on expected from two networks."""
    Concentrator.objects.filter(pk=known.pk).update(expected_networks=NETWORKS)
    return known


def later(one: Concentrator, kind: Kind = Kind.KEEPALIVE) -> Arrival:
    at = NOON + timedelta(minutes=9)
    return replace(arrival(one.serial_number, address=AWAY), received_at=at, kind=kind)


def policy(word: FromElsewhere) -> None:
    SystemSettings(from_elsewhere=word).save()


def counted() -> tuple[object, ...]:
    return tuple(WakeupTotal.objects.values().order_by("pk")), tuple(DailyCount.objects.values().order_by("pk"))


def marks() -> list[bool]:
    return list(Message.objects.order_by("pk").values_list("elsewhere", flat=True))


def assert_recount_is_true(company: Company) -> None:
    (found,) = rebuild([company])
    assert (found.wrong_totals, found.wrong_days) == (0, 0)


@pytest.mark.parametrize("address", [HOME, "10.61.7.8", "10.60.255.255"])
@pytest.mark.parametrize("number", [1, 2])
def test_from_home_all_is_as_ever(one: Concentrator, address: str, number: int) -> None:
    record([arrival(one.serial_number, address=address)] * number)
    assert marks() == [False] * (1 + number)
    assert WakeupTotal.objects.get().wakeup_count == 1 + number
    assert WakeupTotal.objects.get().source_ip == address


def test_from_home_the_fast_path_is_enough(one: Concentrator, monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(*_args: object, **_options: object) -> None:
        raise AssertionError("the slow path")

    other = ConcentratorFactory.create(company=one.company)
    if connection.vendor == "postgresql":
        monkeypatch.setattr(transaction, "atomic", slow)
    record([arrival(one.serial_number, address=HOME), arrival(other.serial_number, address=AWAY)])
    record([arrival(one.serial_number, address=HOME)])
    assert Message.objects.count() == 4


@pytest.mark.parametrize("kind", Kind)
def test_marked_is_stored_and_moves_nothing(one: Concentrator, kind: Kind) -> None:
    before = counted()
    recorded = record([later(one, kind)])
    assert (recorded.messages.total(), recorded.elsewhere, recorded.strays) == (1, 1, {})
    assert counted() == before
    assert marks() == [False, True]
    assert Message.objects.get(elsewhere=True).source_ip == AWAY
    assert_recount_is_true(one.company)
    assert counted() == before


def test_in_one_batch_each_message_is_judged_by_itself(one: Concentrator) -> None:
    other = ConcentratorFactory.create(company=one.company)
    serials = (one.serial_number, other.serial_number)
    batch = [arrival(serial, address=address) for serial in serials for address in (HOME, AWAY)]
    recorded = record([*batch, arrival("NOBODY1", address=AWAY)])
    assert (recorded.messages.total(), recorded.elsewhere) == (4, 1)
    totals = dict(WakeupTotal.objects.values_list("concentrator", "wakeup_count"))
    assert totals == {one.pk: 2, other.pk: 2}
    assert_recount_is_true(one.company)


def test_refused_is_a_stray_and_no_message(one: Concentrator) -> None:
    policy(FromElsewhere.REFUSED)
    before = counted()
    recorded = record([later(one, Kind.LASTGASP)])
    assert (recorded.messages.total(), recorded.strays) == (0, {StrayReason.NETWORK: 1})
    stray = StrayFrame.objects.get()
    assert (stray.sender, stray.source_ip, stray.detail) == (one.serial_number, AWAY, "lastgasp")
    assert (counted(), marks()) == (before, [False])


def test_accepted_is_as_if_nothing_were_expected(one: Concentrator) -> None:
    policy(FromElsewhere.ACCEPTED)
    record([later(one)])
    total = WakeupTotal.objects.get()
    assert (total.wakeup_count, total.source_ip, marks()) == (2, AWAY, [False, False])


def test_the_networks_of_a_company_hold_for_concentrators_without_their_own(one: Concentrator) -> None:
    other = ConcentratorFactory.create(company=one.company)
    Company.objects.update(expected_networks="198.51.100.0/24 2001:db8::/32")
    for serial, address in (
        (other.serial_number, "198.51.100.7"),
        (other.serial_number, "2001:db8::7"),
        (other.serial_number, HOME),
        (one.serial_number, HOME),
        (one.serial_number, "198.51.100.7"),
    ):
        record([arrival(serial, address=address)])
    assert marks() == [False, False, False, True, False, True]
    assert_recount_is_true(one.company)


def test_a_first_message_from_elsewhere_begins_nothing(one: Concentrator) -> None:
    other = ConcentratorFactory.create(company=one.company, expected_networks="10.70.0.0/16")
    record([arrival(other.serial_number, address=AWAY)])
    assert not WakeupTotal.objects.filter(pk=other.pk).exists()
    record([arrival(other.serial_number, address="10.70.0.1")])
    assert WakeupTotal.objects.get(pk=other.pk).wakeup_count == 1


def test_without_networks_the_policy_matters_to_nobody(known: Concentrator) -> None:
    policy(FromElsewhere.REFUSED)
    record([arrival(known.serial_number, address=AWAY), arrival("NOBODY1", address=AWAY)])
    assert marks() == [False, False]


if connection.vendor == "postgresql":  # only there a connection can break between a commit and its confirmation

    def test_a_try_whose_answer_was_lost_is_recognised(one: Concentrator) -> None:
        attempt = Attempt[Recorded]()
        assert record([later(one)], attempt=attempt).elsewhere == 1
        assert record([later(one)], attempt=attempt).elsewhere == 1
        assert marks() == [False, True]
