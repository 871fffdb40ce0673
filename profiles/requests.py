from __future__ import annotations

from django.http import HttpRequest

from profiles.models import SystemSettings
from smmeplus.common.request import once_a_request


def settings_of(request: HttpRequest | None) -> SystemSettings:
    return once_a_request(request, "system_settings", SystemSettings.current)
