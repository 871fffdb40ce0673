"""What a message means (WIR-4)."""

import pytest

from smmeplus.dlms.errors import FrameError
from smmeplus.dlms.kinds import (
    Kind,
    KindKey,
    code_of_kind,
    keys_of,
    kind_by,
    kind_of_code,
    kind_of_object,
    kind_of_push,
    meaning_of_push,
    object_of_kind,
    push_of_kind,
)

ONE = bytes.fromhex("0001190900ff")
FOUR = bytes.fromhex("0004190900ff")
EVENT_KINDS = [Kind.KEEPALIVE, Kind.LASTGASP, Kind.OTHER]


@pytest.mark.parametrize(
    ("logical_name", "alarms", "kind"),
    [
        ("0000190900ff", None, Kind.BOOT),
        ("0001190900ff", None, Kind.KEEPALIVE),
        ("0002190900ff", None, Kind.KEEPALIVE),
        ("0003190900ff", None, Kind.KEEPALIVE),
        ("0005190900ff", None, Kind.OTHER),
        ("0001190901ff", None, Kind.OTHER),
        ("0101190900ff", None, Kind.OTHER),
        ("0004190900ff", None, Kind.OTHER),
        ("0004190900ff", 0b000, Kind.OTHER),
        ("0004190900ff", 0b001, Kind.LASTGASP),
        ("0004190900ff", 0b010, Kind.BOOT),
        ("0004190900ff", 0b011, Kind.LASTGASP),
        ("0004190900ff", 0b100, Kind.OTHER),
        ("0004190900ff", 0x8000_0002, Kind.BOOT),
        ("0001190900ff", 0b001, Kind.KEEPALIVE),
        ("", 0b001, Kind.OTHER),
    ],
)
def test_a_push_means_what_its_logical_name_and_alarm_bits_say(
    logical_name: str, alarms: int | None, kind: Kind
) -> None:
    assert kind_of_push(bytes.fromhex(logical_name), () if alarms is None else (alarms,)) is kind


def test_the_default_asks_the_first_alarm_word_alone() -> None:
    assert kind_of_push(bytes.fromhex("0004190900ff"), (0, 1)) is Kind.OTHER
    assert kind_of_push(bytes.fromhex("0004190900ff"), (2, 1)) is Kind.BOOT


@pytest.mark.parametrize(
    ("name", "code", "kind"),
    [
        ("", 1, Kind.LASTGASP),
        ("", 12, Kind.OTHER),
        ("", None, Kind.OTHER),
        ("0001190900ff", 1, Kind.KEEPALIVE),
        ("0009190900ff", 1, Kind.OTHER),
    ],
)
def test_without_a_name_the_event_code_says_the_kind(name: str, code: int | None, kind: Kind) -> None:
    assert meaning_of_push(bytes.fromhex(name), code, ()) == (kind, KindKey(bytes.fromhex(name), code))


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (0, Kind.KEEPALIVE),
        (1, Kind.LASTGASP),
        (2, Kind.BOOT),
        (3, Kind.OTHER),
        (98, Kind.OTHER),
        (99, Kind.LASTGASP),
        (100, Kind.OTHER),
        (65535, Kind.OTHER),
    ],
)
def test_an_event_code_means_what_the_table_says(code: int, kind: Kind) -> None:
    assert kind_of_code(code) is kind


@pytest.mark.parametrize(
    ("class_id", "obis", "kind"),
    [
        (1, "0000600100ff", Kind.KEEPALIVE),
        (1, "0000600109ff", Kind.KEEPALIVE),
        (1, "00006001ffff", Kind.KEEPALIVE),
        (3, "0000600100ff", Kind.OTHER),
        (1, "000060010000", Kind.OTHER),
        (1, "0000600200ff", Kind.OTHER),
        (1, "0100600100ff", Kind.OTHER),
        (1, "808080808000", Kind.LASTGASP),
        (40, "808080808000", Kind.LASTGASP),
        (1, "8080808080ff", Kind.OTHER),
    ],
)
def test_an_event_means_what_its_object_says(class_id: int, obis: str, kind: Kind) -> None:
    assert kind_of_object(class_id, bytes.fromhex(obis)) is kind


@pytest.mark.parametrize("kind", Kind)
def test_what_senders_use_for_a_kind_is_read_as_that_kind(kind: Kind) -> None:
    assert kind_of_push(*push_of_kind(kind)) is kind
    assert kind_of_code(code_of_kind(kind)) is kind


@pytest.mark.parametrize("kind", EVENT_KINDS)
def test_the_object_that_senders_use_for_a_kind_is_read_as_that_kind(kind: Kind) -> None:
    assert kind_of_object(*object_of_kind(kind)) is kind


def test_an_event_notification_cannot_say_boot() -> None:
    with pytest.raises(FrameError, match="cannot say boot"):
        object_of_kind(Kind.BOOT)


@pytest.mark.parametrize(
    ("key", "keys"),
    [
        (KindKey(code=99), ("code 99", "no push")),
        (KindKey(code=-1, words=(4,)), ("word 1 bit 2", "code -1", "no push")),
        (KindKey(), ("no push",)),
        (KindKey(ONE), ("push 0-1:25.9.0.255",)),
        (KindKey(ONE, 7), ("push 0-1:25.9.0.255 code 7", "push 0-1:25.9.0.255")),
        (
            KindKey(FOUR, words=(0b101, 1 << 255)),
            (
                "push 0-4:25.9.0.255 word 1 bit 0",
                "push 0-4:25.9.0.255 word 1 bit 2",
                "push 0-4:25.9.0.255 word 2 bit 255",
                "push 0-4:25.9.0.255",
            ),
        ),
        (KindKey(code=0, event_object=(1, bytes.fromhex("808080808000"))), ("object 1 128-128:128.128.128.0",)),
        (KindKey(FOUR, event_object=(40, FOUR)), ("object 40 0-4:25.9.0.255", "push 0-4:25.9.0.255")),
    ],
)
def test_a_table_of_kinds_may_have_a_key_in_these_forms(key: KindKey, keys: tuple[str, ...]) -> None:
    assert keys_of(key) == keys


def test_the_first_form_of_a_key_that_the_table_has_decides_and_else_the_default() -> None:
    alarms = KindKey(FOUR, words=(0b110,))
    table = {"push 0-4:25.9.0.255 word 1 bit 2": Kind.LASTGASP, "push 0-4:25.9.0.255": Kind.KEEPALIVE}
    assert kind_by(table, alarms, Kind.OTHER) is Kind.LASTGASP
    assert kind_by({"push 0-4:25.9.0.255": Kind.KEEPALIVE}, alarms, Kind.OTHER) is Kind.KEEPALIVE
    assert kind_by(table, KindKey(code=2), Kind.BOOT) is Kind.BOOT
