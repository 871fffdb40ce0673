"""The other side: a device that lets its attributes be read and written, for simulated concentrators (SIM-2, CFG-2)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from smmeplus.dlms.access import names
from smmeplus.dlms.access.attributes import Attribute
from smmeplus.dlms.access.coding.association import (
    AARQ,
    NO_SECURITY,
    PASSWORD,
    PLAIN_NAMES,
    RLRE,
    RLRQ,
    AssociationRequest,
    decode_aarq,
    decode_release,
    encode_aare,
    encode_refusal,
    encode_release,
)
from smmeplus.dlms.access.coding.initiate import (
    LEAST_PDU,
    VERSION,
    WHAT_WE_USE,
    Conformance,
    InitiateRequest,
    InitiateResponse,
)
from smmeplus.dlms.access.coding.refusals import encode_confirmed_service_error, encode_exception
from smmeplus.dlms.access.coding.requests import (
    GET_REQUEST,
    SET_REQUEST,
    GetListRequest,
    GetNextRequest,
    GetRequest,
    Selection,
    SetBlockRequest,
    decode_request,
)
from smmeplus.dlms.access.coding.responses import (
    GetBlock,
    GetResponse,
    SetBlockResponse,
    encode_block,
    encode_get_list_response,
    encode_get_refusal,
    encode_get_response,
    encode_results,
    encode_set_block_response,
    encode_set_response,
)
from smmeplus.dlms.access.stream import Stream
from smmeplus.dlms.data import ARRAY, NULL, STRUCTURE, Data, decode
from smmeplus.dlms.errors import FrameError
from smmeplus.dlms.framing.wrapper import MAX_APDU, wrap

_BLOCK_HEAD: Final = 9  # bytes before the length of a block's octets
_MAX_LENGTH: Final = 3  # bytes of that length
_LONGEST: Final = 512 * 1024  # bytes of a value in blocks
_VALUE_BEGINS: Final = 4  # in a response that is not in blocks


@dataclass
class _InBlocks:
    """A value that comes in blocks."""

    attribute: Attribute
    octets: bytes = b""
    blocks: int = 0


@dataclass(slots=True)
class Item:
    """An attribute. ``refusal`` is a data-access-result with which all access to it is answered; 0 is none."""

    value: Data
    can_read: bool = True
    can_write: bool = False
    refusal: int = names.SUCCESS


class Server:
    """One connection to a device whose attributes are ``items``, whose values SET changes.

    A client without the device's ``password`` is refused; None asks for none. ``max_pdu`` is what the device says that
    it takes, and it sends nothing longer than the client takes. ``services`` are those that it knows.
    """

    def __init__(
        self,
        items: Mapping[Attribute, Item],
        *,
        password: bytes | None = None,
        max_pdu: int = MAX_APDU,
        services: Conformance = WHAT_WE_USE,
    ) -> None:
        self._items = items
        self._password = password
        self._max_pdu = max_pdu
        self._services = services
        self._stream = Stream()
        self._association: InitiateRequest | None = None
        self._blocks: list[bytes] = []  # all those of the value that is being read
        self._written: _InBlocks | None = None  # what is being written

    def receive(self, data: bytes) -> bytes:
        """The frames that answer those that end in ``data``; FrameError for bytes that are no frame."""
        return b"".join(
            wrap(frame.destination, frame.source, self.answer(frame.apdu)) for frame in self._stream.take(data)
        )

    def answer(self, apdu: bytes) -> bytes:
        """The APDU that answers ``apdu``, of at least one byte, whatever that is."""
        try:
            return self._answer(apdu)
        except FrameError:
            return encode_exception(names.SERVICE_NOT_ALLOWED, names.NOT_POSSIBLE)

    def _answer(self, apdu: bytes) -> bytes:
        tag = apdu[0]
        if tag == AARQ:
            return self._associate(decode_aarq(apdu))
        if tag == RLRQ:
            return self._release(apdu)
        if tag not in (GET_REQUEST, SET_REQUEST):
            return encode_exception(names.SERVICE_UNKNOWN, names.NOT_SUPPORTED)
        if self._association is None:
            return encode_exception(names.SERVICE_NOT_ALLOWED, names.NOT_POSSIBLE)
        return self._access(apdu, self._association)

    def _associate(self, request: AssociationRequest) -> bytes:
        self._association, self._blocks, self._written = None, [], None
        if refusal := self._refusal_of(request):
            return refusal
        self._association = request.initiate
        return encode_aare(InitiateResponse(request.initiate.conformance & self._services, self._max_pdu))

    def _refusal_of(self, request: AssociationRequest) -> bytes:
        """The AARE that refuses; empty if nothing is wrong."""
        if request.context != PLAIN_NAMES:
            return encode_refusal(names.REJECTED, names.CONTEXT_NOT_SUPPORTED)
        if diagnostic := self._diagnostic_of(request):
            return encode_refusal(names.REJECTED, diagnostic)
        return self._refusal_of_initiate(request.initiate)

    def _refusal_of_initiate(self, initiate: InitiateRequest) -> bytes:
        if error := _initiate_error(initiate):
            told = encode_confirmed_service_error(names.INITIATE_ERROR, names.INITIATE, error)
            return encode_refusal(names.REJECTED, names.NO_REASON, error=told)
        return b""

    def _diagnostic_of(self, request: AssociationRequest) -> int:
        if request.mechanism not in (NO_SECURITY, PASSWORD):
            return names.MECHANISM_NOT_RECOGNISED
        if request.mechanism == NO_SECURITY:
            return 0 if self._password is None else names.MECHANISM_REQUIRED
        return 0 if request.password == self._password else names.AUTHENTICATION_FAILURE

    def _release(self, apdu: bytes) -> bytes:
        decode_release(apdu, RLRQ)
        self._association, self._blocks, self._written = None, [], None
        return encode_release(RLRE)

    def _access(self, apdu: bytes, association: InitiateRequest) -> bytes:
        request = decode_request(apdu)
        if isinstance(request, GetNextRequest):
            return self._next_block(request)
        self._blocks = []  # another request ends the reading of a value
        if isinstance(request, SetBlockRequest):
            return self._set_block(request, association)
        self._written = None  # and the writing of one
        if isinstance(request, GetRequest):
            return self._get(request, association)
        if isinstance(request, GetListRequest):
            return self._get_list(request, association)
        return encode_set_response(request.invoke, self.write(request.attribute, request.value))

    def _get(self, request: GetRequest, association: InitiateRequest) -> bytes:
        if request.selection and not association.conformance & self._services & Conformance.SELECTIVE_ACCESS:
            return encode_exception(names.SERVICE_NOT_ALLOWED, names.NOT_POSSIBLE)
        found = self._read(request.attribute, request.selection)
        if found.result:
            return encode_get_refusal(request.invoke, found.result)
        whole = encode_get_response(request.invoke, found.value, _LONGEST)
        return self._whole_or_first_block(whole, len(whole) - _VALUE_BEGINS, request.invoke, association)

    def _get_list(self, request: GetListRequest, association: InitiateRequest) -> bytes:
        if not association.conformance & Conformance.LISTS:
            return encode_exception(names.SERVICE_NOT_ALLOWED, names.NOT_POSSIBLE)
        results = encode_results([self._read(attribute) for attribute in request.attributes])
        whole = encode_get_list_response(request.invoke, results)
        return self._whole_or_first_block(whole, len(results), request.invoke, association)

    def _whole_or_first_block(self, response: bytes, size: int, invoke: int, association: InitiateRequest) -> bytes:
        """``response``, or the first block of its last ``size`` bytes if it is longer than the client takes."""
        limit = min(association.max_pdu or MAX_APDU, MAX_APDU)
        if len(response) <= limit:
            return response
        if not association.conformance & Conformance.GET_IN_BLOCKS:
            return encode_get_refusal(invoke, names.OTHER_REASON)
        self._blocks = _split(response[-size:], limit)
        return self._block(invoke, 1)

    def _read(self, attribute: Attribute, selection: Selection | None = None) -> GetResponse:
        item = self._items.get(attribute)
        if item is None or item.refusal or not item.can_read:
            return GetResponse(self._result_of(attribute, item), (NULL, None))
        return self.get(attribute, item, selection)

    def get(self, attribute: Attribute, item: Item, selection: Selection | None) -> GetResponse:  # noqa: ARG002
        """What a GET of ``item`` answers, which may be read. For kinds of devices that do otherwise."""
        if selection:
            return GetResponse(names.SCOPE_VIOLATED, (NULL, None))
        return GetResponse(names.SUCCESS, item.value)

    def _set_block(self, request: SetBlockRequest, association: InitiateRequest) -> bytes:
        if not association.conformance & Conformance.SET_IN_BLOCKS:
            return encode_exception(names.SERVICE_NOT_ALLOWED, names.NOT_POSSIBLE)
        if request.attribute is not None:
            self._written = _InBlocks(request.attribute)
        result = self._result_of_block(request)
        if result is not None:
            self._written = None
        return encode_set_block_response(request.invoke, SetBlockResponse(result, request.block))

    def _result_of_block(self, request: SetBlockRequest) -> int | None:
        """None while more blocks are due."""
        written = self._written
        if written is None:
            return names.NO_LONG_SET
        written.blocks += 1
        written.octets += request.octets
        if request.block != written.blocks:
            return names.WRONG_BLOCK
        if len(written.octets) > MAX_APDU:
            return names.LONG_SET_ABORTED
        if not request.is_last:
            return None
        value, end = decode(written.octets)
        return self.write(written.attribute, value) if end == len(written.octets) else names.TYPE_UNMATCHED

    def write(self, attribute: Attribute, value: Data) -> int:
        """What a SET does; the data-access-result. For kinds of devices that do otherwise."""
        item = self._items.get(attribute)
        if item is None or item.refusal or not item.can_write:
            return self._result_of(attribute, item)
        if not _same_type(item.value, value):
            return names.TYPE_UNMATCHED
        item.value = value
        return names.SUCCESS

    def _result_of(self, attribute: Attribute, item: Item | None) -> int:
        """Why ``attribute`` is refused."""
        if item is not None:
            return item.refusal or names.READ_WRITE_DENIED
        classes = {other.class_id for other in self._items if other.logical_name == attribute.logical_name}
        return names.CLASS_INCONSISTENT if classes - {attribute.class_id} else names.OBJECT_UNDEFINED

    def _next_block(self, request: GetNextRequest) -> bytes:
        if not self._blocks:
            return encode_get_refusal(request.invoke, names.NO_LONG_GET)
        if request.block >= len(self._blocks):
            self._blocks = []
            return encode_block(request.invoke, GetBlock(True, request.block, names.WRONG_BLOCK, b""))
        return self._block(request.invoke, request.block + 1)

    def _block(self, invoke: int, number: int) -> bytes:
        """Block ``number``, from 1 on, of the value that is being read; the last one ends that."""
        octets, is_last = self._blocks[number - 1], number == len(self._blocks)
        if is_last:
            self._blocks = []
        return encode_block(invoke, GetBlock(is_last, number, names.SUCCESS, octets))


def _initiate_error(request: InitiateRequest) -> int:
    if request.version < VERSION:
        return names.VERSION_TOO_LOW
    if not request.conformance & WHAT_WE_USE:
        return names.INCOMPATIBLE_CONFORMANCE
    return names.PDU_TOO_SHORT if 0 < request.max_pdu < LEAST_PDU else 0


def _split(octets: bytes, limit: int) -> list[bytes]:
    """Blocks of ``octets`` that are no longer than ``limit`` with what is before them."""
    size = max(1, limit - _BLOCK_HEAD - (1 if limit < 0x80 else _MAX_LENGTH))
    return [octets[at : at + size] for at in range(0, len(octets), size)]


def _same_type(old: Data, new: Data) -> bool:
    if old[0] != new[0]:
        return False
    if old[0] == STRUCTURE:
        return len(old[1]) == len(new[1]) and all(map(_same_type, old[1], new[1]))
    return old[0] != ARRAY or not old[1] or all(_same_type(old[1][0], part) for part in new[1])
