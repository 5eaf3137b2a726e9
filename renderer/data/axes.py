"""Axes against columns: what no schema can see, because it depends on what the columns hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from renderer.data.resolved import Resolved
from renderer.spec.axis import Axes, Axis
from renderer.spec.errors import Problem, show
from renderer.spec.formats import DatePattern, DateStyle, parse_format
from renderer.spec.model import Panel


def axis_problems(axes: Axes, layers: Sequence[Resolved], at: str) -> Iterator[Problem]:
    """The options of axes that the columns on them cannot follow; `at` is the pointer of the axes."""
    for layer in layers:
        for name in ("x", "y"):
            channel = layer.mark.on_axes.get(name, name)
            if channel not in layer.table:
                continue
            if name == "y" and layer.mark.side == "right":
                yield from _problems(axes.right or Axis(), layer, channel, f"{at}/right")
            else:
                yield from _problems(getattr(axes, name), layer, channel, f"{at}/{name}")


def side_problems(panel: Panel, at: str) -> Iterator[Problem]:
    """What stands on a right axis that no layer has; `at` is the pointer of the panel."""
    if any(mark.side == "right" for mark in panel.layers):
        return
    remedy = 'no layer has the right axis: give one "y_axis": "right"'
    if panel.axes.right is not None:
        yield Problem(f"{at}/axes/right", remedy)
    for number, note in enumerate(panel.annotations):
        if note.y_axis == "right":
            yield Problem(f"{at}/annotations/{number}/y_axis", remedy)


def _problems(axis: Axis, layer: Resolved, name: str, at: str) -> Iterator[Problem]:
    column = layer.table[name]
    holds = {"number": "numbers", "time": "dates", "category": "categories"}[column.type]
    if axis.scale == "time" and column.type != "time":
        yield Problem(f"{at}/scale", f"a time scale needs dates, and {name} holds {holds}")
    if axis.scale in ("linear", "log", "symlog", "sqrt") and column.type != "number":
        yield Problem(f"{at}/scale", f"a {axis.scale} scale needs numbers, and {name} holds {holds}")
    if axis.scale == "category" and column.type != "category":
        remedy = f'write {{"field": {_quoted(column.name)}, "type": "category"}} for {name}'
        yield Problem(f"{at}/scale", f"a category scale needs categories, and {name} holds {holds}; {remedy}")
    if column.type == "number" and axis.scale in ("log", "sqrt"):
        yield from _range_problems(axis, layer, name, at)
    for option in ("min", "max"):
        value = getattr(axis, option)
        if value is None:
            continue
        if column.type == "category":
            yield Problem(f"{at}/{option}", f"categories have no {option}; {name} holds categories")
        elif isinstance(value, str) and column.type == "number":
            yield Problem(f"{at}/{option}", f"{show(value)} is a date, and {name} holds numbers")
        elif not isinstance(value, str) and column.type == "time":
            yield Problem(f"{at}/{option}", f"must be a date such as '2026-01-31', because {name} holds dates")
    if axis.format is not None and column.type != "category":
        is_date = isinstance(parse_format(axis.format), DateStyle | DatePattern)
        if is_date and column.type == "number":
            yield Problem(f"{at}/format", f"{show(axis.format)} is a format of dates, and {name} holds numbers")
        elif not is_date and column.type == "time" and axis.format != "auto":
            yield Problem(f"{at}/format", f"{show(axis.format)} is a format of numbers, and {name} holds dates")


def _range_problems(axis: Axis, layer: Resolved, name: str, at: str) -> Iterator[Problem]:
    values = layer.table[name].values
    bad = values <= 0 if axis.scale == "log" else values < 0
    if bad.any():
        worst = float(np.nanmin(values))
        needed = "positive values" if axis.scale == "log" else "values of zero and more"
        yield Problem(f"{at}/scale", f"a {axis.scale} scale needs {needed}, and {name} holds {worst:g}; try 'symlog'")


def _quoted(text: str) -> str:
    return f'"{text[:40]}"'
