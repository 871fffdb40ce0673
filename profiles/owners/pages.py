"""What the dialogs of profiles do about whose a profile is (ACC-1)."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse

from profiles.owners import companies_seen_by, looks_after_all
from profiles.requests import owners_of
from smmeplus.common.dialogs import DialogMixin


class OwnedDialogMixin(DialogMixin):
    """Tells who has deleted a profile only those who saw it."""

    def _gone(self) -> HttpResponse:
        if not self._saw_it():
            self.deleted_model = None
        return super()._gone()

    def _saw_it(self) -> bool:
        user = self.request.user
        deleted = self.deleted_model.history.filter(id=self.kwargs["pk"], history_type="-")
        seen = Q() if looks_after_all(user) else Q(company=None) | Q(company__in=companies_seen_by(user))
        return bool(deleted.filter(seen).exists())


class OwnedMixin:
    """One of the profiles that the user sees, and changes unless the view ``only_shows`` it."""

    request: HttpRequest
    only_shows = False

    def get_queryset(self) -> Any:
        of_kind: Any = super().get_queryset()  # type: ignore[misc] # of the generic view
        return of_kind.visible_to(self.request.user).with_usage(self.request.user).select_related("company")

    def get_object(self, queryset: Any = None) -> Any:
        profile: Any = super().get_object(queryset)  # type: ignore[misc]
        if not self.only_shows and not profile.may_be_changed_by(self.request.user):
            raise PermissionDenied
        return profile


class OwnerMixin:
    """Adds a profile to a company of the user, or to all."""

    request: HttpRequest

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs: dict[str, Any] = super().get_form_kwargs()  # type: ignore[misc]
        return kwargs | {"owners": owners_of(self.request)}
