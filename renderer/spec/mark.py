"""What all marks have in common. The kinds themselves are the modules of renderer/spec/marks/, one a file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from renderer.spec.base import Model
from renderer.spec.channel import Channel, ColorChannel
from renderer.spec.scalars import Name
from renderer.spec.source import ColumnKind, Source
from renderer.spec.style import Style
from renderer.spec.transform import Transform


class Mark(Model):
    """One layer of a chart: a kind of shape, drawn once for each row or group of rows.

    A kind subclasses it in a module of its own, with a field ``kind: Literal["its_name"]``, its channels, its options,
    and what it says here about its channels, which is all that the data stage needs to know of it.
    """

    accepts: ClassVar[dict[str, tuple[ColumnKind, ...]]] = {}
    """The column types that a channel takes; the first is what others are turned into if they can be (numbers and
    times into categories). A channel that is not named takes all."""
    one_row_for: ClassVar[tuple[str, ...]] = ()
    """The channels that tell one shape from the next: two rows that agree in all of them must be aggregated."""
    sorted_by: ClassVar[str | None] = None
    """The channel along which rows are put in order, if it holds numbers or times."""

    may_miss: ClassVar[tuple[str, ...]] = ()
    """The channels whose values may be missing, which leaves a gap; without another's, a row cannot be drawn."""

    kind: str
    name: Name | None = None
    """What the layer is called in legends."""
    data: Source | None = None
    """Rows of its own; by default those of the panel or the chart."""
    transform: Transform = ()
    """What is done to the rows of this layer alone, after what is done to those of the panel and the chart."""
    style: Style | None = None

    def channels(self) -> Iterator[tuple[str, Channel]]:
        """The channels that are given, by name, in the order of the model."""
        for name in type(self).model_fields:
            value = getattr(self, name)
            if isinstance(value, Channel):
                yield name, value


class XYMark(Mark):
    """A mark at an x and a y."""

    x: Channel
    y: Channel
    color: ColorChannel | None = None
