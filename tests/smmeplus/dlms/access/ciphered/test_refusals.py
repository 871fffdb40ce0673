"""Answers in clear, of another service, and refusals in a ciphered association (CFG-2, SEC-3)."""

import pytest

from smmeplus.dlms.access.coding import ciphered as c
from smmeplus.dlms.access.coding.association import encode_refusal
from smmeplus.dlms.access.coding.refusals import encode_confirmed_service_error
from smmeplus.dlms.access.errors import AssociationRefusedError, ConfirmedServiceError, PlainAnswerError
from smmeplus.dlms.ciphering.apdus import cipher
from smmeplus.dlms.ciphering.suite import AUTHENTICATED
from smmeplus.dlms.errors import FrameError
from tests.smmeplus.dlms.access.ciphered.parties import (
    DEVICES,
    DEVICES_CHALLENGE,
    KEYS,
    PROOF,
    READ,
    changed,
    client,
    device,
    reading,
)
from tests.smmeplus.dlms.access.device import replies, talk


@pytest.mark.parametrize("plain", ["c401c100120064", "c501c100", "c701c1000100090100", "0800065f1f0400001a1808000007"])
def test_an_answer_in_clear_is_refused(plain: str) -> None:
    for number in (PROOF, READ):
        with pytest.raises(PlainAnswerError, match=f"begins with {plain[:2].upper()} is not ciphered"):
            talk(reading(client()), changed(device(), number, lambda _: bytes.fromhex(plain)))


def test_an_answer_that_is_authenticated_and_not_encrypted_is_in_clear() -> None:
    read = cipher(bytes.fromhex("c401c200120064"), KEYS, DEVICES, 5_000, AUTHENTICATED, tag=0xCC)
    with pytest.raises(PlainAnswerError, match="authenticated and not encrypted"):
        talk(reading(client()), changed(device(), READ, lambda _: read))


def test_an_association_that_is_accepted_in_clear_is_refused() -> None:
    plain = "6129a109060760857405080101a203020100a305a103020100be10040e0800065f1f0400001a1808000007"
    with pytest.raises(PlainAnswerError, match="without ciphering"):
        talk(client().associate(), replies(plain))
    aare = c.encode_ciphered_aare(DEVICES, DEVICES_CHALLENGE, bytes.fromhex("0800065f1f0400001a1808000007"))
    with pytest.raises(PlainAnswerError, match="begins with 08"):
        talk(client().associate(), replies(aare.hex()))


def test_what_is_ciphered_as_another_service_is_refused() -> None:
    read = cipher(bytes.fromhex("c501c200"), KEYS, DEVICES, 5_000, tag=0xCC)
    with pytest.raises(FrameError, match="CC holds another one: C5"):
        talk(reading(client()), changed(device(), READ, lambda _: read))
    empty = cipher(b"", KEYS, DEVICES, 5_000, tag=0xCC)
    with pytest.raises(FrameError, match="holds another one"):
        talk(reading(client()), changed(device(), READ, lambda _: empty))


def test_refusals_are_told_ciphered_or_not() -> None:
    error = encode_confirmed_service_error(1, 0, 6)
    told = cipher(error, KEYS, DEVICES, 5_000, tag=0x2E)
    for information in (error, told):
        with pytest.raises(AssociationRefusedError, match=r"application-reference: deciphering-error \(0, 6\)"):
            talk(client().associate(), replies(encode_refusal(1, 1, error=information).hex()))
        with pytest.raises(ConfirmedServiceError, match="deciphering-error"):
            talk(reading(client()), changed(device(), READ, lambda _, said=information: said))  # type: ignore[misc]
    for more in ("be00", "be0404022e00", "be020400"):
        refused = bytes.fromhex("a203020101" + "a305a10302010d" + more)
        with pytest.raises(AssociationRefusedError, match=r"authentication-failure \(13\)$"):
            talk(client().associate(), replies((bytes((0x61, len(refused))) + refused).hex()))
