"""Facets: one chart, drawn once for each value of a column."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import model_validator

from renderer.spec.base import Model
from renderer.spec.channel import Channel, SortOrder
from renderer.spec.limits import LIMITS
from renderer.spec.scalars import Between, wrong


class Facet(Model):
    """Small multiples: a panel for each value of `field`, or for each pair of `columns` and `rows`."""

    field: Channel | None = None
    """A panel for each of its values, in rows that wrap."""
    columns: Channel | None = None
    """A column of panels for each of its values."""
    rows: Channel | None = None
    """A row of panels for each of its values."""
    wrap: Annotated[int, Between(1, LIMITS.panels)] | None = None
    """How many panels stand in a row; by default as many as give them a good shape."""
    share: Literal["all", "x", "y", "none"] = "all"
    """The axes that all panels have in common; of the others, each panel has its own."""
    sort: SortOrder | None = None
    """The order of the panels, as the sort of a channel."""
    max: Annotated[int, Between(1, LIMITS.panels)] | None = None
    """More panels than this are an error."""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.field is None and self.columns is None and self.rows is None:
            wrong("a facet needs a 'field', or 'columns' and 'rows'")
        if self.field is not None and (self.columns is not None or self.rows is not None):
            wrong("give 'field', or 'columns' and 'rows', not both", at="columns" if self.columns else "rows")
        if self.wrap is not None and self.field is None:
            wrong("'wrap' belongs to 'field': columns and rows have their places", at="wrap")
        for name, channel in self.channels():
            if channel.agg is not None:
                wrong("panels are made for values as they are: give a column without an aggregate", at=name)
            if channel.value is not None:
                wrong("panels are made for the values of a column: give a 'field'", at=name)
        return self

    def channels(self) -> Iterator[tuple[Literal["field", "columns", "rows"], Channel]]:
        """The channels that are given, by name."""
        for name in ("field", "columns", "rows"):
            channel = getattr(self, name)
            if channel is not None:
                yield name, channel
