"""Charts to what is drawn: for each layer a small table with one column for each channel, in drawing order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from renderer.data.axes import axis_problems, side_problems
from renderer.data.channels import resolve
from renderer.data.facets import By, Facets, by, split
from renderer.data.load import SourceTable
from renderer.data.notes import note_problems
from renderer.data.params import settle
from renderer.data.periods import in_periods, moved_on
from renderer.data.resolved import Resolved
from renderer.data.sources import Sources
from renderer.data.supply import NoSupplier, Supplier, Supply
from renderer.spec.errors import Problem, SpecError, show
from renderer.spec.limits import LIMITS, Limits
from renderer.spec.mark import Mark
from renderer.spec.model import Chart, Panel
from renderer.spec.periods import period_of

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
    notices: tuple[str, ...] = ()
    """What is not drawn, because there are no rows of it."""

    @property
    def as_of(self) -> datetime | None:
        """Of when the rows are: the oldest of the named sources; None if there is none."""
        return min((supply.as_of for supply in self.supplies.values()), default=None)

    @property
    def marks(self) -> int:
        """How many marks are drawn: bars, points, vertices of lines."""
        return sum(len(layer.table) for panel in self.panels for layer in panel.layers)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the author should know of the data, each once."""
        found = (w for panel in self.panels for layer in panel.layers for w in layer.warnings)
        return tuple(dict.fromkeys((*self.notices, *found)))


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
    emptied: list[Problem] = []
    for number, panel in enumerate(chart.panels_of()):
        at_panel = chart.panel_pointer(number)
        layers: list[Resolved] = []
        whole = True
        for place, mark in enumerate(panel.layers):
            at = chart.layer_pointer(number, place)
            levels = ((chart, ""), (panel, at_panel), (mark, at))
            try:
                table = sources.table(levels)
                if table is None:
                    whole = False
                else:
                    layers += _layers(mark, table, chart, at=at, limits=limits, facets=facets)
            except SpecError as error:
                whole = False
                (emptied if error.empty else problems).extend(error.problems)
        try:
            settled = settle(panel, at_panel, sources.parameters)
        except SpecError as error:
            problems += error.problems
        else:
            panel = settled
            problems += axis_problems(panel.axes, layers, f"{at_panel}/axes")
            if whole:
                notes = panel.annotations
                problems += note_problems(notes, layers, f"{at_panel}/annotations", zone=chart.timezone, limits=limits)
        problems += side_problems(panel, at_panel)
        panels.append(LoadedPanel(panel, tuple(layers), at_panel, panel.title or ""))
    notices = _judge(chart, panels, problems, emptied, limits)
    if chart.facet is None:
        return LoadedChart(chart, tuple(panels), None, sources.rows, sources.supplies, notices)
    split_by, parts = split(panels[0].layers, chart.facet, limits)
    one = panels[0].panel
    return LoadedChart(
        chart,
        tuple(LoadedPanel(one, part.layers, "", part.name, part.row, part.column) for part in parts),
        split_by,
        sources.rows,
        sources.supplies,
        notices,
    )


def _layers(
    mark: Mark, table: SourceTable, chart: Chart, *, at: str, limits: Limits, facets: Sequence[By]
) -> list[Resolved]:
    """What a mark draws: one layer, or two where it shows the period before its own."""

    def one(table: SourceTable, mark: Mark = mark) -> Resolved:
        return resolve(mark, table, at=at, zone=chart.timezone, locale=chart.locale, limits=limits, facets=facets)

    previous: str | dict[str, str] | None = getattr(mark, "previous", None)
    if previous is None:
        return [one(table)]
    period = period_of(previous)
    present, earlier = in_periods(mark, period, table, at, chart.timezone)
    layers = [one(present)]
    if earlier is None:
        warning = f"There are no rows of the period before: nothing is drawn as {show(period.name)}."
        return [replace(layers[0], warnings=(*layers[0].warnings, warning))]
    past = one(earlier, mark.model_copy(update={"name": period.name}))
    return [replace(moved_on(past, period, chart.timezone), quiet=True), *layers]


def _judge(
    chart: Chart, panels: Sequence[LoadedPanel], problems: list[Problem], emptied: list[Problem], limits: Limits
) -> tuple[str, ...]:
    """What is left out of the chart. Raises SpecError if there is something wrong, or, as the chart's ``on_empty`` has
    it, if there are no rows."""
    notices: tuple[str, ...] = ()
    if chart.on_empty != "error":
        hollow = [layer for panel in panels for layer in panel.layers if _hollow(layer)]
        if len(hollow) == sum(len(panel.layers) for panel in panels):
            emptied += [Problem(layer.pointer, "all values are missing", empty=True) for layer in hollow]
        elif chart.on_empty == "placeholder":
            notices = tuple(f"Left out: {problem}." for problem in emptied)
            emptied = []  # the rest is drawn without them
    if problems or emptied:
        raise SpecError([*problems, *emptied], limit=limits.problems)
    return notices


def _hollow(layer: Resolved) -> bool:
    """Whether a layer has rows, and nothing to show in them."""
    amounts = [layer.table[name] for name in layer.mark.may_miss if name in layer.table]
    return bool(amounts) and all(bool(column.missing.all()) for column in amounts)
