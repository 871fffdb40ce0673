"""The rows of a file in words, for the preview and the command (CON-5)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from django.db.models import Value
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from concentrators.importing import RowError
from concentrators.importing.columns import ATTRIBUTES
from concentrators.models import Concentrator, ConcentratorType, InstallationRow, ManagementAddress, RowKind, State
from profiles.models import SpontaneousProfile

NOTHING = "—"


def label_of(attribute: str) -> str:
    """The name of a column on the screen."""
    names = {field.attname: field.verbose_name for field in Concentrator._meta.concrete_fields}
    return capfirst(str(names[attribute]))


def _names() -> Mapping[str, Mapping[int, str]]:
    """Those of types and profiles by their keys, by one query."""
    types = ConcentratorType.objects.order_by().annotate(column=Value("type_id"))
    profiles = SpontaneousProfile.objects.order_by().annotate(column=Value("profile_id"))
    columns = ("column", "pk", "name")
    found: dict[str, dict[int, str]] = {"type_id": {}, "profile_id": {}}
    for column, key, name in types.values_list(*columns).union(profiles.values_list(*columns), all=True):
        found[column][key] = name
    return found


class Difference(NamedTuple):
    """What a row says in one column. ``before`` is empty for what is new."""

    label: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.label}: {self.before} → {self.after}" if self.before else f"{self.label}: {self.after}"


class Wording:
    """Says rows in words; the names of types and profiles are read once."""

    def __init__(self) -> None:
        self._names: Mapping[str, Mapping[Any, str]] = {
            **_names(),
            "management_address": {value: str(label) for value, label in ManagementAddress.choices},
            "is_canary": {True: _("yes"), False: _("no")},
        }

    def differences(self, row: InstallationRow) -> Iterator[Difference]:
        """What ``row``, which is not refused, says or changes; the profile first."""
        before = row.before or {}
        if row.kind == RowKind.INSTALLED:
            yield Difference(label_of("state"), str(State(before["state"]).label), str(State.IN_FIELD.label))
        for name in sorted(ATTRIBUTES, key=lambda name: name != "profile_id"):
            said = getattr(row, name)
            if row.kind == RowKind.NEW and said is not None:
                yield Difference(label_of(name), "", self._value(name, said))
            elif name in before:
                yield Difference(label_of(name), self._value(name, before[name]), self._value(name, said))
        if row.password:
            yield Difference(_("Management password"), "", _("set"))
        yield from self._of_keys(row, before)

    def _of_keys(self, row: InstallationRow, before: Mapping[str, Any]) -> Iterator[Difference]:
        """The keys themselves are never told."""
        title = before.get("system_title", "")
        if row.system_title:
            yield Difference(_("System title"), title, row.system_title)
        if row.unicast_key:
            yield Difference(_("Keys of ciphered messages"), "", _("other keys") if title else _("new keys"))
        if row.ciphered_only is not None:
            was = before.get("ciphered_only")
            words = {True: _("yes"), False: _("no"), None: ""}
            yield Difference(_("Ciphered only"), words[was], words[row.ciphered_only])

    def lines(self, row: InstallationRow) -> list[str]:
        if row.kind == RowKind.REFUSED:
            return [_reason(RowError(row.line, *error)) for error in row.errors or ()]
        return [str(one) for one in self.differences(row)]

    def _value(self, name: str, value: Any) -> str:
        names = self._names.get(name)
        return str(value if names is None else names.get(value, NOTHING)) if value not in (None, "") else NOTHING


def _reason(error: RowError) -> str:
    where = " ".join(filter(None, (error.column, f"“{error.shown_value}”" if error.value else "")))
    return f"{where}: {error.reason}" if where else error.reason
