"""Panels in one picture: their places, plots in line across rows and columns, one legend where colours mean the same.

Plots, not panels, have the sizes that weights ask for: panels are measured, and what their words leave is divided.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations, groupby

from renderer.data.facets import Facets
from renderer.drawing import legend, text, titles
from renderer.drawing.crowd import Crowd
from renderer.drawing.frame import NO_MARGINS, Margins
from renderer.drawing.keys import Entry, Key, Ramp, Sizes, Swatches
from renderer.drawing.panel import PanelContext, PanelDrawing, Plan
from renderer.drawing.scene import Box, Primitive, Text
from renderer.drawing.sides import Side, joined, order_of
from renderer.drawing.theme import Theme
from renderer.spec.errors import SpecError
from renderer.spec.model import Chart

_PASSES = 3  # of measuring: the labels of a smaller plot may be deeper
_SHAPE = 1.35  # width to height that panels look good at
_LEAST = 20.0  # pixels of a plot
_BESIDE = 0.22  # of the width, at most, for the names of categories that all panels of a row share
_HELD = {"number": "numbers", "time": "dates", "category": "categories"}


@dataclass(frozen=True, slots=True)
class Cell:
    row: int
    column: int


@dataclass(frozen=True, slots=True)
class _Tracks:
    """Where plots begin and end along one direction, with what is kept around them."""

    before: list[float]
    after: list[float]
    starts: list[float]
    ends: list[float]


def draw_panels(panels: Sequence[PanelDrawing], body: Box, chart: Chart, context: PanelContext) -> list[Primitive]:
    """All panels of a chart, in what its words leave of the sheet."""
    if not chart.panels or all(panel.facets is None for panel in panels):
        return _together(panels, body, chart, panels[0].facets, context)
    items: list[Primitive] = []
    groups = [[*group] for _, group in groupby(panels, key=lambda panel: panel.pointer)]
    for group, box in zip(groups, _places(groups, body, chart, context.theme), strict=True):
        title = group[0].title_of_all if group[0].facets is not None else ""
        if title:
            size = context.theme.subtitle
            shown = text.shorten(title.replace("\n", " "), box.width, size, 700)
            color = context.theme.text
            items.append(
                text.place("panel-title", shown, box.x0, box.y0, size=size, weight=700, color=color, valign="top")
            )
            box = box.inset(top=size + context.theme.gap)
        items += _together(group, box, chart, group[0].facets, context)
    return items


def _places(groups: Sequence[Sequence[PanelDrawing]], body: Box, chart: Chart, theme: Theme) -> list[Box]:
    """A box for each panel of the author's, where some are split into panels of their own: those share their plots'
    places with each other, and not with their neighbours.
    """
    wide = _wide(chart, len(groups))
    cells = [Cell(*divmod(index, wide)) for index in range(len(groups))]
    high = 1 + max(cell.row for cell in cells)
    weights = [group[0].weight for group in groups]
    gap = theme.gap * 3.5
    across = _divide([0.0] * wide, [0.0] * wide, weights if high == 1 else [1.0] * wide, body.x0, body.x1, gap)
    down = _divide([0.0] * high, [0.0] * high, weights if wide == 1 else [1.0] * high, body.y0, body.y1, gap)
    return [
        Box(across.starts[cell.column], down.starts[cell.row], across.ends[cell.column], down.ends[cell.row])
        for cell in cells
    ]


def _wide(chart: Chart, count: int) -> int:
    """How many panels stand beside each other."""
    return {"rows": 1, "columns": count, "grid": math.ceil(math.sqrt(count))}[chart.arranged]


def _together(
    panels: Sequence[PanelDrawing], body: Box, chart: Chart, facets: Facets | None, context: PanelContext
) -> list[Primitive]:
    """Panels whose plots stand in line."""
    if len(panels) == 1 and facets is None:
        return panels[0].finish(panels[0].plan(body))
    theme = context.theme
    cells = _cells(panels, chart, facets, body)
    if facets is not None:
        _head(panels, cells, facets)
    if facets is not None or chart.share_x:
        _lie_alike(panels, cells, body)
    _share(panels, cells, chart, facets, body)
    items: list[Primitive] = []
    common = _common(panels)
    if common is not None:
        placed = legend.place(common, body, theme)
        if placed.left_out:
            context.warn(f"The legend has no room for {placed.left_out} of its entries.")
        items += placed.primitives
        body = placed.box
    if facets is not None:
        written, body = titles.of_axes(panels, body, theme)
        items += written
    if facets is not None and facets.rows:
        body = body.inset(right=titles.room_of_rows(facets, body, theme))
    grid = _Grid(panels, cells, body, context, legend_apart=common is not None)
    plans = _apart(grid.plans())
    for panel, plan in zip(panels, plans, strict=True):
        items += panel.finish(plan)
    if facets is not None and facets.rows:
        items += titles.of_rows(facets, [cell.row for cell in cells], plans, context)
    return items


# Places ---------------------------------------------------------------------------------------------------------------


def _cells(panels: Sequence[PanelDrawing], chart: Chart, facets: Facets | None, body: Box) -> list[Cell]:
    if facets is not None and not facets.names:
        return [Cell(panel.row, panel.column) for panel in panels]
    count = len(panels)
    wide = _wide(chart, count) if facets is None else min(count, facets.wrap or _good_width(count, body))
    return [Cell(*divmod(index, wide)) for index in range(count)]


def _good_width(count: int, body: Box) -> int:
    """How many panels in a row give them a good shape, and leave few places empty."""

    def cost(wide: int) -> float:
        high = math.ceil(count / wide)
        shape = (body.width / wide) / max(body.height / high, 1.0)
        return abs(math.log(shape / _SHAPE)) + 0.35 * (wide * high - count) / wide

    return min(range(1, count + 1), key=cost)


class _Grid:
    """Measures panels until their plots stand in line."""

    def __init__(
        self,
        panels: Sequence[PanelDrawing],
        cells: Sequence[Cell],
        body: Box,
        context: PanelContext,
        *,
        legend_apart: bool,
    ) -> None:
        self.panels = panels
        self.cells = cells
        self.body = body
        self.context = context
        self.legend_apart = legend_apart
        self.rows = 1 + max(cell.row for cell in cells)
        self.columns = 1 + max(cell.column for cell in cells)
        self.taken = {(cell.row, cell.column) for cell in cells}
        gap = context.theme.gap
        self.gap = (gap * 2.5, gap * 2.5)  # across columns, across rows

    def plans(self) -> list[Plan]:
        """The panels, measured with their plots in line."""
        kept = len(self.context.warnings)
        margins = [NO_MARGINS] * len(self.panels)
        plans: list[Plan] = []
        known: Sequence[Plan | None]
        for turn in range(_PASSES):
            # What an earlier pass had to leave out may have room now.
            del self.context.warnings[kept:]
            columns, rows = self._tracks(margins)
            places = [self._box(cell, columns, rows, own) for cell, own in zip(self.cells, margins, strict=True)]
            known = plans or [None] * len(self.panels)
            plans = [
                panel.plan(box, least, legend_apart=self.legend_apart, before=before)
                for panel, (box, least), before in zip(self.panels, places, known, strict=True)
            ]
            margins = [_with_labels(plan) for plan in plans]
            if turn and not any(_grown(least, own) for (_, least), own in zip(places, margins, strict=True)):
                break
        return plans

    def _tracks(self, margins: Sequence[Margins]) -> tuple[_Tracks, _Tracks]:
        """Columns and rows, with the largest margins of their panels."""
        left, right = [0.0] * self.columns, [0.0] * self.columns
        top, bottom = [0.0] * self.rows, [0.0] * self.rows
        heights = [0.0] * self.rows
        widths = [0.0] * self.columns
        for panel, cell, margin in zip(self.panels, self.cells, margins, strict=True):
            left[cell.column] = max(left[cell.column], margin.left)
            right[cell.column] = max(right[cell.column], margin.right)
            top[cell.row] = max(top[cell.row], margin.top)
            if not self._hangs(cell):
                bottom[cell.row] = max(bottom[cell.row], margin.bottom)
            heights[cell.row] = max(heights[cell.row], panel.weight if self.columns == 1 else 1.0)
            widths[cell.column] = max(widths[cell.column], panel.weight if self.rows == 1 else 1.0)
        body = self.body
        columns = _divide(left, right, widths, body.x0, body.x1, self.gap[0])
        rows = _divide(top, bottom, heights, body.y0, body.y1, self.gap[1])
        return columns, rows

    def _hangs(self, cell: Cell) -> bool:
        """Whether the place below a panel is empty, so that its labels may hang into it."""
        return cell.row + 1 < self.rows and (cell.row + 1, cell.column) not in self.taken

    def _box(self, cell: Cell, columns: _Tracks, rows: _Tracks, own: Margins) -> tuple[Box, Margins]:
        """A panel's box, and the margins that bring its plot in line."""
        column, row = cell.column, cell.row
        least = Margins(columns.before[column], rows.before[row], columns.after[column], rows.after[row])
        if self._hangs(cell):
            least = least._replace(bottom=max(own.bottom, least.bottom))
        box = Box(
            columns.starts[column] - least.left,
            rows.starts[row] - least.top,
            columns.ends[column] + least.right,
            rows.ends[row] + least.bottom,
        )
        return box, least


