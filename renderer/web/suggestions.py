"""Charts that fit a dataset: a few ready specs, from what its columns hold."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from renderer.models import Dataset

FEW = 12
"""Categories that can be told apart by colour, or stand beside each other as bars."""


class Suggestion(NamedTuple):
    """A chart that a dataset is good for."""

    key: str
    kind: str
    says: str
    document: dict[str, Any]


def suggestions(dataset: Dataset) -> list[Suggestion]:
    """What to draw of a dataset, the likeliest first. Nothing while it has no rows."""
    columns = dataset.current.columns if dataset.current else []
    return [
        Suggestion(f"{n}", kind, says, {"kind": kind, "title": says, "data": {"dataset": dataset.name}, **channels})
        for n, (kind, says, channels) in enumerate(_fitting(columns))
    ]


def _fitting(columns: list[dict[str, Any]]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    by_type: dict[str, list[str]] = {"time": [], "number": [], "category": []}
    for column in columns:
        by_type.setdefault(column["type"], []).append(column["name"])
    times, numbers = by_type["time"], by_type["number"]
    few = [column["name"] for column in columns if column["type"] == "category" and column["distinct"] <= FEW]
    color = {"color": few[0]} if few else {}
    if times and numbers:
        yield "line", f"{numbers[0]} over time", {"x": times[0], "y": _sum(numbers[0]), **color}
        yield "area", f"{numbers[0]} over time, added up", {"x": times[0], "y": _sum(numbers[0]), **color}
    if by_type["category"] and numbers:
        x = few[0] if few else by_type["category"][0]
        yield "bar", f"{numbers[0]} by {x}", {"x": x, "y": _sum(numbers[0])}
        yield "box", f"How {numbers[0]} is spread by {x}", {"x": x, "y": _plain(numbers[0])}
    if len(numbers) > 1:
        axes = {"x": _plain(numbers[0]), "y": _plain(numbers[1])}
        yield "scatter", f"{numbers[1]} against {numbers[0]}", axes | color
    if numbers:
        yield "histogram", f"How {numbers[0]} is distributed", {"x": _plain(numbers[0])}
    elif by_type["category"]:
        x = by_type["category"][0]
        yield "bar", f"Rows by {x}", {"x": x, "y": "count()"}


def _plain(name: str) -> dict[str, str]:
    """A column as it is called, whatever its name: "sum(x)" may be one."""
    return {"field": name}


def _sum(name: str) -> dict[str, str]:
    return {"field": name, "agg": "sum"}
