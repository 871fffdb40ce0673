"""Columns of an export that are compared with the inventory and never written: company and state (CON-5)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import partial

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import override

from concentrators.importing.columns import COMPANY, NUMBERS, PROFILE, STATE, Parser, remembering
from concentrators.importing.errors import RowError
from concentrators.importing.rows import CheckedRow, FileRow
from concentrators.models import Company, State
from concentrators.models.lines import tidy
from profiles.names import fold_name


def compared(company: Company) -> dict[str, Parser]:
    """A parser for each column, as ``columns.parsers`` has them for the others."""
    return {COMPANY: remembering(partial(_company, company)), STATE: remembering(partial(_state, _states()))}


def caution_of(row: CheckedRow, stored: str) -> RowError | None:
    """What to say of ``row`` if it has another state than the concentrator has, or gets by the row's profile."""
    if not row.state or row.state == stored or (row.state == State.IN_FIELD and row.values[PROFILE]):
        return None
    reason = _("It is %s and stays so: installing and removing alone change that.") % State(stored).label
    return RowError(row.line, STATE, str(State(row.state).label), reason)


def suited(rows: Iterable[FileRow], columns: Sequence[str], numbers: Collection[str] = NUMBERS) -> Iterator[FileRow]:
    """``rows`` with the faults that matter in their columns: a number that is shown as 1,200 is right for customers."""
    for row in rows:
        if row.text_faults:
            meant = [fault for fault in row.text_faults if fault.place < len(columns)]
            wrong = [fault for fault in meant if columns[fault.place] not in numbers]
            row = row._replace(faults=(*row.faults, *wrong), text_faults=())
        yield row


def _company(company: Company, text: str) -> str:
    if fold_name(tidy(text)) != fold_name(tidy(company.name)):
        raise ValidationError(_("The file is uploaded for %s.") % company.name)
    return company.name


def _state(states: dict[str, str], text: str) -> str:
    found = states.get(tidy(text).casefold())
    if not found:
        raise ValidationError(_("One of: %s.") % ", ".join(str(label) for label in State.labels))
    return found


def _states() -> dict[str, str]:
    """The states by their values, and by their labels in each language."""
    called = {state.value: state.value for state in State}
    for language, _language in settings.LANGUAGES:
        with override(language):
            called |= {str(state.label).casefold(): state.value for state in State}
    return called
