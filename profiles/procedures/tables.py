from __future__ import annotations

from typing import Any

import django_tables2 as tables
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _l

from profiles.models import ProcedureProfile
from profiles.procedures import wording
from profiles.tables import not_shown_to, owner_column, rights_on
from smmeplus.common.lists import ListTable, NumberColumn


class ProcedureTable(ListTable):
    name = tables.Column(verbose_name=_l("Name"), order_by="name_folded")
    waves = tables.Column(verbose_name=_l("Waves"))
    halt_percent = tables.Column(verbose_name=_l("Halts above"), empty_values=())
    hours = tables.Column(verbose_name=_l("Writes begin"), orderable=False)
    verify_after_days = NumberColumn(verbose_name=_l("Read back again after days"))
    company = owner_column()
    use_count = NumberColumn(verbose_name=_l("Roll-outs"), orderable=False)
    actions = tables.Column(verbose_name=_l("Actions"), empty_values=(), orderable=False)

    class Meta:
        order_by = "name"
        empty_text = _l("No procedure profile matches. Change the search, or add one.")

    def __init__(self, rows: Any, request: HttpRequest) -> None:
        super().__init__(rows, request, exclude=not_shown_to(request))

    def render_name(self, record: ProcedureProfile) -> str:
        return render_to_string("procedures/name_cell.html", {"record": record})

    def render_waves(self, record: ProcedureProfile) -> str:
        return wording.waves(record)

    def render_halt_percent(self, record: ProcedureProfile) -> str:
        return wording.halts(record)

    def render_hours(self, record: ProcedureProfile) -> str:
        return wording.hours(record)

    def render_verify_after_days(self, value: int) -> str:
        return str(value) if value else "—"

    def render_actions(self, record: ProcedureProfile) -> str:
        return render_to_string("procedures/actions_cell.html", {"record": record, **rights_on(record, self.request)})
