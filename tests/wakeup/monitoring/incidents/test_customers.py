"""Whose customers an incident counts: those of the meter lists, else of the inventory (MET-7)."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from concentrators.meters.lists import ListedMeter, ReceivedList
from concentrators.meters.storing import store_list
from concentrators.models import Company, Concentrator, ConcentratorMeters, MeterSource, MeterState
from smmeplus.dlms.kinds import Kind
from tests.factories import SpontaneousProfileFactory
from tests.wakeup.monitoring.incidents.dark import Place, dark
from tests.wakeup.monitoring.outages.story import at, installed, passed, say
from wakeup.models import Incident, Outage
from wakeup.models.incidents import CustomersSource
from wakeup.monitoring.incidents import actions
from wakeup.monitoring.incidents.customers import Tally
from wakeup.monitoring.incidents.keeping import keep_incidents

pytestmark = pytest.mark.django_db


def listed(one: Concentrator, meters: int, chosen: int) -> None:
    """Its list holds so many customers' meters, of which so many count here and nowhere else."""
    ConcentratorMeters.objects.update_or_create(
        concentrator=one, defaults={"listed_at": at("11:00"), "meters": meters, "chosen": chosen}
    )


def went_dark(ones: list[Concentrator], meters: list[int | None]) -> None:
    for outage, number in zip(dark(ones, "12:10"), meters, strict=True):
        Outage.objects.filter(pk=outage.pk).update(meters=number)


@pytest.mark.parametrize(
    ("meters", "customers", "source"),
    [
        ([None, None, None], 150, CustomersSource.INVENTORY),
        ([80, 90, 7], 177, CustomersSource.METERS),
        ([80, None, 0], 130, CustomersSource.BOTH),
        ([0, 0, 0], 0, CustomersSource.METERS),
    ],
)
def test_an_incident_says_whence_its_number_is(
    place: Place, meters: list[int | None], customers: int, source: CustomersSource
) -> None:
    went_dark(place()[:3], meters)
    keep_incidents(at("12:11"))
    incident = Incident.objects.get()
    assert (incident.customers, incident.customers_source) == (customers, source)


def test_who_was_a_customer_of_it_stays_one_with_its_source(place: Place) -> None:
    feeder = place()
    went_dark(feeder[:3], [80, 80, 80])
    keep_incidents(at("12:11"))
    dark(feeder[3:], "12:12")
    keep_incidents(at("12:13"))
    incident = Incident.objects.get()
    assert (incident.customers, incident.customers_source) == (290, CustomersSource.BOTH)
    Outage.objects.filter(meters=80).update(meters=1)
    keep_incidents(at("12:14"))
    incident.refresh_from_db()
    assert (incident.customers, incident.customers_source) == (290, CustomersSource.BOTH)


def test_a_part_that_is_split_off_says_its_own(place: Place, operator: User) -> None:
    feeder = place()
    went_dark(feeder, [80, 90, None, None])
    keep_incidents(at("12:11"))
    incident = Incident.objects.get()
    part = actions.split(incident, Outage.objects.filter(meters=None), user=operator, now=at("12:12"))
    incident.refresh_from_db()
    assert (incident.customers, incident.customers_source) == (170, CustomersSource.METERS)
    assert (part.customers, part.customers_source) == (100, CustomersSource.INVENTORY)


def test_none_is_of_the_inventory() -> None:
    assert Tally().source == CustomersSource.INVENTORY


def test_an_outage_keeps_the_meters_that_counted_there_when_it_began(chile: Company) -> None:
    profile = SpontaneousProfileFactory.create(wakeup_period=10)
    with_list = installed(chile, profile, customers=70)
    without = installed(chile, profile, customers=60)
    listed(with_list, meters=90, chosen=88)  # two of them are in conflict and count elsewhere
    for one in (with_list, without):
        say(one, Kind.KEEPALIVE, "12:05")
        say(one, Kind.LASTGASP, "12:10")
    passed("12:12")
    listed(with_list, meters=91, chosen=91)
    for one in (with_list, without):
        say(one, Kind.BOOT, "12:20")
    passed("12:22")
    rows = Outage.objects.order_by("-customers").values_list("customers", "meters", "affected")
    assert list(rows) == [(70, 88, 88), (60, None, 60)]


def test_a_meter_in_the_lists_of_several_counts_once_and_a_supervisor_not_at_all(chile: Company) -> None:
    profile = SpontaneousProfileFactory.create(wakeup_period=10)
    both = [installed(chile, profile, customers=70) for _ in range(2)]
    names = (["CIR0000000001", "CIR0000000002", "CIR2081000001"], ["CIR0000000002", "CIR0000000003", "CIR2081000002"])
    for one, listed_names in zip(both, names, strict=True):
        rows = [ListedMeter(name, state=MeterState.ACTIVE, last_seen=at("12:01")) for name in listed_names]
        received = ReceivedList(one.pk, MeterSource.S24, at("12:02"), whole=True, sha256="0" * 64, rows=rows)
        store_list(received, at("12:03"))
        say(one, Kind.KEEPALIVE, "12:05")
        say(one, Kind.LASTGASP, "12:10")
    passed("12:12")
    assert sorted(Outage.objects.values_list("affected", flat=True)) == [1, 2]


def test_a_boot_without_a_silence_keeps_them_too(chile: Company) -> None:
    one = installed(chile, SpontaneousProfileFactory.create(wakeup_period=10), customers=70)
    listed(one, meters=90, chosen=0)
    say(one, Kind.KEEPALIVE, "12:05")
    say(one, Kind.BOOT, "12:08")
    passed("12:10")
    assert list(Outage.objects.values_list("is_momentary", "meters", "affected")) == [(True, 0, 0)]


@pytest.mark.one_database
def test_the_page_says_it_and_lists_each_with_its_own(place: Place, client: Client) -> None:
    went_dark(place()[:3], [81, None, None])
    keep_incidents(at("12:11"))
    page = client.get(reverse("incidents:page", args=[Incident.objects.get().pk])).content.decode()
    assert '181 <span class="note">(meter lists and inventory)</span>' in page
    assert '<td class="number">81</td>' in page
