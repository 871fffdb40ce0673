"""What a file says of planned work, before anybody looks whether it can be (STA-8)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import override

from concentrators.importing.errors import shown
from concentrators.models import PlannedScope

MOST_BYTES = 2**20
MOST_WORKS = 1_000
#: Words for the kinds of places besides their translations.
OTHER_WORDS = {
    PlannedScope.CONCENTRATOR: ("serial number", "concentrator"),
    PlannedScope.FEEDER: ("feeder", "alimentador", "circuito", "alimentatore", "linea"),
    PlannedScope.SUBSTATION: ("substation", "subestación", "subestacion", "sottostazione", "cabina"),
    PlannedScope.COMPANY: ("company", "empresa", "compañía", "azienda", "società"),
}


class Item(NamedTuple):
    """One work of a file; ``line`` is where it begins. Times are ISO 8601 in UTC; what is not said is empty."""

    line: int
    scope: str = ""
    serial: str = ""
    substation: str = ""
    feeder: str = ""
    title: str = ""
    begin: str = ""
    end: str = ""
    rule: str = ""
    uid: str = ""
    zone: str = ""
    left_out: str = ""
    added: str = ""
    is_cancelled: bool = False


class Wrong(NamedTuple):
    """What cannot be taken: where it stands, what stands there, and why not."""

    line: int
    seen: str
    reason: str


class Found(NamedTuple):
    """All of a file."""

    items: list[Item]
    wrong: list[Wrong]

    @classmethod
    def of(cls, kept: Any) -> Found:
        """What :func:`signing.dumps` has kept of one."""
        items, wrong = kept
        return cls([Item(*item) for item in items], [Wrong(*one) for one in wrong])


def scopes_by_word() -> dict[str, PlannedScope]:
    """The kinds of places by all that they are called, in each language, in lower case."""
    words = {word: scope for scope, others in OTHER_WORDS.items() for word in others}
    for language, _language in settings.LANGUAGES:
        with override(language):
            words |= {str(scope.label).casefold(): scope for scope in PlannedScope}
    return words


def place_in(text: str) -> dict[str, str]:
    """``text`` such as ``substation Y, feeder X`` as values of an Item. Raises ValidationError that says what it saw.

    A single word that is no kind of place is a serial number.
    """
    words, found = scopes_by_word(), dict[str, str]()
    for part in filter(None, (part.strip() for part in text.replace(";", ",").replace("\n", ",").split(","))):
        word = max((word for word in words if _begins(part, word)), key=len, default="")
        name = part[len(word) :].strip(" :")
        column = _COLUMN[words[word]] if word else "serial"
        if column in found or not _is_possible(column, word, name):
            raise _no_place(text)
        found[column] = name or "yes"
    scope = _SCOPES.get(frozenset(found))
    if scope is None:
        raise _no_place(text)
    found.pop("company", None)
    return {"scope": scope.value, **found}


def _begins(part: str, word: str) -> bool:
    folded = part.casefold()
    return folded == word or folded.startswith((f"{word} ", f"{word}:"))


def _is_possible(column: str, word: str, name: str) -> bool:
    if column == "company":
        return not name
    return bool(name) and (bool(word) or " " not in name)


_COLUMN = {
    PlannedScope.CONCENTRATOR: "serial",
    PlannedScope.FEEDER: "feeder",
    PlannedScope.SUBSTATION: "substation",
    PlannedScope.COMPANY: "company",
}
_SCOPES = {
    frozenset({"serial"}): PlannedScope.CONCENTRATOR,
    frozenset({"feeder"}): PlannedScope.FEEDER,
    frozenset({"feeder", "substation"}): PlannedScope.FEEDER,
    frozenset({"substation"}): PlannedScope.SUBSTATION,
    frozenset({"company"}): PlannedScope.COMPANY,
}


def _no_place(text: str) -> ValidationError:
    seen = _("“%(seen)s” is no place.") % {"seen": shown(text)}
    right = _("Write “feeder X”, “substation Y”, “substation Y, feeder X”, “company” or a serial number.")
    return ValidationError(f"{seen} {right}")


def as_text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()
