"""Technical area, Configuration: concentrator installation, modification and removal (CON-2…4)."""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.utils.translation import ngettext
from django.views.generic import View
from django_htmx.http import HttpResponseClientRedirect

from concentrators.companies import selected_company, visible_companies
from concentrators.models import Company, Concentrator, State
from concentrators.procedures import actions
from concentrators.procedures.forms import ChoiceForm
from concentrators.tables import ChooseConcentratorTable, ChooseInFieldTable, ChooseProfileTable, matching
from profiles.models import SpontaneousProfile
from profiles.names import fold_name
from smmeplus.common.lists import ListTable
from smmeplus.common.progress import Ending, stream_progress
from smmeplus.common.reporting import Progress, no_progress

UNREPEATED = ("csrfmiddlewaretoken", "confirmed")
LONG = 2_000  # concentrators; more take long enough for the operator to see how far it is


class ChoosePage(PermissionRequiredMixin, View):
    """Two tables to choose from, a question with numbers, and one transaction.

    A GET with htmx answers with the one table that it is for; a POST asks first and acts when what it asked is
    confirmed and still holds.
    """

    permission_required = "concentrators.change_concentrator"
    title: Any
    heading: Any
    states: ClassVar[tuple[State, ...]]
    table_class: type[ChooseConcentratorTable] = ChooseConcentratorTable
    needs_profile = True
    offers_upload = False
    submit_label: Any

    def act(self, chosen: QuerySet[Concentrator], profile: SpontaneousProfile | None, report: Progress) -> int:
        """Change ``chosen`` in one transaction and return their number."""
        raise NotImplementedError

    def question(self, count: int, profile: SpontaneousProfile | None) -> str:
        """What will happen, with its number."""
        raise NotImplementedError

    def done(self, count: int, profile: SpontaneousProfile | None) -> str:
        """What has happened."""
        raise NotImplementedError

    def get(self, request: HttpRequest) -> HttpResponse:
        target = request.headers.get("HX-Target")
        if target == "choose-concentrators":
            return render(request, "concentrators/choose_table.html", {"table": self.concentrator_table()})
        if target == "choose-profile":
            return render(request, "concentrators/choose_table.html", {"table": self.profile_table()})
        return render(request, "concentrators/choose.html", self.page())

    def post(self, request: HttpRequest) -> HttpResponseBase:
        form = ChoiceForm(request.POST, offered=self.offered(), needs_profile=self.needs_profile)
        if not form.is_valid():
            return self._ask(form)
        chosen, profile = form.chosen(), form.cleaned_data.get("profile")
        count = chosen.count()
        if not count:
            form.add_error(None, _("None of these concentrators can be chosen any more: somebody else was faster."))
            return self._ask(form)
        if request.POST.get("confirmed") != str(count):
            if "confirmed" in request.POST:
                form.add_error(None, _("What you chose has changed meanwhile, so nothing was done. Look once more:"))
            return self._ask(form, count)
        if count > LONG:
            work = partial(self._act_at_length, chosen, profile)
            return stream_progress(request, self.title, work, back_url=request.get_full_path())
        try:
            changed = self.act(chosen, profile, no_progress)
        except ValidationError as error:
            form.add_error(None, error)
            return self._ask(form)
        messages.success(request, self._success(self.done(changed, profile), profile))
        return HttpResponseClientRedirect(request.get_full_path())

    def _ask(self, form: ChoiceForm, count: int = 0) -> HttpResponse:
        """Show the errors and, where there is something to do, the question, which is confirmed by its number."""
        question = self.question(count, form.cleaned_data.get("profile")) if count else ""
        context = {"page": self, "form": form, "title": self.title, "question": question, "count": count}
        context["repeated"] = _fields_of(self.request) if count > LONG else None
        return render(self.request, "concentrators/confirm.html", context)

    def _act_at_length(
        self, chosen: QuerySet[Concentrator], profile: SpontaneousProfile | None, report: Progress
    ) -> Ending:
        changed = self.act(chosen, profile, report)
        return Ending(self._changed_url(profile), self.done(changed, profile))

    def _success(self, sentence: str, profile: SpontaneousProfile | None) -> str:
        return format_html('{} <a href="{}">{}</a>', sentence, self._changed_url(profile), _("Show them"))

    def _changed_url(self, profile: SpontaneousProfile | None) -> str:
        query: dict[str, Any] = {"company": self.company.pk} if self.company else {}
        query |= {"profile": profile.pk} if profile else {"state": State.REMOVED.value}
        return reverse("concentrators:list", query=query)

    def page(self) -> dict[str, Any]:
        return {
            "page": self,
            "title": self.title,
            "companies": self.companies,
            "company": self.company,
            "concentrators": self.concentrator_table(),
            "profiles": self.profile_table() if self.needs_profile else None,
        }

    @property
    def user(self) -> User:
        assert isinstance(self.request.user, User)  # noqa: S101 - the permission was checked
        return self.request.user

    @cached_property
    def companies(self) -> list[Company]:
        return visible_companies(self.request)

    @cached_property
    def company(self) -> Company | None:
        return selected_company(self.request, self.companies)

    def offered(self) -> QuerySet[Concentrator]:
        """The company's concentrators in the states that the page is for."""
        return Concentrator.objects.filter(company=self.company, state__in=self.states)

    def concentrator_table(self) -> ListTable:
        search = self._typed("c-q")
        rows = matching(self.offered(), search).select_related("type", "profile")
        return self.table_class(rows, self.request, search=search)

    def profile_table(self) -> ListTable:
        search = self._typed("p-q")
        rows = SpontaneousProfile.objects.filter(name_folded__contains=fold_name(search.strip()))
        return ChooseProfileTable(rows, self.request, search=search)

    def _typed(self, name: str) -> str:
        return self.request.GET.get(name, "").replace("\0", "")  # which PostgreSQL refuses


