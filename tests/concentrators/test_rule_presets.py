"""Presets: the rules of whole families of devices, chosen on the page of a type (WIR-4)."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from concentrators.models import ConcentratorType, KindRule
from concentrators.models.signs import read_sign
from concentrators.rules.presets import PRESETS
from smmeplus.dlms.kinds import Kind
from tests.concentrators.rules import posted, row_of, rules_of, save, url_of
from tests.factories import ConcentratorTypeFactory
from tests.smmeplus.translation.markup import options, parse, text, texts, with_class
from tests.smmeplus.users import client_of, make_user

pytestmark = pytest.mark.one_database

SMR_5 = {"push 0-1:25.9.0.255 word 1 bit 2": Kind.BOOT, "push 0-3:25.9.0.255 word 1 bit 0": Kind.LASTGASP}
RULES = {
    "": {},
    "smr-5": SMR_5,
    "is-15959": {"push 0-4:25.9.0.255 word 1 bit 85": Kind.LASTGASP, "push 0-4:25.9.0.255 word 1 bit 86": Kind.BOOT},
    "code-12": {"code 12": Kind.LASTGASP},
}
BOOT, LASTGASP = (
    "push 0-1:25.9.0.255, alarm word 1, bit 2: boot",
    "push 0-3:25.9.0.255, alarm word 1, bit 0: lastgasp",
)


@pytest.fixture
def client(administrator: User) -> Client:
    return client_of(administrator)


@pytest.fixture
def smr(db: None) -> ConcentratorType:
    return ConcentratorTypeFactory.create(name="SMR")


def said(response: Any) -> list[str]:
    return texts(parse(response), ".//ul[@class='messagelist']/li")[:-1]  # the last one is Django's


def test_the_presets_are_offered_beside_cerco1_which_has_no_rules(client: Client, smr: ConcentratorType) -> None:
    assert options(parse(client.get(url_of(smr))), "preset") == {
        "": "CERCO1 (no rules: the defaults)",
        "smr-5": "SMR 5",
        "is-15959": "IS 15959",
        "code-12": "by event code 12 last gasp",
    }


def test_the_presets_name_what_a_rule_can_name() -> None:
    signs = [sign for preset in PRESETS.values() for sign in preset.rules]
    assert len(signs) == 5
    assert all(read_sign(sign) for sign in signs)


@pytest.mark.parametrize(("key", "rules"), RULES.items())
def test_a_preset_adds_its_rules(client: Client, smr: ConcentratorType, key: str, rules: dict[str, Kind]) -> None:
    assert len(said(save(client, smr, preset=key))) == bool(key)
    assert rules_of(smr) == rules


def test_several_presets_one_after_the_other_add_up(client: Client, smr: ConcentratorType) -> None:
    for key in RULES:
        save(client, smr, preset=key)
    assert len(rules_of(smr)) == 5


def test_a_new_type_can_have_one_at_once(client: Client) -> None:
    client.post(reverse("admin:concentrators_concentratortype_add"), posted(preset="smr-5"))
    assert rules_of(ConcentratorType.objects.get(name="SMR")) == SMR_5


def test_rules_that_clash_stay_and_are_named(client: Client, smr: ConcentratorType) -> None:
    KindRule.objects.create(type=smr, sign="push 0-1:25.9.0.255 word 1 bit 2", kind=Kind.OTHER)
    client.get(url_of(smr))
    stored = {"id": KindRule.objects.get().pk, "name": "0-1:25.9.0.255", "what": "word", "word": 1, "bit": 2, "kind": 4}
    assert said(save(client, smr, stored, preset="smr-5")) == [
        f"SMR 5: added {LASTGASP}.",
        f"SMR 5: not added, because there is a rule already: {BOOT[:-4]}other. By the preset it would be boot.",
    ]
    assert rules_of(smr) == SMR_5 | {"push 0-1:25.9.0.255 word 1 bit 2": Kind.OTHER}


def test_rules_that_are_there_already_are_said_to_be(client: Client, smr: ConcentratorType) -> None:
    save(client, smr, preset="code-12")
    again = save(client, smr, row_of(KindRule.objects.get()), preset="code-12")
    rule = "no push name, event code 12: lastgasp"
    assert said(again) == [f"By event code 12 last gasp: already there: {rule}."]
    assert KindRule.history.count() == 1


def test_a_row_that_is_entered_with_it_comes_first(client: Client, smr: ConcentratorType) -> None:
    row = {"where": "no push", "what": "code", "code": "12", "kind": "2"}
    assert len(said(save(client, smr, row, preset="code-12"))) == 1
    assert rules_of(smr) == {"code 12": Kind.BOOT}


def test_what_a_preset_added_is_in_the_history_of_the_type_and_of_each_rule(
    client: Client, smr: ConcentratorType, administrator: User
) -> None:
    save(client, smr, preset="smr-5")
    page = parse(client.get(reverse("admin:concentrators_concentratortype_history", args=[smr.pk])))
    name = "Added kind of message by type"
    assert texts(page, ".//td")[-1] == f"{name} “{BOOT}”. {name} “{LASTGASP}”."
    rows = KindRule.history.values_list("history_type", "history_user", "history_change_reason")
    assert list(rows) == [("+", administrator.pk, "preset smr-5")] * 2


def test_an_unknown_preset_and_a_wrong_row_add_nothing(client: Client, smr: ConcentratorType) -> None:
    page = parse(save(client, smr, preset="SMR 5"))
    assert [text(one) for one in with_class(page, "errorlist")] == [
        "Select a valid choice. SMR 5 is not one of the available choices."
    ]
    save(client, smr, {"name": "wrong", "kind": "2"}, preset="smr-5")
    assert not rules_of(smr)


def test_who_may_not_add_rules_is_offered_none_and_adds_none(smr: ConcentratorType) -> None:
    permissions = [f"concentrators.{action}_concentratortype" for action in ("view", "change")]
    client = client_of(make_user("half", permissions=tuple(permissions), is_staff=True))
    assert not [one for one in parse(client.get(url_of(smr))).iter("select") if one.get("name") == "preset"]
    client.post(url_of(smr), posted(name="Changed", preset="smr-5"))
    smr.refresh_from_db()
    assert (smr.name, rules_of(smr)) == ("Changed", {})
