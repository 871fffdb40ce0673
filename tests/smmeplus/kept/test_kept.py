"""What is sent after the session has ended is kept for its user alone, and goes on after the sign-in (UI-9)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from knox.models import AuthToken

from concentrators.models import Company, InstallationFile
from profiles.models import ProcedureProfile, SpontaneousProfile, SystemSettings
from smmeplus.kept import owner
from smmeplus.kept.storing import KEY, LASTS_S, MOST_BYTES
from tests.factories import CompanyFactory, ConcentratorFactory, SpontaneousProfileFactory
from tests.smmeplus.translation.markup import alerts, field, parse
from tests.smmeplus.users import make_operator

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

PASSWORD = "one for the tests"
ADD = reverse("profiles:add")
GO_ON = reverse("go-on")
TYPED = {"name": "Typed with care", "wakeup_enabled": "on", "wakeup_period": "20"}


@pytest.fixture(autouse=True)
def quick_passwords(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def configured(db: None) -> SystemSettings:
    return SystemSettings.objects.create(wakeup_ip="10.0.0.1")


@pytest.fixture
def company() -> Company:
    return CompanyFactory.create()


@pytest.fixture
def operator(company: Company) -> User:
    return with_password(make_operator(company))


def with_password(user: User) -> User:
    user.set_password(PASSWORD)
    user.save()
    return user


def signed_in(user: User, page: str = ADD) -> Client:
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)
    client.get(page)
    return client


def end_session(client: Client) -> None:
    """As time does: the browser drops its cookie, and the row goes."""
    Session.objects.filter(session_key=client.cookies["sessionid"].value).delete()
    del client.cookies["sessionid"]


def send(client: Client, url: str, typed: dict[str, Any], **headers: str) -> Any:
    token = client.cookies["csrftoken"].value
    return client.post(
        url, typed | {"csrfmiddlewaretoken": token}, headers={"Referer": "http://testserver/x/"} | headers
    )


def sign_in(client: Client, user: User, page: str = "") -> Any:
    answer = client.get(reverse("login", query={"next": page or ADD}))
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', answer.content.decode())
    assert token is not None
    data = {"username": user.username, "password": PASSWORD, "next": page or ADD, "csrfmiddlewaretoken": token[1]}
    return client.post(reverse("login"), data)


def interrupted(user: User, url: str, typed: dict[str, Any], page: str = ADD, **headers: str) -> Client:
    """The browser of ``user``, whose session ended before they sent ``typed``."""
    client = signed_in(user, page)
    end_session(client)
    answer = send(client, url, typed, **headers)
    assert (answer.status_code, answer["Location"].split("?")[0]) == (302, reverse("login"))
    return client


def go_on(client: Client, **data: str) -> Any:
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', client.get(GO_ON).content.decode())
    return client.post(GO_ON, data | {"csrfmiddlewaretoken": token[1] if token else ""})


def kept_rows() -> list[Session]:
    return [row for row in Session.objects.all() if "fields" in str(row.get_decoded().get(KEY))]


def test_the_sign_in_says_that_the_session_has_ended_and_what_was_typed_is_kept(operator: User) -> None:
    client = interrupted(operator, ADD, TYPED)
    said = client.get(reverse("login", query={"next": ADD})).content.decode()
    assert "Your session has ended: sign in again to go on." in said
    assert "What you typed has been kept." in said
    assert TYPED["name"] not in said


def test_who_never_signed_in_here_is_told_nothing_of_a_session() -> None:
    assert "session has ended" not in Client().get(reverse("login", query={"next": ADD})).content.decode()


def test_after_the_sign_in_the_form_is_there_as_it_was_sent_and_nothing_is_stored(operator: User) -> None:
    client = interrupted(operator, ADD, TYPED)
    assert sign_in(client, operator)["Location"] == GO_ON
    shown = client.get(GO_ON)
    dialog = parse(shown)
    assert field(dialog, "name").get("value") == "Typed with care"
    assert 'value="20" selected' in shown.content.decode()
    assert f'action="{ADD}"' in shown.content.decode()
    assert "nothing has been stored yet" in shown.content.decode()
    assert not SpontaneousProfile.objects.exists()
    assert send(client, ADD, TYPED).status_code == 302
    assert SpontaneousProfile.objects.get().wakeup_period == 20


def test_a_wrong_value_is_said_at_once(operator: User) -> None:
    client = interrupted(operator, ADD, TYPED | {"name": "a#b"})
    sign_in(client, operator)
    assert "not allowed here: #" in client.get(GO_ON).content.decode()


def test_the_dialog_of_htmx_is_kept_like_the_page(operator: User) -> None:
    page = {"HX-Current-URL": "http://testserver/profiles/?sort=name"}
    client = interrupted(operator, ADD, TYPED, **{"HX-Request": "true"} | page)
    assert sign_in(client, operator)["Location"] == GO_ON
    behind = client.get(GO_ON).content.decode()
    assert f'hx-get="{GO_ON}" hx-target="#dialog" hx-trigger="load, click"' in behind
    assert 'href="/profiles/?sort=name"' in behind
    dialog = client.get(GO_ON, headers={"HX-Request": "true"})
    assert field(parse(dialog), "name").get("value") == "Typed with care"
    assert "<html" not in dialog.content.decode()
    without_scripts = client.get(GO_ON, {"page": ""})
    assert field(parse(without_scripts), "name").get("value") == "Typed with care"


def test_another_user_never_sees_it_and_it_is_thrown_away(operator: User, company: Company) -> None:
    other = with_password(make_operator(company, name="other"))
    client = interrupted(operator, ADD, TYPED)
    sign_in(client, other)
    said = client.get(GO_ON, follow=True).content.decode()
    assert "What another user had typed in this browser was thrown away." in said
    assert "Typed with care" not in said
    assert not kept_rows()


def test_another_user_cannot_send_it_either(operator: User, company: Company) -> None:
    other = with_password(make_operator(company, name="other"))
    one = ConcentratorFactory.create(company=company, state="removed")
    url = reverse("concentrator:make-available", args=[one.serial_number])
    client = interrupted(operator, url, {})
    sign_in(client, other)
    client.post(GO_ON, {"csrfmiddlewaretoken": client.cookies["csrftoken"].value})
    one.refresh_from_db()
    assert one.state == "removed"


def test_a_button_that_acts_at_once_asks_first_and_acts_once(operator: User, company: Company) -> None:
    one = ConcentratorFactory.create(company=company, state="removed")
    url = reverse("concentrator:make-available", args=[one.serial_number])
    client = interrupted(operator, url, {})
    sign_in(client, operator)
    assert "It has been kept, and nothing was done yet." in client.get(GO_ON).content.decode()
    one.refresh_from_db()
    assert one.state == "removed"
    assert go_on(client)["Location"] == reverse("concentrator:page", args=[one.serial_number])
    one.refresh_from_db()
    assert one.state == "available"
    type(one).objects.update(state="removed")
    again = client.post(GO_ON, {"csrfmiddlewaretoken": client.cookies["csrftoken"].value}, follow=True)
    assert "it was sent already" in again.content.decode()
    one.refresh_from_db()
    assert one.state == "removed"


def test_going_on_needs_a_token_of_the_new_session(operator: User, company: Company) -> None:
    one = ConcentratorFactory.create(company=company, state="removed")
    client = interrupted(operator, reverse("concentrator:make-available", args=[one.serial_number]), {})
    sign_in(client, operator)
    assert client.post(GO_ON, {"csrfmiddlewaretoken": "x" * 64}).status_code == 403
    one.refresh_from_db()
    assert one.state == "removed"


def test_what_is_discarded_is_gone_and_the_page_is_shown(operator: User, company: Company) -> None:
    one = ConcentratorFactory.create(company=company, state="removed")
    page = {"Referer": "http://testserver/concentrators/?q=1"}
    client = interrupted(operator, reverse("concentrator:make-available", args=[one.serial_number]), {}, **page)
    sign_in(client, operator)
    assert go_on(client, discard="")["Location"] == "/concentrators/?q=1"
    assert not kept_rows()


def test_a_selection_is_kept_whole_and_its_question_asked_anew(operator: User, company: Company) -> None:
    ones = ConcentratorFactory.create_batch(3, company=company)
    profile = SpontaneousProfileFactory.create()
    url = reverse("concentrators:installation")
    chosen = {"concentrator": [str(one.pk) for one in ones], "profile": str(profile.pk), "confirmed": "3"}
    client = interrupted(operator, url, chosen, **{"HX-Request": "true"})
    sign_in(client, operator)
    page = client.get(GO_ON).content.decode()
    for one in ones:
        assert f'<input type="hidden" name="concentrator" value="{one.pk}">' in page
    assert f'hx-post="{url}"' in page
    assert "confirmed" not in page


def test_a_file_is_kept_with_its_form(operator: User, company: Company) -> None:
    url = reverse("concentrators:upload")
    file = SimpleUploadedFile("some.csv", b"serial_number\n16CEC50610036665\n", "text/csv")
    client = interrupted(operator, url, {"company": str(company.pk), "file": file}, page=url)
    sign_in(client, operator)
    assert "some.csv" in client.get(GO_ON).content.decode()
    assert not InstallationFile.objects.exists()
    assert go_on(client).streaming  # the work itself begins when it is read
    assert InstallationFile.objects.get().name == "some.csv"


@pytest.mark.parametrize("size", [MOST_BYTES, 3 * MOST_BYTES])
def test_a_file_that_is_too_large_is_not_kept_and_that_is_said(operator: User, company: Company, size: int) -> None:
    url = reverse("concentrators:upload")
    file = SimpleUploadedFile("some.csv", b"x" * size, "text/csv")
    client = interrupted(operator, url, {"company": str(company.pk), "file": file}, page=url)
    assert not kept_rows()
    assert "too large to be kept" in client.get(reverse("login", query={"next": url})).content.decode()
    assert sign_in(client, operator, url)["Location"] == url


def test_a_length_that_is_a_lie_keeps_nothing(operator: User) -> None:
    client = signed_in(operator)
    end_session(client)
    token = {"X-CSRFToken": client.cookies["csrftoken"].value}
    client.generic("POST", ADD, b"name=x", "application/x-www-form-urlencoded", headers=token, CONTENT_LENGTH="-1")
    assert not kept_rows()


def test_a_browser_that_nobody_had_signed_in_with_keeps_nothing(operator: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.get(reverse("login"))
    send(client, ADD, TYPED)
    assert not kept_rows()
    assert sign_in(client, operator)["Location"] == ADD


def test_a_program_with_a_token_gets_no_cookie(operator: User) -> None:
    token = AuthToken.objects.create(operator)[1]
    answer = Client().get("/api/v1/profiles/", headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, list(answer.cookies)) == (200, [])


def test_a_forged_owner_keeps_nothing(operator: User) -> None:
    client = signed_in(operator)
    end_session(client)
    client.cookies[owner.COOKIE] = f"{operator.pk}:forged:forged"
    send(client, ADD, TYPED)
    assert not kept_rows()


def test_what_another_site_sends_is_not_kept(operator: User) -> None:
    client = signed_in(operator)
    end_session(client)
    for origin in ("http://elsewhere.example", "null"):
        answer = client.post(ADD, TYPED, headers={"Origin": origin})
        assert answer.status_code == 403
    assert client.post(ADD, TYPED).status_code == 403  # says nothing of where it comes from
    assert not kept_rows()


def test_passwords_are_never_kept(operator: User, company: Company) -> None:
    one = ConcentratorFactory.create(company=company)
    url = reverse("concentrator:password", args=[one.serial_number])
    client = interrupted(operator, url, {"password": "hidden from all"}, Referer=f"http://testserver{url}")
    assert "hidden from all" not in str([row.get_decoded() for row in Session.objects.all()])
    sign_in(client, operator)
    said = client.get(GO_ON, follow=True)
    assert said.redirect_chain == [(url, 302)]
    assert "Passwords are not kept" in said.content.decode()


def test_after_an_hour_it_is_gone_from_the_database_too(operator: User, company: Company) -> None:
    now = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
    with time_machine.travel(now, tick=False) as clock:
        client = interrupted(operator, ADD, TYPED)
        clock.move_to(now + timedelta(seconds=LASTS_S + 1))
        assert sign_in(client, operator)["Location"] == GO_ON
        assert "it is too long ago" in client.get(GO_ON, follow=True).content.decode()
        interrupted(operator, ADD, TYPED)
        assert len(kept_rows()) == 1


def test_only_the_last_one_is_kept(operator: User) -> None:
    client = interrupted(operator, ADD, TYPED)
    send(client, ADD, TYPED | {"name": "Second"})
    sign_in(client, operator)
    assert field(parse(client.get(GO_ON)), "name").get("value") == "Second"
    assert len(kept_rows()) == 1


def test_a_form_that_was_open_while_its_user_signed_in_anew_is_shown_again(operator: User) -> None:
    client = signed_in(operator)
    old = client.cookies["csrftoken"].value
    end_session(client)
    sign_in(client, operator)
    typed = TYPED | {"csrfmiddlewaretoken": old}
    answer = client.post(ADD, typed, headers={"Origin": "http://testserver"})
    assert answer["Location"] == GO_ON
    assert field(parse(client.get(GO_ON)), "name").get("value") == "Typed with care"
    part = client.post(ADD, typed, headers={"Origin": "http://testserver", "HX-Request": "true"})
    assert part["HX-Redirect"] == GO_ON
    assert not SpontaneousProfile.objects.exists()


def test_a_form_whose_thing_was_deleted_meanwhile_says_so(operator: User) -> None:
    profile = SpontaneousProfileFactory.create()
    client = interrupted(operator, reverse("profiles:change", args=[profile.pk]), TYPED)
    profile.delete()
    sign_in(client, operator)
    assert alerts(parse(client.get(GO_ON, follow=True))) != []


def test_who_lost_the_right_meanwhile_sees_no_form(operator: User) -> None:
    client = interrupted(operator, ADD, TYPED)
    operator.groups.clear()
    sign_in(client, operator)
    assert client.get(GO_ON).status_code == 403


@pytest.mark.parametrize("name", ["profiles:delete", "procedures:delete", "procedures:default"])
def test_a_question_is_asked_again(operator: User, name: str) -> None:
    kind = SpontaneousProfile if name.startswith("profiles") else ProcedureProfile
    facts = {"wakeup_ip": "10.0.0.1", "wakeup_period": 10} if kind is SpontaneousProfile else {}
    profile = kind.objects.create(name="Ten", **facts)
    url = reverse(name, args=[profile.pk])
    client = interrupted(operator, url, {})
    sign_in(client, operator)
    page = client.get(GO_ON).content.decode()
    assert "“Ten”" in page
    assert f'action="{url}"' in page
    profile.refresh_from_db()
    assert not getattr(profile, "is_default", False)


def test_a_page_of_the_admin_site_goes_on_after_a_question(administrator: User) -> None:
    client = signed_in(with_password(administrator))
    end_session(client)
    send(client, reverse("admin:concentrators_company_add"), {"name": "Perú", "time_zone": "America/Lima"})
    sign_in(client, administrator)
    assert "Perú" in client.get(GO_ON).content.decode()
    assert not Company.objects.filter(name="Perú").exists()
    assert go_on(client).status_code == 302
    assert Company.objects.filter(name="Perú").exists()


def test_signing_out_and_choosing_a_language_are_not_kept(operator: User) -> None:
    client = signed_in(operator)
    end_session(client)
    answer = send(client, reverse("logout"), {})
    assert answer["Location"] == f"{reverse('login')}?next=/x/"
    assert not kept_rows()
