"""What a chart kind is. Each kind is one module in ``kinds/``, named like the kind, with a subclass of ``Kind`` called
``KIND``.

To add a kind, copy the nearest file there. It says what its layer covers (``extent``), what its colours mean
(``legend``), what it looks like once there are pixels (``marks``) and what is written on it (``labels``). It never sees
a renderer, and needs to know neither where the legend goes nor whether the chart lies on its side.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar, Generic, Literal, TypeVar, cast

import numpy as np

from renderer.data.crowded import legend_message
from renderer.data.forecast import colors_warning
from renderer.data.places import named_years
from renderer.data.resolved import Resolved
from renderer.data.table import Column
from renderer.drawing.crowd import Crowd
from renderer.drawing.extent import Extent, names_of, numbers_of
from renderer.drawing.hues import Hues
from renderer.drawing.keys import Entry, Key, Swatches
from renderer.drawing.memory import Memory
from renderer.drawing.scales import Scale
from renderer.drawing.scene import Box, Color, Floats, Primitive, Rows, Text
from renderer.drawing.theme import Theme, hues
from renderer.drawing.writing import NO_VALUE, Writer
from renderer.spec.axis import ScaleName
from renderer.spec.errors import Problem, SpecError
from renderer.spec.limits import LIMITS, Limits
from renderer.spec.mark import Mark

AxisName = Literal["x", "y"]


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """The rows of a layer that look alike. ``name`` is "" where there is but one."""

    name: str
    rows: Rows
    color: Color


@dataclass(frozen=True, slots=True, eq=False)
class End:
    """Where a line ends, and what can be written there."""

    name: str
    color: Color
    x: float
    y: float


@dataclass(frozen=True, slots=True, eq=False)
class Area:
    """Where a layer is drawn: its box, and its scales in pixels. ``lying`` swaps the two, so that x runs down
    the side. ``sheet`` is the whole picture.
    """

    box: Box
    x: Scale
    y: Scale
    lying: bool
    sheet: Box

    def points(self, x: Floats, y: Floats) -> Floats:
        """Pixels along x and y as (n, 2) points of the sheet."""
        return np.column_stack([y, x] if self.lying else [x, y])

    def clip(self, room: float = 0.0) -> Box:
        """The area with some pixels around it, for strokes and symbols on its edge; never more than the sheet."""
        grown, sheet = self.box.grown(room), self.sheet
        return Box(max(grown.x0, sheet.x0), max(grown.y0, sheet.y0), min(grown.x1, sheet.x1), min(grown.y1, sheet.y1))

    def boxes(self, x0: Floats, x1: Floats, y0: Floats, y1: Floats) -> Floats:
        """Pixels along x and y as (n, 4) boxes of the sheet, whichever end is first."""
        columns = [y0, x0, y1, x1] if self.lying else [x0, y0, x1, y1]
        first, second = np.column_stack(columns[:2]), np.column_stack(columns[2:])
        return np.concatenate([np.minimum(first, second), np.maximum(first, second)], axis=1)


@dataclass(eq=False)
class Layer:
    """What a kind is given: its mark with the data, and the means of the chart that it belongs to."""

    resolved: Resolved
    theme: Theme
    writer: Writer
    hues: Hues
    alone: bool  # whether it is the only layer of its panel, but for those that accompany it
    palette: str | tuple[str, ...] | None  # the chart's
    limits: Limits = LIMITS
    formats: dict[str, str | None] = field(default_factory=dict)  # of the axes, by channel
    scales: dict[str, ScaleName] = field(default_factory=dict)  # that the author asked for, by channel
    warnings: list[str] = field(default_factory=list)
    memory: Memory | None = None

    def column(self, channel: str) -> Column | None:
        """A channel's column, if the mark has the channel."""
        return self.resolved.table.columns.get(channel)

    def common(self, channel: str) -> Column | None:
        """A channel's column as its scale has to know it: that of all small multiples, unless they do not share the
        axis; else the layer's own.
        """
        resolved = self.resolved
        if resolved.whole is None or (channel in ("x", "y") and channel not in resolved.shared):
            return self.column(channel)
        return resolved.whole.columns.get(channel)

    def names(self, channel: str) -> tuple[str, ...]:
        """The categories of a channel in the order in which they are shown."""
        column = self.column(channel)
        if column is None or column.type != "category":
            return ()
        present = names_of(column)
        ordered = self.resolved.orders.get(channel)
        if ordered is None:
            return present
        known = set(present)
        return tuple(name for name in ordered if name in known)

    def all_names(self, channel: str) -> tuple[str, ...]:
        """The categories of a channel, in all small multiples if there are any: what the first, the second, ... of
        them looks like is the same in each.
        """
        if self.resolved.whole is None:
            return self.names(channel)
        return self.resolved.orders.get(channel, self.names(channel))

    def axis_names(self, channel: str) -> tuple[str, ...]:
        """The categories that the axis of a channel shows: those of all panels that share it."""
        return self.all_names(channel) if channel in self.resolved.shared else self.names(channel)

    def error(self, channel: str, message: str) -> SpecError:
        """A SpecError that names a channel of this mark."""
        return SpecError([Problem(f"{self.resolved.pointer}/{channel}", message)])

    def title(self, channel: str) -> str:
        return self.resolved.titles.get(channel, "")

    @property
    def subject(self) -> str:
        """What by what, for sentences on the layer."""
        y, x = self.title("y"), self.title("x")
        return f"{y or 'values'} by {x}" if x else y or "values"

    def place(self, channel: str, row: int) -> str:
        """One row's value of a channel, in words: "Adelie", "12.5", "Dec 2015"."""
        column = self.resolved.table[channel]
        if column.type == "category":
            return str(column.values[row] if column.values[row] is not None else NO_VALUE)
        number = float(numbers_of(column)[row])
        if column.type == "number":
            return self.writer.number(number, "d" if named_years(column) else None)
        unit = self.resolved.units.get(channel, "")
        return self.writer.dates([number], unit if unit in ("month", "quarter", "year") else None)[0]

    def warn(self, text: str) -> None:
        if text not in self.warnings:
            self.warnings.append(text)

    def series(self, channel: str = "color") -> list[Series]:
        """The rows by the categories of a channel, in the order in which they come, each with its colour."""
        style = self.resolved.mark.style
        column = self.column(channel)
        if column is None or column.type != "category":
            rows = np.arange(len(self.resolved.table))
            return [Series("", rows, self.hues.of_layer(style.color if style else None))]
        names = self.names(channel)
        if len(names) > self.limits.legend_entries:
            raise self.error(channel, legend_message(len(names), self.limits.legend_entries))
        if len(names) > self.hues.distinct:
            self.warn(colors_warning(len(names)))
        if self.resolved.whole is not None:
            self.colors(self.all_names(channel), channel)  # the same ones in all small multiples
        colors = self.colors(names, channel)
        series = [Series(name, rows, colors[name]) for name, rows in group_rows(column, names).items()]
        missing = np.flatnonzero(column.missing)
        if len(missing):
            series.append(Series(NO_VALUE, missing, self.theme.axis))
        return series

    def colors(self, names: Sequence[str], channel: str = "color") -> dict[str, Color]:
        """The colour of each category: what the channel maps it to, else the next of its own palette, or the
        chart's.
        """
        options = getattr(self.resolved.mark, channel)
        mapped: Mapping[str, str] = getattr(options, "map", None) or {}
        own = getattr(options, "palette", None)
        palette = self.hues
        if own:
            count = len(self.all_names(channel)) or len(names)
            slots = self.memory.slots(f"{self.resolved.pointer}/{channel}") if self.memory is not None else None
            count = count if slots is None else slots.wanted(count)
            palette = Hues(hues(own, self.theme, count), self.theme, slots=slots)
        found = {name: palette.of(name, mapped.get(name)) for name in names}
        self.hues.give(list(found), list(found.values()))
        return found

    def swatches(self, series: Sequence[Series], look: Entry, *, stacked: bool = False) -> tuple[Key, ...]:
        """The legend of colours, each entry like ``look``; none where there is nothing to tell one from."""
        name = self.resolved.mark.name
        if len(series) == 1 and not series[0].name:
            if self.alone:
                return ()
            label = name or self.title("y") or self.title("x")
            return (Swatches("", (replace(look, name=label, color=series[0].color),)),)
        entries = tuple(replace(look, name=one.name, color=one.color) for one in series)
        return (Swatches(self.title("color"), entries, wish=self._wish(), stacked=stacked),)

    def _wish(self) -> str:
        return getattr(getattr(self.resolved.mark, "color", None), "legend", "auto")


