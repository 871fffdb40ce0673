"""Limits on requests, for all processes together (API-1).

On PostgreSQL a request costs one statement of a table without a log. On SQLite, where one process serves the web and
every write waits for the others, the cache of the process counts.
"""

from __future__ import annotations

from typing import Any, Final

from django.db import connection
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle, UserRateThrottle

# The table is that of ``smmeplus.models.RequestCount``. A span begins with its first request.
_COUNT: Final = """
INSERT INTO smmeplus_requestcount AS counted (of, number, since) VALUES (%(of)s, 1, %(now)s)
ON CONFLICT (of) DO UPDATE SET
    number = CASE WHEN counted.since <= %(now)s - %(span)s THEN 1 ELSE counted.number + 1 END,
    since = CASE WHEN counted.since <= %(now)s - %(span)s THEN %(now)s ELSE counted.since END
RETURNING number, since
"""


class _Counted(SimpleRateThrottle):
    def allow_request(self, request: Request, view: Any) -> bool:
        if connection.vendor != "postgresql" or self.rate is None:
            return bool(super().allow_request(request, view))
        key = self.get_cache_key(request, view)
        if key is None:
            return True
        self.now = self.timer()
        with connection.cursor() as cursor:
            cursor.execute(_COUNT, {"of": key, "now": self.now, "span": self.duration})
            number, since = cursor.fetchone()
        self.history = [since] * number  # what ``wait`` reckons by
        return bool(number <= self.num_requests)

    def wait(self) -> float | None:
        if connection.vendor != "postgresql":
            return super().wait()  # type: ignore[no-any-return] # untyped
        return float(self.history[-1] + self.duration - self.now)


class PerUser(_Counted, UserRateThrottle):
    """Counts the requests of a user with any of their tokens."""


class Refusals(_Counted):
    """Counts the requests from one address that could not be authenticated.

    They are counted where they are refused: the throttles of a view run after its permissions, and would see none.
    """

    scope = "refused"

    def get_cache_key(self, request: Request, _view: Any) -> str:
        return str(self.cache_format % {"scope": self.scope, "ident": self.get_ident(request)})
