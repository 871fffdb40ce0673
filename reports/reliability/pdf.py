"""The month on paper: A4, to be signed and filed (STA-6)."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Any
from xml.sax.saxutils import escape

from django.db.models import QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from reportlab.lib import colors
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, KeepTogether, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from reports.reliability.availability import worst_of
from reports.reliability.figures import MonthReport
from reports.reliability.sections import (
    SCOPES,
    IndexRow,
    Section,
    causes_of,
    concentrators_of,
    facts_of,
    matrix_of,
    notes_of_indices,
    places_of,
)

CONCENTRATORS = 20
MARGIN = 15 * mm
SIZE = landscape(A4)
WIDTH = SIZE[0] - 2 * MARGIN
#: What the fonts that every reader of PDF has can show.
ENCODING = "cp1252"

_TEXT = ParagraphStyle("text", fontName="Helvetica", fontSize=8, leading=10)
_NUMBER = ParagraphStyle("number", _TEXT, alignment=TA_RIGHT)
_HEAD = ParagraphStyle("head", _TEXT, fontName="Helvetica-Bold")
_NUMBER_HEAD = ParagraphStyle("number head", _HEAD, alignment=TA_RIGHT)
_NOTE = ParagraphStyle("note", _TEXT, textColor=colors.HexColor("#555555"), spaceBefore=2)
_TITLE = ParagraphStyle("title", fontName="Helvetica-Bold", fontSize=16, leading=20, spaceAfter=6)
_SUBTITLE = ParagraphStyle("subtitle", fontName="Helvetica-Bold", fontSize=11, leading=14, spaceBefore=10, spaceAfter=4)
_LINES = TableStyle(
    [
        ("LINEBELOW", (0, 0), (-1, 0), 0.75, colors.black),
        ("LINEBELOW", (0, 1), (-1, -1), 0.25, colors.HexColor("#bbbbbb")),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("TOPPADDING", (0, 0), (-1, -1), 2),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
    ]
)


def pdf_of(report: MonthReport, rows: QuerySet[Any]) -> bytes:
    """``rows`` are concentrators with_availability, of which it has the worst ones; four queries."""
    file = io.BytesIO()
    title = " · ".join((_("Reliability"), report.company.name, str(report.month)))
    document = SimpleDocTemplate(
        file,
        pagesize=SIZE,
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=MARGIN,
        bottomMargin=MARGIN,
        title=title,
        author="SMM ePlus",
        lang=get_language() or "en",
    )
    foot = partial(_foot, " · ".join((title, _("indicative"))))
    document.build(list(_story(title, report, rows)), onFirstPage=foot, onLaterPages=foot)
    return file.getvalue()


def _story(title: str, report: MonthReport, rows: QuerySet[Any]) -> Iterator[Flowable]:
    yield _paragraph(title, _TITLE)
    yield _grid([[_paragraph(label, _NOTE), _paragraph(text, _TEXT)] for label, text in facts_of(report)], [1, 2])
    yield KeepTogether([_paragraph(_("Indices (indicative)"), _SUBTITLE), _indices(matrix_of(report))])
    yield from (_paragraph(note, _NOTE) for note in notes_of_indices())
    for section in (causes_of(report), places_of(report), concentrators_of(worst_of(rows, CONCENTRATORS))):
        yield from _section(section)


def _indices(matrix: Iterable[IndexRow]) -> Table:
    heads = [_paragraph("", _HEAD), *(_paragraph(str(label), _NUMBER_HEAD) for label in SCOPES.values())]
    rows = [
        [Paragraph(f"<b>{row.name}</b> {escape(_shown(row.meaning))}", _TEXT), *(_figure(*cell) for cell in row.cells)]
        for row in matrix
    ]
    return _grid([heads, *rows], [2, *(1 for _scope in SCOPES)])


def _figure(value: str, covered: str) -> Paragraph:
    return Paragraph(f"{_shown(value)}<br/><font size=6>{_shown(covered)}</font>", _NUMBER)


def _section(section: Section) -> Iterator[Flowable]:
    heads = [_paragraph(label, _NUMBER_HEAD if is_number else _HEAD) for label, is_number in section.heads]
    rows = [[_paragraph(text, _NUMBER if is_number else _TEXT) for text, is_number in row] for row in section.shown]
    shares = [2 if not is_number else 1 for _label, is_number in section.heads]
    yield _paragraph(section.title, _SUBTITLE)
    yield _grid([heads, *rows], shares) if rows else _paragraph(_("None in this month."), _TEXT)
    yield from (_paragraph(note, _NOTE) for note in section.notes)
    yield Spacer(0, 4)


def _grid(rows: Sequence[list[Paragraph]], shares: Sequence[int]) -> Table:
    widths = [WIDTH * share / sum(shares) for share in shares]
    return Table(rows, colWidths=widths, style=_LINES, repeatRows=1, hAlign="LEFT")


def _paragraph(text: str, style: ParagraphStyle) -> Paragraph:
    return Paragraph(escape(_shown(text)), style)


def _shown(text: str) -> str:
    """``text`` with a question mark for each character that the fonts do not have."""
    return text.encode(ENCODING, "replace").decode(ENCODING)


def _foot(text: str, canvas: Any, document: Any) -> None:
    canvas.saveState()
    canvas.setFont("Helvetica", 7)
    canvas.drawString(MARGIN, MARGIN / 2, _shown(text))
    canvas.drawRightString(SIZE[0] - MARGIN, MARGIN / 2, str(document.page))
    canvas.restoreState()
