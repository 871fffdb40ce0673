"""Which concentrators a typed or pasted text means: one search for all lists, choices, reports and the API (REP-6)."""

from __future__ import annotations

import re
from functools import cached_property, lru_cache
from typing import Any, NamedTuple, TypeVar

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError
from django.db import connections
from django.db.models import F, Func, Model, Q, QuerySet, TextField, Value
from django.db.models.functions import Upper
from django.db.models.lookups import Contains
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from concentrators.models import Company, ConcentratorType, PastedList
from smmeplus.common.networks import is_address, ranges_of
from smmeplus.common.text import some_of

#: What a text is searched in, joined as migration 0021 indexes it; in this order.
SEARCHED = ("serial_number", "manufacturer", "substation", "feeder", "region")
MOST_WORDS = 10_000  # of a pasted list
NAMED = 20  # of those that were not found
LONGEST_PHRASE = 200  # no column holds a longer text
SURE_LENGTH = 6  # serial numbers with nothing but blanks between them are at least so long

_Row = TypeVar("_Row", bound=Model)
_BETWEEN = re.compile(r"[\s,;]+")
_LIST_MARK = re.compile(r"[,;\t\r\n]")
_DIGIT = re.compile("[0-9]")


def find_company(name: str) -> Company:
    """The company called ``name``, ignoring case. Raises CommandError that lists the existing ones."""
    company = Company.objects.filter(name__iexact=name).first()
    if company is None:
        known = ", ".join(Company.objects.values_list("name", flat=True)) or _("none yet")
        raise CommandError(_("There is no company “%(name)s”. Known: %(known)s.") % {"name": name, "known": known})
    return company


class Sought(NamedTuple):
    """A search as it was typed, and its words in upper case, if there are several."""

    phrase: str
    words: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> Sought:
        phrase = _unpacked(text.strip())
        words = dict.fromkeys(word.strip("\"'").upper() for word in _BETWEEN.split(phrase))
        words.pop("", None)
        if len(words) > 1:
            return cls(phrase, tuple(words))
        return cls(phrase.strip(",;") or phrase, ())

    @property
    def may_be_list(self) -> bool:
        """Whether it can be a list of serial numbers, and not only a name of several words."""
        has_digit = [bool(_DIGIT.search(word)) for word in self.words]
        return any(has_digit) if _LIST_MARK.search(self.phrase) else bool(has_digit) and all(has_digit)

    @property
    def is_list(self) -> bool:
        """Whether it surely is one, even if none of it is found."""
        is_marked = bool(_LIST_MARK.search(self.phrase))
        return self.may_be_list and (is_marked or all(len(word) >= SURE_LENGTH for word in self.words))

    @property
    def is_too_long(self) -> bool:
        return len(self.words) > MOST_WORDS


class Types:
    """The types of concentrators, looked up once for all the searches that it is given to."""

    @cached_property
    def _names(self) -> list[tuple[int, str]]:
        return [(key, name.casefold()) for key, name in ConcentratorType.objects.order_by().values_list("pk", "name")]

    def named(self, phrase: str) -> list[int]:
        """The keys of those with ``phrase`` in their names, in whatever case."""
        return [key for key, name in self._names if phrase.casefold() in name]


def matching(rows: QuerySet[_Row], text: str, path: str = "", types: Types | None = None) -> QuerySet[_Row]:
    """The rows whose concentrator, at ``path`` such as ``concentrator__``, has ``text`` in one of its texts.

    Of other rows neither manufacturer nor type are searched.

    Or whose management IP is ``text`` or begins with it, or, if it is a list of serial numbers and addresses, is one
    of these. Nothing matches a list of more than MOST_WORDS.
    """
    sought = Sought.of(text)
    if sought.is_too_long:
        return rows.none()
    vendor = connections[rows.db].vendor
    return rows.filter(_condition(sought, path, vendor, types or Types())) if sought.phrase else rows


