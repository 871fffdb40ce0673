"""Sentences that name things."""

from __future__ import annotations

import pytest

from smmeplus.common.text import some_of


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ([], ""),
        (["A"], "A"),
        (["A", "B"], "A, B"),
        (["A", "B", "C"], "A, B and 1 more"),
        (list("ABCDE"), "A, B and 3 more"),
    ],
)
def test_the_first_are_named_and_the_rest_counted(names: list[str], said: str) -> None:
    assert some_of(names, 2) == said