class Installation(ChoosePage):
    """Concentrator installation (CON-2)."""

    title = _l("Concentrator installation")
    heading = _l("Add Concentrator installation")
    offers_upload = True
    states = (State.AVAILABLE,)
    submit_label = _l("Install")

    def act(self, chosen: QuerySet[Concentrator], profile: SpontaneousProfile | None, report: Progress) -> int:
        assert profile is not None  # noqa: S101 - the form needs one
        return actions.install(chosen, profile, user=self.user, now=timezone.now(), report=report)

    def question(self, count: int, profile: SpontaneousProfile | None) -> str:
        return ngettext(
            "Install %(count)d concentrator with profile “%(profile)s”?",
            "Install %(count)d concentrators with profile “%(profile)s”?",
            count,
        ) % {"count": count, "profile": profile}

    def done(self, count: int, profile: SpontaneousProfile | None) -> str:
        return ngettext(
            "%(count)d concentrator was installed with profile “%(profile)s”.",
            "%(count)d concentrators were installed with profile “%(profile)s”.",
            count,
        ) % {"count": count, "profile": profile}


class Modification(ChoosePage):
    """Concentrator modification: another profile for concentrators in field (CON-4)."""

    title = _l("Concentrator modification")
    heading = _l("Add Concentrator modification")
    states = (State.IN_FIELD,)
    table_class = ChooseInFieldTable
    submit_label = _l("Modify")

    def act(self, chosen: QuerySet[Concentrator], profile: SpontaneousProfile | None, report: Progress) -> int:
        assert profile is not None  # noqa: S101 - the form needs one
        return actions.modify(chosen, profile, user=self.user, now=timezone.now(), report=report)

    def question(self, count: int, profile: SpontaneousProfile | None) -> str:
        return ngettext(
            "Give %(count)d concentrator the profile “%(profile)s”?",
            "Give %(count)d concentrators the profile “%(profile)s”?",
            count,
        ) % {"count": count, "profile": profile}

    def done(self, count: int, profile: SpontaneousProfile | None) -> str:
        return ngettext(
            "%(count)d concentrator got the profile “%(profile)s”.",
            "%(count)d concentrators got the profile “%(profile)s”.",
            count,
        ) % {"count": count, "profile": profile}


class Removal(ChoosePage):
    """Concentrator removal: out of the field; the history stays (CON-4)."""

    title = _l("Concentrator removal")
    heading = _l("Add Concentrator removal")
    states = (State.IN_FIELD,)
    table_class = ChooseInFieldTable
    needs_profile = False
    submit_label = _l("Remove")

    def act(self, chosen: QuerySet[Concentrator], profile: SpontaneousProfile | None, report: Progress) -> int:  # noqa: ARG002
        return actions.remove(chosen, user=self.user, now=timezone.now(), report=report)

    def question(self, count: int, profile: SpontaneousProfile | None) -> str:  # noqa: ARG002
        return ngettext(
            "Remove %(count)d concentrator from the field? Its history stays.",
            "Remove %(count)d concentrators from the field? Their history stays.",
            count,
        ) % {"count": count}

    def done(self, count: int, profile: SpontaneousProfile | None) -> str:  # noqa: ARG002
        return ngettext(
            "%(count)d concentrator was removed from the field.",
            "%(count)d concentrators were removed from the field.",
            count,
        ) % {"count": count}


def _fields_of(request: HttpRequest) -> list[tuple[str, str]]:
    """What was posted, to be posted once more by a form of its own."""
    return [(name, value) for name, values in request.POST.lists() for value in values if name not in UNREPEATED]
