from __future__ import annotations

from typing import Any, TypeVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _l
from simple_history.admin import SimpleHistoryAdmin

from profiles.models import ProcedureProfile, SpontaneousProfile, SystemSettings
from profiles.named import NamedProfile
from profiles.zones import ZoneInput
from smmeplus.common.admin import ReadOnlyAdmin
from smmeplus.common.stale.admin import UnchangedAdminForm, UnchangedAdminMixin

_P = TypeVar("_P", bound=NamedProfile)

admin.site.site_header = admin.site.site_title = "SMM ePlus"


class SettingsForm(UnchangedAdminForm):
    class Meta:
        widgets = {"reporting_zone": ZoneInput}


@admin.register(SystemSettings)
class SystemSettingsAdmin(UnchangedAdminMixin, SimpleHistoryAdmin):  # type: ignore[misc] # untyped
    """The one row (SET-1). The list redirects to it, and it cannot be deleted."""

    form = SettingsForm
    fieldsets = (
        (None, {"fields": ("environment_name",)}),
        (_l("Wake-up"), {"fields": ("wakeup_ip", "wakeup_port")}),
        (_l("Last gasp"), {"fields": ("last_gasp_configurable", "last_gasp_ip")}),
        (_l("Reports"), {"fields": ("reporting_zone",)}),
        (
            _l("Retries of a concentrator"),
            {"fields": ("retry_count", "retry_interval_s", "retry_pause_min", "margin_s")},
        ),
        (_l("Whose fault an outage is"), {"fields": ("falls_percent",)}),
        (_l("Alarms"), {"fields": ("alarm_delay_min", "alarm_medium_customers", "alarm_high_customers")}),
        (_l("Messages"), {"fields": ("messages_kept_days", "strays_kept_days", "events_kept_days", "from_elsewhere")}),
    )

    def changelist_view(self, _request: HttpRequest, _extra_context: object = None) -> HttpResponse:
        if SystemSettings.objects.exists():
            return redirect("admin:profiles_systemsettings_change", SystemSettings.THE_ROW)
        return redirect("admin:profiles_systemsettings_add")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(super().has_add_permission(request)) and not SystemSettings.objects.exists()

    def has_delete_permission(self, _request: HttpRequest, _obj: object = None) -> bool:
        return False


class OwnProfilesAdmin(ReadOnlyAdmin[_P]):
    """Shows those of everybody and of the user's companies (ACC-1)."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[_P]:
        everything: Any = super().get_queryset(request)
        visible: QuerySet[_P] = everything.visible_to(request.user).select_related("company")
        return visible


@admin.register(SpontaneousProfile)
class SpontaneousProfileAdmin(OwnProfilesAdmin[SpontaneousProfile]):
    """Read-only, because only the pages of the technical area enforce the rules for profiles in use (PRO-6)."""

    list_display = (
        "name",
        "company",
        "wakeup_enabled",
        "wakeup_ip",
        "wakeup_port",
        "wakeup_period",
        "last_gasp_enabled",
    )
    search_fields = ("name_folded",)


@admin.register(ProcedureProfile)
class ProcedureProfileAdmin(OwnProfilesAdmin[ProcedureProfile]):
    """Read-only for the same reason; and exactly one of them is the default."""

    list_display = (
        "name",
        "company",
        "waves",
        "halt_percent",
        "begin_hour",
        "end_hour",
        "verify_after_days",
        "is_default",
    )
    search_fields = ("name_folded",)
