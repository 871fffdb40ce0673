"""Administration opens inside the frame of the product (UI-5)."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client

from profiles.models import SystemSettings
from tests.smmeplus.translation.markup import links, parse, text, with_class
from tests.smmeplus.users import client_of

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.fixture
def client(administrator: User) -> Client:
    SystemSettings.objects.create(environment_name="UAT", wakeup_ip="10.132.20.229")
    return client_of(administrator)


@pytest.mark.parametrize(
    ("path", "current"),
    [
        ("/admin/", "Admin"),
        ("/admin/auth/user/", "Admin"),
        ("/admin/profiles/systemsettings/1/change/", "System"),
    ],
)
def test_its_pages_have_the_title_the_environment_and_the_areas(client: Client, path: str, current: str) -> None:
    page = parse(client.get(path, follow=True))
    assert links(page)["SMM ePlus - SMART METERS MANAGER"] == "/"
    assert text(with_class(page, "environment")[0]) == "UAT"
    (bar,) = with_class(page, "frame-bar")
    assert list(links(bar)) == ["Admin", "System", "Technical area", "Report"]
    assert [text(link) for link in bar.iter("a") if link.get("aria-current")] == [current]


def test_a_small_window_of_its_own_has_no_frame(client: Client) -> None:
    assert not with_class(parse(client.get("/admin/auth/user/add/?_popup=1")), "frame-bar")
