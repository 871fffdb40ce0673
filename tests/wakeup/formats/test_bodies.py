"""A body is read as far as it helps (WIR-2)."""

import pytest

from smmeplus.dlms.data import ARRAY, LONG_UNSIGNED, NULL, OCTET_STRING, STRUCTURE, UNSIGNED, VISIBLE_STRING, Data
from smmeplus.dlms.framing.wrapper import wrap
from smmeplus.dlms.kinds import Kind
from smmeplus.dlms.notification import encode_data_notification
from tests.wakeup.formats.test_formats import (
    ALARM,
    AT_0715,
    AT_0715_UTC,
    EVENT,
    KEEPALIVE,
    SERIAL,
    data_notification,
    moment_of,
    push,
    refusal,
)
from tests.wakeup.formats.whole import read_whole


@pytest.mark.parametrize("count", [1, 2, 9, 200])
def test_a_push_has_any_number_of_elements(count: int) -> None:
    assert read_whole(push(*[SERIAL] * count))[:2] == ("A1", Kind.OTHER)
    assert "no device id" in str(refusal(push(*[KEEPALIVE] * count)))
    assert "no device id" in str(refusal(push()))


def test_what_is_not_known_is_ignored() -> None:
    others: list[Data] = [(NULL, None), (UNSIGNED, 7), (STRUCTURE, [(OCTET_STRING, b"B2")]), (ARRAY, [])]
    notice = read_whole(push(*others, KEEPALIVE, (VISIBLE_STRING, b"?"), AT_0715, SERIAL))
    assert (notice.serial, notice.kind, moment_of(notice)) == ("A1", Kind.KEEPALIVE, AT_0715_UTC)


@pytest.mark.parametrize(
    "body",
    [
        (ARRAY, [SERIAL, KEEPALIVE]),
        (ARRAY, [(STRUCTURE, [SERIAL, KEEPALIVE])]),
        (ARRAY, [(STRUCTURE, [SERIAL, KEEPALIVE]), (STRUCTURE, [(OCTET_STRING, b"B2"), ALARM])]),
        (STRUCTURE, [(ARRAY, [SERIAL, KEEPALIVE])]),
        (STRUCTURE, [(STRUCTURE, [(STRUCTURE, [SERIAL, KEEPALIVE])])]),
    ],
)
def test_a_body_may_be_an_array_or_have_something_around_it(body: Data) -> None:
    assert read_whole(data_notification(body))[:2] == ("A1", Kind.KEEPALIVE)


def test_bytes_behind_a_whole_message_are_ignored_and_behind_less_it_was_cut() -> None:
    def with_rest(*elements: Data) -> bytes:
        apdu = encode_data_notification(5, (STRUCTURE, list(elements)), confirmed=False, moment=None)
        return wrap(1, 1, apdu + b"\x00\x01")

    assert read_whole(with_rest(SERIAL, KEEPALIVE))[:2] == ("A1", Kind.KEEPALIVE)
    assert read_whole(with_rest(SERIAL, (LONG_UNSIGNED, 1), EVENT))[:2] == ("A1", Kind.BOOT)
    assert "2 bytes are left over" in str(refusal(with_rest(SERIAL, (NULL, None))))


def test_a_body_may_be_a_device_id_alone() -> None:
    assert read_whole(data_notification(SERIAL))[:2] == ("A1", Kind.OTHER)
    assert "no device id" in str(refusal(data_notification((NULL, None))))
