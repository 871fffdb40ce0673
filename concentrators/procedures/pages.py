"""Technical area, Configuration: concentrator installation, modification and removal (CON-2…4)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

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
from django_htmx.http import HttpResponseClientRedirect, trigger_client_event

from concentrators.companies import companies_of, selected_company
from concentrators.finding import matching, not_found
from concentrators.models import Company, Concentrator, State
from concentrators.procedures import load
from concentrators.procedures.actions import ChosenAction, install, modify, remove
from concentrators.procedures.choosing.meanwhile import changed_meanwhile
from concentrators.procedures.choosing.summing import Sums, sums_of
from concentrators.procedures.forms import ChoiceForm, ConcentratorsForm
from concentrators.procedures.held import InstallationError
from concentrators.procedures.tables import ChooseConcentratorTable, ChooseInFieldTable, ChooseProfileTable
from profiles.filters import named
from profiles.models import ProcedureProfile, SpontaneousProfile
from profiles.procedures.wording import summary
from smmeplus.common.choosing import DONE, STALE
from smmeplus.common.choosing.tables import only_selected
from smmeplus.common.exporting import ExportColumn, export
from smmeplus.common.lists import ListTable
from smmeplus.common.progress import Ending, Progress, no_progress, stream_progress
from smmeplus.common.request import user_of

#: Of the fields of a choice, those that belong to one answer alone.
UNREPEATED = ("csrfmiddlewaretoken", "confirmed", "seal", "serials")
LONG = 2_000  # concentrators; more take long enough for the operator to see how far it is
SERIALS = [
    ExportColumn("serial_number", "serial_number"),
    ExportColumn("type", "type__name"),
    ExportColumn("manufacturer", "manufacturer"),
    ExportColumn("profile", "profile__name"),
]
CONCENTRATORS, PROFILES = "choose-concentrators", "choose-profile"


class ChoosePage(PermissionRequiredMixin, View):
    """The operator chooses from two tables, confirms a question that states the number, and then all is changed.

    htmx asks for one of the tables: by GET, or by POST where something is selected, which no address could hold. Any
    other POST asks the question; a POST that confirms it acts, if it still holds.
    """

    permission_required = "concentrators.change_concentrator"
    action: ClassVar[ChosenAction]
    table_class: type[ChooseConcentratorTable] = ChooseConcentratorTable
    offers_upload = False

    def get(self, request: HttpRequest) -> HttpResponse:
        if request.headers.get("HX-Target") in (CONCENTRATORS, PROFILES):
            return self._table(None)
        return render(request, "concentrators/choose.html", self.page())

    def post(self, request: HttpRequest) -> HttpResponseBase:
        if request.headers.get("HX-Target") in (CONCENTRATORS, PROFILES):
            return self._table(ConcentratorsForm(request.POST))
        if "serials" in request.POST:
            return self._serials()
        form = ChoiceForm(request.POST, company=self.company, needs_profile=self.action.needs_profile)
        if not form.is_valid():
            return self._ask(form)
        sums = sums_of(form.chosen_of(self.offered()), form.cleaned_data.get("profile"))
        if not sums.changing or not self._is_confirmed(sums):
            return self._ask(form, sums)
        return self._answer(form, sums)

    def _table(self, form: ConcentratorsForm | None) -> HttpResponse:
        """One of the tables. What is wrong with a selection is said when something is to be done with it."""
        if self.request.headers.get("HX-Target") == PROFILES:
            table = self.profile_table()
        else:
            table = self.concentrator_table(form if form and form.is_valid() else None)
        return render(self.request, "concentrators/choose_table.html", {"table": table})

    def _serials(self) -> HttpResponseBase:
        """All that is selected, as a file."""
        form = ConcentratorsForm(self.request.POST)
        chosen = form.chosen_of(self.offered()) if form.is_valid() else Concentrator.objects.none()
        name = f"{self.action.title} {timezone.now():%Y-%m-%d}"
        return export(chosen.order_by("serial_number"), SERIALS, file_format="csv", name=name)

    def _is_confirmed(self, sums: Sums) -> bool:
        seal = self.request.POST.get("seal", sums.seal)
        return self.request.POST.get("confirmed") == str(sums.count) and seal == sums.seal

    def _answer(self, form: ChoiceForm, sums: Sums) -> HttpResponseBase:
        act = partial(self._act, form.chosen_of(self.offered()), sums.count, form.cleaned_data)
        if sums.count > LONG:
            back_url = self.request.get_full_path()
            return stream_progress(self.request, self.action.title, act, back_url=back_url)
        try:
            ending = act()
        except ValidationError as error:
            form.add_error(None, error)
            return self._ask(form)
        said = format_html('{} <a href="{}">{}</a>', ending.sentence, ending.url, _("Show them"))
        messages.success(self.request, said)
        return trigger_client_event(HttpResponseClientRedirect(self.request.get_full_path()), DONE)

    def _ask(self, form: ChoiceForm, sums: Sums | None = None) -> HttpResponse:
        """Show the errors and, if there is something to do, the question. A confirmation sends number and seal back."""
        meanwhile = None
        if sums:
            meanwhile = changed_meanwhile(form, self.concentrators(), self.action.offers)
            self._say_why_again(form, sums)
        context = {"form": form, "title": self.action.title, "meanwhile": meanwhile, "zone": self._zone()}
        if sums and sums.changing:
            context |= self._question(form, sums)
        elif sums and sums.count:
            context["nothing"] = self.action.nothing % {"count": sums.count, "profile": form.cleaned_data["profile"]}
        answer = render(self.request, "concentrators/confirm.html", context)
        return trigger_client_event(answer, STALE) if meanwhile and meanwhile.is_any else answer

    def _say_why_again(self, form: ChoiceForm, sums: Sums) -> None:
        if not sums.count:
            gone = _("None of these concentrators can be chosen any more: another operator has changed them.")
            form.add_error(None, gone)
        elif "confirmed" in self.request.POST and sums.changing:
            form.add_error(None, _("What you chose has changed meanwhile, so nothing was done. Look once more:"))

    def _question(self, form: ChoiceForm, sums: Sums) -> dict[str, Any]:
        chosen, profile = form.chosen_of(self.offered()), form.cleaned_data.get("profile")
        procedure = form.cleaned_data.get("procedure") or ProcedureProfile.objects.default()
        return {
            "question": self.action.question % {"count": sums.changing, "profile": profile},
            "submit_label": self.action.submit_label,
            "takes_out": self.action.takes_out,
            "sums": sums,
            "procedure": summary(procedure),
            "load": load.stated(self.company, chosen, profile, procedure),
            "disables": procedure.disables_on_removal and self.action.takes_out,
            "repeated": _fields_of(self.request),
            "is_long": sums.count > LONG,
        }

    def _act(
        self, chosen: QuerySet[Concentrator], number: int, said: Mapping[str, Any], progress: Progress = no_progress
    ) -> Ending:
        profile, user, procedure = said.get("profile"), user_of(self.request), said["procedure"]
        done = self.action(
            chosen, profile, user=user, now=timezone.now(), procedure=procedure, number=number, progress=progress
        )
        if not done.changed:
            raise InstallationError(_("Nothing was changed: another operator has done the same meanwhile."))
        sentence = self.action.done % {"count": done.changed, "profile": profile}
        marked = format_html('<span data-selection-done="{}">{}</span>', self.remembered_as, sentence)
        return Ending(self._changed_url(profile), marked)

    def _changed_url(self, profile: SpontaneousProfile | None) -> str:
        query: dict[str, Any] = {"company": self.company.pk} if self.company else {}
        query |= {"profile": profile.pk} if profile else {"state": State.REMOVED.value}
        return reverse("concentrators:list", query=query)

    def _zone(self) -> ZoneInfo | None:
        return self.company.zone if self.company else None

    @property
    def remembered_as(self) -> str:
        """What the browser keeps a selection by: it is of one user, one company and one page."""
        return f"{self.action.word} {self.company and self.company.pk} {self.request.user.pk}"

    def page(self) -> dict[str, Any]:
        return {
            "title": self.action.title,
            "heading": self.action.heading,
            "takes_out": self.action.takes_out,
            "remembered_as": self.remembered_as,
            "submit_label": self.action.submit_label,
            "offers_upload": self.offers_upload,
            "companies": self.companies,
            "company": self.company,
            "concentrators": self.concentrator_table(),
            "profiles": self.profile_table() if self.action.needs_profile else None,
            "procedures": ProcedureProfile.objects.usable_by(self.company),
        }

    @cached_property
    def companies(self) -> list[Company]:
        return list(companies_of(self.request))

    @cached_property
    def company(self) -> Company | None:
        return selected_company(self.request, self.companies)

    def concentrators(self) -> QuerySet[Concentrator]:
        """Those of the company, in whatever state."""
        of_company = Concentrator.objects.filter(company=self.company)
        return of_company.exclude(is_canary=True, state=State.AVAILABLE)  # which is a program or a modem

    def offered(self) -> QuerySet[Concentrator]:
        return self.concentrators().filter(state=self.action.offers)

    def concentrator_table(self, form: ConcentratorsForm | None = None) -> ListTable:
        search, offered = self._typed("c-q"), self.offered()
        selected = form.chosen_of(offered) if form else Concentrator.objects.none()
        listed = selected if only_selected(self.request, "c-") else offered
        rows = matching(listed, search, types=form.types if form else None).select_related("type", "profile")
        table = self.table_class(rows, self.request, search=search, selected=selected)
        table.not_found = not_found(rows, search)
        if listed is selected:
            table.empty_text = _("Nothing that matches is selected.")
        return table

    def profile_table(self) -> ListTable:
        search = self._typed("p-q")
        rows = named(SpontaneousProfile.objects.usable_by(self.company), search)
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
