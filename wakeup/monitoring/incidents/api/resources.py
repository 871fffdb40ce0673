"""Outages and incidents in the API, to read (STA-5, API-1)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _l
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers

from concentrators.models import sees_all
from smmeplus.common.api.resources import ReadOnlyViewSet
from smmeplus.common.api.serializers import MomentField, RowSerializer
from wakeup.api.filters import MOST_KEY, InstantFilter, KeyFilter, SerialFilter
from wakeup.models import Incident, IncidentNote, Outage
from wakeup.monitoring.incidents.pages.filters import IncidentFilterSet, OutageFilterSet
from wakeup.monitoring.incidents.pages.queries import incidents_to_show, outages_to_show
from wakeup.monitoring.incidents.pages.tables import INCIDENT_COLUMNS, OUTAGE_COLUMNS
from wakeup.monitoring.incidents.states import IncidentState, state_of


class IncidentFilters(IncidentFilterSet):
    """Those of the page, and times of begin from one (included) to another (not)."""

    began_from = InstantFilter(label=_l("Began from"), field_name="began_at", lookup_expr="gte")
    began_to = InstantFilter(label=_l("Began before"), field_name="began_at", lookup_expr="lt")

    class Meta:
        model = Incident
        fields = [*IncidentFilterSet.Meta.fields, "began_from", "began_to"]


class OutageFilters(OutageFilterSet):
    """Company, cause and so on, one concentrator, one incident, and times of begin from one (included) to another."""

    concentrator = SerialFilter()
    incident = KeyFilter(label=_l("Incident"), field_name="incident", min_value=1, max_value=MOST_KEY)
    began_from = InstantFilter(label=_l("Began from"), field_name="began_at", lookup_expr="gte")
    began_to = InstantFilter(label=_l("Began before"), field_name="began_at", lookup_expr="lt")

    class Meta:
        model = Outage
        fields = [*OutageFilterSet.Meta.fields, "concentrator", "incident", "began_from", "began_to"]


class OutageSerializer(RowSerializer):
    """A concentrator that is, or was, without power or not heard."""

    concentrator = serializers.CharField(source="concentrator.serial_number", read_only=True)
    planned_work = serializers.CharField(
        source="planned.work.title", read_only=True, allow_null=True, help_text="Its title, if it was to be expected."
    )
    began_at = MomentField(read_only=True, help_text="The last gasp, or the middle of the time between the next two.")
    began_after = MomentField(source="earliest_at", read_only=True, help_text="It was still heard then.")
    began_before = MomentField(source="latest_at", read_only=True, help_text="It was missed then.")
    ended_at = MomentField(read_only=True, allow_null=True, help_text="Null while it lasts.")
    ended_by = serializers.CharField(read_only=True, help_text="The kind of the message that ended it; may be empty.")
    customers = serializers.IntegerField(
        source="affected", read_only=True, help_text="By its meter list when it began, else by the inventory."
    )
    customers_by_inventory = serializers.IntegerField(source="customers", read_only=True)
    meters = serializers.IntegerField(
        read_only=True, allow_null=True, help_text="Customers' meters that counted there. Null: no meter list."
    )

    class Meta:
        model = Outage
        fields = read_only_fields = (
            *("id", "concentrator", "company", "incident", "planned_work"),
            *("began_at", "began_after", "began_before", "noticed_at", "ended_at", "ended_by"),
            *("quality", "cause", "is_announced", "is_momentary", "customers", "customers_by_inventory", "meters"),
            *("logged_s", "reckoned_s"),
        )


class FindingSerializer(serializers.Serializer):
    """One piece of evidence."""

    sign = serializers.CharField()
    names = serializers.ListField(child=serializers.CharField(), help_text="Empty unless you see all companies.")
    number = serializers.IntegerField()
    of = serializers.IntegerField(help_text="0: of no number that is known.")


class NoteSerializer(RowSerializer):
    """A line of the timeline."""

    user = serializers.CharField(
        source="user.username", read_only=True, allow_null=True, help_text="Null: the product."
    )
    facts = serializers.DictField(read_only=True, help_text="Numbers and names, by kind.")

    class Meta:
        model = IncidentNote
        fields = read_only_fields = ("at", "kind", "user", "text", "facts")


class IncidentSerializer(RowSerializer):
    """What happened to many concentrators at once."""

    state = serializers.SerializerMethodField()
    noticed_at = MomentField(source="opened_at", read_only=True)
    ended_at = MomentField(read_only=True, allow_null=True, help_text="Null while one of its concentrators is dark.")
    planned_work = serializers.CharField(source="planned.work.title", read_only=True, allow_null=True)
    owner = serializers.CharField(source="owner.username", read_only=True, allow_null=True)
    part_of = serializers.PrimaryKeyRelatedField(source="merged_into", read_only=True, allow_null=True)

    class Meta:
        model = Incident
        fields: tuple[str, ...] = (
            *("id", "company", "state", "scope", "substation", "feeder", "carrier", "cause", "is_cause_said"),
            *("began_at", "noticed_at", "ended_at", "dark", "members", "size", "customers", "customers_source"),
            *("planned_work", "owner", "acknowledged_at", "part_of"),
        )
        read_only_fields = fields

    @extend_schema_field(serializers.ChoiceField(IncidentState.choices))
    def get_state(self, one: Incident) -> str:
        return state_of(one).value


class WholeIncidentSerializer(IncidentSerializer):
    """An incident with its evidence, frozen as it was, and its timeline, the oldest line first."""

    evidence = serializers.SerializerMethodField()
    against = serializers.SerializerMethodField()
    notes = NoteSerializer(many=True, read_only=True)

    class Meta:
        model = Incident
        fields = read_only_fields = (*IncidentSerializer.Meta.fields, "evidence", "against", "notes")

    @extend_schema_field(FindingSerializer(many=True))
    def get_evidence(self, one: Incident) -> list[dict[str, Any]]:
        return self._findings(one.evidence)

    @extend_schema_field(FindingSerializer(many=True))
    def get_against(self, one: Incident) -> list[dict[str, Any]]:
        return self._findings(one.against)

    def _findings(self, findings: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
        """Names may be those of another company's things."""
        with_names = sees_all(self.context["request"].user)
        return [
            {
                "sign": str(one["sign"]),
                "names": list(one.get("names") or ()) if with_names else [],
                "number": one.get("number") or 0,
                "of": one.get("of") or 0,
            }
            for one in findings
        ]


