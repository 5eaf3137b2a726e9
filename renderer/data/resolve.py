"""Charts to what is drawn: for each layer a small table with one column for each channel, in drawing order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from renderer.data.axes import axis_problems, side_problems
from renderer.data.channels import resolve
from renderer.data.companions import with_companions
from renderer.data.crowded import crowded
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
    facets: Facets | None = None
    """What it is one of many of, where it is: all panels that hold the same ones are small multiples of each other."""


@dataclass(frozen=True, slots=True, eq=False)
class LoadedChart:
    """A validated chart with the rows of each of its layers. A chart without panels is one panel."""

    chart: Chart
    panels: tuple[LoadedPanel, ...]
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
    def facets(self) -> Facets | None:
        """What all panels are small multiples of, where the chart itself has a facet."""
        return self.panels[0].facets if self.chart.facet is not None else None

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
                    layers += _layers(mark, table, chart, at=at, limits=limits, facets=by(panel.facet, at_panel))
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
    split_up = tuple(part for panel in panels for part in _multiples(panel, limits))
    problems = [problem for panel in split_up for layer in panel.layers for problem in crowded(layer, limits)]
    if problems:
        raise SpecError(problems, limit=limits.problems)
    if len(split_up) > max(limits.panels, len(panels)):
        where = next(panel.pointer for panel in panels if panel.panel.facet is not None)
        message = f"makes {len(split_up)} panels in all, and there may be {limits.panels}"
        raise SpecError.at(f"{where}/facet", message)
    return LoadedChart(chart, split_up, sources.rows, sources.supplies, notices)


def _layers(
    mark: Mark, table: SourceTable, chart: Chart, *, at: str, limits: Limits, facets: Sequence[By]
) -> list[Resolved]:
    """What a mark draws: its layer with the one of its uncertainty, and before them the period before its own."""

    def drawn(table: SourceTable, mark: Mark = mark) -> list[Resolved]:
        return list(_drawn(mark, table, chart, at, facets, limits))

    previous: str | dict[str, str] | None = getattr(mark, "previous", None)
    if previous is None:
        return drawn(table)
    period = period_of(previous)
    present, earlier = in_periods(mark, period, table, at, chart.timezone)
    layers = drawn(present)
    if earlier is None:
        warning = f"There are no rows of the period before: nothing is drawn as {show(period.name)}."
        return [replace(layers[0], warnings=(*layers[0].warnings, warning)), *layers[1:]]
    # Without its uncertainty: two bands behind two lines would say nothing any more.
    (past,) = drawn(earlier, mark.model_copy(update={"name": period.name, "error": None}))
    return [replace(moved_on(past, period, chart.timezone), quiet=True), *layers]


def _drawn(
    mark: Mark, table: SourceTable, chart: Chart, at: str, facets: Sequence[By], limits: Limits
) -> Iterator[Resolved]:
    """A layer, and the one of its uncertainty, if it asks for that; both have the names of the layer's own channels."""
    found = [
        resolve(one, table, at=at, zone=chart.timezone, locale=chart.locale, limits=limits, facets=facets)
        for one in with_companions(mark)
    ]
    titles = next(one.titles for one in found if one.mark is mark)
    for one in found:
        yield one if one.mark is mark else replace(one, titles={**one.titles, **titles}, warnings=())


def _multiples(panel: LoadedPanel, limits: Limits) -> Iterator[LoadedPanel]:
    """The panels that a panel is split into by its facet; without one, the panel itself."""
    facet = panel.panel.facet
    if facet is None or not panel.layers:
        yield panel
        return
    facets, parts = split(panel.layers, facet, limits, panel.pointer)
    for part in parts:
        yield replace(panel, layers=part.layers, title=part.name, row=part.row, column=part.column, facets=facets)


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
