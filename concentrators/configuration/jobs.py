"""Takes what is due from the database, each concentrator for one writer alone (CFG-3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Case, F, Q, QuerySet, Value, When

from concentrators.configuration.addresses import address_of
from concentrators.configuration.hearing import LAST_SOURCE
from concentrators.configuration.procedure import Target
from concentrators.configuration.securing import OF_CONFIGURATION, Access, access_of, secured
from concentrators.configuration.states import ENDLESS, Rules, Standing
from concentrators.configuration.values import Desired, desired_values, disabling_values, identities
from concentrators.models import (
    ConcentratorType,
    Configuration,
    ConfigurationState,
    Failure,
    ManagementPassword,
    RollOut,
)
from concentrators.models.configuration import MOST_TRIES
from profiles.models import SpontaneousProfile, SystemSettings
from smmeplus.dlms.access.attributes import Attribute

#: Longer than a conversation may take. After that a concentrator whose writer was killed is due again.
HOLD = timedelta(minutes=5)
#: Nothing is written into what is not in field, but that its wake-up is disabled.
_HAS_SOMETHING = Q(profile__isnull=False) | Q(disables=True)
READABLE = (ConfigurationState.WRITTEN, ConfigurationState.CONFIRMED, ConfigurationState.DRIFTED)


@dataclass(frozen=True)
class Job:
    """One concentrator that this writer holds. ``refusal`` is why it is not even connected to, if so."""

    key: int
    generation: int
    host: str
    port: int
    target: Target
    standing: Standing
    rules: Rules = ENDLESS
    only_reads: bool = False
    refusal: Failure | None = None


def claim(writer: str, most: int, now: datetime) -> list[Job]:
    """Up to ``most`` configurations that are due, longest first, held by ``writer`` from now on.

    The try counts from here, so that a writer that is killed again and again keeps to the tries of a day, too.
    """
    today = now.astimezone(UTC).date()
    due = Configuration.objects.filter(_HAS_SOMETHING, next_try_at__lte=now, waits=False)
    due = due.exclude(tries_day=today, tries__gte=MOST_TRIES)
    with transaction.atomic():
        keys = _free(due.order_by("next_try_at"), most, now)
        Configuration.objects.filter(pk__in=keys).update(
            **_hold(writer, now),
            state=ConfigurationState.WRITING,
            since=now,
            last_try_at=now,
            next_try_at=now + HOLD,
            tries=Case(When(tries_day=today, then=F("tries") + 1), default=Value(1)),
            tries_day=today,
        )
    return _jobs(keys, only_reads=False)


def claim_to_verify(writer: str, most: int, before: datetime | None, now: datetime) -> list[Job]:
    """The same of those that were last checked ``before`` that time; without it of those whose procedure says so.

    They keep their state.
    """
    due = Configuration.objects.filter(state__in=READABLE, profile__isnull=False)
    if before is None:
        due = due.filter(verify_at__lte=now).order_by("verify_at")
    else:
        due = due.filter(checked_at__lt=before).order_by("checked_at")
    with transaction.atomic():
        keys = _free(due, most, now)
        Configuration.objects.filter(pk__in=keys).update(**_hold(writer, now))
    return _jobs(keys, only_reads=True)


def _free(due: QuerySet[Configuration], most: int, now: datetime) -> list[int]:
    """The keys of rows that nobody holds, locked, so that another writer passes over them."""
    free = due.filter(Q(held_until=None) | Q(held_until__lte=now))
    return list(free.select_for_update(skip_locked=True, of=("self",)).values_list("pk", flat=True)[:most])


def _hold(writer: str, now: datetime) -> dict[str, object]:
    return {"held_by": writer, "held_until": now + HOLD}


def _jobs(keys: Sequence[int], *, only_reads: bool) -> list[Job]:
    if not keys:
        return []
    found = Configuration.objects.filter(_HAS_SOMETHING, pk__in=keys).annotate(heard_from=F(LAST_SOURCE))
    found = found.select_related("profile", "concentrator__type", "roll_out__procedure")
    passwords = dict(ManagementPassword.objects.filter(pk__in=keys).values_list("pk", "encrypted"))
    securities = secured(keys, OF_CONFIGURATION)
    wanted = _Wanted(SystemSettings.current())
    # What was taken out of the field since the rows were locked keeps its place until the hold is over.
    return [
        _job(one, access_of(passwords.get(one.pk), securities.get(one.pk)), wanted, only_reads=only_reads)
        for one in found
    ]


@dataclass
class _Wanted:
    """What is the same for many of one look: worked out once."""

    system: SystemSettings
    _values: dict[tuple[int | None, int], tuple[Desired, ...]] = field(default_factory=dict)
    _identities: dict[int, list[Attribute]] = field(default_factory=dict)

    def values(self, profile: SpontaneousProfile | None, of_type: ConcentratorType) -> tuple[Desired, ...]:
        """Those of ``profile``; without one, what disables the wake-up."""
        key = (profile.pk if profile else None, of_type.pk)
        if key not in self._values:
            self._values[key] = desired_values(profile, of_type, self.system) if profile else disabling_values(of_type)
        return self._values[key]

    def identities(self, of_type: ConcentratorType) -> list[Attribute]:
        if of_type.pk not in self._identities:
            self._identities[of_type.pk] = identities(of_type)
        return self._identities[of_type.pk]


def _job(one: Any, access: Access, wanted: _Wanted, *, only_reads: bool) -> Job:
    """``one`` is a Configuration with ``heard_from``."""
    concentrator = one.concentrator
    of_type = concentrator.type
    address = address_of(concentrator, one.heard_from)
    values = wanted.values(one.profile, of_type)
    reads_lists = not one.failures  # for a device that claims to know lists, and fails at one
    return Job(
        key=one.pk,
        generation=one.generation,
        host=address.host,
        port=address.port,
        target=Target(
            concentrator.serial_number,
            wanted.identities(of_type),
            values,
            access.password,
            reads_lists,
            access.security,
        ),
        standing=Standing(one.failures, one.tries_day, one.tries),
        rules=_rules(one.roll_out),
        only_reads=only_reads,
        refusal=address.refusal or access.refusal,
    )


def _rules(roll_out: RollOut | None) -> Rules:
    """Those of the procedure, also when its roll-out is over."""
    if roll_out is None:
        return ENDLESS
    procedure = roll_out.procedure
    verify_after = timedelta(days=procedure.verify_after_days) if procedure.verify_after_days else None
    return Rules(procedure.tries, timedelta(minutes=procedure.backoff_min), verify_after)
