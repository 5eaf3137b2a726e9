"""How fast charts are drawn: our scenes against pyplot and against Figure + savefig, in CPU time on one core.

Run ``python -m benchmarks.drawing [--repeat 15]`` from the root of the project. Each chart is 800 x 500 pixels, the
same data and words in all three. "warm" finds its labels in the cache, "cold" has labels that no process has seen.
Times depend on the machine; what is promised are the ratios. Reading the rows is not in it, for any of the three.
"""

from __future__ import annotations

import argparse
import gc
import io
import statistics
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from renderer.data.resolve import LoadedChart, load
from renderer.drawing import shaping
from renderer.drawing.draw import draw
from renderer.drawing.encode import Metadata, encode
from renderer.drawing.warm import warm
from renderer.spec import parse

MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
REGIONS = ["North", "South", "West"]
_random = np.random.default_rng(7)
LINES = [np.cumsum(_random.normal(size=100)) + 10 * index for index in range(3)]
BARS = _random.integers(10, 99, size=(3, 12))
POINTS = _random.normal(size=(2, 10_000))
LONG = np.cumsum(_random.normal(size=1_000_000))
SAMPLE = _random.normal(size=1000)
FEW = _random.normal(size=(2, 200))
HEAT = _random.random((50, 50))

Spec = dict[str, Any]
_IMAGE = {"width": 800, "height": 500, "scale": 1}


def _line_data() -> Spec:
    day = list(range(100)) * 3
    return {
        "columns": {
            "day": day,
            "revenue": np.concatenate(LINES).tolist(),
            "region": [r for r in REGIONS for _ in range(100)],
        }
    }


def _bar_data(months: list[str], rows: int) -> Spec:
    return {
        "columns": {
            "month": months * rows,
            "orders": BARS[:rows, : len(months)].ravel().tolist(),
            "region": [region for region in REGIONS[:rows] for _ in months],
        }
    }


SPECS: dict[str, Spec] = {
    "line": {
        "kind": "line", "title": "Revenue by region", "data": _line_data(), "x": "day", "y": "revenue",
        "color": "region",
    },
    "bar": {
        "kind": "bar", "title": "Orders per month", "data": _bar_data(MONTHS, 3), "x": "month", "y": "orders",
        "color": "region", "stack": "grouped", "labels": True,
    },
    "scatter": {
        "kind": "scatter", "title": "10,000 points",
        "data": {"columns": {"x": POINTS[0].tolist(), "y": POINTS[1].tolist(), "z": np.hypot(*POINTS).tolist()}},
        "x": "x", "y": "y", "color": "z",
    },
    "heatmap": {
        "kind": "heatmap", "title": "Heatmap 50 x 50", "x": "column", "y": "row", "color": "value", "labels": False,
        "data": {"columns": {
            "column": np.tile(np.arange(50), 50).tolist(), "row": np.repeat(np.arange(50), 50).tolist(),
            "value": HEAT.ravel().tolist(),
        }},
    },
    "long": {
        "kind": "line", "title": "A million points", "x": "x", "y": "y",
        "data": {"columns": {"x": list(range(len(LONG))), "y": LONG.tolist()}},
    },
}  # fmt: skip
PANELS: list[Spec] = [
    {"kind": "line", "data": {"columns": {"x": list(range(100)), "y": LINES[0].tolist()}}, "x": "x", "y": "y"},
    {"kind": "bar", "data": _bar_data(MONTHS[:6], 1), "x": "month", "y": "orders"},
    {"kind": "scatter", "data": {"columns": {"x": FEW[0].tolist(), "y": FEW[1].tolist()}}, "x": "x", "y": "y"},
    {"kind": "histogram", "data": {"columns": {"x": SAMPLE.tolist()}}, "x": "x", "bins": 30},
]


def _loaded(name: str) -> LoadedChart:
    if name == "panels":
        charts = [load(parse({**panel, "image": _IMAGE})) for panel in PANELS]
        return LoadedChart(charts[0].chart, tuple(panel for chart in charts for panel in chart.panels))
    return load(parse({**SPECS[name], "image": _IMAGE}))


# The same charts as most people would draw them -----------------------------------------------------------------------


def _plot_line(fig: Any) -> None:
    axes: Axes = fig.add_subplot()
    for name, values in zip(REGIONS, LINES, strict=True):
        axes.plot(np.arange(100), values, label=name)
    axes.set(title="Revenue by region", xlabel="Day", ylabel="Revenue")
    axes.grid(visible=True)
    axes.legend()


