"""*Try again now* for all concentrators that match the filters of a list (CFG-3)."""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar

import django_filters
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.utils.translation import ngettext
from django.views.generic import TemplateView

from concentrators.models import Concentrator
from concentrators.procedures.pages import LONG
from concentrators.procedures.trying_again import to_try_again, try_all_again
from smmeplus.common.dialogs import DialogMixin
from smmeplus.common.progress import Ending, Progress, no_progress, stream_progress
from smmeplus.common.request import now_of, user_of
from wakeup.monitoring.status.filters import InventoryFilterSet

MOST_DIGITS = 9  # of a number of concentrators


class TryMatchingAgain(DialogMixin, PermissionRequiredMixin, TemplateView):
    """A GET asks, and states the number; a POST that confirms that number acts (CON-3).

    The filters are in the address, as that of the list has them. Writers change what matches all the time, so the
    number need not hold to the last one: it may have become smaller, or larger by a tenth.
    """

    template_name = "wakeup/try_matching_again.html"
    permission_required = "concentrators.change_concentrator"
    dialog_title = submit_label = _l("Try again now")
    filterset_class: ClassVar[type[django_filters.FilterSet]] = InventoryFilterSet
    list_view: ClassVar[str] = "concentrators:list"

    @property
    def list_url(self) -> str:
        return reverse(self.list_view) + (f"?{query}" if (query := self.request.GET.urlencode()) else "")

    def matching(self) -> QuerySet[Concentrator]:
        """Raises ValidationError if a filter is wrong: the list then ignores it, and far too many would match."""
        filters = self.filterset_class(self.request.GET, queryset=self.rows(), request=self.request)
        if not filters.is_valid():
            raise ValidationError(_("A filter of the list is wrong. Correct it first."))
        return to_try_again(self.concentrators(filters.qs), now_of(self.request))

    def rows(self) -> QuerySet[Any]:
        """What the list shows to the user, before its filters."""
        return Concentrator.objects.visible_to(self.request.user)

    def concentrators(self, matching: QuerySet[Any]) -> QuerySet[Concentrator]:
        """The concentrators of rows that match."""
        return matching

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs, back_url=self.list_url)
        try:
            count = self.matching().count()
        except ValidationError as error:
            return context | {"count": 0, "problem": error.message}
        nothing = "" if count else _("Nothing that matches can be tried again.")
        asked = {"count": count, "question": _question(count), "is_long": count > LONG}
        return {"problem": nothing} | context | asked

    def post(self, request: HttpRequest) -> HttpResponseBase:
        try:
            chosen = self.matching()
        except ValidationError:
            return self.get(request)
        count = chosen.count()
        if not count or not _is_confirmed(request.POST.get("confirmed", ""), count):
            changed = _("What matches has changed meanwhile, so nothing was done. Look once more:")
            return self.render_to_response(self.get_context_data(problem=changed))
        if count > LONG:
            return stream_progress(request, self.dialog_title, partial(self._act, chosen), back_url=self.list_url)
        return self._left(self._act(chosen))

    def _left(self, ending: Ending) -> HttpResponse:
        return self.leave(ending.url, ending.sentence)

    def _act(self, chosen: QuerySet[Concentrator], _progress: Progress = no_progress) -> Ending:
        done = try_all_again(chosen, user=user_of(self.request), now=now_of(self.request))
        said = ngettext(
            "The configuration of %(count)d concentrator is due now.",
            "The configurations of %(count)d concentrators are due now.",
            done.changed,
        )
        return Ending(reverse(self.list_view), said % {"count": done.changed})


def _is_confirmed(number: str, count: int) -> bool:
    if not (number.isascii() and number.isdigit() and len(number) <= MOST_DIGITS):
        return False
    return count <= int(number) + int(number) // 10


def _question(count: int) -> str:
    asked = ngettext(
        "Write the configuration of %(count)d concentrator again now, whatever its pause?",
        "Write the configurations of %(count)d concentrators again now, whatever their pauses?",
        count,
    )
    return asked % {"count": count}
