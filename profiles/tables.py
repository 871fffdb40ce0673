from __future__ import annotations

from typing import Any

import django_tables2 as tables
from django.contrib.auth.context_processors import PermWrapper
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from profiles.models import SpontaneousProfile, SystemSettings
from profiles.named import NamedProfile
from profiles.requests import owner_told
from smmeplus.common.lists import ListTable, NumberColumn


class ProfileColumns(ListTable):
    """The four columns of the reference system, wherever profiles are listed (PRO-1, CON-2)."""

    name = tables.Column(verbose_name=_l("Name"), order_by="name_folded")
    wakeup_enabled = tables.BooleanColumn(verbose_name=_l("Wake up enabled"), yesno="true,false")
    wakeup_ip = tables.Column(verbose_name=_l("Wakeup IP"))
    wakeup_period = NumberColumn(verbose_name=_l("Wakeup period min"))

    class Meta:
        order_by = "name"
        empty_text = _l("No profile matches. Change the search, or add a profile.")

    def render_wakeup_enabled(self, value: bool) -> str:
        return _("true") if value else _("false")

    def render_wakeup_period(self, record: SpontaneousProfile) -> str:
        return str(record.wakeup_period)


def owner_column() -> tables.Column:
    """Whose a profile is; nothing for all companies."""
    return tables.Column(verbose_name=_l("Company"), order_by="company__name")


def not_shown_to(request: HttpRequest) -> tuple[str, ...]:
    """The columns that a table of profiles leaves out."""
    return () if owner_told(request) else ("company",)


def rights_on(profile: NamedProfile, request: HttpRequest) -> dict[str, Any]:
    user: Any = request.user
    return {"perms": PermWrapper(user), "may_change": profile.may_be_changed_by(user)}


class ProfileTable(ProfileColumns):
    company = owner_column()
    concentrator_count = NumberColumn(verbose_name=_l("Concentrators"))
    actions = tables.Column(verbose_name=_l("Actions"), empty_values=(), orderable=False)

    class Meta(ProfileColumns.Meta):
        sequence = ["name", "wakeup_enabled", "wakeup_ip", "wakeup_period", "company", "concentrator_count", "actions"]

    def __init__(self, rows: Any, request: HttpRequest, *, settings: SystemSettings) -> None:
        super().__init__(rows, request, exclude=not_shown_to(request))
        self.settings = settings

    def render_name(self, record: SpontaneousProfile) -> str:
        is_old = record.is_of_older_settings(self.settings)
        return render_to_string("profiles/name_cell.html", {"record": record, "is_old": is_old})

    def render_actions(self, record: SpontaneousProfile) -> str:
        return render_to_string("profiles/actions_cell.html", {"record": record, **rights_on(record, self.request)})
