"""Many configurations made due at once, by an operator (CFG-3)."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_noop

from concentrators.models import Concentrator, Configuration, ConfigurationState
from concentrators.procedures.actions import Done
from concentrators.procedures.bulk import BulkChange
from concentrators.procedures.configurations import try_again

NEW_TRY = gettext_noop("new try to write")  # in the audit


def to_try_again(concentrators: QuerySet[Concentrator], now: datetime) -> QuerySet[Concentrator]:
    """Those of ``concentrators`` into which something is to be written, and that no writer holds at ``now``."""
    waiting = _not_held(Configuration.objects.filter(profile__isnull=False), now)
    waiting = waiting.exclude(state=ConfigurationState.WRITING)
    return Concentrator.objects.filter(
        pk__in=concentrators.order_by().values("pk"), configuration__in=waiting.values("pk")
    )


def try_all_again(concentrators: QuerySet[Concentrator], *, user: User | None, now: datetime) -> Done:
    """Make the configurations of ``concentrators`` due at ``now``, all or none, by four statements for any number.

    The audit comes first and says which they are: a filter by state would match others after the change. What a writer
    holds is left alone, so that neither waits for rows of which the other one has some.
    """
    change = BulkChange(NEW_TRY, user=user, now=now)
    with transaction.atomic():
        change.note(to_try_again(concentrators, now))
        noted = Configuration.objects.filter(pk__in=change.noted.values("id"))
        changed = try_again(_not_held(noted, now), now)
    return Done(changed, change.id if changed else None)


def _not_held(configurations: QuerySet[Configuration], now: datetime) -> QuerySet[Configuration]:
    return configurations.exclude(held_until__gt=now)
