"""Upload installation file: upload, preview, confirmation (CON-5)."""

from __future__ import annotations

import csv
import io
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext_lazy as _l
from django.views.generic import DetailView, FormView, View

from concentrators.importing import COLUMN_NAMES, READ_NAMES, RowError
from concentrators.importing.columns import KEY_NAMES
from concentrators.keys.rights import may_set_keys
from concentrators.models import Company, InstallationFile
from concentrators.procedures.forms import ProcedureChoiceForm
from concentrators.upload.forms import UploadForm
from concentrators.upload.service import confirm, errors_of, keep, load_stated, preview
from concentrators.upload.tables import RowFilterSet, RowTable, shown_rows
from profiles.models import ProcedureProfile
from smmeplus.common.exporting import escape_formula
from smmeplus.common.progress import Ending, Progress, stream_progress
from smmeplus.common.request import user_of

SHOWN_CAUTIONS = 200  # on the page
EXAMPLE = ("16CEC50610036665", "CERCO1", "Ap System", "", "10.60.0.10", "4059", "Santiago Centro", "SC1-F1", "243")
TITLE = _l("Upload installation file")


def is_part(request: HttpRequest) -> bool:
    """Whether htmx asks for the table alone."""
    htmx = request.htmx  # type: ignore[attr-defined]
    return bool(htmx and not htmx.history_restore_request and not htmx.boosted)


class UploadRightMixin(PermissionRequiredMixin):
    permission_required = ("concentrators.add_concentrator", "concentrators.change_concentrator")


class Upload(UploadRightMixin, FormView[UploadForm]):
    form_class = UploadForm
    template_name = "concentrators/upload.html"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"user": self.request.user}

    def get_initial(self) -> dict[str, Any]:
        return {"company": self.request.GET.get("company")}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        hidden = () if may_set_keys(self.request.user) else KEY_NAMES
        columns = [name for name in READ_NAMES if name not in hidden]
        return super().get_context_data(**kwargs, title=TITLE, columns=columns, most=settings.UPLOAD_MAX_MB)

    def form_valid(self, form: UploadForm) -> HttpResponse:
        file, company = form.cleaned_data["file"], form.cleaned_data["company"]
        try:
            kept = keep(file.name or "", company=company, user=user_of(self.request), now=timezone.now())
        except ValidationError as error:
            form.add_error("file", error)
            return self.form_invalid(form)
        work = partial(_check, kept, own(file))
        return stream_progress(  # type: ignore[return-value] # django-stubs want no streamed answer here
            self.request, TITLE, work, back_url=reverse("concentrators:upload")
        )


class OwnFileMixin(UploadRightMixin):
    """For views of a file that the user has uploaded, for a company to which they still belong."""

    request: HttpRequest
    kwargs: dict[str, Any]

    def files(self) -> QuerySet[InstallationFile]:
        user = self.request.user
        companies = Company.objects.visible_to(user)
        return InstallationFile.objects.select_related("company", "user").filter(user=user.pk, company__in=companies)

    def file(self) -> InstallationFile:
        return get_object_or_404(self.files(), pk=self.kwargs["pk"])


class Preview(OwnFileMixin, DetailView[InstallationFile]):
    """What the file would do, row by row; a POST does it."""

    template_name = "concentrators/preview.html"

    def get_queryset(self) -> QuerySet[InstallationFile]:
        return self.files()

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
        rows = RowFilterSet(
            self.request.GET,
            shown_rows(self.object),
            request=self.request,
            columns=map(int, self.object.counts.get("columns", ())),
        )
        shown = {"title": TITLE, "filter": rows, "table": RowTable(rows, self.request)}
        if not is_part(self.request):
            shown |= self._about_the_file()
        return super().get_context_data(**kwargs, **shown)

    def _about_the_file(self) -> dict[str, Any]:
        procedures = list(ProcedureProfile.objects.usable_by(self.object.company_id))
        default = next(one for one in procedures if one.is_default)
        cautions = [RowError(*caution) for caution in self.object.facts.get("cautions", ())]
        return {
            "procedures": procedures,
            "load": load_stated(self.object, default),
            "stated_for": default,
            "cautions": cautions[:SHOWN_CAUTIONS],
            "shown": SHOWN_CAUTIONS,
            "more_cautions": len(cautions) > SHOWN_CAUTIONS,
        }

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponseBase:
        kept = self.file()
        form = ProcedureChoiceForm(request.POST, company=kept.company)
        if not form.is_valid():
            self.object = kept
            return self.render_to_response(self.get_context_data(refusals=form.errors["procedure"]))
        said = form.cleaned_data["procedure"]
        work = partial(_write, kept, procedure=said, only_good_rows="only_good_rows" in request.POST)
        return stream_progress(request, TITLE, work, back_url=reverse("concentrators:preview", args=[kept.pk]))


class Errors(OwnFileMixin, View):
    def get(self, _request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        response = csv_response("errors.csv")
        writer = csv.writer(response)
        writer.writerow(("line", "column", "value", "reason"))
        for error in errors_of(self.file()):
            writer.writerow((error.line, error.column, escape_formula(error.value), error.reason))
        return response


class Template(UploadRightMixin, View):
    def get(self, _request: HttpRequest) -> HttpResponse:
        response = csv_response("installation-template.csv")
        csv.writer(response).writerows((COLUMN_NAMES, EXAMPLE))
        return response


def own(file: UploadedFile[bytes]) -> BinaryIO:
    """The content of ``file``, to be closed by whoever reads it.

    Closing the page does not stop the work, but it closes the file of the request, and deletes it.
    """
    if isinstance(file, TemporaryUploadedFile):
        return Path(file.temporary_file_path()).open("rb")
    return io.BytesIO(file.read())


def _check(kept: InstallationFile, source: BinaryIO, progress: Progress) -> Ending:
    with source:
        preview(kept, source, progress)
    return Ending(reverse("concentrators:preview", args=[kept.pk]))


def _write(
    kept: InstallationFile, progress: Progress, *, procedure: ProcedureProfile | None, only_good_rows: bool
) -> Ending:
    confirm(kept, procedure=procedure, only_good_rows=only_good_rows, now=timezone.now(), progress=progress)
    return Ending(reverse("concentrators:preview", args=[kept.pk]))


def csv_response(name: str) -> HttpResponse:
    # The byte order mark tells Excel that this is UTF-8.
    response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
