"""Our side of a connection to a device, without the connection: what comes in → what to send next (CFG-2).

A conversation is written as *steps*: a generator that yields each APDU to send and is sent the one that comes in. So it
reads from top to bottom, is tested without a socket, and what has the socket stays thin::

    conversation = Conversation(steps)
    to_send = conversation.start()
    while not conversation.is_over:
        …  # send to_send, if it is not empty; receive data, until a deadline
        to_send = conversation.receive(data)
    conversation.result

How long to wait is up to whoever has the connection. Everything else is bounded: a frame and what comes in between
here, the blocks of a value in :mod:`smmeplus.dlms.access.client`.
"""

from collections.abc import Generator
from typing import Final, Generic, TypeAlias, TypeVar

from smmeplus.dlms.access.errors import WrongReplyError
from smmeplus.dlms.access.replies import SPONTANEOUS
from smmeplus.dlms.access.stream import Frame, Stream
from smmeplus.dlms.errors import FrameError
from smmeplus.dlms.framing.wrapper import wrap

#: How many messages a device may send by itself during one conversation.
MAX_BETWEEN: Final = 64
#: The wPorts of the client and of the device's management.
MANAGEMENT: Final = (1, 1)

T = TypeVar("T")
#: Yields each APDU to send, and is sent the APDU that came in.
Steps: TypeAlias = Generator[bytes, bytes, T]


class Conversation(Generic[T]):
    """Takes ``steps`` from their beginning to their result. Whatever goes wrong is a FrameError, and ends it.

    The wPorts of what comes in are not looked at: devices fill them in as they like, and there is but one association.
    """

    def __init__(self, steps: Steps[T], ports: tuple[int, int] = MANAGEMENT) -> None:
        self._steps = steps
        self._ports = ports
        self._stream = Stream()
        self._results: list[T] = []
        self._error: FrameError | None = None
        #: The frames that the device has sent by itself so far, with their wrappers, for the listener's formats.
        self.between: list[bytes] = []

    @property
    def is_over(self) -> bool:
        return bool(self._results)

    @property
    def result(self) -> T:
        """What the steps have returned; only once the conversation is over."""
        return self._results[0]

    def start(self) -> bytes:
        """What to send first."""
        return self._step(None)

    def receive(self, data: bytes) -> bytes:
        """What to send after ``data`` have come in: nothing while more of the reply is due, or when all is over."""
        if self._error:
            raise self._error
        try:
            return self._read(data)
        except FrameError as error:
            self._error = error
            self._steps.close()
            raise

    def closed(self) -> FrameError:
        """The error that it is if the device closes the connection now."""
        where = "in the middle of a frame" if self._stream.is_amid_frame else "before the reply"
        return FrameError(f"the connection ended {where}")

    def _read(self, data: bytes) -> bytes:
        to_send = b""
        for frame in self._stream.take(data):
            if frame.apdu[0] in SPONTANEOUS:
                self._keep(frame)
            elif to_send or self.is_over:
                raise WrongReplyError(f"a reply ({frame.apdu[:3].hex().upper()}) that came before its request")
            else:
                to_send = self._step(frame.apdu)
        return to_send

    def _step(self, apdu: bytes | None) -> bytes:
        """``apdu`` is None for the first step."""
        try:
            return wrap(*self._ports, next(self._steps) if apdu is None else self._steps.send(apdu))
        except StopIteration as end:
            self._results.append(end.value)
            return b""

    def _keep(self, frame: Frame) -> None:
        if len(self.between) == MAX_BETWEEN:
            raise FrameError(f"more than {MAX_BETWEEN} messages between requests and replies")
        self.between.append(frame.octets)
