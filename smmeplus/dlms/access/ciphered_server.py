"""A device that has keys: who proves that they know them may read and write it, ciphered (SIM-2, CFG-2, SEC-3)."""

import secrets
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from smmeplus.dlms.access import names
from smmeplus.dlms.access.attributes import Attribute
from smmeplus.dlms.access.coding.actions import (
    ACTION_REQUEST,
    ProofResponse,
    decode_proof,
    encode_proof_response,
)
from smmeplus.dlms.access.coding.association import AARQ, CIPHERED_NAMES, GMAC, RLRQ, Verdict, encode_verdict
from smmeplus.dlms.access.coding.ciphered import (
    CHALLENGE_SIZE,
    CipheredAarq,
    check_challenge,
    decode_ciphered_aarq,
    encode_ciphered_aare,
    is_ciphered,
)
from smmeplus.dlms.access.coding.initiate import (
    InitiateResponse,
    decode_initiate_request,
    encode_initiate_response,
)
from smmeplus.dlms.access.coding.refusals import EXCEPTION_RESPONSE, encode_counter_error, encode_exception
from smmeplus.dlms.access.errors import NotProvenError
from smmeplus.dlms.access.protection import OVERHEAD, Protection, Security
from smmeplus.dlms.access.server import Item, Server
from smmeplus.dlms.apdus import TITLE_SIZE
from smmeplus.dlms.errors import FrameError
from smmeplus.dlms.framing.wrapper import MAX_APDU


class CipheredServer(Server):
    """As Server. With ``security`` it associates by GMAC, too, with any client; ``ciphered_only``: in no other way.

    ``challenge`` is that of a conversation that is repeated; otherwise each association has a new one.
    """

    def __init__(
        self,
        items: Mapping[Attribute, Item],
        *,
        security: Security | None = None,
        ciphered_only: bool = False,
        challenge: bytes = b"",
        **options: Any,
    ) -> None:
        super().__init__(items, **options)
        self._security = security
        self._ciphered_only = ciphered_only
        self._protection: Protection | None = None
        self._challenge = challenge
        self._challenges = b"", b""  # the client's and ours
        self._is_proven = False

    def _answer(self, apdu: bytes) -> bytes:
        if apdu[0] == AARQ:
            return self._begin(apdu)
        if self._protection is None or apdu[0] == RLRQ:
            return super()._answer(apdu)
        return self._answer_ciphered(apdu, self._protection)

    def _begin(self, apdu: bytes) -> bytes:
        self._association = self._protection = None
        self._is_proven = False
        if self._security is not None and is_ciphered(apdu):
            return self._associate_ciphered(decode_ciphered_aarq(apdu), self._security)
        if self._ciphered_only:
            return _refusal(names.CONTEXT_NOT_SUPPORTED)
        return super()._answer(apdu)

    def _associate_ciphered(self, aarq: CipheredAarq, security: Security) -> bytes:
        if aarq.mechanism != GMAC:
            return _refusal(names.MECHANISM_NOT_RECOGNISED)
        if len(aarq.title) != TITLE_SIZE or aarq.title == security.title:
            return _refusal(names.TITLE_NOT_RECOGNISED)
        protection = Protection(replace(security, peer=aarq.title))
        try:
            self._challenges = check_challenge(aarq.challenge), self._challenge or secrets.token_bytes(CHALLENGE_SIZE)
            initiate = decode_initiate_request(protection.opened(aarq.information))
        except FrameError:
            return _refusal(names.AUTHENTICATION_FAILURE)
        if refusal := self._refusal_of_initiate(initiate):
            return refusal
        self._protection = protection
        # So that what it answers fits when it is ciphered.
        self._association = initiate._replace(max_pdu=max((initiate.max_pdu or MAX_APDU) - OVERHEAD, 1))
        response = InitiateResponse(initiate.conformance & self._services, self._max_pdu)
        return encode_ciphered_aare(
            security.title, self._challenges[1], protection.protected(encode_initiate_response(response))
        )

    def _answer_ciphered(self, apdu: bytes, protection: Protection) -> bytes:
        due = protection.due
        try:
            request = protection.opened(apdu)
        except NotProvenError:
            return encode_counter_error(due)
        except FrameError:
            return encode_exception(names.SERVICE_NOT_ALLOWED, names.DECIPHERING_ERROR)
        if request[0] == ACTION_REQUEST:
            answer = self._prove(request, protection, due)
        elif self._is_proven:
            answer = super()._answer(request)
        else:
            return encode_exception(names.SERVICE_NOT_ALLOWED, names.NOT_POSSIBLE)
        return answer if answer[0] == EXCEPTION_RESPONSE else protection.protected(answer)

    def _prove(self, request: bytes, protection: Protection, due: int) -> bytes:
        """Who knows the keys is let in, and told that we know them; nobody else gets anything but the refusal."""
        asked = decode_proof(request)
        of_client, ours = self._challenges
        try:
            protection.check_proof(asked.proof, ours, due)
        except NotProvenError:
            return encode_proof_response(asked.invoke, ProofResponse(names.OTHER_REASON, b""))
        self._is_proven = True
        proof = protection.proof(of_client)
        return encode_proof_response(asked.invoke, ProofResponse(names.SUCCESS, proof))


def _refusal(diagnostic: int) -> bytes:
    return encode_verdict(Verdict(names.REJECTED, diagnostic, False), b"", CIPHERED_NAMES)
