"""The keys of simulated concentrators are those of the inventory."""

from __future__ import annotations

from typing import Final

from concentrators.keys.encryption import NoKeyError, decrypted
from concentrators.models import DeviceKeys
from concentrators.simulator.ciphering.pushes import Ciphering
from smmeplus.dlms.ciphering.keys import Keys

#: What :func:`ciphering_in` wants.
COLUMNS: Final = ("system_title", "encrypted_unicast_key", "encrypted_authentication_key", "ciphered_only")


def ciphering_in(title: str | None, unicast: str, authentication: str, ciphered_only: bool) -> Ciphering | None:
    """None for a concentrator without keys (``title`` None), and for one whose keys nobody can decrypt."""
    if title is None:
        return None
    try:
        keys = Keys(decrypted(unicast), decrypted(authentication))
    except NoKeyError:
        return None
    return Ciphering(keys, bytes.fromhex(title), ciphered_only=ciphered_only)


def cipherings_of(company_id: int) -> dict[int, Ciphering]:
    """By primary keys, of the company's concentrators that have keys."""
    rows = DeviceKeys.objects.filter(concentrator__company=company_id).values_list("pk", *COLUMNS)
    found = {key: ciphering_in(*columns) for key, *columns in rows}
    return {key: ciphering for key, ciphering in found.items() if ciphering}
