"""Long sequences in pieces."""

from __future__ import annotations

import pytest

from smmeplus.common.chunks import in_chunks


@pytest.mark.parametrize(
    ("count", "chunks"), [(0, []), (1, [[0]]), (2, [[0, 1]]), (3, [[0, 1], [2]]), (4, [[0, 1], [2, 3]])]
)
def test_all_but_the_last_chunk_are_full_and_none_is_empty(count: int, chunks: list[list[int]]) -> None:
    assert list(in_chunks(range(count), 2)) == list(in_chunks(iter(range(count)), 2)) == chunks
