"""Keys: what a legend explains. Kinds say them, ``legend`` draws them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from matplotlib.colors import Colormap

from renderer.drawing.scene import Color, Dash, Marker

Symbol = Literal["block", "line", "point"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a legend: its name, and a sample of the look."""

    name: str
    color: Color
    symbol: Symbol = "block"
    dash: Dash = ()
    marker: Marker = "circle"
    hatch: str = ""


@dataclass(frozen=True, slots=True)
class Swatches:
    """Categories and their colours. ``wish`` is where the author wants them.

    ``stacked`` says that they lie on each other, the first at the bottom: a column of them is listed from the top down.
    """

    title: str
    entries: tuple[Entry, ...]
    wish: str = "auto"
    stacked: bool = False


@dataclass(frozen=True, slots=True)
class Ramp:
    """Numbers along a colour map from ``low`` to ``high``, with labels at some of them.

    ``missing`` is what has no number.
    """

    title: str
    colors: Colormap
    ticks: tuple[tuple[float, str], ...]  # share of the way, label
    wish: str = "auto"
    missing: Entry | None = None


@dataclass(frozen=True, slots=True)
class Sizes:
    """Amounts as the area of circles: label and diameter in CSS pixels."""

    title: str
    entries: tuple[tuple[str, float], ...]
    color: Color
    wish: str = "auto"


Key = Swatches | Ramp | Sizes
