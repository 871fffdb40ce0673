"""Takes what is due from the database, each concentrator for one writer alone (CFG-3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

from django.conf import settings
from django.db import transaction
from django.db.models import Case, F, Q, QuerySet, Value, When

from concentrators.configuration.passwords import NoKeyError, decrypted
from concentrators.configuration.procedure import Target
from concentrators.configuration.states import Standing
from concentrators.configuration.values import desired_values, identities
from concentrators.models import Concentrator, Configuration, ConfigurationState, Failure, ManagementPassword
from concentrators.models.configuration import MOST_TRIES
from profiles.models import SpontaneousProfile, SystemSettings
from smmeplus.common.networks import read_networks

#: Longer than a conversation may take. After that a concentrator whose writer was killed is due again.
HOLD = timedelta(minutes=5)
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
    only_reads: bool = False
    refusal: Failure | None = None


def claim(writer: str, most: int, now: datetime) -> list[Job]:
    """Up to ``most`` configurations that are due, longest first, held by ``writer`` from now on.

    The try counts from here, so that a writer that is killed again and again keeps to the tries of a day, too.
    """
    today = now.astimezone(UTC).date()
    due = Configuration.objects.filter(next_try_at__lte=now, profile__isnull=False)
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


def claim_to_verify(writer: str, most: int, before: datetime, now: datetime) -> list[Job]:
    """The same of those that were last checked ``before`` that time. They keep their state."""
    due = Configuration.objects.filter(state__in=READABLE, checked_at__lt=before, profile__isnull=False)
    with transaction.atomic():
        keys = _free(due.order_by("checked_at"), most, now)
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
    found = Configuration.objects.filter(pk__in=keys).select_related("profile", "concentrator__type")
    passwords = dict(ManagementPassword.objects.filter(pk__in=keys).values_list("pk", "encrypted"))
    system = SystemSettings.current()
    # What was taken out of the field since the rows were locked keeps its place until the hold is over.
    return [
        _job(one, one.profile, passwords.get(one.pk), system, only_reads=only_reads) for one in found if one.profile
    ]


def _job(
    one: Configuration, profile: SpontaneousProfile, encrypted: str | None, system: SystemSettings, *, only_reads: bool
) -> Job:
    concentrator = one.concentrator
    refusal, password = _refusal(concentrator), None
    try:
        password = decrypted(encrypted) if encrypted else None
    except NoKeyError:
        refusal = refusal or Failure.NO_KEY
    values = desired_values(profile, concentrator.type, system)
    return Job(
        key=one.pk,
        generation=one.generation,
        host=concentrator.management_ip or "",
        port=concentrator.management_port,
        target=Target(concentrator.serial_number, identities(concentrator.type), values, password),
        standing=Standing(one.failures, one.tries_day, one.tries),
        only_reads=only_reads,
        refusal=refusal,
    )


def _refusal(concentrator: Concentrator) -> Failure | None:
    if not concentrator.management_ip:
        return Failure.NO_ADDRESS
    address = ip_address(concentrator.management_ip)
    return None if any(address in network for network in read_networks(settings.WRITER_NETWORKS)) else Failure.OUTSIDE
