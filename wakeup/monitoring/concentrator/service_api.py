"""Times out of service in the API: to read, to set, to end, by the rules of the page (STA-1)."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db import models
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from concentrators.api.planned_work import ClockField
from concentrators.companies import companies_of
from concentrators.models import Concentrator, OutOfService
from concentrators.procedures.out_of_service import (
    REASON_LENGTH,
    OutOfServiceError,
    end_early,
    in_zone,
    set_out_of_service,
)
from smmeplus.common.api.once import OnceMixin
from smmeplus.common.api.problems import ConflictError, no_such, unknown_field
from smmeplus.common.api.resources import READING, ReadOnlyViewSet
from smmeplus.common.api.serializers import MomentField, RowSerializer
from smmeplus.common.lists import ListFilterSet
from smmeplus.common.request import now_of
from wakeup.api.filters import SerialFilter


class OutState(models.TextChoices):
    PRESENT = "present", _l("present")
    COMING = "coming", _l("coming")
    OVER = "over", _l("over")
    CANCELLED = "cancelled", _l("cancelled")


class OutFilters(ListFilterSet):
    company = django_filters.ChoiceFilter(label=_l("Company"), field_name="concentrator__company")
    concentrator = SerialFilter()
    state = django_filters.ChoiceFilter(label=_l("State"), choices=OutState.choices, method="in_state")

    class Meta:
        model = OutOfService
        fields = ["company", "concentrator", "state"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("company", companies_of(self.request))

    def in_state(self, outs: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        now = now_of(self.request)
        is_cancelled = Q(end=F("begin"))
        conditions = {
            OutState.PRESENT: Q(begin__lte=now, end__gt=now),
            OutState.COMING: Q(begin__gt=now) & ~is_cancelled,
            OutState.OVER: Q(end__lte=now) & ~is_cancelled,
            OutState.CANCELLED: is_cancelled,
        }
        return outs.filter(conditions[OutState(value)])


class OutOfServiceSerializer(RowSerializer):
    """A time in which no wake-up is expected from a concentrator; cancelled if it ends as it begins."""

    concentrator = serializers.CharField(source="concentrator.serial_number", read_only=True)
    company = serializers.IntegerField(source="concentrator.company_id", read_only=True)
    set_at = MomentField(read_only=True, allow_null=True)
    set_by = serializers.CharField(source="set_by.username", read_only=True, allow_null=True)

    class Meta:
        model = OutOfService
        fields = read_only_fields = ("id", "concentrator", "company", "begin", "end", "reason", "set_at", "set_by")


class NewOutOfServiceSerializer(serializers.Serializer):
    """Which concentrator, for how long, and why."""

    concentrator = serializers.CharField(max_length=32, help_text="Serial number, in any case.")
    begin = ClockField(required=False, help_text="By default now; at most a year back.")
    end = ClockField(help_text="Not included; in the future.")
    reason = serializers.CharField(max_length=REASON_LENGTH)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        unknown = self.initial_data.keys() - self.fields.keys()
        if unknown:
            raise serializers.ValidationError({name: unknown_field() for name in sorted(unknown)})
        return attrs


@extend_schema_view(
    list=extend_schema(summary="Times out of service"), retrieve=extend_schema(summary="One time out of service")
)
class OutsOfService(OnceMixin, ReadOnlyViewSet):
    """Times out of service of concentrators, the latest set first."""

    http_method_names = [*READING, "post"]
    queryset = OutOfService.objects.all()
    serializer_class = OutOfServiceSerializer
    filterset_class = OutFilters
    order = ("-id",)
    lookup_value_converter = "int"

    @property
    def permission(self) -> str:  # type: ignore[override] # of the class
        if self.request.method != "POST":
            return "concentrators.view_outofservice"
        return f"concentrators.{'change' if self.action == 'end' else 'add'}_outofservice"

    def get_queryset(self) -> QuerySet[OutOfService]:
        seen = OutOfService.objects.filter(concentrator__company__in=companies_of(self.request))
        return seen.select_related("concentrator__company", "set_by")

    @extend_schema(
        summary="Set out of service", request=NewOutOfServiceSerializer, responses={201: OutOfServiceSerializer}
    )
    def create(self, request: Request) -> Response:
        """A conflict where it is not in field, or is out of service during a part of that time already."""
        asked = NewOutOfServiceSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        wanted = asked.validated_data
        serial = wanted["concentrator"].strip().upper()
        seen = Concentrator.objects.visible_to(request.user).select_related("company")
        one = seen.filter(serial_number=serial).first()
        if one is None:
            raise serializers.ValidationError({"concentrator": no_such(_("There is no such concentrator."))})
        times = {name: _by_clocks(name, wanted.get(name), one) for name in ("begin", "end")}
        try:
            out = set_out_of_service(one, **times, reason=wanted["reason"], user=request.user, now=now_of(request))
        except OutOfServiceError as error:
            raise _refused(error) from error
        return self._answer(out, status.HTTP_201_CREATED)

    @extend_schema(summary="Put back in service", request=None, responses={200: OutOfServiceSerializer})
    @action(detail=True, methods=["post"])
    def end(self, request: Request, **_kwargs: Any) -> Response:
        """End it now, or cancel it if it has not begun. A conflict if it is over."""
        try:
            out = end_early(self.get_object(), user=request.user, now=now_of(request))
        except OutOfServiceError as error:
            raise _refused(error) from error
        return self._answer(out, status.HTTP_200_OK)

    def _answer(self, out: OutOfService, code: int) -> Response:
        return Response(OutOfServiceSerializer(self.get_queryset().get(pk=out.pk)).data, status=code)


def _by_clocks(name: str, typed: Any, one: Concentrator) -> Any:
    """By the clocks of its place where no offset was given."""
    try:
        return typed and in_zone(typed, one)
    except OutOfServiceError as error:
        raise serializers.ValidationError({name: error.messages}) from error


def _refused(error: OutOfServiceError) -> Exception:
    """What is wrong with one of the values, or a conflict with how things are."""
    is_of_values = hasattr(error, "error_dict")
    return serializers.ValidationError(error.message_dict) if is_of_values else ConflictError.of(error)
