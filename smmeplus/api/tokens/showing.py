"""A token as people read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.utils.translation import gettext as _

from smmeplus.models.tokens import TokenDetails, begin_of, details_of

#: So long before its end its owner is told.
SOON: Final = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Shown:
    token: Any
    details: TokenDetails
    begins: str
    scope: str
    companies: str
    ends_soon: bool


def shown(token: Any, names: Mapping[int, str], now: datetime) -> Shown:
    """``names`` are those of the companies that the reader sees, by key."""
    details = details_of(token)
    return Shown(
        token,
        details,
        begins=begin_of(token),
        scope=scope_of(details),
        companies=companies_of(details, names),
        ends_soon=token.expiry is not None and token.expiry <= now + SOON,
    )


def scope_of(details: TokenDetails) -> str:
    return _("read and write") if details.may_write else _("read")


def companies_of(details: TokenDetails, names: Mapping[int, str]) -> str:
    """What is left of those that were chosen, as far as the reader may know of them."""
    if not details.companies:
        return _("all")
    return ", ".join(sorted(names[key] for key in details.companies if key in names)) or _("none any more")
