"""The table and the filters of stray frames (LIS-6)."""

from __future__ import annotations

from functools import cached_property

import django_filters
import django_tables2 as tables
from django import forms
from django.contrib.auth.context_processors import PermWrapper
from django.db.models import Exists, OuterRef, Q
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _l
from django.utils.translation import ngettext

from concentrators.models import AnyUser, Concentrator
from smmeplus.common.choosing.tables import ChoiceMixin
from smmeplus.common.lists import ListFilterSet, ListTable, MomentColumn, NumberColumn
from wakeup.models import StrayFrame, StrayReason
from wakeup.models.strays import OF_KEYED_SENDERS, StrayFrameQuerySet

NOT_IGNORED = "no"
IGNORED = "yes"


def visible_strays(user: AnyUser) -> StrayFrameQuerySet:
    """The strays that ``user`` may see, each with ``in_inventory``: whether they see its sender in the inventory.

    Nobody owns an unknown sender or a malformed frame. A concentrator that was removed, that is not where it is
    expected, or that ciphers as it should not, has a company: only those who belong to it see what it sends (ACC-1).
    """
    own = Concentrator.objects.visible_to(user).filter(serial_number=OuterRef("sender"))
    strays = StrayFrame.objects.annotate(in_inventory=Exists(own))
    if getattr(user, "is_superuser", False):
        return strays
    nobodys = ~Exists(Concentrator.objects.filter(serial_number=OuterRef("sender")))
    return strays.filter(
        Q(in_inventory=True)
        | ~Q(reason__in=(StrayReason.REMOVED, StrayReason.NETWORK, *OF_KEYED_SENDERS))
        | Q(nobodys, reason__in=OF_KEYED_SENDERS)
    )


def creatable(strays: StrayFrameQuerySet) -> StrayFrameQuerySet:
    """Those of ``strays`` of which concentrators can be made: serial numbers that are in nobody's inventory."""
    taken = Concentrator.objects.filter(serial_number=OuterRef("sender"))
    return strays.filter(~Exists(taken), reason=StrayReason.UNKNOWN).exclude(sender=StrayFrame.OTHERS)


def is_unknown_serial(stray: StrayFrame) -> bool:
    """Whether a concentrator can be made of ``stray``: its sender is one serial number that was not known."""
    return stray.reason == StrayReason.UNKNOWN and stray.sender != StrayFrame.OTHERS


class StrayFilterSet(ListFilterSet):
    reason = django_filters.ChoiceFilter(label=_l("Reason"), choices=StrayReason.choices, empty_label=_l("All"))
    ignored = django_filters.ChoiceFilter(
        label=_l("Ignored"),
        choices=[(NOT_IGNORED, _l("Not ignored")), (IGNORED, _l("Ignored"))],
        empty_label=_l("All"),
        method="of_ignored",
    )
    q = django_filters.CharFilter(label=_l("Sender"), method="search", widget=forms.TextInput({"type": "search"}))

    class Meta:
        model = StrayFrame
        fields = ["reason", "ignored", "q"]

    def of_ignored(self, strays: StrayFrameQuerySet, _name: str, choice: str) -> StrayFrameQuerySet:
        return strays.filter(ignored=choice == IGNORED)

    def search(self, strays: StrayFrameQuerySet, _name: str, text: str) -> StrayFrameQuerySet:
        return strays.filter(sender__icontains=text)


class StrayTable(ChoiceMixin, ListTable):
    """Of the rows any number can be chosen, over any number of pages."""

    field = "stray"
    kind = "checkbox"

    sender = tables.Column(verbose_name=_l("Sender"))
    reason = tables.Column(verbose_name=_l("Reason"))
    detail = tables.Column(verbose_name=_l("Detail"))
    count = NumberColumn(verbose_name=_l("Count"))
    first_at = MomentColumn(verbose_name=_l("First (UTC)"), wraps=True)
    last_at = MomentColumn(verbose_name=_l("Last (UTC)"), wraps=True)
    source_ip = tables.Column(verbose_name=_l("Last IP address"))
    actions = tables.Column(verbose_name=_l("Actions"), empty_values=(), orderable=False)
    choice = tables.Column(empty_values=(), orderable=False, verbose_name="")

    class Meta:
        order_by = "-last_at"
        empty_text = _l("No stray frame matches. Change the filters.")

    def render_detail(self, record: StrayFrame) -> str:
        if not record.connections:
            return record.detail
        connections = ngettext("%(count)d connection", "%(count)d connections", record.connections)
        return format_html("{} <small>({})</small>", record.detail, connections % {"count": record.connections})

    def render_source_ip(self, record: StrayFrame) -> str:
        return record.address or "—"

    def render_sender(self, record: StrayFrame) -> str:
        return render_to_string("wakeup/stray_sender_cell.html", {"stray": record})

    def render_actions(self, record: StrayFrame) -> str:
        of_row = {"stray": record, "is_unknown_serial": is_unknown_serial(record)}
        return render_to_string("wakeup/stray_actions_cell.html", of_row | self._of_user)

    @cached_property
    def _of_user(self) -> dict[str, object]:
        """The same for every row."""
        return {"perms": PermWrapper(self.request.user), "csrf_token": get_token(self.request)}
