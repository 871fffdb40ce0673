"""Browsers whose session ends before they send a form."""

from __future__ import annotations

import re
from typing import Any

from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from smmeplus.kept.storing import KEY

PASSWORD = "one for the tests"
ADD = reverse("profiles:add")
GO_ON = reverse("go-on")
TYPED = {"name": "Typed with care", "wakeup_enabled": "on", "wakeup_period": "20"}


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
    client.session.delete()
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
