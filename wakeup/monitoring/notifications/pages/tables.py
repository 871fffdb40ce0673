"""The table and the filters of deliveries (STA-7)."""

from __future__ import annotations

from typing import Any

import django_filters
import django_tables2 as tables
from django import forms
from django.db.models import Q, QuerySet
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.utils.translation import ngettext

from concentrators.companies import companies_of
from concentrators.tables import ONE_LINE
from smmeplus.common.exporting import ExportColumn
from smmeplus.common.lists import ListFilterSet, ListTable, MomentColumn, NumberColumn
from smmeplus.common.request import now_of
from wakeup.models import Delivery, DeliveryState
from wakeup.monitoring.notifications.events import Event, in_words

#: To test and to send is for those who act at the desk.
ACTS = "wakeup.change_incident"
EXPORT_COLUMNS = (
    ExportColumn("receiver", "receiver__name"),
    ExportColumn("number", "number"),
    ExportColumn("about", "key"),
    ExportColumn("event", "event"),
    ExportColumn("state", "state"),
    ExportColumn("reason", "reason"),
    ExportColumn("made_at", "made_at"),
    ExportColumn("not_before", "not_before"),
    ExportColumn("tries", "tries"),
    ExportColumn("next_try_at", "next_try_at"),
    ExportColumn("settled_at", "settled_at"),
    ExportColumn("company", "receiver__company__name", only_in_sheets=True),
)


class DeliveryFilterSet(ListFilterSet):
    company = django_filters.ChoiceFilter(label=_l("Company"), field_name="receiver__company", empty_label=_l("All"))
    state = django_filters.ChoiceFilter(label=_l("State"), choices=DeliveryState.choices, empty_label=_l("All"))
    event = django_filters.ChoiceFilter(label=_l("Event"), choices=Event.choices, empty_label=_l("All"))
    q = django_filters.CharFilter(
        label=_l("Receiver or what it is about"), method="search", widget=forms.TextInput({"type": "search"})
    )

    class Meta:
        model = Delivery
        fields = ["company", "state", "event", "q"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("company", companies_of(self.request))

    def search(self, deliveries: QuerySet[Delivery], _name: str, text: str) -> QuerySet[Delivery]:
        return deliveries.filter(Q(receiver__name__icontains=text) | Q(key__icontains=text))


class DeliveryTable(ListTable):
    """The youngest first."""

    state = tables.Column(verbose_name=_l("State"))
    receiver = tables.Column(verbose_name=_l("Receiver"), order_by="receiver__name", attrs=ONE_LINE)
    number = NumberColumn(verbose_name=_l("Number"))
    about = tables.Column(verbose_name=_l("About"), accessor="key", attrs=ONE_LINE)
    event = tables.Column(verbose_name=_l("Event"))
    reason = tables.Column(verbose_name=_l("Reason"))
    made_at = MomentColumn(verbose_name=_l("Made (UTC)"), wraps=True)
    tries = NumberColumn(verbose_name=_l("Tries"))
    next_try_at = MomentColumn(verbose_name=_l("Next try (UTC)"), wraps=True)
    settled_at = MomentColumn(verbose_name=_l("Delivered (UTC)"), wraps=True)
    actions = tables.Column(verbose_name=_l("Actions"), empty_values=(), orderable=False)

    class Meta:
        order_by = "-made_at"
        empty_text = _l("No delivery matches. Incidents make them, and a test of a receiver.")

    def render_state(self, record: Delivery) -> str:
        label = DeliveryState(record.state).label
        if record.state == DeliveryState.WAITING and record.reason:
            failed = ngettext("not delivered, %(n)d try", "not delivered, %(n)d tries", record.tries)
            return badge(failed % {"n": record.tries}, "danger")
        return badge(str(label), "secondary")

    def render_about(self, record: Delivery) -> str:
        if record.incident_id:
            return _("incident %(number)d") % {"number": record.incident_id}
        return _("alarm %(number)d") % {"number": record.alarm_id} if record.alarm_id else "—"

    def render_event(self, value: str) -> str:
        return str(dict(Event.choices).get(value, value))

    def render_reason(self, value: str) -> str:
        return in_words(value)

    def render_next_try_at(self, record: Delivery, column: Any) -> str:
        is_waiting = record.state == DeliveryState.WAITING
        return column.render(record.next_try_at, record) if is_waiting else "—"

    def render_settled_at(self, record: Delivery, column: Any) -> str:
        is_delivered = record.state == DeliveryState.DELIVERED and record.settled_at
        return column.render(record.settled_at, record) if is_delivered else "—"

    def render_actions(self, record: Delivery) -> str:
        return render_to_string("deliveries/actions_cell.html", {"record": record, "may_send": self._may_send(record)})

    def _may_send(self, record: Delivery) -> bool:
        """It waits for nothing but its next try, and the user acts at the desk."""
        is_due = record.state == DeliveryState.WAITING and record.not_before <= now_of(self.request)
        return is_due and self.request.user.has_perm(ACTS)


def badge(words: str, colour: str) -> str:
    return format_html('<span class="badge text-bg-{}">{}</span>', colour, words)
