"""Figures for figure functions: the canvas they are given, the look they start from, and words for what they drew."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import matplotlib
from cycler import cycler
from matplotlib.figure import Figure

from renderer.drawing import fonts
from renderer.drawing.theme import Theme, theme_of

SCALE: Final = 2.0
"""Pixels for each CSS pixel, as for chart specs."""
SIZE: Final = (800, 500)
"""CSS pixels, unless the function sets another size (``fig.set_size_inches``; an inch is 100 of them)."""


def new_figure(theme: str = "light") -> Figure:
    """An empty figure that lays itself out: 800 x 500 CSS pixels at twice the density."""
    with style(theme):
        return Figure(figsize=(SIZE[0] / 100, SIZE[1] / 100), dpi=100 * SCALE, layout="constrained")


def set_scale(figure: Figure, scale: float) -> None:
    """Give a figure so many pixels for each CSS pixel."""
    figure.set_dpi(100 * scale)


@contextmanager
def style(theme: str = "light") -> Iterator[None]:
    """matplotlib's options while a function draws and is encoded: the look of our charts, as far as they go. What a
    function changes of them is undone, so that it does not leak into the next job of the process."""
    chosen = theme_of(theme)
    with fonts.using(chosen.typeface), matplotlib.rc_context(_options(chosen)):
        yield


def describe(figure: Figure) -> str:
    """A figure in words, from its titles and axes: the alternative text of a figure function's picture."""
    words = [figure.get_suptitle()]
    for axes in figure.axes:
        title = axes.get_title() or axes.get_title(loc="left")
        labels = " by ".join(label for label in (axes.get_ylabel(), axes.get_xlabel()) if label)
        words.append(": ".join(part for part in (title, labels) if part))
    return ". ".join(dict.fromkeys(word.strip() for word in words if word.strip()))


def _options(theme: Theme) -> dict[Any, Any]:
    points = 72 / 100  # a CSS pixel: figures have 100 of them an inch
    return {
        "font.family": list(fonts.families(400)),
        "font.size": theme.label * points,
        "axes.titlesize": theme.title * points,
        "figure.titlesize": theme.title * points,
        "figure.titleweight": "bold",
        "axes.titleweight": "bold",
        "axes.titlelocation": "left",
        "axes.titlepad": 10,
        "axes.prop_cycle": cycler(color=list(theme.palette)),
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.spines.left": False,
        "axes.edgecolor": theme.axis,
        "axes.labelcolor": theme.muted,
        "axes.grid": True,
        "axes.grid.axis": "y",
        "axes.axisbelow": True,
        "grid.color": theme.grid,
        "text.color": theme.text,
        "xtick.color": theme.axis,
        "ytick.color": theme.axis,
        "xtick.labelcolor": theme.muted,
        "ytick.labelcolor": theme.muted,
        "ytick.major.size": 0,
        # Inches: 24 and 20 CSS pixels around what is drawn, as charts of a spec have.
        "figure.constrained_layout.w_pad": 0.24,
        "figure.constrained_layout.h_pad": 0.2,
        "figure.facecolor": theme.background,
        "axes.facecolor": theme.background,
        "legend.frameon": False,
        "lines.linewidth": theme.line * points,
    }
