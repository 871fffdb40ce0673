"""A removed concentrator is put into the field again: made available on its page, then installed (CON-2, CON-4)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse

from concentrators.models import Company, Concentrator, State
from concentrators.procedures.actions import make_available
from concentrators.procedures.held import InstallationError
from profiles.models import SpontaneousProfile
from smmeplus.common.audit import changes_of
from tests.concentrators.procedures.choices import confirm
from tests.factories import CompanyFactory, ConcentratorFactory
from tests.smmeplus.translation.markup import alerts, parse, texts
from tests.smmeplus.users import client_of, make_operator, make_viewer

pytestmark = pytest.mark.one_database

BEFORE, NOW = datetime(2020, 1, 1, tzinfo=UTC), datetime(2020, 9, 24, 10, 18, 46, tzinfo=UTC)
BUTTON = ".//main//form[@method='post']/button"


@pytest.fixture
def removed(chile: Company) -> Concentrator:
    return ConcentratorFactory.create(company=chile, serial_number="GONE1", state=State.REMOVED, installed_at=BEFORE)


def url(one: object) -> str:
    return reverse("concentrator:make-available", args=[one])


def state(one: Concentrator) -> str:
    one.refresh_from_db()
    return one.state


def test_on_the_page_of_a_removed_one_a_button_makes_it_available_and_installable(
    client: Client, removed: Concentrator, profile: SpontaneousProfile
) -> None:
    address = reverse("concentrator:page", args=[removed])
    assert "Make available" in texts(parse(client.get(address)), BUTTON)
    response = client.post(url(removed), follow=True)
    assert response.redirect_chain == [(address, 302)]
    shown = parse(response)
    assert alerts(shown) == ["Concentrator GONE1 is available and can be installed. Install it"]
    assert "Make available" not in texts(shown, BUTTON)
    confirm(client, "installation", 1, concentrator=removed.pk, profile=profile.pk)
    assert state(removed) == State.IN_FIELD


def test_it_is_audited_with_user_and_action_and_changes_the_state_alone(client: Client, removed: Concentrator) -> None:
    before = Concentrator.objects.values().get()
    client.post(url(removed))
    assert Concentrator.objects.values().get() == before | {"state": State.AVAILABLE}
    change = changes_of(removed)[0]
    assert (change.user, change.what) == ("operator", "state: removed → available")
    assert change.action is not None


@pytest.mark.parametrize("in_field", [True, False])
def test_what_is_not_removed_is_left_as_it_is_and_offers_no_button(
    client: Client, chile: Company, in_field: bool
) -> None:
    one = ConcentratorFactory.create(company=chile, serial_number="A1", in_field=in_field)
    assert "Make available" not in texts(parse(client.get(reverse("concentrator:page", args=[one]))), BUTTON)
    before = Concentrator.objects.values().get()
    assert alerts(parse(client.post(url(one), follow=True))) == ["Not removed from the field: A1."]
    assert Concentrator.objects.values().get() == before
    assert one.history.count() == 1


def test_a_second_press_does_nothing_more(client: Client, removed: Concentrator) -> None:
    for _press in range(2):
        client.post(url(removed))
    assert (state(removed), removed.history.count()) == (State.AVAILABLE, 2)


def test_one_that_is_not_removed_refuses_all(chile: Company, removed: Concentrator) -> None:
    ConcentratorFactory.create(company=chile, serial_number="A1")
    with pytest.raises(InstallationError, match="A1"):
        make_available(Concentrator.objects.all(), user=None, now=NOW)
    assert state(removed) == State.REMOVED


def test_it_is_never_done_by_looking(client: Client, removed: Concentrator) -> None:
    assert client.get(url(removed)).status_code == 405
    assert state(removed) == State.REMOVED


def test_a_viewer_and_a_stranger_may_not(chile: Company, removed: Concentrator) -> None:
    viewer, stranger = make_viewer(chile), make_operator(CompanyFactory.create())
    shown = parse(client_of(viewer).get(reverse("concentrator:page", args=[removed])))
    assert "Make available" not in texts(shown, BUTTON)
    assert client_of(viewer).post(url(removed)).status_code == 403
    for serial in (removed, "NOTHING1", "A%00B"):
        assert client_of(stranger).post(url(serial)).status_code == 404
    assert state(removed) == State.REMOVED
