"""Companies, types and concentrators in the admin site."""

from __future__ import annotations

from django.contrib import admin
from simple_history.admin import SimpleHistoryAdmin

from concentrators.models import Company, Concentrator, ConcentratorType


@admin.register(Company)
class CompanyAdmin(SimpleHistoryAdmin):  # type: ignore[misc] # untyped
    """Companies, and which users see them."""

    list_display = ("name", "time_zone")
    filter_horizontal = ("users",)


@admin.register(ConcentratorType)
class ConcentratorTypeAdmin(admin.ModelAdmin[ConcentratorType]):
    """Models of concentrators."""

    search_fields = ("name",)


@admin.register(Concentrator)
class ConcentratorAdmin(SimpleHistoryAdmin):  # type: ignore[misc] # untyped
    """The inventory's facts. State and profile change by installation, modification and removal alone."""

    list_display = ("serial_number", "company", "type", "state", "profile", "management_ip")
    list_filter = ("state", "company", "type")
    list_select_related = ("company", "type", "profile")
    search_fields = ("serial_number__startswith",)
    show_full_result_count = False
    readonly_fields = ("state", "profile", "installed_at")
    autocomplete_fields = ("type",)
