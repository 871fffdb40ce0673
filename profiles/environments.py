"""The reference environments (SET-4)."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q

from profiles.look_alikes import look_alike_key
from profiles.models import DEFAULT_WAKEUP_PORT, SpontaneousProfile, SystemSettings
from profiles.names import fold_name


@dataclass(frozen=True, slots=True)
class Environment:
    """What a reference environment consists of; ``profiles`` are names with periods in minutes."""

    name: str
    wakeup_ip: str
    profiles: tuple[tuple[str, int], ...]


ENVIRONMENTS = {
    "production": Environment(
        "Production", "10.132.20.228", (("Wake up SMMePlus 10 min", 10), ("Wake up SMMePlus 100 min", 100))
    ),
    "uat": Environment("UAT", "10.132.20.229", (("smmeplus uat", 10),)),
}


class OtherEnvironment(Exception):  # noqa: N818 - the administrator reads it
    """The settings belong to another environment, and must not be overwritten by accident."""


def load_environment(environment: Environment) -> list[str]:
    """Create what ``environment`` lacks, and say what was done. Safe to run twice.

    Raises OtherEnvironment, and changes nothing, if the settings have another wake-up IP.
    """
    with transaction.atomic():
        done = [_load_settings(environment)]
        done += [_load_profile(environment, *profile) for profile in environment.profiles]
        return done


def _load_settings(environment: Environment) -> str:
    settings = SystemSettings.current()
    if settings.wakeup_ip == environment.wakeup_ip:
        return f"Settings: wake-up IP {settings.wakeup_ip}, as before"
    if settings.wakeup_ip:
        raise OtherEnvironment(
            f"The wake-up IP is {settings.wakeup_ip} ({settings.environment_name or 'no name'}), not "
            f"{environment.wakeup_ip} ({environment.name}). Change it in the admin site if that is meant."
        )
    settings.environment_name = environment.name
    settings.wakeup_ip, settings.wakeup_port = environment.wakeup_ip, DEFAULT_WAKEUP_PORT
    settings.save()
    return f"Settings: {environment.name}, wake-up IP {settings.wakeup_ip}, port {settings.wakeup_port}"


def _load_profile(environment: Environment, name: str, period: int) -> str:
    named_alike = Q(name_folded=fold_name(name)) | Q(name_looks=look_alike_key(name))
    found = SpontaneousProfile.objects.filter(named_alike).select_related("company").first()
    if found is not None:
        return f"Profile “{name}”: there already{f', of {found.company} alone' if found.company else ''}"
    SpontaneousProfile.objects.create(
        name=name, wakeup_ip=environment.wakeup_ip, wakeup_port=DEFAULT_WAKEUP_PORT, wakeup_period=period
    )
    return f"Profile “{name}”: added, every {period} min"
