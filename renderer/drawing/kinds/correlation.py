"""Correlations. Channels: columns (numbers), two by two."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from renderer.data.table import Column
from renderer.drawing.cells import Words, shaded, spans, written
from renderer.drawing.crowd import Crowd
from renderer.drawing.extent import Extent, numbers_of
from renderer.drawing.keys import Key
from renderer.drawing.kind import Area, AxisName, Kind, Layer
from renderer.drawing.scene import Color, Floats, Primitive, Rows, Text
from renderer.drawing.shades import Shades
from renderer.drawing.writing import NO_VALUE
from renderer.spec.marks.correlation import Correlation
from renderer.spec.shade import ShadeChannel

_FORMAT = ".2f"
_LEAST_PAIRS = 3  # rows that a correlation is worth something of


class CorrelationKind(Kind[Correlation]):
    """A square of cells, or the half below its diagonal."""

    def __init__(self, layer: Layer) -> None:
        super().__init__(layer)
        table = layer.resolved.table
        names = [f"columns/{place}" for place in range(len(self.mark.columns))]
        titles = [layer.title(name) for name in names]
        for place, title in enumerate(titles):
            if title in titles[:place]:
                raise layer.error(names[place], f"two columns are called '{title}'; give one of them a title")
        matrix = correlations(np.column_stack([numbers_of(table[name]) for name in names]), self.mark.method)
        order = similar(matrix) if self.mark.order == "similar" else np.arange(len(names))
        self.titles = [titles[place] for place in order.tolist()]
        matrix = matrix[np.ix_(order, order)]
        rows, columns = np.tril_indices(len(names), -1) if self.mark.half else np.indices(matrix.shape).reshape(2, -1)
        self.rows, self.columns, self.values = rows, columns, matrix[rows, columns]
        unknown = int(np.isnan(self.values).sum())
        if unknown:
            layer.warn(f"{unknown} of {len(self.values)} pairs have no correlation: a column is constant or empty.")
        style = ShadeChannel(value=0, midpoint=0.0, min=-1.0, max=1.0)
        self.shades = Shades(self.values, layer, style, title="Correlation", at="columns")

    def extent(self, axis: AxisName) -> Extent:
        shown = self.titles
        if self.mark.half:
            shown = shown[:-1] if axis == "x" else shown[1:]
        return Extent("category", categories=tuple(shown), covered=True)

    def title(self, axis: AxisName) -> str:
        return ""

    def legend(self) -> tuple[Key, ...]:
        return (self.shades.key(),)

    def marks(self, area: Area) -> Iterator[Primitive]:
        yield from shaded(self._boxes(area), self.values, self.shades, 1.0, area.clip())

    def _boxes(self, area: Area) -> Floats:
        nothing = (np.empty(0), np.empty(0))
        x0, x1 = spans(area.x, self._named(self.columns), nothing, None)
        y0, y1 = spans(area.y, self._named(self.rows), nothing, None)
        return area.boxes(x0, x1, y0, y1)

    def _named(self, places: Rows) -> Column:
        return Column("", "category", np.array(self.titles, dtype=object)[places])

    def labels(self, area: Area, crowd: Crowd) -> Iterator[Text]:
        texts = self.shades.write(self.values, self.mark.labels.format or _FORMAT)
        fills: list[Color | None] = [
            None if words == NO_VALUE else self.shades.of(value)
            for words, value in zip(texts, self.values.tolist(), strict=True)
        ]
        words = Words(self._boxes(area), texts, fills)
        yield from written(words, self.mark.labels, self.layer, area.box.grown(1.0), crowd)

    def facts(self) -> str:
        method = {"pearson": "Correlations", "spearman": "Rank correlations"}[self.mark.method]
        sentence = f"{method} between {len(self.titles)} columns"
        apart = np.flatnonzero((self.rows != self.columns) & np.isfinite(self.values))
        if not len(apart):
            return sentence + "."
        strongest = int(apart[np.argmax(np.abs(self.values[apart]))])
        weakest = int(apart[np.argmin(np.abs(self.values[apart]))])
        strong, weak = (self._pair(place) for place in (strongest, weakest))
        return f"{sentence}. The strongest is {strong}, the weakest {weak}."

    def _pair(self, place: int) -> str:
        value = self.layer.writer.number(float(self.values[place]), _FORMAT)
        return f"{value} ({self.titles[self.columns[place]]} and {self.titles[self.rows[place]]})"


def correlations(values: Floats, method: str) -> Floats:
    """The correlation of each pair of columns of (n, k), over the rows that have both; NaN where there is none.

    "pearson" is of the values, "spearman" of their ranks, those of equal values being the mean of their places.
    """
    count = values.shape[1]
    result = np.full((count, count), np.nan)
    for first in range(count):
        for second in range(first + 1):
            both = np.isfinite(values[:, first]) & np.isfinite(values[:, second])
            if both.sum() >= _LEAST_PAIRS:
                x, y = values[both, first], values[both, second]
                if method == "spearman":
                    x, y = _ranks(x), _ranks(y)
                result[first, second] = result[second, first] = _pearson(x, y)
    return result


def _pearson(x: Floats, y: Floats) -> float:
    # Of numbers of about 1, since the squares of huge ones overflow.
    x, y = (values / (np.abs(values).max() or 1.0) for values in (x, y))
    x, y = x - x.mean(), y - y.mean()
    spread = np.sqrt((x**2).sum()) * np.sqrt((y**2).sum())
    return float(np.clip((x * y).sum() / spread, -1.0, 1.0)) if spread > 1e-12 else np.nan


def _ranks(values: Floats) -> Floats:
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    ranks: Floats = (last - (counts - 1) / 2)[inverse]
    return ranks


def similar(matrix: Floats) -> Rows:
    """The columns in the order of their angles in the plane of the first two principal components, cut open at the
    widest gap: Friendly, "Corrgrams: exploratory displays for correlation matrices" (2002).
    """
    count = len(matrix)
    if count < 3:
        return np.arange(count)
    _, vectors = np.linalg.eigh(np.nan_to_num(matrix))
    # The sign of an eigenvector is arbitrary: the first column is given a positive one.
    signs = np.where(vectors[0] < 0, -1.0, 1.0)
    first, second = (vectors * signs)[:, -1], (vectors * signs)[:, -2]
    angles = np.arctan2(second, first)
    order = np.argsort(angles, kind="stable")
    gaps = np.diff(np.append(angles[order], angles[order[0]] + 2 * np.pi))
    start = (int(np.argmax(gaps)) + 1) % count
    return np.roll(order, -start)


KIND = CorrelationKind
