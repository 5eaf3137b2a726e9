"""Bullet graphs: a measure against a target, on a scale with bands (Stephen Few, 2006)."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from renderer.spec.channel import Amount, Channel
from renderer.spec.mark import Mark
from renderer.spec.scalars import FormatText
from renderer.spec.source import ColumnKind


class Bullet(Mark):
    """For each name (label) a bar up to the value, a mark at the target, and bands behind both."""

    accepts: ClassVar[dict[str, tuple[ColumnKind, ...]]] = {
        "label": ("category",),
        "value": ("number",),
        "target": ("number",),
        "min": ("number",),
        "max": ("number",),
        "bands": ("number",),
    }
    one_row_for: ClassVar[tuple[str, ...]] = ("label",)
    may_miss: ClassVar[tuple[str, ...]] = ("value", "target", "bands/0", "bands/1", "bands/2", "bands/3")

    kind: Literal["bullet"]
    label: Channel | None = None
    """The name of each row; without it there is one row."""
    value: Channel
    """The measure."""
    target: Amount | None = None
    """What the measure should be: a number for all rows, or a column."""
    bands: Annotated[tuple[Amount, ...], Field(strict=False, max_length=4)] = ()
    """Where one band ends and the next begins, in ascending order: numbers, or columns with one for each row."""
    min: Amount | None = None
    """Where the scale begins; 0 by default, or below the smallest value."""
    max: Amount | None = None
    """Where the scale ends; by default beyond all that is shown."""
    scale: Literal["own", "shared"] = "own"
    """Each row has a scale of its own, as measures of different units need, or all have one."""
    format: FormatText | None = None
    """How numbers are written."""
