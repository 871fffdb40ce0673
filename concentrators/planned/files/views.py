"""Planned work is uploaded, shown, and stored when confirmed (STA-8)."""

from __future__ import annotations

import csv
from collections import Counter
from io import BytesIO
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.core import signing
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.utils.translation import ngettext
from django.views.generic import FormView, View

from concentrators.models import Company, PlannedSource
from concentrators.planned.files.calendars import read_events
from concentrators.planned.files.items import MOST_BYTES, MOST_WORKS, Found
from concentrators.planned.files.steps import WRITTEN, Step, StepKind, digest_of, steps_of, write
from concentrators.planned.files.tables import COLUMNS, read_table
from concentrators.planned.listing import covered_counts
from concentrators.planned.wording import covers, recurs
from concentrators.planned.works import place_of
from smmeplus.common.forms import StyledForm
from smmeplus.common.request import now_of, user_of

TITLE = _l("Upload planned work")
SALT = "smmeplus.planned.upload"
KEPT_S = 24 * 3600
#: What a browser sends back for its confirmation has room in a form.
LONGEST_KEPT = 2_000_000
SHOWN_STEPS = 250
EXAMPLE = (
    "",
    "feeder",
    "",
    "Santiago Centro",
    "SC1-F1",
    "Transformer 3",
    "2027-04-03 02:00",
    "2027-04-03 06:00",
    "",
    "",
)


class UploadForm(StyledForm, forms.Form):
    company = forms.ModelChoiceField(Company.objects.none(), label=_l("Company"), empty_label=None)
    file = forms.FileField(
        label=_l("File"),
        help_text=_l("CSV, XLSX or iCalendar; nothing is stored before you have seen what it would do."),
        widget=forms.FileInput({"accept": ".csv,.txt,.xlsx,.ics"}),
        error_messages={"required": _l("Choose a file."), "empty": _l("The file is empty.")},
    )
    mandatory = ("company", "file")

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["company"].queryset = Company.objects.visible_to(user)  # type: ignore[attr-defined]


class UploadRightMixin(PermissionRequiredMixin):
    permission_required = ("concentrators.add_plannedwork", "concentrators.change_plannedwork")


class UploadPlanned(UploadRightMixin, FormView[UploadForm]):
    """The file itself is not kept: what was read of it goes to the browser, signed, and comes back to be confirmed."""

    form_class = UploadForm
    template_name = "planned/upload.html"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"user": self.request.user}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs, title=TITLE, columns=COLUMNS, most=MOST_WORKS)

    def form_valid(self, form: UploadForm) -> HttpResponse:
        company = form.cleaned_data["company"]
        try:
            source, found = _read(form.cleaned_data["file"], company)
            kept = _kept(company, source, found)
            steps = steps_of(found, company, source, now_of(self.request))
        except ValidationError as error:
            form.add_error("file", error)
            return self.form_invalid(form)
        return self._preview(kept, company, steps)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if "kept" not in request.POST:
            return super().post(request, *args, **kwargs)
        kept = request.POST["kept"]
        try:
            key, source, found = signing.loads(kept, salt=SALT, max_age=KEPT_S)
        except signing.BadSignature:
            raise PermissionDenied from None
        company = Company.objects.visible_to(request.user).filter(pk=key).first()
        if company is None:
            raise PermissionDenied
        try:
            steps = steps_of(Found.of(found), company, PlannedSource(source), now_of(request))
        except ValidationError as error:
            messages.warning(request, error.message)
            return HttpResponseRedirect(reverse("planned:upload"))
        if not constant_time_compare(request.POST.get("seen", ""), digest_of(steps)):
            return self._preview(kept, company, steps, _("What it would do has changed since: look at it again."))
        return self._written(kept, company, steps)

    def _written(self, kept: str, company: Company, steps: list[Step]) -> HttpResponse:
        try:
            number = write(steps, user=user_of(self.request), now=now_of(self.request))
        except ValidationError as error:
            return self._preview(kept, company, steps, " ".join(error.messages))
        said = ngettext("%(n)d work was stored or cancelled.", "%(n)d works were stored or cancelled.", number)
        messages.success(self.request, said % {"n": number})
        return HttpResponseRedirect(reverse("planned:list", query={"company": company.pk}))

    def _preview(self, kept: str, company: Company, steps: list[Step], refusal: str = "") -> HttpResponse:
        counts = Counter(step.kind for step in steps)
        covered = covered_counts(step.work for step in steps[:SHOWN_STEPS] if step.work)
        return self.render_to_response(
            {
                "title": TITLE,
                "company": company,
                "kept": kept,
                "seen": digest_of(steps),
                "refusal": refusal,
                "rows": [_row(step, covered) for step in steps[:SHOWN_STEPS]],
                "more": len(steps) - SHOWN_STEPS,
                "counts": [(kind.label, counts[kind], kind == StepKind.REFUSED) for kind in StepKind],
                "to_write": sum(counts[kind] for kind in WRITTEN),
                "rejected": counts[StepKind.REFUSED],
            }
        )

    def get_template_names(self) -> list[str]:
        return [self.template_name]


class PlannedTemplate(UploadRightMixin, View):
    def get(self, _request: HttpRequest) -> HttpResponse:
        # The byte order mark tells Excel that this is UTF-8.
        response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = 'attachment; filename="planned-work-template.csv"'
        csv.writer(response).writerows((COLUMNS, EXAMPLE))
        return response


def _kept(company: Company, source: PlannedSource, found: Found) -> str:
    kept = signing.dumps([company.pk, source, found], salt=SALT, compress=True)
    if len(kept) > LONGEST_KEPT:
        raise ValidationError(_("There is too much text in this file. Upload it in parts."))
    return kept


def _read(file: UploadedFile[bytes], company: Company) -> tuple[PlannedSource, Found]:
    """What is in ``file``, whatever it is called. Raises ValidationError."""
    if (file.size or 0) > MOST_BYTES:
        raise ValidationError(_("A file has at most 1 MB."))
    content = file.read()
    if content.lstrip(b"\xef\xbb\xbf \t\r\n")[:15].upper() == b"BEGIN:VCALENDAR":
        return PlannedSource.CALENDAR, read_events(content, company)
    return PlannedSource.FILE, read_table(BytesIO(content), company)


def _row(step: Step, covered: dict[Any, int]) -> dict[str, Any]:
    work = step.work
    if work is None or step.kind == StepKind.REFUSED:
        return {"step": step}
    return {"step": step, "covers": covers(work), "recurs": recurs(work), "covered": covered[place_of(work)]}
