"""Technical area, Monitoring: what was told to whom, what waits, and what was not told and why (STA-7)."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.generic import DetailView

from smmeplus.common.dialogs import DialogMixin
from smmeplus.common.lists import ListPage
from smmeplus.common.request import now_of, user_of
from wakeup.models import Delivery, DeliveryState, Receiver, ReceiverKind
from wakeup.monitoring.notifications.outbox import queue_test, try_again_now
from wakeup.monitoring.notifications.pages.receivers import receivers_of
from wakeup.monitoring.notifications.pages.tables import ACTS, EXPORT_COLUMNS, DeliveryFilterSet, DeliveryTable

VIEW = ("wakeup.view_delivery", "wakeup.view_receiver")


class DeliveryList(PermissionRequiredMixin, ListPage):  # type: ignore[misc] # both dispatch alike
    model = Delivery
    table_class = DeliveryTable
    filterset_class = DeliveryFilterSet
    permission_required = VIEW
    template_name = "deliveries/list.html"
    title = _l("Deliveries")
    description = _l("What receivers of notifications were told, what waits, and what was not told and why.")
    export_columns = EXPORT_COLUMNS

    def get_queryset(self) -> QuerySet[Delivery]:
        return Delivery.objects.visible_to(self.request.user).select_related("receiver")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        may_act = self.request.user.has_perm(ACTS)
        context = super().get_context_data(**kwargs, no_networks=not settings.NOTIFY_NETWORKS, may_act=may_act)
        is_whole = "table.html" not in self.get_template_names()
        return context | ({"receivers": receivers_of(self.request.user)} if is_whole else {})


class Command(DialogMixin, PermissionRequiredMixin, DetailView[Any]):
    """Asks before it does what its button says."""

    permission_required = (*VIEW, ACTS)
    template_name = "deliveries/command.html"
    question: ClassVar[Any] = ""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        back = {"question": self.question, "back_url": reverse("deliveries:list")}
        return super().get_context_data(**kwargs, **back, object_label=self.label())

    def label(self) -> str:
        return str(self.object)

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        self.object: Model = self.get_object()
        return self.leave(reverse("deliveries:list"), self.act(request))

    def act(self, request: HttpRequest) -> str:
        """Do it, and return what to say."""
        raise NotImplementedError


class SendNow(Command):
    dialog_title = _l("Send now")
    submit_label = _l("Send now")
    question = _l("Try it at once? What waits before it for the same receiver is tried first.")

    def get_queryset(self) -> QuerySet[Delivery]:
        waiting = Delivery.objects.visible_to(self.request.user).filter(state=DeliveryState.WAITING)
        return waiting.select_related("receiver")

    def label(self) -> str:
        return f"{self.object.receiver}, {self.object.number}"  # type: ignore[attr-defined] # a Delivery

    def act(self, request: HttpRequest) -> str:
        if try_again_now(self.object, now_of(request)):  # type: ignore[arg-type] # a Delivery
            return _("It is tried within seconds, if sendnotifications runs.")
        return _("It was delivered meanwhile, or waits for its delay. Nothing was changed.")


class TestReceiver(Command):
    dialog_title = _l("Test")
    submit_label = _l("Send a test")
    question = _l("Send a message that says that it is a test?")

    def get_queryset(self) -> QuerySet[Receiver]:
        return (
            Receiver.objects.visible_to(self.request.user).exclude(kind=ReceiverKind.LIFE_SIGN).filter(is_active=True)
        )

    def act(self, request: HttpRequest) -> str:
        made = queue_test(self.object, user_of(request).get_username(), now_of(request))  # type: ignore[arg-type]
        return _("A test to %(receiver)s waits in the outbox.") % {"receiver": made.receiver}
