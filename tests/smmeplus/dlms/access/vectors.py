"""Conversations with two other implementations, read from ``tests/dlms-access.txt`` (CFG-2)."""

from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from tests import ROOT

REQUEST = ">"
RESPONSE = "<"


class Vector(NamedTuple):
    """A line of the file."""

    name: str
    direction: str
    frame: bytes
    meaning: str


def _vector(line: str) -> Vector:
    name, direction, frame, meaning = (part.strip() for part in line.split("|"))
    return Vector(name, direction, bytes.fromhex(frame), meaning)


def read_vectors(path: Path) -> list[Vector]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [_vector(line) for line in lines if line and not line.startswith("#")]


VECTORS = read_vectors(ROOT / "tests" / "dlms-access.txt")
CONVERSATIONS = {name: list(lines) for name, lines in groupby(VECTORS, lambda vector: vector.name)}
FRAMES = {vector.frame: vector for vector in VECTORS}  # each once


def frames(name: str, direction: str) -> list[bytes]:
    return [vector.frame for vector in CONVERSATIONS[name] if vector.direction == direction]
