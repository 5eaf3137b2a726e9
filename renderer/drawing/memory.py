"""Memory: what a drawing of a chart leaves for the next one, so that colours stay and axes do not jump.

It goes in and comes out as JSON; nothing is kept here. Colours are remembered as places in the palette, which holds in
every theme. An author asks for it with ``stable_colors`` and ``sticky_axes``; without them a drawing remembers nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any, NamedTuple

VERSION = 1
_NUMBERS = ("low", "high", "first", "last", "positive")
_MOST_NAMES = 200
"""Of names that are not drawn any more, each scope remembers the latest."""


class Limits(NamedTuple):
    """An axis of numbers: of what it was, for another in its place has nothing to do with it; where it began and ended,
    and what it was fitted to."""

    of: str
    low: float
    high: float
    first: float
    last: float
    positive: float
    """The least value above zero; NaN where there was none."""


@dataclass(eq=False)
class Slots:
    """Places in a palette: of names, and of layers that have none.

    A name keeps its place, and nobody else gets it while there are others: it may come back. When all places of the
    palette are taken, those of names that the data do not have any more are given away, the longest absent first.
    """

    before: dict[str, tuple[int, int]]
    """The place of each name, and how many drawings ago it was last there."""
    layers: tuple[int, ...]
    count: int
    """How many colours were taken from a palette that has any number of them."""
    present: Callable[[], AbstractSet[str]]
    """The names that the data have."""
    now: dict[str, int] = field(default_factory=dict)
    _layers: list[int] = field(default_factory=list)

    def of(self, name: str, size: int) -> int:
        """The place of a name in a palette of so many colours."""
        if name not in self.now:
            known = self.before.get(name)
            self.now[name] = self._free(size) if known is None else known[0]
        return self.now[name]

    def next_layer(self, size: int) -> int:
        """The place that ``of_layer`` will give next."""
        number = len(self._layers)
        return self.layers[number] if number < len(self.layers) else self._free(size)

    def of_layer(self, size: int) -> int:
        """The place of the next layer without names."""
        place = self.next_layer(size)
        self._layers.append(place)
        return place

    def wanted(self, names: int) -> int:
        """How many colours a palette of any number of them is to have for so many names: never fewer than before."""
        self.count = max(self.count, names)
        return self.count

    def _free(self, size: int) -> int:
        taken = {*self.now.values(), *self._layers, *self.layers[len(self._layers) :]}
        reserved = {place for name, (place, _) in self.before.items() if name not in self.now}
        free = next(place for place in range(len(taken) + len(reserved) + 1) if place not in taken | reserved)
        if free < size:
            return free
        present = self.present()
        gone = [
            (age, place, name)
            for name, (place, age) in self.before.items()
            if name not in present and name not in self.now and place < size and place not in taken
        ]
        if not gone:
            return free
        _, place, name = max(gone, key=lambda one: (one[0], -one[1]))
        del self.before[name]
        return place

    def as_json(self) -> dict[str, Any]:
        """What the next drawing gets."""
        absent = [(age + 1, name, place) for name, (place, age) in self.before.items() if name not in self.now]
        kept = sorted(absent)[:_MOST_NAMES]
        names = {name: [place, 0] for name, place in self.now.items()}
        names |= {name: [place, age] for age, name, place in kept}
        found: dict[str, Any] = {"names": names} if names else {}
        layers = [*self._layers, *self.layers[len(self._layers) :]]
        found |= {"layers": layers} if layers else {}
        return found | ({"count": self.count} if self.count else {})


class Memory:
    """What one drawing remembers of the one before, and what it leaves."""

    def __init__(
        self, before: Mapping[str, Any], *, colors: bool, axes: bool, present: Callable[[], AbstractSet[str]]
    ) -> None:
        known = before if before.get("version") == VERSION else {}
        self._colors: Mapping[str, Any] = known.get("colors", {}) if colors else {}
        self._axes: Mapping[str, Any] = known.get("axes", {}) if axes else {}
        self._keeps_colors, self._keeps_axes = colors, axes
        self._present = present
        self._slots: dict[str, Slots] = {}
        self._limits: dict[str, Limits] = {}

    def slots(self, scope: str) -> Slots | None:
        """The places of the names of a scope, if colours are to stay."""
        if not self._keeps_colors:
            return None
        found = self._slots.get(scope)
        if found is None:
            known = self._colors.get(scope, {})
            names = {name: (int(place), int(age)) for name, (place, age) in known.get("names", {}).items()}
            layers = tuple(map(int, known.get("layers", ())))
            found = self._slots[scope] = Slots(names, layers, int(known.get("count", 0)), self._present)
        return found

    def limits(self, axis: str, of: str) -> Limits | None:
        """Where an axis ended in the drawing before, if it is to stay there."""
        known = self._axes.get(axis)
        if known is None or known["of"] != of:
            return None
        numbers = (known[name] for name in _NUMBERS)
        return Limits(of, *(math.nan if number is None else float(number) for number in numbers))

    def leave(self, axis: str, limits: Limits) -> None:
        """Where an axis ends in this drawing."""
        if self._keeps_axes:
            self._limits[axis] = limits

    def as_json(self) -> dict[str, Any]:
        """What the next drawing gets; empty where nothing is to stay."""
        # What this drawing did not have (a panel without rows) is as it was.
        colors = {**self._colors, **{scope: slots.as_json() for scope, slots in self._slots.items()}}
        axes = {**self._axes, **{name: _written(limits) for name, limits in self._limits.items()}}
        found = {name: part for name, part in (("colors", colors), ("axes", axes)) if part}
        return {"version": VERSION, **found} if found else {}


def _written(limits: Limits) -> dict[str, Any]:
    numbers = {name: getattr(limits, name) for name in _NUMBERS}  # JSON has no NaN
    return {"of": limits.of, **{name: None if math.isnan(number) else number for name, number in numbers.items()}}
