"""Technical area, Configuration: concentrator installation, modification and removal (CON-2…4)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.generic import View
from django_htmx.http import HttpResponseClientRedirect

from concentrators.companies import companies_of, selected_company
from concentrators.finding import matching, not_found
from concentrators.models import Company, Concentrator, State
from concentrators.procedures import load
from concentrators.procedures.actions import ChosenAction, install, modify, remove
from concentrators.procedures.forms import ChoiceForm
from concentrators.procedures.tables import ChooseConcentratorTable, ChooseInFieldTable, ChooseProfileTable
from profiles.filters import named
from profiles.models import ProcedureProfile, SpontaneousProfile
from profiles.procedures.wording import summary
from smmeplus.common.lists import ListTable
from smmeplus.common.progress import Ending, Progress, no_progress, stream_progress
from smmeplus.common.request import user_of

UNREPEATED = ("csrfmiddlewaretoken", "confirmed")
LONG = 2_000  # concentrators; more take long enough for the operator to see how far it is


class ChoosePage(PermissionRequiredMixin, View):
    """The operator chooses from two tables, confirms a question that states the number, and then all is changed.

    A GET by htmx answers with the table that it asks for. A POST asks the question; a POST that confirms it acts, if
    the number still holds.
    """

    permission_required = "concentrators.change_concentrator"
    action: ClassVar[ChosenAction]
    table_class: type[ChooseConcentratorTable] = ChooseConcentratorTable
    offers_upload = False

    def get(self, request: HttpRequest) -> HttpResponse:
        target = request.headers.get("HX-Target")
        if target == "choose-concentrators":
            return render(request, "concentrators/choose_table.html", {"table": self.concentrator_table()})
        if target == "choose-profile":
            return render(request, "concentrators/choose_table.html", {"table": self.profile_table()})
        return render(request, "concentrators/choose.html", self.page())

    def post(self, request: HttpRequest) -> HttpResponseBase:
        form = ChoiceForm(request.POST, offered=self.offered(), needs_profile=self.action.needs_profile)
        if not form.is_valid():
            return self._ask(form)
        chosen = form.chosen()
        count = chosen.count()
        if not count:
            gone = _("None of these concentrators can be chosen any more: another operator has changed them.")
            form.add_error(None, gone)
            return self._ask(form)
        if request.POST.get("confirmed") != str(count):
            if "confirmed" in request.POST:
                form.add_error(None, _("What you chose has changed meanwhile, so nothing was done. Look once more:"))
            return self._ask(form, count)
        if count > LONG:
            work = partial(self._act, chosen, form.cleaned_data)
            return stream_progress(request, self.action.title, work, back_url=request.get_full_path())
        try:
            ending = self._act(chosen, form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
            return self._ask(form)
        said = format_html('{} <a href="{}">{}</a>', ending.sentence, ending.url, _("Show them"))
        messages.success(request, said)
        return HttpResponseClientRedirect(request.get_full_path())

    def _ask(self, form: ChoiceForm, count: int = 0) -> HttpResponse:
        """Show the errors and, if there is something to do, the question. A confirmation sends its number back."""
        words = {"count": count, "profile": form.cleaned_data.get("profile")}
        procedure = (form.cleaned_data.get("procedure") or ProcedureProfile.objects.default()) if count else None
        context = {
            "form": form,
            "title": self.action.title,
            "submit_label": self.action.submit_label,
            "question": self.action.question % words if count else "",
            "count": count,
            "procedure": summary(procedure) if procedure else "",
            "load": self._load(form, procedure) if procedure else "",
            "disables": procedure and procedure.disables_on_removal and self.action is remove,
            "repeated": _fields_of(self.request) if count > LONG else None,
        }
        return render(self.request, "concentrators/confirm.html", context)

    def _load(self, form: ChoiceForm, procedure: ProcedureProfile) -> str:
        """What it adds, of the company of all that are chosen."""
        return load.stated(self.company, form.chosen(), form.cleaned_data.get("profile"), procedure)

    def _act(self, chosen: QuerySet[Concentrator], said: Mapping[str, Any], progress: Progress = no_progress) -> Ending:
        profile, user = said.get("profile"), user_of(self.request)
        done = self.action(
            chosen, profile, user=user, now=timezone.now(), procedure=said["procedure"], progress=progress
        )
        return Ending(self._changed_url(profile), self.action.done % {"count": done.changed, "profile": profile})

    def _changed_url(self, profile: SpontaneousProfile | None) -> str:
        query: dict[str, Any] = {"company": self.company.pk} if self.company else {}
        query |= {"profile": profile.pk} if profile else {"state": State.REMOVED.value}
        return reverse("concentrators:list", query=query)

    def page(self) -> dict[str, Any]:
        return {
            "title": self.action.title,
            "heading": self.action.heading,
            "submit_label": self.action.submit_label,
            "offers_upload": self.offers_upload,
            "companies": self.companies,
            "company": self.company,
            "concentrators": self.concentrator_table(),
            "profiles": self.profile_table() if self.action.needs_profile else None,
            "procedures": ProcedureProfile.objects.all(),
        }

    @cached_property
    def companies(self) -> list[Company]:
        return list(companies_of(self.request))

    @cached_property
    def company(self) -> Company | None:
        return selected_company(self.request, self.companies)

    def offered(self) -> QuerySet[Concentrator]:
        offered = Concentrator.objects.filter(company=self.company, state=self.action.offers)
        return offered.exclude(is_canary=True, state=State.AVAILABLE)  # which is a program or a modem

    def concentrator_table(self) -> ListTable:
        search = self._typed("c-q")
        rows = matching(self.offered(), search).select_related("type", "profile")
        table = self.table_class(rows, self.request, search=search)
        table.not_found = not_found(rows, search)
        return table

    def profile_table(self) -> ListTable:
        search = self._typed("p-q")
        rows = named(SpontaneousProfile.objects.all(), search)
        return ChooseProfileTable(rows, self.request, search=search)

    def _typed(self, name: str) -> str:
        return self.request.GET.get(name, "").replace("\0", "")  # which PostgreSQL refuses


class Installation(ChoosePage):
    action = install
    offers_upload = True


class Modification(ChoosePage):
    action = modify
    table_class = ChooseInFieldTable


class Removal(ChoosePage):
    action = remove
    table_class = ChooseInFieldTable


def _fields_of(request: HttpRequest) -> list[tuple[str, str]]:
    """The posted fields, for the form that posts them again with the confirmation."""
    return [(name, value) for name, values in request.POST.lists() for value in values if name not in UNREPEATED]
