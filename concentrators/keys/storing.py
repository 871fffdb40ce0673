"""The keys of ciphered messages are stored, changed, removed and read (SEC-3)."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.dispatch import Signal
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from concentrators.keys.encryption import decrypted, encrypted, is_same
from concentrators.keys.rules import digest_of, key_of, refuse_alike, system_title_of
from concentrators.keys.used import begin_anew, take_into_use, take_out_of_use, used_keys
from concentrators.models import Concentrator, DeviceKeys, UsedKey
from concentrators.procedures.bulk import copy_into_history
from smmeplus.common.chunks import execute_with, in_keys, sent_rows

#: Sent once for each change, with ``change`` (a word), ``user``, ``audit_id``, ``concentrators`` (their number) and, of
#: one alone, ``serial``. Nothing that listens is given a key.
keys_told = Signal()

ENTERED, CHANGED, REMOVED = gettext_noop("keys entered"), gettext_noop("keys changed"), gettext_noop("keys removed")
POLICY: Final = gettext_noop("ciphered only")
UPLOADED: Final = gettext_noop("keys in a file")
_WRITTEN: Final = (
    "system_title",
    "encrypted_unicast_key",
    "encrypted_authentication_key",
    "ciphered_only",
    "changed_at",
    "accepted_counter",
    "accepted_at",
    "own_counter",
)


class GivenKeys(NamedTuple):
    """What is to be stored of one concentrator. None leaves what is there; keys come in pairs, encrypted."""

    system_title: str | None = None
    unicast: str | None = None
    authentication: str | None = None
    #: Of the unicast key; it comes with the keys.
    digest: str | None = None
    ciphered_only: bool | None = None

    @classmethod
    def of(cls, system_title: str | None, unicast: bytes, authentication: bytes) -> GivenKeys:
        """Raises NoKeyError."""
        return cls(system_title, encrypted(unicast), encrypted(authentication), digest_of(unicast))


class KeysChange:
    """One change of the keys of some concentrators: the audit rows share an id (ACC-3)."""

    def __init__(self, word: str, *, user: User | None, now: datetime, id: uuid.UUID | None = None) -> None:  # noqa: A002
        self.word, self.user, self.now = word, user, now
        self.id = id or uuid.uuid4()
        self.size = 0

    def note(self, keys: Collection[int], kind: str) -> None:
        """Audit rows of ``kind`` (``+``, ``~`` or ``-``) of what is stored now for the concentrators ``keys``."""
        if keys:
            rows = DeviceKeys.objects.filter(in_keys(keys)).order_by("pk")
            copy_into_history(rows, kind, user=self.user, now=self.now, reason=f"{self.word} {self.id}")
            self.size += len(keys)

    def tell(self, serial: str = "") -> None:
        """Let the security log know, once it is written. ``serial`` is of the only one that it is about."""
        if self.size:
            told = {"user": self.user, "audit_id": self.id, "concentrators": self.size, "serial": serial}
            keys_told.send(KeysChange, change=self.word, **told)


def set_keys(
    concentrator: Concentrator,
    system_title: str,
    unicast: bytes,
    authentication: bytes,
    *,
    user: User | None,
    now: datetime,
) -> bool:
    """Give ``concentrator`` a system title and both keys; return whether that changes anything.

    With another unicast key the counters begin anew, unless it was there before: then they go on from where they were.
    Raises NoKeyError, and ValidationError for keys and titles that may not be.
    """
    title, unicast, authentication = system_title_of(system_title), key_of(unicast.hex()), key_of(authentication.hex())
    refuse_alike(unicast, authentication)
    is_there = DeviceKeys.objects.filter(pk=concentrator.pk).exists()
    change = KeysChange(CHANGED if is_there else ENTERED, user=user, now=now)
    return _store_one(concentrator, GivenKeys.of(title, unicast, authentication), change)


def set_title(concentrator: Concentrator, system_title: str, *, user: User | None, now: datetime) -> bool:
    """Give it another system title; the rest as :func:`set_keys`. Raises ValidationError for one without keys, too."""
    given = GivenKeys(system_title_of(system_title))
    return _store_one(concentrator, given, KeysChange(CHANGED, user=user, now=now))


def set_ciphered_only(concentrator: Concentrator, ciphered_only: bool, *, user: User | None, now: datetime) -> bool:
    """Return whether that changes anything. Raises ValidationError for one without keys."""
    given = GivenKeys(ciphered_only=ciphered_only)
    return _store_one(concentrator, given, KeysChange(POLICY, user=user, now=now))


def _store_one(concentrator: Concentrator, given: GivenKeys, change: KeysChange) -> bool:
    try:
        with transaction.atomic():
            if given.system_title:
                refuse_taken_title(concentrator, given.system_title)
            store_all({concentrator.pk: given}, change)
    except IntegrityError:  # somebody else has given the title or the key to another one meanwhile
        raise ValidationError(_("Another concentrator has this system title or key.")) from None
    change.tell(concentrator.serial_number)
    return bool(change.size)


def remove_keys(concentrator: Concentrator, *, user: User | None, now: datetime) -> bool:
    """Return whether there were any. Messages of it are then taken as they come, and ciphered ones cannot be read."""
    change = KeysChange(REMOVED, user=user, now=now)
    with transaction.atomic():
        row = DeviceKeys.objects.select_for_update().filter(pk=concentrator.pk).first()
        if row is None:
            return False
        take_out_of_use([row])
        change.note([row.pk], "-")
        DeviceKeys.objects.filter(pk=row.pk)._raw_delete(DeviceKeys.objects.db)  # noqa: SLF001 - noted above already
    change.tell(concentrator.serial_number)
    return True


def keys_of(row: DeviceKeys) -> tuple[bytes, bytes]:
    """The unicast key and the authentication key, of 16 bytes each. Raises NoKeyError."""
    return decrypted(row.encrypted_unicast_key), decrypted(row.encrypted_authentication_key)


def title_refusal(concentrator: Concentrator, holder: Concentrator) -> str:
    """Why ``concentrator`` cannot have the title of ``holder``, whose name others than its company are not told."""
    if holder.company_id == concentrator.company_id:
        return _("%(serial)s has this system title.") % {"serial": holder}
    return _("A concentrator of another company has this system title.")


def refuse_taken_title(concentrator: Concentrator, title: str) -> None:
    """Raise ValidationError if another one than ``concentrator`` has ``title``."""
    rows = DeviceKeys.objects.select_related("concentrator").filter(system_title=title)
    if found := rows.exclude(pk=concentrator.pk).first():
        raise ValidationError(title_refusal(concentrator, found.concentrator))


def store_all(given: Mapping[int, GivenKeys], change: KeysChange) -> None:
    """Store them by the keys of their concentrators, and note those that change. Within the caller's transaction.

    Raises ValidationError if another concentrator has or had one of the keys, and IntegrityError if one has a title.
    """
    rows = {row.pk: row for row in DeviceKeys.objects.select_for_update().filter(in_keys(given)).order_by("pk")}
    used = used_keys([one.digest for one in given.values() if one.digest], locked=True)
    changed: list[DeviceKeys] = []
    new_keys: dict[str, DeviceKeys] = {}
    for key, one in given.items():
        row = rows.get(key) or _blank(key, one, change.now)
        is_changed = _takes_facts(row, one) | _takes_keys(row, one, change.now)
        if one.digest and not _is_in_use(used, one.digest, row):
            begin_anew(row, used.get(one.digest) or _of_this_change(new_keys, one.digest))
            new_keys[one.digest] = row
        if is_changed:
            changed.append(row)
    take_out_of_use([row for row in new_keys.values() if row.pk in rows])
    _write(changed)
    take_into_use(new_keys, used)
    change.note([row.pk for row in changed if row.pk not in rows], "+")
    change.note([row.pk for row in changed if row.pk in rows], "~")


def _blank(key: int, given: GivenKeys, now: datetime) -> DeviceKeys:
    if not (given.system_title and given.unicast and given.authentication):
        raise ValidationError(_("It has no keys yet: a system title and both keys are needed."))
    return DeviceKeys(concentrator_id=key, changed_at=now)


def _takes_facts(row: DeviceKeys, given: GivenKeys) -> bool:
    before = row.system_title, row.ciphered_only
    row.system_title = given.system_title or row.system_title
    row.ciphered_only = row.ciphered_only if given.ciphered_only is None else given.ciphered_only
    return before != (row.system_title, row.ciphered_only)


def _takes_keys(row: DeviceKeys, given: GivenKeys, now: datetime) -> bool:
    if given.unicast is None or given.authentication is None:
        return False
    pairs = (row.encrypted_unicast_key, given.unicast), (row.encrypted_authentication_key, given.authentication)
    if row.encrypted_unicast_key and all(is_same(*pair) for pair in pairs):
        return False
    row.encrypted_unicast_key, row.encrypted_authentication_key = given.unicast, given.authentication
    row.changed_at = now
    return True


def _is_in_use(used: Mapping[str, UsedKey], digest: str, row: DeviceKeys) -> bool:
    """Whether ``row`` has that unicast key already, even if none of CONFIGURATION_KEYS decrypts it any more."""
    return digest in used and used[digest].device_id == row.pk


def _of_this_change(new_keys: Mapping[str, DeviceKeys], digest: str) -> UsedKey | None:
    """The key as the same change has given it to another concentrator, if so."""
    return UsedKey(digest=digest, device=new_keys[digest]) if digest in new_keys else None


def _write(rows: Sequence[DeviceKeys]) -> None:
    """In one statement: of a file's hundreds of thousands each would cost more on its own (PER-4).

    Without *WHERE true* SQLite takes ON for that of a join.
    """
    if not rows:
        return
    names = ("concentrator_id", *_WRITTEN)
    columns = ", ".join(names)
    assignments = ", ".join(f"{name} = excluded.{name}" for name in _WRITTEN)
    execute_with(
        f"INSERT INTO {DeviceKeys._meta.db_table} ({columns}) SELECT {columns} "  # noqa: S608 - names of columns
        f"FROM {sent_rows(DeviceKeys, names)} WHERE true ON CONFLICT (concentrator_id) DO UPDATE SET {assignments}",
        [{name: getattr(row, name) for name in names} for row in rows],
    )
    begun_anew = [row.pk for row in rows if row.accepted_digest is None]
    DeviceKeys.objects.filter(in_keys(begun_anew), accepted_digest__isnull=False).update(accepted_digest=None)
