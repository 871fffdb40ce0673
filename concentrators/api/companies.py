"""Companies in the API, to read: their ids are values of filters."""

from __future__ import annotations

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view

from concentrators.models import Company
from smmeplus.common.api.resources import ReadOnlyViewSet
from smmeplus.common.api.serializers import RowSerializer


class CompanySerializer(RowSerializer):
    """A utility that owns concentrators."""

    class Meta:
        model = Company
        fields = read_only_fields = ("id", "name", "time_zone")


@extend_schema_view(list=extend_schema(summary="Companies"), retrieve=extend_schema(summary="One company"))
class Companies(ReadOnlyViewSet):
    """The companies that the user belongs to, ordered by name. Everything else in this API belongs to one of them."""

    permission = "concentrators.view_company"
    queryset = Company.objects.all()
    serializer_class = CompanySerializer
    order = ("name",)
    lookup_value_converter = "int"

    def get_queryset(self) -> QuerySet[Company]:
        return Company.objects.visible_to(self.request.user)
