from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

from smmeplus.common.stale.forms import UnchangedForm


class UnchangedAdminForm(UnchangedForm):
    """Refuses while it is cleaned, in the transaction in which the admin site stores."""

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        self.refuse_unless_unchanged()
        return cleaned

    def refuse_unless_unchanged(self) -> None:
        """Raise StaleError if what is stored, which is locked, is not what the user saw."""
        if self.cleaned_data.get("seen"):
            rows: QuerySet[Any] = QuerySet(self._meta.model).select_for_update(no_key=True)
            stored = rows.filter(pk=self.instance.pk).first()
            if stored is not None:
                self.refuse_if_stale(stored)


class UnchangedAdminMixin:
    """For a ModelAdmin: a change of what somebody else has changed meanwhile is refused."""

    form: Any = UnchangedAdminForm

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """With what the user saw, hidden, if they may change it; those who only look see no field of the form alone."""
        sets = super().get_fieldsets(request, obj)  # type: ignore[misc] # of the ModelAdmin
        shown = [(head, options | {"fields": _without(options["fields"])}) for head, options in sets]
        may_change = obj is not None and self.has_change_permission(request, obj)  # type: ignore[attr-defined]
        return [*shown, (None, {"fields": ("seen",)})] if may_change else shown


def _without(fields: Any) -> list[Any]:
    return [field for field in fields if field != "seen"]
