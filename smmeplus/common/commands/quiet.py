from __future__ import annotations

import io
from typing import Any

from django.core.management.base import BaseCommand


class QuietCommand(BaseCommand):
    """Says nothing but errors with ``--verbosity 0``: what runs by cron mails its every line to somebody."""

    def execute(self, *args: Any, **options: Any) -> str | None:
        if options.get("verbosity") == 0:
            options["stdout"] = _Nowhere()
        return super().execute(*args, **options)


class _Nowhere(io.TextIOBase):
    def write(self, text: str) -> int:
        return len(text)
