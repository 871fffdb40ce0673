"""An association by GMAC with ciphered APDUs: what each side has to prove, and what is refused (CFG-2, SEC-3)."""

from dataclasses import replace
from itertools import count

import pytest

from smmeplus.dlms import data as d
from smmeplus.dlms.access.ciphered_client import CipheredClient
from smmeplus.dlms.access.ciphered_server import CipheredServer
from smmeplus.dlms.access.client import Client
from smmeplus.dlms.access.coding import ciphered as c
from smmeplus.dlms.access.coding.actions import ProofResponse, encode_proof, encode_proof_response
from smmeplus.dlms.access.coding.initiate import WHAT_WE_USE, InitiateResponse, encode_initiate_response
from smmeplus.dlms.access.errors import (
    AssociationRefusedError,
    CounterRefusedError,
    ExceptionResponseError,
    NotProvenError,
    OtherTitleError,
    ProofRefusedError,
    RequestTooLongError,
    UsedUpError,
)
from smmeplus.dlms.access.protection import OVERHEAD, Protection, Security
from smmeplus.dlms.access.server import Server
from smmeplus.dlms.ciphering.apdus import cipher, parse
from smmeplus.dlms.ciphering.challenges import answer_to
from smmeplus.dlms.ciphering.errors import CipheringError, Reason
from smmeplus.dlms.ciphering.keys import Keys
from smmeplus.dlms.errors import FrameError
from smmeplus.dlms.framing.wrapper import HEADER_SIZE
from tests.smmeplus.dlms.access.ciphered.parties import (
    AARE,
    CHALLENGE,
    DEVICES,
    DEVICES_CHALLENGE,
    FOUND,
    KEYS,
    OTHER_AUTHENTICATION,
    OTHER_KEYS,
    OURS,
    PROOF,
    READ,
    all_steps,
    changed,
    client,
    device,
    reading,
    recorded,
    security_of_client,
    security_of_device,
)
from tests.smmeplus.dlms.access.device import PERIOD, items, replies, talk

CIPHERED_TAGS = {0xC8, 0xC9, 0xCB, 0xCC, 0xCD, 0xCF}


@pytest.mark.parametrize("max_pdu", [2_048, 100])
@pytest.mark.parametrize("takes", [2_048, 90, 0])
def test_whatever_a_client_does_is_ciphered(max_pdu: int, takes: int) -> None:
    server = device(max_pdu=takes)
    found, sent, answered = recorded(all_steps(client(max_pdu=max_pdu)), server)
    assert found == FOUND
    apdus = [frame[HEADER_SIZE:] for frame in sent + answered]
    assert {apdu[0] for apdu in apdus} == {0x60, 0x61, 0x62, 0x63} | CIPHERED_TAGS
    # What begins and ends an association is no APDU of its services.
    assert max(len(apdu) for apdu in apdus[len(sent) :] if apdu[0] in CIPHERED_TAGS) <= max_pdu
    assert max(len(apdu) for apdu in apdus[: len(sent)] if apdu[0] in CIPHERED_TAGS) <= (takes or 2_048)
    plain = b"\x00\x00\x5e\x27\x3a\xff"  # the name of the period
    assert not [apdu for apdu in apdus if plain in apdu]


def test_no_counter_is_used_twice_and_each_is_higher_than_the_one_before() -> None:
    _found, sent, answered = recorded(all_steps(client()), device())
    for frames, first in ((sent, 1), (answered, 1_000)):
        apdus = [frame[HEADER_SIZE:] for frame in frames]
        counters = [parse(apdu).counter for apdu in apdus if apdu[0] in CIPHERED_TAGS]
        # The InitiateRequest or -Response has the first one, the proof one of its own.
        assert counters == list(range(counters[0], counters[0] + len(counters)))
        assert counters[0] == first + 2


def test_a_device_for_ciphered_associations_alone_refuses_all_others() -> None:
    server = device()
    for one in (Client(), Client(b"S3cr3t-9")):
        with pytest.raises(AssociationRefusedError, match="application-context-name-not-supported"):
            talk(one.associate(), server.receive)
    talk(reading(client()), server.receive)
    with pytest.raises(AssociationRefusedError):  # and ends the one that was there
        talk(Client().associate(), server.receive)
    with pytest.raises(ExceptionResponseError):
        talk(Client().read(PERIOD), server.receive)


