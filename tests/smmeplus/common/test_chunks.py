"""Long sequences in pieces."""

from __future__ import annotations

import pytest

from concentrators.models import Concentrator
from smmeplus.common.chunks import in_chunks, in_keys
from tests.factories import ConcentratorFactory


@pytest.mark.parametrize(
    ("count", "chunks"), [(0, []), (1, [[0]]), (2, [[0, 1]]), (3, [[0, 1], [2]]), (4, [[0, 1], [2, 3]])]
)
def test_all_but_the_last_chunk_are_full_and_none_is_empty(count: int, chunks: list[list[int]]) -> None:
    assert list(in_chunks(range(count), 2)) == list(in_chunks(iter(range(count)), 2)) == chunks


@pytest.mark.django_db
@pytest.mark.parametrize("chosen", [slice(0), slice(1), slice(None), slice(0, None, 2), slice(1, 3)])
def test_keys_are_found_whether_or_not_they_have_gaps(chosen: slice) -> None:
    keys = [one.pk for one in ConcentratorFactory.create_batch(5)]
    wanted = keys[chosen]
    assert sorted(Concentrator.objects.filter(in_keys(wanted)).values_list("pk", flat=True)) == wanted
    found = Concentrator.objects.filter(in_keys(wanted[::-1], "pk")).order_by("pk")
    assert list(found.values_list("pk", flat=True)) == wanted
