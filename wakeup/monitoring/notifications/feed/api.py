"""The feed in the API: events by a cursor that can be kept (API-3)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

import django_filters
from django.db.models import QuerySet
from django.http import HttpResponse, JsonResponse
from django.utils.translation import gettext_lazy as _l
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.views import APIView

from concentrators.companies import companies_of
from smmeplus.common.api.filtering import refuse_unknown
from smmeplus.common.api.problems import CONTENT_TYPE
from smmeplus.common.api.resources import READING, ReadOnlyListViewSet
from smmeplus.common.api.serializers import MomentField
from smmeplus.common.lists import ListFilterSet
from wakeup.api.filters import SerialFilter
from wakeup.models import FeedEvent
from wakeup.monitoring.notifications.feed.paging import FeedPages
from wakeup.monitoring.notifications.feed.schema import TYPES, event_schema

_PROBLEM: Final = {"$ref": "#/components/schemas/Problem"}


class SerialOfEventFilter(SerialFilter):
    """Events keep the serial number itself."""

    def any_of(self, rows: QuerySet[Any], serials: Sequence[str]) -> QuerySet[Any]:
        return rows.filter(concentrator__in=[serial.upper() for serial in serials])


class FeedFilterSet(ListFilterSet):
    """Company, concentrator, and types."""

    company = django_filters.ChoiceFilter(label=_l("Company"))
    concentrator = SerialOfEventFilter()
    type = django_filters.ChoiceFilter(label=_l("Type"), choices=[(one, one) for one in TYPES])

    class Meta:
        model = FeedEvent
        fields = ["company", "concentrator", "type"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("company", companies_of(self.request))


class EventSerializer(serializers.Serializer):
    """Something that has happened. `events/schema/` describes `data` of each type as JSON Schema."""

    id = serializers.UUIDField(help_text="Another one for each event: tells what comes twice.")
    number = serializers.IntegerField(help_text="Grows with each event; those of others leave gaps.")
    type = serializers.CharField(help_text="Such as `status.changed`; new ones may come.")
    at = MomentField(help_text="When it came about, which may be long before it was noticed.")
    published_at = MomentField()
    environment = serializers.CharField(allow_blank=True)
    company = serializers.CharField(allow_null=True, help_text="Null: our side, which is about no company.")
    concentrator = serializers.CharField(allow_null=True, help_text="The serial number; null: about no single one.")
    data = serializers.DictField()


@extend_schema_view(
    list=extend_schema(
        summary="Events, each once and in one order",
        responses={200: EventSerializer(many=True), (410, CONTENT_TYPE): _PROBLEM},
    )
)
class Events(ReadOnlyListViewSet):
    """What has happened, the oldest first: none is skipped, and those of a concentrator come in their order.

    Keep `cursor` of each answer and ask with it again, at once while `next` is not null, later otherwise. It holds as
    long as what comes after it is kept; else the answer is 410, and the lists say how things are. Without a cursor the
    answer begins with the oldest event that is kept; `cursor=newest` gives the place after the last one.
    """

    permission = "wakeup.view_feedevent"
    queryset = FeedEvent.objects.all()
    serializer_class = EventSerializer
    filterset_class = FeedFilterSet
    pagination_class = FeedPages
    order = ("number",)

    def get_queryset(self) -> QuerySet[FeedEvent]:
        return FeedEvent.objects.visible_to(self.request.user)

    def list(self, request: Request, *_args: Any, **_kwargs: Any) -> HttpResponse:
        """The bodies are JSON already: to read and write them again would take most of the time."""
        pages: Any = self.paginator
        bodies = pages.paginate_queryset(self.filter_queryset(self.get_queryset()), request, self)
        head = json.dumps({"next": pages.next, "cursor": pages.cursor})
        text = f'{head[:-1]}, "results": [{",".join(bodies)}]}}'
        return HttpResponse(text, content_type="application/json")


class EventSchema(APIView):
    """JSON Schema of an event, for everybody: it says nothing of anybody's events (ACC-1)."""

    http_method_names = READING
    permission_classes = ()
    authentication_classes = ()

    @extend_schema(exclude=True)
    def get(self, request: Request) -> HttpResponse:
        refuse_unknown(request, set())
        return JsonResponse(event_schema(), content_type="application/schema+json")
