"""The client of a device that has keys: high level security by GMAC, and every APDU ciphered (CFG-2, SEC-3)."""

import secrets
from typing import Final

from smmeplus.dlms.access.client import Client, matching
from smmeplus.dlms.access.coding.actions import ACTION_RESPONSE, decode_proof_response, encode_proof
from smmeplus.dlms.access.coding.association import (
    AARE,
    CIPHERED_NAMES,
    RLRE,
    RLRQ,
    decode_release,
    encode_release,
    refusal,
)
from smmeplus.dlms.access.coding.ber import OCTET_STRING, content_of, encode_field
from smmeplus.dlms.access.coding.ciphered import (
    CHALLENGE_SIZE,
    CipheredAare,
    check_challenge,
    decode_ciphered_aare,
    encode_ciphered_aarq,
)
from smmeplus.dlms.access.coding.initiate import (
    WHAT_WE_USE,
    Conformance,
    InitiateRequest,
    InitiateResponse,
    decode_initiate_response,
    encode_initiate_request,
)
from smmeplus.dlms.access.coding.refusals import (
    CONFIRMED_SERVICE_ERROR,
    EXCEPTION_RESPONSE,
    decode_confirmed_service_error,
    decode_exception,
)
from smmeplus.dlms.access.conversation import Steps
from smmeplus.dlms.access.errors import (
    CounterRefusedError,
    NotProvenError,
    OtherTitleError,
    PlainAnswerError,
    ProofRefusedError,
)
from smmeplus.dlms.access.names import ACCEPTED, SUCCESS
from smmeplus.dlms.access.protection import CIPHERED, OVERHEAD, Protection, Security
from smmeplus.dlms.errors import FrameError
from smmeplus.dlms.framing.wrapper import MAX_APDU

_CIPHERED_ERROR: Final = CIPHERED[CONFIRMED_SERVICE_ERROR]


class CipheredClient(Client):
    """As Client, with ``security``, whose peer is the device; ``challenge`` is that of a conversation that is repeated.

    Nothing is written before the device has proved its keys. Further errors: OtherTitleError, NotProvenError,
    PlainAnswerError, UsedUpError, ProofRefusedError, and CipheringError for what does not fit the keys.
    """

    def __init__(
        self,
        security: Security,
        *,
        challenge: bytes = b"",
        max_pdu: int = MAX_APDU,
        reads_lists: bool = True,
        proposes: Conformance = WHAT_WE_USE,
    ) -> None:
        # Whether devices count an APDU before or after it is ciphered, it fits.
        super().__init__(max_pdu=max_pdu - OVERHEAD, reads_lists=reads_lists, proposes=proposes)
        self._security = security
        self._protection = Protection(security)
        self._challenge = challenge or secrets.token_bytes(CHALLENGE_SIZE)

    def associate(self) -> Steps[InitiateResponse]:
        """What has been negotiated, once both sides have proved their keys."""
        if self._security.peer == self._security.title:
            raise FrameError("the device has the system title of the head end: its answers would prove nothing")
        initiate = self._protection.protected(encode_initiate_request(self._proposal))
        request = encode_ciphered_aarq(self._security.title, self._challenge, initiate)
        aare = decode_ciphered_aare((yield from self._ask_plainly(request, AARE)))
        response = self._accepted(aare)
        yield from self._prove(aare.challenge)
        return response

    def release(self) -> Steps[None]:
        """Ends the association; what is ciphered in it proves that it is us who end it."""
        proof = self._protection.protected(encode_initiate_request(self._proposal))
        decode_release((yield from self._ask_plainly(encode_release(RLRQ, proof), RLRE)), RLRE)

    @property
    def _proposal(self) -> InitiateRequest:
        return InitiateRequest(self._proposes, self._max_pdu)

    def _accepted(self, aare: CipheredAare) -> InitiateResponse:
        """What ``aare`` has negotiated. Who answers is looked at first, though nothing proves it yet."""
        if aare.title and aare.title != self._security.peer:
            raise OtherTitleError(aare.title.hex().upper())
        if aare.verdict.result != ACCEPTED:
            raise refusal(aare.verdict, self._opened_error(aare.information))
        if aare.context != CIPHERED_NAMES:
            raise PlainAnswerError("the association is accepted without ciphering")
        if not aare.challenge:
            raise NotProvenError("the association is accepted without a challenge")
        if check_challenge(aare.challenge) == self._challenge:
            raise NotProvenError("the challenge is our own")
        initiate = self._protection.opened(content_of(aare.information, OCTET_STRING, "AARE"))
        response = self._agreed(decode_initiate_response(initiate))
        if self._device_takes:
            self._device_takes = max(self._device_takes - OVERHEAD, 1)
        return response

    def _opened_error(self, information: bytes) -> bytes:
        """The user information of an AARE that refuses, deciphered if it is a confirmed-service-error."""
        try:
            octets = content_of(information, OCTET_STRING, "AARE")
            is_ciphered = octets[:1] == bytes((_CIPHERED_ERROR,))
            return encode_field(OCTET_STRING, self._protection.opened(octets)) if is_ciphered else information
        except FrameError:
            return information

    def _prove(self, challenge: bytes) -> Steps[None]:
        """Both sides answer the challenge of the other one."""
        before, invoke_id = self._protection.due, self._next_invoke_id()
        request = encode_proof(invoke_id, self._protection.proof(challenge))
        response = decode_proof_response((yield from self._ask(request, ACTION_RESPONSE, invoke_id)))
        if response.result != SUCCESS:
            raise ProofRefusedError(response.result)
        self._protection.check_proof(response.proof, self._challenge, before)

    def _ask_plainly(self, request: bytes, tag: int) -> Steps[bytes]:
        """What begins and ends the association is not ciphered itself, and no limit of APDUs is for it."""
        reply = yield request
        _raise_refusal(reply)
        return matching(reply, tag)

    def _ask(self, request: bytes, tag: int, invoke_id: int | None = None) -> Steps[bytes]:
        self._check_length(request)
        reply = yield self._protection.protected(request)
        return self._checked(self._opened(reply), tag, invoke_id)

    def _opened(self, reply: bytes) -> bytes:
        """``reply`` deciphered. A refusal need not be ciphered: nothing is written because of it, and nothing noted."""
        _raise_refusal(reply)
        return self._protection.opened(reply)


def _raise_refusal(reply: bytes) -> None:
    """The error that ``reply`` is, if the device refuses without ciphering."""
    if reply[0] == EXCEPTION_RESPONSE:
        error = decode_exception(reply)
        raise error if error.counter is None else CounterRefusedError(error.state, error.service, error.counter)
    if reply[0] == CONFIRMED_SERVICE_ERROR:
        raise decode_confirmed_service_error(reply)
