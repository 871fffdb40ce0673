"""Chance that is the same each time: for the same words the same number."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import TypeVar

_T = TypeVar("_T")


def chance(*words: object) -> float:
    """From 0 up to but not including 1, and independent of the chance of other words."""
    digest = blake2b("\0".join(map(str, words)).encode(), digest_size=6).digest()
    return int.from_bytes(digest) / 2**48


def one_of(some: Sequence[_T], *words: object) -> _T:
    return some[int(chance(*words) * len(some))]
