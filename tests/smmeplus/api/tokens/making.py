"""Makes tokens on the page, as a user does."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.test import Client

from tests.smmeplus.translation.markup import parse, text, with_class
from tests.smmeplus.users import client_of

PAGE, REVOKE = "/tokens/", "/tokens/revoke/"
PASSWORD = "correct horse battery"


def browser_of(user: User) -> Client:
    """A browser of ``user``, who knows PASSWORD."""
    user.set_password(PASSWORD)
    user.save()
    return client_of(user)


def filled_in(**values: Any) -> dict[str, Any]:
    return {"name": "Pump", "scope": "read", "days": "30", "password": PASSWORD} | values


def token_in(response: Any) -> str:
    """The token that a page shows; empty if it shows none."""
    found = [text(one) for one in with_class(parse(response), "text-break")]
    return found[0] if found else ""


def make(client: Client, **values: Any) -> str:
    """The token that the page has made and shown."""
    response = client.post(PAGE, filled_in(**values))
    assert response.status_code == 302, response.content.decode()
    token = token_in(client.get(PAGE))
    assert token
    return token
