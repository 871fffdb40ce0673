"""The API uses the permissions of the pages (ACC-1)."""

from __future__ import annotations

from typing import Any

from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request


class MayUse(IsAuthenticated):
    """Signed in, and with the view's ``permission``, such as ``wakeup.view_message``."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return bool(super().has_permission(request, view)) and bool(request.user.has_perm(view.permission))
