"""What a kind draws from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from renderer.data.table import Table
from renderer.spec.channel import Unit
from renderer.spec.mark import Mark


@dataclass(frozen=True, slots=True, eq=False)
class Resolved:
    """One layer, ready to draw: a table whose columns are the mark's channels, aggregated, binned and in order.

    Rows come in the order in which they are drawn. A value may be missing only in the channels that the mark names in
    `may_miss` (a gap in a line); rows that miss another are left out, with a warning.
    """

    mark: Mark
    table: Table
    titles: Mapping[str, str]
    """The name of each channel, as its author gave it or made from its column's."""
    orders: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The categories of each category channel in the order in which they are shown."""
    units: Mapping[str, Unit] = field(default_factory=dict)
    """The unit that a time channel was cut to: a row stands for the whole of it, from that moment on."""
    steps: Mapping[str, float] = field(default_factory=dict)
    """The width of the bins of a binned number channel; its values are their middles."""
    warnings: tuple[str, ...] = ()
    thinned: int = 0
    """How many rows there were, before they were thinned to what a picture can show; 0 if they were not."""
    whole: Table | None = None
    """The rows of all panels, where the chart is split into small multiples."""
    shared: frozenset[str] = frozenset()
    """The axes (x, y) that these panels have in common."""
    quiet: bool = False
    """Whether it stands behind the next layer, whose previous period it is."""
    pointer: str = ""
    """Where the layer stands in the document: "" in the short form, else "/layers/0"."""
