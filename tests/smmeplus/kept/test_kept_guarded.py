"""Nobody else gets what was kept, nothing is kept that should not be, and nothing is done twice (UI-9)."""

from __future__ import annotations

import base64
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

from concentrators.models import Company
from smmeplus.kept import owner
from smmeplus.kept.sealing import sealed, unsealed
from smmeplus.kept.storing import LASTS_S, MOST_BYTES
from tests.factories import ConcentratorFactory
from tests.smmeplus.kept.browsers import (
    ADD,
    GO_ON,
    TYPED,
    end_session,
    interrupted,
    kept_rows,
    send,
    sign_in,
    signed_in,
    with_password,
)
from tests.smmeplus.translation.markup import field, parse
from tests.smmeplus.users import make_operator

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


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


def test_going_on_needs_a_token_of_the_new_session(operator: User, company: Company) -> None:
    one = ConcentratorFactory.create(company=company, state="removed")
    client = interrupted(operator, reverse("concentrator:make-available", args=[one.serial_number]), {})
    sign_in(client, operator)
    assert client.post(GO_ON, {"csrfmiddlewaretoken": "x" * 64}).status_code == 403
    one.refresh_from_db()
    assert one.state == "removed"


@pytest.mark.parametrize("size", [MOST_BYTES, 3 * MOST_BYTES])
def test_a_file_that_is_too_large_is_not_kept_and_that_is_said(operator: User, company: Company, size: int) -> None:
    url = reverse("concentrators:upload")
    file = SimpleUploadedFile("some.csv", b"x" * size, "text/csv")
    client = signed_in(operator)
    end_session(client)
    response = send(client, url, {"company": str(company.pk), "file": file})
    assert response.status_code == 413
    assert "too large to be kept. Sign in, and choose it again." in response.content.decode()
    assert not kept_rows()


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


def test_neither_are_keys_of_a_concentrator(operator: User, company: Company) -> None:
    url = reverse("concentrator:keys", args=[ConcentratorFactory.create(company=company).serial_number])
    typed = {"system_title": "4170530000000001", "unicast_key": "C0DE" * 8, "authentication_key": "C0FE" * 8}
    interrupted(operator, url, typed, Referer=f"http://testserver{url}")
    kept = str([row.get_decoded() for row in Session.objects.all()])
    assert "4170530000000001" in kept
    assert "C0DE" not in kept
    assert "C0FE" not in kept


def test_a_file_with_keys_lies_encrypted_in_the_database(operator: User, company: Company) -> None:
    file = SimpleUploadedFile("keys.csv", b"serial_number,unicast_key\r\nA1," + b"C0DE" * 8)
    interrupted(operator, reverse("concentrators:upload"), {"company": company.pk, "file": file})
    (row,) = kept_rows()
    kept = str(row.get_decoded())
    assert "keys.csv" in kept
    assert "C0DE" * 8 not in kept
    assert base64.b64encode(b"serial_number,unicast_").decode().rstrip("=")[:-1] not in kept


def test_what_an_old_secret_key_has_sealed_is_not_there_any_more(settings: Any) -> None:
    text = sealed(b"content")
    assert unsealed(text) == b"content"
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "x" * 50
    assert unsealed(text) == b"content"
    settings.SECRET_KEY_FALLBACKS = []
    assert unsealed(text) is None


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


def test_who_lost_the_right_meanwhile_sees_no_form(operator: User) -> None:
    client = interrupted(operator, ADD, TYPED)
    operator.groups.clear()
    sign_in(client, operator)
    assert client.get(GO_ON).status_code == 403
