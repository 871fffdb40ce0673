from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import translation
from simple_history.admin import SimpleHistoryAdmin

from concentrators.models import Company, Concentrator, ConcentratorType, KindRule, sees_all
from concentrators.rules.forms import ConcentratorTypeForm, KindRuleForm, KindRuleFormSet
from concentrators.rules.presets import add_preset, say_added
from profiles.zones import ZoneInput
from smmeplus.common.stale.admin import UnchangedAdminForm, UnchangedAdminMixin


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


class ZoneForm(UnchangedAdminForm):
    class Meta:
        widgets = {"time_zone": ZoneInput}


@admin.register(Company)
class CompanyAdmin(UnchangedAdminMixin, OwnHistoryMixin, SimpleHistoryAdmin):  # type: ignore[misc] # untyped
    form = ZoneForm
    list_display = ("name", "time_zone")
    exclude = ("users",)  # whom somebody sees stands on the page of that user, with its history


class KindRuleInline(admin.TabularInline[KindRule, ConcentratorType]):
    model = KindRule
    form = KindRuleForm
    formset = KindRuleFormSet  # type: ignore[assignment] # the stubs want any form of the model
    fields = ("where", "name", "class_id", "what", "code", "word", "bit", "kind", "seen")
    extra = 1

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """The parts are fields of the form alone: who may only look reads them in the heading of each row."""
        may_enter = self.has_add_permission(request, obj) or self.has_change_permission(request, obj)
        return self.fields if may_enter else ("kind",)


@admin.register(ConcentratorType)
class ConcentratorTypeAdmin(UnchangedAdminMixin, admin.ModelAdmin[ConcentratorType]):
    form = ConcentratorTypeForm
    search_fields = ("name",)
    inlines = (KindRuleInline,)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        may_change = self.has_change_permission(request, obj) if obj else self.has_add_permission(request)
        fields = ("name", *ConcentratorType.OBJECTS, *ConcentratorType.OPTIONAL_OBJECTS)
        return (*fields, "preset") if may_change and _may_add_rules(request) else fields

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Behind the rows of the page, so that a preset does not take the place of one."""
        super().save_related(request, form, formsets, change)
        preset = form.cleaned_data.get("preset")
        form.rules_of_preset = []
        if preset and _may_add_rules(request):
            form.rules_of_preset, kept = add_preset(preset, form.instance)
            say_added(request, preset, form.rules_of_preset, kept)

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> Any:
        said = super().construct_change_message(request, form, formsets, add)
        with translation.override(None):  # as Django's own: each reader reads it in their language
            names = [{"name": str(rule._meta.verbose_name), "object": str(rule)} for rule in form.rules_of_preset]
        return [*said, *({"added": name} for name in names)]


def _may_add_rules(request: HttpRequest) -> bool:
    return request.user.has_perm("concentrators.add_kindrule")


@admin.register(Concentrator)
class ConcentratorAdmin(UnchangedAdminMixin, OwnHistoryMixin, SimpleHistoryAdmin):  # type: ignore[misc] # untyped
    """Facts of the inventory. Only installation, modification and removal change state and profile."""

    form = ZoneForm

    list_display = ("serial_number", "company", "type", "state", "profile", "management_ip", "region", "carrier")
    list_filter = ("state", ("company", OwnCompaniesFilter), "type")
    list_select_related = ("company", "type", "profile")
    search_fields = ("serial_number__startswith",)
    show_full_result_count = False
    readonly_fields = ("state", "profile", "installed_at")
    autocomplete_fields = ("type",)
