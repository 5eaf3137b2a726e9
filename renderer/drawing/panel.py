"""One panel: its layers, axes, legend and annotations, in one pass from measured text to primitives."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from renderer.data.resolve import LoadedPanel
from renderer.drawing import axes, legend, names, text
from renderer.drawing.crowd import Crowd
from renderer.drawing.extent import Extent
from renderer.drawing.frame import NO_MARGINS, Frame, Margins, measure, without_axes
from renderer.drawing.hues import Hues
from renderer.drawing.ink import Ink
from renderer.drawing.keys import Key
from renderer.drawing.kind import Area, Kind, Layer
from renderer.drawing.kinds import kind_of
from renderer.drawing.memory import Memory
from renderer.drawing.names import Names
from renderer.drawing.notes import Notes
from renderer.drawing.placeholder import no_data
from renderer.drawing.scene import Box, Color, Primitive, Text
from renderer.drawing.sides import Side, Sides
from renderer.drawing.theme import Theme
from renderer.drawing.writing import Writer
from renderer.spec.errors import Problem, SpecError
from renderer.spec.limits import Limits
from renderer.spec.model import Axis

_NO_NAMES: Names = ((), ())
_HEADED_FROM = 4  # heights of a heading: lower panels have none


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
    zone: str = "UTC"
    memory: Memory | None = None
    _hues: dict[frozenset[str], Hues] = field(default_factory=dict)

    def hues_of(self, titles: AbstractSet[str], pointer: str) -> Hues:
        """Who gives the colours of a panel: panels that are coloured by the same have the same, others begin anew."""
        found = self._hues.get(frozenset(titles)) if titles else None
        if found is None:
            scope = " and ".join(sorted(titles)) if titles else f"layers of {pointer}"
            slots = self.memory.slots(scope) if self.memory is not None else None
            found = Hues(self.colors, self.theme, chosen=self.palette is not None, slots=slots)
            if titles:
                self._hues[frozenset(titles)] = found
        return found

    def warn(self, warning: str) -> None:
        if warning not in self.warnings:
            self.warnings.append(warning)


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """A panel whose text is measured: what it takes of its box, and what is known of its picture so far."""

    plot: Box
    margins: Margins
    parts: tuple[Primitive, ...] = ()
    """Its heading and its legend."""
    frame: Frame | None = None
    names: Names = _NO_NAMES
    kept: tuple[Text, ...] | None = None
    """The words of the axes, where not all of them have room beside another panel."""
    area: Area | None = None
    """Where kinds without axes are drawn."""

    @property
    def words(self) -> tuple[Text, ...]:
        """The words of its axes."""
        if self.kept is not None:
            return self.kept
        return self.frame.texts if self.frame is not None else ()


class PanelDrawing:
    """Draws one panel into a box: ``plan`` measures it, ``finish`` draws it. ``kinds`` are its layers."""

    def __init__(self, loaded: LoadedPanel, context: PanelContext) -> None:
        self.context = context
        self.theme = context.theme
        self.pointer = loaded.pointer
        self.name = loaded.title or loaded.panel.title or ""
        self.heading = self.name
        self.multiple = False  # whether it is one of many of the same: its heading is small, and stands above its plot
        self.row, self.column = loaded.row, loaded.column
        self.facets = loaded.facets
        self.title_of_all = loaded.panel.title or ""  # of the multiples that it is one of
        grid = f"{self.row},{self.column}" if self.row >= 0 else loaded.title
        self.place = f"#{grid}" if loaded.facets is not None else ""
        self.weight = loaded.panel.weight
        panel = loaded.panel
        self.axes: dict[Side, Axis] = {"x": panel.axes.x, "y": panel.axes.y, "right": panel.axes.of_side("right")}
        self.kinds = self._make_kinds(loaded)
        notes = panel.annotations if self.kinds else ()
        self.notes = Notes(notes, self.theme, context.zone, context.warnings)
        self.sides = Sides(self.kinds, self.axes, self.notes, context, self.pointer, self.place)
        if notes and not self.has_axes:
            where = f"{self.pointer}/annotations/0"
            message = f"a {self.kinds[0].mark.kind} has no axes at which annotations could stand"
            raise SpecError([Problem(where, message)])

    def _make_kinds(self, loaded: LoadedPanel) -> list[Kind[Any]]:
        context = self.context
        drawn = [kind_of(resolved.mark.kind) for resolved in loaded.layers]
        leading = sum(not kind.accompanies for kind in drawn)
        colored = {resolved.titles["color"] for resolved in loaded.layers if "color" in resolved.table}
        hues = context.hues_of(colored, self.pointer + self.place)
        kinds: list[Kind[Any]] = []
        for kind, resolved in zip(drawn, loaded.layers, strict=True):
            if not len(resolved.table):  # of small multiples, one in which this layer has no rows
                if "color" not in resolved.table:
                    hues.of_layer()
                continue
            upright: Side = "y" if resolved.mark.side == "left" else "right"
            layer = Layer(
                resolved,
                self.theme,
                context.writer,
                hues,
                len(drawn) == 1 or (leading == 1 and not kind.accompanies),
                context.palette,
                context.limits,
                {"x": self.axes["x"].format, "y": self.axes[upright].format},
                {"x": self.axes["x"].scale, "y": self.axes[upright].scale},
                context.warnings,
                context.memory,
            )
            kinds.append(kind(layer))
        return kinds

    @property
    def has_axes(self) -> bool:
        return bool(self.kinds) and all(kind.axes for kind in self.kinds)

    @cached_property
    def keys(self) -> list[Key]:
        """What its colours, sizes and symbols mean; nothing where the axes say it by their own colours."""
        found = [key for kind in self.kinds for key in kind.legend()]
        return [] if self.sides.colored and not any(kind.mark.name for kind in self.kinds) else found

    def extent(self, side: Side) -> Extent:
        """What the panel covers of an axis."""
        return self.sides.extent(side)

    # Planning ---------------------------------------------------------------------------------------------------------

    def plan(
        self, box: Box, least: Margins = NO_MARGINS, *, legend_apart: bool = False, before: Plan | None = None
    ) -> Plan:
        """Measure the panel in a box. ``least`` are margins around the plot that it has to keep at least, so that it
        stands in line with others; ``legend_apart`` says that its colours are explained elsewhere; ``before`` is what
        was measured of it in another box.

        Raises SpecError where the data do not go with the axes that were asked for.
        """
        body = self._body(box)
        keys = [] if legend_apart else self.keys
        bounds = Box(box.x0 + least.left, box.y0 + least.top, box.x1 - least.right, box.y1 - least.bottom)
        if before is not None and before.frame is not None and not keys:
            frame = before.frame.moved(body, bounds)
            if frame is not None:
                return self._plan(box, frame.plot, frame=frame)
        if not self.has_axes:
            placed = self._legend(body, keys)
            area = without_axes(self.sides, placed.box, self.context.sheet)
            return self._plan(box, placed.box, parts=tuple(placed.primitives), area=area)
        if names.may_be_named(keys) and all(kind.named_inside for kind in self.kinds if kind.legend()):
            frame = measure(self.sides, body, bounds)
            found = names.inside(self.kinds, frame.area) if frame else None
            if frame and found is not None:
                return self._plan(box, frame.plot, frame=frame, names=found)
        direct = 0.0 if self.sides.twins else names.room_at_ends(keys, self.kinds, body, self.theme)
        if direct:
            frame = measure(self.sides, body, bounds, right=direct)
            found = names.at_ends(self.kinds, frame.area, self.theme) if frame else None
            if frame and found is not None:
                return self._plan(box, frame.plot, frame=frame, names=found)
        if any(key.wish == "direct" for key in keys):
            self.context.warn("There is no room for names beside the marks: a legend explains the colours.")
        placed = self._legend(body, keys)
        frame = measure(self.sides, placed.box, bounds)
        settled = [kind.settle(frame.area) for kind in self.kinds] if frame else []  # each is told
        if any(settled):
            del self.keys
            placed = self._legend(body, [] if legend_apart else self.keys)
            frame = measure(self.sides, placed.box, bounds)
        return self._plan(box, frame.plot if frame else placed.box, parts=tuple(placed.primitives), frame=frame)

    def _plan(
        self,
        box: Box,
        plot: Box,
        *,
        parts: tuple[Primitive, ...] = (),
        frame: Frame | None = None,
        names: Names = _NO_NAMES,
        area: Area | None = None,
    ) -> Plan:
        margins = Margins(plot.x0 - box.x0, plot.y0 - box.y0, box.x1 - plot.x1, box.y1 - plot.y1)
        return Plan(plot, margins, (*self._head(box, plot), *parts), frame, names, area=area)

    @property
    def _head_size(self) -> float:
        return self.theme.label if self.multiple else self.theme.subtitle

    def _headed(self, box: Box) -> bool:
        return bool(self.heading) and box.height >= _HEADED_FROM * self._head_size

    def _body(self, box: Box) -> Box:
        """What the heading leaves of a box."""
        return box.inset(top=self._head_size + self.theme.gap) if self._headed(box) else box

    def _head(self, box: Box, plot: Box) -> list[Text]:
        size = self._head_size
        x = plot.x0 if self.multiple else box.x0
        heading = text.shorten(self.heading.replace("\n", " "), box.x1 - x, size, 700)
        if not heading or not self._headed(box):
            return []
        color = self.theme.text
        return [text.place("panel-title", heading, x, box.y0, size=size, weight=700, color=color, valign="top")]

    def _legend(self, box: Box, keys: Sequence[Key]) -> legend.Legend:
        placed = legend.place(keys, box, self.theme)
        if placed.left_out:
            self.context.warn(f"The legend has no room for {placed.left_out} of its entries.")
        return placed

    # Drawing ----------------------------------------------------------------------------------------------------------

    def finish(self, plan: Plan) -> list[Primitive]:
        """The panel's primitives."""
        if plan.area is not None:
            self.sides.leave(plan.area, plan.area)
            return self._finish_without_axes(plan, plan.area)
        if plan.frame is None:
            return [*plan.parts]
        frame = plan.frame
        self.sides.leave(frame.area, frame.right_area)
        written, threads = plan.names
        left, right = frame.area, frame.right_area
        around = plan.words
        taken = [*around, *written]
        areas = [right if self.sides.is_right(kind) else left for kind in self.kinds]
        items = [item for kind, area in zip(self.kinds, areas, strict=True) for item in kind.marks(area)]
        shapes = self._with_zero_lines(items, left, right)
        crowd = Crowd(item.box for item in taken)
        above: list[Primitive] = []
        if self.notes:
            above = self.notes.above(left, right, crowd, Ink(items))
        labels = [label for kind, area in zip(self.kinds, areas, strict=True) for label in kind.labels(area, crowd)]
        return [
            *plan.parts,
            *frame.behind(),
            *(self.notes.behind(left, right) if self.notes else ()),
            *shapes,
            *labels,
            *above,
            *around,
            *threads,
            *written,
        ]

    def _finish_without_axes(self, plan: Plan, area: Area) -> list[Primitive]:
        items = [item for kind in self.kinds for item in kind.marks(area)]
        crowd = Crowd(item.box for item in (*plan.parts, *items) if isinstance(item, Text))
        for kind in self.kinds:
            items += kind.labels(area, crowd)
        if not self.kinds:
            items += no_data(area.box, self.theme)
        return [*plan.parts, *items]

    def _with_zero_lines(self, items: list[Primitive], left: Area, right: Area) -> list[Primitive]:
        """The marks with the lines on which bars stand, over their feet; what crosses a line hides it."""
        below: list[Primitive] = []
        over: list[Primitive] = []
        drawn: list[float] = []
        sides: list[tuple[Side, Area]] = [("y", left), ("right", right)]
        for where, area in sides[: 2 if self.sides.twins else 1]:
            if not self.sides.has_zero_line(where, area.y):
                continue
            base, plot = area.y.one(area.y.baseline), area.box
            if any(abs(base - other) < 1.0 for other in drawn):
                continue
            drawn.append(base)
            ends = ((base, plot.y0), (base, plot.y1)) if area.lying else ((plot.x0, base), (plot.x1, base))
            stands = self.sides.extent(where).anchored and not area.y.low < 0 < area.y.high
            (over if stands else below).append(axes.zero_line(*ends, self.theme))
        return [*below, *items, *over]
