"""What would this frame be? The box on the pages of types and of unknown senders (WIR-4)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from concentrators.models import Company, ConcentratorType, KindRule
from concentrators.rules.presets import add_preset
from smmeplus.dlms.kinds import Kind
from smmeplus.dlms.notification import push_notification
from tests import ROOT
from tests.factories import ConcentratorTypeFactory
from tests.smmeplus.dlms.field_frames import BY_NAME, FIELD_FRAMES, FieldFrame
from tests.smmeplus.dlms.vectors import VECTORS
from tests.smmeplus.translation.markup import links, options, parse, rows, selected, text, texts, with_class
from tests.smmeplus.users import client_of, make_operator, make_user, make_viewer
from tests.wakeup.pages.frames import BY_RULE, CODE_2, KEEPALIVE, URL, make_smr, paragraphs
from tests.wakeup.pages.strays import SERIAL
from wakeup.formats import MAX_FRAME

pytestmark = pytest.mark.one_database

NAMELESS = BY_NAME["event-without-id"].frame
VIEW_TYPE = "concentrators.view_concentratortype"


@pytest.fixture
def client(operator: User) -> Client:
    return client_of(operator)


@pytest.fixture
def smr(db: None) -> ConcentratorType:
    return make_smr()


def said_of(client: Client, frame: str, **data: Any) -> Any:
    response = client.post(URL, {"frame": frame, **data})
    assert response.status_code == 200
    return parse(response)


def test_the_box_is_there_before_anything_was_entered(client: Client, smr: ConcentratorType) -> None:
    page = parse(client.get(URL))
    assert texts(page, ".//main//h1") == ["What would this frame be?"]
    assert list(options(page, "type").values()) == ["each type with rules of its own", "CERCO1", "SMR"]
    assert not paragraphs(page)


def test_a_frame_is_read_and_has_its_kind_by_the_defaults_and_by_each_type_with_rules(
    client: Client, smr: ConcentratorType
) -> None:
    ConcentratorTypeFactory.create(name="Without")
    other = ConcentratorTypeFactory.create(name="A")
    KindRule.objects.create(type=other, sign="code 12", kind=Kind.BOOT)
    page = said_of(client, KEEPALIVE.hex())
    assert paragraphs(page)[0] == "A message of 16CEC50610036665, by the defaults (CERCO1): keepalive."
    assert rows(page) == [
        ["A", "keepalive", "the defaults"],
        ["SMR", "lastgasp", BY_RULE.format("push 0-1:25.9.0.255, anything")],
    ]
    assert "octet-string 0-1:25.9.0.255 (push setup, keepalive)" in texts(page, ".//main//li")


def test_a_type_that_was_chosen_stands_alone(client: Client, smr: ConcentratorType) -> None:
    without = ConcentratorTypeFactory.create(name="Without")
    page = said_of(client, KEEPALIVE.hex(" "), type=without.pk)
    assert rows(page) == [["Without", "keepalive", "the defaults"]]
    assert selected(page, "type") == str(without.pk)


def test_without_any_rule_it_says_so(client: Client) -> None:
    page = said_of(client, CODE_2.hex())
    assert paragraphs(page)[:2] == [
        "A message of EPL1000400000042, by the defaults (CERCO1): boot.",
        "No type has rules of its own.",
    ]


def test_what_a_rule_could_name_is_listed(client: Client) -> None:
    said = "To make such a message a boot or a last gasp, its type needs a rule on one of these. If it has several, the"
    for frame, sign in ((KEEPALIVE, "push 0-1:25.9.0.255, anything"), (CODE_2, "no push name, event code 2")):
        page = said_of(client, frame.hex())
        assert sign in texts(page, ".//main//ol/li")
        assert any(one.startswith(said) for one in paragraphs(page))


def test_of_many_bits_the_first_are_listed_and_the_rest_is_counted(client: Client) -> None:
    every_bit = push_notification(SERIAL, Kind.LASTGASP)[:-4] + b"\xff" * 4
    *signs, last = texts(said_of(client, every_bit.hex()), ".//main//ol/li")
    assert (len(signs), last[:4], last[-5:]) == (20, "and ", " more")


def test_a_rule_on_what_is_listed_decides(client: Client, smr: ConcentratorType) -> None:
    KindRule.objects.create(type=smr, sign="code 2", kind=Kind.OTHER)
    page = said_of(client, CODE_2.hex())
    assert rows(page) == [["SMR", "other", BY_RULE.format("no push name, event code 2")]]


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        ("0002", "The listener refuses it: the wrapper's version is 0002, not 0001"),
        ("ff", "The listener refuses it: no format begins with FF"),
        ("0001", "It is not complete: the listener would wait for more bytes."),
        (KEEPALIVE[:-1].hex(), "It is not complete: the listener would wait for more bytes."),
    ],
)
def test_a_frame_that_is_no_message_says_why(client: Client, smr: ConcentratorType, frame: str, said: str) -> None:
    page = said_of(client, frame)
    (only,) = paragraphs(page)
    assert only.startswith(said)
    assert not rows(page)
    assert "refused" in texts(page, ".//main//li/strong")


def test_a_message_without_a_device_id_is_refused_but_has_a_kind_behind_a_login(
    client: Client, smr: ConcentratorType
) -> None:
    KindRule.objects.create(type=smr, sign="object 1 0-0:97.138.0.255", kind=Kind.BOOT)
    page = said_of(client, NAMELESS.hex() + "00")
    refused, behind_a_login, *_, left_over = paragraphs(page)
    assert refused.startswith("The listener refuses it:")
    assert behind_a_login.startswith("Behind a login of its device it is a message, by the defaults (CERCO1): other.")
    assert rows(page) == [["SMR", "boot", BY_RULE.format("object 0-0:97.138.0.255 of class 1")]]
    assert left_over == "1 byte behind the first frame was not read."


@pytest.mark.parametrize("sent", FIELD_FRAMES, ids=lambda sent: sent.name)
def test_whatever_the_field_sends_has_a_reading_and_a_kind_or_a_reason(
    client: Client, smr: ConcentratorType, sent: FieldFrame
) -> None:
    page = said_of(client, sent.frame.hex(":"))
    assert texts(page, ".//main//li")
    said = paragraphs(page)[0]
    assert said.startswith(("A message of ", "The listener refuses it: ", "It is not complete"))
    assert bool(rows(page)) == (said.startswith("A message of ") or "no device id" in said)


def test_a_login_says_nothing_that_a_rule_could_name(client: Client, smr: ConcentratorType) -> None:
    page = said_of(client, BY_NAME["login-0A"].frame.hex())
    assert rows(page) == [["SMR", "keepalive", "the defaults"]]
    assert paragraphs(page)[-1].startswith("It says nothing that a rule could name")
    assert page.find(".//main//ol") is None


def test_of_several_frames_the_first_is_read_and_the_rest_is_counted(client: Client) -> None:
    page = said_of(client, KEEPALIVE.hex() + "00")
    assert paragraphs(page)[-1] == "1 byte behind the first frame was not read."
    page = said_of(client, (KEEPALIVE + CODE_2).hex())
    assert paragraphs(page)[-1] == f"{len(CODE_2)} bytes behind the first frame were not read."
    assert "EPL1000400000042" not in text(page.find(".//ul[@class='list-unstyled mb-0 ps-3']"))


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Nothing was entered. Enter the bytes of a frame in hex."),
        (" \n", "Nothing was entered. Enter the bytes of a frame in hex."),
        ("<b>", "“<” in “<b>” is not a hex digit (0 to 9, A to F)."),
        ("00" * (MAX_FRAME + 1), "2057 bytes were entered; no frame has more than 2056."),
        ("0" * 16_449, "Ensure this value has at most 16448 characters (it has 16449)."),
    ],
)
def test_what_is_no_hex_is_refused_and_kept(client: Client, typed: str, said: str) -> None:
    page = said_of(client, typed)
    assert [text(one) for one in with_class(page, "errorlist")] == [said]
    box = page.find(".//textarea")
    assert box is not None
    assert (box.text or "").strip() == typed.strip()
    assert not paragraphs(page)


def test_a_type_that_is_not_there_is_refused(client: Client) -> None:
    page = said_of(client, KEEPALIVE.hex(), type="999999999999999999999")
    assert len(with_class(page, "errorlist")) == 1


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.name)
def test_the_longest_way_to_write_a_frame_fits(client: Client, vector: Any) -> None:
    page = said_of(client, ", ".join(f"0x{octet:02X}" for octet in vector.frame))
    assert not with_class(page, "errorlist")
    if vector.kind is not None:
        assert f"{vector.serial}, by the defaults (CERCO1): {vector.kind.word}." in paragraphs(page)[0]


def test_the_example_of_the_documents_is_what_the_page_says(client: Client, smr: ConcentratorType) -> None:
    document = (ROOT / "docs" / "wire-formats.md").read_text("utf-8")
    (block,) = re.findall(r"^```power-up\n(.*?)^```$", document, re.MULTILINE | re.DOTALL)
    smr_5 = ConcentratorTypeFactory.create(name="SMR 5")
    add_preset("smr-5", smr_5)
    page = said_of(client, "\n".join(line.partition("|")[0] for line in block.splitlines()), type=smr_5.pk)
    bit_2, anything = "push 0-1:25.9.0.255, alarm word 1, bit 2", "push 0-1:25.9.0.255, anything"
    assert "EXXXX123456789012, by the defaults (CERCO1): keepalive." in paragraphs(page)[0]
    assert rows(page) == [["SMR 5", "boot", BY_RULE.format(bit_2)]]
    signs = texts(page, ".//main//ol/li")
    assert (signs[0], signs.index(anything) > 0) == (bit_2, True)
    assert {f"*{bit_2}*", f"*{anything}*"} <= set(re.findall(r"\*[^*]+\*", document.replace("\n", " ")))


def test_nothing_is_written(client: Client, smr: ConcentratorType) -> None:
    def all_rows() -> dict[str, int]:
        return {model._meta.label: model._default_manager.count() for model in apps.get_models()}

    before = all_rows()
    for frame in (KEEPALIVE.hex(), "ff", "x"):
        client.post(URL, {"frame": frame})
    assert all_rows() == before


def test_who_may_see_unknown_senders_or_types_may_ask(chile: Company, smr: ConcentratorType) -> None:
    for permissions in (("wakeup.view_strayframe",), (VIEW_TYPE,)):
        client = client_of(make_user(permissions[0], permissions=permissions))
        assert rows(said_of(client, KEEPALIVE.hex()))
    assert client_of(make_viewer(chile)).get(URL).status_code == 200
    nobody = client_of(make_user("nobody", chile))
    assert (nobody.get(URL).status_code, nobody.post(URL, {"frame": "00"}).status_code) == (403, 403)
    assert Client().post(URL, {"frame": "00"})["Location"] == f"{reverse('login')}?next={URL}"


def test_a_form_of_another_site_is_refused(operator: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(operator)
    assert client.post(URL, {"frame": "00"}).status_code == 403


def test_administrators_find_the_way_to_the_rules(chile: Company, smr: ConcentratorType) -> None:
    page = said_of(client_of(make_operator(chile, name="other")), KEEPALIVE.hex())
    assert "An administrator sets the rules of a type in the admin site." in paragraphs(page)
    assert "SMR" not in links(page)
    boss = client_of(make_user("boss", permissions=(VIEW_TYPE,), is_staff=True))
    found = links(said_of(boss, KEEPALIVE.hex()))
    assert found["SMR"] == reverse("admin:concentrators_concentratortype_change", args=[smr.pk])
    assert found["Concentrator types and their rules"] == reverse("admin:concentrators_concentratortype_changelist")
    assert [boss.get(found[name]).status_code for name in ("SMR", "Concentrator types and their rules")] == [200, 200]


def test_types_and_rules_cost_two_queries_however_many_there_are(
    client: Client, django_assert_max_num_queries: Any
) -> None:
    for number in range(30):
        type_ = ConcentratorTypeFactory.create(name=f"T{number:02}")
        KindRule.objects.create(type=type_, sign="push 0-1:25.9.0.255", kind=Kind.BOOT)
    with django_assert_max_num_queries(7):
        assert len(rows(said_of(client, KEEPALIVE.hex()))) == 30
