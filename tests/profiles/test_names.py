"""The names that profiles may have, and when two are the same (PRO-3)."""

import unicodedata

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from profiles.names import MAX_NAME_LENGTH, clean_profile_name, fold_name

LONGEST_LOWER_CASE = "\N{GREEK SMALL LETTER IOTA WITH DIALYTIKA AND TONOS}"  # three characters when case is ignored


@pytest.mark.parametrize(
    "name",
    [
        "profilo_wakeup",
        "Wake up SMMePlus 10 min",
        "smmeplus uat",
        "a",
        "7",
        "v1.2-rc_3",
        "x" * 50,
        "Ñuñoa",
        "Straße",
        "Профиль пробуждения",
        "हिन्दी में नाम",
        "أسماء ٣",
        "名前",
    ],
)
def test_a_valid_name_is_kept_as_it_is(name: str) -> None:
    assert clean_profile_name(name) == name


@pytest.mark.parametrize(
    "typed",
    [
        " \t Wake  up\n",
        "Wake\N{NO-BREAK SPACE}up",
        "Wake\N{IDEOGRAPHIC SPACE}\N{EN SPACE}\N{THIN SPACE}up",
        "Wake\r\nup",
        "Wake\N{LINE SEPARATOR}up\N{ZERO WIDTH SPACE}",
        "\N{ZERO WIDTH NO-BREAK SPACE}Wake \N{ZERO WIDTH JOINER} up",
        "\N{RIGHT-TO-LEFT OVERRIDE}Wa\N{SOFT HYPHEN}ke up",
        "Wa\N{HANGUL FILLER}ke\N{VARIATION SELECTOR-16} up",
        "\N{FULLWIDTH LATIN CAPITAL LETTER W}ake up",
        "Wake \N{MATHEMATICAL BOLD SMALL U}p",
    ],
)
def test_what_cannot_be_seen_makes_no_difference(typed: str) -> None:
    assert clean_profile_name(typed) == "Wake up"


def test_marks_belong_to_their_letter_whatever_stood_between() -> None:
    assert clean_profile_name("n\N{ZERO WIDTH JOINER}\N{COMBINING TILDE}") == "ñ"


def test_a_text_that_is_no_name_is_not_worked_on() -> None:
    marks = "\N{COMBINING TILDE}\N{COMBINING CEDILLA}" * 500_000  # which take minutes to put in order
    with pytest.raises(ValidationError, match="At most 50 characters; this name has 1000001"):
        clean_profile_name("n" + marks)


def test_a_name_of_51_characters_is_refused_with_its_length() -> None:
    with pytest.raises(ValidationError, match="At most 50 characters; this name has 51"):
        clean_profile_name("x" * 51)


def test_spaces_around_do_not_count_as_characters() -> None:
    assert clean_profile_name(f"  {'x' * 50}  ") == "x" * 50


def test_the_length_is_that_of_the_composed_form() -> None:
    assert len(clean_profile_name("n\N{COMBINING TILDE}" * 50)) == 50


@pytest.mark.parametrize("name", ["", "   ", "-", "_._", "\N{COMBINING ACUTE ACCENT}"])
def test_a_name_without_letter_and_digit_is_refused(name: str) -> None:
    with pytest.raises(ValidationError, match="at least one letter or digit"):
        clean_profile_name(name)


@pytest.mark.parametrize(
    ("name", "named"),
    [
        ("a/b", "/"),
        ("<b>", "< >"),
        ("a@b", "@"),
        ("a;b,c", ", ;"),
        ("a\x00b", "U+0000"),
        ("a\x7fb", "U+007F"),
        ("\N{GRINNING FACE} a", "\N{GRINNING FACE}"),
        ("a\ud800", "U+D800"),
        ("a\x1fb", "U+001F"),
        ("10\N{EN DASH}20", "\N{EN DASH} (U+2013)"),
        ("a\N{NON-BREAKING HYPHEN}b", "\N{HYPHEN} (U+2010)"),
    ],
)
def test_what_a_name_may_not_contain_is_named_and_visible(name: str, named: str) -> None:
    with pytest.raises(ValidationError) as refused:
        clean_profile_name(name)
    assert refused.value.messages == [f"Letters, digits, space, “_”, “-” and “.” only; not allowed here: {named}"]


def test_of_many_wrong_characters_the_first_ones_are_named() -> None:
    with pytest.raises(ValidationError) as refused:
        clean_profile_name("".join(map(chr, range(0x2190, 0x2190 + 50))))
    assert refused.value.messages[0].endswith(": ← ↑ → ↓ ↔ ↕ ↖ ↗ ↘ ↙ ↚ ↛ ↜ ↝ ↞ ↟ ↠ ↡ ↢ ↣ …")


def test_every_broken_rule_is_said_at_once() -> None:
    with pytest.raises(ValidationError) as refused:
        clean_profile_name("#" * 51)
    assert len(refused.value.messages) == 3


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Wake Up", "wAKE uP"),
        ("ÑUÑOA", "ñuñoa"),
        ("Ñuñoa", unicodedata.normalize("NFD", "Ñuñoa")),
        ("ПРОФИЛЬ", "профиль"),
        ("ΣΊΣΥΦΟΣ", "σίσυφος"),
        ("STRASSE", "straße"),
        ("Wake  Up", "wake\N{NO-BREAK SPACE}up"),
    ],
)
def test_names_that_differ_in_case_or_composition_alone_are_the_same(one: str, other: str) -> None:
    assert fold_name(clean_profile_name(one)) == fold_name(clean_profile_name(other))


@pytest.mark.parametrize(("one", "other"), [("nunoa", "ñuñoa"), ("a b", "a_b"), ("10 min", "100 min")])
def test_names_that_differ_in_more_than_case_are_different(one: str, other: str) -> None:
    assert fold_name(one) != fold_name(other)


@given(st.text(st.sampled_from(["a", "ß", "ﬃ", LONGEST_LOWER_CASE, "İ", "\N{COMBINING TILDE}"]), max_size=50))
def test_the_folded_form_of_any_name_fits_its_column(name: str) -> None:
    assert len(fold_name(name)) <= 3 * MAX_NAME_LENGTH


@given(st.text(max_size=60))
def test_whatever_is_typed_comes_out_clean_or_is_refused(name: str) -> None:
    try:
        clean = clean_profile_name(name)
    except ValidationError:
        return
    assert clean_profile_name(clean) == clean
    assert 1 <= len(clean) <= MAX_NAME_LENGTH
    assert clean.isprintable()


@given(st.text(max_size=60))
def test_folding_twice_is_folding_once(name: str) -> None:
    assert fold_name(fold_name(name)) == fold_name(name)
