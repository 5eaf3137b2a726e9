"""Charts to what is drawn: for each layer a small table with one column for each channel, in drawing order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from renderer.data.axes import axis_problems, side_problems
from renderer.data.channels import resolve
from renderer.data.facets import Facets, by, split
from renderer.data.notes import note_problems
from renderer.data.resolved import Resolved
from renderer.data.sources import Sources
from renderer.data.supply import NoSupplier, Supplier, Supply
from renderer.spec.errors import Problem, SpecError
from renderer.spec.limits import LIMITS, Limits
from renderer.spec.model import Chart, Panel

__all__ = ["LoadedChart", "LoadedPanel", "Resolved", "load"]


@dataclass(frozen=True, slots=True, eq=False)
class LoadedPanel:
    """A panel with what its layers draw, from back to front. `pointer` is its place in the document."""

    panel: Panel
    layers: tuple[Resolved, ...]
    pointer: str = ""
    title: str = ""
    """What it is called: of small multiples, the value that it is drawn for."""
    row: int = -1
    column: int = -1
    """Its place among facets of rows and columns."""


@dataclass(frozen=True, slots=True, eq=False)
class LoadedChart:
    """A validated chart with the rows of each of its layers. A chart without panels is one panel."""

    chart: Chart
    panels: tuple[LoadedPanel, ...]
    facets: Facets | None = None
    rows: int = 0
    """How many rows were read, of all sources, before any transform."""
    supplies: Mapping[str, Supply] = field(default_factory=dict)
    """What came from outside of the document, by the pointer of its source."""

    @property
    def marks(self) -> int:
        """How many marks are drawn: bars, points, vertices of lines."""
        return sum(len(layer.table) for panel in self.panels for layer in panel.layers)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the author should know of the data, each once."""
        return tuple(dict.fromkeys(w for panel in self.panels for layer in panel.layers for w in layer.warnings))


def load(
    chart: Chart, *, supplier: Supplier | None = None, limits: Limits = LIMITS, now: datetime | None = None
) -> LoadedChart:
    """Read the data of a chart, transform it, and resolve the channels of all its layers against it.

    `now` is the moment that now() and ago() of its transforms start from; `supplier` brings the rows of named sources.
    Raises SpecError with the problems of all layers, each located in the document as it was sent, and SourceAway.
    """
    problems: list[Problem] = []
    sources = Sources(chart, limits, now or datetime.now(UTC), supplier or NoSupplier())
    facets = by(chart.facet) if chart.facet is not None else ()
    panels: list[LoadedPanel] = []
    for number, panel in enumerate(chart.panels_of()):
        at_panel = chart.panel_pointer(number)
        layers: list[Resolved] = []
        for place, mark in enumerate(panel.layers):
            at = chart.layer_pointer(number, place)
            levels = ((chart, ""), (panel, at_panel), (mark, at))
            try:
                table = sources.table(levels)
                if table is not None:
                    layers.append(
                        resolve(
                            mark,
                            table,
                            at=at,
                            zone=chart.timezone,
                            locale=chart.locale,
                            limits=limits,
                            facets=facets,
                        )
                    )
            except SpecError as error:
                problems += error.problems
        problems += axis_problems(panel.axes, layers, f"{at_panel}/axes")
        problems += side_problems(panel, at_panel)
        if len(layers) == len(panel.layers):
            notes = panel.annotations
            problems += note_problems(notes, layers, f"{at_panel}/annotations", zone=chart.timezone, limits=limits)
        panels.append(LoadedPanel(panel, tuple(layers), at_panel, panel.title or ""))
    if problems:
        raise SpecError(problems, limit=limits.problems)
    if chart.facet is None:
        return LoadedChart(chart, tuple(panels), rows=sources.rows, supplies=sources.supplies)
    split_by, parts = split(panels[0].layers, chart.facet, limits)
    one = panels[0].panel
    return LoadedChart(
        chart,
        tuple(LoadedPanel(one, part.layers, "", part.name, part.row, part.column) for part in parts),
        split_by,
        sources.rows,
        sources.supplies,
    )