def test_a_device_with_keys_may_let_others_in_as_before() -> None:
    server = replace_server(ciphered_only=False, password=b"S3cr3t-9")
    assert talk(reading(Client(b"S3cr3t-9")), server.receive) == (d.LONG_UNSIGNED, 100)
    with pytest.raises(AssociationRefusedError, match="required"):
        talk(Client().associate(), server.receive)
    assert talk(reading(client()), server.receive) == (d.LONG_UNSIGNED, 100)


def replace_server(**options: object) -> Server:
    return CipheredServer(items(), security=security_of_device(), **options)  # type: ignore[arg-type]


def test_a_device_without_keys_refuses_ciphering() -> None:
    for server in (Server(items()), CipheredServer(items())):
        with pytest.raises(FrameError):
            talk(reading(client()), server.receive)


@pytest.mark.parametrize("keys", [OTHER_KEYS, OTHER_AUTHENTICATION])
def test_who_has_other_keys_is_not_let_in(keys: Keys) -> None:
    with pytest.raises(AssociationRefusedError, match=r"authentication-failure \(13\)"):
        talk(reading(client(security_of_client(keys))), device().receive)


@pytest.mark.parametrize("keys", [OTHER_KEYS, OTHER_AUTHENTICATION])
def test_an_answer_by_other_keys_is_not_taken(keys: Keys) -> None:
    impostor = Protection(Security(keys, DEVICES, OURS, count(1)))
    information = impostor.protected(encode_initiate_response(InitiateResponse(WHAT_WE_USE, 2_048)))
    aare = c.encode_ciphered_aare(DEVICES, DEVICES_CHALLENGE, information)
    with pytest.raises(CipheringError) as refused:
        talk(client().associate(), replies(aare.hex()))
    assert refused.value.reason is Reason.WRONG_TAG


def test_another_system_title_is_another_device_whatever_else_it_says() -> None:
    with pytest.raises(OtherTitleError, match=r"^45504C3939393939$"):
        talk(client().associate(), device(security_of_device(title=b"EPL99999")).receive)


def test_a_device_need_not_say_its_title_if_it_proves_it() -> None:
    def without_title(apdu: bytes) -> bytes:
        assert apdu.count(b"\xa4\x0a\x04\x08" + DEVICES) == 1
        shorter = apdu.replace(b"\xa4\x0a\x04\x08" + DEVICES, b"")
        return bytes((shorter[0], shorter[1] - 12)) + shorter[2:]

    assert talk(reading(client()), changed(device(), AARE, without_title)) == (d.LONG_UNSIGNED, 100)


@pytest.mark.parametrize(
    ("challenge", "error"),
    [(b"", NotProvenError), (CHALLENGE, NotProvenError), (bytes(7), FrameError), (bytes(65), FrameError)],
)
def test_a_challenge_that_proves_nothing_ends_it(challenge: bytes, error: type[FrameError]) -> None:
    protection = Protection(Security(KEYS, DEVICES, OURS, count(1)))
    information = protection.protected(encode_initiate_response(InitiateResponse(WHAT_WE_USE, 2_048)))
    aare = c.encode_ciphered_aare(DEVICES, challenge, information)
    with pytest.raises(error, match="challenge"):
        talk(client().associate(), replies(aare.hex()))


@pytest.mark.parametrize("size", [8, 64])
def test_challenges_of_all_lengths_are_answered(size: int) -> None:
    server = device()
    server._challenge = bytes(size)
    assert talk(reading(CipheredClient(security_of_client(), challenge=b"\1" * size)), server.receive)


def test_a_client_that_is_given_the_title_of_its_device_asks_nothing() -> None:
    with pytest.raises(FrameError, match="would prove nothing"):
        next(client(security_of_client(title=DEVICES)).associate())


def test_the_device_refuses_its_own_title_and_one_of_another_length() -> None:
    for title in (DEVICES, b"", b"SHORT"):
        aarq = c.encode_ciphered_aarq(title, CHALLENGE, b"\x21\0")
        aare = c.decode_ciphered_aare(device().answer(aarq))
        assert (aare.verdict.result, aare.verdict.diagnostic) == (1, 3)


def wrong_proof(apdu: bytes) -> bytes:
    """A proof for another challenge, and ciphered as it should be."""
    opened = Protection(Security(KEYS, OURS, DEVICES, count(1)))
    opened.opened(apdu)
    proof = answer_to(DEVICES_CHALLENGE, KEYS, DEVICES, 5_000)
    response = encode_proof_response(0xC1, ProofResponse(0, proof))
    return cipher(response, KEYS, DEVICES, 5_001, tag=0xCF)


def test_a_device_that_does_not_prove_its_keys_is_not_asked_for_anything() -> None:
    server = device()
    with pytest.raises(NotProvenError, match="does not"):
        talk(reading(client()), changed(server, PROOF, wrong_proof))


