"""Histograms. Channels: x (numbers), color (categories; in front of each other, stacked, or as outlines)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from renderer.drawing import text
from renderer.drawing.alt import listing
from renderer.drawing.color import with_alpha
from renderer.drawing.crowd import Crowd
from renderer.drawing.density import round_edges, smooth_density
from renderer.drawing.extent import Extent, extent_of_values, numbers_of
from renderer.drawing.keys import Entry, Key
from renderer.drawing.kind import Area, AxisName, Kind, Layer, Series
from renderer.drawing.scene import Floats, Path, Primitive, Rects, Stroke, Text
from renderer.spec.marks.histogram import Histogram

_OVERLAY_OPACITY = 0.55  # of bars that stand in front of others
_LABEL = 11.5  # size of value labels
_UNDER_CURVE = 0.45  # of bars under a density curve
_TITLES = {"count": "Count", "percent": "Share", "probability": "Probability", "density": "Density"}


@dataclass(frozen=True, slots=True, eq=False)
class _Heights:
    series: Series
    start: Floats
    end: Floats


class HistogramKind(Kind[Histogram]):
    """Bars over bins with round limits, as high as there are values in them."""

    def __init__(self, layer: Layer) -> None:
        super().__init__(layer)
        self.values = numbers_of(layer.resolved.table["x"])
        self.series = layer.series()
        column = layer.common("x")
        known = numbers_of(column) if column is not None else self.values
        known = known[np.isfinite(known)]
        wanted = None if self.mark.bins == "auto" else min(self.mark.bins, layer.limits.bins)
        self.edges = round_edges(known, wanted) if len(known) else np.array([0.0, 1.0])
        style = self.mark.style
        self.hatch = style.hatch or "" if style else ""
        layered = len(self.series) > 1 and self.mark.stack == "overlay"
        usual = _OVERLAY_OPACITY if layered else _UNDER_CURVE if self.mark.density else 1.0
        self.opacity = style.opacity if style and style.opacity is not None else usual

    @cached_property
    def heights(self) -> list[_Heights]:
        """For each series, from where to where its bars reach."""
        floor = np.zeros(len(self.edges) - 1)
        result = []
        for one in self.series:
            counts = self._scaled(np.histogram(self._known(one), bins=self.edges)[0].astype(float), one)
            stacked = self.mark.stack == "stacked"
            result.append(_Heights(one, floor.copy(), floor + counts))
            if stacked:
                floor = floor + counts
        return result

    def _known(self, series: Series) -> Floats:
        values = self.values[series.rows]
        return values[np.isfinite(values)]

    def _scaled(self, counts: Floats, series: Series) -> Floats:
        if self.mark.cumulative:
            counts = np.cumsum(counts)
        # Stacked parts are shares of all values, so that the stack adds up; others of their own group.
        stacked = self.mark.stack == "stacked"
        total = max(1, int(np.isfinite(self.values).sum()) if stacked else len(self._known(series)))
        match self.mark.stat:
            case "count":
                return counts
            case "percent" | "probability":
                return counts / total
            case "density":
                return counts / total if self.mark.cumulative else counts / total / np.diff(self.edges)

    def extent(self, axis: AxisName) -> Extent:
        if axis == "x":
            return extent_of_values(self.edges)
        tops = [heights.end for heights in self.heights] + [curve for _, _, curve in self.curves]
        values = np.concatenate(tops) if tops else np.empty(0)
        return extent_of_values(values, zero=True, anchored=True, nice=True, percent=self.mark.stat == "percent")

    @cached_property
    def curves(self) -> list[tuple[Series, Floats, Floats]]:
        """Density curves in the units of the axes."""
        if not self.mark.density:
            return []
        result = []
        width = float(np.mean(np.diff(self.edges)))
        for one in self.series:
            values = self._known(one)
            if len(values) < 2:
                continue
            x, density = smooth_density(values, float(self.edges[0]), float(self.edges[-1]))
            total = int(np.isfinite(self.values).sum()) if self.mark.stack == "stacked" else len(values)
            share = density * len(values) / max(1, total)
            if self.mark.cumulative:
                share = np.cumsum(share) * (x[1] - x[0])
                height = share * total if self.mark.stat == "count" else share
            else:
                height = {"count": share * width * total, "density": share}.get(self.mark.stat, share * width)
            result.append((one, x, height))
        return result

    def title(self, axis: AxisName) -> str:
        if axis == "x":
            return self.layer.title("x")
        return ("Cumulative " + _TITLES[self.mark.stat].lower()) if self.mark.cumulative else _TITLES[self.mark.stat]

    def legend(self) -> tuple[Key, ...]:
        look = Entry("", self.theme.text, symbol="line" if self.mark.stack == "step" else "block", hatch=self.hatch)
        return self.layer.swatches(self.series, look, stacked=self.mark.stack == "stacked")

    def marks(self, area: Area) -> Iterator[Primitive]:
        edges = area.x(self.edges)
        wide = float(np.abs(np.diff(edges)).min()) > 5.0
        gap = 0.5 if wide else 0.0
        for heights in self.heights:
            if self.mark.stack == "step":
                yield self._outline(heights, edges, area)
                continue
            filled = heights.end > heights.start
            boxes = area.boxes(edges[:-1] + gap, edges[1:] - gap, area.y(heights.start), area.y(heights.end))
            yield Rects(
                role="bar",
                boxes=boxes[filled],
                fill=with_alpha(heights.series.color, self.opacity),
                values=(heights.end - heights.start)[filled],
                name=heights.series.name,
                hatch=self.hatch,
                clip=area.clip(),
            )
        for series, x, y in self.curves:
            yield Path(
                role="density",
                points=area.points(area.x(x), area.y(y)),
                stroke=Stroke(self.theme.line_color(series.color), self.theme.line, cap="round"),
                values=y,
                name=series.name,
                clip=area.clip(self.theme.line),
            )

    def _outline(self, heights: _Heights, edges: Floats, area: Area) -> Path:
        x = np.repeat(edges, 2)
        ends = area.y(heights.end)
        base = area.y.one(area.y.baseline)
        # What is cumulative does not fall at its end.
        y = np.concatenate([[base], np.repeat(ends, 2), [ends[-1] if self.mark.cumulative else base]])
        color = self.theme.line_color(heights.series.color)
        return Path(
            role="bar",
            points=area.points(x, y),
            stroke=Stroke(with_alpha(color, self.opacity), self.theme.line),
            values=heights.end,
            name=heights.series.name,
            clip=area.clip(self.theme.line),
        )

    def labels(self, area: Area, crowd: Crowd) -> Iterator[Text]:
        options = self.mark.labels
        if options is None or self.mark.stack == "step":
            return
        edges = area.x(self.edges)
        style = options.format or self.layer.formats.get("y") or ("percent" if self.mark.stat == "percent" else None)
        left_out = count = 0
        for heights in self.heights:
            sizes = heights.end - heights.start
            boxes = area.boxes(edges[:-1], edges[1:], area.y(heights.start), area.y(heights.end))
            written = self.layer.writer.numbers(sizes.tolist(), style)
            for size, words, box in zip(sizes.tolist(), written, boxes.tolist(), strict=True):
                if size <= 0:
                    continue
                count += 1
                label = text.place(
                    "value-label", words, (box[0] + box[2]) / 2, box[1] - 4.0, size=_LABEL, color=self.theme.text,
                    align="center",
                )  # fmt: skip
                fits = label.box.width < box[2] - box[0] and label.box.inside(area.sheet)
                if fits and crowd.claim(label.box, 1.0):
                    yield label
                else:
                    left_out += 1
        if left_out:
            self.layer.warn(f"{left_out} of {count} value labels have no room.")

    def facts(self) -> str:
        write = self.layer.writer
        known = self.values[np.isfinite(self.values)]
        title = self.layer.title("x")
        if not len(known):
            return f"Histogram of {title} without values."
        names = [series.name for series in self.series if series.name]
        style = self.layer.formats.get("x")
        low, middle, high = write.numbers([float(v) for v in (known.min(), np.median(known), known.max())], style)
        counts, _ = np.histogram(known, bins=self.edges)
        peak = int(np.argmax(counts))
        start, end = write.numbers([float(self.edges[peak]), float(self.edges[peak + 1])], style, exact=True)
        split = f", split into {listing(names)}" if names else ""
        number = write.number(float(len(known)))
        return (
            f"Histogram of {number} values of {title}{split}. "
            f"They range from {low} to {high} with a median of {middle}; "
            f"the most, {write.number(float(counts[peak]))}, lie from {start} to {end}."
        )


KIND = HistogramKind
