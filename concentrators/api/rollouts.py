"""Roll-outs in the API: to read, and what may be done to them (CFG-4)."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from concentrators.models import ConfigurationState, Failure, Outcome, RollOut, RollOutMember
from concentrators.rollouts.commands import RollOutError, cancel, pause, resume, retry
from concentrators.rollouts.counts import COLUMNS, with_counts
from concentrators.rollouts.tables import (
    MEMBER_COLUMNS,
    ROLL_OUT_COLUMNS,
    MemberFilterSet,
    RollOutFilterSet,
    with_device,
)
from smmeplus.common.api.once import OnceMixin
from smmeplus.common.api.problems import ConflictError
from smmeplus.common.api.resources import ReadOnlyListViewSet, ReadOnlyViewSet
from smmeplus.common.api.serializers import RowSerializer

COMMANDS = {"pause": pause, "resume": resume, "retry": retry, "cancel": cancel}


class RollOutSerializer(RowSerializer):
    """One change of one company's concentrators, written wave after wave."""

    action = serializers.CharField(read_only=True, help_text="Such as `installation`, `modification`, `file`.")
    profile = serializers.CharField(source="profile_name", read_only=True, help_text="Its name then; empty: several.")
    procedure = serializers.CharField(source="procedure.name", read_only=True)
    started_by = serializers.CharField(source="started_by.username", read_only=True, allow_null=True)
    open_count = serializers.IntegerField(read_only=True, help_text="Waiting for their wave, or for their result.")
    confirmed_count = serializers.IntegerField(read_only=True)
    failed_count = serializers.IntegerField(read_only=True)
    dropped_count = serializers.IntegerField(read_only=True, help_text="Cancelled, or overtaken by a later change.")

    class Meta:
        model = RollOut
        fields = read_only_fields = (
            "id",
            "company",
            "action",
            "profile",
            "procedure",
            "state",
            "since",
            "current_wave",
            "waves",
            "size",
            *COLUMNS,
            "began_at",
            "started_by",
            "audit_id",
        )


@extend_schema_view(list=extend_schema(summary="Roll-outs"), retrieve=extend_schema(summary="One roll-out"))
class RollOuts(ReadOnlyViewSet):
    """Roll-outs, the oldest first. Each installation, modification and removal that writes into devices begins one."""

    permission = "concentrators.view_rollout"
    queryset = RollOut.objects.all()
    serializer_class = RollOutSerializer
    filterset_class = RollOutFilterSet
    export_columns = ROLL_OUT_COLUMNS
    order = ("id",)
    lookup_value_converter = "int"

    def get_queryset(self) -> QuerySet[Any]:
        return with_counts(RollOut.objects.visible_to(self.request.user).select_related("procedure", "started_by"))


class RollOutMemberSerializer(RowSerializer):
    """One concentrator of a roll-out, and how far it is there."""

    concentrator = serializers.CharField(source="concentrator.serial_number", read_only=True)
    former_profile = serializers.CharField(source="former_profile.name", read_only=True, allow_null=True)
    configuration = serializers.ChoiceField(
        ConfigurationState.choices,
        source="device_state",
        read_only=True,
        allow_blank=True,
        help_text="How far writing has got; empty once a later change asks for another one.",
    )
    failure = serializers.ChoiceField(Failure.choices, source="device_failure", read_only=True, allow_blank=True)
    detail = serializers.CharField(source="device_detail", read_only=True, allow_blank=True)
    outcome = serializers.ChoiceField(Outcome.choices, read_only=True)

    class Meta:
        model = RollOutMember
        fields = read_only_fields = (
            *("id", "roll_out", "concentrator", "wave", "outcome", "since"),
            *("configuration", "failure", "detail", "former_profile"),
        )


@extend_schema_view(list=extend_schema(summary="Concentrators of roll-outs"))
class RollOutMembers(ReadOnlyListViewSet):
    """The concentrators of one roll-out, or of all of them, each with its outcome."""

    permission = "concentrators.view_rollout"
    queryset = RollOutMember.objects.all()
    serializer_class = RollOutMemberSerializer
    filterset_class = MemberFilterSet
    export_columns = MEMBER_COLUMNS
    order = ("id",)

    def get_queryset(self) -> QuerySet[Any]:
        members = RollOutMember.objects.filter(roll_out__in=RollOut.objects.visible_to(self.request.user))
        return with_device(members.select_related("concentrator", "former_profile"))


class RollOutCommandSerializer(serializers.Serializer):
    """What to do."""

    command = serializers.ChoiceField(
        list(COMMANDS),
        help_text="`pause` and `resume`; `retry` writes again what failed; `cancel` puts back what is not written.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if self.initial_data.keys() - self.fields.keys():
            raise serializers.ValidationError("The only field is command.")
        return attrs


class RollOutCommands(OnceMixin, GenericAPIView):
    """Pause, resume, retry or cancel a roll-out. It is a conflict where its state does not allow that."""

    http_method_names = ("post",)
    permission = "concentrators.change_concentrator"
    queryset = RollOut.objects.none()
    serializer_class = RollOutCommandSerializer

    @extend_schema(summary="Command a roll-out", operation_id="roll_outs_command", responses={200: RollOutSerializer})
    def post(self, request: Request, pk: int) -> Response:
        asked = self.get_serializer(data=request.data)
        asked.is_valid(raise_exception=True)
        one = RollOut.objects.visible_to(request.user).filter(pk=pk).first()
        if one is None:
            raise Http404
        try:
            COMMANDS[asked.validated_data["command"]](one, user=request.user, now=timezone.now())
        except RollOutError as error:
            raise ConflictError.of(error) from error
        return Response(RollOutSerializer(with_counts(RollOut.objects.filter(pk=pk)).get()).data)
