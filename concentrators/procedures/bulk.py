"""How a change of many concentrators is recorded, whether an action or an installation file makes it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import connection
from django.db.models import DateTimeField, IntegerField, QuerySet, Value

from concentrators.models import AuditedAction, Concentrator
from concentrators.procedures.assignments import sync_assignments
from concentrators.procedures.configurations import sync_configurations
from concentrators.procedures.rolling import Rolling
from concentrators.procedures.watches import sync_watches
from profiles.models import ProcedureProfile, SpontaneousProfile
from smmeplus.common.acting import acting_of
from smmeplus.common.chunks import in_keys

CHUNK = 2_000  # concentrators held in memory at a time


class BulkChange:
    """Records one change of many concentrators: audit rows that share an id (ACC-3), assignments, what is to be
    written into the devices, and what the status follows from.

    ``word`` names the change in the audit. Every change of a state or a profile is recorded here. With a ``procedure``,
    which the caller has locked, it begins roll-outs; without one what is to be written is due at once.
    """

    def __init__(
        self,
        word: str,
        *,
        user: User | None,
        now: datetime,
        procedure: ProcedureProfile | None = None,
        profile: SpontaneousProfile | None = None,
    ) -> None:
        self.user = user
        self.now = now
        self.id = uuid.uuid4()
        self.word = word
        self.is_noted = False
        self.reason = _reason(f"{word} {self.id}", user)
        self.rolling = Rolling(word, procedure, profile, user=user, now=now, audit_id=self.id)

    def record(self, concentrators: QuerySet[Concentrator], *, created: bool = False) -> None:
        """Record what ``concentrators`` are now, and make assignments and configurations fit."""
        self.note(concentrators, created=created)
        keys = list(concentrators.order_by().values_list("pk", flat=True))
        self._make_fit(keys, are_new=created)

    def record_new(self, keys: Sequence[int], company: int, *, in_field: bool) -> None:
        """The same for concentrators of ``company`` that this change has made, all of them in field or none."""
        self.note(Concentrator.objects.filter(in_keys(keys)), created=True)
        if in_field:
            self._make_fit(keys, are_new=True, company=company)

    def _make_fit(self, keys: Sequence[int], *, are_new: bool, company: int | None = None) -> None:
        concentrators = Concentrator.objects.filter(in_keys(keys))
        sync_assignments(concentrators, self.now, keys=keys, are_new=are_new)
        sync_configurations(concentrators, self.rolling, keys=keys, are_new=are_new, company=company)
        sync_watches(keys, self.now, are_new=are_new)

    def note(self, concentrators: QuerySet[Concentrator], *, created: bool = False) -> None:
        """The audit rows alone, and with the first ones where they are found again."""
        if not self.is_noted:
            AuditedAction.objects.create(audit_id=self.id, word=self.word, at=self.now)
            self.is_noted = True
        rows = concentrators.order_by("serial_number")
        copy_into_history(rows, "+" if created else "~", user=self.user, now=self.now, reason=self.reason)

    @property
    def noted(self) -> QuerySet[Any]:
        """The audit rows of this change."""
        rows: QuerySet[Any] = Concentrator.history.filter(history_date=self.now, history_change_reason=self.reason)
        return rows


def copy_into_history(rows: QuerySet[Any], kind: str, *, user: User | None, now: datetime, reason: str) -> None:
    """Write audit rows of ``kind`` (``+``, ``~`` or ``-``). The database copies them itself; none comes into Python."""
    history = rows.model.history.model
    copied = [field.attname for field in history.tracked_fields]
    said = {
        "history_date": Value(now, DateTimeField()),
        "history_user_id": Value(user and user.pk, IntegerField()),
        "history_change_reason": Value(reason),
        "history_type": Value(kind),
    }
    select, parameters = rows.values_list(*copied, *said.values()).query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {history._meta.db_table} ({', '.join([*copied, *said])}) {select}", parameters)


def _reason(reason: str, user: User | None) -> str:
    acting = acting_of(user)
    longest: Any = Concentrator.history.model._meta.get_field("history_change_reason").max_length
    return acting.reason(reason, longest) if acting else reason
