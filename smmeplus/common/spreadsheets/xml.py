"""The XML of workbooks, read as a stream within bounds (ECMA-376 and ISO/IEC 29500, Transitional and Strict)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import IO, TypeAlias, TypeVar
from xml.parsers import expat
from xml.parsers.expat import errors

from smmeplus.common.spreadsheets import words
from smmeplus.common.spreadsheets.rows import Limits, NotATable

PIECE = 2**16  # bytes
LONGEST_TEXT = 2**17  # characters; four times what a cell may have
NAMESPACES = (
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "http://purl.oclc.org/ooxml/spreadsheetml/main",
)
TRUE = ("1", "true")

Attributes: TypeAlias = dict[str, str]
T = TypeVar("T")


class Parser:
    """Calls a method at the start or end of each element; ``text`` takes what stands in the elements of ``texts``."""

    namespaces: tuple[str, ...] = NAMESPACES

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.depth = 0
        self.parts: list[str] = []
        self.texts: list[str] = []  # of the present cell
        self.in_phonetic = False  # how to pronounce the text, beside it
        self.starts: dict[str, Callable[[Attributes], None]] = {}
        self.ends: dict[str, Callable[[], None]] = {}
        self.expat = expat.ParserCreate(namespace_separator=" ")
        self.expat.buffer_text = True
        self.expat.StartElementHandler = self.start
        self.expat.EndElementHandler = self.end
        self.expat.StartDoctypeDeclHandler = _refuse_doctype

    def named(self, handlers: Mapping[str, T]) -> dict[str, T]:
        """``handlers`` by the full names of their elements, in each dialect."""
        return {f"{space} {name}": handler for space in self.namespaces for name, handler in handlers.items()}

    def feed(self, source: IO[bytes]) -> Iterator[None]:
        """Parse ``source`` and stop after each piece of it. Raises ExpatError; ValueError if out of bounds."""
        while piece := source.read(PIECE):
            self._parse(piece)
            self._refuse_long_text()
            yield
        self._parse(b"", is_last=True)
        yield

    def parse(self, source: IO[bytes]) -> None:
        for _piece in self.feed(source):
            pass

    def start(self, name: str, attributes: Attributes) -> None:
        self.depth += 1
        if self.depth > self.limits.depth:
            raise ValueError("elements stand in each other too deep")
        handle = self.starts.get(name)
        if handle:
            handle(attributes)

    def end(self, name: str) -> None:
        self.depth -= 1
        handle = self.ends.get(name)
        if handle:
            handle()

    def read_texts(self, *names: str) -> None:
        self.starts |= self.named(dict.fromkeys(names, self.start_text)) | self.named({"rPh": self.start_phonetic})
        self.ends |= self.named(dict.fromkeys(names, self.end_text)) | self.named({"rPh": self.end_phonetic})

    def take_text(self) -> str:
        """The text of the present cell, which is over."""
        text = "".join(self.texts)
        self.texts.clear()
        return text

    def start_text(self, _attributes: Attributes) -> None:
        self.expat.CharacterDataHandler = self.parts.append

    def end_text(self) -> None:
        self.expat.CharacterDataHandler = None
        if self.parts and not self.in_phonetic:
            self.texts.append(unescaped("".join(self.parts)))
        self.parts.clear()

    def start_phonetic(self, _attributes: Attributes) -> None:
        self.in_phonetic = True

    def end_phonetic(self) -> None:
        self.in_phonetic = False

    def _parse(self, piece: bytes, is_last: bool = False) -> None:
        try:
            self.expat.Parse(piece, is_last)
        except expat.ExpatError as error:
            if error.code == errors.codes[errors.XML_ERROR_NO_MEMORY]:
                raise MemoryError from error
            raise

    def _refuse_long_text(self) -> None:
        if sum(map(len, self.parts)) + sum(map(len, self.texts)) > LONGEST_TEXT:
            raise NotATable(words.CELL_TOO_LONG)


_ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")
_SURROGATE = re.compile("[\ud800-\udfff]")


def unescaped(text: str) -> str:
    """``text`` with the characters that XML cannot contain, written as ``_x000D_`` and the like (22.9.2.19)."""
    if "_x" not in text:
        return text
    text = _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)
    if not _SURROGATE.search(text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")  # which joins their pairs


def _refuse_doctype(*_declaration: object) -> None:
    raise ValueError("no XLSX file has a document type, whose entities may grow without end")
