"""A browser that signs in step by step, and the app on a phone."""

from __future__ import annotations

import re
import time
from base64 import b32decode
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django_otp.oath import TOTP

from smmeplus.people.second_factor.codes import new_key, set_up
from smmeplus.people.second_factor.sealing import opened

PASSWORD = "four words of mine"
CODE, SET_UP, NEW_PASSWORD = reverse("sign-in-code"), reverse("sign-in-set-up"), reverse("sign-in-password")
ACCOUNT = reverse("account")


def with_password(user: User) -> User:
    user.set_password(PASSWORD)
    user.save()
    return user


def code_of(key: bytes, steps: int = 0) -> str:
    app = TOTP(key)
    app.time = time.time() + 30 * steps
    return f"{app.token():06}"


def with_app(user: User) -> tuple[bytes, list[str]]:
    """The key of the app, and the recovery codes. The code of half a minute ago has been used up by that."""
    key = new_key()
    codes = set_up(user, key, code_of(opened(key), -1))
    assert codes is not None
    return opened(key), codes


def enter(user: User, password: str = PASSWORD, client: Client | None = None, **sent: str) -> Any:
    return (client or Client()).post(reverse("login"), {"username": user.username, "password": password, **sent})


def send_code(client: Client, code: str) -> Any:
    return client.post(CODE, {"one_time_code": code})


def key_on(page: Any) -> bytes:
    """What the page says to type into the app."""
    shown = re.search(r"<code[^>]*>([A-Z2-7 ]+)</code>", page.content.decode())
    assert shown is not None
    return b32decode(shown[1].replace(" ", ""))


def codes_on(page: Any) -> list[str]:
    return re.findall(r"<li>(\w{4}-\w{4}-\w{4})</li>", page.content.decode())


def is_in(client: Client) -> bool:
    return SESSION_KEY in client.session
