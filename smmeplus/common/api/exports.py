"""Lists as CSV files: all rows by the filters of the list, in the columns of the page's file (REP-6, API-1)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from smmeplus.common.exporting import ExportColumn, Rows, export

#: The parameter by which a program asks for a file that cannot set the header ``Accept``.
AS = "as"
JSON, CSV = "json", "csv"


class CsvRenderer(BaseRenderer):
    """Stands for files when it is decided in which form to answer; they write themselves."""

    media_type = "text/csv"
    format = CSV
    charset = "utf-8"

    def render(self, data: Any, *_args: Any, **_kwargs: Any) -> bytes:
        raise NotImplementedError


class ExportMixin:
    """A list that gives a file where it has ``export_columns``; for a viewset of DRF."""

    #: Those of the page's file.
    export_columns: ClassVar[Sequence[ExportColumn]] = ()
    #: Whether there is a file whose columns depend on the request.
    has_export: ClassVar[bool] = False
    request: Request
    action: str | None
    basename: str

    @property
    def exports(self) -> bool:
        return self.action == "list" and (self.has_export or bool(self.export_columns))

    def get_export_columns(self) -> Sequence[ExportColumn]:
        return self.export_columns

    def get_export_queryset(self) -> QuerySet[Any]:
        """The rows before they are filtered, with all that the columns need."""
        rows: QuerySet[Any] = self.get_queryset()  # type: ignore[attr-defined] # of the viewset
        return rows

    @property
    def is_file(self) -> bool:
        return isinstance(getattr(self.request, "accepted_renderer", None), CsvRenderer)

    @property
    def parameters(self) -> tuple[str, ...]:
        """Those beside the filters. A file has no pages."""
        pages: tuple[str, ...] = () if self.is_file else self.paginator.parameters  # type: ignore[attr-defined]
        return (*pages, AS) if self.exports else pages

    def get_renderers(self) -> list[Any]:
        renderers: list[Any] = super().get_renderers()  # type: ignore[misc]
        return [*renderers, CsvRenderer()] if self.exports else renderers

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        if self.exports and request.query_params.get(AS) in (JSON, CSV):
            chosen = next(one for one in self.get_renderers() if one.format == request.query_params[AS])
            return chosen, chosen.media_type
        return super().perform_content_negotiation(request, force)  # type: ignore[misc]

    def list(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.exports and request.query_params.get(AS, CSV) not in (JSON, CSV, ""):
            said = _("Choose one of: %(values)s.") % {"values": f"{JSON}, {CSV}"}
            raise ValidationError({AS: ErrorDetail(said, "invalid_choice")})
        answer: HttpResponseBase = self._file() if self.is_file else super().list(request, *args, **kwargs)  # type: ignore[misc]
        return answer

    def _file(self) -> HttpResponseBase:
        filtered = self.filter_queryset(self.get_export_queryset())  # type: ignore[attr-defined]
        rows: Rows = filtered.order_by(*self.order)  # type: ignore[attr-defined]
        name = f"{self.basename} {timezone.now():%Y-%m-%d}"
        return export(rows, self.get_export_columns(), file_format=CSV, name=name)
