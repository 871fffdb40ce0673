"""Ciphered APDUs: what another implementation has made is read, and made alike; all else is refused by name (SEC-3)."""

import random

import pytest

from smmeplus.dlms.ciphering.apdus import cipher, decipher, parse
from smmeplus.dlms.ciphering.errors import CipheringError, Reason
from smmeplus.dlms.ciphering.keys import Keys
from smmeplus.dlms.ciphering.suite import AUTHENTICATED, AUTHENTICATED_AND_ENCRYPTED
from smmeplus.dlms.errors import FrameError
from tests.plugins.effort import SOAKS
from tests.smmeplus.dlms.ciphering.vectors import BY_NAME, KEYS, TITLE, VECTORS, Vector

PLAIN = BY_NAME["30-data-notification"]
HEAD = 10  # bytes before the length of what is ciphered
MUTATIONS = 20_000 if SOAKS else 200


def reason_of(apdu: bytes, keys: Keys = KEYS, title: bytes = b"") -> Reason:
    with pytest.raises(CipheringError) as refused:
        decipher(apdu, keys, title)
    return refused.value.reason


def content_of(vector: Vector) -> bytes:
    return vector.apdu[HEAD + 1 :]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.name)
def test_what_another_implementation_ciphered_is_read(vector: Vector) -> None:
    parsed = parse(vector.apdu)
    assert (parsed.tag, parsed.control, parsed.counter) == (vector.tag, vector.control, vector.counter)
    assert decipher(vector.apdu, KEYS, TITLE) == vector.text


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.name)
def test_we_cipher_as_another_implementation_does(vector: Vector) -> None:
    is_named = vector.name != "30-without-title"
    ours = cipher(vector.text, KEYS, TITLE, vector.counter, vector.control, tag=vector.tag, is_named=is_named)
    assert ours == vector.apdu


@pytest.mark.parametrize(
    ("control", "reason"),
    [
        (0x00, Reason.UNPROTECTED),
        (0x20, Reason.NOT_AUTHENTICATED),
        *((control | suite, Reason.ANOTHER_SUITE) for control in (0x00, 0x10, 0x20, 0x30) for suite in (1, 2, 15)),
        *((control | 0x40, Reason.BROADCAST) for control in (0x00, 0x10, 0x20, 0x30, 0x31)),
        *((control | 0x80, Reason.COMPRESSED) for control in (0x00, 0x10, 0x20, 0x30, 0x40, 0x7F)),
    ],
)
def test_every_other_protection_is_refused_by_name(control: int, reason: Reason) -> None:
    apdu = bytearray(PLAIN.apdu)
    apdu[HEAD + 1] = control
    assert reason_of(bytes(apdu)) is reason
    with pytest.raises(CipheringError) as refused:
        cipher(b"\x0f", KEYS, TITLE, 1, control)
    assert refused.value.reason is reason


@pytest.mark.parametrize(
    "lengths",
    [("08", "33"), ("8108", "33"), ("820008", "33"), ("08", "8133"), ("08", "820033"), ("820008", "820033")],
)
def test_lengths_need_not_be_minimal(lengths: tuple[str, str]) -> None:
    title, content = map(bytes.fromhex, lengths)
    assert decipher(b"\xdb" + title + TITLE + content + content_of(PLAIN), KEYS) == PLAIN.text


@pytest.mark.parametrize("first", [0x80, 0x83, 0x84, 0xFF])
def test_a_length_of_no_or_many_octets_is_refused(first: int) -> None:
    assert reason_of(b"\xdb" + bytes((first,)) + b"\0\0\0\x08" + TITLE) is Reason.BAD_LENGTH
    assert reason_of(b"\xdb\x08" + TITLE + bytes((first,)) + b"\0\0\0\x33" + content_of(PLAIN)) is Reason.BAD_LENGTH


@pytest.mark.parametrize("size", [1, 7, 9, 12])
def test_a_title_has_eight_bytes_or_none(size: int) -> None:
    assert reason_of(b"\xdb" + bytes((size,)) + bytes(size) + PLAIN.apdu[HEAD:]) is Reason.BAD_TITLE


def test_without_a_title_somebody_has_to_tell_whose_it_is() -> None:
    nameless = BY_NAME["30-without-title"].apdu
    assert reason_of(nameless) is Reason.NO_TITLE
    assert reason_of(nameless, title=b"EPLother") is Reason.WRONG_TAG


