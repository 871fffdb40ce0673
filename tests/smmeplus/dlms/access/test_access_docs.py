"""The conversation in docs/configuration-writing.md is what client and device say (CFG-2)."""

import re

from smmeplus.dlms.access.client import Client
from smmeplus.dlms.access.conversation import Steps
from smmeplus.dlms.access.values import value_like
from tests import ROOT
from tests.smmeplus.dlms.access.ciphered.parties import client, device, recorded
from tests.smmeplus.dlms.access.device import PASSWORD, PERIOD, server, talk

TEXT = (ROOT / "docs" / "configuration-writing.md").read_text(encoding="utf-8")


def conversation(name: str = "conversation") -> list[str]:
    """The frames in hex, each behind its direction."""
    (block,) = re.findall(rf"^```{name}\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
    lines = "".join(line.partition("|")[0] for line in block.splitlines()).lower()
    return re.findall(r"[<>][0-9a-f]+", re.sub(r"\s", "", lines))


def test_the_conversation_of_the_page_takes_place() -> None:
    said = []
    one = server(password=PASSWORD)

    def answer(request: bytes) -> bytes:
        response = one.receive(request)
        said.extend([">" + request.hex(), "<" + response.hex()])
        return response

    def steps(client: Client) -> Steps[None]:
        yield from client.associate()
        period = yield from client.read(PERIOD)
        yield from client.write_and_check(PERIOD, value_like(period, 10))
        yield from client.release()

    talk(steps(Client(PASSWORD)), answer)
    assert said == conversation()


def test_the_ciphered_conversation_of_the_page_takes_place() -> None:
    def steps() -> Steps[None]:
        one = client()
        yield from one.associate()
        yield from one.read(PERIOD)
        yield from one.release()

    _nothing, requests, answers = recorded(steps(), device())
    pairs = zip(requests, answers, strict=True)
    said = [text for sent, came in pairs for text in (f">{sent.hex()}", f"<{came.hex()}")]
    assert said == conversation("ciphered-conversation")
