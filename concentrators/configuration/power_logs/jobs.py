"""Takes the logs that are due from the database, each for one writer alone (STA-11, CFG-3).

Whoever reads the log of a concentrator also holds its configuration, so that nobody writes it at the same time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

from django.db import transaction
from django.db.models import Case, F, OuterRef, Q, Subquery, Value, When

from concentrators.configuration.addresses import address_of
from concentrators.configuration.hearing import LAST_SOURCE
from concentrators.configuration.jobs import HOLD
from concentrators.configuration.power_logs.steps import LogTarget
from concentrators.configuration.procedure import Target
from concentrators.configuration.securing import OF_LOG, Access, access_of, secured
from concentrators.configuration.values import identities
from concentrators.models import Configuration, Failure, ManagementPassword, PowerFailure, PowerLog
from smmeplus.dlms.access.attributes import logical_name

#: Of one log after one boot.
MOST_TRIES: Final = 5
NOT_ENDED: Final = "the writer ended amid the last try"


@dataclass(frozen=True)
class LogJob:
    """A log that this writer holds until ``held_until``, by which its hold is known.

    ``booted_at`` is the boot that it is read for, ``tries`` how many there are with this one.
    """

    key: int
    host: str
    port: int
    target: LogTarget
    tries: int
    booted_at: datetime | None
    held_until: datetime
    refusal: Failure | None = None


def claim_logs(writer: str, most: int, now: datetime) -> list[LogJob]:
    """Up to ``most`` logs that are due, longest first, held by ``writer`` from now on.

    The try counts from here, as that of a configuration. What is out of field, or keeps no log, is not due any more.
    """
    until = now + HOLD
    with transaction.atomic():
        due = _due(most, now)
        PowerLog.objects.filter(pk__in=[one.key for one in due if not one.is_kept]).update(due_at=None)
        ended = [one.key for one in due if one.is_kept and one.was_ended_amid_the_last_try]
        PowerLog.objects.filter(pk__in=ended).update(due_at=None, held_until=None, failure=NOT_ENDED)
        wanted = [one.key for one in due if one.is_kept and not one.was_ended_amid_the_last_try]
        keys = _hold_configurations(writer, wanted, until, now)
        tries = Case(When(tries__gte=MOST_TRIES, then=Value(1)), default=F("tries") + 1)  # those of an earlier boot
        PowerLog.objects.filter(pk__in=keys).update(held_until=until, due_at=until, tries=tries)
    return _jobs(keys, until)


class _Due(NamedTuple):
    """A row that is due. ``held_until`` is that of a writer that has not let go of it, and is over."""

    key: int
    tries: int
    held_until: datetime | None
    profile: int | None
    log: str

    @property
    def is_kept(self) -> bool:
        """Whether it is in field, and keeps a log."""
        return bool(self.profile and self.log)

    @property
    def was_ended_amid_the_last_try(self) -> bool:
        return self.held_until is not None and self.tries >= MOST_TRIES


def _due(most: int, now: datetime) -> list[_Due]:
    """Those that nobody holds, locked, so that another writer passes over them."""
    is_free = Q(held_until=None) | Q(held_until__lte=now)
    rows = PowerLog.objects.filter(is_free, due_at__lte=now).exclude(concentrator__configuration__held_until__gt=now)
    rows = rows.order_by("due_at").select_for_update(skip_locked=True, of=("self",))
    of_others = ("concentrator__configuration__profile", "concentrator__type__power_log_object")
    return [_Due(*row) for row in rows.values_list("pk", "tries", "held_until", *of_others)[:most]]


def _hold_configurations(writer: str, keys: Sequence[int], until: datetime, now: datetime) -> list[int]:
    """Those of ``keys`` whose configuration nobody held."""
    free = Configuration.objects.filter(Q(held_until=None) | Q(held_until__lte=now), pk__in=keys)
    found = list(free.order_by("pk").select_for_update(skip_locked=True).values_list("pk", flat=True))
    Configuration.objects.filter(pk__in=found).update(held_by=writer, held_until=until)
    return found


def _jobs(keys: Sequence[int], until: datetime) -> list[LogJob]:
    if not keys:
        return []
    newest = PowerFailure.objects.filter(concentrator=OuterRef("pk"), device_at__isnull=False).order_by("-device_at")
    found = Configuration.objects.filter(pk__in=keys, concentrator__power_log__held_until=until)
    found = found.select_related(*(f"concentrator__{name}" for name in ("type", "company", "power_log")))
    found = found.annotate(heard_from=F(LAST_SOURCE), known_until=Subquery(newest.values("device_at")[:1]))
    passwords = dict(ManagementPassword.objects.filter(pk__in=keys).values_list("pk", "encrypted"))
    securities = secured(keys, OF_LOG)
    return [_job(one, access_of(passwords.get(one.pk), securities.get(one.pk)), until) for one in found]


def _job(held: Any, access: Access, until: datetime) -> LogJob:
    """``held`` is a Configuration with ``heard_from`` and ``known_until``."""
    one = held.concentrator
    address = address_of(one, held.heard_from)
    return LogJob(
        key=one.pk,
        host=address.host,
        port=address.port,
        target=LogTarget(
            Target(one.serial_number, identities(one.type), (), access.password, security=access.security),
            logical_name(one.type.power_log_object),
            one.zone,
            held.known_until,
        ),
        tries=one.power_log.tries,
        booted_at=one.power_log.booted_at,
        held_until=until,
        refusal=address.refusal or access.refusal,
    )
