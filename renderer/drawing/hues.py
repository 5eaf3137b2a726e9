"""Which colour a category has: the same one wherever it comes in a chart."""

from __future__ import annotations

from collections.abc import Sequence

from renderer.drawing.color import mix, parse_color
from renderer.drawing.memory import Slots
from renderer.drawing.scene import Color
from renderer.drawing.theme import Theme


class Hues:
    """Hands out the palette's colours in the order in which names are met, and remembers them."""

    def __init__(
        self, palette: tuple[Color, ...], theme: Theme, *, chosen: bool = False, slots: Slots | None = None
    ) -> None:
        """``chosen`` says that the palette is the author's, which kinds then leave as it is; ``slots`` remember which
        place of it a name had in the drawing before."""
        self._slots = slots
        self.chosen = chosen
        self._palette = palette
        self._theme = theme
        self._given: dict[str, Color] = {}
        self._count = 0

    @property
    def distinct(self) -> int:
        """How many colours a reader can tell apart."""
        return min(8, len(self._palette))

    def of(self, name: str, fixed: str | None = None) -> Color:
        """The colour of a category; ``fixed`` is what the author chose for it."""
        color = self._given.get(name)
        if color is None:
            color = parse_color(fixed) if fixed else self._next(name)
            self._given[name] = color
        return color

    def give(self, names: Sequence[str], colors: Sequence[Color]) -> None:
        """Set the colours of names that have none yet."""
        for name, color in zip(names, colors, strict=True):
            self._given.setdefault(name, color)

    def of_layer(self, fixed: str | None = None) -> Color:
        """The one colour of a layer without categories."""
        return parse_color(fixed) if fixed else self._next()

    def of_next_layer(self) -> Color:
        """The colour that the next layer without categories will have: a band has that of the line drawn on it."""
        return self._color(self._count if self._slots is None else self._slots.next_layer(len(self._palette)))

    def _next(self, name: str | None = None) -> Color:
        if self._slots is not None:
            size = len(self._palette)
            return self._color(self._slots.of_layer(size) if name is None else self._slots.of(name, size))
        self._count += 1
        return self._color(self._count - 1)

    def _color(self, place: int) -> Color:
        turn, index = divmod(place, len(self._palette))
        color = self._palette[index]
        # From the second time round, paler and paler: never the same colour twice in a row of twenty.
        return mix(color, self._theme.background, 0.35) if turn % 2 else color
