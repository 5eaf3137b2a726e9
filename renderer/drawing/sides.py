"""The axes of a panel: x, the left and the right one of y; what they cover, what their author asks, their scales."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from renderer.data.places import named_years
from renderer.drawing.extent import Extent, join
from renderer.drawing.fit import ScaleError, Wishes, fit
from renderer.drawing.keys import Swatches
from renderer.drawing.kind import Area, AxisName, Kind
from renderer.drawing.memory import Limits
from renderer.drawing.places import position
from renderer.drawing.scales import Scale
from renderer.drawing.scene import Box, Color
from renderer.drawing.sticky import lasting
from renderer.drawing.twins import agree
from renderer.spec.axis import Axis
from renderer.spec.errors import Problem, SpecError

if TYPE_CHECKING:
    from renderer.drawing.notes import Notes
    from renderer.drawing.panel import PanelContext

Side = Literal["x", "y", "right"]


class Sides:
    """Chooses the scales of one panel.

    ``unlabelled`` are axes whose labels and titles another panel of the same row or column has; ``untitled`` those
    whose title stands once beside all panels.
    """

    def __init__(
        self,
        kinds: Sequence[Kind[Any]],
        axes: Mapping[Side, Axis],
        notes: Notes,
        context: PanelContext,
        pointer: str,
        place: str = "",
    ) -> None:
        self.kinds = kinds
        self.axes = axes
        self.notes = notes
        self.context = context
        self.theme = context.theme
        self.pointer = pointer
        self.place = place  # among small multiples
        self.lying: bool | None = None  # set where panels have to be alike
        self.label_room = 0.0  # pixels for the names of categories beside a whole row of panels
        self.unlabelled: set[Side] = set()
        self.untitled: set[Side] = set()
        self.written: set[Side] = {name for kind in kinds for name in kind.writes}
        self._extents: dict[Side, Extent] = {}
        self._shared: dict[Side, str] = {}
        self._names: dict[Side, str] = {}
        self._scales: dict[tuple[Side, int], Scale] = {}

    def is_right(self, kind: Kind[Any]) -> bool:
        return kind.layer.resolved.mark.side == "right"

    @cached_property
    def twins(self) -> bool:
        """Whether there is a right axis."""
        return any(self.is_right(kind) for kind in self.kinds)

    @cached_property
    def has_left(self) -> bool:
        return not self.twins or not all(self.is_right(kind) for kind in self.kinds)

    def of(self, side: Side) -> list[Kind[Any]]:
        """The layers on an axis."""
        if side == "x" or not self.twins:
            return [] if side == "right" else [*self.kinds]
        return [kind for kind in self.kinds if self.is_right(kind) == (side == "right")]

    def lies(self, box: Box) -> bool:
        """Whether x runs down the side. Two axes of y stand at the left and the right, so nothing lies then."""
        if self.lying is not None:
            return self.lying
        return not self.twins and any(kind.lies(box) for kind in self.kinds)

    def directions(self, box: Box) -> tuple[Side, Side]:
        """The axis that runs along the bottom, and the one that runs up."""
        return ("y", "x") if self.lies(box) else ("x", "y")

    # What they cover --------------------------------------------------------------------------------------------------

    def extent(self, side: Side) -> Extent:
        found = self._extents.get(side)
        if found is None:
            name: AxisName = "x" if side == "x" else "y"
            found = join(kind.extent(name) for kind in self.of(side))
            if self.notes:
                found = self.notes.reach(side, found)
            self._extents[side] = found
        return found

    def share(self, side: Side, extent: Extent, group: str = "") -> None:
        """Give an axis the extent that it has in common with other panels', of the group that has this pointer."""
        self._extents[side] = extent
        self._shared[side] = group
        self._scales.clear()

    @property
    def covered(self) -> bool:
        return self.extent("x").covered or self.extent("y").covered

    # What their author asks -------------------------------------------------------------------------------------------

    def hidden(self, side: Side) -> bool:
        """Whether an axis has neither ticks nor labels nor a title."""
        if side == "right" and not self.twins:
            return True
        return self.axes[side].hide or (side == "y" and not self.has_left)

    def silent(self, side: Side) -> bool:
        """Whether the labels of an axis are left out, though its grid is there."""
        return self.hidden(side) or side in self.unlabelled

    def title(self, side: Side) -> str:
        """What stands beside an axis."""
        return "" if side in self.untitled or side in self.unlabelled else self.name(side)

    def name(self, side: Side) -> str:
        """What an axis is called."""
        found = self._names.get(side)
        if found is None:
            found = self._names[side] = self._name(side)
        return found

    def _name(self, side: Side) -> str:
        axis = self.axes[side]
        if self.hidden(side):
            return ""
        if axis.title is not None or side in self.written:
            return axis.title or ""
        name: AxisName = "x" if side == "x" else "y"
        titles = list(dict.fromkeys(title for kind in self.of(side) if (title := kind.title(name))))
        # Dates and the names of categories say themselves what they are.
        return titles[0] if len(titles) == 1 and self.extent(side).type == "number" else ""

    def wishes(self, side: Side) -> Wishes:
        axis, extent, zone = self.axes[side], self.extent(side), self.context.zone
        ticks = axis.ticks
        places: int | tuple[float | str, ...] | None
        if isinstance(ticks, tuple):
            places = tuple(str(place) if extent.type == "category" else position(place, zone) for place in ticks)
        else:
            places = ticks
        return Wishes(
            scale=axis.scale,
            low=None if axis.min is None else position(axis.min, zone),
            high=None if axis.max is None else position(axis.max, zone),
            zero=axis.zero,
            reverse=axis.reverse,
            format=axis.format or self._channel_format(side),
            ticks=0 if self.hidden(side) or side in self.written else places,
        )

    def _channel_format(self, side: Side) -> str | None:
        name = "x" if side == "x" else "y"
        for kind in self.of(side):
            mark = kind.layer.resolved.mark
            channel = getattr(mark, mark.on_axes.get(name, name), None)
            if channel is not None and channel.format:
                return str(channel.format)
            column = kind.layer.common(name) if side == "x" else None
            if column is not None and named_years(column):
                return "d"
        return None

    def counted(self, side: Side) -> bool:
        """Whether its author says how many ticks it has, or where."""
        return isinstance(self.axes[side].ticks, int | tuple)

    # Their scales -----------------------------------------------------------------------------------------------------

    def fit(self, side: Side, count: int) -> Scale:
        """The scale of an axis with about ``count`` ticks; raises SpecError where it cannot show the data."""
        # A panel that has to stand in line with others is measured more than once, mostly with the same ticks.
        found = self._scales.get((side, count))
        if found is None:
            found = self._scales[side, count] = self._fit(side, self.wishes(side), count)
        return found

    def fit_twins(self, count: int) -> tuple[Scale, Scale]:
        """The scales of the left and the right axis, with ticks that agree where that is possible."""
        left, right = self.wishes("y"), self.wishes("right")
        if self.has_left:
            left, right = agree((self._lasting("y"), left), (self._lasting("right"), right), count)
        return self._fit("y", left, count), self._fit("right", right, count)

    def _fit(self, side: Side, wishes: Wishes, count: int) -> Scale:
        try:
            return fit(self._lasting(side), wishes, count, self.context.writer)
        except ScaleError as problem:
            raise SpecError([Problem(f"{self.pointer}/axes/{side}/scale", str(problem))]) from problem

    # What they were in the drawing before ----------------------------------------------------------------------------

    def _lasting(self, side: Side) -> Extent:
        """What an axis is fitted to: what the panel covers of it, or, if it is to stay, what it was before."""
        extent, memory = self.extent(side), self.context.memory
        if memory is None or extent.type != "number" or extent.empty:
            return extent
        before = memory.limits(self._key(side), self._subject(side))
        return extent if before is None else lasting(extent, self.wishes(side), before)

    def leave(self, left: Area, right: Area) -> None:
        """Tell the next drawing where the axes of numbers end."""
        memory = self.context.memory
        if memory is None:
            return
        scales: list[tuple[Side, Scale]] = [("x", left.x), ("y", left.y)]
        scales += [("right", right.y)] if self.twins else []
        for side, scale in scales:
            if scale.type == "number" and not self.extent(side).empty:
                made_for = self._lasting(side)
                limits = (scale.low, scale.high, made_for.low, made_for.high, made_for.positive)
                memory.leave(self._key(side), Limits(self._subject(side), *limits))

    def _key(self, side: Side) -> str:
        """The axis among those of the chart: panels that share it have one."""
        return f"shared{self._shared[side]}/{side}" if side in self._shared else f"{self.pointer}{self.place}/{side}"

    def _subject(self, side: Side) -> str:
        """What an axis is of. Where it shows something else than before, its old limits say nothing."""
        name: AxisName = "x" if side == "x" else "y"
        titles = dict.fromkeys(f"{kind.mark.kind} {kind.title(name)}" for kind in self.of(side))
        return f"{self.axes[side].scale}: {', '.join(titles)}"

    def has_zero_line(self, side: Side, scale: Scale) -> bool:
        if self.hidden(side) or self.covered or side in self.written or scale.type != "number":
            return False
        return self.extent(side).anchored or scale.low < 0 < scale.high

    # Which is which ---------------------------------------------------------------------------------------------------

    @cached_property
    def colors(self) -> dict[Side, Color]:
        """The colours of two axes of y, if all that belongs to each is of one colour."""
        if not self.twins or not self.has_left:
            return {}
        sides: tuple[Side, Side] = ("y", "right")
        found = {side: self._color_of(side) for side in sides}
        known = {side: color for side, color in found.items() if color is not None}
        return known if len(known) == 2 and len(set(known.values())) == 2 else {}

    def _color_of(self, side: Side) -> Color | None:
        keys = [key for kind in self.of(side) for key in kind.legend()]
        if not all(isinstance(key, Swatches) for key in keys):
            return None
        entries = {entry.color for key in keys if isinstance(key, Swatches) for entry in key.entries}
        return next(iter(entries)) if len(entries) == 1 else None

    @property
    def colored(self) -> bool:
        """Whether both axes have the colours of what belongs to them, and titles that name it."""
        return bool(self.colors) and bool(self.name("y")) and bool(self.name("right"))

    def color(self, side: Side) -> Color:
        """The colour of the words of an axis."""
        own = self.colors.get(side)
        return self.theme.muted if own is None else self.theme.text_color(own)


def _longest(orders: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    return max(orders, key=lambda order: len(order), default=())


def order_of(sides: Sequence[Sides], channel: str) -> dict[str, int]:
    """The place of each category of a channel, in the order of the whole table."""
    orders = [kind.layer.resolved.orders.get(channel, ()) for one in sides for kind in one.kinds]
    return {name: place for place, name in enumerate(_longest(orders))}


def joined(sides: Sequence[Sides], side: Side) -> Extent:
    """One extent for panels that share an axis. Categories come in the order of the whole table."""
    found = join(one.extent(side) for one in sides)
    whole = order_of(sides, "x" if side == "x" else "y")
    if found.type == "category" and set(found.categories) <= set(whole):
        found = replace(found, categories=tuple(sorted(found.categories, key=whole.__getitem__)))
    return found
