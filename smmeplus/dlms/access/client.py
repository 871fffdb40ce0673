"""What a client asks a device, as steps of a :class:`smmeplus.dlms.access.conversation.Conversation` (CFG-2).

::

    def steps(client):
        yield from client.associate()
        period = yield from client.read(PERIOD)
        yield from client.write_and_check(PERIOD, value_like(period, 10))
        yield from client.release()
"""

from collections.abc import Sequence
from typing import Final, NamedTuple, TypeAlias

from smmeplus.dlms.access.attributes import Attribute
from smmeplus.dlms.access.coding.association import (
    AARE,
    RLRE,
    RLRQ,
    decode_aare,
    decode_release,
    encode_aarq,
    encode_release,
)
from smmeplus.dlms.access.coding.initiate import (
    LOGICAL_NAMES,
    WHAT_WE_USE,
    Conformance,
    InitiateRequest,
    InitiateResponse,
)
from smmeplus.dlms.access.coding.requests import (
    INVOKE_IDS,
    Selection,
    encode_get,
    encode_get_list,
    encode_get_next,
    encode_set,
    encode_set_blocks,
)
from smmeplus.dlms.access.coding.responses import (
    GET_RESPONSE,
    SET_RESPONSE,
    GetBlock,
    GetListResponse,
    GetResponse,
    decode_get_response,
    decode_results,
    decode_set_block_response,
    decode_set_response,
)
from smmeplus.dlms.access.conversation import Steps
from smmeplus.dlms.access.errors import (
    AccessError,
    DeviceRefusedError,
    NotKeptError,
    RequestTooLongError,
    WrongReplyError,
)
from smmeplus.dlms.access.names import SUCCESS
from smmeplus.dlms.access.replies import mismatch_of
from smmeplus.dlms.data import Data, decode, encode
from smmeplus.dlms.errors import FrameError
from smmeplus.dlms.framing.wrapper import MAX_APDU

#: How long a value that comes in blocks may be, and in how many.
MAX_VALUE: Final = 65_536
MAX_BLOCKS: Final = 100


class Bounds(NamedTuple):
    """The same for one attribute that may be longer, such as a log."""

    octets: int = MAX_VALUE
    blocks: int = MAX_BLOCKS


_USUAL: Final = Bounds()

GetAnswer: TypeAlias = GetResponse | GetBlock | GetListResponse


