"""Receivers in the admin site: what an administrator may enter, and a secret that is shown once (STA-7, ACC-1)."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse

from concentrators.models import Company
from smmeplus.roles import ADMINISTRATOR
from tests.factories import CompanyFactory
from tests.smmeplus.translation.markup import parse, text, texts
from tests.smmeplus.users import client_of, make_user
from tests.wakeup.monitoring.notifications.happenings import make_receiver
from wakeup.models import Receiver
from wakeup.monitoring.notifications.sending.secrets import secret_of

pytestmark = pytest.mark.one_database
ADD = reverse("admin:wakeup_receiver_add")


@pytest.fixture
def boss(chile: Company) -> User:
    """An administrator of Chile, who sees no other company."""
    user = make_user("boss", chile, is_staff=True)
    user.groups.add(Group.objects.get(name=ADMINISTRATOR))
    return user


@pytest.fixture
def client(boss: User, settings: Any) -> Client:
    settings.CONFIGURATION_KEYS = [Fernet.generate_key().decode()]
    return client_of(boss)


def typed(company: Company | None, **values: str) -> dict[str, str]:
    delays = {f"delay_{cause}_min": "5" for cause in ("power", "communication", "our_side", "undecided")}
    named = {"name": "Desk", "kind": "webhook", "address": "https://10.20.0.5/hook", "body_format": "json"}
    rest = {
        "tells": "notifications",
        "language": "es",
        "is_active": "on",
        "least_priority": "1",
        "company": str(company.pk) if company else "",
    }
    return {**named, **rest, **delays, **values}


def errors(response: Any) -> list[str]:
    return texts(parse(response), ".//ul[@class='errorlist']/li")


def test_a_receiver_is_made(client: Client, chile: Company) -> None:
    assert client.post(ADD, typed(chile)).status_code == 302
    made = Receiver.objects.get()
    assert (made.company, made.language, made.delay_power_min, made.encrypted_secret) == (chile, "es", 5, "")


@pytest.mark.parametrize(
    ("kind", "address"),
    [
        ("webhook", "hook"),
        ("webhook", "ftp://10.20.0.5/"),
        ("webhook", "https://user:word@10.20.0.5/"),
        ("life sign", "a@example.org"),
        ("email", "https://10.20.0.5/"),
        ("email", "a@example.org; b@example.org"),
        ("email", "a@example.org, b"),
        ("email", " , "),
        ("email", "a@example.org\nBcc: b@example.org"),
    ],
)
def test_an_address_fits_its_kind(client: Client, chile: Company, kind: str, address: str) -> None:
    assert len(errors(client.post(ADD, typed(chile, kind=kind, address=address)))) == 1
    assert not Receiver.objects.exists()


def test_a_mail_has_no_body_of_iec_61968_9(client: Client, chile: Company) -> None:
    values = typed(chile, kind="email", address="a@example.org,b@example.org")
    assert errors(client.post(ADD, {**values, "body_format": "iec 61968-9"}))
    assert client.post(ADD, values).status_code == 302


def test_who_sees_one_company_makes_no_receiver_of_all_nor_of_another(client: Client) -> None:
    other = CompanyFactory.create()
    assert errors(client.post(ADD, typed(None)))
    assert errors(client.post(ADD, typed(other)))
    assert not Receiver.objects.exists()


def test_who_sees_them_all_may(administrator: User) -> None:
    assert client_of(administrator).post(ADD, typed(None)).status_code == 302
    assert Receiver.objects.get().company is None


def test_a_secret_is_shown_once(client: Client, chile: Company) -> None:
    receiver = make_receiver(chile)
    url = reverse("admin:wakeup_receiver_secret", args=[receiver.pk])
    assert "Without one nothing is sent" in text(parse(client.get(url)))
    receiver.refresh_from_db()
    assert receiver.encrypted_secret == ""
    shown = client.post(url)
    receiver.refresh_from_db()
    assert texts(parse(shown), ".//code[@id='secret']") == [secret_of(receiver)]
    assert "no-store" in shown["Cache-Control"]
    secret = secret_of(receiver)
    pages = [url, *(reverse(f"admin:wakeup_receiver_{page}", args=[receiver.pk]) for page in ("change", "history"))]
    for page in pages:
        said = client.get(page).content.decode()
        assert secret not in said
        assert receiver.encrypted_secret not in said
    assert receiver.history.latest().history_user.username == "boss"


def test_without_keys_no_secret_is_made_and_it_says_so(client: Client, chile: Company, settings: Any) -> None:
    settings.CONFIGURATION_KEYS = []
    url = reverse("admin:wakeup_receiver_secret", args=[make_receiver(chile).pk])
    assert "CONFIGURATION_KEYS is not set" in text(parse(client.post(url)))
    assert Receiver.objects.get().encrypted_secret == ""


def test_who_may_only_look_makes_no_secret(chile: Company, client: Client) -> None:
    looks = make_user("looks", chile, permissions=("wakeup.view_receiver",), is_staff=True)
    url = reverse("admin:wakeup_receiver_secret", args=[make_receiver(chile).pk])
    assert client_of(looks).post(url).status_code == 403
    assert Receiver.objects.get().encrypted_secret == ""


@pytest.mark.parametrize("kind", ["email", "webhook"])
def test_neither_a_mail_nor_another_companys_receiver_has_one_to_make(
    client: Client, chile: Company, kind: str
) -> None:
    one = make_receiver(chile if kind == "email" else CompanyFactory.create(), kind=kind)
    assert client.post(reverse("admin:wakeup_receiver_secret", args=[one.pk])).status_code == 404
