"""Keys of some of the demo's concentrators, which cipher all that they send from then on (SEC-3)."""

from __future__ import annotations

import secrets
from datetime import datetime

from concentrators.keys.storing import set_ciphered_only, set_keys
from concentrators.models import Company, Concentrator
from smmeplus.demo.scenario import serials
from smmeplus.demo.story import Story
from smmeplus.dlms.ciphering.keys import KEY_SIZE

_MAKER = b"EPL"


def give_keys(company: Company, now: datetime) -> None:
    """New ones at random for the concentrators of the story. Raises NoKeyError."""
    wanted = [serials()[index] for index in Story().ciphered]
    for one in Concentrator.objects.filter(company=company, serial_number__in=wanted):
        title = (_MAKER + one.pk.to_bytes(5, "big")).hex().upper()
        unicast, authentication = secrets.token_bytes(KEY_SIZE), secrets.token_bytes(KEY_SIZE)
        set_keys(one, title, unicast, authentication, user=None, now=now)
        set_ciphered_only(one, True, user=None, now=now)
