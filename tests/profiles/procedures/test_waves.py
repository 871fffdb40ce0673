"""The waves of a procedure profile as they are typed and stored (PRC-1)."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from profiles.models import ProcedureProfile
from profiles.procedures.waves import LARGEST_WAVE, MOST_WAVES, normalised_waves, parse_waves, waves_in_words

pytestmark = pytest.mark.one_database


@pytest.mark.parametrize(
    ("typed", "stored", "sizes"),
    [
        ("all", "all", [None]),
        ("  ALL ", "all", [None]),
        ("10, 100, all", "10, 100, all", [10, 100, None]),
        ("10,100,all", "10, 100, all", [10, 100, None]),
        ("10; 100 all,", "10, 100, all", [10, 100, None]),
        ("1\n1\tall", "1, 1, all", [1, 1, None]),
        ("010, all", "10, all", [10, None]),
        ("\N{ARABIC-INDIC DIGIT ONE}0, all", "10, all", [10, None]),
        (f"{LARGEST_WAVE}, all", f"{LARGEST_WAVE}, all", [LARGEST_WAVE, None]),
    ],
)
def test_sizes_are_read_and_stored_in_one_form(typed: str, stored: str, sizes: list[int | None]) -> None:
    assert parse_waves(typed) == sizes
    assert normalised_waves(typed) == stored
    assert parse_waves(stored) == sizes


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "“” is no size of a wave"),
        (" , ", "“” is no size of a wave"),
        ("10", "The last wave is “all”"),
        ("all, 10", "The last wave is “all”"),
        ("all, all", "Nothing is left after “all”"),
        ("10, all, 5, all", "Nothing is left after “all”"),
        ("0, all", "“0” is no size of a wave: write whole numbers from 1 to 1000000"),
        ("-1, all", "“-1” is no size"),
        ("1.5, all", "“1.5” is no size"),
        ("ten, all", "“ten” is no size"),
        ("²,all", "“²” is no size"),
        (f"{LARGEST_WAVE + 1}, all", "is no size"),
        ("9" * 5000 + ", all", f"“{'9' * 30}” is no size"),
        ("1," * MOST_WAVES + "all", "At most 20 waves."),
        ("\0", "is no size"),
    ],
)
def test_anything_else_is_refused_and_says_what_is_right(typed: str, said: str) -> None:
    with pytest.raises(ValidationError) as error:
        parse_waves(typed)
    assert said in error.value.messages[0]


def test_as_many_waves_as_are_allowed_fit_into_the_column() -> None:
    longest = f"{LARGEST_WAVE}, " * (MOST_WAVES - 1) + "all"
    assert len(normalised_waves(longest)) <= (ProcedureProfile._meta.get_field("waves").max_length or 0)


@given(st.text(alphabet="0123456789al,; \t-٣", max_size=30))
def test_what_is_accepted_is_stored_in_a_form_that_stays(typed: str) -> None:
    try:
        stored = normalised_waves(typed)
    except ValidationError:
        return
    assert normalised_waves(stored) == stored
    assert parse_waves(stored) == parse_waves(typed)
    assert parse_waves(waves_in_words(parse_waves(typed))) == parse_waves(typed)


@pytest.mark.parametrize("language", ["en", "es", "it"])
def test_each_language_reads_what_it_shows_and_stores_the_same(language: str) -> None:
    with translation.override(language):
        assert normalised_waves(waves_in_words([10, None])) == "10, all"
        assert normalised_waves("10, all") == "10, all"
