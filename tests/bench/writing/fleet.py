"""Concentrators whose configuration is to be written, in the database."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import uuid4

from cryptography.fernet import Fernet

from smmeplus.common.chunks import in_chunks
from tests.bench.writing.devices import AT_REST, KEYS, Site

if TYPE_CHECKING:
    from profiles.models import SpontaneousProfile

WAKEUP_IP, WAKEUP_PORT, PERIOD_MIN, RETRIES = "10.132.20.228", 58_692, 10, 3
_COMPANY = "Written"
_AT_ONCE = 5_000


def install(sites: Sequence[Site]) -> None:
    """One concentrator in field for each of ``sites``, whose configuration is due."""
    for some in in_chunks(sites, _AT_ONCE):
        _install(some)


def make_due() -> None:
    """All of them are to be written again."""
    from django.utils import timezone

    from concentrators.models import Configuration
    from concentrators.procedures.configurations import try_again

    try_again(Configuration.objects.all(), timezone.now())


def give_keys(sites: Sequence[Site]) -> None:
    """Those of ``sites`` for their concentrators, which then are written ciphered."""
    from django.utils import timezone

    from concentrators.models import Concentrator, DeviceKeys

    unicast, authentication = (Fernet(AT_REST).encrypt(key).decode() for key in KEYS)
    keys = dict(Concentrator.objects.filter(company__name=_COMPANY).values_list("serial_number", "pk"))
    for some in in_chunks(sites, _AT_ONCE):
        DeviceKeys.objects.bulk_create(
            DeviceKeys(
                concentrator_id=keys[site.serial],
                system_title=site.title.hex().upper(),
                encrypted_unicast_key=unicast,
                encrypted_authentication_key=authentication,
                ciphered_only=True,
                changed_at=timezone.now(),
            )
            for site in some
        )


def take_keys() -> None:
    from concentrators.models import DeviceKeys

    DeviceKeys.objects.all().delete()


def _install(sites: Sequence[Site]) -> None:
    from django.db import transaction
    from django.utils import timezone

    from concentrators.models import Company, Concentrator, ConcentratorType, State
    from concentrators.procedures.configurations import sync_configurations
    from concentrators.procedures.rolling import Rolling
    from concentrators.procedures.watches import add_watches

    company = Company.objects.get_or_create(name=_COMPANY)[0]
    of_type = ConcentratorType.objects.get(name="CERCO1")
    profile, now = _profile(), timezone.now()
    with transaction.atomic():
        made = Concentrator.objects.bulk_create(
            Concentrator(
                serial_number=site.serial,
                company=company,
                type=of_type,
                management_ip=site.host,
                management_port=site.port,
                substation="S",
                feeder="F",
                state=State.IN_FIELD,
                profile=profile,
                installed_at=now,
            )
            for site in sites
        )
        concentrators = Concentrator.objects.filter(pk__in=[one.pk for one in made])
        rolling = Rolling("bench", None, profile, user=None, now=now, audit_id=uuid4())
        sync_configurations(concentrators, rolling, are_new=True)
        add_watches(concentrators)


def _profile() -> SpontaneousProfile:
    from profiles.models import SpontaneousProfile
    from profiles.names import fold_name

    facts = {"name": _COMPANY, "wakeup_ip": WAKEUP_IP, "wakeup_port": WAKEUP_PORT, "wakeup_period": PERIOD_MIN}
    return SpontaneousProfile.objects.get_or_create(name_folded=fold_name(_COMPANY), defaults=facts)[0]