@extend_schema_view(list=extend_schema(summary="Outages"), retrieve=extend_schema(summary="One outage"))
class Outages(ReadOnlyViewSet):
    """Outages, the latest first. `quality` says how well begin and end are known.

    `measured`: by a last gasp and a boot, or by the device's own log; `restored`: by a boot alone; `inferred`: by
    messages that did not come.
    """

    permission = "wakeup.view_outage"
    queryset = Outage.objects.all()
    serializer_class = OutageSerializer
    filterset_class = OutageFilters
    export_columns = OUTAGE_COLUMNS
    order = ("-began_at", "-id")
    lookup_value_converter = "int"

    def get_queryset(self) -> QuerySet[Outage]:
        return outages_to_show(self.request.user).select_related("concentrator", "planned__work")


@extend_schema_view(list=extend_schema(summary="Incidents"), retrieve=extend_schema(summary="One incident"))
class Incidents(ReadOnlyViewSet):
    """Incidents, the latest first. What is part of another is left out unless `state` asks for it.

    One without a company is our side's, which is not about any concentrator.
    """

    permission = "wakeup.view_incident"
    queryset = Incident.objects.all()
    serializer_class = IncidentSerializer
    filterset_class = IncidentFilters
    export_columns = INCIDENT_COLUMNS
    order = ("-began_at", "-id")
    lookup_value_converter = "int"

    def get_serializer_class(self) -> Any:
        return WholeIncidentSerializer if self.action == "retrieve" else IncidentSerializer

    def get_queryset(self) -> QuerySet[Any]:
        return whole(incidents_to_show(self.request.user), with_notes=self.action == "retrieve")


def whole(incidents: QuerySet[Any], *, with_notes: bool) -> QuerySet[Any]:
    rows = incidents.select_related("owner", "planned__work")
    return rows.prefetch_related("notes__user") if with_notes else rows
