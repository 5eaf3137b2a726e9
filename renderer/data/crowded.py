"""Crowded: more shapes than a panel can show, more names than a legend can hold, and parts that are no whole.

All of it is known as soon as there are rows, before anything is drawn: of rows that stand in the spec it is said before
anything is queued.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from renderer.data.resolved import Resolved
from renderer.spec.errors import Problem, pointer
from renderer.spec.limits import Limits
from renderer.spec.marks.pie import Slices


def crowded(layer: Resolved, limits: Limits) -> Iterator[Problem]:
    """What a layer has too much or too little of to be drawn."""
    count, shapes = len(layer.table), layer.mark.each_row
    if shapes is not None and count > limits.bars:
        noun, channel, remedy = shapes
        message = f"{count:,} {noun} are more than the {limits.bars:,} that a chart can show; {remedy}"
        yield Problem(layer.pointer + pointer(channel), message)
    yield from _legends(layer, limits)
    yield from _wholes(layer, limits)


def legend_message(count: int, most: int) -> str:
    """More categories than colours can be explained."""
    return f"{count:,} categories are more than the {most} that a legend can hold; use 'top' and 'other'"


def zero_message(parts: str, kind: str) -> str:
    """Parts of nothing."""
    return f"the {parts} of a {kind} add up to zero"


def parts_message(count: int, most: int, kind: str) -> str:
    """More parts than can be told apart."""
    remedy = "collect the smallest with 'group_below', or with 'top' and 'other'"
    return f"{count:,} slices are more than the {most} that a {kind} can show; {remedy}"


def _legends(layer: Resolved, limits: Limits) -> Iterator[Problem]:
    for channel in layer.mark.explained:
        column = layer.table.columns.get(channel)
        if column is None or column.type != "category":
            continue
        count = len(set(column.values[~column.missing].tolist()))
        if count > limits.legend_entries:
            yield Problem(layer.pointer + pointer(channel), legend_message(count, limits.legend_entries))


def _wholes(layer: Resolved, limits: Limits) -> Iterator[Problem]:
    mark, column = layer.mark, layer.table.columns.get("value")
    if not mark.parts or column is None or column.type != "number" or not len(column):
        return
    amounts = column.values[~column.missing]
    if (amounts < 0).any():
        return  # the drawing says which of them, and writes its amount as the chart writes numbers
    largest = float(amounts.max(initial=0.0))
    if not largest > 0:
        yield Problem(f"{layer.pointer}/value", zero_message(mark.parts, mark.kind))
    elif isinstance(mark, Slices):
        scaled = amounts / largest  # of huge amounts, the sum itself overflows
        count = int(np.count_nonzero((amounts > 0) & (scaled / scaled.sum() >= mark.group_below)))
        if count > limits.wedges:
            yield Problem(f"{layer.pointer}/label", parts_message(count, limits.wedges, mark.kind))
