"""The rows of each layer: of the nearest source, after the transforms on the way from it to the layer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from renderer.data.load import SourceTable, Supplied, load_source
from renderer.data.names import names_in
from renderer.data.params import Parameters
from renderer.data.supply import Supplier, Supply
from renderer.spec.errors import SpecError
from renderer.spec.limits import Limits
from renderer.spec.mark import Mark
from renderer.spec.model import Chart, Panel
from renderer.spec.source import Source
from renderer.spec.transform import Step

Level = tuple[Chart | Panel | Mark, str]
"""What may have data and a transform, with its pointer."""


class Sources:
    """The tables of one chart. Layers that have the same source and transforms share theirs."""

    def __init__(self, chart: Chart, limits: Limits, now: datetime, supplier: Supplier) -> None:
        self._chart = chart
        self.parameters = Parameters(chart.params, chart.timezone, now, limits)
        self._supplier = supplier
        self.supplies: dict[str, Supply] = {}
        """What came from outside of the document, by the pointer of its source."""
        self._limits = limits
        self._now = now
        self._tables: dict[tuple[str, ...], SourceTable | None] = {}
        self._wanted: set[str] | None = None

    def table(self, levels: Sequence[Level]) -> SourceTable | None:
        """The rows of a layer; `levels` are the chart, the panel and the layer. None if their problems are known.

        Raises SpecError with its problems, once for all layers that share it.
        """
        owner = max((place for place, (level, _) in enumerate(levels) if level.data is not None), default=None)
        if owner is None:
            raise SpecError.at("/data", "there is no data: give values, columns, rows or csv")
        steps = [
            (f"{at}/transform/{place}", step)
            for level, at in levels[owner:]
            for place, step in enumerate(level.transform)
        ]
        where = f"{levels[owner][1]}/data"
        key = (where, *(at for at, _ in steps))
        source = self._source(levels[owner], where)
        if not steps or source is None:
            return source
        if key not in self._tables:
            self._tables[key] = None
            self._tables[key] = self._transformed(source, steps)
        return self._tables[key]

    @property
    def rows(self) -> int:
        """How many rows all sources have together."""
        sources = [table for key, table in self._tables.items() if len(key) == 1]
        return sum(len(table) for table in sources if table is not None)

    def _source(self, owner: Level, where: str) -> SourceTable | None:
        if (where,) not in self._tables:
            source = owner[0].data
            assert source is not None, "the owner is chosen by having one"
            self._tables[(where,)] = None
            self._tables[(where,)] = self._read(source, where)
        return self._tables[(where,)]

    def _read(self, source: Source, where: str) -> SourceTable:
        if not source.named:
            return load_source(source, where, zone=self._chart.timezone, limits=self._limits)
        supply = self.supplies[where] = self._supplier.supply(source, where)
        return Supplied(supply, where, types=source.types, zone=self._chart.timezone, limits=self._limits)

    def _transformed(self, table: SourceTable, steps: Sequence[tuple[str, Step]]) -> SourceTable:
        # Only here: DuckDB takes a quarter of a second to import, and most charts have no transform.
        from renderer.data.plan import transform
        from renderer.data.query import Place

        if self._wanted is None:
            self._wanted = set(names_in(self._chart))
        place = Place(self._chart.timezone, self._now, self.parameters, self._limits)
        return transform(table, steps, wanted=self._wanted, place=place)
