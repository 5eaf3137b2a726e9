"""Candlesticks. Channels: x (dates, numbers, categories), open, high, low, close (numbers)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import numpy as np

from renderer.drawing.color import parse_color, with_alpha
from renderer.drawing.extent import Extent, extent_of_values, numbers_of
from renderer.drawing.kind import Area, AxisName, Kind, Layer
from renderer.drawing.scales import CategoryScale
from renderer.drawing.scene import Bools, Color, Floats, Primitive, Rects, Segments, Stroke
from renderer.spec.marks.candlestick import Candlestick

# Bluish green and vermilion of Okabe and Ito (2008): green and red to most, and still two colours to all others.
_UP, _DOWN = "#009e73", "#d55e00"
_SHARE = 0.7  # of the distance between two candles is the body's
_WIDEST = 29.0  # pixels; a single candle is no bar
_BODY_FROM = 3.0  # pixels of width; a narrower candle is one line
_AIR = 0.02


class CandlestickKind(Kind[Candlestick]):
    """Four calls, however many candles there are: wicks and bodies of those that rose and of those that fell."""

    def __init__(self, layer: Layer) -> None:
        super().__init__(layer)
        table = layer.resolved.table
        self.x = table["x"]
        self.open, self.high, self.low, self.close = (
            numbers_of(table[name]) for name in ("open", "high", "low", "close")
        )
        self._check()
        style = self.mark.style
        self.opacity = style.opacity if style and style.opacity is not None else 1.0
        self.width = self.theme.line * 0.6

    def _check(self) -> None:
        places = self.places[np.isfinite(self.places)]
        _, first, counts = np.unique(places, return_index=True, return_counts=True)
        if (counts > 1).any():
            row = int(first[np.argmax(counts > 1)])
            raise self.layer.error(
                "x",
                f"{int(counts.max())} rows share {self.layer.place('x', row)}: say what to make of them, such as"
                ' "first(open)", "max(high)", "min(low)" and "last(close)"',
            )
        upside_down = np.flatnonzero(self.high < self.low)
        if len(upside_down):
            row = int(upside_down[0])
            high, low = self.layer.writer.numbers([float(self.high[row]), float(self.low[row])])
            where = self.layer.place("x", row)
            raise self.layer.error("high", f"the highest price of {where}, {high}, is below the lowest, {low}")
        with np.errstate(invalid="ignore"):
            outside = (np.fmax(self.open, self.close) > self.high) | (np.fmin(self.open, self.close) < self.low)
        if outside.any():
            count = int(outside.sum())
            self.layer.warn(
                f"{count} {'candle opens or closes' if count == 1 else 'candles open or close'} beyond its high or low."
            )

    @cached_property
    def places(self) -> Floats:
        if self.x.type == "category":
            index = {name: place for place, name in enumerate(self.layer.names("x"))}
            return np.array([index.get(name, np.nan) for name in self.x.values.tolist()], dtype=float)
        return numbers_of(self.x)

    @cached_property
    def step(self) -> float:
        """The least distance between two candles, in the units of x."""
        distances = np.diff(np.unique(self.places[np.isfinite(self.places)]))
        return float(distances.min()) if len(distances) else 1.0

    @cached_property
    def known(self) -> Bools:
        return np.isfinite(self.open) & np.isfinite(self.high) & np.isfinite(self.low) & np.isfinite(self.close)

    @cached_property
    def rose(self) -> Bools:
        """Which candles close higher than they open; one that closes where it opens goes with the close before it."""
        before = np.concatenate([[np.nan], self.close[:-1]])
        with np.errstate(invalid="ignore"):
            result: Bools = (self.close > self.open) | ((self.close == self.open) & ~(self.close < before))
        return result

    # What the panel asks ----------------------------------------------------------------------------------------------

    def extent(self, axis: AxisName) -> Extent:
        if axis == "y":
            prices = np.concatenate([self.low[self.known], self.high[self.known], self.close[self.known]])
            return extent_of_values(prices, air=_AIR, nice=True)
        if self.x.type == "category":
            return Extent("category", categories=self.layer.names("x"))
        places = self.places[np.isfinite(self.places)]
        edges = np.concatenate([places - self.step / 2, places + self.step / 2])
        sessions = self._sessions(places)
        if not sessions:
            return extent_of_values(edges, self.x.type)
        return Extent(self.x.type, sessions[0] - 0.5, sessions[-1] + 0.5, sessions=sessions)

    def _sessions(self, places: Floats) -> tuple[float, ...]:
        """The trading days, if that is what the rows are: a row a day, none on a weekend, and some days left out."""
        if self.x.type != "time" or self.mark.gaps or "x" in self.layer.resolved.units or len(places) < 2:
            return ()
        days = np.unique(places)
        between = np.diff(days)
        if between.min() < 0.9 or np.median(between) > 1.1 or between.max() < 1.1:
            return ()
        moment = self.layer.writer.calendar.moment
        if self.mark.gaps is None and any(moment(day).weekday() > 4 for day in days.tolist()):
            return ()
        return tuple(days.tolist())

    def title(self, axis: AxisName) -> str:
        return self.layer.title("x") if axis == "x" else ""

    # Drawing ----------------------------------------------------------------------------------------------------------

    def marks(self, area: Area) -> Iterator[Primitive]:
        middle = area.x.column(self.x)
        known = self.known & np.isfinite(middle)
        width = self._width(area, middle[known])
        # On the middle of a pixel, with an odd width: wick and body are sharp, and the one is in the other's middle.
        middle = np.floor(middle) + 0.5
        prices = {name: area.y(getattr(self, name)) for name in ("open", "high", "low", "close")}
        for rose, name in ((False, "down"), (True, "up")):
            rows = np.flatnonzero(known & (self.rose == rose))
            if not len(rows):
                continue
            chosen = {price: pixels[rows] for price, pixels in prices.items()}
            yield from self._candles(area, middle[rows], chosen, width, name, self.close[rows])

    def _width(self, area: Area, middle: Floats) -> float:
        """Pixels of a body: an odd whole number, or 1 where there is room for a line only."""
        if isinstance(area.x, CategoryScale):
            step = area.x.step
        else:
            distances = np.diff(np.unique(middle))
            step = float(distances.min()) if len(distances) else area.box.width
        room = min(step * _SHARE, _WIDEST)
        return 1.0 if room < _BODY_FROM else float(2 * int((room - 1.0) / 2) + 1)

    def _candles(
        self, area: Area, middle: Floats, prices: dict[str, Floats], width: float, name: str, values: Floats
    ) -> Iterator[Primitive]:
        color = self.color(name)
        pen = Stroke(color, self.width if width > 1.0 else 1.0)
        clip = area.clip(1.0)
        top, bottom = np.fmin(prices["open"], prices["close"]), np.fmax(prices["open"], prices["close"])
        if self.mark.shape == "ohlc" and width > 1.0:
            yield self._strokes("wick", area, middle, middle, prices["high"], prices["low"], pen, name, values)
            reach = max(width / 2, 2.0)
            for role, price, side in (("open", prices["open"], -reach), ("close", prices["close"], reach)):
                yield self._strokes(role, area, middle, middle + side, price, price, pen, name, values)
            return
        if self.mark.shape == "hollow" and name == "up" and width > 1.0:
            # Nothing shows through the body, so that the wick is two strokes; the rim lies within the body's width.
            yield self._strokes("wick", area, middle, middle, prices["high"], top, pen, name, values)
            yield self._strokes("wick", area, middle, middle, bottom, prices["low"], pen, name, values)
            inner = width / 2 - pen.width / 2
            boxes = area.boxes(middle - inner, middle + inner, top, bottom)
            yield Rects(role="candle", boxes=boxes, fill=None, stroke=pen, values=values, name=name, clip=clip)
            return
        yield self._strokes("wick", area, middle, middle, prices["high"], prices["low"], pen, name, values)
        if width > 1.0:
            # A price that closes where it opened is a stroke, and no gap.
            flat = np.maximum(0.0, 1.0 - (bottom - top)) / 2
            boxes = area.boxes(middle - width / 2, middle + width / 2, top - flat, bottom + flat)
            yield Rects(role="candle", boxes=boxes, fill=color, values=values, name=name, clip=clip)

    def _strokes(
        self, role: str, area: Area, x0: Floats, x1: Floats, y0: Floats, y1: Floats, pen: Stroke, name: str,
        values: Floats,
    ) -> Segments:  # fmt: skip
        ends = np.concatenate([area.points(x0, y0), area.points(x1, y1)], axis=1)
        return Segments(role=role, ends=ends, stroke=pen, values=values, name=name, clip=area.clip(1.0))

    def color(self, name: str) -> Color:
        """The colour of "up" or "down"."""
        chosen = self.mark.up if name == "up" else self.mark.down
        color = parse_color(chosen) if chosen else parse_color(_UP if name == "up" else _DOWN)
        return with_alpha(self.theme.line_color(color), self.opacity)

    # Alternative text -------------------------------------------------------------------------------------------------

    def facts(self) -> str:
        rows = np.flatnonzero(self.known)
        kind = "OHLC chart" if self.mark.shape == "ohlc" else "Candlestick chart"
        if not len(rows):
            return f"{kind} without values."
        first, last = int(rows[0]), int(rows[-1])
        highest, lowest = int(rows[np.argmax(self.high[rows])]), int(rows[np.argmin(self.low[rows])])
        prices = (self.open[first], self.close[last], self.high[highest], self.low[lowest])
        start, end, high, low = self.layer.writer.numbers([float(price) for price in prices], self._format())
        count = self.layer.writer.number(float(len(rows)))
        rising = self.layer.writer.number(float(self.rose[rows].sum()))
        return (
            f"{kind} of {count} periods from {self.layer.place('x', first)} to {self.layer.place('x', last)}. "
            f"The price opens at {start} and ends at {end}; the highest is {high} ({self.layer.place('x', highest)}), "
            f"the lowest {low} ({self.layer.place('x', lowest)}). It rose in {rising} of {count} periods."
        )

    def _format(self) -> str | None:
        return self.layer.formats.get("y") or self.mark.close.format


KIND = CandlestickKind
