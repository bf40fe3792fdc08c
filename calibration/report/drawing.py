"""Drawings for reports: matplotlib's figures as SVG inside a page, in colours that follow it.

Text stays text, set in Sarabun by the browser, so that Thai marks stack as they should. Colours
are those of Okabe and Ito (2008), which every eye tells apart; in the SVG they are the page's
variables, so that a dark screen shows lighter ones. The same figure gives the same bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from io import StringIO
from typing import Any

import matplotlib
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import fontManager

from calibration.report.page import FONTS

SERIES = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
INK, LINE = "#16242e", "#b7c1c8"
VARIABLES = {
    **{colour: f"var(--series-{number})" for number, colour in enumerate(SERIES, 1)},
    INK: "var(--figure-ink)",
    LINE: "var(--figure-line)",
}
DASHES = ("-", "--", "-.", ":", (0, (6, 1, 1, 1, 1, 1)), (0, (1, 2)))
"""Lines are told apart by their dashes too, for paper without colours."""

STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "samatthana",
    "font.family": ["Sarabun", "sans-serif"],
    "font.size": 10.0,
    "axes.titlesize": 10.5,
    "axes.edgecolor": LINE,
    "axes.labelcolor": INK,
    "axes.titlecolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.unicode_minus": True,
    "axes.facecolor": "none",
    "figure.facecolor": "none",
    "savefig.facecolor": "none",
    "text.color": INK,
    "text.parse_math": False,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "grid.color": LINE,
    "grid.alpha": 0.5,
    "grid.linewidth": 0.6,
    "legend.frameon": False,
    "lines.linewidth": 1.7,
}

_ID = re.compile(r' id="([^"]+)"')
_ABOUT = re.compile(r"\s*<metadata>.*?</metadata>|\s*<style.*?</style>", re.DOTALL)
_PATH = re.compile(r' d="([^"]+)"')
_DECIMALS = re.compile(r"(\.\d\d)\d+")
_REFERENCE = re.compile(r'(?:url\(#|href="#)([^")]+)')


@contextmanager
def plot(width: float = 6.4, height: float = 3.4) -> Iterator[tuple[Figure, Axes]]:
    """A figure of one set of axes in the style of the reports; sizes in inches.

    Draw and call `svg` inside the `with`: the style holds until its end.
    """
    with style():
        figure = Figure(figsize=(width, height), layout="constrained")
        yield figure, figure.add_subplot()


@contextmanager
def style() -> Iterator[None]:
    """Let figures made inside the `with` have the look of the reports."""
    _register_fonts()
    with matplotlib.rc_context(STYLE):
        yield


def svg(figure: Figure, *, name: str, description: str) -> Markup:
    """Return a figure as SVG to be put into a page.

    Parameters
    ----------
    name
        Letters, digits and hyphens, different for each figure of a page: it keeps their ids apart.
    description
        What a person who cannot see the figure is told.
    """
    with StringIO() as file:
        # A creator or a date would tell runs apart that are the same.
        figure.savefig(file, format="svg", metadata={"Creator": None, "Date": None})
        text = file.getvalue()
    text = _ids_of_its_own(_small(text[text.index("<svg") :]), name)
    for colour, variable in VARIABLES.items():
        text = text.replace(colour, variable)
    opening = Markup('<svg role="img" aria-label="{}"').format(description)
    return Markup(text.replace("<svg", opening, 1).strip())


def _small(text: str) -> str:
    """Leave out what a page needs only once or never; a hundredth of a point is fine enough."""
    return _PATH.sub(
        lambda m: " ".join(_DECIMALS.sub(r"\1", m[0]).split("\n")), _ABOUT.sub("", text)
    )


def _ids_of_its_own(text: str, name: str) -> str:
    """Drop ids that nothing refers to, and number the others under the figure's name."""
    used = dict.fromkeys(_REFERENCE.findall(text))
    renamed = {old: f"{name}-{number}" for number, old in enumerate(used, 1)}
    text = _ID.sub(lambda m: f' id="{renamed[m[1]]}"' if m[1] in renamed else "", text)
    return _REFERENCE.sub(lambda m: m[0].replace(m[1], renamed[m[1]]), text)


@cache
def _register_fonts() -> None:
    """Sarabun for matplotlib, which measures texts with it."""
    for weight in ("Regular", "Bold"):
        fontManager.addfont(FONTS / f"Sarabun-{weight}.ttf")
