"""Rules on bits of the alarm push get the name of the push and the word, and lose them again (WIR-4)."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.test.utils import CaptureQueriesContext

from concentrators.models import ConcentratorType, KindRule
from smmeplus.dlms.kinds import Kind
from tests.factories import ConcentratorTypeFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.one_database(in_ci=True)]

BEFORE = "0007_hyphens_in_serials"
OLD = {"alarm 0": Kind.LASTGASP, "alarm 31": Kind.BOOT, "code 12": Kind.OTHER, "push 0-1:25.9.0.255": Kind.BOOT}
NEW = {
    "push 0-4:25.9.0.255 word 1 bit 0": Kind.LASTGASP,
    "push 0-4:25.9.0.255 word 1 bit 31": Kind.BOOT,
    "code 12": Kind.OTHER,
    "push 0-1:25.9.0.255": Kind.BOOT,
}
#: What only the newer release knows.
LATER = ["push 0-4:25.9.0.255 word 1 bit 85", "push 0-4:25.9.0.255 word 2 bit 0", "push 0-1:25.9.0.255 word 1 bit 2"]


def migrate(name: str) -> None:
    MigrationExecutor(connection).migrate([("concentrators", name)])


def migrate_to_the_newest() -> None:
    """For the tests that follow as well."""
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


def rules(type_: ConcentratorType) -> dict[str, int]:
    return dict(KindRule.objects.filter(type=type_).values_list("sign", "kind"))


@pytest.fixture
def types(db: None) -> list[ConcentratorType]:
    """Two types with the same rules, each of which was added and then changed."""
    types = [ConcentratorTypeFactory.create(name=name) for name in ("A", "B")]
    for type_ in types:
        for sign, kind in NEW.items():
            rule = KindRule.objects.create(type=type_, sign=sign, kind=Kind.KEEPALIVE)
            rule.kind = kind
            rule.save()
    return types


def test_there_and_back(types: list[ConcentratorType]) -> None:
    KindRule.objects.bulk_create([KindRule(type=types[0], sign=sign, kind=Kind.BOOT) for sign in LATER])
    later = dict.fromkeys(LATER, Kind.BOOT)
    try:
        migrate(BEFORE)
        assert [rules(type_) for type_ in types] == [OLD | later, OLD]
        assert sorted(KindRule.history.values_list("sign", flat=True)) == sorted([*OLD] * 4)
    finally:
        migrate_to_the_newest()
    assert [rules(type_) for type_ in types] == [NEW | later, NEW]
    assert sorted(KindRule.history.values_list("sign", flat=True)) == sorted([*NEW] * 4)


def test_without_any_rule_there_is_nothing_to_do(db: None) -> None:
    """Neither way; the columns of the signs are those of today, of which it only reads."""
    migration = import_module("concentrators.migrations.0008_signs_with_alarm_words")
    for way in (migration.name_the_word, migration.leave_out_the_word):
        with CaptureQueriesContext(connection) as queries:
            way(apps, None)
        assert [query["sql"].split()[0] for query in queries] == ["SELECT", "SELECT"]
