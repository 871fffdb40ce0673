"""A form that is saved from outdated data is refused with both values, and nothing typed is lost (UI-9)."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from concentrators.models import Company, Concentrator, ConcentratorType, KindRule
from profiles.models import ProcedureProfile, SpontaneousProfile, SystemSettings
from smmeplus.dlms.kinds import Kind
from smmeplus.roles import VIEWER
from tests.factories import ConcentratorFactory, SpontaneousProfileFactory
from tests.smmeplus.translation.markup import alerts, field, label, parse, text, with_class
from tests.smmeplus.users import client_of, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


class Fields(HTMLParser):
    """What a browser would send of the forms on a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.sent: dict[str, Any] = {}
        self._select = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        name, value = found.get("name") or "", found.get("value")
        if tag == "select":
            self._select = "" if "disabled" in found else name
        elif tag == "option" and self._select and "selected" in found:
            self.sent.setdefault(self._select, []).append(value or "")
        elif tag == "input" and name and "disabled" not in found:
            self._take(found, name, value)

    def _take(self, found: dict[str, str | None], name: str, value: str | None) -> None:
        if found.get("type") == "checkbox":
            if "checked" in found:
                self.sent[name] = value or "on"
        elif found.get("type") not in ("submit", "file"):
            self.sent[name] = value or ""


def opened(client: Client, url: str) -> dict[str, Any]:
    """What a form has that somebody has opened and not touched yet."""
    sent = Fields(client.get(url).content.decode()).sent
    sent.pop("language", None)
    sent.pop("next", None)
    return sent


@pytest.fixture
def other(administrator: User) -> Client:
    return client_of(administrator)


@pytest.fixture
def ten(chile: Company) -> SpontaneousProfile:
    SystemSettings.objects.create(wakeup_ip="10.0.0.1")
    return SpontaneousProfileFactory.create(name="Ten", wakeup_ip="10.0.0.1", wakeup_period=15, company=chile)


def url_of(profile: Model) -> str:
    name = "profiles" if isinstance(profile, SpontaneousProfile) else "procedures"
    return reverse(f"{name}:change", args=[profile.pk])


def test_who_only_renames_does_not_bring_an_old_period_back(
    client: Client, other: Client, ten: SpontaneousProfile
) -> None:
    mine = opened(client, url_of(ten))
    other.post(url_of(ten), opened(other, url_of(ten)) | {"wakeup_period": "20"})
    answer = client.post(url_of(ten), mine | {"name": "Fifteen"})
    dialog = parse(answer)
    [said] = alerts(dialog)
    assert said.startswith("“Ten” was changed by administrator at ")
    assert said.endswith("while you had this form open, so nothing was stored. Save again to store what is in it.")
    assert label(dialog, "wakeup_period").get("class") == "wrong"
    assert "Stored now: 20. In your form: 15." in answer.content.decode()
    assert field(dialog, "name").get("value") == "Fifteen"
    ten.refresh_from_db()
    assert (ten.name, ten.wakeup_period) == ("Ten", 20)


def test_what_is_saved_again_after_both_values_were_seen_is_stored(
    client: Client, other: Client, ten: SpontaneousProfile
) -> None:
    mine = opened(client, url_of(ten))
    other.post(url_of(ten), opened(other, url_of(ten)) | {"wakeup_period": "20"})
    refused = client.post(url_of(ten), mine | {"name": "Fifteen"})
    again = Fields(refused.content.decode()).sent
    assert client.post(url_of(ten), again).status_code == 302
    ten.refresh_from_db()
    assert (ten.name, ten.wakeup_period) == ("Fifteen", 15)


def test_a_third_change_between_is_refused_again(client: Client, other: Client, ten: SpontaneousProfile) -> None:
    mine = opened(client, url_of(ten))
    other.post(url_of(ten), opened(other, url_of(ten)) | {"wakeup_period": "20"})
    again = Fields(client.post(url_of(ten), mine).content.decode()).sent
    other.post(url_of(ten), opened(other, url_of(ten)) | {"wakeup_period": "30"})
    assert "Stored now: 30. In your form: 15." in client.post(url_of(ten), again).content.decode()


