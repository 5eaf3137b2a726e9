"""Sankey diagrams: how much flows from where to where."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from renderer.spec.channel import Channel, ColorChannel
from renderer.spec.mark import Mark
from renderer.spec.scalars import Color, Name
from renderer.spec.source import ColumnKind


class Sankey(Mark):
    """A ribbon for each pair of source and target, as wide as its value; nodes stand in as many columns as the flows
    have steps."""

    accepts: ClassVar[dict[str, tuple[ColumnKind, ...]]] = {
        "source": ("category",),
        "target": ("category",),
        "value": ("number",),
        "color": ("category",),
    }

    kind: Literal["sankey"]
    source: Channel
    """Where a flow comes from."""
    target: Channel
    """Where it goes to; the source of the next step, if it has one."""
    value: Channel
    """How much flows; rows of one pair add up."""
    color: ColorChannel | None = None
    """What the ribbons are coloured by; by default the node given in `link`."""
    link: Literal["source", "target", "neutral"] = "source"
    """The end whose colour a ribbon has."""
    align: Literal["justify", "left", "right"] = "justify"
    """The column of nodes that nothing flows out of: the last, or as near as can be to where they begin; "right" puts
    all nodes as far to the right as can be."""
    map: Annotated[dict[Name, Color], Field(min_length=1, max_length=200)] | None = None
    """The colour of each node, by its name."""
    values: bool = True
    """Whether the labels tell the amounts, too."""
