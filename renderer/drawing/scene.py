"""A scene: what a picture consists of, as plain data.

Everything is in CSS pixels with the origin in the *top left* corner and y pointing *down*, as in SVG and in images;
only ``paint`` knows that matplotlib's y points up. Primitives are painted in their order. Tests, overlap checks, alt
text and accessibility read scenes; nothing in here draws.

``role`` says what a primitive is for ("bar", "line", "title", "tick-label-x", "grid", ...), ``box`` what it covers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.intp]
Color = tuple[float, float, float, float]
"""Red, green, blue, alpha; each 0 to 1; sRGB, not premultiplied."""

Dash = tuple[float, ...]
"""Lengths of strokes and gaps in CSS pixels; () is a solid line."""

Marker = Literal["circle", "square", "diamond", "triangle", "triangle_down", "cross", "plus", "star"]


class Box(NamedTuple):
    """An upright rectangle: left, top, right, bottom."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def width(self) -> float:
        return self.x1 - self.x0

    @property
    def height(self) -> float:
        return self.y1 - self.y0

    @property
    def center(self) -> tuple[float, float]:
        return (self.x0 + self.x1) / 2, (self.y0 + self.y1) / 2

    def overlaps(self, other: Box, margin: float = 0.0) -> bool:
        """Whether the two share an area, or come nearer to each other than ``margin``."""
        return (
            self.x0 < other.x1 + margin
            and other.x0 < self.x1 + margin
            and self.y0 < other.y1 + margin
            and other.y0 < self.y1 + margin
        )

    def inside(self, other: Box, tolerance: float = 0.0) -> bool:
        """Whether this box lies in ``other``."""
        return (
            self.x0 >= other.x0 - tolerance
            and self.y0 >= other.y0 - tolerance
            and self.x1 <= other.x1 + tolerance
            and self.y1 <= other.y1 + tolerance
        )

    def inset(self, left: float = 0.0, top: float = 0.0, right: float = 0.0, bottom: float = 0.0) -> Box:
        """The box made smaller on each side."""
        return Box(self.x0 + left, self.y0 + top, self.x1 - right, self.y1 - bottom)

    def grown(self, by: float) -> Box:
        """The box made larger on all sides."""
        return Box(self.x0 - by, self.y0 - by, self.x1 + by, self.y1 + by)


@dataclass(frozen=True, slots=True)
class Stroke:
    """A pen. ``width`` and ``dash`` are in CSS pixels."""

    color: Color
    width: float = 1.0
    dash: Dash = ()
    cap: Literal["butt", "round", "projecting"] = "butt"


def finite_rows(points: Floats) -> Bools:
    """Which points of (n, 2) have both their coordinates."""
    return np.isfinite(points[:, 0]) & np.isfinite(points[:, 1])


def lifted(parts: Sequence[Floats]) -> Floats:
    """Parts of one path, as one array of points with the pen lifted between them."""
    gap = np.full((1, 2), np.nan)
    return np.concatenate([points for part in parts for points in (gap, part)][1:]) if parts else np.empty((0, 2))


def _box_of(points: Floats, margin: float) -> Box:
    finite = points[finite_rows(points)]
    if not len(finite):
        return Box(0.0, 0.0, 0.0, 0.0)
    (x0, y0), (x1, y1) = finite.min(axis=0), finite.max(axis=0)
    return Box(float(x0) - margin, float(y0) - margin, float(x1) + margin, float(y1) + margin)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Rects:
    """Upright rectangles of one style; ``boxes`` is (n, 4): x0, y0, x1, y1. ``values`` are the n data values they
    show.
    """

    role: str
    boxes: Floats
    fill: Color | None
    stroke: Stroke | None = None
    values: Floats | None = None
    name: str = ""
    hatch: str = ""
    clip: Box | None = None

    @property
    def box(self) -> Box:
        return _box_of(self.boxes.reshape(-1, 2), 0.0)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Segments:
    """Separate straight strokes of one style; ``ends`` is (n, 4): x0, y0, x1, y1. ``crisp`` puts them on whole
    pixels.
    """

    role: str
    ends: Floats
    stroke: Stroke
    values: Floats | None = None
    name: str = ""
    crisp: bool = True
    clip: Box | None = None

    @property
    def box(self) -> Box:
        return _box_of(self.ends.reshape(-1, 2), self.stroke.width / 2)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Path:
    """One path, filled, stroked or both: ``points`` is (n, 2); a row of NaN lifts the pen.

    ``curve`` says that the points after each start are triples of cubic Bezier control points; ``closed`` closes each
    part.
    """

    role: str
    points: Floats
    stroke: Stroke | None = None
    fill: Color | None = None
    curve: bool = False
    closed: bool = False
    values: Floats | None = None
    name: str = ""
    clip: Box | None = None

    @property
    def box(self) -> Box:
        return _box_of(self.points, self.stroke.width / 2 if self.stroke else 0.0)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Markers:
    """Many small symbols: ``points`` (n, 2), ``size`` diameters in CSS pixels (one or n), ``fill`` one colour or (n,
    4).
    """

    role: str
    points: Floats
    size: float | Floats
    fill: Color | Floats | None
    marker: Marker = "circle"
    stroke: Stroke | None = None
    values: Floats | None = None
    name: str = ""
    clip: Box | None = None

    @property
    def box(self) -> Box:
        margin = float(np.max(self.size, initial=0.0)) / 2
        return _box_of(self.points, margin + (self.stroke.width / 2 if self.stroke else 0.0))


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Image:
    """A raster, ``pixels`` (rows, columns, 4) uint8 from the top row down, stretched over ``box``: ``smooth`` for
    pictures, else with the sharp edges that the cells of a heatmap have.
    """

    role: str
    pixels: npt.NDArray[np.uint8]
    box: Box
    smooth: bool = False
    name: str = ""
    clip: Box | None = None


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Text:
    """One line of text whose baseline starts at (x, y), turned by ``angle`` degrees counter-clockwise (0 or 90).

    ``box`` is what the ink may cover, measured by ``text``; ``halo`` is a rim in the colour of what lies behind.
    """

    role: str
    text: str
    x: float
    y: float
    size: float
    box: Box
    color: Color
    weight: int = 400
    angle: int = 0
    halo: Color | None = None
    clip: Box | None = None


Primitive = Rects | Segments | Path | Markers | Image | Text


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """A picture of ``width`` x ``height`` CSS pixels. A ``background`` of None is transparent. ``typeface`` is the one
    in which its words were measured (``fonts.using``).
    """

    width: int
    height: int
    background: Color | None
    primitives: tuple[Primitive, ...] = field(default=())
    typeface: str = ""

    @property
    def box(self) -> Box:
        return Box(0.0, 0.0, float(self.width), float(self.height))

    @property
    def texts(self) -> tuple[Text, ...]:
        return tuple(item for item in self.primitives if isinstance(item, Text))

    def by_role(self, role: str) -> Iterator[Primitive]:
        """The primitives of one role, in painting order."""
        return (item for item in self.primitives if item.role == role)