def test_two_who_want_the_same_do_not_clash(client: Client, other: Client, ten: SpontaneousProfile) -> None:
    mine = opened(client, url_of(ten))
    other.post(url_of(ten), opened(other, url_of(ten)) | {"wakeup_period": "20"})
    assert client.post(url_of(ten), mine | {"wakeup_period": "20"}).status_code == 302


def test_two_renamings_clash_while_the_profile_is_in_use(
    client: Client, other: Client, ten: SpontaneousProfile
) -> None:
    ConcentratorFactory.create(in_field=True, profile=ten)
    mine = opened(client, url_of(ten))
    other.post(url_of(ten), {"name": "Theirs"})
    answer = client.post(url_of(ten), mine | {"name": "Mine"}).content.decode()
    assert "Stored now: Theirs. In your form: Mine." in answer


@pytest.mark.parametrize("seen", ["", "x", "e30:forged:forged"])
def test_a_form_that_says_nothing_of_what_was_seen_is_saved(client: Client, ten: SpontaneousProfile, seen: str) -> None:
    typed = {"name": "Ten", "wakeup_enabled": "on", "wakeup_period": "20", "seen": seen}
    assert client.post(url_of(ten), typed).status_code == 302


def test_a_new_profile_has_nothing_to_compare(client: Client, ten: SpontaneousProfile) -> None:
    mine = opened(client, reverse("profiles:add"))
    assert client.post(reverse("profiles:add"), mine | {"name": "New", "wakeup_period": "5"}).status_code == 302


def test_a_procedure_profile_is_refused_with_what_differs(client: Client, other: Client, chile: Company) -> None:
    one = ProcedureProfile.objects.create(name="Night", waves="10, all", company=chile)
    mine = opened(client, url_of(one))
    other.post(
        url_of(one), opened(other, url_of(one)) | {"waves": "20, all", "begin_hour": "22:00", "end_hour": "5:00"}
    )
    answer = client.post(url_of(one), mine | {"tries": "7"}).content.decode()
    assert "Stored now: 20, all. In your form: 10, all." in answer
    assert "Stored now: 22:00:00. In your form: —." in answer
    one.refresh_from_db()
    assert (one.waves, one.tries) == ("20, all", 24)


def test_a_concentrator_keeps_what_both_have_not_changed_and_refuses_what_both_have(
    client: Client, other: Client, operator: User
) -> None:
    one = ConcentratorFactory.create(substation="Old", feeder="F1")
    one.company.users.add(operator)
    url = reverse("concentrator:change", args=[one.serial_number])
    mine = opened(client, url)
    other.post(url, opened(other, url) | {"substation": "Theirs", "feeder": "F2"})
    answer = client.post(url, mine | {"substation": "Mine"})
    assert "Stored now: Theirs. In your form: Mine." in answer.content.decode()
    assert "In your form: F1" not in answer.content.decode()
    assert [text(said).split(" at ")[0] for said in with_class(parse(answer), "alert-danger")] == [
        f"“{one.serial_number}” was changed by administrator"
    ]
    assert client.post(url, Fields(answer.content.decode()).sent).status_code == 302
    stored = Concentrator.objects.get()
    assert (stored.substation, stored.feeder) == ("Mine", "F2")


def admin_url(thing: Model) -> str:
    return reverse(f"admin:{thing._meta.app_label}_{thing._meta.model_name}_change", args=[thing.pk])


def refused(other: Client, thing: Model, theirs: dict[str, Any], mine: dict[str, Any], name: str = "second") -> str:
    """What the page of the admin site says when ``mine`` is saved after ``theirs``."""
    second = User.objects.create_superuser(name)
    page = admin_url(thing)
    typed = opened(client_of(second), page)
    assert other.post(page, opened(other, page) | theirs).status_code == 302
    answer = client_of(second).post(page, typed | mine)
    assert answer.status_code == 200
    thing.refresh_from_db()
    return answer.content.decode()


