"""Commits that no standby has, although they should have waited for one (LIS-2, OPS-3).

With synchronous replication PostgreSQL commits on its own disk first, and then waits until a standby has the commit as
well. If that wait is ended from outside, the transaction stays committed all the same, and everybody can read what it
has written. Nothing of it may be answered: the standby may take over without it.

- ``pg_terminate_backend``, a restart and a crash end the session: see :mod:`wakeup.recording.attempts`.
- ``pg_cancel_backend`` lets the commit succeed, with a warning. Here that counts as a failure.
"""

from __future__ import annotations

from functools import partial
from typing import Any
from weakref import WeakSet, ref

import psycopg
from django.db import OperationalError

#: A read-only transaction waits for no standby, and a number of its own does not change that: only a write does.
WRITE_SOMETHING = "SELECT pg_logical_emit_message(true, 'wakeup', '')"
#: The function of PostgreSQL that warns. Its name is sent along in whatever language the warning is.
_WAITS = "SyncRepWaitForLSN"

_unbacked: WeakSet[psycopg.Connection[Any]] = WeakSet()


def watch(raw: psycopg.Connection[Any]) -> None:
    """Note from now on when a commit of ``raw`` has not waited for its standby to the end."""
    raw.add_notice_handler(partial(_note, ref(raw)))


def raise_if_unbacked(raw: psycopg.Connection[Any]) -> None:
    """Raises OperationalError if a commit of ``raw`` has not waited to the end; such a connection is to be closed."""
    if _unbacked and raw in _unbacked:
        raise OperationalError("the wait for a standby was canceled, so what was committed may be on one machine only")


def _note(reference: ref[psycopg.Connection[Any]], diagnostic: psycopg.errors.Diagnostic) -> None:
    raw = reference()
    if raw is not None and diagnostic.source_function == _WAITS:
        _unbacked.add(raw)
