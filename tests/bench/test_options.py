"""What ``make bench`` can be asked for."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from tests.bench.against.browsing import Sites
from tests.bench.against.compare import ALWAYS
from tests.bench.against.listening import Listeners
from tests.bench.options import AGAINST, AGAINST_QUICK, parsed

NAMES = ("per1", "per2", "steady")
QUICK = ("per1", "per2")


def only(*arguments: str) -> list[str]:
    return list(parsed(arguments, "", NAMES, QUICK).only)


@pytest.mark.parametrize("arguments", [("--only", "per1", "steady"), ("--only", "per1,steady")])
def test_names_may_be_parted_by_blanks_or_by_commas(arguments: tuple[str, ...]) -> None:
    assert only(*arguments, "--rounds", "2") == ["per1", "steady"]


def test_without_names_the_quick_ones_are_measured() -> None:
    assert only() == list(QUICK)
    assert only("--against", "HEAD") == list(AGAINST_QUICK)


def test_another_commit_is_compared_by_names_of_its_own() -> None:
    assert only("--only", "upload", "--against", "HEAD") == ["upload"]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--only", "upload"), "there is no upload; there are per1, per2, steady"),
        (("--only", "steady", "--against", "HEAD"), "there is no steady"),
        (("--against", "HEAD", "--database", "sqlite"), "PostgreSQL alone"),
        (("--at-least", "0.97"), "needs --against"),
        (("--rounds", "0"), "at least one round"),
        (("--concentrators", "0"), "at least one round and one concentrator"),
    ],
)
def test_what_makes_no_sense_is_refused(
    arguments: tuple[str, ...], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        parsed(arguments, "", NAMES, QUICK)
    assert complaint in capsys.readouterr().err


def test_each_name_of_a_comparison_is_a_step_of_it() -> None:
    with ExitStack() as stack:
        steps = Listeners(stack).steps.keys() | Sites(1).steps.keys()
    assert steps == set(AGAINST) | ALWAYS