def _apart(plans: Sequence[Plan]) -> list[Plan]:
    """The plans without the labels that would lie on those of another panel."""
    words = [plan.words for plan in plans]
    around = [_around(texts) for texts in words]
    if not any(first.overlaps(second) for first, second in combinations(around, 2)):
        return [*plans]
    crowd = Crowd()
    found = []
    for plan, texts in zip(plans, words, strict=True):
        kept = tuple(item for item in texts if crowd.free(item.box))
        for item in kept:
            crowd.add(item.box)
        found.append(replace(plan, kept=kept))
    return found


def _around(texts: Sequence[Text]) -> Box:
    boxes = [item.box for item in texts]
    if not boxes:
        return Box(0.0, 0.0, 0.0, 0.0)
    left, top, right, bottom = zip(*boxes, strict=True)
    return Box(min(left), min(top), max(right), max(bottom))


def _with_labels(plan: Plan) -> Margins:
    """The margins of a plan, with the halves of labels that hang over the ends of the plot."""
    left, right = plan.frame.overhang if plan.frame is not None else (0.0, 0.0)
    return plan.margins._replace(left=max(plan.margins.left, left), right=max(plan.margins.right, right))


def _grown(old: Margins, new: Margins) -> bool:
    return any(b > a + 1.0 for a, b in zip(old, new, strict=True))


