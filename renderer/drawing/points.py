"""Samples as points: what strips and swarms have in common. They differ in how far points step aside."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from typing import TypeVar

import numpy as np

from renderer.drawing.color import with_alpha
from renderer.drawing.keys import Entry
from renderer.drawing.kind import Area, Layer
from renderer.drawing.samples import SamplesKind
from renderer.drawing.scene import Floats, Marker, Markers, Primitive, Segments, Stroke
from renderer.drawing.summary import mean_and_deviation
from renderer.spec.samples import PointsMark

_RIMMED_UP_TO = 1500  # points that get a rim in the colour of the background

PointsT = TypeVar("PointsT", bound=PointsMark)


class PointsKind(SamplesKind[PointsT]):
    """A point for each value, and a line across each sample where the author wants one."""

    noun = "groups of points"

    def __init__(self, layer: Layer) -> None:
        super().__init__(layer)
        style = self.mark.style
        self.marker: Marker = (style.marker if style else None) or "circle"
        self.look = Entry("", self.theme.text, symbol="point", marker=self.marker)

    @abstractmethod
    def aside(self, area: Area) -> tuple[list[Floats], float]:
        """How far each point of each sample stands from the middle of its seat, in pixels; and the diameter."""

    def marks(self, area: Area) -> Iterator[Primitive]:
        aside, size = self.aside(area)
        rim = Stroke(self.theme.background, min(0.9, size / 7)) if len(self.y) <= _RIMMED_UP_TO else None
        for sample, steps in zip(self.samples, aside, strict=True):
            seat = self.seat(area, sample)
            color = self.theme.line_color(sample.series.color)
            yield Markers(
                role="point",
                points=area.points(seat.middle + steps, area.y(sample.values)),
                size=size,
                fill=with_alpha(color, self.opacity),
                marker=self.marker,
                stroke=rim,
                values=sample.values,
                name=sample.name,
                clip=area.clip(size),
            )
        if self.mark.center != "none":
            yield from self._centers(area)

    def _centers(self, area: Area) -> Iterator[Primitive]:
        """A bar across each sample, with a rim so that it is seen among points of any colour."""
        for sample, seat in self.seats(area):
            values = sample.values
            value = float(np.median(values)) if self.mark.center == "median" else mean_and_deviation(values)[0]
            y = np.full(1, area.y.one(value))
            middle, half = np.full(1, seat.middle), max(4.0, seat.width * self.across / 2)
            ends = np.concatenate([area.points(middle - half, y), area.points(middle + half, y)], axis=1)
            for stroke, role in (
                (Stroke(self.theme.background, 3.75, cap="round"), "rim"),
                (Stroke(self.theme.text, 2.25, cap="round"), self.mark.center),
            ):
                yield Segments(
                    role=role,
                    ends=ends,
                    stroke=stroke,
                    values=np.array([value]),
                    name=sample.name,
                    clip=area.clip(2.0),
                    crisp=False,
                )

    @property
    def across(self) -> float:
        """How much of its seat the line across a sample takes."""
        return 0.7
