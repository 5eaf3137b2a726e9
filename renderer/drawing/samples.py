"""Samples: the values of each category and colour, as they are, and where each stands. What boxes, violins, strips,
swarms and intervals have in common.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np

from renderer.drawing.alt import listing
from renderer.drawing.axes import better_lying
from renderer.drawing.extent import Extent, extent_of_values, numbers_of
from renderer.drawing.keys import Entry, Key
from renderer.drawing.kind import Area, AxisName, Kind, Layer, Series, group_rows
from renderer.drawing.scales import CategoryScale
from renderer.drawing.scene import Box, Floats, Rows
from renderer.spec.samples import SamplesMark

_MOST = 500  # samples of a chart; more are no more than hairs
_AIR = 0.015  # of the axis, so that no value lies on its ends
_APART = 1.12  # widths from the middle of a shape to that of its neighbour, where there is room for it


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """The values of one place and one colour, ascending, with their rows. ``slot`` of ``slots`` is its share of the
    place.
    """

    name: str
    place: str
    series: Series
    rows: Rows
    values: Floats
    slot: int
    slots: int


@dataclass(frozen=True, slots=True)
class Seat:
    """Where a sample stands along x, in pixels."""

    middle: float
    width: float

    @property
    def start(self) -> float:
        return self.middle - self.width / 2

    @property
    def end(self) -> float:
        return self.middle + self.width / 2


def small_enough(diameter: float, area: Area) -> float:
    """The diameter of points, no more than a thumbnail can hold."""
    return min(diameter, max(3.0, min(area.box.width, area.box.height) / 22))


SamplesT = TypeVar("SamplesT", bound=SamplesMark)


class SamplesKind(Kind[SamplesT]):
    """A shape for the values of each category and colour."""

    noun = "shapes"
    share = 0.9  # of what its slot has, at most
    widest = 72.0  # pixels of a shape
    look = Entry("", (0.0, 0.0, 0.0, 1.0))

    def __init__(self, layer: Layer) -> None:
        super().__init__(layer)
        self.y = numbers_of(layer.resolved.table["y"])
        self.series = layer.series()
        style = self.mark.style
        self.opacity = style.opacity if style and style.opacity is not None else 1.0

    @cached_property
    def places(self) -> tuple[str, ...]:
        """The categories along x. Without any, each colour stands for itself, or one shape stands alone."""
        if self.mark.x is not None:
            return self.layer.names("x")
        return tuple(one.name for one in self.series)

    @cached_property
    def samples(self) -> list[Sample]:
        """The samples that have values, by place and colour."""
        of_series = np.full(len(self.y), -1)
        for index, one in enumerate(self.series):
            of_series[one.rows] = index
        parts: list[tuple[str, int, Rows]] = []
        for place, rows in self.by_place().items():
            rows = rows[np.isfinite(self.y[rows])]
            for index in np.unique(of_series[rows]).tolist():
                parts.append((place, index, rows[of_series[rows] == index]))
        if len(parts) > _MOST:
            raise self.layer.error(
                "x" if self.mark.x is not None else "color",
                f"{len(parts):,} {self.noun} are more than the {_MOST} that a chart can show; keep the largest "
                "categories with 'top', or bring them together with 'bin' or a unit",
            )
        # Colours that only repeat what x says, or group it, need no room beside each other.
        dodged = len(parts) > len({place for place, _, _ in parts})
        found = []
        for place, index, rows in parts:
            series = self.series[index]
            name = ", ".join(dict.fromkeys(part for part in (place, series.name) if part))
            rows = rows[np.argsort(self.y[rows], kind="stable")]
            slot, slots = (index, len(self.series)) if dodged else (0, 1)
            found.append(Sample(name, place, series, rows, self.y[rows], slot, slots))
        return found

    def by_place(self) -> dict[str, Rows]:
        """The rows of each place."""
        column = self.layer.column("x")
        return group_rows(column, self.places) if column is not None else {s.name: s.rows for s in self.series}

    # What the panel asks ----------------------------------------------------------------------------------------------

    def extent(self, axis: AxisName) -> Extent:
        if axis == "x":
            return Extent("category", categories=self.places)
        return extent_of_values(self.reach(), air=_AIR, nice=True)

    def reach(self) -> Floats:
        """All that has to be in sight along y."""
        return self.y

    def lies(self, box: Box) -> bool:
        if self.mark.horizontal is not None:
            return self.mark.horizontal
        return better_lying(self.places, box, self.theme)

    def legend(self) -> tuple[Key, ...]:
        named = [one.name for one in self.series if one.name]
        if named and set(named) <= set(self.places) and all(s.place == s.series.name for s in self.samples):
            return ()  # the axis says it already
        return self.layer.swatches(self.series, self.look)

    # Geometry ---------------------------------------------------------------------------------------------------------

    def seat(self, area: Area, sample: Sample) -> Seat:
        """Where along x a sample stands; in a panel with other layers the axis may hold more names than this layer."""
        middle, room = self.spot(area, sample.place)
        pitch = room / sample.slots
        width = min(pitch * self.share, self.widest)
        pitch = min(pitch, width * _APART)
        return Seat(middle + (sample.slot - (sample.slots - 1) / 2) * pitch * area.x.direction, width)

    def spot(self, area: Area, place: str) -> tuple[float, float]:
        """The middle of a place along x, and the room that it has for all its samples; in pixels."""
        scale = area.x
        if not isinstance(scale, CategoryScale):
            raise TypeError("samples stand at categories")
        return scale.one(float(scale.names.index(place))), scale.band

    def seats(self, area: Area) -> Iterator[tuple[Sample, Seat]]:
        """Each sample with its seat."""
        return ((sample, self.seat(area, sample)) for sample in self.samples)

    # Alternative text -------------------------------------------------------------------------------------------------

    def facts_of(self, what: str) -> str:
        """What is shown, how the values range, and which samples have the highest and the lowest median."""
        write = self.layer.writer
        known = self.y[np.isfinite(self.y)]
        subject = f"{what} of {write.number(float(len(known)))} values of {self.layer.title('y') or 'y'}"
        if not len(known):
            return f"{what} of {self.layer.title('y') or 'y'} without values."
        if self.mark.x is not None:
            subject += f" by {self.layer.title('x')}: {listing(self.places)}"
        names = [series.name for series in self.series if series.name]
        if names and set(names) != set(self.places):
            subject += f", split into {listing(names)}"
        elif names and self.mark.x is None:
            subject += f" by {self.layer.title('color')}: {listing(names)}"
        style = self.style
        medians = [float(np.median(sample.values)) for sample in self.samples]
        low, high = write.numbers([float(known.min()), float(known.max())], style)
        sentence = f"{subject}. They range from {low} to {high}"
        if len(medians) < 2:
            return f"{sentence} with a median of {write.numbers(medians, style)[0]}."
        most, least = int(np.argmax(medians)), int(np.argmin(medians))
        top, bottom = write.numbers([medians[most], medians[least]], style)
        if top == bottom:
            return f"{sentence}; all medians are {top}."
        return (
            f"{sentence}. The highest median is {top} ({self.samples[most].name}), "
            f"the lowest {bottom} ({self.samples[least].name})."
        )

    @property
    def style(self) -> str | None:
        """How values are written: as the author wants them on the axis."""
        return self.layer.formats.get("y") or self.mark.y.format