class Client:
    """One association. ``password`` None is no security; ``max_pdu`` is the longest APDU that the device may send.

    With ``reads_lists`` several attributes are asked for at once, if the device says that it knows that. ``proposes``
    are the services that the association is asked for.

    All steps raise FrameError or one of its kinds in :mod:`smmeplus.dlms.access.errors`. After a DeviceRefusedError of
    a read or a write the association goes on.
    """

    def __init__(
        self,
        password: bytes | None = None,
        *,
        max_pdu: int = MAX_APDU,
        reads_lists: bool = True,
        proposes: Conformance = WHAT_WE_USE,
    ) -> None:
        self._password = password
        self._max_pdu = max_pdu
        self._device_takes = 0
        self._sets_in_blocks = False
        self._reads_lists = reads_lists
        self._proposes = proposes
        self._invoke_id = 0

    def associate(self) -> Steps[InitiateResponse]:
        """What has been negotiated; AssociationRefusedError with the device's reason."""
        request = encode_aarq(self._password, InitiateRequest(self._proposes, self._max_pdu))
        return self._agreed(decode_aare((yield from self._ask(request, AARE))))

    def _agreed(self, response: InitiateResponse) -> InitiateResponse:
        """``response``, to which all further requests keep."""
        if response.vaa_name != LOGICAL_NAMES:
            raise FrameError(f"the VAA name is {response.vaa_name:04X}, not that of logical names")
        self._device_takes = response.max_pdu
        self._sets_in_blocks = bool(response.conformance & Conformance.SET_IN_BLOCKS)
        self._reads_lists &= bool(response.conformance & Conformance.LISTS)
        return response

    def read(self, attribute: Attribute, selection: Selection | None = None, bounds: Bounds = _USUAL) -> Steps[Data]:
        """The value of ``attribute``, put together if it comes in blocks; AccessError if the device refuses.

        With ``selection`` it is that part of it, which only a device that has agreed to selective access knows.
        """
        invoke_id = self._next_invoke_id()
        response = yield from self._get(encode_get(invoke_id, attribute, selection), invoke_id)
        if isinstance(response, GetResponse):
            return _value_in(response, attribute)
        return _whole((yield from self._octets(response, invoke_id, str(attribute), bounds)), bounds)

    def read_many(self, attributes: Sequence[Attribute]) -> Steps[list[Data | AccessError]]:
        """The value of each of ``attributes``, or why the device refuses it.

        In one request if the device knows that. Over GPRS a reply takes a second, however much is in it.
        """
        if self._reads_lists and len(attributes) > 1:
            results = yield from self._read_list(attributes)
            if results is not None:
                return results
            self._reads_lists = False
        return (yield from self._read_each(attributes))

    def _read_each(self, attributes: Sequence[Attribute]) -> Steps[list[Data | AccessError]]:
        results: list[Data | AccessError] = []
        for attribute in attributes:
            try:
                results.append((yield from self.read(attribute)))
            except AccessError as error:
                results.append(error)
        return results

    def _read_list(self, attributes: Sequence[Attribute]) -> Steps[list[Data | AccessError] | None]:
        """None if the device refuses the list as a whole, or has no room for the request."""
        invoke_id = self._next_invoke_id()
        request = encode_get_list(invoke_id, attributes)
        if 0 < self._device_takes < len(request):
            return None
        try:
            response = yield from self._get(request, invoke_id)
            if isinstance(response, GetBlock):
                octets = yield from self._octets(response, invoke_id, "the list")
                response = GetListResponse(decode_results(octets, MAX_VALUE))
        except DeviceRefusedError:
            return None
        if isinstance(response, GetResponse):
            return None
        if len(response.results) != len(attributes):
            raise FrameError(f"{len(response.results)} results, where {len(attributes)} attributes were asked for")
        return [
            one.value if one.result == SUCCESS else AccessError(one.result, str(attribute))
            for one, attribute in zip(response.results, attributes, strict=True)
        ]

    def _octets(self, response: GetAnswer, invoke_id: int, what: str, bounds: Bounds = _USUAL) -> Steps[bytes]:
        """What comes in blocks, of which ``response`` is the first, put together."""
        octets = b""
        for number in range(1, bounds.blocks + 1):
            octets += _octets_in(response, number, what)
            if len(octets) > bounds.octets:
                raise FrameError(f"{what}: the value has more than {bounds.octets} bytes")
            if isinstance(response, GetBlock) and response.is_last:
                return octets
            response = yield from self._get(encode_get_next(invoke_id, number), invoke_id)
        raise FrameError(f"{what}: the value comes in more than {bounds.blocks} blocks")

    def write(self, attribute: Attribute, value: Data) -> Steps[None]:
        """In blocks if it has to be and the device knows them; AccessError if the device refuses."""
        invoke_id = self._next_invoke_id()
        request = encode_set(invoke_id, attribute, value)
        if self._sets_in_blocks and 0 < self._device_takes < len(request):
            yield from self._write_in_blocks(invoke_id, attribute, value)
            return
        reply = yield from self._ask(request, SET_RESPONSE, invoke_id)
        if (result := decode_set_response(reply)) != SUCCESS:
            raise AccessError(result, str(attribute))

    def _write_in_blocks(self, invoke_id: int, attribute: Attribute, value: Data) -> Steps[None]:
        requests = encode_set_blocks(invoke_id, attribute, value, self._device_takes)
        if len(requests) > MAX_BLOCKS:
            raise RequestTooLongError(f"{attribute}: the value needs more than {MAX_BLOCKS} blocks")
        for number, request in enumerate(requests, start=1):
            reply = decode_set_block_response((yield from self._ask(request, SET_RESPONSE, invoke_id)))
            if reply.result:
                raise AccessError(reply.result, str(attribute))
            if reply.number != number:
                raise FrameError(f"{attribute}: the reply to block {reply.number}, where {number} was sent")
            if (reply.result is None) == (number == len(requests)):
                raise FrameError(f"{attribute}: block {number} of {len(requests)} is taken for another one")

    def write_and_check(self, attribute: Attribute, value: Data) -> Steps[None]:
        """Writes, reads back and compares byte for byte; NotKeptError if the device says another value then."""
        yield from self.write(attribute, value)
        read = encode((yield from self.read(attribute)))
        if read != encode(value):
            raise NotKeptError(str(attribute), read)

    def release(self) -> Steps[None]:
        """Ends the association. A device that fails here has been written all the same."""
        decode_release((yield from self._ask(encode_release(RLRQ), RLRE)), RLRE)

    def _next_invoke_id(self) -> int:
        self._invoke_id = (self._invoke_id + 1) % INVOKE_IDS
        return self._invoke_id

    def _get(self, request: bytes, invoke_id: int) -> Steps[GetAnswer]:
        return decode_get_response((yield from self._ask(request, GET_RESPONSE, invoke_id)))

    def _ask(self, request: bytes, tag: int, invoke_id: int | None = None) -> Steps[bytes]:
        """The reply to ``request``, which begins with ``tag``."""
        self._check_length(request)
        return self._checked((yield request), tag, invoke_id)

    def _check_length(self, request: bytes) -> None:
        if 0 < self._device_takes < len(request):
            raise RequestTooLongError(
                f"the device takes APDUs of at most {self._device_takes} bytes, the request has {len(request)}"
            )

    def _checked(self, reply: bytes, tag: int, invoke_id: int | None) -> bytes:
        """``reply``, if it is that, and no longer than was announced."""
        if len(reply) > self._max_pdu:
            raise FrameError(f"an APDU of {len(reply)} bytes, where at most {self._max_pdu} were announced")
        return matching(reply, tag, invoke_id)


def matching(reply: bytes, tag: int, invoke_id: int | None = None) -> bytes:
    """``reply``, if it begins with ``tag`` and has ``invoke_id``, if any; raises what it is if the device refuses."""
    if mismatch := mismatch_of(reply, tag, invoke_id):
        raise WrongReplyError(str(mismatch))
    return reply


def _value_in(response: GetResponse, attribute: Attribute) -> Data:
    if response.result != SUCCESS:
        raise AccessError(response.result, str(attribute))
    return response.value


def _octets_in(response: GetAnswer, number: int, what: str) -> bytes:
    """What block ``number`` holds. Devices refuse a further block with either kind of response."""
    if not isinstance(response, GetListResponse) and response.result != SUCCESS:
        raise AccessError(response.result, what)
    if not isinstance(response, GetBlock):
        raise FrameError(f"{what}: a whole value in the place of block {number}")
    if response.number != number:
        raise FrameError(f"{what}: block {response.number}, where {number} is due")
    return response.octets


def _whole(octets: bytes, bounds: Bounds) -> Data:
    value, end = decode(octets, limit=bounds.octets)
    if end != len(octets):
        raise FrameError(f"{len(octets) - end} bytes are left over behind the value in blocks")
    return value
