"""The history of a thing says by which token a program has changed it (ACC-3)."""

from __future__ import annotations

from typing import Any

from simple_history.models import HistoricalRecords

from smmeplus.common.acting import acting_of


def name_token(history_instance: Any, **_kwargs: Any) -> None:
    """Before a row of a history is stored. Bulk changes, whose rows the database copies, name it themselves."""
    request = getattr(HistoricalRecords.context, "request", None)
    acting = acting_of(getattr(request, "user", None)) if request is not None else None
    if acting is not None:
        longest = history_instance._meta.get_field("history_change_reason").max_length
        history_instance.history_change_reason = acting.reason(history_instance.history_change_reason, longest)