MarkT = TypeVar("MarkT", bound=Mark)


class Kind(ABC, Generic[MarkT]):
    """One layer of a panel: made when its data are known, asked for its extent, then drawn into an area.

    ``MarkT`` is the mark of the chart language that the kind draws.
    """

    axes: ClassVar[bool] = True
    """False for kinds that have no x and y (pies, trees, gauges): their area is the whole panel. What they say of an
    axis in ``extent`` gives its scale a domain and ticks; its pixels are 0 to 1, for the kind to bend around a middle.
    """
    named_at_ends: ClassVar[bool] = False
    """Whether its series may be named where they end, at the right of the panel, instead of in a legend."""
    named_inside: ClassVar[bool] = False
    """Whether they may be named within its marks, which is tried first."""
    accompanies: ClassVar[bool] = False
    """Whether it says something of another layer, as error bars do: beside it, that layer needs no name."""
    writes: ClassVar[tuple[AxisName, ...]] = ()
    """The axes whose labels the kind writes itself, in the room that it asks for with ``beside``."""

    def __init__(self, layer: Layer) -> None:
        self.layer = layer
        self.mark = cast(MarkT, layer.resolved.mark)  # the kind was chosen by it
        self.theme = layer.theme

    @abstractmethod
    def extent(self, axis: AxisName) -> Extent:
        """What the layer covers of an axis."""

    def settle(self, area: Area) -> bool:
        """Told the area once it is known. True, once, if the legend depends on it: the panel is laid out anew."""
        return False

    @abstractmethod
    def marks(self, area: Area) -> Iterator[Primitive]:
        """The layer's shapes, clipped to the area where they may reach beyond it."""

    def legend(self) -> tuple[Key, ...]:
        """What its colours, sizes and symbols mean."""
        return ()

    def labels(self, area: Area, crowd: Crowd) -> Iterator[Text]:
        """What is written on the marks, where ``crowd`` has room; called after all layers' marks."""
        return iter(())

    def ends(self, area: Area) -> tuple[End, ...]:
        """Where its series can be named directly; () if a legend must do it."""
        return ()

    def inner_names(self, area: Area) -> tuple[Text, ...]:
        """The names of its series, written within its marks where it is ``named_inside``; () if they do not all fit."""
        return ()

    def beside(self, box: Box) -> tuple[float, float]:
        """The room at the left and at the right of the plot, in pixels, for what it writes there itself."""
        return 0.0, 0.0

    def lies(self, box: Box) -> bool:
        """Whether x runs down the side, in a panel of this size."""
        return False

    def title(self, axis: AxisName) -> str:
        """What an axis is called, if the author does not say."""
        return self.layer.title(axis)

    def facts(self) -> str:
        """Sentences on the data for the alternative text: range, extremes, last value and change."""
        return ""


def group_rows(column: Column, names: Sequence[str]) -> dict[str, Rows]:
    """The rows of each name."""
    places = {name: index for index, name in enumerate(names)}
    codes = np.fromiter((places.get(name, -1) for name in column.values.tolist()), dtype=np.intp, count=len(column))
    order = np.argsort(codes, kind="stable")
    cuts = np.searchsorted(codes[order], np.arange(len(names) + 1))
    return {name: order[cuts[index] : cuts[index + 1]] for index, name in enumerate(names)}
