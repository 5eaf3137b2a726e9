"""The rows of a chart, as far as they can be shown while somebody waits: nothing is fetched or queried for this.

Rows in the spec, the first ones of a dataset, and the last body of a URL that is kept. Of anything else a sentence
says why there is nothing to be seen.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, Final

import numpy as np

from renderer import spec
from renderer.api import exports
from renderer.api.exports import Cell
from renderer.data.infer import CellError
from renderer.data.load import SourceTable, load_source
from renderer.data.resolve import LoadedPanel, load
from renderer.data.resolved import Resolved
from renderer.data.supply import SourceAway
from renderer.data.table import Column
from renderer.models import Chart, Dataset
from renderer.sources import urls
from renderer.spec.errors import SpecError
from renderer.spec.mark import Mark
from renderer.spec.model import Chart as Spec
from renderer.spec.model import Panel
from renderer.spec.source import Source

MOST_TABLES: Final = 12
MOST_BODY: Final = 4 << 20
"""Bytes of a kept body that are read for a page: a few tenths of a second."""
_BATCH: Final = 5000

Batches = Iterable[Iterable[Sequence[Cell]]]


@dataclass(frozen=True, slots=True)
class Rows:
    """One table. Without ``read`` there is only what ``note`` says."""

    title: str
    note: str = ""
    at: datetime | None = None
    """Of when the rows are."""
    is_newer: bool = False
    """Whether they are newer than the picture."""
    names: tuple[str, ...] = ()
    total: int = 0
    read: Callable[[int], Batches] | None = None
    """Its rows in batches; the argument is how many are wanted at most."""

    @property
    def is_here(self) -> bool:
        """Whether there are rows to be shown."""
        return self.read is not None

    def first(self, count: int) -> list[Sequence[Cell]]:
        """So many rows."""
        return list(islice((row for batch in self.batches(count) for row in batch), count))

    def batches(self, most: int) -> Batches:
        """At most so many rows, in batches."""
        left = most
        for batch in self.read(most) if self.read else ():
            rows = list(islice(batch, left))
            left -= len(rows)
            yield rows
            if left <= 0:
                return


def tables(chart: Chart) -> list[Rows]:
    """The tables of what a chart shows: of the recipe of its picture, or of its own if there is none."""
    recipe = chart.drawn_by.recipe if chart.drawn_by else {"spec": chart.spec, "figure": chart.figure}
    if recipe.get("spec") is None:
        return [
            Rows(
                f"Figure function {recipe.get('figure')}",
                "A figure function reads its data by itself while it draws, and none of it is kept.",
            )
        ]
    document = spec.parse(recipe["spec"])
    sources = document.every_source
    found = [_of(source, at, document, chart, place=at if len(sources) > 1 else "") for at, source in sources.items()]
    return [*found, *_drawn(document, chart, found)][:MOST_TABLES]


def named(source: Source) -> str:
    """What a source is called, without anything that may be secret."""
    if source.url is not None:
        try:
            return f"URL at {urls.check(source, '').shown}"
        except SpecError:
            return "URL"
    if source.database is not None:
        return f"Database “{source.database}”"
    if source.dataset is not None and "." in source.dataset:
        return f"Dataset function {source.dataset}"
    if source.dataset is not None:
        return f"{'Query of the dataset' if source.query is not None else 'Dataset'} “{source.dataset}”"
    return "Rows in the spec"


def _of(source: Source, at: str, document: Spec, chart: Chart, *, place: str) -> Rows:
    title = f"{named(source)} ({place.removesuffix('/data') or '/'})" if place else named(source)
    try:
        if source.url is not None:
            return _kept(source, at, chart, title)
        if source.dataset is not None and "." not in source.dataset and source.query is None:
            return _stored(source.dataset, chart, title)
        if source.named:
            return Rows(title, "It is read only when the chart is drawn, in the background, and its rows are not kept.")
        return _inline(load_source(source, at, zone=document.timezone), title)
    except SpecError as error:
        return Rows(title, f"It cannot be read: {error.problems[0].message}.")
    except (SourceAway, CellError):
        return Rows(title, "Its rows are not here any more.")


def _inline(table: SourceTable, title: str) -> Rows:
    columns = [_cells_of(table, name) for name in table.names]
    return Rows(title, names=table.names, total=len(table), read=lambda _: _batched(columns))


def _cells_of(table: SourceTable, name: str) -> list[Cell]:
    """Numbers as numbers; all else as its author wrote it."""
    try:
        column = table.column(name)
    except SpecError:
        column = None
    if column is not None and column.type == "number":
        return _cells(column)
    return [_as_written(cell) for cell in table.cells(name)]


def _as_written(cell: Any) -> Cell:
    return cell if cell is None or isinstance(cell, str) else json.dumps(cell, ensure_ascii=False, default=str)


def _stored(name: str, chart: Chart, title: str) -> Rows:
    dataset = Dataset.objects.filter(owner=chart.owner_id, name=name).select_related("current").first()
    version = dataset.current if dataset else None
    if version is None:
        return Rows(title, "There is no dataset of this name any more, or nothing of it could be read yet.")
    at = version.data_at or version.created_at
    return Rows(
        title,
        at=at,
        is_newer=_is_newer(at, chart),
        names=tuple(str(column["name"]) for column in version.columns),
        total=version.rows,
        read=lambda most: exports.batches(version, min(most, _BATCH)),
    )


def _kept(source: Source, at: str, chart: Chart, title: str) -> Rows:
    kept = urls.kept(source, at, chart.owner, most=MOST_BODY)
    if kept is None:
        return Rows(
            title, "It is fetched only when the chart is drawn. Its last answer is not kept, or too large to show."
        )
    supply, fetched_at = kept
    columns = [_cells(make()) for make in supply.columns.values()]
    return Rows(
        title,
        at=fetched_at,
        is_newer=_is_newer(fetched_at, chart),
        names=tuple(supply.columns),
        total=supply.length,
        read=lambda _: _batched(columns),
    )


def _drawn(document: Spec, chart: Chart, sources: Sequence[Rows]) -> Iterator[Rows]:
    """What the layers draw, where that is not just the rows of the spec."""
    if document.named_sources:
        return
    try:
        loaded = load(document, now=chart.rendered_at)
    except SpecError:  # no rows, which the picture says
        return
    as_they_are = not _transforms(document) and len(sources) == 1
    for panel in loaded.panels:
        for layer in panel.layers:
            if as_they_are and sources[0].total == len(layer.table):
                continue
            yield _layer(panel, layer)


def _transforms(document: Spec) -> bool:
    panels = document.panels_of()
    levels: list[Spec | Panel | Mark] = [document, *panels, *(mark for panel in panels for mark in panel.layers)]
    return any(level.transform for level in levels)


def _layer(panel: LoadedPanel, layer: Resolved) -> Rows:
    names: list[str] = []
    for channel in layer.table.columns:
        name = layer.titles.get(channel) or channel
        names.append(f"{name} ({channel})" if name in names else name)
    columns = [_cells(column) for column in layer.table.columns.values()]
    called = layer.mark.name or layer.mark.kind
    return Rows(
        f"As drawn: {called}" + (f", {panel.title}" if panel.title else ""),
        "After transforms, groups and order.",
        names=tuple(names),
        total=len(layer.table),
        read=lambda _: _batched(columns),
    )


def _cells(column: Column) -> list[Cell]:
    if column.type == "time":
        return exports.times(column.values, "" if column.clock else "Z")
    if column.type == "number":
        return [None if np.isnan(value) else float(value) for value in column.values]
    return list(column.values)


def _batched(columns: Sequence[Sequence[Cell]]) -> Batches:
    rows = zip(*columns, strict=True)
    while batch := list(islice(rows, _BATCH)):
        yield batch


def _is_newer(at: datetime, chart: Chart) -> bool:
    return chart.rendered_at is not None and at > chart.rendered_at
