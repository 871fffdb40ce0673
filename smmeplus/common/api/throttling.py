"""How often one may ask, counted in the cache."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle, UserRateThrottle


class PerUser(UserRateThrottle):
    """The requests of a user, whichever of his tokens he uses."""


class Refusals(SimpleRateThrottle):
    """The requests from one address that no user could be found for.

    Counted where they are refused: the throttles of a view come after its permissions and would see none of them.
    """

    scope = "refused"

    def get_cache_key(self, request: Request, _view: Any) -> str:
        return str(self.cache_format % {"scope": self.scope, "ident": self.get_ident(request)})
