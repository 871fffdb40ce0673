"""Tables and filters of roll-outs and their members (CFG-4)."""

from __future__ import annotations

from typing import Any

import django_filters
import django_tables2 as tables
from django import forms
from django.db.models import Case, CharField, F, Q, QuerySet, Value, When
from django.utils import translation
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from concentrators.companies import companies_of
from concentrators.filters import SearchFilter, SearchFilterSet
from concentrators.models import ConfigurationState, Failure, Outcome, RollOut, RollOutMember, RollOutState
from concentrators.tables import ONE_LINE
from smmeplus.common.exporting import ExportColumn
from smmeplus.common.lists import ListFilterSet, ListTable, MomentColumn, NumberColumn

SEARCH = forms.TextInput({"type": "search"})


class RollOutFilterSet(ListFilterSet):
    company = django_filters.ChoiceFilter(label=_l("Company"), empty_label=_l("All"))
    state = django_filters.ChoiceFilter(label=_l("State"), choices=RollOutState.choices, empty_label=_l("All"))
    q = django_filters.CharFilter(label=_l("Profile"), method="search", widget=SEARCH)

    class Meta:
        model = RollOut
        fields = ["company", "state", "q"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("company", companies_of(self.request))

    def search(self, roll_outs: QuerySet[RollOut], _name: str, text: str) -> QuerySet[RollOut]:
        return roll_outs.filter(Q(profile_name__icontains=text) | Q(procedure__name__icontains=text))


class RollOutTable(ListTable):
    """The youngest first."""

    state = tables.Column(verbose_name=_l("State"))
    id = tables.Column(verbose_name=_l("Roll-out"), linkify=("rollouts:page", [tables.A("pk")]))
    company = tables.Column(verbose_name=_l("Company"), order_by="company__name", attrs=ONE_LINE)
    action = tables.Column(verbose_name=_l("Action"))
    profile_name = tables.Column(verbose_name=_l("Spontaneous profile"), attrs=ONE_LINE)
    procedure = tables.Column(verbose_name=_l("Procedure profile"), order_by="procedure__name_folded", attrs=ONE_LINE)
    current_wave = tables.Column(verbose_name=_l("Wave"))
    size = NumberColumn(verbose_name=_l("Concentrators"))
    open_count = NumberColumn(verbose_name=_l("Open"))
    confirmed_count = NumberColumn(verbose_name=_l("Confirmed"))
    failed_count = NumberColumn(verbose_name=_l("Failed"))
    began_at = MomentColumn(verbose_name=_l("Began (UTC)"))
    started_by = tables.Column(verbose_name=_l("By"), order_by="started_by__username")

    class Meta:
        order_by = "-began_at"
        empty_text = _l("No roll-out matches. A change that is written into concentrators begins one.")

    def render_state(self, record: RollOut) -> str:
        return badge(RollOutState(record.state))

    def render_action(self, value: str) -> str:
        return action_in_words(value)

    def render_profile_name(self, value: str) -> str:
        return value or "—"

    def render_current_wave(self, record: RollOut) -> str:
        return _("%(wave)d of %(waves)d") % {"wave": record.current_wave, "waves": record.waves}


class WholeNumberFilter(django_filters.NumberFilter):  # type: ignore[misc] # untyped
    is_key = True
    field_class = forms.IntegerField


class MemberFilterSet(SearchFilterSet):
    concentrator = "concentrator__"
    company = django_filters.ChoiceFilter(label=_l("Company"), field_name="roll_out__company", empty_label=_l("All"))
    roll_out = WholeNumberFilter(label=_l("Roll-out"), method="of_roll_out", widget=forms.NumberInput({"min": 1}))
    wave = WholeNumberFilter(label=_l("Wave"), widget=forms.NumberInput({"min": 1}), min_value=0, max_value=99)
    outcome = django_filters.ChoiceFilter(label=_l("Outcome"), choices=Outcome.choices, empty_label=_l("All"))
    q = SearchFilter(_l("Serial number"))

    class Meta:
        model = RollOutMember
        fields = ["company", "roll_out", "wave", "outcome", "q"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("company", companies_of(self.request))

    def of_roll_out(self, members: QuerySet[RollOutMember], _name: str, number: Any) -> QuerySet[RollOutMember]:
        return members.filter(roll_out=number) if 0 < number < 2**63 else members.none()


def with_device(members: QuerySet[RollOutMember]) -> QuerySet[Any]:
    """What is known of the write; empty where a later change asks for another one."""
    configuration = "concentrator__configuration__"
    is_mine = Q(**{f"{configuration}roll_out": F("roll_out")})
    return members.annotate(
        **{
            f"device_{name}": Case(
                When(is_mine, then=F(configuration + name)), default=Value(""), output_field=CharField()
            )
            for name in ("state", "failure", "detail")
        }
    )


class MemberTable(ListTable):
    serial_number = tables.Column(
        accessor="concentrator__serial_number",
        verbose_name=_l("Serial number"),
        linkify=("concentrator:page", [tables.A("concentrator__serial_number")]),
    )
    roll_out_id = tables.Column(verbose_name=_l("Roll-out"), linkify=("rollouts:page", [tables.A("roll_out_id")]))
    wave = NumberColumn(verbose_name=_l("Wave"))
    outcome = tables.Column(verbose_name=_l("Outcome"))
    since = MomentColumn(verbose_name=_l("Since (UTC)"))
    device_state = tables.Column(verbose_name=_l("Configuration"))
    device_failure = tables.Column(verbose_name=_l("Reason"))
    former_profile = tables.Column(
        verbose_name=_l("Former profile"), order_by="former_profile__name_folded", attrs=ONE_LINE
    )

    class Meta:
        order_by = "serial_number"
        empty_text = _l("No concentrator of a roll-out matches. Change the filters.")

    def render_outcome(self, record: RollOutMember) -> str:
        return badge(Outcome(record.outcome))

    def render_device_state(self, value: str) -> str:
        return badge(ConfigurationState(value)) if value else "—"

    def render_device_failure(self, value: str, record: Any) -> str:
        if not value:
            return record.device_detail or "—"
        words = str(Failure(value).label)
        return f"{words} ({record.device_detail})" if record.device_detail else words


ROLL_OUT_COLUMNS = (
    ExportColumn("roll_out", "pk"),
    ExportColumn("company", "company__name"),
    ExportColumn("action", "action"),
    ExportColumn("profile", "profile_name"),
    ExportColumn("procedure", "procedure__name"),
    ExportColumn("state", "state"),
    ExportColumn("since", "since"),
    ExportColumn("current_wave", "current_wave"),
    ExportColumn("waves", "waves"),
    ExportColumn("concentrators", "size"),
    ExportColumn("open", "open_count"),
    ExportColumn("confirmed", "confirmed_count"),
    ExportColumn("failed", "failed_count"),
    ExportColumn("dropped", "dropped_count"),
    ExportColumn("began_at", "began_at"),
    ExportColumn("started_by", "started_by__username"),
    ExportColumn("audit_id", "audit_id"),
)
MEMBER_COLUMNS = (
    ExportColumn("serial_number", "concentrator__serial_number"),
    ExportColumn("roll_out", "roll_out_id"),
    ExportColumn("wave", "wave"),
    ExportColumn("outcome", "outcome"),
    ExportColumn("since", "since"),
    ExportColumn("configuration", "device_state"),
    ExportColumn("reason", "device_failure"),
    ExportColumn("detail", "device_detail"),
    ExportColumn("former_profile", "former_profile__name"),
    ExportColumn("company", "concentrator__company__name", only_in_sheets=True),
    ExportColumn("state", "concentrator__state", only_in_sheets=True),
)


def badge(choice: Any) -> str:
    return format_html('<span class="badge text-bg-{}">{}</span>', choice.colour, choice.label)


def action_in_words(word: str) -> str:
    """As the history shows it: each word is a literal in gettext_noop where its change is defined."""
    return translation.gettext("installation file" if word == "file" else word)
