"""Bumps: how the ranks of many change from place to place."""

from __future__ import annotations

from typing import ClassVar, Literal

from renderer.spec.marks.slope import Compared
from renderer.spec.source import ColumnKind


class Bump(Compared):
    """The rank of each label by y, from place to place along x."""

    accepts: ClassVar[dict[str, tuple[ColumnKind, ...]]] = {
        "x": ("category", "time"),
        "y": ("number",),
        "color": ("category",),
        "label": ("category",),
    }
    explained: ClassVar[tuple[str, ...]] = ()  # named at the ends of its lines

    kind: Literal["bump"]
    rank: Literal["high", "low", "given"] = "high"
    """Whether the highest or the lowest y comes first; "given" says that y is the rank."""
