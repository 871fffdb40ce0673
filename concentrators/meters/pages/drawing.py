"""The lines of a tree as HTML: thousands, for which a template would take most of a second (MET-6, MET-8)."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from concentrators.meters.pages.tree import Line, Row
from concentrators.meters.pages.words import state_badge

_NOTHING = SafeString()
_END = SafeString("</li>")
_END_OF_LIST = SafeString("</ul></details></li>")


def drawn(lines: Iterable[Line], *, is_open: bool) -> SafeString:
    """Items of a list, of which those that ``opens`` hold another list, unfolded if ``is_open``."""
    pen = _Pen(is_open=is_open)
    return format_html_join("\n", "{}{}{}", ((pen.row(one.row), pen.end(one), _ends(one)) for one in lines))


def _ends(line: Line) -> SafeString:
    return SafeString(_END_OF_LIST * line.closes)


class _Pen:
    """Knows what many lines have in common, so that it is looked up and translated once."""

    def __init__(self, *, is_open: bool) -> None:
        self._before, _zero, self._after = reverse("meters:page", args=[0]).rpartition("0")
        self._fold = SafeString("<details open>" if is_open else "<details>")
        self._supervisor = format_html(' <span class="note">{}</span>', _("supervisor"))
        self._conflict, self._loop = _warning(_("in conflict")), _warning(_("in a loop"))
        self._badge, self._level = cache(state_badge), cache(_level)

    def row(self, row: Row) -> SafeString:
        url = f"{self._before}{row.meter}{self._after}"
        notes = self._supervisor if row.is_supervisor else _NOTHING
        notes += self._conflict if row.is_in_conflict else _NOTHING
        notes += self._loop if row.is_looped else _NOTHING
        notes += self._level(row.level)
        return format_html('<li><a href="{}">{}</a> {}{}', url, row.name, self._badge(row.state), notes)

    def end(self, line: Line) -> SafeString:
        """What follows on the row: the head of the list of what is behind it, if anything is."""
        if not line.opens:
            return _END
        numbers = {"direct": line.row.behind.direct, "all": line.row.behind.all}
        said = _("behind it: %(direct)s directly, %(all)s in all") % numbers
        return format_html(
            '{}<summary><span class="visually-hidden">{}: </span>{}</summary><ul>', self._fold, line.row.name, said
        )


def _warning(word: str) -> SafeString:
    return format_html(' <span class="badge text-bg-warning">{}</span>', word)


def _level(level: int | None) -> SafeString:
    if level is None:
        return _NOTHING
    return format_html(' <span class="note">{}</span>', _("level %(level)s") % {"level": level})
