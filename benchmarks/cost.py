"""What drawing takes, by kind: the numbers behind the estimate of ``POST /api/v1/spec/check``, and how good it is.

Run ``python -m benchmarks.cost`` from the root of the project; with ``--table`` it prints what renderer/drawing/cost.py
holds. For each kind: CPU milliseconds of its examples with warm caches (read, lay out, paint, and write a PNG), and the
same with the rows of one of them repeated, from which follows what a mark takes.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from renderer.data.resolve import LoadedChart, load
from renderer.drawing.cost import PIXELS, ROW, estimate
from renderer.drawing.draw import draw
from renderer.drawing.encode import Metadata, encode
from renderer.drawing.warm import warm
from renderer.spec import SpecError, parse

SPECS = Path(__file__).parents[1] / "examples" / "specs"
TIMES = 30  # rows are repeated so often


def milliseconds(work: Callable[[], object], repeat: int = 3) -> float:
    """CPU time of the fastest of several runs, after one that fills the caches."""
    work()
    taken = []
    for _ in range(repeat):
        start = time.process_time()
        work()
        taken.append(time.process_time() - start)
    return min(taken) * 1e3


def whole(document: dict[str, Any]) -> tuple[LoadedChart, float]:
    """A chart, and what it takes from its rows to its bytes."""
    chart = parse(document)
    loaded = load(chart)

    def work() -> None:
        encode(draw(load(chart)), "png", scale=chart.image.scale, metadata=Metadata("", "", ""))

    return loaded, milliseconds(work)


def _along(count: int) -> dict[str, Any]:
    values = [float(10 + index * 7919 % 101) for index in range(count)]
    return {
        "columns": {
            "x": list(range(count)),
            "y": values,
            "low": [y - 2 for y in values],
            "high": [y + 2 for y in values],
        }
    }


def _pairs(count: int) -> dict[str, Any]:
    wide = round(count**0.5)
    return {
        "columns": {
            "x": [f"c{index % wide}" for index in range(wide * wide)],
            "y": [f"r{index // wide}" for index in range(wide * wide)],
            "z": [float(index * 7919 % 101) for index in range(wide * wide)],
        }
    }


MADE: dict[str, tuple[Callable[[int], dict[str, Any]], dict[str, Any], int, int]] = {
    "line": (_along, {"x": "x", "y": "y"}, 100, 100_000),
    "area": (_along, {"x": "x", "y": "y"}, 100, 100_000),
    "bar": (_along, {"x": "x", "y": "y"}, 20, 2000),
    "errorbar": (_along, {"x": "x", "low": "low", "high": "high"}, 20, 2000),
    "candlestick": (_along, {"x": "x", "open": "y", "close": "low", "low": "low", "high": "high"}, 20, 2000),
    "heatmap": (_pairs, {"x": "x", "y": "y", "color": "z"}, 100, 10_000),
}
"""Kinds that have one row for each place: few and many of them. The rows of the others' examples are repeated."""


def made(kind: str) -> float:
    """Microseconds for each mark of a kind of MADE."""
    data, channels, few, many = MADE[kind]
    (small, small_taken), (large, large_taken) = (
        whole({"kind": kind, "title": "Marks", "data": data(count), **channels}) for count in (few, many)
    )
    rows = ROW * (large.rows - small.rows) / 1e3
    return max(0.0, (large_taken - small_taken - rows) / (large.marks - small.marks) * 1e3)


def longer(document: dict[str, Any]) -> dict[str, Any] | None:
    """The document with many times its rows, where its data have columns."""
    columns = document.get("data", {}).get("columns")
    if not columns:
        return None
    return {**document, "data": {**document["data"], "columns": {name: part * TIMES for name, part in columns.items()}}}


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--table", action="store_true", help="print the table of renderer/drawing/cost.py")
    arguments = parser.parse_args()
    warm()
    layers: dict[str, list[float]] = defaultdict(list)
    marks: dict[str, list[float]] = defaultdict(list)
    errors, ratios = [], []
    for file in sorted(SPECS.glob("*.json")):
        document = json.loads(file.read_text(encoding="utf-8"))
        loaded, taken = whole(document)
        ratios.append(estimate(loaded).milliseconds / taken)
        errors.append((ratios[-1], file.stem, taken))
        if "kind" not in document or len(loaded.panels) > 1:
            continue
        fixed = PIXELS * np.prod(loaded.chart.image.pixels) / 1e6 + ROW * loaded.rows / 1e3
        slope = 0.0
        if document["kind"] in MADE and not marks[document["kind"]]:
            marks[document["kind"]].append(made(document["kind"]))
        if not marks[document["kind"]] and (more := longer(document)) is not None:
            try:
                long, long_taken = whole(more)
            except SpecError:
                long, long_taken = loaded, taken
            if long.marks > loaded.marks * 5:
                slope = (
                    max(0.0, (long_taken - taken - ROW * (long.rows - loaded.rows) / 1e3))
                    / (long.marks - loaded.marks)
                    * 1e3
                )
                marks[document["kind"]].append(slope)
        known = marks[document["kind"]][0] if marks[document["kind"]] else 0.0
        layers[document["kind"]].append(max(0.5, taken - fixed - known * loaded.marks / 1e3))
    if arguments.table:
        for kind, found in sorted(layers.items()):
            mark = marks[kind][0] if marks[kind] else 20.0
            print(f'    "{kind}": ({statistics.median(found):.1f}, {mark:.2g}),')
    within = sum(0.5 <= ratio <= 2.0 for ratio in ratios) / len(ratios)
    print(
        f"{len(ratios)} examples; estimate / measured: median {statistics.median(ratios):.2f}, "
        f"{within:.0%} within 0.5 to 2"
    )
    for ratio, name, taken in [*sorted(errors)[:3], *sorted(errors)[-3:]]:
        print(f"  {name}: {taken:.1f} ms, estimated {ratio * taken:.1f} ms")


if __name__ == "__main__":
    main()
