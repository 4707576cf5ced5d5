"""The paper that charts are drawn on, and how it becomes SVG or PNG: the same figures give the same bytes.

Figures are made and drawn without pyplot, which keeps state for a whole process. A lock guards the drawing, because
matplotlib's caches of fonts and paths are not made for threads.
"""

from __future__ import annotations

import io
import re
from threading import Lock
from xml.sax.saxutils import escape

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

# Ids in an SVG are random otherwise.
matplotlib.rcParams["svg.hashsalt"] = "fascia"

WIDTH = 4.8
"""Inches at 72 points: 346 pixels, so that on a phone the letters are as large as they are drawn here."""
DPI = 200

INK, QUIET, RULE, PAPER = "#1d2a30", "#51626b", "#d5dde1", "#ffffff"
# Blue and vermilion of Okabe and Ito's palette: told apart by every kind of colour vision, and in grey by lightness.
BLUE, VERMILION, BAND, OUTER_BAND = "#0b5f8a", "#c24a00", "#dbe7ee", "#eef3f6"
SMALL, TEXT, HEAD = 8.5, 9.5, 12.0

_FONT = "DejaVu Sans"
_drawing = Lock()


def paper(height: float, title: str, subtitle: str, *, top: float) -> Figure:
    """An empty figure, WIDTH by `height` inches, with its heading; plots begin `top` inches below the upper edge."""
    figure = Figure(figsize=(WIDTH, height), facecolor=PAPER)
    figure.text(0.03, 1 - 0.16 / height, title, size=HEAD, weight="bold", color=INK, va="top", family=_FONT)
    figure.text(0.03, 1 - 0.42 / height, subtitle, size=SMALL, color=QUIET, va="top", family=_FONT, linespacing=1.35)
    figure.subplots_adjust(top=1 - top / height)
    return figure


def plain_axes(axes: Axes) -> None:
    """Quiet axes: no box, a light grid of values, small marks."""
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(QUIET)
    axes.tick_params(colors=INK, labelsize=SMALL, length=3, color=QUIET)
    axes.grid(True, axis="y", color=RULE, linewidth=0.6)
    axes.set_axisbelow(True)


def svg(figure: Figure, title: str, description: str) -> bytes:
    """The figure as SVG that a screen reader can tell: its title, and what can be seen in it."""
    drawn = io.BytesIO()
    with _drawing:
        figure.savefig(drawn, format="svg", metadata=dict.fromkeys(("Date", "Creator", "Format", "Type")))
    told = f"<title>{escape(title)}</title><desc>{escape(description)}</desc>"
    text = drawn.getvalue().decode("utf-8")
    opened = re.search(r"<svg\b[^>]*>", text)
    assert opened is not None, "matplotlib writes an svg element"
    tag = opened.group()[:-1] + f' role="img" aria-label="{_attribute(title)}">'
    return (text[: opened.start()] + tag + told + text[opened.end() :]).encode("utf-8")


def png(figure: Figure) -> bytes:
    """The figure as PNG, 960 pixels wide."""
    drawn = io.BytesIO()
    with _drawing:
        figure.savefig(drawn, format="png", dpi=DPI, metadata={"Software": None})
    return drawn.getvalue()


def signed(value: float) -> str:
    """A number of an axis with its sign; zero has none."""
    return "0" if abs(value) < 1e-9 else f"{value:+.1f}".replace("-", "\N{MINUS SIGN}")


def _attribute(text: str) -> str:
    return escape(text, {'"': "&quot;"})
