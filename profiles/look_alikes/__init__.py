"""When two names look alike: the skeletons of Unicode's UTS #39, without regard to case (PRO-3).

The table holds what ICU 78 (Unicode 17) says of every character that a name may have. It is part of the product because
keys made by it are stored under a unique constraint: with another table they would have to be made anew.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from importlib import resources


def look_alike_key(name: str) -> str:
    """The same for all names that look alike, whatever their case; ``name`` is a clean one.

    Characters are replaced by what they look like before and after case is folded: a capital I looks like a small l,
    a small m like rn. As I and i differ in case alone, i counts as l, too.
    """
    key = name
    for _round in range(2):
        key = _skeleton(key).casefold()
    return _skeleton(key.replace("i", "l"))


def _skeleton(text: str) -> str:
    table = _prototypes()
    mapped = "".join(table.get(character, character) for character in unicodedata.normalize("NFD", text))
    return unicodedata.normalize("NFD", mapped)


@cache
def _prototypes() -> dict[str, str]:
    """What each character looks like, for those that do not stand for themselves."""
    text = resources.files(__name__).joinpath("prototypes.txt").read_text(encoding="utf-8")
    table = {}
    for line in text.splitlines():
        if not line.startswith("#"):
            prototype, others = line.split(";")
            table.update(dict.fromkeys(map(_character, others.split()), "".join(map(_character, prototype.split()))))
    return table


def _character(code: str) -> str:
    return chr(int(code, 16))
