from __future__ import annotations

from datetime import datetime
from enum import IntEnum
from typing import Any

from django.db.models import Case, CharField, QuerySet, Value, When
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers

from concentrators.models import Concentrator
from smmeplus.common.api.resources import ReadOnlyListViewSet
from smmeplus.common.api.serializers import RowSerializer
from smmeplus.common.api.several import values_of
from smmeplus.common.exporting import ExportColumn
from smmeplus.dlms.kinds import Kind
from wakeup.api.filters import MessageFilterSet
from wakeup.api.newest import FEW, can_be_asked_one_by_one, newest_of_all, newest_of_each
from wakeup.models import Format, Message

EXPORT_COLUMNS = (
    ExportColumn("id", "pk"),
    ExportColumn("concentrator_name", "concentrator__serial_number"),
    ExportColumn("kind", "kind_word"),
    ExportColumn("received_at", "received_at"),
    ExportColumn("device_time", "device_time"),
    ExportColumn("ipaddress", "source_ip"),
    ExportColumn("port", "port"),
    ExportColumn("format", "format_word"),
    ExportColumn("elsewhere", "elsewhere"),
)


def _word(numbers: type[IntEnum], name: str) -> Case:
    """What WordField shows, said by the database."""
    words = (When(**{name: number}, then=Value(number.name.lower())) for number in numbers)
    return Case(*words, output_field=CharField())


class WordField(serializers.ChoiceField):
    """A number of an enumeration as its name in small letters."""

    def __init__(self, numbers: type[IntEnum], **kwargs: Any) -> None:
        self.numbers = numbers
        super().__init__([number.name.lower() for number in numbers], read_only=True, **kwargs)

    def to_representation(self, value: int) -> str:
        return self.numbers(value).name.lower()


class MessageSerializer(RowSerializer):
    """A message as it came in."""

    concentrator = serializers.CharField(source="concentrator.serial_number", read_only=True)
    kind = WordField(Kind)
    format = WordField(Format)

    class Meta:
        model = Message
        fields = read_only_fields = (
            "id",
            "concentrator",
            "kind",
            "received_at",
            "device_time",
            "source_ip",
            "port",
            "format",
            "elsewhere",
        )


@extend_schema_view(list=extend_schema(summary="Messages"))
class Messages(ReadOnlyListViewSet):
    """Messages as they came in, the newest first; `keepalive` and `boot` count as wake-ups.

    `received_at` is the server's clock, by which everything is judged; `device_time` that of the sender, null where
    it gave none. `port` is the listener's. With `elsewhere` a message came from outside the networks that are expected
    of its concentrator, and is not counted.

    To follow new messages, ask again with `received_from` some seconds before the newest one known, and know it by
    its `id`: several listeners may commit in another order than they received.
    """

    permission = "wakeup.view_message"
    queryset = Message.objects.all()
    serializer_class = MessageSerializer
    filterset_class = MessageFilterSet
    export_columns = EXPORT_COLUMNS
    order = ("-received_at", "-id")

    def get_queryset(self) -> QuerySet[Message]:
        return Message.objects.visible_to(self.request.user).select_related("concentrator")

    def get_export_queryset(self) -> QuerySet[Message]:
        return self.get_queryset().annotate(kind_word=_word(Kind, "kind"), format_word=_word(Format, "format"))

    def fetch(self, rows: QuerySet[Message], count: int) -> list[Message]:
        if "concentrator" in self.request.query_params:
            return super().fetch(rows, count)
        keys = self._concentrators()
        if can_be_asked_one_by_one(keys):
            return newest_of_each(rows, keys, count)
        return newest_of_all(rows, slice(count), self._before())

    def _before(self) -> datetime:
        """When the newest that are asked for may have been received."""
        received_to, after = self.request.query_params.get("received_to"), self.paginator.after
        bounds = [parse_datetime(received_to)] if received_to else []
        earliest: datetime = min(filter(None, [timezone.now(), *bounds, *after[:1]]))
        return earliest

    def _concentrators(self) -> list[int]:
        """The keys of those whose messages are asked for, as far as they are few."""
        mine = Concentrator.objects.visible_to(self.request.user)
        companies = values_of(self.request, "company")
        if companies:
            mine = mine.filter(company__in=map(int, companies))
        return list(mine.values_list("pk", flat=True)[: FEW + 1])
