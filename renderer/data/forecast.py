"""What the drawing of a chart will warn of, as far as its rows tell: the rest depends on how much room words find."""

from __future__ import annotations

from collections.abc import Iterator

from renderer.data.resolve import LoadedChart
from renderer.data.resolved import Resolved
from renderer.spec.limits import LIMITS, Limits
from renderer.spec.model import Chart

DISTINCT = 8
"""So many colours a reader can tell apart."""


def forecast(loaded: LoadedChart, limits: Limits = LIMITS) -> tuple[str, ...]:
    """Warnings of the data, and those that the drawing would add to them."""
    found = [*loaded.warnings]
    for panel in loaded.panels:
        for layer in panel.layers:
            found += _colors(layer, loaded.chart)
            found += _labels(layer, limits)
    return tuple(dict.fromkeys(found))


def colors_warning(count: int) -> str:
    """More colours than a reader can tell apart."""
    return f"{count} colours cannot be told apart; keep the largest with 'top' and 'other', or use facets"


def labels_warning(count: int, most: int) -> str:
    """More labels than a chart has."""
    return f"{count:,} value labels are more than the {most:,} of a chart: there are none."


def _colors(layer: Resolved, chart: Chart) -> Iterator[str]:
    own = len(chart.palette) if isinstance(chart.palette, tuple) else DISTINCT
    names = layer.orders.get("color", ())
    column = layer.table.columns.get("color")
    if column is not None and column.type == "category" and len(names) > min(DISTINCT, own):
        yield colors_warning(len(names))


def _labels(layer: Resolved, limits: Limits) -> Iterator[str]:
    count = len(layer.table)
    if getattr(layer.mark, "labels", None) is not None and layer.mark.kind in ("bar", "line", "polar_bar"):
        column = layer.table.columns.get("y")
        count -= int(column.missing.sum()) if column is not None else 0
        if count > limits.value_labels:
            yield labels_warning(count, limits.value_labels)
