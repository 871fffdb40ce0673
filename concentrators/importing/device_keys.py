"""The keys of ciphered messages in an installation file (SEC-3, CON-5), in memory alone as they were written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeAlias

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from concentrators.importing.columns import AUTHENTICATION, CIPHERED_ONLY, KEY_NAMES, SYSTEM_TITLE, UNICAST
from concentrators.keys.encryption import NoKeyError, encrypted
from concentrators.keys.rules import digest_of, refuse_alike
from concentrators.keys.storing import GivenKeys, keys_of, title_refusal
from concentrators.keys.used import refusal_of, used_keys
from concentrators.models import Concentrator, DeviceKeys, UsedKey
from smmeplus.common.chunks import by_texts

#: What is wrong in a row: its place in the chunk, the column and the reason. No key is ever told.
Refuse: TypeAlias = Callable[[int, str, str], None]
NO_CELLS: Final = (None,) * 5
_NEEDED: Final = ("system_title", "ciphered_only", "encrypted_unicast_key", "encrypted_authentication_key")


@dataclass(frozen=True, slots=True)
class FileKeys:
    """What a row says of keys; None where it says nothing, or nothing new. Keys come in pairs, in upper case."""

    system_title: str | None
    unicast: str | None = field(repr=False)
    authentication: str | None = field(repr=False)
    ciphered_only: bool | None

    @property
    def digest(self) -> str | None:
        return digest_of(bytes.fromhex(self.unicast)) if self.unicast else None

    @property
    def cells(self) -> tuple[Any, ...]:
        """As they are staged: title, both keys encrypted, the digest, the policy."""
        secret = (encrypted(bytes.fromhex(key)) if key else None for key in (self.unicast, self.authentication))
        only = None if self.ciphered_only is None else int(self.ciphered_only)
        return self.system_title, *secret, self.digest, only


class KeysSieve:
    """Checks what the rows say of keys by the rules that need no inventory."""

    def __init__(self) -> None:
        self._lines: dict[str, int] = {}  # of the titles and keys so far
        self._unable = _why_none_can_be_kept()

    def sifted(self, said: Mapping[str, Sequence[Any]], lines: Sequence[int], refuse: Refuse) -> list[FileKeys | None]:
        """For each row what it says, if anything. ``lines`` are theirs in the file."""
        if not any(name in said for name in KEY_NAMES):
            return [None] * len(lines)
        nothing = [None] * len(lines)
        rows = zip(*(said.get(name, nothing) for name in KEY_NAMES), strict=True)
        return [self._of_row(place, cells, lines[place], refuse) for place, cells in enumerate(rows)]

    def _of_row(self, place: int, cells: tuple[Any, ...], line: int, refuse: Refuse) -> FileKeys | None:
        title, unicast, authentication, only = cells
        if cells == (None,) * len(KEY_NAMES):
            return None
        for column, reason in self._faults(title, unicast, authentication, line):
            refuse(place, column, reason)
        return FileKeys(title, unicast, authentication, None if only is None else bool(only))

    def _faults(
        self, title: str | None, unicast: str | None, authentication: str | None, line: int
    ) -> Iterator[tuple[str, str]]:
        if (unicast is None) != (authentication is None):
            yield (AUTHENTICATION if unicast else UNICAST), _("Both keys are needed.")
        elif unicast and authentication:
            yield from self._faults_of_pair(unicast, authentication)
        for column, value in ((SYSTEM_TITLE, title), (UNICAST, unicast and digest_of(bytes.fromhex(unicast)))):
            first = self._lines.setdefault(value, line) if value else line
            if first != line:
                yield column, _("Twice in the file; first in line %d.") % first

    def _faults_of_pair(self, unicast: str, authentication: str) -> Iterator[tuple[str, str]]:
        if self._unable:
            yield UNICAST, self._unable
        try:
            refuse_alike(bytes.fromhex(unicast), bytes.fromhex(authentication))
        except ValidationError as error:
            yield AUTHENTICATION, " ".join(error.messages)


def _why_none_can_be_kept() -> str:
    try:
        encrypted(b"")
    except NoKeyError as error:
        return str(error)
    return ""


@dataclass(frozen=True, slots=True)
class KnownKeys:
    """What is stored that some rows are to be compared with."""

    rows: Mapping[str, DeviceKeys]  # by the serial numbers of concentrators
    holders: Mapping[str, DeviceKeys]  # by titles that the rows want to have
    used: Mapping[str, UsedKey]  # by digests of their unicast keys

    @classmethod
    def of(cls, said: Mapping[str, FileKeys]) -> KnownKeys:
        """For what rows say of keys, by serial numbers. Three queries at most, and none if they say nothing."""
        if not said:
            return cls({}, {}, {})
        needed = "concentrator__serial_number", "concentrator__company"
        stored = DeviceKeys.objects.select_related("concentrator").only(*_NEEDED, *needed).order_by()
        rows = {
            row.concentrator.serial_number: row for row in stored.filter(concentrator__serial_number__in=by_texts(said))
        }
        wanted = {keys.system_title for keys in said.values() if keys.system_title}
        titles = wanted - {row.system_title for row in rows.values()}
        holders = [*rows.values(), *(stored.filter(system_title__in=by_texts(titles)) if titles else ())]
        digests = [keys.digest for keys in said.values() if keys.digest]
        return cls(
            rows,
            {row.system_title: row for row in holders},
            used_keys(digests),
        )

    def news(self, serial: str, said: FileKeys) -> FileKeys | None:
        """The part of ``said`` that changes something; None if nothing does."""
        row = self.rows.get(serial)
        if row is None:
            return said
        changed = replace(
            said,
            system_title=said.system_title if said.system_title != row.system_title else None,
            ciphered_only=said.ciphered_only if said.ciphered_only != row.ciphered_only else None,
        )
        if said.unicast and said.authentication and _pair_of(row) == (said.unicast, said.authentication):
            changed = replace(changed, unicast=None, authentication=None)
        return None if changed == FileKeys(None, None, None, None) else changed

    def faults(self, serial: str, said: FileKeys, company_id: int) -> Iterator[tuple[str, str]]:
        """Why the concentrator ``serial`` of that company cannot have what is new in ``said``: columns and reasons."""
        row = self.rows.get(serial)
        if row is None and not (said.system_title and said.unicast):
            yield _missing(said), _("It has no keys yet: a system title and both keys are needed.")
        holder = self.holders.get(said.system_title or "")
        if holder is not None and holder.concentrator.serial_number != serial:
            yield SYSTEM_TITLE, title_refusal(Concentrator(company_id=company_id), holder.concentrator)
        if refusal := refusal_of(self.used.get(said.digest or ""), row.pk if row else 0):
            yield UNICAST, refusal

    def before(self, serial: str) -> dict[str, Any]:
        """What the preview says of how it was."""
        row = self.rows.get(serial)
        return {SYSTEM_TITLE: row.system_title, CIPHERED_ONLY: row.ciphered_only} if row else {}


def given(cells: Sequence[Any]) -> GivenKeys | None:
    """What a staged row says; None for one that says nothing of keys."""
    return None if tuple(cells) == NO_CELLS else GivenKeys(*cells)


def _missing(said: FileKeys) -> str:
    return UNICAST if said.system_title else SYSTEM_TITLE


def _pair_of(row: DeviceKeys) -> tuple[str, ...] | None:
    """As a file has them; None if no key decrypts them any more."""
    try:
        return tuple(key.hex().upper() for key in keys_of(row))
    except NoKeyError:
        return None