def test_a_title_in_the_apdu_counts_before_one_that_is_told() -> None:
    assert decipher(PLAIN.apdu, KEYS, b"EPLother") == PLAIN.text


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.name)
def test_one_that_is_cut_anywhere_is_refused(vector: Vector) -> None:
    for size in range(len(vector.apdu)):
        assert reason_of(vector.apdu[:size], title=TITLE) in {Reason.CUT_SHORT, Reason.NOT_CIPHERED}


@pytest.mark.parametrize("size", range(17))
def test_one_without_room_for_a_tag_is_cut_short(size: int) -> None:
    assert reason_of(b"\xdb\x08" + TITLE + bytes((size,)) + content_of(PLAIN)[:size]) is Reason.CUT_SHORT


def test_bytes_behind_it_are_refused() -> None:
    assert reason_of(PLAIN.apdu + b"\0") is Reason.LEFT_OVER


@pytest.mark.parametrize("tag", [0x00, 0x0F, 0xC2, 0xC7, 0xD8, 0xDD, 0xDF, 0xE0])
def test_any_other_apdu_is_none(tag: int) -> None:
    assert reason_of(bytes((tag,)) + PLAIN.apdu[1:]) is Reason.NOT_CIPHERED
    assert reason_of(b"") is Reason.NOT_CIPHERED
    with pytest.raises(CipheringError):
        cipher(b"\x0f", KEYS, TITLE, 1, tag=tag)


@pytest.mark.parametrize("name", ["30-data-notification", "10-data-notification"])
def test_no_changed_bit_goes_unnoticed(name: str) -> None:
    apdu = BY_NAME[name].apdu
    for bit in range(8 * len(apdu)):
        changed = bytearray(apdu)
        changed[bit // 8] ^= 1 << bit % 8
        if changed[0] != 0xDC:  # the tag itself is not authenticated: general-ded is ciphered alike
            assert reason_of(bytes(changed), title=TITLE)


def test_both_keys_count() -> None:
    for keys in (Keys(bytes(16), KEYS.authentication), Keys(KEYS.unicast, bytes(16))):
        for vector in VECTORS:
            assert reason_of(vector.apdu, keys, TITLE) is Reason.WRONG_TAG


def test_a_mutated_one_is_read_or_refused_with_the_one_error() -> None:
    chance = random.Random(3)
    for _ in range(MUTATIONS):
        vector = chance.choice(VECTORS)
        apdu = bytearray(vector.apdu)
        for _ in range(chance.randint(1, 4)):
            where = chance.randrange(len(apdu) + 1)
            apdu[where : where + chance.randint(0, 3)] = chance.randbytes(chance.randint(0, 3))
        try:
            text = decipher(bytes(apdu), KEYS, TITLE)
        except CipheringError:
            continue
        assert text == vector.text  # then only its tag or a length has another form


@pytest.mark.parametrize("text", [b"", b"\x0f", bytes(2_000)])
@pytest.mark.parametrize("control", [AUTHENTICATED, AUTHENTICATED_AND_ENCRYPTED])
def test_any_text_comes_back(text: bytes, control: int) -> None:
    assert decipher(cipher(text, KEYS, TITLE, 7, control), KEYS) == text


@pytest.mark.parametrize(("title", "counter"), [(b"", 1), (bytes(7), 1), (bytes(9), 1), (TITLE, -1), (TITLE, 1 << 32)])
def test_a_nonce_that_cannot_be_is_refused(title: bytes, counter: int) -> None:
    with pytest.raises(FrameError):
        cipher(b"\x0f", KEYS, title, counter)


def test_a_refusal_says_which_system_title_it_was() -> None:
    for apdu in (PLAIN.apdu[:-1], PLAIN.apdu + b"\0", PLAIN.apdu[:-1] + bytes((PLAIN.apdu[-1] ^ 1,))):
        with pytest.raises(CipheringError) as refused:
            decipher(apdu, KEYS)
        assert refused.value.identity == "4D4D4D0000BC614E"


@pytest.mark.parametrize("size", [0, 15, 17, 32])
def test_a_key_has_sixteen_bytes(size: int) -> None:
    for keys in ((bytes(size), bytes(16)), (bytes(16), bytes(size))):
        with pytest.raises(FrameError):
            Keys(*keys)


def test_keys_show_nothing_of_themselves() -> None:
    shown = f"{KEYS!r} {KEYS} {[KEYS]}".lower()
    assert not any(part in shown for part in ("00010203", "d0d1", "\\x00\\x01", "\\xd0"))
