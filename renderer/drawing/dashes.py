"""Dashes by their names in the chart language."""

from __future__ import annotations

from renderer.drawing.scene import Dash

_PATTERNS: dict[str, Dash] = {
    "solid": (), "dashed": (4.0, 2.2), "dotted": (1.0, 1.8), "dashdot": (5.0, 2.0, 1.0, 2.0),
}  # fmt: skip


def dash_of(name: str | None, width: float) -> Dash:
    """The dash of a line so wide, in pixels; () for none."""
    return tuple(length * max(1.0, width) for length in _PATTERNS[name or "solid"])
