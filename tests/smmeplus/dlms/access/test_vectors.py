"""Other implementations and ours read and write the same values by the same bytes (CFG-2)."""

import random
from collections.abc import Callable, Mapping

import pytest

from smmeplus.dlms import data as d
from smmeplus.dlms.access.client import Client
from smmeplus.dlms.access.coding import association as a
from smmeplus.dlms.access.coding.requests import decode_request
from smmeplus.dlms.access.coding.responses import SET_RESPONSE
from smmeplus.dlms.access.conversation import Conversation, Steps
from smmeplus.dlms.access.errors import AccessError, AssociationRefusedError
from smmeplus.dlms.access.server import Item, Server
from smmeplus.dlms.access.values import SERIAL, TCP, push_destination, serial_in_value, value_like
from smmeplus.dlms.errors import FrameError
from smmeplus.dlms.framing.wrapper import HEADER_SIZE
from tests.plugins.effort import examples
from tests.smmeplus.dlms.access.device import DELAY, LONG, PASSWORD, PERIOD, PUSH_TO, UNDEFINED, items, talk
from tests.smmeplus.dlms.access.vectors import CONVERSATIONS, FRAMES, REQUEST, RESPONSE, Vector, frames

OF_OTHERS = [name for name in CONVERSATIONS if not name.startswith("ours-")]
MUTATIONS = examples(in_ci=1_000, at_the_desk=20)  # of each frame


def device_of(name: str) -> Server:
    """The device as it was when the conversation was recorded."""
    objects = items()
    if name == "gurux-v2":
        objects[DELAY] = Item(value_like((d.STRUCTURE, [(d.LONG_UNSIGNED, 0)] * 3), (60, 100, 60)), can_write=True)
    asks_password = name.endswith(("-low", "-wrong", "-nopass"))
    max_pdu = {"gurux-set-long": 64, "gurux-pdu-0": 0, "cosem-pdu0": 0}.get(name, 2048)
    return Server(objects, password=PASSWORD if asks_password else None, max_pdu=max_pdu)


@pytest.mark.parametrize("name", OF_OTHERS)
def test_the_device_answers_other_clients_as_they_have_understood(name: str) -> None:
    device = device_of(name)
    requests = frames(name, REQUEST)
    assert requests
    assert [device.receive(request).hex() for request in requests] == [it.hex() for it in frames(name, RESPONSE)]


def recorded_steps(client: Client) -> Steps[str]:
    yield from client.associate()
    serial = serial_in_value((yield from client.read(SERIAL)))
    period = yield from client.read(PERIOD)
    assert period == (d.UNSIGNED, 10)
    yield from client.write_and_check(PERIOD, value_like(period, 100))
    destination = yield from client.read(PUSH_TO)
    wanted = push_destination(TCP, "10.132.20.228", 58692)
    yield from client.write_and_check(PUSH_TO, value_like(destination, wanted))
    assert (yield from client.read(PUSH_TO))[1][1] == (d.OCTET_STRING, b"10.132.20.228:58692")
    assert (yield from client.read(LONG)) == (d.OCTET_STRING, bytes(range(100)))
    with pytest.raises(AccessError, match=r"0-0:96\.1\.9\.255, attribute 2: object-undefined \(4\)"):
        yield from client.read(UNDEFINED)
    yield from client.release()
    return serial


def test_the_client_reads_and_writes_a_device_of_another_library() -> None:
    sent: list[bytes] = []
    answers = iter(frames("ours-low", RESPONSE))

    def answer(request: bytes) -> bytes:
        sent.append(request)
        return next(answers)

    assert talk(recorded_steps(Client(PASSWORD)), answer) == "EPL1000400000042"
    assert [frame.hex() for frame in sent] == [frame.hex() for frame in frames("ours-low", REQUEST)]
    assert next(answers, None) is None


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("ours-wrong", "authentication-failure (13), confirmed-service-error of initiate (1): initiate: refused-by"),
        ("gurux-nopass", "service user: authentication-mechanism-name-required (12)"),
    ],
)
def test_the_client_says_why_it_was_refused(name: str, reason: str) -> None:
    (refusal,) = frames(name, RESPONSE)
    with pytest.raises(AssociationRefusedError) as refused:
        talk(Client(b"nope").associate(), lambda _: refusal)
    assert str(refused.value).startswith("the association is refused: rejected-permanent (1), service user: ")
    assert reason in str(refused.value)


@pytest.mark.parametrize("vector", FRAMES.values(), ids=lambda vector: f"{vector.name} {vector.meaning}")
def test_mutations_give_the_librarys_error_only(vector: Vector) -> None:
    randomness = random.Random(vector.frame)
    read = read_by_the_device if vector.direction == REQUEST else read_by_the_client
    outcomes = {is_read(read, _mutated(vector.frame, randomness)) for _ in range(MUTATIONS)}
    assert False in outcomes


def is_read(read: Callable[[bytes], None], frame: bytes) -> bool:
    try:
        read(frame)
    except FrameError:
        return False
    return True


OBJECTS = items()
ASSOCIATE = frames("gurux-type", REQUEST)[0][HEADER_SIZE:]


def read_by_the_device(frame: bytes) -> None:
    """In an association; the decoders say what the device only answers."""
    device = Server(OBJECTS)
    device.answer(ASSOCIATE)
    device.receive(frame)
    apdu = frame[HEADER_SIZE:]
    if apdu[:1] == ASSOCIATE[:1]:
        a.decode_aarq(apdu)
    elif apdu:
        decode_request(apdu)


def read_by_the_client(frame: bytes) -> None:
    """As the reply to what its first byte answers."""
    client = Client(PASSWORD)
    steps: Mapping[int, Steps[object]] = {
        a.AARE: client.associate(),
        a.RLRE: client.release(),
        SET_RESPONSE: client.write(PERIOD, (d.UNSIGNED, 1)),
    }
    conversation = Conversation(steps.get(frame[HEADER_SIZE] if len(frame) > HEADER_SIZE else 0) or client.read(LONG))
    conversation.start()
    conversation.receive(frame)
    if not conversation.is_over:
        raise conversation.closed()


def _mutated(frame: bytes, randomness: random.Random) -> bytes:
    """``frame`` with bytes changed, cut off or put in; mostly its wrapper fits all the same."""
    data = bytearray(frame)
    for _ in range(randomness.randint(1, 3)):
        at = randomness.randrange(len(data))
        kind = randomness.randrange(4)
        if kind == 0:
            data[at] = randomness.randrange(256)
        elif kind == 1:
            data[at] ^= 1 << randomness.randrange(8)
        elif kind == 2:
            del data[max(at, 1) :]
        else:
            data[at:at] = randomness.randbytes(randomness.randint(1, 4))
    if len(data) > HEADER_SIZE and randomness.random() < 0.8:
        data[:HEADER_SIZE] = frame[:6] + (len(data) - HEADER_SIZE).to_bytes(2, "big")
    return bytes(data)
