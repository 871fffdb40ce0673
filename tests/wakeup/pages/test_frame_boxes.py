"""Where the box *What would this frame be?* stands: on the pages of types and of unknown senders (WIR-4)."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from concentrators.models import ConcentratorType
from tests.smmeplus.translation.markup import alerts, options, parse, rows, texts
from tests.smmeplus.users import client_of
from tests.wakeup.pages.frames import BY_RULE, KEEPALIVE, URL, make_smr, paragraphs
from tests.wakeup.pages.strays import HTMX, make_stray
from wakeup.formats import MAX_FRAME
from wakeup.models import StrayReason

pytestmark = pytest.mark.one_database


@pytest.fixture
def client(operator: User) -> Client:
    return client_of(operator)


@pytest.fixture
def smr(db: None) -> ConcentratorType:
    return make_smr()


def test_the_page_of_a_type_has_the_box_with_that_type(administrator: User, smr: ConcentratorType) -> None:
    client = client_of(administrator)
    page = parse(client.get(reverse("admin:concentrators_concentratortype_change", args=[smr.pk])))
    (form,) = [form for form in page.iter("form") if form.get("action") == URL]
    sent = {field.get("name", ""): field.get("value", "") for field in form.iter("input") if field.get("name")}
    assert (form.get("method"), sent["type"]) == ("post", str(smr.pk))
    assert form.find(".//textarea[@name='frame']") is not None
    answer = parse(client.post(URL, sent | {"frame": KEEPALIVE.hex()}))
    assert rows(answer) == [["SMR", "lastgasp", BY_RULE.format("push 0-1:25.9.0.255, anything")]]
    added = client.get(reverse("admin:concentrators_concentratortype_add")).content.decode()
    assert URL not in added


def test_the_page_of_an_unknown_sender_says_the_kind_by_each_type_and_what_a_rule_could_name(
    client: Client, smr: ConcentratorType
) -> None:
    stray = make_stray()
    page = parse(client.get(reverse("wakeup:stray", args=[stray.pk])))
    assert "by the defaults (CERCO1): keepalive." in paragraphs(page)[0]
    assert rows(page) == [["SMR", "lastgasp", BY_RULE.format("push 0-1:25.9.0.255, anything")]]
    assert texts(page, ".//main//ol/li")[-1].startswith("push 0-1:25.9.0.255, anything")
    box = page.find(".//textarea")
    assert box is not None
    assert bytes.fromhex(box.text or "") == stray.last_bytes
    assert options(page, "type")[str(smr.pk)] == "SMR"


def test_the_box_of_a_dialog_answers_in_the_dialog(client: Client, smr: ConcentratorType) -> None:
    stray = make_stray()
    dialog = parse(client.get(reverse("wakeup:stray", args=[stray.pk]), headers=HTMX))
    (form,) = [form for form in dialog.iter("form") if form.get("action") == URL]
    assert (form.get("hx-post"), form.get("hx-target")) == (URL, "#dialog")
    answer = parse(client.post(URL, {"frame": "00 01"}, headers=HTMX))
    assert answer.find(".//nav") is None
    assert texts(answer, ".//footer//button") == ["Close"]


@pytest.mark.parametrize("frame", [b"", b"\xff" * (MAX_FRAME + 1)])
def test_bytes_that_the_box_would_refuse_are_not_put_into_it(client: Client, frame: bytes) -> None:
    stray = make_stray("10.20.30.40", StrayReason.MALFORMED, last_bytes=frame)
    page = parse(client.get(reverse("wakeup:stray", args=[stray.pk])))
    box = page.find(".//textarea")
    assert box is not None
    assert not (box.text or "").strip()
    assert not rows(page)
    assert not alerts(page)
