"""Digest: a short name for all that a chart draws from its data. Equal digests are equal data, in any process."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import numpy as np

from renderer.data.resolve import LoadedChart, LoadedPanel
from renderer.data.resolved import Resolved
from renderer.data.table import Column, Table

_BETWEEN, _MISSING = "\x1f", "\x1e"
"""Control characters, which no text of a table holds."""


def digest(loaded: LoadedChart) -> str:
    """Hex digits over the tables as they are drawn, and over what was read from parameters. The document is not in it:
    it has a name of its own, the content key."""
    found = hashlib.sha256()
    for part in _parts(loaded):
        # Each with its length: "ab" and "c" are not "a" and "bc".
        found.update(len(part).to_bytes(8, "little"))
        found.update(part)
    return found.hexdigest()


def _parts(loaded: LoadedChart) -> Iterator[memoryview | bytes]:
    whole: set[int] = set()
    yield repr(loaded.notices).encode()
    for panel in loaded.panels:
        yield _said(panel)
        for layer in panel.layers:
            yield _described(layer)
            yield from _cells(layer.table)
            if layer.whole is not None and id(layer.whole) not in whole:  # one for all small multiples
                whole.add(id(layer.whole))
                yield from _cells(layer.whole)


def _said(panel: LoadedPanel) -> bytes:
    """The panel, and where its axes and annotations stand: parameters may be relative times."""
    place = (panel.pointer, panel.title, panel.row, panel.column, panel.facets)
    return repr((place, panel.panel.axes, panel.panel.annotations)).encode()


def _described(layer: Resolved) -> bytes:
    titles, orders, units = (sorted(found.items()) for found in (layer.titles, layer.orders, layer.units))
    rest = (sorted(layer.steps.items()), layer.warnings, sorted(layer.shared), layer.pointer, layer.quiet)
    return repr((titles, orders, units, rest)).encode()


def _cells(table: Table) -> Iterator[memoryview | bytes]:
    for name, column in table.columns.items():
        yield f"{name}{_BETWEEN}{column.name}{_BETWEEN}{column.type}".encode()
        yield _values(column)


def _values(column: Column) -> memoryview | bytes:
    if column.type != "category":
        return np.ascontiguousarray(column.values).view(np.uint8).data
    cells = column.values.tolist()
    try:
        text = _BETWEEN.join(cells)
    except TypeError:  # some are missing
        text = _BETWEEN.join(_MISSING if cell is None else cell for cell in cells)
    return text.encode("utf-8", "surrogatepass")
