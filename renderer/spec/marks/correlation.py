"""Correlations: how strongly the amounts of several columns go together, two by two."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from renderer.spec.channel import Channel
from renderer.spec.mark import Mark
from renderer.spec.scalars import wrong
from renderer.spec.source import ColumnKind
from renderer.spec.style import CellLabels, CellLabelsOption


class Correlation(Mark):
    """A cell for each pair of columns, from -1 (one falls as the other rises) to 1 (both rise together)."""

    accepts: ClassVar[dict[str, tuple[ColumnKind, ...]]] = {"columns": ("number",)}
    may_miss: ClassVar[tuple[str, ...]] = ("columns",)

    kind: Literal["correlation"]
    columns: Annotated[tuple[Channel, ...], Field(strict=False, min_length=2, max_length=60)]
    """Columns of numbers."""
    method: Literal["pearson", "spearman"] = "pearson"
    """Of the amounts, or of their ranks, which outliers and bent relations disturb less."""
    order: Literal["given", "similar"] = "given"
    """"similar" puts columns that go together beside each other."""
    half: bool = True
    """Each pair once; false: the whole square with its diagonal."""
    labels: CellLabelsOption = Field(default_factory=CellLabels)
    """The correlations written into the cells. By default where all of them fit."""

    @model_validator(mode="after")
    def _rows_as_they_are(self) -> Self:
        for channel in self.columns:
            if channel.agg is not None or channel.bin is not None:
                wrong("a correlation is of all rows: give columns without an aggregate or bins", at="columns")
        return self
