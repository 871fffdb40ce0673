"""Companies, types and concentrators in the admin site."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from simple_history.admin import SimpleHistoryAdmin

from concentrators.models import Company, Concentrator, ConcentratorType, KindRule


class OwnCompaniesMixin:
    """Shows a user what belongs to his companies and nothing else (ACC-1)."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        everything: Any = super().get_queryset(request)  # type: ignore[misc] # of the ModelAdmin
        visible: QuerySet[Any] = everything.visible_to(request.user)
        return visible

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.related_model is Company:
            kwargs["queryset"] = Company.objects.visible_to(request.user)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]


@admin.register(Company)
class CompanyAdmin(OwnCompaniesMixin, SimpleHistoryAdmin):  # type: ignore[misc] # untyped
    """Companies, and which users see them."""

    list_display = ("name", "time_zone")
    filter_horizontal = ("users",)


class KindRuleInline(admin.TabularInline[KindRule, ConcentratorType]):
    model = KindRule
    extra = 1


@admin.register(ConcentratorType)
class ConcentratorTypeAdmin(admin.ModelAdmin[ConcentratorType]):
    """Models of concentrators, and what their messages mean where that is not the default (WIR-4)."""

    search_fields = ("name",)
    inlines = (KindRuleInline,)


@admin.register(Concentrator)
class ConcentratorAdmin(OwnCompaniesMixin, SimpleHistoryAdmin):  # type: ignore[misc] # untyped
    """The inventory's facts. State and profile change by installation, modification and removal alone."""

    list_display = ("serial_number", "company", "type", "state", "profile", "management_ip")
    list_filter = ("state", "company", "type")
    list_select_related = ("company", "type", "profile")
    search_fields = ("serial_number__startswith",)
    show_full_result_count = False
    readonly_fields = ("state", "profile", "installed_at")
    autocomplete_fields = ("type",)
