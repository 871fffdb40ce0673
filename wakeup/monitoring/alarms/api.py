"""Alarms in the API: to read, what may be done about them, and the load that they are (STA-9)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from smmeplus.common.api.once import OnceMixin
from smmeplus.common.api.problems import ConflictError
from smmeplus.common.api.resources import READING, ReadOnlyViewSet
from smmeplus.common.api.serializers import MomentField, RowSerializer
from smmeplus.common.request import now_of
from wakeup.api.filters import InstantFilter
from wakeup.models import Alarm
from wakeup.monitoring.alarms import actions
from wakeup.monitoring.alarms.load import Figures
from wakeup.monitoring.alarms.measures import MEASURES, PERIODS, load_for
from wakeup.monitoring.alarms.tables import EXPORT_COLUMNS, AlarmFilterSet, alarms_to_show
from wakeup.monitoring.alarms.words import meaning_of, title_of, what_to_do

VIEW, CHANGE = "wakeup.view_alarm", "wakeup.change_alarm"


class AlarmFilters(AlarmFilterSet):
    """Those of the page, and times of raising from one (included) to another (not)."""

    raised_from = InstantFilter(label=_l("Raised from"), field_name="raised_at", lookup_expr="gte")
    raised_to = InstantFilter(label=_l("Raised before"), field_name="raised_at", lookup_expr="lt")

    class Meta:
        model = Alarm
        fields = ["state", "priority", "kind", "company", "q", "raised_from", "raised_to"]


class AlarmSerializer(RowSerializer):
    """One thing that needs a person."""

    title = serializers.SerializerMethodField()
    meaning = serializers.SerializerMethodField()
    to_do = serializers.SerializerMethodField()
    acknowledged_by = serializers.CharField(source="acknowledged_by.username", read_only=True, allow_null=True)
    shelved_by = serializers.CharField(source="shelved_by.username", read_only=True, allow_null=True)
    facts = serializers.JSONField(read_only=True, help_text="Names and numbers; which ones depends on the kind.")
    raised_in_day = serializers.IntegerField(
        read_only=True, help_text="Alarms of the same place within 24 hours, up to this one; from 3 on it repeats."
    )

    class Meta:
        model = Alarm
        fields = read_only_fields = (
            *("id", "priority", "kind", "company", "place", "incident", "title", "meaning", "to_do", "facts"),
            *("began_at", "raised_at", "act_by", "ended_at", "acknowledged_at", "acknowledged_by"),
            *("shelved_until", "shelved_by", "shelved_reason", "is_false", "raised_in_day"),
        )

    @extend_schema_field(str)
    def get_title(self, alarm: Alarm) -> str:
        return title_of(alarm)

    @extend_schema_field(str)
    def get_meaning(self, alarm: Alarm) -> str:
        return meaning_of(alarm)

    @extend_schema_field(str)
    def get_to_do(self, alarm: Alarm) -> str:
        return what_to_do(alarm)


@extend_schema_view(list=extend_schema(summary="Alarms"), retrieve=extend_schema(summary="One alarm"))
class Alarms(ReadOnlyViewSet):
    """What needs a person, the newest first; `state=open` gives what nobody has shelved and what is not over.

    `priority` is 1 for low, 2 for medium and 3 for high. What falls silent alone raises no alarm.
    """

    permission = VIEW
    queryset = Alarm.objects.all()
    serializer_class = AlarmSerializer
    filterset_class = AlarmFilters
    export_columns = EXPORT_COLUMNS
    order = ("-raised_at", "-id")
    lookup_value_converter = "int"

    def get_queryset(self) -> QuerySet[Any]:
        return alarms_to_show(self.request.user)


Run = Callable[[Alarm, Mapping[str, Any], User, datetime], Alarm]
COMMANDS: Mapping[str, Run] = {
    "acknowledge": lambda alarm, _asked, user, now: actions.acknowledge(alarm, user=user, now=now),
    "shelve": lambda alarm, asked, user, now: actions.shelve(
        alarm, until=asked["until"], reason=asked["reason"], user=user, now=now
    ),
    "unshelve": lambda alarm, _asked, user, now: actions.unshelve(alarm, user=user, now=now),
    "real": lambda alarm, _asked, user, now: actions.judge(alarm, is_false=False, user=user, now=now),
    "false": lambda alarm, _asked, user, now: actions.judge(alarm, is_false=True, user=user, now=now),
}


class AlarmCommandSerializer(serializers.Serializer):
    """What to do; `until` and `reason` belong to `shelve`, which needs both."""

    command = serializers.ChoiceField(list(COMMANDS), help_text="`real` and `false` say whether it was a false alarm.")
    until = MomentField(required=False, help_text="At most 24 hours from now.")
    reason = serializers.CharField(required=False, max_length=actions.REASON_LENGTH)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if self.initial_data.keys() - self.fields.keys():
            raise serializers.ValidationError(_("The fields are command, until and reason."))
        needed = {"until", "reason"}
        if attrs["command"] == "shelve" and (missing := sorted(needed - attrs.keys())):
            raise serializers.ValidationError(dict.fromkeys(missing, _("To shelve needs this.")))
        if attrs["command"] != "shelve" and (surplus := sorted(needed & attrs.keys())):
            raise serializers.ValidationError(dict.fromkeys(surplus, _("This is for shelve alone.")))
        return attrs


class AlarmCommands(OnceMixin, GenericAPIView):
    """Acknowledge, shelve or unshelve an alarm, or say whether it was real. A conflict where its state forbids it."""

    http_method_names = ("post",)
    permission = CHANGE
    queryset = Alarm.objects.none()
    serializer_class = AlarmCommandSerializer

    @extend_schema(summary="Command an alarm", operation_id="alarms_command", responses={200: AlarmSerializer})
    def post(self, request: Request, pk: int) -> Response:
        asked = self.get_serializer(data=request.data)
        asked.is_valid(raise_exception=True)
        shown = alarms_to_show(request.user).filter(pk=pk)
        one = shown.first()
        if one is None:
            raise Http404
        command = asked.validated_data["command"]
        try:
            COMMANDS[command](one, asked.validated_data, request.user, now_of(request))
        except actions.AlarmError as error:
            raise ConflictError.of(error) from error
        return Response(AlarmSerializer(shown.get()).data)


class AlarmFigureSerializer(serializers.Serializer):
    """A figure, and whether its limit is kept."""

    figure = serializers.ChoiceField([measure.name for measure in MEASURES])
    value = serializers.FloatField(allow_null=True, help_text="null: there is nothing to reckon it from.")
    is_kept = serializers.BooleanField(allow_null=True, help_text="null: no limit, or too few alarms to tell.")


class AlarmPeriodSerializer(serializers.Serializer):
    """The figures of so many hours up to now."""

    hours = serializers.IntegerField()
    figures = AlarmFigureSerializer(many=True)


class AlarmLoadSerializer(serializers.Serializer):
    """The alarm load of several times."""

    periods = AlarmPeriodSerializer(many=True)


class AlarmLoad(GenericAPIView):
    """What alarms ask of those who read them, beside the limits of EEMUA 191 and ISA-18.2.

    Of the alarms of your companies and of those about no company, in the last 24 hours, 7 days and 30 days.
    """

    http_method_names = READING
    permission = VIEW
    queryset = Alarm.objects.none()
    serializer_class = AlarmLoadSerializer
    detail = True  # takes no parameters

    @extend_schema(summary="Alarm load", operation_id="alarm_load_retrieve", responses={200: AlarmLoadSerializer})
    def get(self, request: Request) -> Response:
        self.filter_queryset(self.get_queryset())
        load = load_for(request.user, now_of(request))
        periods = [{"hours": hours, "figures": _said(one)} for hours, one in zip(PERIODS, load, strict=True)]
        return Response({"periods": periods})


def _said(figures: Figures) -> list[dict[str, object]]:
    return [
        {"figure": measure.name, "value": measure.value(figures), "is_kept": measure.is_kept(figures)}
        for measure in MEASURES
    ]
