"""Cells of a grid: where they begin and end, their shades in few calls, and the values written into them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from renderer.data.table import Column
from renderer.drawing import text
from renderer.drawing.color import mix
from renderer.drawing.crowd import Crowd
from renderer.drawing.kind import Layer
from renderer.drawing.scales import CategoryScale, Scale
from renderer.drawing.scene import Bools, Box, Color, Floats, Primitive, Rects, Text
from renderer.drawing.shades import Shades
from renderer.drawing.writing import NO_VALUE
from renderer.spec.style import CellLabels

_LIKE = 1.25  # distances up to so many times the least are of neighbours: months have 28 to 31 days
_WIDE_GAP, _FINE_GAP = 14.0, 6.0  # pixels from cell to cell from which there are two pixels, or one, between them
_PAD = (4.0, 2.5)  # pixels around a label in its cell
_SIZES = (12.0, 11.0, 10.0, 9.0)  # of labels, the largest that fits


def neighbourhoods(places: Floats, step: float | None = None) -> tuple[Floats, Floats]:
    """From where to where each place's cell reaches, in the units of the places; NaN stays NaN.

    With a ``step`` all are as wide as it. Without, cells meet halfway between neighbours, and beside a gap they are
    as wide as the narrowest.
    """
    if step:
        return places - step / 2, places + step / 2
    found = np.unique(places[np.isfinite(places)])
    if not len(found):
        return places.copy(), places.copy()
    distances = np.diff(found)
    usual = float(distances.min()) if len(distances) else abs(float(found[0])) * 0.1 or 1.0
    if not len(distances) and float(found[0]).is_integer():
        usual = 1.0
    near = distances <= usual * _LIKE
    before = np.concatenate([[usual], np.where(near, distances, usual)]) / 2
    after = np.concatenate([np.where(near, distances, usual), [usual]]) / 2
    index = np.minimum(np.searchsorted(found, places), len(found) - 1)
    known = np.isfinite(places)
    return np.where(known, places - before[index], np.nan), np.where(known, places + after[index], np.nan)


def fair_gap(step: float) -> float:
    """Pixels between cells that are ``step`` apart: none where they would be mostly gap."""
    return 2.0 if step >= _WIDE_GAP else 1.0 if step >= _FINE_GAP else 0.0


def spans(scale: Scale, column: Column, edges: tuple[Floats, Floats], gap: float | None) -> tuple[Floats, Floats]:
    """The two sides of each row's cell in pixels: bands of categories with a gap, or the scale's places of the
    ``edges``.
    """
    if isinstance(scale, CategoryScale):
        middle = scale.column(column)
        first, last = middle - scale.step / 2, middle + scale.step / 2
        between = fair_gap(scale.step) if gap is None else min(gap, scale.step * 0.6)
        if scale.step >= _FINE_GAP:
            first, last = np.round(first), np.round(last)
        return first + between / 2, last - between / 2
    first, last = scale(edges[0]), scale(edges[1])
    # A cell at zero has no lower end on a log scale: it reaches to the end of the axis.
    first = np.where(np.isfinite(first) | ~np.isfinite(last), first, scale.start)
    return first, last


def shaded(boxes: Floats, values: Floats, shades: Shades, opacity: float, clip: Box | None) -> Iterator[Primitive]:
    """The cells with a value, those of one shade in one call."""
    levels = shades.levels(values)
    rows = np.flatnonzero((levels >= 0) & np.isfinite(boxes).all(axis=1))
    rows = rows[np.argsort(levels[rows], kind="stable")]
    found, first = np.unique(levels[rows], return_index=True)
    boxes, values = boxes[rows], values[rows]
    for level, (begin, end) in zip(found.tolist(), pairwise([*first.tolist(), len(rows)]), strict=True):
        red, green, blue, alpha = shades.of_level(int(level))
        fill = (red, green, blue, alpha * opacity)
        yield Rects(role="cell", boxes=boxes[begin:end], fill=fill, values=values[begin:end], clip=clip)


@dataclass(frozen=True, slots=True, eq=False)
class Words:
    """What is written into cells: for each its box, its text and its fill. A fill of None is the background."""

    boxes: Floats
    texts: Sequence[str]
    fills: Sequence[Color | None]


def written(words: Words, options: CellLabels, layer: Layer, sheet: Box, crowd: Crowd | None = None) -> Iterator[Text]:
    """Labels in the middle of their cells, all of one size, the largest that fits."""
    if options.show == "never" or not len(words.boxes):
        return
    count = len(words.boxes)
    if count > layer.limits.value_labels:
        if options.show == "always":
            layer.warn(f"{count:,} labels are more than the {layer.limits.value_labels:,} of a chart: none is shown.")
        return
    sizes = words.boxes[:, 2:] - words.boxes[:, :2]
    inside = np.array([Box(*box).inside(sheet, 0.5) for box in words.boxes.tolist()])
    visible = (sizes > 0).all(axis=1)
    size, fits = _fitting(words.texts, sizes, layer.theme.label)
    if options.show == "auto" and not (fits & inside)[visible].all():
        return
    shown = fits & inside & visible
    if not shown.all() and options.show == "always":
        layer.warn(f"{int((~shown).sum())} of {count} cells have no room for their label.")
    theme = layer.theme
    labels: list[Text] = []
    for row in np.flatnonzero(shown).tolist():
        fill = words.fills[row]
        over = None if fill is None else mix(theme.background, (*fill[:3], 1.0), fill[3])
        color = theme.muted if over is None or words.texts[row] == NO_VALUE else theme.ink_on(over)
        x, y = Box(*words.boxes[row].tolist()).center
        label = text.place(
            "cell-label", words.texts[row], x, y, size=size, color=color, align="center", valign="middle"
        )
        if crowd is None or crowd.claim(label.box):
            labels.append(label)
    # Those of one colour are painted in one call.
    yield from sorted(labels, key=lambda label: label.color)


def _fitting(texts: Sequence[str], room: Floats, usual: float) -> tuple[float, Bools]:
    """The largest size at which all texts fit, or the least and those that do."""
    widths = np.array([text.width(words, 1.0) for words in texts])
    fits = np.zeros(len(texts), dtype=bool)
    size = usual
    for size in (size for size in _SIZES if size <= usual):
        fits = (widths * size + 2 * _PAD[0] <= room[:, 0]) & (text.cap_height(size) + 2 * _PAD[1] <= room[:, 1])
        if fits.all():
            break
    return size, fits