def _divide(
    before: Sequence[float], after: Sequence[float], weights: Sequence[float], start: float, end: float, gap: float
) -> _Tracks:
    """Plots in proportion to their weights, in what margins and gaps leave."""
    count = len(weights)
    taken = sum(before) + sum(after) + gap * (count - 1)
    room = max(end - start - taken, 0.0)
    if room < _LEAST * count:
        # Too little for margins: panels share the room as they are, and leave out what does not fit.
        before, after = [0.0] * count, [0.0] * count
        gap = min(gap, 4.0, (end - start) / count / 4)
        room = max(end - start - gap * (count - 1), 0.0)
    total = sum(weights)
    starts, ends = [], []
    place = start
    for index in range(count):
        place += before[index]
        size = room * weights[index] / total
        # On whole pixels, so that plots of one weight are of one size.
        starts.append(math.ceil(place - 0.01) if size > 2.0 else place)
        ends.append(starts[-1] + (math.floor(size) if size > 2.0 else size))
        place += size + after[index] + gap
    return _Tracks([*before], [*after], starts, ends)


# What panels have in common -------------------------------------------------------------------------------------------


def _head(panels: Sequence[PanelDrawing], cells: Sequence[Cell], facets: Facets) -> None:
    """The headings of small multiples: the value of each, or of each column once, above its first panel."""
    first: set[int] = set()
    for panel, cell in zip(panels, cells, strict=True):
        panel.multiple = True
        if facets.names:
            continue
        panel.heading = facets.columns[cell.column] if facets.columns and cell.column not in first else ""
        first.add(cell.column)


