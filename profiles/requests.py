from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from profiles.models import SystemSettings
from profiles.owners import owners_offered_to
from smmeplus.common.request import once_a_request


def settings_of(request: HttpRequest | None) -> SystemSettings:
    return once_a_request(request, "system_settings", SystemSettings.current)


def owners_of(request: HttpRequest) -> list[Any]:
    """Whose a new profile may be: companies, and None for all of them."""
    return once_a_request(request, "profile_owners", lambda: owners_offered_to(request.user))


def owner_told(request: HttpRequest) -> bool:
    """Whether pages say whose a profile is: only to those who could take it for somebody else's."""
    return len(owners_of(request)) > 1
