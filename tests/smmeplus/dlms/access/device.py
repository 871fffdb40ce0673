"""A simulated device with the objects of CERCO1, and a client that talks to it without a socket (CFG-2)."""

from collections.abc import Callable

from smmeplus.dlms import data as d
from smmeplus.dlms.access.attributes import Attribute, logical_name
from smmeplus.dlms.access.client import Client
from smmeplus.dlms.access.conversation import Conversation, Steps, T
from smmeplus.dlms.access.server import Item, Server
from smmeplus.dlms.access.values import (
    DESTINATION,
    RANDOM_START,
    RETRIES,
    RETRY_DELAY,
    SERIAL,
    TCP,
    VALUE,
    encode_destination,
    push_destination,
)
from smmeplus.dlms.framing.wrapper import wrap

PUSH = logical_name("0-1:25.9.0.255")
PERIOD = Attribute(1, logical_name("0-0:94.39.58.255"), VALUE)
LONG = Attribute(1, logical_name("0-0:96.1.1.255"), VALUE)
SECRET = Attribute(1, logical_name("0-0:96.1.2.255"), VALUE)
UNDEFINED = Attribute(1, logical_name("0-0:96.1.9.255"), VALUE)
PUSH_TO = Attribute(40, PUSH, DESTINATION)
DELAY = Attribute(40, PUSH, RETRY_DELAY)
PASSWORD = b"S3cr3t-9"


def items() -> dict[Attribute, Item]:
    return {
        SERIAL: Item((d.OCTET_STRING, b"EPL1000400000042")),
        PERIOD: Item((d.LONG_UNSIGNED, 100), can_write=True),
        LONG: Item((d.OCTET_STRING, bytes(range(100)))),
        SECRET: Item((d.UNSIGNED, 1), can_read=False),
        PUSH_TO: Item(encode_destination(push_destination(TCP, "10.0.0.1", 58692)), can_write=True),
        Attribute(40, PUSH, RANDOM_START): Item((d.LONG_UNSIGNED, 30), can_write=True),
        Attribute(40, PUSH, RETRIES): Item((d.UNSIGNED, 3), can_write=True),
        DELAY: Item((d.LONG_UNSIGNED, 60), can_write=True),
    }


def talk(steps: Steps[T], answer: Callable[[bytes], bytes]) -> T:
    """The result of ``steps`` with a device that answers frames with frames."""
    conversation = Conversation(steps)
    to_send = conversation.start()
    while not conversation.is_over:
        assert to_send, "the client waits for ever"
        to_send = conversation.receive(answer(to_send))
    assert not to_send
    return conversation.result


def associated(client: Client, steps: Steps[T]) -> Steps[T]:
    """``steps`` in an association."""
    yield from client.associate()
    return (yield from steps)


def replies(*apdus: str) -> Callable[[bytes], bytes]:
    """A device that answers with these APDUs in hex, whatever is asked."""
    rest = [wrap(1, 1, bytes.fromhex(apdu)) for apdu in apdus]
    return lambda _: rest.pop(0)


def server(**options: object) -> Server:
    return Server(items(), **options)  # type: ignore[arg-type]
