from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _


def some_of(names: Sequence[str], named: int = 3) -> str:
    """The first ``named`` of ``names``, and how many more there are: “A1, A2, A3 and 4 more”."""
    first = ", ".join(names[:named])
    more = len(names) - named
    return _("%(named)s and %(more)d more") % {"named": first, "more": more} if more > 0 else first
