"""Planned work in the API: to read, add, change and cancel, by the rules of the pages (STA-8)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from concentrators.models import Company, Concentrator, PlannedScope, PlannedSource, PlannedWork
from concentrators.planned.listing import with_state, works_to_show
from concentrators.planned.tables import EXPORT_COLUMNS, PlannedFilterSet
from concentrators.planned.wording import PlannedState
from concentrators.planned.works import Names, cancel, store
from concentrators.procedures.out_of_service import by_clocks
from smmeplus.common.api.once import OnceMixin
from smmeplus.common.api.problems import ConflictError, no_such, unknown_field
from smmeplus.common.api.resources import READING, ReadOnlyViewSet
from smmeplus.common.api.serializers import MomentField, RowSerializer

PERMISSIONS = {"POST": "concentrators.add_plannedwork", "PATCH": "concentrators.change_plannedwork"}


class PlannedWorkSerializer(RowSerializer):
    """Work that makes a place dark. The place has what its scope names; the rest is empty or null."""

    concentrator = serializers.CharField(source="concentrator.serial_number", read_only=True, allow_null=True)
    state = serializers.ChoiceField(PlannedState.choices, read_only=True)
    from_at = MomentField(read_only=True, help_text="Of the time that lasts, comes next, or was the last.")
    to_at = MomentField(read_only=True, help_text="The end of that time.")
    set_by = serializers.CharField(source="set_by.username", read_only=True, allow_null=True)

    class Meta:
        model = PlannedWork
        fields = read_only_fields = (
            *("id", "company", "scope", "concentrator", "substation", "feeder", "title", "begin", "end", "rule"),
            *("zone", "uid", "source", "state", "from_at", "to_at", "set_by", "cancelled_at"),
        )


@extend_schema_field({"type": "string", "format": "date-time"})
class ClockField(serializers.Field):
    """ISO 8601. Without an offset it is read by the clocks of the company, when that is known."""

    def to_internal_value(self, data: object) -> datetime:
        try:
            return datetime.fromisoformat(data) if isinstance(data, str) else self._refuse()
        except ValueError:
            return self._refuse()

    def _refuse(self) -> datetime:
        raise serializers.ValidationError(_("A date and a time by ISO 8601, such as 2027-04-03T02:00."))


class PlannedWorkInputSerializer(serializers.Serializer):
    """What is planned. A change names what changes."""

    scope = serializers.ChoiceField(PlannedScope.choices)
    concentrator = serializers.CharField(max_length=32, required=False, help_text="Serial number, in any case.")
    substation = serializers.CharField(max_length=100, allow_blank=True, required=False)
    feeder = serializers.CharField(max_length=100, allow_blank=True, required=False)
    title = serializers.CharField(max_length=200)
    begin = ClockField(help_text="ISO 8601; without an offset by the clocks of the company.")
    end = ClockField(help_text="Of the first time, if it recurs.")
    rule = serializers.CharField(
        max_length=400, allow_blank=True, required=False, help_text="RFC 5545, 3.3.10: `FREQ=WEEKLY;BYDAY=SA`."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        unknown = self.initial_data.keys() - self.fields.keys()
        if unknown:
            raise serializers.ValidationError({name: unknown_field() for name in sorted(unknown)})
        return attrs


class NewPlannedWorkSerializer(PlannedWorkInputSerializer):
    """What is planned. The same ``uid`` again changes that work, and takes up a cancelled one."""

    company = serializers.IntegerField(help_text="Its id.")
    uid = serializers.CharField(
        max_length=255, required=False, help_text="Its key in your system. Of each company one work has it."
    )


@extend_schema_view(list=extend_schema(summary="Planned work"), retrieve=extend_schema(summary="One planned work"))
class PlannedWorks(OnceMixin, ReadOnlyViewSet):
    """When places are expected to be dark, the oldest work first."""

    http_method_names = [*READING, "post", "patch"]
    queryset = PlannedWork.objects.all()
    serializer_class = PlannedWorkSerializer
    filterset_class = PlannedFilterSet
    export_columns = EXPORT_COLUMNS
    order = ("id",)
    lookup_value_converter = "int"

    @property
    def permission(self) -> str:  # type: ignore[override] # of the method
        if self.action == "cancel":
            return PERMISSIONS["PATCH"]
        return PERMISSIONS.get(self.request.method or "", "concentrators.view_plannedwork")

    def get_queryset(self) -> QuerySet[Any]:
        return with_state(works_to_show(self.request.user), timezone.now())

    @extend_schema(
        summary="Add planned work",
        request=NewPlannedWorkSerializer,
        responses={200: PlannedWorkSerializer, 201: PlannedWorkSerializer},
        examples=[
            OpenApiExample(
                "Each Saturday morning",
                value={
                    "company": 1,
                    "scope": "feeder",
                    "substation": "Santiago Centro",
                    "feeder": "SC1-F1",
                    "title": "Transformer 3 is renewed",
                    "begin": "2027-04-03T02:00",
                    "end": "2027-04-03T06:00",
                    "rule": "FREQ=WEEKLY;UNTIL=20270630",
                    "uid": "maintenance-4711",
                },
                request_only=True,
            )
        ],
    )
    def create(self, request: Request) -> Response:
        wanted = _valid(NewPlannedWorkSerializer(data=request.data))
        company = Company.objects.visible_to(request.user).filter(pk=wanted.pop("company")).first()
        if company is None:
            raise serializers.ValidationError({"company": no_such(_("There is no such company."))})
        uid = wanted.get("uid", "")
        known = PlannedWork.objects.filter(company=company, uid=uid).first() if uid else None
        work = known or PlannedWork(company=company, source=PlannedSource.API, set_by=request.user)
        if known is not None:
            wanted = {"rule": "", "substation": "", "feeder": ""} | wanted
        return self._stored(work, wanted, status.HTTP_200_OK if known else status.HTTP_201_CREATED)

    @extend_schema(
        summary="Change planned work", request=PlannedWorkInputSerializer, responses={200: PlannedWorkSerializer}
    )
    def partial_update(self, request: Request, **_kwargs: Any) -> Response:
        work = self.get_object()
        if work.cancelled_at:
            raise ConflictError(_("“%(title)s” is cancelled. Add a new work instead.") % {"title": work}, "cancelled")
        return self._stored(
            work, _valid(PlannedWorkInputSerializer(data=request.data, partial=True)), status.HTTP_200_OK
        )

    @extend_schema(summary="Cancel planned work", request=None, responses={200: PlannedWorkSerializer})
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, **_kwargs: Any) -> Response:
        """End it now. It is a conflict if it is over, or cancelled already."""
        work = self.get_object()
        try:
            cancel(work, user=request.user, now=timezone.now())
        except ValidationError as error:
            raise ConflictError.of(error) from error
        return self._answer(work, status.HTTP_200_OK)

    def _stored(self, work: PlannedWork, wanted: dict[str, Any], code: int) -> Response:
        for name, value in _for_model(work.company, wanted).items():
            setattr(work, name, value)
        try:
            store(work, user=self.request.user, now=timezone.now())
        except ValidationError as error:
            raise serializers.ValidationError(_by_field(error)) from error
        return self._answer(work, code)

    def _answer(self, work: PlannedWork, code: int) -> Response:
        return Response(PlannedWorkSerializer(self.get_queryset().get(pk=work.pk)).data, status=code)


def _valid(serializer: serializers.Serializer) -> dict[str, Any]:
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


def _for_model(company: Company, wanted: dict[str, Any]) -> dict[str, Any]:
    """``wanted`` as values of the model. Raises the API's ValidationError."""
    values = dict(wanted)
    for name in values.keys() & {"begin", "end"}:
        try:
            values[name] = by_clocks(values[name], company.zone)
        except ValidationError as error:
            raise serializers.ValidationError({name: error.messages}) from error
    if "concentrator" in values:
        values["concentrator"] = _concentrator(company, values["concentrator"])
    places = {name: values[name].strip() for name in ("substation", "feeder") if name in values}
    if places:
        spelt = Names(company).spelt(places.get("substation", ""), places.get("feeder", ""))
        values |= {name: value for name, value in zip(("substation", "feeder"), spelt, strict=True) if name in places}
    return values


def _concentrator(company: Company, serial: str) -> Concentrator:
    found = Concentrator.objects.filter(company=company, serial_number=serial.strip().upper()).first()
    if found is None:
        raise serializers.ValidationError({"concentrator": no_such(_("This company has no such concentrator."))})
    return found


def _by_field(error: ValidationError) -> dict[str, list[str]]:
    return error.message_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.messages}
