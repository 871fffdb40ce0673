from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from simple_history.admin import SimpleHistoryAdmin

from concentrators.models import Company, Concentrator, ConcentratorType, KindRule, sees_all


class OwnCompaniesMixin:
    """Shows users only what belongs to their companies (ACC-1)."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        everything: Any = super().get_queryset(request)  # type: ignore[misc] # of the ModelAdmin
        visible: QuerySet[Any] = everything.visible_to(request.user)
        return visible

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.related_model is Company:
            kwargs["queryset"] = Company.objects.visible_to(request.user)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]


class OwnCompaniesFilter(admin.RelatedFieldListFilter):
    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        seen = {"pk__in": Company.objects.visible_to(request.user)}
        ordering = self.field_admin_ordering(field, request, model_admin)
        choices: list[tuple[str, Any]] = field.get_choices(
            include_blank=False, ordering=ordering, limit_choices_to=seen
        )
        return choices


class OwnHistoryMixin(OwnCompaniesMixin):
    """The same for the history pages, which would show every row to anybody who guesses its key."""

    def history_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        self._check_visible(request, object_id)
        return super().history_view(request, object_id, *args, **kwargs)  # type: ignore[misc, no-any-return]

    def history_form_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        self._check_visible(request, object_id)
        return super().history_form_view(request, object_id, *args, **kwargs)  # type: ignore[misc, no-any-return]

    def _check_visible(self, request: HttpRequest, object_id: str) -> None:
        """Raise Http404 unless the user may see the object. Users who see all may see the history of deleted ones."""
        if not sees_all(request.user) and self.get_object(request, unquote(object_id)) is None:  # type: ignore[attr-defined]
            raise Http404


@admin.register(Company)
class CompanyAdmin(OwnHistoryMixin, SimpleHistoryAdmin):  # type: ignore[misc] # untyped
    list_display = ("name", "time_zone")
    filter_horizontal = ("users",)


class KindRuleInline(admin.TabularInline[KindRule, ConcentratorType]):
    model = KindRule
    extra = 1


@admin.register(ConcentratorType)
class ConcentratorTypeAdmin(admin.ModelAdmin[ConcentratorType]):
    search_fields = ("name",)
    inlines = (KindRuleInline,)


@admin.register(Concentrator)
class ConcentratorAdmin(OwnHistoryMixin, SimpleHistoryAdmin):  # type: ignore[misc] # untyped
    """Facts of the inventory. Only installation, modification and removal change state and profile."""

    list_display = ("serial_number", "company", "type", "state", "profile", "management_ip")
    list_filter = ("state", ("company", OwnCompaniesFilter), "type")
    list_select_related = ("company", "type", "profile")
    search_fields = ("serial_number__startswith",)
    show_full_result_count = False
    readonly_fields = ("state", "profile", "installed_at")
    autocomplete_fields = ("type",)
