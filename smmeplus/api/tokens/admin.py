"""Tokens in the admin site, which superusers see: to read and to delete. One is made on the page of its user alone."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from knox.admin import AuthTokenAdmin


class TokenAdmin(AuthTokenAdmin):
    """That of knox makes tokens for others, without their password, and without an end."""

    def has_add_permission(self, _request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        return False
