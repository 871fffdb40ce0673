"""Frames in words: whatever the bytes say, up to the first that is wrong (LIS-6)."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smmeplus.dlms import data as d
from smmeplus.dlms.errors import FrameError
from smmeplus.dlms.explaining.frames import explain
from smmeplus.dlms.explaining.notes import MAX_LINES, REFUSED, REST, Line
from smmeplus.dlms.framing.wrapper import wrap
from smmeplus.dlms.notification import encode_data_notification
from tests.smmeplus.dlms.vectors import BY_NAME, GOOD, VECTORS, Vector
from wakeup.formats import read_frame

UNKNOWN_APDU = (
    "an APDU that begins with E1; known are DataNotification (0F), EventNotification (C2), login (0A) and heartbeat "
    "(0C, DD)"
)
NO_DEVICE_ID = "the frame has no device id"
each_good_vector = pytest.mark.parametrize("vector", GOOD, ids=lambda vector: vector.name)


def written(lines: list[Line]) -> list[str]:
    return [f"{'  ' * line.depth}{line.name}: {line.value}" for line in lines]


def value_of(name: str, frame: bytes) -> str | None:
    """The value of the last line called ``name``."""
    return next((line.value for line in reversed(explain(frame)) if line.name == name), None)


def pushed(*elements: d.Data) -> bytes:
    """A DataNotification whose body is a structure of ``elements``."""
    return wrap(1, 1, encode_data_notification(1, (d.STRUCTURE, list(elements)), confirmed=False, moment=None))


def with_apdu(apdu: str) -> bytes:
    return wrap(1, 1, bytes.fromhex(apdu))


def wrapper(destination: int, length: int) -> list[str]:
    ports = ["  source wPort: 1", f"  destination wPort: {destination}"]
    return ["wrapper: IEC 62056-47", "  version: 1", *ports, f"  length of the APDU: {length}"]


def test_a_push_is_shown_field_by_field() -> None:
    assert written(explain(BY_NAME["DN-P-lastgasp"].frame)) == [
        *wrapper(102, 51),
        "APDU: DataNotification (0F)",
        "  invoke id: 3",
        "  confirmed: no",
        "  priority: normal",
        "  date-time: Saturday 14 March 2026, 08:15:00, UTC+01:00, winter time",
        "  structure: 3 elements",
        '    octet-string: "EPL1000400000042"',
        "    octet-string: 0-4:25.9.0.255 (push setup, by alarm bits)",
        "    double-long-unsigned: 1",
        "layout: P (push setup)",
        "  name of the push: 0-4:25.9.0.255",
        "  alarm word 1: bit 0 (last gasp)",
        "message: lastgasp",
        "  device id: EPL1000400000042",
    ]


def test_a_concentrators_notification_is_shown_field_by_field() -> None:
    assert written(explain(BY_NAME["DN-C-boot"].frame)) == [
        *wrapper(1, 73),
        "APDU: DataNotification (0F)",
        "  invoke id: 4",
        "  confirmed: no",
        "  priority: normal",
        "  date-time: Saturday 14 March 2026, 08:15:00, UTC+01:00, winter time",
        "  structure: 3 elements",
        '    octet-string: "EPL1000400000042"',
        "    long-unsigned: 1",
        "    structure: 4 elements",
        "      octet-string: Saturday 14 March 2026, 08:15:00, UTC+01:00, winter time",
        "      long-unsigned: 2",
        "      long-unsigned: 0",
        '      octet-string: "Power up"',
        "layout: C (concentrator)",
        "  event code: 2 (boot)",
        "message: boot",
        "  device id: EPL1000400000042",
    ]


def test_an_event_notification_is_shown_field_by_field() -> None:
    assert written(explain(BY_NAME["EN-keepalive"].frame)) == [
        *wrapper(102, 42),
        "APDU: EventNotification (C2)",
        "  date-time: Saturday 14 March 2026, 08:15:00, UTC+01:00, winter time",
        "  class id: 1",
        "  object: 0-0:96.1.0.255 (keepalive)",
        "  attribute: 2",
        '  octet-string: "EPL1000400000042"',
        "message: keepalive",
        "  device id: EPL1000400000042",
    ]


def test_a_text_telegram_is_shown_line_by_line() -> None:
    assert written(explain(BY_NAME["TXT-keepalive"].frame)) == [
        "text telegram: in the manner of IEC 62056-21",
        '  identification: "/EPL5WUP\\1.0"',
        '  line: ""',
        '  device id: "0-0:96.1.0(EPL1000400000042)"',
        '  local time: "0-0:1.0.0(260314081500W)"',
        '  event code: "0-0:96.11.0(000)"',
        '  checksum: "5C98\\r\\n", which fits',
        "message: keepalive",
        "  device id: EPL1000400000042",
        "  event code: 0 (keepalive)",
        "  date-time: Saturday 14 March 2026, 08:15:00, local time, winter time",
    ]


@each_good_vector
def test_a_good_vector_is_shown_to_its_last_byte_with_kind_and_serial(vector: Vector) -> None:
    assert vector.kind is not None
    assert (value_of("message", vector.frame), value_of("device id", vector.frame)) == (vector.kind.word, vector.serial)
    assert (value_of(REFUSED, vector.frame), value_of(REST, vector.frame)) == (None, None)


@pytest.mark.parametrize(
    ("invoke", "said"),
    [
        ("80ffffff", ("high", "no", "16777215")),
        ("40000000", ("normal", "yes, the sender waits for an answer", "0")),
        ("3f000009", ("normal", "no", "9")),
    ],
)
def test_priority_confirmation_and_invoke_id_are_told_apart(invoke: str, said: tuple[str, str, str]) -> None:
    frame = with_apdu(f"0f{invoke}000200")
    assert tuple(value_of(name, frame) for name in ("priority", "confirmed", "invoke id")) == said


@pytest.mark.parametrize(
    ("code", "word"), [(0, "keepalive"), (1, "lastgasp"), (2, "boot"), (99, "lastgasp"), (7, "other")]
)
def test_an_event_code_is_named(code: int, word: str) -> None:
    event: d.Data = (d.STRUCTURE, [(d.NULL, None), (d.LONG_UNSIGNED, code), (d.NULL, None), (d.NULL, None)])
    frame = pushed((d.OCTET_STRING, b"A1"), (d.LONG_UNSIGNED, 1), event)
    assert (value_of("event code", frame), value_of("message", frame)) == (f"{code} ({word})", word)


def test_the_same_code_of_another_class_is_another_object() -> None:
    assert value_of("object", with_apdu("c20000040000600100ff020a024131")) == "0-0:96.1.0.255 (other)"


@pytest.mark.parametrize(
    ("frame", "refusal", "rest"),
    [
        (b"", "there are no bytes", None),
        (b"\xffAB", "no format begins with FF", "ff 41 42"),
        (b"\x00", "the frame is not complete", "00"),
        (bytes.fromhex("0002ff"), "the wrapper's version is 0002, not 0001", "ff"),
        (bytes.fromhex("000100010001000041"), "an empty wrapper, the keep-alive of some stacks", "41"),
        (with_apdu("e141"), UNKNOWN_APDU, "41"),
        (with_apdu("db41"), "ciphered (general-glo-ciphering), no system title in it, no key for it here", "41"),
        (with_apdu("0a010241"), "the login is cut short", "41"),
        (with_apdu("0f0000"), "the DataNotification is cut short", "00 00"),
        (with_apdu("c20000000001"), "the EventNotification is cut short", "00 00 00 01"),
        (with_apdu("0f0000000100020241"), "data of type 65 are not known", "41"),
        (with_apdu("0f000000010005"), "the data are cut short", "05"),
        (with_apdu("0f000000010b0000"), "the DataNotification is cut short", "0b 00 00"),
        (with_apdu("0f0000000100" + "0101" * 9 + "00"), "data are nested deeper than 8 levels", "01 01 00"),
        (with_apdu("0f00000001000285ff"), "a length of 5 octets is not allowed", "02 85 ff"),
        (with_apdu("0f00000001000280"), "a length of 0 octets is not allowed", "02 80"),
        (with_apdu("0f00000001000100"), NO_DEVICE_ID, None),
        (with_apdu("0f000000010002020000"), NO_DEVICE_ID, None),
        (with_apdu("c2010b00"), "the EventNotification is cut short", "01 0b 00"),
    ],
)
def test_a_refused_frame_is_shown_up_to_what_is_wrong(frame: bytes, refusal: str, rest: str | None) -> None:
    assert (value_of(REFUSED, frame), value_of(REST, frame)) == (refusal, rest)


def test_what_came_before_the_wrong_thing_is_shown() -> None:
    header, apdu = BY_NAME["DN-P-cerco1"].frame[:6], BY_NAME["DN-P-cerco1"].frame[8:15]  # up to the structure's tag
    assert written(explain(header + len(apdu).to_bytes(2, "big") + apdu))[5:] == [
        "APDU: DataNotification (0F)",
        "  invoke id: 1",
        "  confirmed: yes, the sender waits for an answer",
        "  priority: normal",
        "  date-time: none",
        "refused: the data are cut short",
        "not read: 02",
    ]


@each_good_vector
def test_a_frame_cut_at_any_byte_shows_a_beginning_of_what_the_whole_one_shows(vector: Vector) -> None:
    whole = explain(vector.frame)
    for cut in range(2, len(vector.frame)):
        *shown, refused = [line for line in explain(vector.frame[:cut]) if line.name != REST]
        assert refused == Line(0, REFUSED, "the frame is not complete")
        if vector.frame.startswith(b"\0"):  # a line of text is shown even if it is cut
            assert shown == whole[: len(shown)]


@each_good_vector
def test_bytes_behind_a_whole_frame_do_not_make_it_wrong(vector: Vector) -> None:
    assert explain(vector.frame + b"\x00\xff") == [*explain(vector.frame), Line(0, REST, "00 ff")]


def test_a_wrong_checksum_is_shown_beside_the_right_one() -> None:
    frame = BY_NAME["TXT-keepalive"].frame
    for wrong in (frame.replace(b"!5C98", b"!5c98"), frame.replace(b"!5C98\r\n", b"!5C98\n\n")):
        checksum = value_of("checksum", wrong)
        assert checksum is not None
        assert checksum.endswith(', but "5C98\\r\\n" is due')
        assert value_of(REFUSED, wrong) == "the telegram's checksum is wrong"


def test_a_telegram_without_an_end_is_shown_as_far_as_one_may_reach() -> None:
    lines = explain(b"/X\r\n\r\n" + b"0-0:1.8.0(1)\r\n" * 72 + b"xxxx!0000\r\n")
    assert [line.name for line in lines] == ["text telegram", "identification", *["line"] * 74, REFUSED, REST]
    assert lines[-2].value == "the telegram is longer than 1024 bytes"


def test_too_many_lines_are_counted_instead_of_shown_but_what_they_mean_is_said() -> None:
    lines = explain(pushed((d.OCTET_STRING, b"A1"), (d.ARRAY, [(d.NULL, None)] * 1000)))
    assert len([line for line in lines if line.name == "null-data"]) == MAX_LINES - 13
    assert written(lines)[-4:] == [
        "layout: P (push setup)",
        "message: other",
        "  device id: A1",
        "left out: 763 more lines",
    ]


@pytest.mark.parametrize("body", ["0284ffffffff", "0184ffffffff" + "00" * 500, "0201" * 900, "0984ffffffff41"])
def test_lengths_that_are_merely_claimed_cost_nothing(body: str) -> None:
    names = [line.name for line in explain(with_apdu("0f0000000100" + body))]
    assert REFUSED in names[: MAX_LINES + 10]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.name)
def test_a_frame_is_shown_as_refused_when_the_listener_refuses_it_and_for_the_same_reason(vector: Vector) -> None:
    randomness = random.Random(vector.name)
    for _ in range(1000):
        assert_agrees_with_the_listener(_mutated(vector.frame, randomness))


def _mutated(frame: bytes, randomness: random.Random) -> bytes:
    changed = bytearray(frame)
    for _ in range(randomness.randint(1, 3)):
        at = randomness.randrange(len(changed))
        changed[at : at + randomness.randint(0, 2)] = randomness.choice([b"", b"\x00", b"\x02", b"\xff", b"\x82", b"!"])
    return bytes(changed)


def assert_agrees_with_the_listener(frame: bytes) -> None:
    refusal = value_of(REFUSED, frame)
    try:
        read = read_frame(frame)
    except FrameError as error:
        reason = str(error)
    else:
        reason = "" if read else "the frame is not complete" if frame else "there are no bytes"
        said = (value_of("message", frame), value_of("device id", frame))
        assert not read or said == (read[0].kind.word, read[0].serial)
    assert bool(refusal) == bool(reason)
    assert reason.startswith(refusal or "")


ANY_BYTES = (
    st.binary(max_size=4096)
    | st.binary(min_size=1, max_size=2048).map(lambda apdu: wrap(1, 1, apdu))
    | st.binary(max_size=300).map(lambda rest: wrap(1, 1, b"\x0f\x40\x00\x00\x09\x00\x02" + rest))
    | st.binary(max_size=300).map(lambda rest: wrap(1, 1, b"\xc2" + rest))
    | st.text("/0123456789-:.()AW!\r\n\x00é", max_size=1500).map(lambda text: b"/" + text.encode())
)


@settings(derandomize=True)
@given(ANY_BYTES)
def test_any_bytes_are_explained_in_a_bounded_tree(frame: bytes) -> None:
    lines = explain(frame)
    assert 0 < len(lines) <= MAX_LINES + 10
    assert lines[0].depth == 0
    assert all(after.depth <= before.depth + 1 for before, after in pairwise(lines))
    assert all(len(line.value) < 1000 and line.value.isprintable() for line in lines)
    assert_agrees_with_the_listener(frame)
