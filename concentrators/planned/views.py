"""Technical area, Monitoring: planned work (STA-8)."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.mixins import PermissionRequiredMixin
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse, reverse_lazy
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.generic import CreateView, DetailView, UpdateView

from concentrators.models import PlannedWork
from concentrators.planned.forms import PlannedForm
from concentrators.planned.listing import covered_counts, state_of, with_state, works_to_show
from concentrators.planned.tables import EXPORT_COLUMNS, PlannedFilterSet, PlannedTable
from concentrators.planned.times import Time
from concentrators.planned.wording import covers, recurs
from concentrators.planned.works import PlannedError, cancel, check, place_of, store
from smmeplus.common.audit import changes_of
from smmeplus.common.dialogs import DialogMixin
from smmeplus.common.lists import ListPage
from smmeplus.common.request import now_of, user_of

VIEW = "concentrators.view_plannedwork"
SHOWN_TIMES = 10


class PlannedList(PermissionRequiredMixin, ListPage):  # type: ignore[misc] # both dispatch alike
    model = PlannedWork
    table_class = PlannedTable
    filterset_class = PlannedFilterSet
    permission_required = VIEW
    template_name = "planned/list.html"
    title = _l("Planned work")
    description = _l(
        "When places are expected to be dark. Their status goes on being recorded; nobody is called for it."
    )
    export_columns = EXPORT_COLUMNS

    def get_queryset(self) -> QuerySet[Any]:
        return with_state(works_to_show(self.request.user), now_of(self.request))


class ShowPlanned(DialogMixin, PermissionRequiredMixin, DetailView[PlannedWork]):
    """What it is, its next times, and who changed it."""

    permission_required = VIEW
    template_name = "planned/show.html"
    dialog_title = _l("Planned work")

    def get_queryset(self) -> QuerySet[PlannedWork]:
        return with_state(works_to_show(self.request.user), now_of(self.request))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        work = self.object
        times = work.windows.filter(end__gt=now_of(self.request)).order_by("begin")
        return super().get_context_data(
            **kwargs,
            state=state_of(work),
            covers=covers(work),
            recurs=recurs(work),
            covered=covered_counts([work])[place_of(work)],
            times=list(times[: SHOWN_TIMES + 1]),
            shown=SHOWN_TIMES,
            changes=changes_of(work),
        )


class PlannedDialogMixin(DialogMixin, PermissionRequiredMixin):
    """Shows the first times and what is covered, and stores what was shown."""

    preview_label = _l("Preview")
    save_label: Any
    done: Any
    previewed: dict[str, Any]

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"user": self.request.user}  # type: ignore[misc, no-any-return]

    def form_valid(self, form: PlannedForm) -> HttpResponse:
        work, now = form.instance, now_of(self.request)
        try:
            times = check(work, now)
            shown = _digest(work)
            if not constant_time_compare(self.request.POST.get("previewed", ""), shown):
                return self._preview(form, times, shown)
            work.set_by = work.set_by or user_of(self.request)
            store(work, user=user_of(self.request), now=now, is_fresh=lambda stored: _refuse_unless_fresh(form, stored))
        except ValidationError as error:
            _say(form, error)
            return self.form_invalid(form)  # type: ignore[attr-defined, no-any-return] # of the generic view
        return self.leave(reverse("planned:list"), self.done % {"title": work})

    def _preview(self, form: PlannedForm, times: list[Time], shown: str) -> HttpResponse:
        self.previewed = {
            "digest": shown,
            "times": times[:SHOWN_TIMES],
            "more": len(times) - SHOWN_TIMES,
            "covered": covered_counts([form.instance])[place_of(form.instance)],
            "covers": covers(form.instance),
            "recurs": recurs(form.instance),
            "company": form.instance.company,
        }
        return self.render_to_response(self.get_context_data(form=form))  # type: ignore[attr-defined, no-any-return]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        preview = getattr(self, "previewed", None)
        self.submit_label = self.save_label if preview else self.preview_label
        return super().get_context_data(**kwargs, preview=preview)


class AddPlanned(PlannedDialogMixin, CreateView[PlannedWork, PlannedForm]):
    form_class = PlannedForm
    template_name = "planned/dialog.html"
    model = PlannedWork
    permission_required = "concentrators.add_plannedwork"
    dialog_title = _l("Add planned work")
    save_label = _l("Add")
    done = _l("“%(title)s” was added.")

    def get_initial(self) -> dict[str, Any]:
        names = ("company", "scope", "concentrator", "substation", "feeder")
        return {name: self.request.GET[name] for name in names if name in self.request.GET}


class ChangePlanned(PlannedDialogMixin, UpdateView[PlannedWork, PlannedForm]):
    form_class = PlannedForm
    template_name = "planned/dialog.html"
    permission_required = "concentrators.change_plannedwork"
    dialog_title = _l("Change planned work")
    save_label = _l("Save")
    done = _l("“%(title)s” was changed.")

    def get_queryset(self) -> QuerySet[PlannedWork]:
        return works_to_show(self.request.user)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        refusal = _cancelled(self.object) if self.object.cancelled_at else ""
        return super().get_context_data(**kwargs, refusal=refusal)


class CancelPlanned(DialogMixin, PermissionRequiredMixin, DetailView[PlannedWork]):
    """Asks before it ends a work."""

    permission_required = "concentrators.change_plannedwork"
    template_name = "planned/cancel.html"
    dialog_title = _l("Call off planned work")
    submit_label = _l("Call off")
    submit_class = "btn-danger"
    back_url = reverse_lazy("planned:list")

    def get_queryset(self) -> QuerySet[PlannedWork]:
        return works_to_show(self.request.user)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        work, now = self.object, now_of(self.request)
        lasts = work.windows.filter(begin__lte=now, end__gt=now).exists()
        return super().get_context_data(**kwargs, lasts=lasts, covers=covers(work), recurs=recurs(work))

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        self.object = self.get_object()
        try:
            cancel(self.object, user=user_of(request), now=now_of(request))
        except ValidationError as error:
            return self.render_to_response(self.get_context_data(refusal=" ".join(error.messages)))
        return self.leave(reverse("planned:list"), _("“%(title)s” was cancelled.") % {"title": self.object})


def _digest(work: PlannedWork) -> str:
    """What a preview is about. Whoever changes any of it sees a new one."""
    said = (work.company_id, work.scope, work.substation, work.feeder, work.concentrator_id)
    return salted_hmac("smmeplus.planned", repr((*said, work.begin, work.end, work.rule))).hexdigest()


def _refuse_unless_fresh(form: PlannedForm, stored: PlannedWork) -> None:
    if stored.cancelled_at:
        raise PlannedError(_cancelled(stored))
    form.refuse_if_stale(stored)


def _cancelled(work: PlannedWork) -> str:
    return _("“%(title)s” is cancelled. Add a new work instead.") % {"title": work}


def _say(form: PlannedForm, error: ValidationError) -> None:
    """Put ``error`` where its fields are; what is of no field of the form above all of them."""
    if not hasattr(error, "error_dict"):
        form.add_error(None, error)
        return
    for name, errors in error.error_dict.items():
        form.add_error(name if name in form.fields and name != NON_FIELD_ERRORS else None, errors)
