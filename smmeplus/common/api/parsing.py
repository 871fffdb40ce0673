"""The API reads JSON of a bounded depth. Django bounds its size."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _l
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser


class BoundedJSONParser(JSONParser):
    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        try:
            return super().parse(stream, media_type, parser_context)
        except RecursionError as error:
            raise ParseError(_l("The body is nested too deeply.")) from error