def _share(
    panels: Sequence[PanelDrawing], cells: Sequence[Cell], chart: Chart, facets: Facets | None, body: Box
) -> None:
    """Give panels the axes that they have in common, and their labels to the outermost of them."""
    if facets is None:
        shared: tuple[Side, ...] = ("x",) if chart.share_x else ()
    else:
        twins = any(panel.sides.twins for panel in panels)
        upright: tuple[Side, ...] = ("y", "right") if twins else ("y",)
        shared = {"all": ("x", *upright), "x": ("x",), "y": upright, "none": ()}[facets.share]
    with_axes = [(panel, cell) for panel, cell in zip(panels, cells, strict=True) if panel.has_axes]
    for side in shared:
        sides = [panel.sides for panel, _ in with_axes]
        types = {one.extent(side).type for one in sides}
        if len(types) > 1:
            held = " and ".join(sorted(_HELD[found] for found in types))
            raise SpecError.at("/share_x", f"panels share x where all hold the same, and these hold {held}")
        extent = joined(sides, side)
        for one in sides:
            one.share(side, extent, with_axes[0][0].pointer)
    taken = {(cell.row, cell.column) for _, cell in with_axes}
    for panel, cell in with_axes:
        below = any(column == cell.column and row > cell.row for row, column in taken)
        before = any(row == cell.row and column < cell.column for row, column in taken)
        after = any(row == cell.row and column > cell.column for row, column in taken)
        level, upward = panel.sides.directions(Box(0.0, 0.0, 0.0, 0.0))
        repeated = {level: below, upward: before, "right": after}
        panel.sides.unlabelled |= {side for side in shared if repeated[side]}
        if upward in shared:
            panel.sides.label_room = body.width * _BESIDE


def _lie_alike(panels: Sequence[PanelDrawing], cells: Sequence[Cell], body: Box) -> None:
    """Panels that share an axis lie on their sides all or not at all."""
    width = body.width / (1 + max(cell.column for cell in cells))
    height = body.height / (1 + max(cell.row for cell in cells))
    lying = any(panel.sides.lies(Box(0.0, 0.0, width, height)) for panel in panels if panel.has_axes)
    for panel in panels:
        panel.sides.lying = lying and not panel.sides.twins


def _common(panels: Sequence[PanelDrawing]) -> list[Key] | None:
    """The legend of all panels, if they have one and the same: then it stands once, beside all of them."""
    explained = [legend.merge(panel.keys) for panel in panels if panel.keys]
    if len(explained) < 2 or any(key.wish in ("direct", "none") for keys in explained for key in keys):
        return None
    first = explained[0]
    merged: list[Key] = list(first)
    for keys in explained[1:]:
        if len(keys) != len(first):
            return None
        for place, key in enumerate(keys):
            one = _merged(merged[place], key)
            if one is None:
                return None
            merged[place] = one
    whole = order_of([panel.sides for panel in panels], "color")
    return [_in_order(key, whole) for key in merged]


def _merged(key: Key, other: Key) -> Key | None:
    """One key for two that do not contradict each other; None for others."""
    if isinstance(key, Swatches) and isinstance(other, Swatches) and key.title == other.title:
        looks = {entry.name: entry for entry in key.entries}
        if any(looks.get(entry.name, entry).color != entry.color for entry in other.entries):
            return None
        entries = {**{entry.name: entry for entry in other.entries}, **looks}
        if any(looks.get(entry.name, entry) != entry for entry in other.entries):
            # Points in one panel and lines in another: what they have in common is the colour.
            entries = {name: Entry(name, entry.color) for name, entry in entries.items()}
        return replace(key, entries=tuple(entries.values()))
    if isinstance(key, Ramp) and isinstance(other, Ramp):
        same = key.title == other.title and key.ticks == other.ticks and key.colors == other.colors
        return key if same else None
    if isinstance(key, Sizes) and key == other:
        return key
    return None


def _in_order(key: Key, whole: dict[str, int]) -> Key:
    if not isinstance(key, Swatches):
        return key
    last = len(whole)
    return replace(key, entries=tuple(sorted(key.entries, key=lambda entry: whole.get(entry.name, last))))
