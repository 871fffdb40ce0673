"""Messages and stray frames in the admin site, to look at, fast with millions of rows; receivers, to be edited."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.paginator import Page
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _l

from concentrators.admin import OwnCompaniesMixin
from concentrators.models import Concentrator
from smmeplus.common.admin import ReadOnlyAdmin
from smmeplus.common.paging import CappedPaginator
from wakeup.api.newest import newest_of_all
from wakeup.models import ListenerRun, Message, Receiver, StrayFrame
from wakeup.monitoring.notifications.admin import ReceiverAdmin
from wakeup.pages.strays.tables import visible_strays


class NewestFirst(CappedPaginator):
    """Finds the newest messages quickly; any other order as it can."""

    def page(self, number: int | str) -> Page[Any]:
        if self.rows.query.order_by[:1] != ("-received_at",):
            return super().page(number)
        number = self.validate_number(number)
        wanted = slice((number - 1) * self.per_page, min(number * self.per_page, self.count))
        return Page(newest_of_all(self.rows, wanted, timezone.now()), number, self)


@admin.register(Message)
class MessageAdmin(OwnCompaniesMixin, ReadOnlyAdmin[Message]):
    list_display = ("received_at", "concentrator", "kind", "source_ip", "port", "device_time", "format", "elsewhere")
    list_filter = ("kind", "format", "elsewhere")
    list_select_related = ("concentrator",)
    ordering = ("-received_at", "-pk")
    paginator = NewestFirst
    search_fields = ("concentrator__serial_number",)
    search_help_text = _l("A whole serial number")
    show_full_result_count = False

    def get_search_results(
        self, _request: HttpRequest, queryset: QuerySet[Message], search_term: str
    ) -> tuple[QuerySet[Message], bool]:
        """By the concentrator's key, so that the index on (concentrator, time) serves search and order alike."""
        serial = search_term.strip().upper()
        if not serial:
            return queryset, False
        found = Concentrator.objects.filter(serial_number=serial).values_list("pk", flat=True).first()
        return (queryset.filter(concentrator_id=found) if found else queryset.none()), False


@admin.register(StrayFrame)
class StrayFrameAdmin(ReadOnlyAdmin[StrayFrame]):
    list_display = ("sender", "reason", "detail", "count", "first_at", "last_at", "source_ip")
    list_filter = ("reason", "ignored")
    search_fields = ("sender",)
    exclude = ("last_bytes",)
    readonly_fields = ("last_bytes_in_hex",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[StrayFrame]:
        """A removed concentrator's frames are its company's (ACC-1)."""
        return visible_strays(request.user)

    @admin.display(description=_l("last bytes"))
    def last_bytes_in_hex(self, stray: Any) -> str:
        return bytes(stray.last_bytes).hex(" ")


@admin.register(ListenerRun)
class ListenerRunAdmin(ReadOnlyAdmin[ListenerRun]):
    list_display = ("__str__", "address", "started_at", "seen_at", "ended_at", "message_count", "dropped")


admin.site.register(Receiver, ReceiverAdmin)