def not_found(rows: QuerySet[Any], text: str, path: str = "") -> str:
    """Says which of a list of serial numbers or addresses are not among ``rows``; empty if ``text`` is no such list.

    One query.
    """
    sought = Sought.of(text)
    if sought.is_too_long:
        return too_long(sought)
    if not sought.may_be_list:
        return ""
    of_words = rows.filter(_is_one_of(sought.words, path)).order_by()
    found = {str(one) for pair in of_words.values_list(f"{path}serial_number", f"{path}management_ip") for one in pair}
    missing = [word for word in sought.words if word not in found]
    if not missing or not (sought.is_list or len(missing) < len(sought.words)):
        return ""
    words = ngettext(
        "%(missing)d of the %(all)d that you search for is not in this list: %(names)s.",
        "%(missing)d of the %(all)d that you search for are not in this list: %(names)s.",
        len(missing),
    )
    return words % {"missing": len(missing), "all": len(sought.words), "names": some_of(missing, NAMED)}


def too_long(sought: Sought) -> str:
    most = {"most": MOST_WORDS, "number": len(sought.words)}
    return _("Search for at most %(most)d serial numbers at a time; these are %(number)d.") % most


def _unpacked(text: str) -> str:
    """``text``, or the list that it stands for."""
    if not text.startswith(PastedList.PREFIX):
        return text
    try:
        return _pasted(text.removeprefix(PastedList.PREFIX))
    except (PastedList.DoesNotExist, ValidationError):
        return text


@lru_cache(8)  # a page asks several times; what is kept never changes
def _pasted(key: str) -> str:
    """The list of that ``key``. Raises DoesNotExist, or ValidationError for what is no key."""
    return PastedList.objects.get(pk=key).words


class SearchText(Func):
    """The texts that are searched, in upper case, one a line, so that no match goes over the end of one.

    PostgreSQL finds its index by this very expression.
    """

    template = "UPPER(%(expressions)s)"
    arg_joiner = " || '\n' || "
    output_field = TextField()

    def __init__(self, path: str = "") -> None:
        super().__init__(*(F(path + name) for name in SEARCHED))


def has_text(text: str, path: str = "") -> Q:
    """That ``text`` is part of one of the SEARCHED texts, in whatever case."""
    return Q(Contains(SearchText(path), Upper(Value(text))))


def _condition(sought: Sought, path: str, vendor: str, types: Types) -> Q:
    condition = _is_one_of(sought.words, path) if sought.words else _begins_with(sought.phrase, path, vendor)
    if len(sought.phrase) > LONGEST_PHRASE or "\n" in sought.phrase:  # which stands between the texts
        return condition if sought.words else Q(pk__in=[])
    found = has_text(sought.phrase, path)
    if path:
        return (found & _in_shown(sought.phrase, path)) | condition
    return found | condition | (Q() if sought.is_list else _of_types(sought.phrase, vendor, types))


def _in_shown(phrase: str, path: str) -> Q:
    """Not in the manufacturer, which lists of other rows do not show: one letter of it would find everything."""
    return Q(*((f"{path}{name}__icontains", phrase) for name in SEARCHED if name != "manufacturer"), _connector=Q.OR)


def _is_one_of(words: tuple[str, ...], path: str) -> Q:
    addresses = [word for word in words if is_address(word)]
    one_of = Q(**{f"{path}serial_number__in": words})
    return one_of | Q(**{f"{path}management_ip__in": addresses}) if addresses else one_of


def _begins_with(phrase: str, path: str, vendor: str) -> Q:
    """Those whose management IP begins with ``phrase``, or is just that if it is a whole address."""
    address = f"{path}management_ip"
    if is_address(phrase):
        return Q(**{address: phrase})
    ranges = ranges_of(phrase)
    if ranges and vendor != "postgresql":  # which compares addresses, where others compare texts
        return Q(**{f"{address}__startswith": phrase})
    return Q(*(Q(**{f"{address}__range": one}) for one in ranges), _connector=Q.OR)


def _of_types(phrase: str, vendor: str, types: Types) -> Q:
    """Those of a type with such a name.

    PostgreSQL would not use the index of the texts with a subquery beside it, so the types are looked up first; and not
    for what has no letter, as most searches for serial numbers.
    """
    if vendor != "postgresql":
        return Q(type__in=ConcentratorType.objects.filter(name__icontains=phrase))
    keys = types.named(phrase) if any(map(str.isalpha, phrase)) else []
    return Q(type__in=keys) if keys else Q()
