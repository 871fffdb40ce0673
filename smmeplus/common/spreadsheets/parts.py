"""The parts of an XLSX file and how they refer to each other (ECMA-376 part 2)."""

from __future__ import annotations

import posixpath
import zipfile
from typing import IO, NamedTuple
from urllib.parse import unquote

from smmeplus.common.spreadsheets import words
from smmeplus.common.spreadsheets.rows import MIB, Limits, NotATable
from smmeplus.common.spreadsheets.xml import Attributes, Parser

METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # others need much more memory, and no spreadsheet writes them


class Relation(NamedTuple):
    """``kind`` is the last word of the type, which is the same in both dialects; ``path`` is that of a part."""

    kind: str
    path: str


class Parts:
    """The parts of an archive, found without regard to case, and to the direction of slashes in their names."""

    def __init__(self, archive: zipfile.ZipFile, limits: Limits) -> None:
        self.archive = archive
        self.limits = limits
        self.members = {_plain(member.filename): member for member in archive.infolist()}
        # zipfile never unpacks more than the stated size, so a false size gains nothing.
        if sum(member.file_size for member in archive.infolist()) > limits.unpacked:
            raise NotATable(words.TOO_LARGE, limits.unpacked // MIB)
        if len(self.members) > limits.members:
            raise NotATable(words.TOO_MANY_PARTS, most=limits.members)

    def __contains__(self, path: str) -> bool:
        return _plain(path) in self.members

    def open(self, path: str, limit: int) -> IO[bytes]:
        """The part at ``path``. Raises KeyError without it, and NotATable if it is larger than ``limit`` bytes."""
        member = self.members[_plain(path)]
        if member.file_size > limit:
            raise NotATable(words.PART_TOO_LARGE, part=posixpath.basename(path)[:60], most=limit // MIB)
        if member.compress_type not in METHODS:
            raise ValueError("no spreadsheet compresses like this")
        return self.archive.open(member)

    def relations(self, path: str) -> dict[str, Relation]:
        """What the part at ``path`` refers to, by id; ``path`` is empty for the whole file."""
        folder, name = posixpath.split(path)
        listed = posixpath.join(folder, "_rels", f"{name}.rels")
        if listed not in self:
            return {}
        parser = _RelationsParser(self.limits)
        with self.open(listed, self.limits.index) as source:
            parser.parse(source)
        return {key: Relation(kind, _path(folder, target)) for key, kind, target in parser.found}


class _RelationsParser(Parser):
    namespaces = ("http://schemas.openxmlformats.org/package/2006/relationships",)

    def __init__(self, limits: Limits) -> None:
        super().__init__(limits)
        self.found: list[tuple[str, str, str]] = []
        self.starts = self.named({"Relationship": self.add})

    def add(self, attributes: Attributes) -> None:
        kind = attributes["Type"].rpartition("/")[2]
        self.found.append((attributes["Id"], kind, attributes["Target"]))


def _path(folder: str, target: str) -> str:
    """The path of a part that is named in ``folder``: ``xl`` and ``worksheets/sheet1.xml``; or ``/xl/…``."""
    return posixpath.normpath(posixpath.join("/", folder, unquote(target).replace("\\", "/"))).lstrip("/")


def _plain(name: str) -> str:
    return name.replace("\\", "/").lstrip("/").lower()
