"""What a rule names: the text that is stored, its parts, and words for people (WIR-4)."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from concentrators.models import KindRule
from concentrators.models.signs import LIMITS, Sign, What, Where, read_sign, sign_in_words

NAME = "0-1:25.9.0.255"
SIGNS = {
    "push 0-4:25.9.0.255 word 1 bit 0": "push 0-4:25.9.0.255, alarm word 1, bit 0",
    "push 0-1:25.9.0.255 word 16 bit 255": "push 0-1:25.9.0.255, alarm word 16, bit 255",
    "push 0-1:25.9.0.255 code 12": "push 0-1:25.9.0.255, event code 12",
    "push 0-1:25.9.0.255": "push 0-1:25.9.0.255, anything",
    "word 2 bit 85": "no push name, alarm word 2, bit 85",
    "code 12": "no push name, event code 12",
    "code -9223372036854775808": "no push name, event code -9223372036854775808",
    "code 18446744073709551615": "no push name, event code 18446744073709551615",
    "no push": "no push name, anything",
    "object 1 0-0:96.1.0.255": "object 0-0:96.1.0.255 of class 1",
    "object 65535 255-255:255.255.255.255": "object 255-255:255.255.255.255 of class 65535",
}
#: Limits that the parts keep, but not the validator of the column.
BEYOND_LIMITS = ["code 18446744073709551616", "code -9223372036854775809", "object 65536 0-0:96.1.0.255"]
NO_SIGNS = [
    *["", "alarm 0", "push", "code", "word 1", "bit 1", "no push code 12", "no push word 1 bit 0", "anything"],
    *["word 0 bit 1", "word 17 bit 1", "word 1 bit 256", "word 01 bit 1", "word 1 bit 01", "word 1 bit -1"],
    *[*BEYOND_LIMITS, "code 012", "code +12", "code -0", "code 1.0"],
    *["push 0-1:25.9.0.256", "push 00-1:25.9.0.255", "push 0.1.25.9.0.255", "push 0-1:25.9.0"],
    *["object 0-0:96.1.0.255", "object 1 0-0:96.1.0.255 code 1"],
    *[" code 12", "code 12 ", "code 12\n", "CODE 12", "code ١٢", "code  12", "push  0-1:25.9.0.255", "code 12\0"],
]

numbers = {part: st.integers(limits.least, limits.most) for part, limits in LIMITS.items()}
octets = st.integers(0, 255)
names = st.builds("{}-{}:{}.{}.{}.{}".format, *[octets] * 6)
what = st.one_of(
    st.fixed_dictionaries({"what": st.just(What.ANYTHING)}),
    st.fixed_dictionaries({"what": st.just(What.CODE), "code": numbers["code"]}),
    st.fixed_dictionaries({"what": st.just(What.WORD), "word": numbers["word"], "bit": numbers["bit"]}),
)
signs = st.one_of(
    st.builds(lambda name, what: Sign(Where.PUSH, name=name, **what), names, what),
    st.builds(lambda what: Sign(Where.NO_PUSH, **what), what),
    st.builds(lambda name, number: Sign(Where.OBJECT, name=name, class_id=number), names, numbers["class_id"]),
)


@pytest.mark.parametrize(("text", "words"), SIGNS.items())
def test_a_sign_is_read_written_and_said(text: str, words: str) -> None:
    sign = read_sign(text)
    assert sign is not None
    assert (sign.text, sign.in_words, sign_in_words(text)) == (text, words, words)


@pytest.mark.parametrize("text", NO_SIGNS)
def test_what_would_not_be_stored_so_is_no_sign_and_is_said_as_it_is(text: str) -> None:
    assert read_sign(text) is None
    assert sign_in_words(text) == text


@given(signs)
def test_whatever_a_sign_names_comes_back_and_fits_its_column(sign: Sign) -> None:
    assert read_sign(sign.text) == sign
    assert len(sign.text) <= (KindRule._meta.get_field("sign").max_length or 0)
    KindRule._meta.get_field("sign").run_validators(sign.text)


@pytest.mark.parametrize("text", sorted({*NO_SIGNS} - {"", *BEYOND_LIMITS}))
def test_the_column_refuses_what_is_no_sign(text: str) -> None:
    with pytest.raises(ValidationError, match="A sign is like"):
        KindRule._meta.get_field("sign").run_validators(text)


def test_a_rule_says_what_it_names_and_means() -> None:
    assert str(KindRule(sign="push 0-1:25.9.0.255 word 1 bit 2", kind=2)) == (
        "push 0-1:25.9.0.255, alarm word 1, bit 2: boot"
    )
    assert str(KindRule(sign="alarm 3", kind=3)) == "alarm 3: lastgasp"
