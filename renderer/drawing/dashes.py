"""Dashes: how lines are interrupted, in multiples of their width."""

from __future__ import annotations

from renderer.drawing.scene import Dash

# The first is solid.
_DASHES: tuple[Dash, ...] = ((), (4.0, 2.2), (1.0, 1.8), (5.0, 2.0, 1.0, 2.0))
_NAMED = {"solid": 0, "dashed": 1, "dotted": 2, "dashdot": 3}


def dash(place: int, width: float) -> Dash:
    """The dash of the category at a place, for a line of a width; from the fifth on they come again."""
    return tuple(length * max(1.0, width) for length in _DASHES[place % len(_DASHES)])


def named(name: str | None, width: float) -> Dash:
    """The dash of a name of the chart language; None is solid."""
    return dash(_NAMED[name], width) if name else ()
