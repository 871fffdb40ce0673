"""Base classes of the lists of the API."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.viewsets import GenericViewSet

from smmeplus.common.api.exports import ExportMixin
from smmeplus.common.api.pagination import Order

READING = ["get", "head"]


class ReadOnlyListViewSet(ExportMixin, ListModelMixin, GenericViewSet):
    http_method_names = READING
    #: Who may read it.
    permission: ClassVar[str]
    #: See CursorPages.
    order: ClassVar[Order]

    def fetch(self, rows: QuerySet[Any], count: int) -> list[Any]:
        return list(rows[:count])


class BySerialMixin:
    """Its rows have a serial number in their address, in any case, as in filters and bodies."""

    kwargs: dict[str, Any]

    def initial(self, *args: Any, **kwargs: Any) -> None:
        if "serial_number" in self.kwargs:
            self.kwargs["serial_number"] = self.kwargs["serial_number"].upper()
        super().initial(*args, **kwargs)  # type: ignore[misc] # of the viewset


class ReadOnlyViewSet(RetrieveModelMixin, ReadOnlyListViewSet):
    """A read-only list whose rows also have their own addresses."""
