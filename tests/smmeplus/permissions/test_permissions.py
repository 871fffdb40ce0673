"""Who may what (ACC-1): docs/permissions.md is true, and complete.

Every address is asked by somebody in each role of the company that its things belong to, with GET and with every method
that it has; then by users of another company. What is allowed is taken back, what is refused has changed nothing.
Nothing is rendered: what pages tell strangers is the matter of tests/smmeplus/test_stranger.py.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from django.template.base import Template
from django.utils.safestring import mark_safe
from rest_framework.throttling import SimpleRateThrottle

from tests.smmeplus.foreign import Owned
from tests.smmeplus.permissions.table import ADMINISTRATOR, NOBODY, NOT_THERE, OF_ALL, OPERATOR, VIEWER, Row, rows
from tests.smmeplus.permissions.world import World, contents

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

#: A file is seen by who has uploaded it alone: in the table, by the operator.
OF_THE_UPLOADER = {"concentrators:preview", "concentrators:upload-errors", "meterfiles:preview"}
#: What is there before anybody has signed in.
OPEN = {"health", "login", "set_language", "smmeplus.admin.sign_in_to_admin", "smmeplus.urls.icon"} | {
    "api:docs",  # ACC-1
    "api:event-schema",
    "api:schema",
}


@pytest.fixture
def world(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    made = World(Owned())
    monkeypatch.setattr(Template, "render", lambda _self, _context: mark_safe(""))
    monkeypatch.setattr(SimpleRateThrottle, "THROTTLE_RATES", {"user": None, "refused": None})
    logging.disable(logging.CRITICAL)  # thousands of refusals
    yield made
    logging.disable(logging.NOTSET)


def test_each_address_answers_each_role_as_the_table_says(world: World) -> None:
    before, table = contents(), {row.name: row for row in rows()}
    seen = [world.seen_row(place) for place in world.places]
    wrong = [row for row in seen if table.get(row.name) != row]
    assert not wrong, "\n".join(["docs/permissions.md should say, if that is meant:", *map(str, wrong)])
    assert not table.keys() - {row.name for row in seen}, "addresses that are no more"
    assert contents() == before
    kept = set().union(*(visitor.kept for visitor in (*world.insiders.values(), *world.outsiders.values())))
    assert not kept, "answers that browsers would keep"


def test_the_table_gives_no_role_less_than_the_one_below_it() -> None:
    for row in rows():
        if row.name in OF_THE_UPLOADER:
            continue
        for less, more in ((VIEWER, OPERATOR), (OPERATOR, ADMINISTRATOR), (ADMINISTRATOR, OF_ALL)):
            assert _rights(row, less) <= _rights(row, more), row


def test_the_table_opens_nothing_to_nobody_and_nothing_to_other_companies() -> None:
    found = rows()
    assert len(found) > 200
    assert {row.name for row in found if _rights(row, NOBODY)} == OPEN
    assert {row.of_others for row in found} <= {NOT_THERE, "-"}


def _rights(row: Row, role: str) -> set[str]:
    return {method for method in row.methods if row.allows(role, method)}
