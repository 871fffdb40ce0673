"""The writer meets concentrators with keys: by GMAC and ciphered, or not at all (CFG-2, CFG-3, SEC-3)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.utils import timezone

from concentrators.keys.passwords import set_password
from concentrators.models import Concentrator, Configuration, ConfigurationState, DeviceKeys, Failure
from concentrators.models.keys import LAST_COUNTER
from concentrators.procedures.configurations import try_again
from concentrators.simulator.behaviour import Profile
from concentrators.simulator.devices import Device
from smmeplus.dlms.access.coding import ciphered as coding
from smmeplus.dlms.access.coding.actions import ProofResponse, encode_proof_response
from smmeplus.dlms.access.coding.initiate import WHAT_WE_USE, InitiateResponse, encode_initiate_response
from smmeplus.dlms.access.protection import Protection, Security
from smmeplus.dlms.access.server import Server
from smmeplus.dlms.ciphering.apdus import cipher, parse
from smmeplus.dlms.ciphering.keys import Keys
from smmeplus.dlms.framing.wrapper import HEADER_SIZE, wrap
from tests.concentrators.configuration.ciphered.keyed import KEYS, OTHERS, ciphering_of, give_keys, title_of
from tests.concentrators.configuration.devices import (
    Fault,
    FaultyLine,
    configuration_of,
    device_of,
    installed,
    meet,
    obey,
    values_of,
)

pytestmark = pytest.mark.django_db(transaction=True)

TITLE = b"SMM\0\0\0\0\1"
#: A DataNotification that says nothing, in clear and as if it were ciphered.
PUSHES = wrap(1, 1, bytes.fromhex("0F00000001000200")) + wrap(1, 1, b"\xdb\x08" + TITLE + b"\x00")


def keyed(known: Keys = KEYS, **facts: Any) -> tuple[Concentrator, Device]:
    """A concentrator with keys, and the device that has them, too."""
    (one,) = installed()
    give_keys(one, known, **facts)
    return one, device_of(one, ciphering=ciphering_of(one))


def failure_of(one: Concentrator) -> tuple[str, str]:
    found = configuration_of(one)
    return found.failure, found.detail


def test_a_concentrator_with_keys_is_written_and_every_apdu_is_ciphered() -> None:
    one, device = keyed()
    requests: list[bytes] = []

    def recorded(line: FaultyLine, data: bytes) -> None:
        requests.append(data[HEADER_SIZE:])
        obey(line, data)

    meet({one: device}, recorded)
    assert configuration_of(one).state == ConfigurationState.WRITTEN
    assert device.profile == Profile(600.0)
    assert values_of(one)["period"] == ("10", "10", "10")
    assert {apdu[0] for apdu in requests} == {0x60, 0xCB, 0xC8, 0xC9, 0x62}
    counters = [parse(apdu).counter for apdu in requests if apdu[0] not in (0x60, 0x62)]
    assert counters == list(range(3, 3 + len(counters)))
    assert DeviceKeys.objects.get().own_counter > counters[-1]


def test_with_and_without_keys_are_written_side_by_side() -> None:
    ones = installed(3)
    give_keys(ones[1])
    devices = {one: device_of(one) for one in ones}
    devices[ones[1]] = device_of(ones[1], ciphering=ciphering_of(ones[1]))
    meet(devices)
    assert {configuration_of(one).state for one in ones} == {ConfigurationState.WRITTEN}


def test_it_is_read_back_and_written_again_with_other_counters_each_time() -> None:
    one, device = keyed()
    for _ in range(3):
        meet({one: device}, verify_after=timedelta(0))
        assert configuration_of(one).state == ConfigurationState.WRITTEN
        try_again(Configuration.objects.all(), timezone.now())


def test_the_password_of_a_concentrator_with_keys_is_not_sent() -> None:
    one, device = keyed()
    set_password(one, "S3cr3t-9")
    requests: list[bytes] = []

    def recorded(line: FaultyLine, data: bytes) -> None:
        requests.append(data)
        obey(line, data)

    meet({one: device}, recorded)
    assert configuration_of(one).state == ConfigurationState.WRITTEN
    assert b"S3cr3t-9" not in b"".join(requests)


def test_a_concentrator_for_keys_alone_refuses_who_has_none() -> None:
    (one,) = installed()
    meet({one: device_of(one, ciphering=ciphering_of(one))})
    failure, detail = failure_of(one)
    assert failure == Failure.REFUSED
    assert "application-context-name-not-supported (2)" in detail


def test_a_concentrator_that_has_other_keys_refuses() -> None:
    one, device = keyed(OTHERS)
    meet({one: device})
    failure, detail = failure_of(one)
    assert failure == Failure.REFUSED
    assert "authentication-failure (13)" in detail
    assert device.profile == Profile(None)


def test_what_answers_with_another_title_is_another_device_by_its_serial_if_that_is_known() -> None:
    one, device = keyed()
    other = give_keys(installed(profile=configuration_of(one).profile)[0], title="45504C0000FFFFFF")
    device.ciphering = ciphering_of(one, title=other.system_title)
    meet({one: device})
    assert failure_of(one) == (Failure.OTHER_DEVICE, "system title 45504C0000FFFFFF")
    assert configuration_of(one).other_serial == other.concentrator.serial_number
    assert device.profile == Profile(None)


def test_what_answers_with_an_unknown_title_is_called_by_it() -> None:
    one, device = keyed()
    device.ciphering = ciphering_of(one, title="45504C0000FFFFFF")
    meet({one: device})
    assert configuration_of(one).other_serial == "45504C0000FFFFFF"


def replied(*apdus: Callable[[Protection], bytes]) -> Fault:
    """A device that has the title, and answers the first requests so."""

    def fault(line: FaultyLine, _data: bytes) -> None:
        title = line.device.ciphering.security.title  # type: ignore[union-attr]
        security = Security(KEYS, title, TITLE, count(line.requests * 10))
        line.transport.write(wrap(1, 1, apdus[line.requests - 1](Protection(security))))

    return fault


def accepted(protection: Protection) -> bytes:
    initiated = protection.protected(encode_initiate_response(InitiateResponse(WHAT_WE_USE, 2_048)))
    return coding.encode_ciphered_aare(protection._security.title, bytes(range(16)), initiated)


def by_other_keys(protection: Protection) -> bytes:
    one = protection._security
    return accepted(Protection(Security(OTHERS, one.title, one.peer, one.counters)))


def proven_wrongly(protection: Protection) -> bytes:
    return protection.protected(encode_proof_response(0xC1, ProofResponse(0, protection.proof(b"another challenge"))))


def in_clear(_protection: Protection) -> bytes:
    return bytes.fromhex("c701c1000100090100")


def undecipherable(_protection: Protection) -> bytes:
    return bytes.fromhex("d80105")


def other_suite(protection: Protection) -> bytes:
    apdu = accepted(protection)
    return apdu.replace(b"\x28\x1f\x30", b"\x28\x1f\x31")


@pytest.mark.parametrize(
    ("replies", "failure", "detail"),
    [
        ([by_other_keys], Failure.WRONG_KEYS, "its authentication tag does not fit the keys"),
        ([undecipherable], Failure.WRONG_KEYS, "deciphering-error (5)"),
        ([accepted, undecipherable], Failure.WRONG_KEYS, "deciphering-error (5)"),
        ([accepted, proven_wrongly], Failure.NOT_PROVEN, "what is to prove its keys does not"),
        ([accepted, in_clear], Failure.IN_CLEAR, "begins with C7 is not ciphered"),
        ([other_suite], Failure.CONFUSED, "another security suite"),
    ],
)
def test_each_failure_has_its_words_and_nothing_is_written(
    replies: list[Callable[[Protection], bytes]], failure: Failure, detail: str
) -> None:
    one, device = keyed()
    (line,) = meet({one: device}, replied(*replies))
    found = configuration_of(one)
    assert (found.state, found.failure) == (ConfigurationState.FAILED, failure)
    assert detail in found.detail
    assert len(replies) == line.requests
    assert str(Failure(failure).label) in found.reason


def test_a_device_that_associates_without_ciphering_is_refused() -> None:
    one, device = keyed()
    plain = Server(device.memory)

    def without(line: FaultyLine, _data: bytes) -> None:
        aarq = bytes.fromhex("601da109060760857405080101be10040e01000000065f1f0400001a180800")
        line.transport.write(wrap(1, 1, plain.answer(aarq)))

    meet({one: device}, without)
    assert failure_of(one)[0] == Failure.IN_CLEAR
    assert device.profile == Profile(None)


def test_an_answer_that_was_sent_before_is_not_taken() -> None:
    one, device = keyed()
    kept: list[bytes] = []

    def again(line: FaultyLine, data: bytes) -> None:
        kept.append(line.reply(data))
        line.transport.write(kept[-2] if line.requests == 5 else kept[-1])

    meet({one: device}, again)
    failure, detail = failure_of(one)
    assert failure == Failure.NOT_PROVEN
    assert "has come already" in detail


def test_what_a_device_pushes_amid_the_conversation_goes_the_way_of_messages() -> None:
    one, device = keyed()
    heard: list[bytes] = []

    def pushing(line: FaultyLine, data: bytes) -> None:
        line.transport.write(PUSHES + line.reply(data))

    meet({one: device}, pushing, take_heard=lambda all_: heard.extend(frame for it in all_ for _at, frame in it.frames))
    assert configuration_of(one).state == ConfigurationState.WRITTEN
    assert {frame[HEADER_SIZE] for frame in heard} == {0x0F, 0xDB}


def test_a_message_that_is_ciphered_as_a_service_is_no_reply() -> None:
    one, device = keyed()
    title = bytes.fromhex(title_of(one.pk))

    def notifying(line: FaultyLine, data: bytes) -> None:
        push = cipher(b"\xc2\0", KEYS, title, 1, tag=0xCA)
        line.transport.write(wrap(1, 1, push) + line.reply(data))

    meet({one: device}, notifying)
    assert configuration_of(one).state == ConfigurationState.WRITTEN


def test_keys_that_cannot_be_decrypted_are_told_and_it_is_not_connected_to(settings: Any) -> None:
    one, device = keyed()
    settings.CONFIGURATION_KEYS = [Fernet.generate_key().decode()]
    assert meet({one: device}) == []
    assert failure_of(one)[0] == Failure.LOCKED


def test_keys_whose_counters_are_used_up_are_told_and_it_is_not_connected_to() -> None:
    one, device = keyed(counter=LAST_COUNTER - 5)
    assert meet({one: device}) == []
    assert failure_of(one)[0] == Failure.USED_UP
    assert DeviceKeys.objects.get().own_counter == LAST_COUNTER - 5
