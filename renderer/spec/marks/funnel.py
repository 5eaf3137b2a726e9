"""Funnels: how many are left after each stage."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from renderer.spec.channel import Channel
from renderer.spec.mark import Mark
from renderer.spec.source import ColumnKind
from renderer.spec.style import Labels, LabelsOption


class Funnel(Mark):
    """Amounts (value) of stages (label), one below the other, with what each passes on."""

    accepts: ClassVar[dict[str, tuple[ColumnKind, ...]]] = {"label": ("category",), "value": ("number",)}
    one_row_for: ClassVar[tuple[str, ...]] = ("label",)
    may_miss: ClassVar[tuple[str, ...]] = ("value",)

    kind: Literal["funnel"]
    label: Channel
    """The name of each stage, in their order."""
    value: Channel
    """How many reach the stage: zero or more."""
    percent: Literal["both", "first", "previous", "none"] = "both"
    """What is written beside the amounts: the part of the first stage, at the right, and of the previous one, between
    the stages."""
    align: Literal["center", "left"] = "center"
    """Where bars stand."""
    labels: LabelsOption = Field(default_factory=Labels)
    """Amounts written on the bars, or beside those that are too short."""
