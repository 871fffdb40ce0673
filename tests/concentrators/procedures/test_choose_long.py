"""Choices so large that their work shows how far it is (CON-3)."""

from __future__ import annotations

import pytest
from django.http import StreamingHttpResponse
from django.test import Client

from concentrators.models import Company, Concentrator, State
from concentrators.procedures import pages
from tests.factories import CompanyFactory, ConcentratorFactory, SpontaneousProfileFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.one_database]

PAGE = "/concentrators/installation/"


@pytest.fixture
def chile(monkeypatch: pytest.MonkeyPatch) -> Company:
    monkeypatch.setattr(pages, "LONG", 2)
    company = CompanyFactory.create(name="Chile")
    for serial in ("XX1", "XX2", "XX3", "YY1"):
        ConcentratorFactory.create(company=company, serial_number=serial)
    return company


def test_the_question_posts_what_was_chosen_once_more(client: Client) -> None:
    profile = SpontaneousProfileFactory.create()
    page = client.post(PAGE, {"all": "xx", "profile": profile.pk}).content.decode()
    assert "Install 3 concentrators" in page
    assert '<input type="hidden" name="all" value="xx">' in page
    assert f'<input type="hidden" name="profile" value="{profile.pk}">' in page
    assert not Concentrator.objects.exclude(state=State.AVAILABLE).exists()


def test_the_confirmed_choice_is_worked_off_on_a_page_that_grows(client: Client) -> None:
    profile = SpontaneousProfileFactory.create(name="Ten")
    response: object = client.post(PAGE, {"all": "xx", "profile": profile.pk, "confirmed": "3"})
    assert isinstance(response, StreamingHttpResponse)
    page = b"".join(response.streaming_content).decode()  # type: ignore[arg-type]
    assert "3 concentrators were installed with profile “Ten”" in page
    assert f"profile={profile.pk}" in page
    assert set(Concentrator.objects.filter(profile=profile).values_list("serial_number", flat=True)) == {
        "XX1",
        "XX2",
        "XX3",
    }
    assert len({change.history_change_reason for change in Concentrator.history.filter(profile=profile)}) == 1


def test_a_small_choice_is_done_at_once(client: Client) -> None:
    profile = SpontaneousProfileFactory.create()
    response: object = client.post(PAGE, {"all": "YY", "profile": profile.pk, "confirmed": "1"})
    assert not isinstance(response, StreamingHttpResponse)
    assert Concentrator.objects.get(profile=profile).serial_number == "YY1"
