"""The one row of system settings in the admin site (SET-1, SET-3)."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from profiles import zones
from profiles.models import SystemSettings
from tests.smmeplus.translation.markup import parse, text, with_class
from tests.smmeplus.users import client_of, make_user

pytestmark = pytest.mark.one_database

LIST = reverse("admin:profiles_systemsettings_changelist")
ADD = reverse("admin:profiles_systemsettings_add")
THE_ROW = reverse("admin:profiles_systemsettings_change", args=[1])
VALID = {
    "environment_name": "UAT",
    "wakeup_ip": "10.132.20.229",
    "wakeup_port": "58692",
    "last_gasp_ip": "",
    "reporting_zone": "",
    "messages_kept_days": "",
    "strays_kept_days": "90",
    "events_kept_days": "30",
    "from_elsewhere": "marked",
    "retry_count": "3",
    "retry_interval_s": "60",
    "margin_s": "60",
    "retry_pause_min": "30",
    "falls_percent": "20",
    "alarm_delay_min": "2",
    "alarm_medium_customers": "1000",
    "alarm_high_customers": "20000",
}


@pytest.fixture
def client(administrator: User) -> Client:
    """That of the administrator, signed in."""
    return client_of(administrator)


def test_the_form_asks_for_what_status_and_verdict_read(client: Client, configured: SystemSettings) -> None:
    client.post(THE_ROW, VALID | {"retry_pause_min": "7", "falls_percent": "30"})
    configured.refresh_from_db()
    assert (configured.retry_pause_min, configured.falls_percent) == (7, 30)


@pytest.mark.parametrize("percent", ["0", "101", "-1", "x", ""])
def test_a_share_is_1_to_100_percent(client: Client, configured: SystemSettings, percent: str) -> None:
    assert client.post(THE_ROW, VALID | {"falls_percent": percent}).status_code == 200
    configured.refresh_from_db()
    assert configured.falls_percent == 20


def test_the_form_asks_when_alarms_are_raised(client: Client, configured: SystemSettings) -> None:
    client.post(THE_ROW, VALID | {"alarm_delay_min": "0", "alarm_medium_customers": "5", "alarm_high_customers": "9"})
    configured.refresh_from_db()
    assert (configured.alarm_delay_min, configured.alarm_medium_customers, configured.alarm_high_customers) == (0, 5, 9)


@pytest.mark.parametrize("minutes", ["61", "-1", "x", ""])
def test_an_alarm_waits_for_an_hour_at_most(client: Client, configured: SystemSettings, minutes: str) -> None:
    assert client.post(THE_ROW, VALID | {"alarm_delay_min": minutes}).status_code == 200
    configured.refresh_from_db()
    assert configured.alarm_delay_min == 2


def test_the_list_leads_to_the_form_that_adds_the_row(client: Client) -> None:
    assert client.get(LIST)["Location"] == ADD
    assert client.get(ADD).status_code == 200


def test_the_list_leads_to_the_row_that_is_there(client: Client, configured: SystemSettings) -> None:
    assert client.get(LIST)["Location"] == THE_ROW
    assert client.get(THE_ROW).status_code == 200


def test_what_an_administrator_adds_is_the_row_in_force(client: Client) -> None:
    client.post(ADD, VALID)
    settings = SystemSettings.current()
    assert (settings.pk, settings.environment_name, settings.wakeup_ip) == (1, "UAT", "10.132.20.229")


def test_there_is_no_second_row(client: Client, configured: SystemSettings) -> None:
    assert client.get(ADD).status_code == 403
    assert client.post(ADD, VALID).status_code == 403
    with pytest.raises(IntegrityError), transaction.atomic():
        SystemSettings.objects.create(pk=2)
    assert SystemSettings.objects.get() == configured


def test_the_row_cannot_be_deleted(client: Client, configured: SystemSettings) -> None:
    url = reverse("admin:profiles_systemsettings_delete", args=[1])
    assert client.post(url, {"post": "yes"}).status_code == 403
    assert SystemSettings.objects.exists()


def test_a_change_is_audited_with_its_user(client: Client, configured: SystemSettings, administrator: User) -> None:
    client.post(THE_ROW, VALID)
    newest, oldest = configured.history.all()
    assert (newest.history_user, newest.history_type, newest.wakeup_ip) == (administrator, "~", "10.132.20.229")
    assert oldest.wakeup_ip == "10.132.20.228"
    assert client.get(reverse("admin:profiles_systemsettings_history", args=[1])).status_code == 200


def test_the_zone_is_proposed_from_real_places(client: Client, configured: SystemSettings) -> None:
    page = client.get(THE_ROW).content.decode()
    offered = re.findall(r'<option value="([^"]+)"></option>', page)
    assert {"UTC", "America/Santiago", "America/Punta_Arenas", "America/Coyhaique"} <= set(offered)
    assert not [name for name in offered if "/" not in name and name != "UTC"]
    assert 'list="reporting_zone-places"' in page


def test_a_zone_that_the_database_does_not_know_is_refused(
    client: Client, configured: SystemSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Servers have zones of their own, which may be older; on SQLite Python's are used."""
    monkeypatch.setattr(zones, "places", lambda: ("Antarctica/Nowhere",))
    page = client.post(THE_ROW, VALID | {"reporting_zone": "Antarctica/Nowhere"}).content.decode()
    assert ("The database does not know the time zone" in page) == (connection.vendor == "postgresql")


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("wakeup_ip", "10.132.20.256", "Enter a valid IPv4 address."),
        ("wakeup_ip", "10.132.20", "Enter a valid IPv4 address."),
        ("wakeup_ip", "010.132.20.228", "Enter a valid IPv4 address."),
        ("wakeup_ip", "2001:db8::1", "Enter a valid IPv4 address."),
        ("wakeup_ip", "smmeplus.example", "Enter a valid IPv4 address."),
        ("last_gasp_ip", "10.132.20.", "Enter a valid IPv4 address."),
        ("wakeup_port", "0", "Ensure this value is greater than or equal to 1."),
        ("wakeup_port", "-1", "Ensure this value is greater than or equal to"),
        ("wakeup_port", "65536", "Ensure this value is less than or equal to 65535."),
        ("wakeup_port", "58692.5", "Enter a whole number."),
        ("wakeup_port", "", "This field is required."),
        ("reporting_zone", "Europe/Roma", "“Europe/Roma” is not a time zone"),
        ("reporting_zone", "America", "“America” is not a time zone"),
        ("reporting_zone", "localtime", "“localtime” is not a time zone"),
        ("reporting_zone", "posixrules", "“posixrules” is not a time zone"),
        ("reporting_zone", "right/America/Santiago", "“right/America/Santiago” is not a time zone"),
        ("reporting_zone", "Factory", "“Factory” is not a time zone"),
        ("reporting_zone", "Etc/GMT+4", "“Etc/GMT+4” is not a time zone"),
        ("reporting_zone", "../zone.tab", "“../zone.tab” is not a time zone"),
        ("reporting_zone", "x" * 65, "Ensure this value has at most 64 characters"),
        ("messages_kept_days", "1", "greater than or equal to 2"),
        ("strays_kept_days", "0", "greater than or equal to 1"),
        ("events_kept_days", "1", "greater than or equal to 2"),
    ],
)
def test_a_wrong_value_is_refused_with_a_clear_error(
    client: Client, configured: SystemSettings, field: str, value: str, error: str
) -> None:
    page = parse(client.post(THE_ROW, VALID | {field: value}))
    assert [text(said) for said in with_class(page, "errorlist") if error in text(said)]
    configured.refresh_from_db()
    assert configured.environment_name == "Production"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("wakeup_port", "1"),
        ("wakeup_port", "65535"),
        ("reporting_zone", "Europe/Rome"),
        ("wakeup_ip", ""),
        ("environment_name", ""),
    ],
)
def test_a_value_at_the_edge_is_stored(client: Client, configured: SystemSettings, field: str, value: str) -> None:
    assert client.post(THE_ROW, VALID | {field: value}).status_code == 302
    configured.refresh_from_db()
    assert str(getattr(configured, field) or "") == value


