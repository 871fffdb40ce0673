"""Gzip, within bounds (MET-2)."""

from __future__ import annotations

import gzip
import tracemalloc

import pytest

from concentrators.meters.stg import StgError, packing
from concentrators.meters.stg.packing import MOST_BYTES, MOST_MEMBERS, unpack

PLAIN = bytes(range(256)) * 3


@pytest.mark.parametrize("content", [b"", b"<", PLAIN, b"\x1f", b"\x8b\x1f"])
def test_what_is_not_packed_stays_as_it_is(content: bytes) -> None:
    assert unpack(content) == content


def test_members_follow_each_other_and_zeros_the_last() -> None:
    first, second = gzip.compress(PLAIN), gzip.compress(b"")
    assert unpack(first) == PLAIN
    assert unpack(first + second + first) == PLAIN * 2
    assert unpack(first + bytes(1000)) == PLAIN
    assert unpack(second * MOST_MEMBERS) == b""


@pytest.mark.parametrize("behind", [b"x", b"\x1f", b"\0\0x", b"<Report/>"])
def test_anything_else_behind_it_is_refused(behind: bytes) -> None:
    with pytest.raises(StgError, match="Behind the end"):
        unpack(gzip.compress(PLAIN) + behind)


def test_one_that_breaks_off_or_is_damaged_is_refused_at_each_byte() -> None:
    packed = gzip.compress(PLAIN)
    for end in range(2, len(packed)):
        with pytest.raises(StgError, match="breaks off"):
            unpack(packed[:end])
    for at in (2, 3, len(packed) - 5, len(packed) - 1):
        with pytest.raises(StgError):
            unpack(packed[:at] + bytes((packed[at] ^ 0xFF,)) + packed[at + 1 :])


@pytest.mark.parametrize(
    "packed",
    [
        gzip.compress(bytes(2**20)),
        gzip.compress(PLAIN) + gzip.compress(bytes(2**22)),
        gzip.compress(gzip.compress(PLAIN)),
        gzip.compress(b"") * (MOST_MEMBERS + 1),
    ],
    ids=["a thousand times", "in the second member", "twice", "too many members"],
)
def test_what_only_costs_is_refused(packed: bytes) -> None:
    with pytest.raises(StgError):
        unpack(packed)


def test_no_more_is_unpacked_than_allowed() -> None:
    """Else what is refused would have taken the memory already."""
    packed = gzip.compress(bytes(2**26))
    tracemalloc.start()
    try:
        with pytest.raises(StgError, match="unpacks to more"):
            unpack(packed)
        _now, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 2**24


def test_nothing_is_larger_than_the_bound() -> None:
    assert len(unpack(bytes(MOST_BYTES))) == MOST_BYTES
    with pytest.raises(StgError, match="64 MiB"):
        unpack(bytes(MOST_BYTES + 1))


def test_a_packed_one_may_be_as_large_and_no_larger(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packing, "MOST_BYTES", 2 * len(PLAIN))
    assert unpack(gzip.compress(PLAIN) * 2) == PLAIN * 2
    for packed in (gzip.compress(PLAIN * 2 + b"x"), gzip.compress(PLAIN) * 2 + gzip.compress(b"x")):
        with pytest.raises(StgError, match="unpacks to more"):
            unpack(packed)
