"""One panel: its layers, axes and legend, in one pass from measured text to primitives."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from renderer.data.resolve import LoadedPanel
from renderer.drawing import axes, legend, text
from renderer.drawing.crowd import Crowd, spread
from renderer.drawing.dates import to_days
from renderer.drawing.extent import Extent, join
from renderer.drawing.fit import ScaleError, Wishes, fit
from renderer.drawing.hues import Hues
from renderer.drawing.keys import Swatches
from renderer.drawing.kind import Area, AxisName, End, Kind, Layer
from renderer.drawing.kinds import kind_of
from renderer.drawing.scales import CategoryScale, Scale, TimeScale
from renderer.drawing.scene import Box, Color, Primitive, Segments, Stroke, Text
from renderer.drawing.theme import Theme
from renderer.drawing.writing import Writer
from renderer.spec.errors import Problem, SpecError
from renderer.spec.limits import Limits
from renderer.spec.model import Axis
from renderer.spec.scalars import parse_date

_TICK_ROOM = 52.0  # pixels of height for each tick of a vertical axis
_TICK_WIDTH = 84.0  # and of width, on a horizontal one, until its labels are measured
_TICK_GAP = 18.0  # between the labels of a horizontal axis
_END_GAP = 8.0  # between the end of a line and its name
_END_SHARE = 0.3  # of the panel's width, at most, for names at line ends
_LEAST = 24.0  # pixels of an area that is worth its axes
_WRITTEN = ("auto", "direct")


@dataclass(eq=False)
class PanelContext:
    """What a panel needs of its chart."""

    theme: Theme
    writer: Writer
    colors: tuple[Color, ...]  # of categories
    palette: str | tuple[str, ...] | None
    sheet: Box
    limits: Limits
    warnings: list[str]
    _hues: dict[frozenset[str], Hues] = field(default_factory=dict)

    def hues_of(self, titles: AbstractSet[str]) -> Hues:
        """Who gives the colours of a panel: panels that are coloured by the same have the same, others begin anew."""
        chosen = self.palette is not None
        if not titles:
            return Hues(self.colors, self.theme, chosen=chosen)
        return self._hues.setdefault(frozenset(titles), Hues(self.colors, self.theme, chosen=chosen))

    def warn(self, warning: str) -> None:
        if warning not in self.warnings:
            self.warnings.append(warning)


class PanelDrawing:
    """Draws one panel into a box. ``kinds`` are its layers, for the alternative text."""

    def __init__(self, loaded: LoadedPanel, context: PanelContext) -> None:
        self.context = context
        self.theme = context.theme
        self.pointer = loaded.pointer
        self.heading = loaded.panel.title or ""
        self.axes: dict[AxisName, Axis] = {"x": loaded.panel.axes.x, "y": loaded.panel.axes.y}
        alone = len(loaded.layers) == 1
        formats: dict[str, str | None] = {name: axis.format for name, axis in self.axes.items()}
        self.kinds: list[Kind[Any]] = []
        self._extents: dict[AxisName, Extent] = {}
        hues = context.hues_of({resolved.titles["color"] for resolved in loaded.layers if "color" in resolved.table})
        for resolved in loaded.layers:
            layer = Layer(
                resolved,
                self.theme,
                context.writer,
                hues,
                alone,
                context.palette,
                context.limits,
                dict(formats),
                context.warnings,
            )
            self.kinds.append(kind_of(resolved.mark.kind)(layer))

    def draw(self, box: Box) -> list[Primitive]:
        """The panel's primitives. Raises SpecError where the data do not go with the axes that were asked for."""
        heading = text.shorten(self.heading.replace("\n", " "), box.width, self.theme.subtitle, 700)
        if not heading or box.height < 4 * self.theme.subtitle:
            return self._draw(box)
        label = text.place(
            "panel-title",
            heading,
            box.x0,
            box.y0,
            size=self.theme.subtitle,
            weight=700,
            color=self.theme.text,
            valign="top",
        )
        return [label, *self._draw(box.inset(top=self.theme.subtitle + self.theme.gap))]

    def _draw(self, box: Box) -> list[Primitive]:
        keys = [key for kind in self.kinds for key in kind.legend()]
        if not all(kind.axes for kind in self.kinds):
            placed = legend.place(keys, box, self.theme)
            nowhere = Scale(low=0.0, high=1.0)
            area = Area(placed.box, nowhere, nowhere, lying=False, sheet=self.context.sheet)
            return [*placed.primitives, *(item for kind in self.kinds for item in kind.marks(area))]
        direct = self._direct_room(box)
        if direct:
            drawn = self._draw_with_axes(box, direct)
            if drawn is not None:
                return drawn
        placed = legend.place(keys, box, self.theme)
        if placed.left_out:
            self.context.warn(f"The legend has no room for {placed.left_out} of its entries.")
        drawn = self._draw_with_axes(placed.box, 0.0)
        return [*(drawn or []), *placed.primitives]

    def _direct_room(self, box: Box) -> float:
        """How wide the names at line ends are; 0 where a legend has to name the series."""
        named = legend.merge([key for kind in self.kinds for key in kind.legend()])
        swatches = [key for key in named if isinstance(key, Swatches)]
        if len(named) != 1 or len(swatches) != 1 or any(key.wish not in _WRITTEN for key in swatches):
            return 0.0
        entries = [entry for key in swatches for entry in key.entries]
        if any(entry.symbol != "line" for entry in entries) or len({entry.name for entry in entries}) < len(entries):
            return 0.0
        if len(entries) * axes.line_pitch(self.theme) > box.height * 0.7:
            return 0.0
        widest = text.widest((entry.name for entry in entries), self.theme.label, 500)
        return widest + _END_GAP if widest + _END_GAP <= box.width * _END_SHARE else 0.0

    def _draw_with_axes(self, box: Box, direct: float) -> list[Primitive] | None:
        """None where the names at line ends do not find their places."""
        theme = self.theme
        lying = any(kind.lies(box) for kind in self.kinds)
        level: AxisName = "y" if lying else "x"
        upright: AxisName = "x" if lying else "y"
        texts: list[Text] = []

        title_up = self._title(upright)
        top = box.y0
        if title_up:
            label = text.shorten(title_up, box.width, theme.label)
            if label:
                texts.append(
                    text.place("axis-title-y", label, box.x0, box.y0, size=theme.label, color=theme.muted, valign="top")
                )
                top += theme.label * 0.75 + theme.gap + 4.0
        title_level = self._title(level)
        foot = axes.TICK + 4.0 + theme.label if not self.axes[level].hide else 0.0
        if title_level:
            foot += theme.label + theme.gap

        # Upwards first: its labels say how much width is left for the other axis.
        height = box.y1 - foot - top
        up = self._fit(upright, max(1, min(8, round(height / _TICK_ROOM))) if height > 0 else 1)
        side = self._side_labels(up, upright, box, max(height, 1.0))
        left = max((text.widest(lines, theme.label) for lines in side.lines), default=0.0)
        left = left + theme.gap if left else 0.0
        # Half a label above the highest tick and below the lowest has to fit as well.
        plot_left, plot_right = box.x0 + left, box.x1 - direct
        if plot_right - plot_left < _LEAST:
            plot_left, side = box.x0, axes.Labels((), ())
        across, labels = self._fit_level(level, plot_right - plot_left)
        foot = 0.0
        if not self.axes[level].hide and labels.depth:
            foot = (
                axes.TICK
                + 4.0
                + text.cap_height(theme.label)
                + (labels.depth - 1) * axes.line_pitch(theme)
                + text.descent(theme.label)
            )
        ticks_foot = foot
        if title_level:
            foot += theme.label * 0.75 + theme.gap + 2.0
        bare = False
        plot = Box(plot_left, top + (0.0 if title_up else theme.label * 0.4), plot_right, box.y1 - foot)
        if plot.height < _LEAST:
            plot = Box(box.x0, box.y0, plot_right, box.y1)
            texts, labels, side, title_level = [], axes.Labels((), ()), axes.Labels((), ()), ""
            bare = True
        plot = Box(*(round(edge) for edge in plot))
        if plot.width < 1 or plot.height < 1:
            return []

        across = across.placed(plot.x0, plot.x1)
        up = up.placed(plot.y0, plot.y1) if isinstance(up, CategoryScale) else up.placed(plot.y1, plot.y0)
        area = Area(plot, up if lying else across, across if lying else up, lying, self.context.sheet)

        names = self._names(area, direct)
        if names is None:
            return None
        texts += axes.beside(side, up, plot, self.context.sheet, theme)
        texts += axes.below(labels, across, plot, self.context.sheet, theme)
        crowd = Crowd()
        texts = [item for item in texts if crowd.claim(item.box)]
        if title_level:
            label = text.shorten(title_level, plot.width, theme.label)
            if label:
                texts.append(
                    text.place(
                        "axis-title-x",
                        label,
                        plot.center[0],
                        plot.y1 + ticks_foot + theme.gap + 2.0,
                        size=theme.label,
                        color=theme.muted,
                        align="center",
                        valign="top",
                    )
                )
        return [
            *self._behind(area, up, across, upright, level, bare=bare),
            *self._marks(area, [*texts, *names[0]]),
            *texts,
            *names[1],
            *names[0],
        ]

    # Axes -------------------------------------------------------------------------------------------------------------

    def _title(self, name: AxisName) -> str:
        axis = self.axes[name]
        if axis.hide:
            return ""
        if axis.title is not None:
            return axis.title
        titles = list(dict.fromkeys(title for kind in self.kinds if (title := kind.title(name))))
        # Dates and the names of categories say themselves what they are.
        return titles[0] if len(titles) == 1 and self._extent(name).type == "number" else ""

    def _extent(self, name: AxisName) -> Extent:
        found = self._extents.get(name)
        if found is None:
            found = self._extents[name] = join(kind.extent(name) for kind in self.kinds)
        return found

    def _wishes(self, name: AxisName, extent: Extent) -> Wishes:
        axis = self.axes[name]
        ticks = axis.ticks
        places: int | tuple[float | str, ...] | None
        if isinstance(ticks, tuple):
            places = tuple(place if extent.type == "category" else _position(place) for place in ticks)
            if extent.type == "category":
                places = tuple(str(place) for place in ticks)
        else:
            places = ticks
        return Wishes(
            scale=axis.scale,
            low=None if axis.min is None else _position(axis.min),
            high=None if axis.max is None else _position(axis.max),
            zero=axis.zero,
            reverse=axis.reverse,
            format=axis.format or self._channel_format(name),
            ticks=0 if axis.hide else places,
        )

    def _channel_format(self, name: AxisName) -> str | None:
        for kind in self.kinds:
            channel = getattr(kind.layer.resolved.mark, name, None)
            if channel is not None and channel.format:
                return str(channel.format)
        return None

    def _fit(self, name: AxisName, count: int) -> Scale:
        extent = self._extent(name)
        try:
            return fit(extent, self._wishes(name, extent), count, self.context.writer)
        except ScaleError as problem:
            raise SpecError([Problem(f"{self.pointer}/axes/{name}/scale", str(problem))]) from problem

    def _fit_level(self, name: AxisName, width: float) -> tuple[Scale, axes.Labels]:
        """The scale along the bottom, with as many ticks as its labels have room for."""
        count = max(1, min(10, round(width / _TICK_WIDTH)))
        scale = self._fit(name, count)
        if isinstance(scale, CategoryScale):
            labels = axes.category_labels_below(scale, width, self.theme, self.context.limits.categories)
            self._thinned(scale, labels)
            return scale, labels
        if not isinstance(self.axes[name].ticks, int | tuple):
            while count > 1 and self._crowded(scale, width):
                count = min(count - 1, round(count * 0.75))
                scale = self._fit(name, count)
            while len(scale.ticks) > 2 and self._crowded(scale, width):
                scale = replace(scale, ticks=scale.ticks[::2])
        return scale, axes.plain_labels(scale)

    def _crowded(self, scale: Scale, width: float) -> bool:
        places = scale.placed(0.0, width).of_ticks(scale.ticks)
        widths = [text.width(tick.label, self.theme.label) for tick in scale.ticks]
        gap = _TICK_GAP if not isinstance(scale, TimeScale) else _TICK_GAP / 2
        return any(
            abs(places[i + 1] - places[i]) < (widths[i] + widths[i + 1]) / 2 + gap for i in range(len(places) - 1)
        )

    def _side_labels(self, scale: Scale, name: AxisName, box: Box, height: float) -> axes.Labels:
        if isinstance(scale, CategoryScale):
            labels = axes.category_labels_beside(
                scale, box.width * axes.LABEL_SHARE, height, self.theme, self.context.limits.categories
            )
            self._thinned(scale, labels)
            return labels
        return axes.plain_labels(scale)

    def _thinned(self, scale: CategoryScale, labels: axes.Labels) -> None:
        if labels.every > 1:
            self.context.warn(f"Only every {_ordinal(labels.every)} of {len(scale.names)} category labels has room.")

    def _behind(
        self, area: Area, up: Scale, across: Scale, upright: AxisName, level: AxisName, *, bare: bool
    ) -> list[Primitive]:
        """What lies under the marks: the grid for values, the ground line; ``bare`` has no room for tick marks."""
        theme, plot = self.theme, area.box
        items: list[Primitive] = []
        grid_up, grid_level = self.axes[upright].grid, self.axes[level].grid
        covered = self._extent("x").covered or self._extent("y").covered
        if grid_up or (grid_up is None and up.type != "category" and not covered):
            items += axes.grid_across(up, plot, theme)
        if grid_level or (grid_level is None and area.lying and across.type != "category" and not covered):
            items += axes.grid_down(across, plot, theme)
        anchored = self._extent("y").anchored
        if not area.lying and not self.axes[level].hide:
            marks = across.type != "category" and not bare
            items += axes.ground(across, plot, theme, line=not anchored and not covered, marks=marks)
        return items

    # Marks ------------------------------------------------------------------------------------------------------------

    def _marks(self, area: Area, texts: Sequence[Text]) -> list[Primitive]:
        items = [item for kind in self.kinds for item in kind.marks(area)]
        anchored = self._extent("y").anchored
        covered = self._extent("x").covered or self._extent("y").covered
        crossed = area.y.type == "number" and (anchored or area.y.low < 0 < area.y.high)
        if crossed and not covered and not self.axes["y"].hide:
            base = area.y.one(area.y.baseline)
            plot = area.box
            line = ((base, plot.y0), (base, plot.y1)) if area.lying else ((plot.x0, base), (plot.x1, base))
            # Bars stand on it, so it is drawn over their feet; what crosses it hides it.
            items.insert(
                len(items) if anchored and not area.y.low < 0 < area.y.high else 0, axes.zero_line(*line, self.theme)
            )
        crowd = Crowd(item.box for item in texts)
        for kind in self.kinds:
            items += kind.labels(area, crowd)
        return items

    def _names(self, area: Area, direct: float) -> tuple[list[Text], list[Primitive]] | None:
        """Names at the ends of lines, moved apart, with a thread to the line where they had to move far."""
        if not direct:
            return [], []
        ends: list[End] = sorted((end for kind in self.kinds for end in kind.ends(area)), key=lambda end: end.y)
        plot, theme = area.box, self.theme
        if not ends or any(end.x < plot.x0 + plot.width * 0.9 for end in ends):
            return None
        places = spread(
            [end.y for end in ends], axes.line_pitch(theme), plot.y0 - theme.label / 2, plot.y1 + theme.label / 2
        )
        if places is None:
            return None
        names: list[Text] = []
        threads: list[Primitive] = []
        for end, place in zip(ends, places, strict=True):
            color = theme.text_color(end.color)
            x = plot.x1 + _END_GAP
            names.append(
                text.place(
                    "series-label", end.name, x, place, size=theme.label, weight=500, color=color, valign="middle"
                )
            )
            if abs(place - end.y) > theme.label * 0.6:
                ends_at = np.array([[end.x + 2.0, end.y, x - 2.0, place]])
                threads.append(
                    Segments(
                        role="thread", ends=ends_at, stroke=Stroke((*color[:3], 0.55), 1.0), name=end.name, crisp=False
                    )
                )
        return names, threads


def _position(value: bool | int | float | str) -> float:
    """A place that the author wrote on an axis: a number, or a date as days since 1970."""
    if isinstance(value, str):
        moment = parse_date(value)
        if moment is None:
            return float("nan")
        naive = moment.replace(tzinfo=None) - (moment.utcoffset() or moment - moment)
        return float(to_days(np.array([np.datetime64(naive, "us")]))[0])
    return float(value)


def _ordinal(number: int) -> str:
    return {2: "second", 3: "third"}.get(number, f"{number}th")
