"""Procedure profiles in the API, to read (API-1, PRC-1)."""

from __future__ import annotations

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers

from profiles.models import ProcedureProfile
from profiles.procedures.filters import ProcedureFilterSet
from smmeplus.common.api.resources import ReadOnlyViewSet
from smmeplus.common.api.serializers import RowSerializer


class ProcedureSerializer(RowSerializer):
    """A procedure profile, and for how many of the roll-outs that you see it was chosen."""

    company = serializers.PrimaryKeyRelatedField(
        read_only=True, allow_null=True, help_text="The one company that it belongs to; null: all."
    )

    waves = serializers.ListField(
        source="wave_sizes",
        child=serializers.IntegerField(allow_null=True),
        read_only=True,
        help_text="Sizes of the waves; null, the last one, stands for all that are left.",
    )
    use_count = serializers.IntegerField(read_only=True)

    class Meta:
        model = ProcedureProfile
        fields = read_only_fields = ("id", "name", "is_default", *ProcedureProfile.PARAMETERS, "company", "use_count")


@extend_schema_view(
    list=extend_schema(summary="Procedure profiles"), retrieve=extend_schema(summary="One procedure profile")
)
class ProcedureProfiles(ReadOnlyViewSet):
    """Procedure profiles: how installations, modifications and removals are carried out.

    Ordered by name. `halt_percent` is null where nothing halts, the hours are null where writes begin at any hour, and
    `first_wakeup_within_min` is null where it is the period and 30 minutes.
    """

    permission = "profiles.view_procedureprofile"
    queryset = ProcedureProfile.objects.all()
    serializer_class = ProcedureSerializer
    filterset_class = ProcedureFilterSet
    order = ("name_folded",)
    lookup_value_converter = "int"

    def get_queryset(self) -> QuerySet[ProcedureProfile]:
        return ProcedureProfile.objects.visible_to(self.request.user).with_usage(self.request.user)
