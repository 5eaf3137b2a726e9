"""Specs to start a new chart from: small, complete, and each worth looking at."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple


class Starter(NamedTuple):
    """One example."""

    key: str
    label: str
    document: dict[str, Any]

    @property
    def text(self) -> str:
        """The spec as a person would write it: a line for each field, and for each row of data."""
        return written(self.document)


def written(value: Any, depth: int = 0) -> str:
    """JSON as a person would write it: short containers on one line, long ones with a line for each member."""
    flat = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, dict | list) or (len(flat) <= 88 and depth > 0) or not value:
        return flat
    pad, end = "  " * (depth + 1), "  " * depth
    if isinstance(value, dict):
        inner = [f"{json.dumps(key, ensure_ascii=False)}: {written(item, depth + 1)}" for key, item in value.items()]
        return "{\n" + ",\n".join(pad + item for item in inner) + f"\n{end}}}"
    if not any(isinstance(item, dict | list) for item in value):
        return "[\n" + textwrap.indent("\n".join(_filled(value)), pad) + f"\n{end}]"
    return "[\n" + ",\n".join(pad + written(item, depth + 1) for item in value) + f"\n{end}]"


def _filled(values: list[Any]) -> Iterator[str]:
    """A long list of numbers or names: as many on a line as it takes."""
    line = ""
    for at, item in enumerate(values):
        part = json.dumps(item, ensure_ascii=False) + ("," if at < len(values) - 1 else "")
        if line and len(line) + len(part) > 80:
            yield line
            line = part
        else:
            line = f"{line} {part}" if line else part
    yield line


STARTERS: tuple[Starter, ...] = (
    Starter(
        "bar",
        "Bars",
        {
            "kind": "bar",
            "title": "Revenue by quarter",
            "subtitle": "The United States overtook Europe in spring",
            "data": {
                "values": [
                    {"quarter": "Q1", "region": "Europe", "revenue": 182_000},
                    {"quarter": "Q1", "region": "United States", "revenue": 164_000},
                    {"quarter": "Q2", "region": "Europe", "revenue": 191_000},
                    {"quarter": "Q2", "region": "United States", "revenue": 213_000},
                    {"quarter": "Q3", "region": "Europe", "revenue": 187_000},
                    {"quarter": "Q3", "region": "United States", "revenue": 236_000},
                    {"quarter": "Q4", "region": "Europe", "revenue": 224_000},
                    {"quarter": "Q4", "region": "United States", "revenue": 258_000},
                ]
            },
            "x": "quarter",
            "y": "sum(revenue)",
            "color": "region",
            "stack": "grouped",
            "labels": True,
            "axes": {"y": {"format": "currency:EUR compact"}},
        },
    ),
    Starter(
        "line",
        "Lines",
        {
            "kind": "line",
            "title": "Visitors recovered by summer",
            "data": {
                "csv": "month,site,visitors\n2025-01-01,Docs,4200\n2025-02-01,Docs,4600\n2025-03-01,Docs,4500\n"
                "2025-04-01,Docs,5300\n2025-05-01,Docs,6100\n2025-06-01,Docs,6800\n2025-01-01,Blog,3900\n"
                "2025-02-01,Blog,2700\n2025-03-01,Blog,2500\n2025-04-01,Blog,3100\n2025-05-01,Blog,4000\n"
                "2025-06-01,Blog,4400\n"
            },
            "x": "month",
            "y": "visitors",
            "color": "site",
            "axes": {"y": {"format": "compact"}},
        },
    ),
    Starter(
        "scatter",
        "Points",
        {
            "kind": "scatter",
            "title": "Larger houses cost more, to a point",
            "data": {
                "rows": [
                    [54, 212, "flat"], [61, 230, "flat"], [72, 265, "flat"], [80, 270, "flat"], [95, 318, "flat"],
                    [102, 351, "house"], [118, 372, "house"], [126, 401, "house"], [139, 430, "house"],
                    [151, 441, "house"], [170, 452, "house"], [188, 455, "house"],
                ],
                "header": ["area", "price", "type"],
            },
            "x": {"field": "area", "title": "Area in m²"},
            "y": {"field": "price", "title": "Price in thousand €"},
            "color": "type",
        },
    ),
    Starter(
        "histogram",
        "Distribution",
        {
            "kind": "histogram",
            "title": "Most answers come within a second",
            "data": {
                "columns": {
                    "seconds": [
                        0.31, 0.35, 0.38, 0.42, 0.44, 0.47, 0.51, 0.52, 0.55, 0.56, 0.58, 0.61, 0.63, 0.64, 0.66,
                        0.68, 0.71, 0.74, 0.77, 0.79, 0.83, 0.86, 0.91, 0.96, 1.02, 1.11, 1.24, 1.38, 1.62, 2.1,
                    ]
                }
            },
            "x": {"field": "seconds", "title": "Time to answer in seconds"},
            "bins": 12,
        },
    ),
)  # fmt: skip


@cache
def kinds() -> dict[str, dict[str, Any]]:
    """A small chart of each kind, on real data. ``manage.py kinds`` chooses them and makes their pictures."""
    found: dict[str, dict[str, Any]] = json.loads((Path(__file__).parent / "kinds.json").read_text(encoding="utf-8"))
    return found


def starter(key: str) -> Starter:
    """The example with this key, which may be a kind; the first one if there is none."""
    if found := next((starter for starter in STARTERS if starter.key == key), None):
        return found
    document = kinds().get(key)
    return Starter(key, key, document) if document else STARTERS[0]
