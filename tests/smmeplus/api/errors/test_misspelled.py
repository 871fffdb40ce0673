"""A parameter that is misspelled, repeated or empty is refused, and gives not everything (API-1)."""

from __future__ import annotations

import pytest

from concentrators.models import Company
from tests.smmeplus.api.asking import LISTS, Api, errors, every_path

pytestmark = pytest.mark.one_database("postgresql", in_ci=True)


@pytest.mark.parametrize("name", LISTS)
def test_a_misspelled_parameter_is_refused_with_those_there_are(api: Api, name: str) -> None:
    said = errors(api.ask(f"{name}/", compnay="1", page="2", format="json"))
    assert said.keys() == {"compnay", "page", "format"}
    assert "limit" in said["page"]


def test_a_single_thing_takes_no_parameter(api: Api, chile: Company) -> None:
    for path in every_path(pk=chile.pk).values():
        if path.endswith(("A1/", f"companies/{chile.pk}/", "settings/")):
            assert errors(api.ask(path, state="removed")).keys() == {"state"}


def test_a_repeated_parameter_is_refused(api: Api) -> None:
    given = "received_from=2020-09-24T00:00:00Z"
    said = errors(api.client.get(f"/api/v1/messages/?{given}&{given}"))
    assert said == {"received_from": "Given more than once."}


def test_an_empty_parameter_is_refused_and_gives_not_everything(api: Api) -> None:
    for name in ("company", "kind", "concentrator", "received_from", "cursor", "limit"):
        assert errors(api.ask("messages/", **{name: ""})) == {name: "Empty; leave it out to have all."}


def test_a_choice_that_is_none_is_answered_with_those_there_are(api: Api) -> None:
    response = api.ask("messages/", kind="reboot")
    assert "keepalive, boot, lastgasp, other" in " ".join(error["detail"] for error in response.json()["errors"])
