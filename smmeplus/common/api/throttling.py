"""Limits on requests, counted in the cache."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle, UserRateThrottle


class PerUser(UserRateThrottle):
    """Counts the requests of a user with any of their tokens."""


class Refusals(SimpleRateThrottle):
    """Counts the requests from one address that could not be authenticated.

    They are counted where they are refused: the throttles of a view run after its permissions, and would see none.
    """

    scope = "refused"

    def get_cache_key(self, request: Request, _view: Any) -> str:
        return str(self.cache_format % {"scope": self.scope, "ident": self.get_ident(request)})
