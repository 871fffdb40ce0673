from __future__ import annotations

from functools import cached_property
from typing import Any, cast

from django.core.paginator import Paginator
from django.db.models import QuerySet


class CappedPaginator(Paginator[Any]):
    """Counts up to 10,000 rows: counting millions takes seconds, and no one pages through them."""

    CAP = 10_000

    @cached_property
    def count(self) -> int:
        return min(self._counted, self.CAP)

    @property
    def is_capped(self) -> bool:
        return self._counted > self.CAP

    @cached_property
    def _counted(self) -> int:
        return self.rows[: self.CAP + 1].count()

    @property
    def rows(self) -> QuerySet[Any]:
        return cast("QuerySet[Any]", self.object_list)