def test_where_last_gasp_is_configurable_its_address_is_needed(client: Client, configured: SystemSettings) -> None:
    page = parse(client.post(THE_ROW, VALID | {"last_gasp_configurable": "on"}))
    assert "Where last gasp is configurable its IP address is needed." in text(page)
    client.post(THE_ROW, VALID | {"last_gasp_configurable": "on", "last_gasp_ip": "10.132.20.230"})
    configured.refresh_from_db()
    assert configured.last_gasp_configurable


def test_before_anybody_saved_settings_there_is_no_wakeup_ip(db: None) -> None:
    settings = SystemSettings.current()
    assert (settings.wakeup_ip, settings.wakeup_port, settings.environment_name) == (None, 58692, "")


def test_the_environment_shows_in_the_header_of_every_page(client: Client, configured: SystemSettings) -> None:
    for page in ("profiles:list", "concentrators:list", "reports:wakeup"):
        assert [text(badge) for badge in with_class(parse(client.get(reverse(page))), "environment")] == ["Production"]


def test_without_a_name_the_header_shows_no_environment(client: Client) -> None:
    assert with_class(parse(client.get(reverse("profiles:list"))), "environment") == []


@pytest.mark.parametrize("url", [LIST, ADD, THE_ROW])
def test_who_is_no_administrator_does_not_see_the_settings(configured: SystemSettings, url: str) -> None:
    client = Client()
    client.force_login(make_user("staff", is_staff=True))
    assert client.get(url, follow=True).status_code == 403
    assert client.post(url, VALID, follow=True).status_code == 403
    configured.refresh_from_db()
    assert configured.environment_name == "Production"
