"""What the page of a concentrator says of its keys, which is all but the keys (SEC-3, ACC-3)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from operator import attrgetter

from django.utils.translation import gettext as _

from concentrators.keys.encryption import NoKeyError
from concentrators.keys.rights import may_see_keys, may_set_keys
from concentrators.keys.storing import keys_of
from concentrators.models import LAST_COUNTER, AnyUser, Concentrator, DeviceKeys
from smmeplus.common.audit import Change, changes_of

MOST_CHANGES = 20


@dataclass(frozen=True, slots=True)
class ShownKeys:
    """``row`` is None for a concentrator without keys, of which only those who may enter some are told."""

    row: DeviceKeys | None
    #: None of CONFIGURATION_KEYS decrypts them, so that nothing of it is read.
    is_lost: bool = False

    @classmethod
    def of(cls, one: Concentrator, user: AnyUser) -> ShownKeys | None:
        """No query for one that was loaded with its keys."""
        row: DeviceKeys | None = getattr(one, "device_keys", None)
        if not may_see_keys(user) or (row is None and not may_set_keys(user)):
            return None
        return cls(row, row is not None and not _is_readable(row))

    @property
    def is_used_up(self) -> bool:
        """Its counter is at the end: nothing that it sends is accepted any more under this key."""
        return self.row is not None and (self.row.accepted_counter or 0) >= LAST_COUNTER

    @property
    def is_ours_used_up(self) -> bool:
        """Our counter is: nothing can be answered or written ciphered."""
        return self.row is not None and self.row.own_counter > LAST_COUNTER


def with_keys_changes(changes: list[Change], one: Concentrator, user: AnyUser) -> list[Change]:
    """``changes`` of ``one``, newest first, with those of its keys if ``user`` may see them. One query then."""
    if not may_see_keys(user):
        return changes
    of_keys = changes_of(DeviceKeys(pk=one.pk), limit=MOST_CHANGES)
    told = [replace(change, what=_("keys: %(change)s") % {"change": change.what}) for change in of_keys]
    return sorted([*changes, *told], key=attrgetter("at"), reverse=True)[:MOST_CHANGES]


def _is_readable(row: DeviceKeys) -> bool:
    try:
        keys_of(row)
    except NoKeyError:
        return False
    return True
