"""Surveys: what can be said against a chart whose rows are not at hand, from the columns that they have.

The second pass over a spec without its slow part: names and types of columns, through all transforms whose columns do
not depend on what the rows hold. Layers whose rows stand in the document are checked against them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from renderer.data.channels import check, resolve
from renderer.data.facets import by
from renderer.data.infer import CellError, read_as
from renderer.data.load import SourceTable, Supplied
from renderer.data.sources import Level, Sources
from renderer.data.stored import stand_in
from renderer.data.supply import Supplier
from renderer.data.table import Column
from renderer.spec.errors import Problem, SpecError
from renderer.spec.limits import LIMITS, Limits
from renderer.spec.model import Chart
from renderer.spec.source import ColumnKind
from renderer.spec.transform import Fill, Pivot, Step

if TYPE_CHECKING:
    from renderer.data.query import Place


class Unseen(Exception):
    """Raised by a supplier for a source of which nothing is known before it is read."""


def survey(chart: Chart, supplier: Supplier, *, limits: Limits = LIMITS) -> None:
    """Check what can be checked. `supplier` brings tables of one row, an example of what the source holds.

    Raises SpecError with the problems of all layers.
    """
    problems: list[Problem] = []
    sketches = _Sketches(chart, limits, datetime.now(UTC), supplier)
    facets = by(chart.facet) if chart.facet is not None else ()
    for number, panel in enumerate(chart.panels_of()):
        for place, mark in enumerate(panel.layers):
            at = chart.layer_pointer(number, place)
            levels = ((chart, ""), (panel, chart.panel_pointer(number)), (mark, at))
            try:
                table = sketches.table(levels)
                if table is None:
                    continue
                if sketches.is_named(levels):
                    check(mark, table, at=at, zone=chart.timezone, locale=chart.locale, limits=limits, facets=facets)
                else:
                    resolve(mark, table, at=at, zone=chart.timezone, locale=chart.locale, limits=limits, facets=facets)
            except Unseen:
                continue
            except SpecError as error:
                problems += error.problems
    if problems:
        raise SpecError(problems, limit=limits.problems)


class _Sketches(Sources):
    """Tables of one row, where the rows are elsewhere."""

    def is_named(self, levels: Sequence[Level]) -> bool:
        """Whether the rows of a layer are elsewhere."""
        source = next(level.data for level, _ in reversed(levels) if level.data is not None)
        return source.named

    def _transformed(self, table: SourceTable, steps: Sequence[tuple[str, Step]]) -> SourceTable:
        from renderer.data.plan import sketched
        from renderer.data.query import Place

        if not isinstance(table, Supplied):
            return super()._transformed(table, steps)
        place = Place(self._chart.timezone, self._now, self.parameters, self._limits)
        first_pivot = next((n for n, (_, step) in enumerate(steps) if isinstance(step, Pivot)), len(steps))
        # What a fill adds are rows, and its columns stay.
        known = [(at, step) for at, step in steps[:first_pivot] if not isinstance(step, Fill)]
        columns = sketched(table, known, place=place) if known else {name: table.column(name) for name in table.names}
        if first_pivot < len(steps):
            raise Unseen
        return _Sketch(columns, place)


class _Sketch(SourceTable):
    """One row of what comes out of transforms."""

    def __init__(self, columns: dict[str, Column], place: Place) -> None:
        self._columns = columns
        self._place = place

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._columns)

    def __len__(self) -> int:
        return 1

    def __contains__(self, name: object) -> bool:
        return name in self._columns

    def column(self, name: str, kind: ColumnKind | None = None) -> Column:
        """The column, as another type if its example can be read so."""
        column = self._columns[name]
        if kind is None:
            return column
        try:
            return read_as(column, kind, zone=self._place.zone, limits=self._place.limits)
        except CellError:
            return stand_in(name, kind)
