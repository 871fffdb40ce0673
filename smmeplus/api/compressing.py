"""Answers of the API and the metrics, compressed for those who take that: JSON becomes a sixteenth.

Pages are not: they hold secrets beside what a request says, and the length of both, compressed, tells about the secrets
(BREACH). What is compressed here holds none of its reader, and Django puts a text of random length into its head.
"""

from __future__ import annotations

from typing import Final

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

_PATHS: Final = ("/api/", "/metrics")
#: What is text. Spreadsheets are compressed already.
_TYPES: Final = (
    "application/json",
    "application/problem+json",
    "text/csv",
    "text/plain",
    "application/vnd.oai.openapi",
)


class CompressionMiddleware(GZipMiddleware):
    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        is_text = response.get("Content-Type", "").startswith(_TYPES)
        if not request.path_info.startswith(_PATHS) or not is_text:
            return response
        compressed: HttpResponseBase = super().process_response(request, response)
        return compressed