def test_a_proof_of_an_earlier_time_is_not_taken() -> None:
    def repeated(_apdu: bytes) -> bytes:
        response = encode_proof_response(0xC1, ProofResponse(0, answer_to(CHALLENGE, KEYS, DEVICES, 999)))
        return cipher(response, KEYS, DEVICES, 5_001, tag=0xCF)

    with pytest.raises(NotProvenError, match="repeated: invocation counter 999"):
        talk(reading(client()), changed(device(), PROOF, repeated))


def test_a_proof_may_have_the_counter_of_the_apdu_that_it_comes_in() -> None:
    def of_one_counter(_apdu: bytes) -> bytes:
        response = encode_proof_response(0xC1, ProofResponse(0, answer_to(CHALLENGE, KEYS, DEVICES, 1_001)))
        return cipher(response, KEYS, DEVICES, 1_001, tag=0xCF)

    assert talk(reading(client()), changed(device(), PROOF, of_one_counter)) == (d.LONG_UNSIGNED, 100)


def test_a_device_that_does_not_take_our_proof_says_so() -> None:
    refused = encode_proof_response(0xC1, ProofResponse(3, b""))
    with pytest.raises(ProofRefusedError, match=r"reply to HLS authentication: read-write-denied \(3\)"):
        talk(reading(client()), changed(device(), PROOF, lambda _: cipher(refused, KEYS, DEVICES, 5_001, tag=0xCF)))


def test_the_device_refuses_a_wrong_proof_and_answers_nothing_before_a_right_one() -> None:
    server, protection = device(), Protection(security_of_client())
    steps = client(security_of_client(counters=count(1))).associate()
    server.answer(next(steps)[:])
    for request in (b"\xc0\x01\xc1" + bytes(10), b"\xc1\x01\xc1" + bytes(12)):
        protection._security = replace(protection._security, counters=count(100 + request[0]))
        assert server.answer(protection.protected(request)) == b"\xd8\x01\x01"
    protection._security = replace(protection._security, counters=count(500))
    answer = server.answer(protection.protected(encode_proof(1, protection.proof(CHALLENGE))))
    opened = Protection(Security(KEYS, OURS, DEVICES, count(1))).opened(answer)
    assert opened == encode_proof_response(0xC1, ProofResponse(250, b""))


@pytest.mark.parametrize("number", [AARE, PROOF, READ])
def test_no_answer_is_taken_twice(number: int) -> None:
    security = security_of_client()
    _found, _sent, answered = recorded(reading(client(security)), device())
    with pytest.raises(FrameError) as refused:
        talk(
            reading(client(replace(security, counters=count(100)))),
            changed(device(security_of_device(first=2_000)), number, lambda _: answered[number][HEADER_SIZE:]),
        )
    assert isinstance(refused.value, NotProvenError)
    assert "repeated" in str(refused.value)


def test_the_device_takes_no_request_twice_in_this_association_or_the_next() -> None:
    server = device()
    _found, sent, _answered = recorded(reading(client()), server)
    counter_error = "d8 01 06 00 00 00 05"
    assert server.answer(sent[READ][HEADER_SIZE:]) == bytes.fromhex(counter_error)
    with pytest.raises(AssociationRefusedError):
        talk(reading(client()), server.receive)
    assert talk(reading(client(security_of_client(counters=count(6)))), server.receive)


def test_the_counter_that_a_device_is_at_is_told() -> None:
    for number in (AARE, READ):
        with pytest.raises(CounterRefusedError, match=r"invocation-counter-error \(6\), it is at 70000$"):
            talk(reading(client()), changed(device(), number, lambda _: bytes.fromhex("d8010600011170")))


def test_when_the_counters_are_used_up_nothing_more_is_sent() -> None:
    with pytest.raises(UsedUpError):
        talk(reading(client(security_of_client(counters=range(1, 4)))), device().receive)
    with pytest.raises(FrameError):
        talk(reading(client(security_of_client(counters=[2**32]))), device().receive)


def test_a_device_that_takes_less_than_what_ciphering_adds_is_asked_for_nothing() -> None:
    with pytest.raises(RequestTooLongError):
        talk(reading(client()), device(max_pdu=OVERHEAD).receive)


def test_keys_are_never_shown() -> None:
    shown = repr([security_of_client(), client(), KEYS, Protection(security_of_client())])
    assert KEYS.unicast.hex() not in shown.lower().replace("\\x", "")
    assert repr(KEYS.unicast) not in shown
