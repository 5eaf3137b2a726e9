"""What all marks have in common. The kinds themselves are the modules of renderer/spec/marks/, one a file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

from renderer.spec.base import Model
from renderer.spec.channel import Aggregate, Channel, ColorChannel
from renderer.spec.scalars import Name
from renderer.spec.source import ColumnKind, Source
from renderer.spec.style import Style
from renderer.spec.transform import Transform

YAxis = Literal["left", "right"]


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

    ranked_by: ClassVar[Aggregate] = "sum"
    """What the rows of a category come to, where they are put in order or cut to the top by an amount as it is."""

    may_miss: ClassVar[tuple[str, ...]] = ()
    """The channels whose values may be missing, which leaves a gap; without another's, a row cannot be drawn."""

    row_by_row: ClassVar[tuple[str, ...]] = ()
    """The channels that show every row even if others are aggregated, unless one of these is aggregated itself: the
    trend beside "last(price)". The aggregates are then those of all rows, and stand in each of them."""

    reduces: ClassVar[tuple[str, ...]] = ()
    """The channels whose aggregate the kind works out itself, because only it knows the groups (the cells of a grid);
    it is given all rows."""
    each_row: ClassVar[tuple[str, str, str] | None] = None
    """Where each drawn row is a shape of its own, of which a panel shows so many and no more (``Limits.bars``): what
    they are called, the channel that is wrong where there are more, and what to do about it."""
    explained: ClassVar[tuple[str, ...]] = ("color",)
    """The channels whose categories a legend explains, of which it holds so many (``Limits.legend_entries``)."""
    parts: ClassVar[str] = ""
    """What the parts of a whole are called, where the amounts of `value` are those: some of them is above zero."""
    thinned: ClassVar[tuple[str, str] | None] = None
    """Along which channel, and by the extremes of which other, many rows may be thinned to what a picture can show."""
    on_axes: ClassVar[dict[str, str]] = {"x": "x", "y": "y"}
    """The channel that says what each axis holds: of a bar in a plan it is the one for its start."""

    kind: str
    name: Name | None = None
    """What the layer is called in legends."""
    data: Source | None = None
    """Rows of its own; by default those of the panel or the chart."""
    transform: Transform = ()
    """What is done to the rows of this layer alone, after what is done to those of the panel and the chart."""
    style: Style | None = None

    @property
    def raw(self) -> tuple[str, ...]:
        """The channels that take no aggregate, because the shape itself shows how their rows are spread."""
        return ()

    @property
    def side(self) -> YAxis:
        """The axis that the amounts of the layer belong to."""
        side: YAxis = getattr(self, "y_axis", "left")
        return side

    def channels(self) -> Iterator[tuple[str, Channel]]:
        """The channels that are given, by name, in the order of the model; those of a list are "path/0", "path/1"."""
        for name in type(self).model_fields:
            value = getattr(self, name)
            if isinstance(value, Channel):
                yield name, value
            elif isinstance(value, tuple):
                for place, item in enumerate(value):
                    if isinstance(item, Channel):
                        yield f"{name}/{place}", item


class XYMark(Mark):
    """A mark at an x and a y."""

    x: Channel
    y: Channel
    color: ColorChannel | None = None
    y_axis: YAxis = "left"
    """The axis that y belongs to; `axes.right` says how the right one looks."""
