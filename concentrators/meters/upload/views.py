"""Technical area, Configuration: upload meter lists, look at what they would do, confirm (MET-2)."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, BinaryIO, ClassVar

from django.conf import settings
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext_lazy as _l
from django.views.generic import DetailView, FormView, View

from concentrators.importing import RowError
from concentrators.meters.spreadsheets.headers import MASTER_COLUMNS, SIGHTING_COLUMNS
from concentrators.meters.upload.forms import MeterUploadForm
from concentrators.meters.upload.service import confirm, keep, preview
from concentrators.meters.upload.tables import MeterRowFilterSet, MeterRowTable, shown_rows
from concentrators.models import Company, MeterFile, MeterSource
from concentrators.upload.views import csv_response, is_part, own
from smmeplus.common.progress import Ending, Progress, stream_progress
from smmeplus.common.request import user_of

SHOWN = 50  # lists, concentrators and cautions on the page
TITLE = _l("Upload meter lists")


class UploadRightMixin(PermissionRequiredMixin):
    permission_required = ("concentrators.add_meter", "concentrators.change_meter")


class UploadMeters(UploadRightMixin, FormView[MeterUploadForm]):
    form_class = MeterUploadForm
    template_name = "meterfiles/upload.html"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"user": self.request.user}

    def get_initial(self) -> dict[str, Any]:
        return {"company": self.request.GET.get("company")}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        columns = {"columns": SIGHTING_COLUMNS, "master_columns": MASTER_COLUMNS}
        return super().get_context_data(**kwargs, **columns, title=TITLE, most=settings.UPLOAD_MAX_MB)

    def form_valid(self, form: MeterUploadForm) -> HttpResponse:
        said = form.cleaned_data
        file, now = said["file"], timezone.now()
        try:
            kept = keep(
                file.name or "", company=said["company"], user=user_of(self.request), whole=said["whole"], now=now
            )
        except ValidationError as error:
            form.add_error("file", error)
            return self.form_invalid(form)
        work = partial(_check, kept, own(file))
        return stream_progress(  # type: ignore[return-value] # django-stubs want no streamed answer here
            self.request, TITLE, work, back_url=reverse("meterfiles:upload")
        )


class MeterFilePreview(UploadRightMixin, DetailView[MeterFile]):
    """What the file would do, row by row; a POST does it."""

    template_name = "meterfiles/preview.html"

    def get_queryset(self) -> QuerySet[MeterFile]:
        """Those that the user has uploaded, for a company to which they still belong."""
        user = self.request.user
        companies = Company.objects.visible_to(user)
        found = MeterFile.objects.select_related("company", "user").defer("content")
        return found.filter(user=user.pk, company__in=companies)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().get(request, *args, **kwargs)
        patch_vary_headers(response, ["HX-Request"])
        return response

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        if self.request.GET.get("count") == "exact":
            return HttpResponse(formats.number_format(context["table"].total, force_grouping=True))
        return super().render_to_response(context, **kwargs)

    def get_template_names(self) -> list[str]:
        return ["table.html" if is_part(self.request) else self.template_name]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = MeterRowFilterSet(self.request.GET, shown_rows(self.object), request=self.request)
        table = MeterRowTable(self.object, rows.qs, self.request)
        shown = {"title": TITLE, "filter": rows, "table": table}
        return super().get_context_data(**kwargs, **shown, **_about(self.object))

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponseBase:
        kept = get_object_or_404(self.get_queryset(), pk=self.kwargs["pk"])
        back = reverse("meterfiles:preview", args=[kept.pk])
        return stream_progress(request, TITLE, partial(_take, kept), back_url=back)


class MeterTemplate(UploadRightMixin, View):
    """A file with an example, to be filled: of sightings."""

    name = "meter-list"
    columns: ClassVar[Sequence[str]] = SIGHTING_COLUMNS
    example: ClassVar[Mapping[str, str]] = {
        "concentrator": "16CEC50610036665",
        "meter": "CIR0141234567",
        "state": "active",
        "last_seen": "2026-10-01 02:00",
        "level": "1",
        "repeater": "CIR0141234566",
    }

    def get(self, _request: HttpRequest) -> HttpResponse:
        response = csv_response(f"{self.name}-template.csv")
        csv.writer(response).writerows((self.columns, [self.example.get(name, "") for name in self.columns]))
        return response


class MasterTemplate(MeterTemplate):
    """Of a master file."""

    name = "meter-master"
    columns: ClassVar[Sequence[str]] = MASTER_COLUMNS
    example: ClassVar[Mapping[str, str]] = {
        "meter": "CIR0141234567",
        "kind": "customer",
        "mac": "40:40:22:00:A1:B2",
        "expected_concentrator": "16CEC50610036665",
        "supply_point": "CL-0001",
    }


def _about(file: MeterFile) -> dict[str, Any]:
    """What the page says of the file itself."""
    facts, zone = file.facts, file.company.zone
    unknown = facts.get("unknown", [])
    names = ("concentrator", "source", "at", "whole", "outcome")
    lists = [dict(zip(names, one, strict=True)) for one in facts.get("lists", ())]
    for one in lists[:SHOWN]:
        one["source"] = MeterSource(one["source"])
        one["at"] = datetime.fromisoformat(one["at"]).astimezone(zone).replace(tzinfo=None)
    return {
        "lists": lists[:SHOWN],
        "more_lists": max(0, len(lists) - SHOWN),
        "is_new": any(one["outcome"] != "same" for one in lists),
        "unknown": unknown[:SHOWN],
        "more_unknown": max(0, len(unknown) - SHOWN),
        "passed_over": list(facts.get("passed_over", {}).items())[:SHOWN],
        "cautions": [RowError(*caution) for caution in facts.get("cautions", ())][:SHOWN],
    }


def _check(kept: MeterFile, source: BinaryIO, progress: Progress) -> Ending:
    with source:
        preview(kept, source.read(), progress)
    return Ending(reverse("meterfiles:preview", args=[kept.pk]))


def _take(kept: MeterFile, progress: Progress) -> Ending:
    confirm(kept, now=timezone.now(), progress=progress)
    return Ending(reverse("meterfiles:preview", args=[kept.pk]))
