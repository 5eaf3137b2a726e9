"""The frame of a panel: its axes with their labels and titles, measured and placed around the plot."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

from renderer.drawing import axes, text
from renderer.drawing.crowd import Crowd
from renderer.drawing.kind import Area, AxisName
from renderer.drawing.scales import CategoryScale, Scale, TimeScale
from renderer.drawing.scene import Box, Primitive, Text
from renderer.drawing.sides import Side, Sides

_TICK_ROOM = 52.0  # pixels of height for each tick of a vertical axis
_TICK_WIDTH = 84.0  # and of width, on a horizontal one, until its labels are measured
_TICK_GAP = 18.0  # between the labels of a horizontal axis
_LEAST = 24.0  # pixels of an area that is worth its axes
_NARROWER, _SHORTER = 0.95, 0.85  # times its size may a plot be, before its ticks are chosen anew
_SLACK = 3.0  # pixels that a category may lose before its name is broken anew
_ROUND_TICKS = 4  # of an axis that runs from a middle outwards


class Margins(NamedTuple):
    """What lies around a plot, in pixels."""

    left: float = 0.0
    top: float = 0.0
    right: float = 0.0
    bottom: float = 0.0


NO_MARGINS = Margins()


class Words(NamedTuple):
    """What is written around a plot: labels at its sides and below it, titles, and the pixels that they take above
    and below it.
    """

    left: axes.Labels
    right: axes.Labels
    below: axes.Labels
    title_left: str
    title_right: str
    title_below: str
    head: float
    foot: float


@dataclass(frozen=True, eq=False)
class Frame:
    """The plot with its scales in pixels, and the words around it. ``bare`` has no room for any."""

    sides: Sides
    box: Box
    """What the axes have taken their room from."""
    plot: Box
    area: Area
    right_area: Area
    """The same place with the scale of the right axis."""
    level: Side
    upright: Side
    words: Words
    room: Box
    """How far the labels along the bottom may reach."""
    bare: bool

    @cached_property
    def texts(self) -> tuple[Text, ...]:
        """The labels and titles of the axes, none on another."""
        return _texts(self)

    def moved(self, box: Box, plot: Box) -> Frame | None:
        """The same axes around another plot of about the same size; None where they have to be measured anew."""
        plot = Box(*(round(edge) for edge in plot))
        old = self.plot
        least = old.width * _NARROWER
        if isinstance(self.across, CategoryScale):  # whose names are broken to the width that each has
            least = max(least, old.width - _SLACK * len(self.across.names))
        taller = plot.height / max(old.height, 1.0)
        if self.bare or plot.width < least or not _SHORTER <= taller <= 1 / _SHORTER or plot.height < _LEAST:
            return None
        left, right = _placed(self.area, plot), _placed(self.right_area, plot)
        return replace(self, box=box, plot=plot, area=left, right_area=right)

    @property
    def overhang(self) -> tuple[float, float]:
        """How far the outermost labels below the plot reach beyond its left and its right end."""
        labels = self.words.below
        if not labels.ticks:
            return 0.0, 0.0
        halves = [text.widest(lines, self.sides.theme.label) / 2 for _, lines in labels.ends]
        places = self.across.of_ticks([tick for tick, _ in labels.ends])
        outer = [*zip(places, halves, strict=True)]
        return max(self.plot.x0 - x + half for x, half in outer), max(x + half - self.plot.x1 for x, half in outer)

    @property
    def up(self) -> Scale:
        return self.area.x if self.area.lying else self.area.y

    @property
    def across(self) -> Scale:
        return self.area.y if self.area.lying else self.area.x

    def behind(self) -> list[Primitive]:
        """What lies under the marks: the grid for values, the ground line."""
        sides = self.sides
        theme, plot, lying = sides.theme, self.plot, self.area.lying
        items: list[Primitive] = []
        up, across = self.up, self.across
        grid_up, grid_level = sides.axes[self.upright].grid, sides.axes[self.level].grid
        covered = sides.covered
        if not sides.has_left:
            up, grid_up = self.right_area.y, sides.axes["right"].grid
        if grid_up or (grid_up is None and up.type != "category" and not covered):
            items += axes.grid_across(up, plot, theme)
        if sides.twins and sides.has_left and sides.axes["right"].grid:
            items += axes.grid_across(self.right_area.y, plot, theme)
        rows = lying or up.type == "category"
        if grid_level or (grid_level is None and rows and across.type != "category" and not covered):
            items += axes.grid_down(across, plot, theme)
        anchored = sides.extent("y").anchored or (sides.twins and sides.extent("right").anchored)
        if not lying and not sides.hidden(self.level):
            marks = across.type != "category" and not self.bare and not sides.silent(self.level)
            items += axes.ground(across, plot, theme, line=not anchored and not covered, marks=marks)
        return items


def without_axes(sides: Sides, box: Box, sheet: Box) -> Area:
    """The area of kinds whose axes are bent around a middle, or which have none."""
    return Area(box, _bent(sides, "x"), _bent(sides, "y"), lying=False, sheet=sheet)


def _bent(sides: Sides, side: AxisName) -> Scale:
    if all(kind.extent(side).empty for kind in sides.kinds):
        return Scale(low=0.0, high=1.0)
    return sides.fit(side, _ROUND_TICKS)


def measure(sides: Sides, box: Box, bounds: Box, *, right: float = 0.0) -> Frame | None:
    """Place the axes in a box, and the plot within ``bounds``, with ``right`` pixels beside it for names; None where
    nothing is left.
    """
    theme, sheet = sides.theme, sides.context.sheet
    lying = sides.lies(box)
    level, upright = sides.directions(box)
    title_left, title_right = sides.title(upright), sides.title("right") if sides.twins else ""
    title_level = sides.title(level)
    head = theme.label * 0.75 + theme.gap + 4.0 if title_left or title_right else 0.0
    top = max(box.y0 + (head or (0.0 if sides.silent(upright) else theme.label * 0.4)), bounds.y0)

    # Upwards first: its labels say how much width is left for the other axis.
    foot = axes.TICK + 4.0 + theme.label if not sides.silent(level) else 0.0
    foot += theme.label + theme.gap if title_level else 0.0
    height = min(box.y1 - foot, bounds.y1) - (max(box.y0 + head, bounds.y0))
    count = max(1, min(8, round(height / _TICK_ROOM))) if height > 0 else 1
    twin: Scale | None = None
    if sides.twins:
        up, twin = sides.fit_twins(count)
    else:
        up = sides.fit(upright, count)
    side = _side_labels(sides, up, upright, box, max(height, 1.0))
    other = axes.plain_labels(twin) if twin is not None and not sides.silent("right") else axes.NO_LABELS
    asked = [kind.beside(box) for kind in sides.kinds]
    left = max([_width(side, theme.label, theme.gap), *(room for room, _ in asked)])
    beside = max([_width(other, theme.label, theme.gap), right, *(room for _, room in asked)])
    plot_left, plot_right = max(box.x0 + left, bounds.x0), min(box.x1 - beside, bounds.x1)
    if plot_right - plot_left < _LEAST:
        plot_left, plot_right, side, other = box.x0, box.x1 - right, axes.NO_LABELS, axes.NO_LABELS

    across, labels = _fit_level(sides, level, plot_right - plot_left)
    labels = axes.NO_LABELS if sides.silent(level) else labels
    ticks_foot = axes.foot(labels, theme)
    foot = ticks_foot + (theme.label * 0.75 + theme.gap + 2.0 if title_level else 0.0)
    plot = Box(plot_left, top, plot_right, min(box.y1 - foot, bounds.y1))
    bare = plot.height < _LEAST
    if bare:
        plot = Box(box.x0, box.y0, plot_right, box.y1)
        labels = side = other = axes.NO_LABELS
        title_left = title_right = title_level = ""
    plot = Box(*(round(edge) for edge in plot))
    if plot.width < 1 or plot.height < 1:
        return None

    area = _placed(Area(plot, up if lying else across, across if lying else up, lying, sheet), plot)
    right_area = area if twin is None else replace(area, y=twin.placed(plot.y1, plot.y0))
    # Labels along the bottom may reach into the margin, but not into a legend beside the plot.
    room = sheet if box.x1 >= bounds.x1 else sheet._replace(x1=box.x1 + theme.gap)
    words = Words(side, other, labels, title_left, title_right, title_level, head, ticks_foot)
    return Frame(sides, box, plot, area, right_area, level, upright, words, room, bare)


def _placed(area: Area, plot: Box) -> Area:
    """The scales of an area in the pixels of a plot: numbers run up, categories are listed from the top down."""
    up, across = (area.x, area.y) if area.lying else (area.y, area.x)
    across = across.placed(plot.x0, plot.x1)
    up = up.placed(plot.y0, plot.y1) if isinstance(up, CategoryScale) else up.placed(plot.y1, plot.y0)
    return Area(plot, up if area.lying else across, across if area.lying else up, area.lying, area.sheet)


def _texts(frame: Frame) -> tuple[Text, ...]:
    sides, words, plot, sheet = frame.sides, frame.words, frame.plot, frame.area.sheet
    theme = sides.theme
    row = Box(frame.box.x0, plot.y0 - words.head, frame.box.x1, plot.y0)
    titles = _titles_above(sides, frame.upright, words.title_left, words.title_right, row)
    crowd = Crowd()
    texts = [item for item in titles if crowd.claim(item.box)]
    labelled = [
        *axes.beside(words.left, frame.up, plot, sheet, theme, color=sides.color(frame.upright)),
        *axes.beside(words.right, frame.right_area.y, plot, sheet, theme, color=sides.color("right"), right=True),
        *axes.below(words.below, frame.across, plot, frame.room, theme),
    ]
    texts += [item for item in labelled if crowd.claim(item.box)]
    if words.title_below:
        texts += _title_below(words.title_below, plot, words.foot, sides)
    return tuple(texts)


def _width(labels: axes.Labels, size: float, gap: float) -> float:
    widest = max((text.widest(lines, size) for lines in labels.lines), default=0.0)
    return widest + gap if widest else 0.0


def _titles_above(sides: Sides, upright: Side, left: str, right: str, row: Box) -> list[Text]:
    """The titles of the vertical axes, in the row above the plot."""
    size = sides.theme.label
    room = row.width if not (left and right) else row.width / 2 - sides.theme.gap
    found: list[Text] = []
    weight = 500 if sides.colors else 400
    for role, words, side in (("axis-title-y", left, upright), ("axis-title-right", right, "right")):
        label = text.shorten(words, room, size, weight)
        if not label:
            continue
        at_right = role == "axis-title-right"
        found.append(
            text.place(
                role,
                label,
                row.x1 if at_right else row.x0,
                row.y0,
                size=size,
                weight=weight,
                color=sides.color("right" if at_right else side),
                align="right" if at_right else "left",
                valign="top",
            )
        )
    return found


def _title_below(title: str, plot: Box, foot: float, sides: Sides) -> list[Text]:
    theme = sides.theme
    label = text.shorten(title, plot.width, theme.label)
    if not label:
        return []
    return [
        text.place(
            "axis-title-x",
            label,
            plot.center[0],
            plot.y1 + foot + theme.gap + 2.0,
            size=theme.label,
            color=theme.muted,
            align="center",
            valign="top",
        )
    ]


def _fit_level(sides: Sides, side: Side, width: float) -> tuple[Scale, axes.Labels]:
    """The scale along the bottom, with as many ticks as its labels have room for."""
    count = max(1, min(10, round(width / _TICK_WIDTH)))
    scale = sides.fit(side, count)
    if isinstance(scale, CategoryScale):
        labels = axes.category_labels_below(scale, width, sides.theme, sides.context.limits.categories)
        _thinned(sides, scale, labels)
        return scale, labels
    if not sides.counted(side):
        while count > 1 and _crowded(sides, scale, width):
            count = min(count - 1, round(count * 0.75))
            scale = sides.fit(side, count)
        while len(scale.ticks) > 2 and _crowded(sides, scale, width):
            scale = replace(scale, ticks=scale.ticks[::2])
    return scale, axes.plain_labels(scale)


def _crowded(sides: Sides, scale: Scale, width: float) -> bool:
    places = scale.placed(0.0, width).of_ticks(scale.ticks)
    widths = [text.width(tick.label, sides.theme.label) for tick in scale.ticks]
    gap = _TICK_GAP if not isinstance(scale, TimeScale) else _TICK_GAP / 2
    return any(abs(places[i + 1] - places[i]) < (widths[i] + widths[i + 1]) / 2 + gap for i in range(len(places) - 1))


def _side_labels(sides: Sides, scale: Scale, side: Side, box: Box, height: float) -> axes.Labels:
    if sides.silent(side):
        return axes.NO_LABELS
    if isinstance(scale, CategoryScale):
        room = max(box.width * axes.LABEL_SHARE, sides.label_room)
        labels = axes.category_labels_beside(scale, room, height, sides.theme, sides.context.limits.categories)
        _thinned(sides, scale, labels)
        return labels
    return axes.plain_labels(scale)


def _thinned(sides: Sides, scale: CategoryScale, labels: axes.Labels) -> None:
    if labels.every > 1 and not sides.silent("x"):
        which = {2: "second", 3: "third"}.get(labels.every, f"{labels.every}th")
        sides.context.warn(f"Only every {which} of {len(scale.names)} category labels has room.")
