"""Lines. Channels: x (numbers, dates, categories), y (numbers), color and dash (categories; one line for each)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np

from renderer.data.forecast import labels_warning
from renderer.drawing import dashes, text
from renderer.drawing.alt import listing
from renderer.drawing.crowd import Crowd
from renderer.drawing.curves import smooth, steps
from renderer.drawing.decimate import thin_line
from renderer.drawing.extent import Extent, extent_of, extent_of_values, numbers_of
from renderer.drawing.keys import Entry, Key, Swatches
from renderer.drawing.kind import Area, AxisName, End, Kind, Layer, Series, group_rows
from renderer.drawing.scene import Dash, Floats, Markers, Path, Primitive, Rows, Stroke, Text
from renderer.spec.marks.line import Line

_MARKED_UP_TO = 30  # points of a line that get markers, where x is a category or the author leaves it open
_SMOOTH_STEPS = 400
_LABEL = 11.5  # size of value labels
_APART = 7.0  # pixels between a point and its label
_QUIET, _QUIET_WIDTH = 0.75, 0.8


@dataclass(frozen=True, slots=True, eq=False)
class _Strand:
    series: Series
    dash: Dash


class LineKind(Kind[Line]):
    """One path for each colour and dash, reduced to what its pixels can show."""

    named_at_ends = True

    def __init__(self, layer: Layer) -> None:
        super().__init__(layer)
        self.x = layer.resolved.table["x"]
        self.y = numbers_of(layer.resolved.table["y"])
        style = self.mark.style
        self.quiet = layer.resolved.quiet
        self.series = self._quiet_series() if self.quiet else layer.series()
        self.width = (style.width if style and style.width else None) or self.theme.line
        self.opacity = style.opacity if style and style.opacity is not None else 1.0
        self.dash = dashes.named(style.dash if style else None, self.width)
        if self.quiet:
            self.width, self.opacity = self.width * _QUIET_WIDTH, self.opacity * _QUIET
            self.dash = dashes.named("dashed", self.width)

    @cached_property
    def strands(self) -> list[_Strand]:
        column = self.layer.column("dash")
        if column is None:
            return [_Strand(series, self.dash) for series in self.series]
        names = self.layer.all_names("dash")
        by_dash = group_rows(column, names)
        strands = []
        for series in self.series:
            for index, name in enumerate(names):
                rows = np.intersect1d(series.rows, by_dash[name])
                if len(rows):
                    dash = dashes.dash(index, self.width)
                    strands.append(_Strand(replace(series, rows=rows), dash))
        return strands

    def extent(self, axis: AxisName) -> Extent:
        if axis == "x":
            if self.x.type == "category":
                return Extent("category", categories=self.layer.names("x"))
            return extent_of(self.x)
        return extent_of_values(self.y, nice=True)

    def _quiet_series(self) -> list[Series]:
        """The series of a previous period have the colours of those whose past they are."""
        layer = self.layer
        fixed = layer.resolved.mark.style.color if layer.resolved.mark.style else None
        if layer.column("color") is not None or fixed:
            return layer.series()
        return [Series("", np.arange(len(layer.resolved.table)), layer.hues.of_next_layer())]

    def legend(self) -> tuple[Key, ...]:
        if self.quiet and self.series[0].name:  # one entry says it of all colours
            past = Entry(self._name(), self.theme.muted, symbol="line", dash=self.dash)
            return (Swatches("", (past,)),)
        look = Entry("", self.theme.text, symbol="line", dash=self.dash)
        keys = self.layer.swatches(self.series, look)
        column = self.layer.column("dash")
        if column is not None and self.layer.title("dash") != self.layer.title("color"):
            names = self.layer.all_names("dash")
            dashed = tuple(
                Entry(name, self.theme.muted, "line", dashes.dash(index, self.width))
                for index, name in enumerate(names)
            )
            keys = (*keys, Swatches(self.layer.title("dash"), dashed))
        return keys

    def marks(self, area: Area) -> Iterator[Primitive]:
        x, y = area.x.column(self.x), area.y(self.y)
        clip = area.clip(self.width + self.theme.marker / 2)
        thinned, shown = self.layer.resolved.thinned, 0
        for strand in self.strands:
            rows = strand.series.rows
            if not self.mark.gaps:
                rows = rows[np.isfinite(y[rows])]
            rows = rows[np.isfinite(x[rows])]
            if not len(rows):
                continue
            kept = rows[thin_line(x[rows], y[rows])]
            shown += len(kept)
            if len(kept) < len(rows) and not thinned:
                self.layer.warn(
                    f"{len(rows):,} points are drawn as the {len(kept):,} that the picture's pixels can show."
                )
            color = self.theme.line_color(strand.series.color)
            color = (*color[:3], color[3] * self.opacity)
            points, curve = self._path(x[kept], y[kept])
            yield Path(
                role="line",
                points=area.points(points[:, 0], points[:, 1]),
                stroke=Stroke(color, self.width, strand.dash, cap="butt" if strand.dash else "round"),
                curve=curve,
                values=self.y[kept],
                name=strand.series.name,
                clip=clip,
            )
            marked = self._marked(kept, y)
            if len(marked):
                size = (self.mark.style.size if self.mark.style else None) or self.theme.marker
                yield Markers(
                    role="point",
                    points=area.points(x[marked], y[marked]),
                    size=size,
                    fill=color,
                    stroke=Stroke(self.theme.background, 1.25),
                    marker=(self.mark.style.marker if self.mark.style else None) or "circle",
                    values=self.y[marked],
                    name=strand.series.name,
                    clip=clip,
                )
        if thinned:
            self.layer.warn(f"{thinned:,} points are drawn as the {shown:,} that the picture's pixels can show.")

    def _marked(self, rows: Rows, y: Floats) -> Rows:
        """The points that get a marker: all, or none but those that no line would show."""
        if self.mark.markers or (
            self.mark.markers is None and self.x.type == "category" and len(rows) <= _MARKED_UP_TO
        ):
            marked: Rows = rows[np.isfinite(y[rows])]
            return marked
        finite = np.isfinite(y[rows])
        before, after = np.concatenate([[False], finite[:-1]]), np.concatenate([finite[1:], [False]])
        alone: Rows = rows[finite & ~before & ~after]
        return alone

    def _path(self, x: Floats, y: Floats) -> tuple[Floats, bool]:
        if self.mark.interpolate == "step":
            return steps(x, y), False
        if self.mark.interpolate == "smooth" and 2 < len(x) <= _SMOOTH_STEPS:
            return smooth(x, y), True
        return np.column_stack([x, y]), False

    def ends(self, area: Area) -> tuple[End, ...]:
        x, y = area.x.column(self.x), area.y(self.y)
        ends = []
        for series in self.series:
            rows = series.rows[np.isfinite(y[series.rows]) & np.isfinite(x[series.rows])]
            if not len(rows):
                continue
            last = rows[np.argmax(x[rows])]
            name = self._name() if self.quiet else series.name or self._name()
            color = self.theme.muted if self.quiet else series.color
            ends.append(End(name, color, float(x[last]), float(np.clip(y[last], area.box.y0, area.box.y1))))
        return tuple(ends)

    def _name(self) -> str:
        return self.layer.resolved.mark.name or self.layer.title("y") or self.layer.title("x")

    def labels(self, area: Area, crowd: Crowd) -> Iterator[Text]:
        options = self.mark.labels
        if options is None:
            return
        x, y = area.x.column(self.x), area.y(self.y)
        rows = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
        most = self.layer.limits.value_labels
        if len(rows) > most:
            self.layer.warn(labels_warning(len(rows), most))
            return
        written = self.layer.writer.numbers(self.y[rows].tolist(), options.format or self.layer.formats.get("y"))
        left_out = 0
        for words, point in zip(written, area.points(x[rows], y[rows]).tolist(), strict=True):
            label = self._label(words, point[0], point[1], area, crowd)
            if label is None:
                left_out += 1
            else:
                yield label
        if left_out:
            self.layer.warn(f"{left_out} of {len(rows)} value labels have no room.")

    def _label(self, words: str, x: float, y: float, area: Area, crowd: Crowd) -> Text | None:
        """Above its point, or below it, where it lies on no other words."""
        places: tuple[tuple[Literal["baseline", "top"], float], ...] = (("baseline", y - _APART), ("top", y + _APART))
        for valign, place in places:
            label = text.place(
                "value-label",
                words,
                x,
                place,
                size=_LABEL,
                color=self.theme.text,
                align="center",
                halo=self.theme.background,
                valign=valign,
            )
            if (
                label.box.inside(area.sheet)
                and label.box.inside(area.box.grown(_APART * 3))
                and crowd.claim(label.box, 1.0)
            ):
                return label
        return None

    def facts(self) -> str:
        write = self.layer.writer
        finite = self.y[np.isfinite(self.y)]
        if not len(finite):
            return f"Line chart of {self.layer.subject} without values."
        style = self.layer.formats.get("y")
        names = [series.name for series in self.series if series.name]
        subject = f"Dashed, the period before ({self._name()})" if self.quiet else f"Line chart of {self.layer.subject}"
        parts = [subject]
        if names:
            parts[0] += f", one line for each of {listing(names)}"
        if self.x.type != "category" and not self.quiet:
            places = numbers_of(self.x)
            first, last = (self.layer.place("x", int(row)) for row in (np.nanargmin(places), np.nanargmax(places)))
            parts[0] += f", from {first} to {last}"
        low, high = write.numbers([float(finite.min()), float(finite.max())], style)
        parts.append(f"Values range from {low} to {high}")
        for series in self.series[:4]:
            values = self.y[series.rows]
            values = values[np.isfinite(values)]
            if len(values) > 1:
                start, end = write.numbers([float(values[0]), float(values[-1])], style)
                change = "ends where it starts" if start == end else f"goes from {start} to {end}"
                name = series.name or ("It" if self.quiet else self.layer.title("y")) or "It"
                parts.append(f"{name} {change}")
        return ". ".join(parts) + "."


KIND = LineKind
