"""What operators do with many unknown senders at once: ignore them, or create their concentrators (LIS-6).

A first POST asks, and states the number; a POST that confirms it acts, if the number still holds (CON-3).
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.utils.translation import ngettext
from django.views.generic import View
from django_htmx.http import trigger_client_event

from smmeplus.common.choosing import DONE
from smmeplus.common.request import user_of
from wakeup.models.strays import StrayFrameQuerySet
from wakeup.pages.strays.forms import ConcentratorsFromStraysForm, StrayChoiceForm
from wakeup.pages.strays.tables import creatable, visible_strays
from wakeup.pages.strays.views import to_list


class ActOnChosen(PermissionRequiredMixin, View):
    http_method_names = ["post"]
    title: ClassVar[Any]
    submit_label: ClassVar[Any]

    def post(self, request: HttpRequest) -> HttpResponse:
        choice = StrayChoiceForm(request.POST)
        facts = self.facts()
        if not choice.is_valid():
            return self._ask(choice, facts)
        chosen = self.fitting(choice.chosen_of(visible_strays(request.user)))
        count = chosen.count()
        if not count:
            choice.add_error(None, self.nothing())
            return self._ask(choice, facts)
        if request.POST.get("confirmed") != str(count):
            if "confirmed" in request.POST:
                choice.add_error(None, _("What you chose has changed meanwhile, so nothing was done. Look once more:"))
            return self._ask(choice, facts, count)
        if facts is not None and not facts.is_valid():
            return self._ask(choice, facts, count)
        try:
            done = self.act(chosen, facts)
        except ValidationError as error:
            choice.add_error(None, error)
            return self._ask(choice, facts, count)
        messages.success(request, done)
        return trigger_client_event(to_list(request), DONE)

    def _ask(self, choice: StrayChoiceForm, facts: ConcentratorsFromStraysForm | None, count: int = 0) -> HttpResponse:
        """Show the errors and, if there is something to do, the question with what else has to be said."""
        context = {
            "form": choice,
            "facts": facts,
            "title": self.title,
            "submit_label": self.submit_label,
            "question": self.question(count) if count else "",
            "count": count,
        }
        return render(self.request, "wakeup/strays_confirm.html", context)

    def facts(self) -> ConcentratorsFromStraysForm | None:
        return None

    def fitting(self, chosen: StrayFrameQuerySet) -> StrayFrameQuerySet:
        raise NotImplementedError

    def nothing(self) -> str:
        raise NotImplementedError

    def question(self, count: int) -> str:
        raise NotImplementedError

    def act(self, chosen: StrayFrameQuerySet, facts: ConcentratorsFromStraysForm | None) -> str:
        raise NotImplementedError


class IgnoreChosen(ActOnChosen):
    permission_required = "wakeup.change_strayframe"
    title = submit_label = _l("Ignore")

    def fitting(self, chosen: StrayFrameQuerySet) -> StrayFrameQuerySet:
        return chosen.filter(ignored=False)

    def nothing(self) -> str:
        return _("None of these senders is listed any more.")

    def question(self, count: int) -> str:
        return ngettext("Ignore %(count)d sender?", "Ignore %(count)d senders?", count) % {"count": count}

    def act(self, chosen: StrayFrameQuerySet, _facts: ConcentratorsFromStraysForm | None) -> str:
        count = chosen.ignore()
        said = ngettext(
            "%(count)d sender is ignored: it is counted, but not listed.",
            "%(count)d senders are ignored: they are counted, but not listed.",
            count,
        )
        return said % {"count": count}


class CreateFromChosen(ActOnChosen):
    permission_required = "concentrators.add_concentrator"
    title = _l("Create concentrators")
    submit_label = _l("Create")

    def facts(self) -> ConcentratorsFromStraysForm:
        data = self.request.POST if "confirmed" in self.request.POST else None
        return ConcentratorsFromStraysForm(data, user=self.request.user)

    def fitting(self, chosen: StrayFrameQuerySet) -> StrayFrameQuerySet:
        return creatable(chosen)

    def nothing(self) -> str:
        return _("None of what you chose is an unknown serial number.")

    def question(self, count: int) -> str:
        asked = ngettext(
            "Create %(count)d concentrator? What else you chose stays as it is.",
            "Create %(count)d concentrators? What else you chose stays as it is.",
            count,
        )
        return asked % {"count": count}

    def act(self, chosen: StrayFrameQuerySet, facts: ConcentratorsFromStraysForm | None) -> str:
        if facts is None:
            raise TypeError("their company and type are needed")
        count = facts.create_from(chosen, user=user_of(self.request), now=timezone.now())
        said = ngettext(
            "%(count)d concentrator was created and can be installed.",
            "%(count)d concentrators were created and can be installed.",
            count,
        )
        return said % {"count": count}