def test_system_settings_are_refused(other: Client) -> None:
    row = SystemSettings.objects.create(wakeup_ip="10.0.0.1")
    said = refused(other, row, {"wakeup_ip": "10.0.0.2"}, {"environment_name": "UAT"})
    assert "Stored now: 10.0.0.2. In your form: 10.0.0.1." in said
    assert "was changed by administrator at" in said
    assert (row.wakeup_ip, row.environment_name) == ("10.0.0.2", "")


def test_a_company_is_refused(other: Client, chile: Company) -> None:
    before = chile.time_zone
    said = refused(other, chile, {"momentary_limit_min": "5"}, {"time_zone": "America/Lima"})
    assert "Stored now: 5. In your form: 3." in said
    assert (chile.time_zone, chile.momentary_limit_min) == (before, 5)


def test_a_user_is_refused_with_their_roles(other: Client, chile: Company) -> None:
    user = make_user("somebody", chile)
    viewer = Group.objects.get(name=VIEWER)
    said = refused(other, user, {"groups": [str(viewer.pk)]}, {"email": "a@example.org"})
    assert "Stored now: Viewer. In your form: —." in said
    said = refused(other, user, {"companies": []}, {"email": "a@example.org"}, name="third")
    assert "Stored now: —. In your form: Chile." in said
    assert list(user.groups.all()) == [viewer]
    assert list(user.companies.all()) == []


def test_a_type_is_refused(other: Client) -> None:
    one = ConcentratorType.objects.create(name="T1")
    rules = {"preset": ""}
    said = refused(other, one, rules | {"name": "T2"}, rules | {"name": "T3"})
    assert "Stored now: T2. In your form: T3." in said
    assert one.name == "T2"


def test_a_rule_of_a_type_is_refused_in_its_row(other: Client) -> None:
    one = ConcentratorType.objects.create(name="T1")
    rule = KindRule.objects.create(type=one, sign="code 12", kind=Kind.BOOT)
    untouched = KindRule.objects.create(type=one, sign="code 13", kind=Kind.BOOT)
    row = "kind_rules-0"
    said = refused(other, one, {f"{row}-kind": str(Kind.LASTGASP.value), f"{row}-code": "14"}, {"name": "T2"})
    assert "Stored now: lastgasp. In your form: boot." in said
    rule.refresh_from_db()
    assert (rule.kind, rule.sign, one.name) == (Kind.LASTGASP, "code 14", "T1")
    assert untouched.history.count() == 1


def test_the_sign_of_a_rule_is_refused_above_its_row(other: Client) -> None:
    one = ConcentratorType.objects.create(name="T1")
    rule = KindRule.objects.create(type=one, sign="code 12", kind=Kind.BOOT)
    said = refused(other, one, {"kind_rules-0-code": "14"}, {"kind_rules-0-code": "15"})
    assert "Stored now: code 14. In your form: code 15." in said
    rule.refresh_from_db()
    assert rule.sign == "code 14"


def test_a_concentrator_in_the_admin_site_is_refused(other: Client) -> None:
    one = ConcentratorFactory.create(feeder="F1")
    said = refused(other, one, {"feeder": "F2"}, {"feeder": "F3"})
    assert "Stored now: F2. In your form: F3." in said


def test_a_former_state_can_still_be_brought_back(other: Client) -> None:
    row = SystemSettings.objects.create(environment_name="Old", wakeup_ip="10.0.0.1")
    row.environment_name = "New"
    row.save()
    first = row.history.last()
    url = reverse("admin:profiles_systemsettings_simple_history", args=[row.pk, first.pk])
    other.post(url, opened(other, url) | {"_change_history": "1"})
    row.refresh_from_db()
    assert row.environment_name == "Old"


def test_who_may_only_look_sees_the_page(chile: Company, other: Client) -> None:
    looker = make_user("looker", chile, permissions=("concentrators.view_company",), is_staff=True)
    page = client_of(looker).get(admin_url(chile))
    assert page.status_code == 200
    assert 'name="seen"' not in page.content.decode()
    assert 'name="seen"' in other.get(admin_url(chile)).content.decode()
