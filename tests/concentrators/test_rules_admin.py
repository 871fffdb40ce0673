"""Rules on the kind of messages, entered in parts in the admin site (WIR-4)."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client

from concentrators.models import ConcentratorType, KindRule
from smmeplus.dlms.kinds import Kind
from tests.concentrators.rules import errors, posted, row_of, rules_of, save, url_of
from tests.factories import ConcentratorTypeFactory
from tests.smmeplus.translation.markup import field, parse, selected, texts
from tests.smmeplus.users import client_of, make_user

pytestmark = pytest.mark.one_database

PUSH = {"where": "push", "name": "0-1:25.9.0.255", "kind": "2"}
CODE = {"where": "no push", "what": "code", "code": "12", "kind": "3"}
OBJECT = {"where": "object", "name": "0-0:96.11.0.255", "class_id": "1", "kind": "2"}
WORD = {"what": "word", "word": "1", "bit": "2"}
VIEW_TYPE, CHANGE_TYPE = "concentrators.view_concentratortype", "concentrators.change_concentratortype"
VIEW, ADD, CHANGE = (f"concentrators.{action}_kindrule" for action in ("view", "add", "change"))


@pytest.fixture
def client(administrator: User) -> Client:
    return client_of(administrator)


@pytest.fixture
def smr(db: None) -> ConcentratorType:
    return ConcentratorTypeFactory.create(name="SMR")


@pytest.mark.parametrize(
    ("row", "sign"),
    [
        (PUSH, "push 0-1:25.9.0.255"),
        (PUSH | {"name": " 00.1.25.9.000.255 "}, "push 0-1:25.9.0.255"),
        (PUSH | {"name": "0-1:25.9.0*255"}, "push 0-1:25.9.0.255"),
        (PUSH | WORD, "push 0-1:25.9.0.255 word 1 bit 2"),
        (PUSH | WORD | {"word": "16", "bit": "255"}, "push 0-1:25.9.0.255 word 16 bit 255"),
        (PUSH | {"what": "code", "code": "+012"}, "push 0-1:25.9.0.255 code 12"),
        (CODE, "code 12"),
        (CODE | {"code": "-9223372036854775808"}, "code -9223372036854775808"),
        (CODE | {"code": "18446744073709551615"}, "code 18446744073709551615"),
        (CODE | {"code": "-0"}, "code 0"),
        (WORD | {"where": "no push", "kind": "4", "bit": "0"}, "word 1 bit 0"),
        ({"where": "no push", "kind": "1"}, "no push"),
        (OBJECT, "object 1 0-0:96.11.0.255"),
        (OBJECT | {"class_id": "0"}, "object 0 0-0:96.11.0.255"),
    ],
)
def test_a_rule_in_parts_is_stored_as_one_text_and_shown_in_parts_again(
    client: Client, smr: ConcentratorType, row: dict[str, str], sign: str
) -> None:
    response = save(client, smr, row)
    assert not errors(response)
    assert rules_of(smr) == {sign: Kind(int(row["kind"]))}
    page = parse(client.get(url_of(smr)))
    shown = {part: field(page, f"kind_rules-0-{part}").get("value", "") for part in ("name", "class_id", "code", "bit")}
    shown |= {part: selected(page, f"kind_rules-0-{part}") for part in ("where", "what", "kind")}
    again = posted({"id": KindRule.objects.get().pk, "word": row.get("word", ""), **shown})
    client.post(url_of(smr), again)
    assert rules_of(smr) == {sign: Kind(int(row["kind"]))}
    assert KindRule.history.count() == 1, "saving what is shown changes nothing"


def test_a_row_is_headed_by_the_rule_in_words(client: Client, smr: ConcentratorType) -> None:
    KindRule.objects.create(type=smr, sign="push 0-1:25.9.0.255 word 1 bit 2", kind=Kind.BOOT)
    page = parse(client.get(url_of(smr)))
    assert texts(page, ".//td[@class='original']")[0] == "push 0-1:25.9.0.255, alarm word 1, bit 2: boot"


@pytest.mark.parametrize(
    ("row", "cell", "said"),
    [
        (PUSH | {"name": ""}, "name", "Nothing was entered. Enter a logical name, like 0-1:25.9.0.255."),
        (PUSH | {"name": "push 0-1"}, "name", "“push 0-1” is not a logical name: enter six numbers from 0 to 255"),
        (PUSH | {"name": "0-1:25.9.0.256"}, "name", "“0-1:25.9.0.256” is not a logical name"),
        (PUSH | {"name": "0-1:25.9.0.२"}, "name", "“0-1:25.9.0.२” is not a logical name"),
        (PUSH | {"name": "x" * 10_000}, "name", f"“{'x' * 40}” is not a logical name"),
        (
            PUSH | {"name": "1-0:1.8.0.255"},
            "name",
            "“1-0:1.8.0.255” is not the name of a push setup: those are like 0-1:25",
        ),
        (PUSH | {"class_id": "1"}, "class_id", "“1” was entered, but it is not used with “a push”"),
        (PUSH | {"code": "0"}, "code", "“0” was entered, but it is not used with “anything”"),
        (PUSH | WORD | {"word": ""}, "word", "Nothing was entered. Enter which alarm word it is; the first one is 1."),
        (PUSH | WORD | {"bit": ""}, "bit", "Nothing was entered. Enter a bit;"),
        (PUSH | WORD | {"word": "0"}, "word", "“0” is not a whole number from 1 to 16."),
        (PUSH | WORD | {"word": "17"}, "word", "“17” is not a whole number from 1 to 16."),
        (PUSH | WORD | {"bit": "256"}, "bit", "“256” is not a whole number from 0 to 255."),
        (PUSH | WORD | {"bit": "-1"}, "bit", "“-1” is not a whole number from 0 to 255."),
        (PUSH | WORD | {"code": "1"}, "code", "“1” was entered, but it is not used with “alarm bit”"),
        (CODE | {"code": ""}, "code", "Nothing was entered. Enter an event code, like 12."),
        (CODE | {"code": "0x0C"}, "code", "“0x0C” is not a whole number from -9223372036854775808 to 1844674407370955"),
        (CODE | {"code": "1_0"}, "code", "“1_0” is not a whole number"),
        (CODE | {"code": "18446744073709551616"}, "code", "“18446744073709551616” is not a whole number"),
        (CODE | {"code": "-9223372036854775809"}, "code", "“-9223372036854775809” is not a whole number"),
        (CODE | {"code": "9" * 5_000}, "code", f"“{'9' * 40}” is not a whole number"),
        (
            CODE | {"name": "0-1:25.9.0.255"},
            "name",
            "“0-1:25.9.0.255” was entered, but it is not used with “no push”",
        ),
        (CODE | {"word": "1"}, "word", "“1” was entered, but it is not used with “event code”"),
        (OBJECT | {"class_id": ""}, "class_id", "Nothing was entered. Enter the object's class, like 1."),
        (OBJECT | {"class_id": "65536"}, "class_id", "“65536” is not a whole number from 0 to 65535."),
        (OBJECT | {"name": ""}, "name", "Nothing was entered. Enter a logical name"),
        (OBJECT | WORD, "what", "“alarm bit” was chosen, but an event's object allows only “anything”."),
        (PUSH | {"where": "alarm"}, "where", "Select a valid choice. alarm is not one of the available choices."),
        (PUSH | {"what": "alarm 0"}, "what", "Select a valid choice. alarm 0 is not one of the available choices."),
        (PUSH | {"kind": ""}, "kind", "This field is required."),
        (PUSH | {"name": "a\0b"}, "name", "“a\0b” is not a logical name"),
    ],
)
def test_a_wrong_part_says_what_was_seen_and_what_is_right_and_nothing_is_stored(
    client: Client, smr: ConcentratorType, row: dict[str, str], cell: str, said: str
) -> None:
    found = errors(save(client, smr, row))
    assert list(found) == [cell]
    assert len(found[cell]) == 1
    assert found[cell][0].startswith(said)
    assert not rules_of(smr)


def test_each_wrong_part_is_named_at_once(client: Client, smr: ConcentratorType) -> None:
    found = errors(save(client, smr, {"where": "object", "what": "word", "class_id": "x", "word": "99", "kind": ""}))
    assert sorted(found) == ["bit", "class_id", "kind", "name", "what", "word"]


def test_the_texts_that_were_typed_before_are_no_logical_names(client: Client, smr: ConcentratorType) -> None:
    for typed in ("alarm 0", "code 12", "push 0-1:25.9.0.255", "object 1 0-0:96.1.0.255", "no push"):
        assert errors(save(client, smr, PUSH | {"name": typed}))["name"][0].startswith(
            f"“{typed}” is not a logical name"
        )
    assert not rules_of(smr)


def test_a_second_rule_on_the_same_is_refused_at_its_row(client: Client, smr: ConcentratorType) -> None:
    clash = (
        "There is a rule on “no push name, event code 12” already, which means lastgasp. Change that row instead, or "
        "delete it and save first."
    )
    assert errors(save(client, smr, CODE, CODE | {"code": "012", "kind": "2"})) == {"row": [clash]}
    assert not rules_of(smr)
    save(client, smr, CODE)
    stored = KindRule.objects.get()
    assert errors(save(client, smr, row_of(stored), CODE | {"kind": "2"})) == {"row": [clash]}
    assert errors(save(client, smr, CODE | {"kind": "2"})) == {"row": [clash]}, "added since the page was shown"
    assert errors(save(client, smr, row_of(stored, DELETE="on"), CODE | {"kind": "2"})) == {"row": [clash]}
    assert rules_of(smr) == {"code 12": Kind.LASTGASP}


def test_rows_that_swap_their_rules_are_refused_and_those_that_swap_their_kinds_are_not(
    client: Client, smr: ConcentratorType
) -> None:
    one, two = (KindRule.objects.create(type=smr, sign=f"code {kind}", kind=kind) for kind in (1, 2))
    found = errors(save(client, smr, row_of(one, code="2"), row_of(two, code="1")))
    assert len(found["row"]) == 2
    assert rules_of(smr) == {"code 1": 1, "code 2": 2}
    assert not errors(save(client, smr, row_of(one, kind=2), row_of(two, kind=1)))
    assert rules_of(smr) == {"code 1": 2, "code 2": 1}


def test_the_same_rule_may_stand_at_another_type(client: Client, smr: ConcentratorType) -> None:
    KindRule.objects.create(type=ConcentratorTypeFactory.create(name="B"), sign="code 12", kind=Kind.BOOT)
    assert not errors(save(client, smr, CODE))
    assert KindRule.objects.filter(sign="code 12").count() == 2


def test_a_rule_is_deleted_and_rows_that_nobody_filled_in_are_none(client: Client, smr: ConcentratorType) -> None:
    stored = KindRule.objects.create(type=smr, sign="code 12", kind=Kind.BOOT)
    assert not errors(save(client, smr, row_of(stored, DELETE="on"), {}, {}))
    assert not rules_of(smr)


@pytest.mark.parametrize("sign", ["alarm 3", "push 300-1:25.9.0.255", "code 012", "<b>x</b>"])
def test_a_stored_text_that_is_no_sign_is_shown_and_has_to_be_put_right(
    client: Client, smr: ConcentratorType, sign: str
) -> None:
    stored = KindRule.objects.create(type=smr, sign=sign, kind=Kind.BOOT)
    page = parse(client.get(url_of(smr)))
    assert field(page, "kind_rules-0-name").get("value") == sign
    as_shown = {"id": stored.pk, "where": "push", "name": sign, "kind": 2}
    assert errors(save(client, smr, as_shown))["name"][0].startswith(f"“{sign}” is not a logical name")
    assert not errors(save(client, smr, as_shown | {"name": "0-1:25.9.0.255"}))
    assert rules_of(smr) == {"push 0-1:25.9.0.255": Kind.BOOT}


def test_a_changed_rule_is_in_its_history_with_who_changed_it(
    client: Client, smr: ConcentratorType, administrator: User
) -> None:
    save(client, smr, CODE)
    save(client, smr, row_of(KindRule.objects.get(), code="13"))
    rows = KindRule.history.order_by("history_id").values_list("history_type", "sign", "history_user")
    assert list(rows) == [("+", "code 12", administrator.pk), ("~", "code 13", administrator.pk)]


def test_who_may_only_look_reads_the_rules_and_changes_none(smr: ConcentratorType) -> None:
    KindRule.objects.create(type=smr, sign="code 12", kind=Kind.BOOT)
    client = client_of(make_user("looker", permissions=(VIEW_TYPE, VIEW), is_staff=True))
    page = parse(client.get(url_of(smr)))
    assert texts(page, ".//td[@class='original']") == ["no push name, event code 12: boot"]
    assert not [one for one in page.iter("input") if one.get("type") == "text"]
    assert client.post(url_of(smr), posted(PUSH, preset="smr-5")).status_code == 403
    assert rules_of(smr) == {"code 12": Kind.BOOT}


def test_who_may_add_rules_but_change_none_adds_one(smr: ConcentratorType) -> None:
    stored = KindRule.objects.create(type=smr, sign="code 13", kind=Kind.BOOT)
    permissions = (VIEW_TYPE, CHANGE_TYPE, VIEW, ADD)
    client = client_of(make_user("adder", permissions=permissions, is_staff=True))
    assert client.get(url_of(smr)).status_code == 200
    assert not errors(save(client, smr, row_of(stored, kind=4), CODE))
    assert rules_of(smr) == {"code 12": Kind.LASTGASP, "code 13": Kind.BOOT}
