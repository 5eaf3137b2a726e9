"""Datasets as sources: the current version of an owner's table, or a SELECT over all of their tables."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from renderer.data.stored import sketch, stored
from renderer.data.supply import Supply, data_key
from renderer.models import Dataset, DatasetVersion
from renderer.sources.files import local_file
from renderer.spec.errors import SpecError, did_you_mean, listed, show, suggest

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from django.contrib.auth.models import User

    from renderer.data.table import Column
    from renderer.spec.model import Chart
    from renderer.spec.source import Source

_KNOWN = 200
"""Names that are looked through for the one that was meant."""
_NOT_READY = "has no rows yet: what was sent is still being read, or could not be read"


def is_dataset(source: Source) -> bool:
    """Whether a source names a dataset, and not a dataset function."""
    return source.dataset is not None and "." not in source.dataset


def supply(source: Source, at: str, owner: User | None) -> Supply:
    """The rows of a source. Raises SpecError where there is no such dataset, or the query is wrong; SourceAway."""
    if source.query is None:
        [version] = _versions(owner, [source.dataset or ""], f"{at}/dataset").values()
        path, as_of = local_file(version.file), _as_of([version])
        return stored(path, version.columns, rows=version.rows, version=version.sha256, as_of=as_of)
    from renderer.data.selects import select

    read = _versions(owner, _tables(owner, source, at), f"{at}/query")
    files = {name: local_file(version.file) for name, version in read.items()}
    columns = select(source.query, files, f"{at}/query")
    return Supply(
        columns={name: _already(column) for name, column in columns.items()},
        length=len(next(iter(columns.values()), ())),
        version=_version_of(read),
        as_of=_as_of(list(read.values())),
    )


def outline(source: Source, at: str, owner: User | None) -> Supply:
    """What is known of a source without reading its rows: one row, an example. Raises SpecError as `supply`."""
    if source.query is None:
        [version] = _versions(owner, [source.dataset or ""], f"{at}/dataset").values()
        return sketch(version.columns, as_of=_as_of([version]))
    from renderer.data import selects
    from renderer.data.stored import stand_in

    read = _versions(owner, _tables(owner, source, at), f"{at}/query")
    try:
        outcomes = selects.outline(source.query, {name: version.columns for name, version in read.items()})
    except selects.SelectError as error:
        raise SpecError.at(f"{at}/query", str(error)) from None
    columns = {outcome.name: _already(stand_in(outcome.name, outcome.type)) for outcome in outcomes}
    return Supply(columns=columns, length=1, version="", as_of=_as_of(list(read.values())))


def datasets_of(chart: Chart | None) -> set[str]:
    """The names of the datasets that a chart reads."""
    names: set[str] = set()
    for source in chart.named_sources if chart is not None else ():
        if is_dataset(source):
            names |= {source.dataset or "", *(_parsed(source.query) if source.query is not None else ())}
    return names


def data_key_now(chart: Chart | None, owner: User | None) -> str:
    """The data key that a chart's picture would have if it were drawn now; "" where only drawing tells."""
    if chart is None or not chart.named_sources or chart.reads_clock:
        return ""
    if not all(is_dataset(source) for source in chart.named_sources):
        return ""
    versions: dict[str, str] = {}
    try:
        for at, source in chart.located_sources.items():
            if source.query is None:
                [version] = _versions(owner, [source.dataset or ""], at).values()
                versions[at] = version.sha256
            else:
                versions[at] = _version_of(_versions(owner, _tables(owner, source, at), at))
    except SpecError:
        return ""
    return data_key(versions)


def _versions(owner: User | None, names: Sequence[str], at: str) -> dict[str, DatasetVersion]:
    """The current versions of an owner's datasets. Raises SpecError at the first that is not there."""
    rows = Dataset.objects.filter(owner=owner, name__in=names) if owner is not None else Dataset.objects.none()
    found = {row.name: row for row in rows.select_related("current")}
    versions: dict[str, DatasetVersion] = {}
    for name in names:
        if name not in found:
            known = Dataset.objects.filter(owner=owner).values_list("name", flat=True)[:_KNOWN] if owner else ()
            hint = did_you_mean(suggest(name, known)) or (f"; there are {listed(known)}" if known else "")
            raise SpecError.at(at, f"no dataset {show(name)} of yours{hint}")
        version = found[name].current
        if version is None:
            raise SpecError.at(at, f"the dataset {show(name)} {_NOT_READY}")
        versions[name] = version
    return versions


def _as_of(versions: Sequence[DatasetVersion]) -> datetime:
    """Since when all of them are as they are."""
    return max(version.data_at or version.created_at for version in versions)


def _tables(owner: User | None, source: Source, at: str) -> Sequence[str]:
    from renderer.data.selects import SelectError, tables_of

    try:
        names = tables_of(source.query or "")
    except SelectError as error:
        raise SpecError.at(f"{at}/query", str(error)) from None
    # The dataset that the source names counts in any case, whether or not the query reads it.
    return tuple(dict.fromkeys([source.dataset or "", *names]))


def _parsed(query: str) -> Sequence[str]:
    from renderer.data.selects import SelectError, tables_of

    try:
        return tables_of(query)
    except SelectError:
        return ()


def _version_of(read: dict[str, DatasetVersion]) -> str:
    listed = "\n".join(f"{name} {version.sha256}" for name, version in sorted(read.items()))
    return hashlib.sha256(listed.encode()).hexdigest()


def _already(column: Column) -> Callable[[], Column]:
    return lambda: column
