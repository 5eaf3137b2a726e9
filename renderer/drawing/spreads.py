"""Spreads: from where to where a value lies at each x, as it is given or as it follows from the rows there."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from renderer.data.groups import aggregate, factorize, group
from renderer.data.table import Column
from renderer.drawing.extent import Extent, extent_of, extent_of_values, numbers_of
from renderer.drawing.kind import Area, AxisName, Layer, Series
from renderer.drawing.scales import CategoryScale
from renderer.drawing.scene import Floats, Rows
from renderer.drawing.summary import student
from renderer.spec.spread import SpreadMark

_AIR = 0.015  # of an axis of numbers, so that no end lies on its limits
_LEVEL = 0.95
_WORDS = {
    "se": "means with their standard errors",
    "sd": "means with standard deviations",
    "iqr": "medians with quartiles",
    "range": "means with the lowest and highest values",
}


@dataclass(frozen=True, slots=True, eq=False)
class Spread:
    """One series: for each place along x (a number, a date, the index of a category), the least, the middle and the
    most; NaN is missing. ``rows`` is one row of the layer at each place, ``counts`` how many there are.
    """

    series: Series
    places: Floats
    low: Floats
    middle: Floats
    high: Floats
    rows: Rows
    counts: Floats


class Spreads:
    """The spreads of a layer, and what they say of the axes. Raises SpecError where nothing can be computed."""

    def __init__(self, layer: Layer, mark: SpreadMark, series: list[Series]) -> None:
        self.layer = layer
        self.mark = mark
        self.x = layer.resolved.table["x"]
        self.given = mark.low is not None or mark.margin is not None
        self._places = self._codes() if self.x.type == "category" else numbers_of(self.x)
        self.of = [self._given(one) if self.given else self._computed(one) for one in series]
        if not self.given and all((spread.counts <= 1).all() for spread in self.of):
            raise layer.error(
                "y",
                "there is one value at each x, which has no spread: give all rows (and no aggregate), "
                "or columns for 'low' and 'high' or for 'margin'",
            )
        single = sum(int((spread.counts == 1).sum()) for spread in self.of)
        if single and not self.given and mark.stat != "range" and mark.stat != "iqr":
            noun = "place has a single value" if single == 1 else "places have a single value"
            layer.warn(f"{single:,} {noun}, which has no spread.")

    def _codes(self) -> Floats:
        index = {name: place for place, name in enumerate(self.layer.names("x"))}
        return np.array([index.get(name, np.nan) for name in self.x.values.tolist()], dtype=float)

    def _values(self, channel: str, rows: Rows) -> Floats | None:
        column = self.layer.column(channel)
        return None if column is None else numbers_of(column)[rows]

    def _given(self, series: Series) -> Spread:
        rows = series.rows[np.isfinite(self._places[series.rows])]
        y, low, high = (self._values(channel, rows) for channel in ("y", "low", "high"))
        margin = self._values("margin", rows)
        if margin is not None and y is not None:
            if (margin < 0).any():
                raise self.layer.error("margin", f"must be zero or more, and there is {float(np.nanmin(margin)):g}")
            low, high = y - margin, y + margin
        if low is None or high is None:
            raise AssertionError("the language asks for both")
        middle = np.full(len(rows), np.nan) if y is None else y
        ends = np.minimum(low, high), np.maximum(low, high)
        return Spread(series, self._places[rows], ends[0], middle, ends[1], rows, np.ones(len(rows)))

    def _computed(self, series: Series) -> Spread:
        y = numbers_of(self.layer.resolved.table["y"])
        rows = series.rows[np.isfinite(self._places[series.rows]) & np.isfinite(y[series.rows])]
        places, values = self._places[rows], Column("y", "number", y[rows])
        codes, found = factorize(Column("x", "number", places))
        groups = group([codes], len(rows))
        counts = aggregate("count", None, groups)
        match self.mark.stat:
            case "iqr":
                low, middle, high = (aggregate(how, values, groups) for how in ("p25", "median", "p75"))
            case "range":
                low, middle, high = (aggregate(how, values, groups) for how in ("min", "mean", "max"))
            case stat:
                middle = aggregate("mean", values, groups)
                reach = aggregate("std" if stat == "sd" else "stderr", values, groups)
                if stat in ("ci", None):
                    level = self.mark.level or _LEVEL
                    reach = reach * np.array([_reach_of(level, int(count)) for count in counts])
                low, high = middle - reach, middle + reach
        # The spread of huge values may be beyond all numbers.
        low, high = (np.where(np.isfinite(end), end, np.nan) for end in (low, high))
        return Spread(series, np.asarray(found, dtype=float), low, middle, high, rows[groups.first], counts)

    def _reach(self) -> str:
        """The two ends of all stretches, and where they are."""
        low, high = (np.concatenate([getattr(spread, end) for spread in self.of]) for end in ("low", "high"))
        rows = np.concatenate([spread.rows for spread in self.of])
        if not np.isfinite(low).any() or not np.isfinite(high).any():
            return ""
        first, last = int(np.nanargmin(low)), int(np.nanargmax(high))
        style = self.layer.formats.get("y")
        least, most = self.layer.writer.numbers([float(low[first]), float(high[last])], style)
        places = (self.layer.place("x", int(rows[row])) for row in (first, last))
        return ". They reach from {0} ({2}) to {1} ({3})".format(least, most, *places)

    @property
    def said(self) -> str:
        """What is shown, in words."""
        if self.given:
            return "values with their margins" if self.mark.margin is not None else "values with their ranges"
        if self.mark.stat in ("ci", None):
            percent = self.layer.writer.number(self.mark.level or _LEVEL, "percent")
            return f"means with their {percent} confidence intervals"
        return _WORDS[self.mark.stat or ""]

    def extent(self, axis: AxisName) -> Extent:
        if axis == "x":
            if self.x.type == "category":
                return Extent("category", categories=self.layer.names("x"))
            return extent_of(self.x)
        ends = [values for spread in self.of for values in (spread.low, spread.middle, spread.high)]
        return extent_of_values(np.concatenate(ends), air=_AIR, nice=True)

    def title(self) -> str:
        """What the axis of y is called."""
        return next((title for name in ("y", "low", "high") if (title := self.layer.title(name))), "")

    def across(self, spread: Spread, area: Area) -> Floats:
        """Pixels along x; in a panel with other layers the axis may hold more names than this layer."""
        if not isinstance(area.x, CategoryScale) or self.x.type != "category":
            return area.x(spread.places)
        known = {name: index for index, name in enumerate(area.x.names)}
        names = self.layer.names("x")
        return area.x(np.array([known[names[int(place)]] for place in spread.places], dtype=float))

    def facts(self, kind: str) -> str:
        """What is shown, and where the middle, or else the far end, is highest and lowest."""
        write, style = self.layer.writer, self.layer.formats.get("y")
        x = self.layer.title("x")
        if self.layer.column("y") is None:
            return f"{kind} from {self.layer.title('low')} to {self.layer.title('high')} by {x}{self._reach()}."
        points = [
            (float(middle), float(low), float(high), int(row), spread)
            for spread in self.of
            for low, middle, high, row in zip(spread.low, spread.middle, spread.high, spread.rows, strict=True)
            if np.isfinite(middle)
        ]
        sentence = f"{kind} of {self.layer.subject}: {self.said}"
        if not points:
            return sentence + "."
        parts = [sentence]
        for word, (value, low, high, row, spread) in (
            ("highest", max(points, key=lambda p: p[0])),
            ("lowest", min(points, key=lambda p: p[0])),
        ):
            middle, least, most = write.numbers([value, low, high], style)
            where = self.layer.place("x", row) + (f", {spread.series.name}" if spread.series.name else "")
            shown = f"{middle}, from {least} to {most}" if np.isfinite(low) else middle
            parts.append(f"The {word} is at {where}: {shown}")
        return ". ".join(parts) + "."


def _reach_of(level: float, count: int) -> float:
    """How many standard errors a confidence interval of a mean reaches to both sides; NaN for one value."""
    return student((1.0 + level) / 2.0, count - 1) if count > 1 else math.nan


def series_of(layer: Layer) -> list[Series]:
    """The series of a layer of spreads: on other layers without colours it takes none from the palette."""
    style = layer.resolved.mark.style
    if layer.alone or layer.column("color") is not None or (style and style.color):
        return layer.series()
    return [Series("", np.arange(len(layer.resolved.table)), layer.hues.of_next_layer())]
