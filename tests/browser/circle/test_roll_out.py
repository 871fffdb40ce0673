"""The circle in a browser: an operator's change is written into simulated concentrators, wave by wave (CFG-4)."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import pytest
from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from concentrators.configuration.values import desired_values
from concentrators.models import (
    Assignment,
    Company,
    Concentrator,
    Configuration,
    ConfigurationValue,
    RollOut,
)
from concentrators.procedures.actions import install
from profiles.models import SpontaneousProfile, SystemSettings
from tests.factories import CompanyFactory, ConcentratorFactory, ProcedureProfileFactory, SpontaneousProfileFactory
from tests.smmeplus.users import make_operator
from tests.support.listener import database_url, running_listener
from tests.support.processes import free_port, wait_until
from wakeup.models import Message

pytestmark = pytest.mark.process

SIZE, NOBODY = 90, 9
FASTER = 600  # ten minutes in a second
PATIENCE = 40_000  # milliseconds, for three waves


@pytest.fixture
@transaction.atomic
def chile(transactional_db: None) -> Company:
    """90 concentrators in field on a period of 100 minutes, which have been written and have called."""
    SystemSettings.objects.create(environment_name="Production", wakeup_ip="10.132.20.228")
    SpontaneousProfileFactory.create(name="Ten", wakeup_period=10)
    hundred = SpontaneousProfileFactory.create(name="Hundred", wakeup_period=100)
    ProcedureProfileFactory.create(name="Three waves", waves="10, 20, all")
    ProcedureProfileFactory.create(name="Careful", waves="10, all", tries=1)
    chile: Company = CompanyFactory.create(name="Chile")
    port = free_port()
    for place in range(1, SIZE + 1):
        ConcentratorFactory.create(
            company=chile, serial_number=f"C{place:02}", management_ip=f"127.78.0.{place}", management_port=port
        )
    install(Concentrator.objects.all(), hundred, user=None, now=timezone.now())
    _let_be_written(hundred)
    return chile


def _let_be_written(profile: SpontaneousProfile) -> None:
    """A simulated device holds from the beginning what was last read back from it."""
    now, system = timezone.now(), SystemSettings.current()
    for one in Concentrator.objects.select_related("type"):
        ConfigurationValue.objects.bulk_create(
            ConfigurationValue(
                configuration_id=one.pk, parameter=value.parameter, desired=value.text, read_back=value.text
            )
            for value in desired_values(profile, one.type, system)
        )
    Configuration.objects.update(state="confirmed", next_try_at=None, written_at=now, confirmed_at=now)


@contextmanager
def running(*arguments: str) -> Iterator[None]:
    environment = {"DATABASE_URL": database_url(), "WRITER_NETWORKS": "127.0.0.0/8"}
    command = [sys.executable, "manage.py", *arguments]
    process = subprocess.Popen(command, cwd=settings.BASE_DIR, env=os.environ | environment, stdout=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        assert process.wait(20) == 0


@pytest.fixture
def fleet(chile: Company) -> Iterator[None]:
    """A listener, the devices, and the writer, each in a process of its own."""
    with ExitStack() as processes:
        listener = processes.enter_context(running_listener())
        devices = ("--company", "Chile", "--writable", "--speed", str(FASTER), "--spread", "1")
        processes.enter_context(running("simulateconcentrators", *devices, "--port", str(listener.port)))
        wait_until(lambda: Message.objects.values("concentrator").distinct().count() == SIZE)
        processes.enter_context(running("writeconfigurations"))
        yield


def modify_all(page: Page, profile: str, procedure: str) -> None:
    page.goto(reverse("concentrators:modification"))
    page.locator("#choose-concentrators").get_by_role("button", name=f"Select all {SIZE} that match").click()
    page.locator("#choose-profile").get_by_label(profile).check()
    page.get_by_label("Procedure profile", exact=True).select_option(procedure)
    page.get_by_role("button", name="Modify", exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator(".load")).to_contain_text("messages a second. The largest burst:")
    dialog.get_by_role("button", name="Modify").click()
    expect(page.get_by_text(f"{SIZE} concentrators got the profile “{profile}”.")).to_be_visible()
    page.goto(reverse("rollouts:page", args=[RollOut.objects.latest("pk").pk]))


def state(page: Page, word: str) -> None:
    expect(page.locator("h1 .badge")).to_have_text(word, timeout=PATIENCE)


def messages_of(page: Page, milliseconds: int) -> int:
    before = Message.objects.count()
    page.wait_for_timeout(milliseconds)
    return Message.objects.count() - before


def test_a_change_goes_round_in_three_waves_and_a_wave_with_too_many_failures_halts(
    page: Page, sign_in: Callable[..., None], chile: Company, fleet: None
) -> None:
    sign_in(make_operator(chile))
    modify_all(page, "Ten", "Three waves")
    state(page, "running")
    expect(page.get_by_role("row", name="1 10 ")).to_contain_text("10")
    expect(page.get_by_role("row", name="3 later 60")).to_be_visible()
    state(page, "done")
    assert dict(RollOut.objects.latest("pk").members.values_list("outcome", "wave").distinct()) == {"confirmed": 3}
    assert Configuration.objects.filter(state="confirmed", profile__name="Ten").count() == SIZE
    assert ConfigurationValue.objects.filter(parameter="period", read_back="10").count() == SIZE
    assert Assignment.objects.filter(end=None, period_min=10).count() == SIZE
    assert messages_of(page, 2_000) > SIZE  # with a period of 100 minutes it would be a fifth of them
    unreachable = Concentrator.objects.filter(serial_number__in=["C01", "C02", "C03"])
    unreachable.update(management_port=NOBODY)
    modify_all(page, "Hundred", "Careful")
    state(page, "halted")
    expect(page.locator(".alert")).to_contain_text("Of the 10 concentrators of wave 1")
    expect(page.get_by_role("row", name="2 later 80")).to_be_visible()
    assert Configuration.objects.filter(waits=True).count() >= SIZE - 10
    page.get_by_role("link", name="Cancel roll-out").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel roll-out").click()
    expect(page.get_by_text("is cancelled:")).to_be_visible()
    state(page, "cancelled")
    assert Concentrator.objects.filter(profile__name="Ten").count() >= SIZE - 10 + unreachable.count()
