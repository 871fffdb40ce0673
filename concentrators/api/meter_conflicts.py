"""Conflicts of meters in the API: to read, to decide about, to take that back (MET-5, API-1)."""

from __future__ import annotations

from typing import Any

import django_filters
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Prefetch, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from concentrators.companies import companies_of
from concentrators.meters.conflicts import deciding, wording
from concentrators.meters.conflicts.facts import conflicts_to_show, that_hold
from concentrators.models import Concentrator, ConflictKind, Decision, MeterConflict, Preference, Reopened, Sighting
from smmeplus.common.api.once import OnceMixin
from smmeplus.common.api.problems import ConflictError, no_such, unknown_field
from smmeplus.common.api.resources import READING, ReadOnlyViewSet
from smmeplus.common.api.serializers import MomentField, RowSerializer
from smmeplus.common.lists import ListFilterSet
from smmeplus.common.request import now_of

VIEW, CHANGE = "concentrators.view_meterconflict", "concentrators.change_meterconflict"


class ConflictState(models.TextChoices):
    WAITING = "waiting", _l("waits for a decision")
    DECIDED = "decided", _l("decided")
    OVER = "over", _l("over")


_STATES = {
    ConflictState.WAITING: Q(closed_at__isnull=True, decision=""),
    ConflictState.DECIDED: Q(closed_at__isnull=True) & ~Q(decision=""),
    ConflictState.OVER: Q(closed_at__isnull=False),
}