def _plot_bar(fig: Any) -> None:
    axes: Axes = fig.add_subplot()
    places = np.arange(12)
    for index, name in enumerate(REGIONS):
        axes.bar_label(axes.bar(places + (index - 1) * 0.27, BARS[index], 0.27, label=name), fontsize=7)
    axes.set_xticks(places, MONTHS)
    axes.set(title="Orders per month", ylabel="Orders")
    axes.legend()


def _plot_scatter(fig: Any) -> None:
    axes: Axes = fig.add_subplot()
    points = axes.scatter(POINTS[0], POINTS[1], c=np.hypot(*POINTS), s=9, alpha=0.8)
    fig.colorbar(points, ax=axes)
    axes.set(title="10,000 points", xlabel="x", ylabel="y")
    axes.grid(visible=True)


def _plot_heatmap(fig: Any) -> None:
    axes: Axes = fig.add_subplot()
    fig.colorbar(axes.imshow(HEAT, aspect="auto"), ax=axes, label="value")
    axes.set(title="Heatmap 50 x 50", xlabel="column", ylabel="row")


def _plot_long(fig: Any) -> None:
    axes: Axes = fig.add_subplot()
    axes.plot(np.arange(len(LONG)), LONG)
    axes.set(title="A million points")


def _plot_panels(fig: Any) -> None:
    grid = fig.subplots(2, 2)
    grid[0, 0].plot(np.arange(100), LINES[0])
    grid[0, 1].bar(MONTHS[:6], BARS[0][:6])
    grid[1, 0].scatter(*FEW, s=12)
    grid[1, 1].hist(SAMPLE, bins=30)
    fig.suptitle("Overview")


PLOTS: dict[str, Callable[[Any], None]] = {
    "line": _plot_line, "bar": _plot_bar, "heatmap": _plot_heatmap, "panels": _plot_panels, "scatter": _plot_scatter,
    "long": _plot_long,
}  # fmt: skip

COMMON = ("line", "bar", "heatmap", "panels")


def _naive(name: str) -> None:
    import matplotlib.pyplot as plt

    figure = plt.figure(figsize=(8, 5), dpi=100)
    PLOTS[name](figure)
    plt.savefig(io.BytesIO(), format="png")
    plt.close(figure)


def _bare(name: str) -> None:
    figure = Figure(figsize=(8, 5), dpi=100)
    PLOTS[name](figure)
    figure.savefig(io.BytesIO(), format="png")


# Measuring ------------------------------------------------------------------------------------------------------------


def _ours(loaded: LoadedChart) -> None:
    drawing = draw(loaded)
    encode(drawing, "png", scale=1, metadata=Metadata(drawing.title, drawing.alt, ""))


def _ours_cold(loaded: LoadedChart) -> None:
    shaping.forget()
    _ours(loaded)


def _interleaved(actions: Sequence[Callable[[], object]], repeat: int) -> list[float]:
    """The median CPU milliseconds of each action, run in turns: what else the machine does meets all."""
    times: list[list[float]] = [[] for _ in actions]
    for action in actions:
        action()
    for _ in range(repeat):
        for action, found in zip(actions, times, strict=True):
            gc.collect()  # nobody pays for what the one before left behind: an Axes is full of cycles
            start = time.process_time()
            action()
            found.append((time.process_time() - start) * 1000)
    return [statistics.median(found) for found in times]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeat", type=int, default=15)
    repeat = parser.parse_args().repeat
    mpl.use("agg")
    warm()
    gc.freeze()  # as workers do: collections pass over what is there for good
    print(f"CPU ms, median of {repeat}; how many times as much the others take\n")
    print(
        f"{'chart':<10}{'plt':>9}{'Figure':>9}{'warm':>9}{'cold':>9}{'plt/warm':>11}{'plt/cold':>10}{'Fig/warm':>10}{'Fig/cold':>10}"
    )
    ratios = []
    for name in PLOTS:
        runs = repeat if name != "long" else max(3, repeat // 4)
        loaded = _loaded(name)
        actions = (partial(_naive, name), partial(_bare, name), partial(_ours, loaded), partial(_ours_cold, loaded))
        times = _interleaved(actions, runs)
        found = [times[other] / times[ours] for other in (0, 1) for ours in (2, 3)]
        if name in COMMON:
            ratios.append(found)
        print(
            f"{name:<10}"
            + "".join(f"{t:9.1f}" for t in times)
            + f"{found[0]:>11.1f}"
            + "".join(f"{r:>10.1f}" for r in found[1:])
        )
    means = [statistics.geometric_mean(column) for column in zip(*ratios, strict=True)]
    print(
        f"{'mean':<46}{means[0]:>11.1f}"
        + "".join(f"{mean:>10.1f}" for mean in means[1:])
        + f"   of {', '.join(COMMON)}"
    )


if __name__ == "__main__":
    main()
