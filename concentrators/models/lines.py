"""Names of places and things, as they are stored (CON-1, PRO-3)."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Any

from django.db import models


def tidy(text: str) -> str:
    """``text`` in the form in which it is stored: NFC, trimmed, with one blank for any run of blanks of any kind, and
    without characters that only say how others are shown (Cf).

    What looks the same is the same then, whatever program it was copied from.
    """
    if text.isascii():
        return " ".join(text.split())
    seen = "".join(character for character in text if unicodedata.category(character) != "Cf")
    return " ".join(unicodedata.normalize("NFC", seen).split())


class LineOfText(models.CharField[str, str]):
    """A text that forms and files store tidied. The table has an ordinary column, so migrations know nothing of it."""

    def clean(self, value: Any, model_instance: models.Model | None) -> Any:
        return super().clean(tidy(value) if isinstance(value, str) else value, model_instance)

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        name, _path, arguments, options = super().deconstruct()
        return name, "django.db.models.CharField", arguments, options