class ConflictFilters(ListFilterSet):
    """Company, kind, state, and the name of one meter, in any case."""

    company = django_filters.ChoiceFilter(label=_l("Company"), empty_label=_l("All"))
    kind = django_filters.ChoiceFilter(label=_l("Kind"), choices=ConflictKind.choices, empty_label=_l("All"))
    state = django_filters.ChoiceFilter(label=_l("State"), choices=ConflictState.choices, method="in_state")
    meter = django_filters.CharFilter(label=_l("Meter"), method="of_meter")

    class Meta:
        model = MeterConflict
        fields = ["company", "kind", "state", "meter"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("company", companies_of(self.request))

    def in_state(self, rows: QuerySet[Any], _name: str, state: str) -> QuerySet[Any]:
        return rows.filter(_STATES[ConflictState(state)])

    def of_meter(self, rows: QuerySet[Any], _name: str, name: str) -> QuerySet[Any]:
        return rows.filter(meter__name=name.strip().upper())


class MeterConflictSerializer(RowSerializer):
    """A meter that the current lists of several concentrators have; none is removed by itself."""

    meter = serializers.CharField(source="meter.name", read_only=True)
    concentrators = serializers.SerializerMethodField(help_text="Those whose current lists have it.")
    preferred = serializers.CharField(source="preferred.serial_number", read_only=True, allow_null=True)
    keep_at = serializers.CharField(source="keep_at.serial_number", read_only=True, allow_null=True)
    expected = serializers.CharField(
        source="meter.expected_concentrator.serial_number", read_only=True, allow_null=True, default=None
    )
    reason = serializers.ChoiceField(Preference.choices, read_only=True, allow_blank=True)
    decision = serializers.ChoiceField(Decision.choices, read_only=True, allow_blank=True)
    reopened = serializers.ChoiceField(Reopened.choices, read_only=True, allow_blank=True)
    decided_by = serializers.CharField(source="decided_by.username", read_only=True, allow_null=True)
    to_do = serializers.SerializerMethodField(help_text="What somebody has to do, in words; may be empty.")

    class Meta:
        model = MeterConflict
        fields = read_only_fields = (
            *("id", "company", "meter", "kind", "concentrators", "opened_at", "closed_at"),
            *("preferred", "reason", "expected", "decision", "keep_at", "allowed_until", "note"),
            *("decided_by", "decided_at", "reopened", "to_do"),
        )

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_concentrators(self, one: MeterConflict) -> list[str]:
        return _listed_by(one)

    @extend_schema_field(str)
    def get_to_do(self, one: MeterConflict) -> str:
        return wording.what_to_do(one, _listed_by(one))


def _listed_by(one: MeterConflict) -> list[str]:
    return sorted(row.concentrator.serial_number for row in that_hold(one.meter.sightings.all()))


class DecisionSerializer(serializers.Serializer):
    """What is decided; `concentrator` belongs to `keep`, `until` to `allowed`, and each is needed there."""

    decision = serializers.ChoiceField(Decision.choices)
    concentrator = serializers.CharField(required=False, max_length=32, help_text="Serial number, in any case.")
    until = MomentField(required=False, help_text="At most two years from now.")
    note = serializers.CharField(required=False, allow_blank=True, max_length=400)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if unknown := self.initial_data.keys() - self.fields.keys():
            raise serializers.ValidationError({name: unknown_field() for name in sorted(unknown)})
        for decision, name in ((Decision.KEEP, "concentrator"), (Decision.ALLOWED, "until")):
            if (attrs["decision"] == decision) != (name in attrs):
                said = _("This decision needs it.") if name not in attrs else _("This is for another decision.")
                raise serializers.ValidationError({name: said})
        return attrs


@extend_schema_view(list=extend_schema(summary="Meter conflicts"), retrieve=extend_schema(summary="One meter conflict"))
class MeterConflicts(OnceMixin, ReadOnlyViewSet):
    """Meters in the current lists of several concentrators, the oldest conflict first.

    `kind` is 1 for live, 2 for moved, 3 for stale, 4 for both failed. `preferred` is a recommendation with its
    `reason`; nothing applies it. A decision holds until the facts change, then `reopened` says which one did.
    """

    http_method_names = [*READING, "post"]
    queryset = MeterConflict.objects.all()
    serializer_class = MeterConflictSerializer
    filterset_class = ConflictFilters
    order = ("id",)
    lookup_value_converter = "int"

    @property
    def permission(self) -> str:  # type: ignore[override] # of the method
        return CHANGE if self.action in ("decide", "withdraw") else VIEW

    def get_queryset(self) -> QuerySet[MeterConflict]:
        listing = Sighting.objects.filter(in_list=True).select_related("concentrator")
        return conflicts_to_show(self.request.user).prefetch_related(Prefetch("meter__sightings", listing))

    @extend_schema(
        summary="Decide about a meter conflict",
        request=DecisionSerializer,
        responses={200: MeterConflictSerializer},
        examples=[
            OpenApiExample("Keep it", value={"decision": "keep", "concentrator": "AP-000017"}, request_only=True),
            OpenApiExample(
                "Known crosstalk",
                value={"decision": "allowed", "until": "2027-12-31T00:00:00-03:00", "note": "Both feeders, one trench"},
                request_only=True,
            ),
        ],
    )
    @action(detail=True, methods=["post"])
    def decide(self, request: Request, **_kwargs: Any) -> Response:
        """It takes the place of a former decision. A conflict if that one is over."""
        asked = DecisionSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        one = self.get_object()
        try:
            self._decide(one, asked.validated_data)
        except ValidationError as error:
            if not hasattr(error, "error_dict"):
                raise ConflictError.of(error) from error
            names = {"keep_at": "concentrator", "allowed_until": "until"}
            by_field = {names.get(name, name): said for name, said in error.message_dict.items()}
            raise serializers.ValidationError(by_field) from error
        return self._answer(one)

    def _decide(self, one: MeterConflict, said: dict[str, Any]) -> None:
        how: dict[str, Any] = {
            "user": self.request.user,
            "now": now_of(self.request),
            "note": said.get("note", ""),
        }
        match said["decision"]:
            case Decision.KEEP:
                deciding.keep_at(one, _concentrator(one, said["concentrator"]), **how)
            case Decision.ALLOWED:
                deciding.allow_until(one, said["until"], **how)
            case _:
                deciding.not_a_conflict(one, **how)

    @extend_schema(summary="Withdraw a decision", request=None, responses={200: MeterConflictSerializer})
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, **_kwargs: Any) -> Response:
        """The conflict waits for a decision again. A conflict if nothing is decided about it."""
        one = self.get_object()
        try:
            deciding.withdraw(one, user=request.user, now=now_of(request))
        except ValidationError as error:
            raise ConflictError.of(error) from error
        return self._answer(one)

    def _answer(self, one: MeterConflict) -> Response:
        return Response(MeterConflictSerializer(self.get_queryset().get(pk=one.pk)).data)


def _concentrator(one: MeterConflict, serial: str) -> Concentrator:
    found = Concentrator.objects.filter(company=one.company_id, serial_number=serial.strip().upper()).first()
    if found is None:
        raise serializers.ValidationError({"concentrator": no_such(_("This company has no such concentrator."))})
    return found
