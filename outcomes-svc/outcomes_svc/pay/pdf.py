"""A statement as a PDF: the same words as the page, the same bytes every time. Pure.

reportlab's invariant mode leaves out the clock and the random document id.
"""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.pagesizes import letter
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import KeepTogether, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from outcomes_svc.pay.explanation import Explanation, Row

_INK, _QUIET, _LINE = colors.HexColor("#1d2a30"), colors.HexColor("#51626b"), colors.HexColor("#cfd9dd")
_BODY = ParagraphStyle("body", fontName="Helvetica", fontSize=9.5, leading=13, spaceAfter=3, textColor=_INK)
_SMALL = ParagraphStyle("small", parent=_BODY, fontSize=8, leading=10.5, textColor=_QUIET)
_RIGHT = ParagraphStyle("right", parent=_BODY, alignment=2)
_HEAD = ParagraphStyle("head", parent=_BODY, fontName="Helvetica-Bold", fontSize=12, leading=16, spaceBefore=10)
_TITLE = ParagraphStyle("title", parent=_HEAD, fontSize=16, leading=20)
_WIDTHS = (60 * mm, 86 * mm, 29 * mm)


def pdf(found: Explanation) -> bytes:
    """The document's bytes."""
    written = BytesIO()
    title = f"Your pay for {found.month}"
    document = SimpleDocTemplate(
        written,
        pagesize=letter,
        leftMargin=18 * mm,
        rightMargin=18 * mm,
        topMargin=16 * mm,
        bottomMargin=16 * mm,
        title=title,
        author="",
        invariant=1,
        lang="en",
    )
    document.build([Paragraph(escape(title), _TITLE), *_story(found)], onFirstPage=_foot, onLaterPages=_foot)
    return written.getvalue()


def _story(found: Explanation) -> list[Any]:
    story: list[Any] = [_text(f"Issued on {found.issued}. It can be disputed until {found.dispute_until}.", _SMALL)]
    story += _section("What is paid", [*found.sums, Row("Total", "", found.total)])
    heading = "Pay for results: trial period, not paid" if found.shadow else "Pay for results"
    story += [_text(heading, _HEAD), *(_text(said, _BODY) for said in found.results)]
    story += [_text(f"{'Met' if gate.passed else 'Not met'}: {gate.text}", _SMALL) for gate in found.gates]
    story += _section("Worked out", found.working)
    story += _section("Corrections of earlier months", found.corrections)
    story += _section("Sessions", found.sessions)
    story += _section("Hours and ways", found.beside)
    story += _section("Episodes that count", found.counted)
    story += _section("Episodes that do not count", found.not_counted)
    facts = [Row(name, value, "") for name, value in found.facts]
    return [*story, *_section("To check it", facts)]


def _section(heading: str, rows: Sequence[Row]) -> list[Any]:
    if not rows:
        return []
    table = [[_text(row.title, _BODY), _text(row.detail, _SMALL), _text(row.amount, _RIGHT)] for row in rows]
    # A heading stays with its first rows; a long table breaks over pages by itself.
    head = KeepTogether([_text(heading, _HEAD), _table(table[:2])])
    rest = [_table(table[2:])] if len(table) > 2 else []
    return [head, *rest, Spacer(1, 3 * mm)]


def _table(rows: list[list[Paragraph]]) -> Table:
    style = TableStyle(
        [
            ("LINEBELOW", (0, 0), (-1, -1), 0.5, _LINE),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LEFTPADDING", (0, 0), (0, -1), 0),
            ("RIGHTPADDING", (-1, 0), (-1, -1), 0),
        ]
    )
    return Table(rows, _WIDTHS, style=style, hAlign="LEFT")


def _text(text: str, style: ParagraphStyle) -> Paragraph:
    return Paragraph(escape(text), style)


def _foot(canvas: Any, document: Any) -> None:
    canvas.saveState()
    canvas.setFont("Helvetica", 8)
    canvas.setFillColor(_QUIET)
    canvas.drawRightString(letter[0] - 18 * mm, 9 * mm, f"Page {document.page}")
    canvas.restoreState()
