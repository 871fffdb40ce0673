"""The ciphered APDUs that another implementation has made, read from ``tests/ciphered-apdus.txt`` (SEC-3)."""

from typing import NamedTuple

from smmeplus.dlms.ciphering.keys import Keys
from tests import ROOT

#: Of the Green Book's example.
KEYS = Keys(
    bytes.fromhex("000102030405060708090A0B0C0D0E0F"),
    bytes.fromhex("D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF"),
)
TITLE = bytes.fromhex("4D4D4D0000BC614E")


class Vector(NamedTuple):
    name: str
    tag: int
    counter: int
    text: bytes
    apdu: bytes

    @property
    def control(self) -> int:
        return int(self.name[:2], 16)


def _vector(line: str) -> Vector:
    name, tag, counter, text, apdu = (part.strip() for part in line.split("|"))
    return Vector(name, int(tag, 16), int(counter, 16), bytes.fromhex(text), bytes.fromhex(apdu))


VECTORS = [_vector(line) for line in (ROOT / "tests" / "ciphered-apdus.txt").read_text().splitlines() if line[0] != "#"]
BY_NAME = {vector.name: vector for vector in VECTORS}
