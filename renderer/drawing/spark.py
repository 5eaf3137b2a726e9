"""Small courses without axes: a line, an area or bars that fill a box."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from renderer.drawing.color import with_alpha
from renderer.drawing.decimate import thin_line
from renderer.drawing.extent import numbers_of
from renderer.drawing.kind import Layer
from renderer.drawing.scene import Box, Color, Floats, Path, Primitive, Rects, Rows, Stroke
from renderer.drawing.theme import Theme

Shape = Literal["line", "area", "bar", "winloss"]

_FILL = 0.16  # opacity of an area under its line
_GAP = 0.25  # of a bar's place
_WINS = 0.42  # of the height, of a bar that only says its side


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """Values in a box: ``x`` and ``y`` are their pixels, NaN for gaps; ``base`` is where bars and areas stand."""

    box: Box
    x: Floats
    y: Floats
    values: Floats
    base: float
    step: float  # pixels between two values


def along(layer: Layer, rows: Rows) -> Floats:
    """Where the rows stand along x: at their dates or numbers, else one after the other."""
    column = layer.column("x")
    if column is None or column.type == "category":
        return np.arange(len(rows), dtype=float)
    return numbers_of(column)[rows]


def course(x: Floats, values: Floats, box: Box, limits: tuple[float, float], *, zero: bool, bars: bool) -> Course:
    """Values from the lower limit at the bottom of the box to the upper one at its top; ``zero`` is in sight."""
    low, high = limits
    if zero:
        low, high = min(low, 0.0), max(high, 0.0)
    # Halved: the difference of two huge numbers overflows.
    span = high / 2 - low / 2
    share = (values / 2 - low / 2) / span if span > 0 else np.where(np.isfinite(values), 0.5, np.nan)
    ground = (0.0 / 2 - low / 2) / span if span > 0 else 0.0
    known = x[np.isfinite(x)]
    first, last = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
    steps = np.diff(np.unique(known))
    width = last - first
    count = (width / float(steps.min()) + 1.0) if len(steps) and width > 0 else 1.0
    count = min(count, 4.0 * max(1.0, box.width))
    step = box.width / count
    inset = step / 2 if bars else 0.0
    places = box.x0 + inset + (x - first) / width * (box.width - 2 * inset) if width > 0 else x * 0 + box.center[0]
    base = box.y1 - min(1.0, max(0.0, ground)) * box.height if zero else box.y1
    return Course(box, places, box.y1 - share * box.height, values, base, step)


def draw(found: Course, shape: Shape, color: Color, theme: Theme, *, role: str, name: str = "") -> Iterator[Primitive]:
    """The course as shapes, back to front."""
    if shape in ("bar", "winloss"):
        yield from _bars(found, shape, color, theme, role=role, name=name)
        return
    kept = thin_line(found.x, found.y)
    x, y = found.x[kept], found.y[kept]
    if shape == "area":
        for run in _runs(y):
            outline = np.column_stack([x[run], y[run]])
            foot = np.array([[x[run][-1], found.base], [x[run][0], found.base]])
            yield Path(
                role=f"{role}-area",
                points=np.concatenate([outline, foot]),
                fill=with_alpha(color, _FILL),
                closed=True,
                name=name,
            )
    yield Path(
        role=role,
        points=np.column_stack([x, y]),
        stroke=Stroke(theme.line_color(color), theme.line * 0.9, cap="round"),
        values=found.values[kept],
        name=name,
    )


def _runs(y: Floats) -> list[slice]:
    """The stretches without a gap."""
    known = np.concatenate([[False], np.isfinite(y), [False]])
    edges = np.flatnonzero(np.diff(known.astype(np.int8)))
    return [slice(int(start), int(stop)) for start, stop in zip(edges[::2], edges[1::2], strict=True)]


def _bars(found: Course, shape: Shape, color: Color, theme: Theme, *, role: str, name: str) -> Iterator[Primitive]:
    from renderer.drawing import senses

    half = max(0.5, found.step * (1 - _GAP) / 2)
    known = np.isfinite(found.y) & np.isfinite(found.x)
    tops = found.y
    base = found.base
    if shape == "winloss":
        base = found.box.center[1]
        tops = base - np.sign(found.values) * found.box.height * _WINS
    colors = {True: color, False: color}
    if shape == "winloss":
        colors = {True: senses.good(theme), False: senses.bad(theme)}
    for above, fill in colors.items():
        rows = known & ((found.values >= 0) if above else (found.values < 0))
        if not rows.any():
            continue
        top, bottom = np.minimum(tops[rows], base), np.maximum(tops[rows], base)
        yield Rects(
            role=role,
            boxes=np.column_stack([found.x[rows] - half, top, found.x[rows] + half, np.maximum(bottom, top + 1.0)]),
            fill=fill,
            values=found.values[rows],
            name=name,
            clip=found.box.grown(1.0),
        )
