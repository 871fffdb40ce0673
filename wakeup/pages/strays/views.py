"""Technical area, Monitoring: unknown senders and refused frames (LIS-6)."""

from __future__ import annotations

from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.generic import CreateView, DetailView, View
from django_htmx.http import HttpResponseClientRedirect

from concentrators.models import Concentrator
from concentrators.procedures.links import with_link_to_installation
from smmeplus.common.choosing.tables import only_selected
from smmeplus.common.dialogs import DialogMixin
from smmeplus.common.lists import ListPage, ListTable
from smmeplus.dlms.explaining.frames import hex_dump
from wakeup.models import StrayFrame
from wakeup.models.strays import MAX_STRAY_SENDERS, StrayFrameQuerySet
from wakeup.pages.frames.forms import box_for
from wakeup.pages.frames.views import said_of
from wakeup.pages.strays.forms import ConcentratorFromStrayForm, StrayChoiceForm
from wakeup.pages.strays.tables import NOT_IGNORED, StrayFilterSet, StrayTable, is_unknown_serial, visible_strays


class StrayList(PermissionRequiredMixin, ListPage):  # type: ignore[misc] # both dispatch alike
    """Senders whose frames belong to no concentrator of ours; ignored ones only if asked for."""

    model = StrayFrame
    table_class = StrayTable
    filterset_class = StrayFilterSet
    permission_required = "wakeup.view_strayframe"
    title = _l("Unknown senders and refused frames")
    template_name = "wakeup/strays.html"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The list, asked for with what is selected, which no address could hold."""
        answer: HttpResponseBase = self.get(request, *args, **kwargs)
        return answer

    def get_template_names(self) -> list[str]:
        names = super().get_template_names()
        return ["concentrators/choose_table.html"] if names == ["table.html"] else names

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        is_full = StrayFrame.objects.listed().count() >= MAX_STRAY_SENDERS
        context: dict[str, Any] = super().get_context_data(**kwargs, is_full=is_full, places=MAX_STRAY_SENDERS)
        return context

    def get_queryset(self) -> StrayFrameQuerySet:
        return visible_strays(self.request.user).defer("last_bytes")

    def get_filterset_kwargs(self, filterset_class: Any) -> dict[str, Any]:
        kwargs: dict[str, Any] = super().get_filterset_kwargs(filterset_class)
        data: QueryDict = self.request.GET.copy()
        data.setdefault("ignored", NOT_IGNORED)
        return kwargs | {"data": data}

    def get_table(self) -> ListTable:
        form = StrayChoiceForm(self.request.POST)
        selected = form.chosen_of(self.get_queryset()) if form.is_valid() else StrayFrame.objects.none()
        if only_selected(self.request):
            self.object_list = selected
        table = super().get_table()
        table.selected = selected
        table.search = urlencode(self.filterset.form.cleaned_data)
        if self.filterset.form.cleaned_data == {"reason": "", "ignored": NOT_IGNORED, "q": ""}:
            table.empty_text = _("All is well: every frame that came in belongs to a concentrator, or is ignored.")
        return table


class ShowStray(DialogMixin, PermissionRequiredMixin, DetailView[StrayFrame]):
    template_name = "wakeup/stray.html"
    context_object_name = "stray"
    permission_required = "wakeup.view_strayframe"
    dialog_title = _l("Stray frame")

    def get_queryset(self) -> StrayFrameQuerySet:
        return visible_strays(self.request.user)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        frame = bytes(self.object.last_bytes)
        return super().get_context_data(
            **kwargs,
            **said_of(self.request.user, frame),
            form=box_for(frame),
            size=len(frame),
            dump=hex_dump(frame),
            is_unknown_serial=is_unknown_serial(self.object),
        )


class IgnoreStray(PermissionRequiredMixin, View):
    """Hides a sender from the list, or shows it again. Its frames are counted either way."""

    permission_required = "wakeup.change_strayframe"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        if is_gone(pk):
            return say_gone(request)
        stray = get_object_or_404(visible_strays(request.user), pk=pk)
        # The button sends what it shows, so that pressing it twice, or by two operators, does it once.
        ignored = {"yes": True, "no": False}.get(request.POST.get("ignore", ""), not stray.ignored)
        StrayFrame.objects.filter(pk=pk).update(ignored=ignored)
        said = _("“%(sender)s” is ignored: it is counted, but not listed.") if ignored else _("“%(sender)s” is listed.")
        messages.success(request, said % {"sender": stray.sender})
        return to_list(request)


class CreateFromStray(DialogMixin, PermissionRequiredMixin, CreateView[Concentrator, ConcentratorFromStrayForm]):
    model = Concentrator
    form_class = ConcentratorFromStrayForm
    template_name = "wakeup/stray_create.html"
    permission_required = "concentrators.add_concentrator"
    dialog_title = _l("Create concentrator")
    submit_label = _l("Create")

    @cached_property
    def stray(self) -> StrayFrame:
        stray = get_object_or_404(visible_strays(self.request.user), pk=self.kwargs["pk"])
        if not is_unknown_serial(stray):
            raise Http404
        return stray

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"stray": self.stray, "user": self.request.user}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return say_gone(request) if is_gone(self.kwargs["pk"]) else super().post(request, *args, **kwargs)

    def form_valid(self, form: ConcentratorFromStrayForm) -> HttpResponse:
        try:
            concentrator = form.save()
        except ValidationError as error:
            form.add_error(None, error)
            return self.form_invalid(form)
        said = _("Concentrator %(serial)s was created and can be installed.") % {"serial": concentrator}
        messages.success(self.request, with_link_to_installation(said, concentrator))
        return to_list(self.request)


def is_gone(pk: int) -> bool:
    """Whether the sender has been removed from the list since the page was shown."""
    return not StrayFrame.objects.filter(pk=pk).exists()


def say_gone(request: HttpRequest) -> HttpResponse:
    messages.warning(request, _("This sender is no longer listed: somebody has dealt with it meanwhile."))
    return to_list(request)


def to_list(request: HttpRequest) -> HttpResponse:
    """Back to the list with the filters, order and page that the browser shows."""
    htmx = request.htmx  # type: ignore[attr-defined] # set by the middleware
    _, _, query = (htmx.current_url or "").partition("?")
    shown = QueryDict(query.partition("#")[0]).urlencode()
    url = reverse("wakeup:strays") + (f"?{shown}" if shown else "")
    return HttpResponseClientRedirect(url) if htmx else HttpResponseRedirect(url)
