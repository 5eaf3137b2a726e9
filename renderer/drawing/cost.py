"""What drawing a chart takes, estimated before it is drawn, from what was measured of each kind.

CPU time of a worker with warm caches is about: so much for each layer of its kind, so much for each of its marks, so
much for each row that is read, and so much for each pixel of the file. ``python -m benchmarks.cost --table`` measures
these numbers anew and says how good the estimate is. The first chart of a fresh process, and letters that it has never
written, take several times as long; vector files take longer the more marks there are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from renderer.data.resolve import LoadedChart

PIXELS: Final = 3.0
"""Milliseconds for a million pixels: to fill them, and to write them as PNG."""
ROW: Final = 0.5
"""Microseconds for a row that is read, with a few columns."""
KINDS: Final[dict[str, tuple[float, float]]] = {
    "area": (9.2, 2.5),
    "band": (7.5, 0.59),
    "bar": (4.6, 36),
    "box": (6.2, 0),
    "bullet": (5.2, 20.0),
    "bump": (13.1, 20.0),
    "calendar": (12.9, 20.0),
    "candlestick": (5.9, 1.8),
    "choropleth": (46.2, 20.0),
    "contour": (40.9, 3.7),
    "correlation": (6.8, 0.03),
    "density": (8.2, 0),
    "donut": (4.5, 20.0),
    "dumbbell": (6.6, 20.0),
    "ecdf": (4.2, 0),
    "errorbar": (5.1, 2.3),
    "funnel": (3.3, 20.0),
    "gantt": (8.0, 20.0),
    "gauge": (3.4, 0.85),
    "heatmap": (15.8, 21),
    "hexbin": (10.5, 0),
    "histogram": (7.1, 0),
    "histogram2d": (7.0, 0),
    "interval": (8.1, 0),
    "kpi": (3.8, 0.31),
    "line": (9.9, 1),
    "pie": (6.0, 20.0),
    "point_map": (32.4, 31),
    "polar_bar": (26.3, 20.0),
    "progress": (6.2, 20.0),
    "radar": (19.1, 20.0),
    "ridge": (12.6, 0),
    "sankey": (17.3, 20.0),
    "scatter": (10.2, 1.3),
    "slope": (9.6, 20.0),
    "sparkline": (8.9, 0.38),
    "state_timeline": (8.0, 20.0),
    "strip": (11.4, 1.2),
    "swarm": (13.4, 0),
    "table": (8.3, 0.074),
    "timeline": (14.2, 20.0),
    "treemap": (14.0, 20.0),
    "violin": (10.5, 0.59),
    "waffle": (4.8, 20.0),
    "waterfall": (9.9, 20.0),
    "wordcloud": (50.0, 20.0),
}
"""Milliseconds for a layer of each kind with its axes and words, and microseconds for each of its marks."""
_MULTIPLE: Final = 0.4
_USUAL: Final = (8.0, 20.0)


@dataclass(frozen=True, slots=True)
class Cost:
    """What drawing takes, about."""

    rows: int
    marks: int
    milliseconds: float


def estimate(loaded: LoadedChart) -> Cost:
    """The cost of a chart whose data are in hand."""
    width, height = loaded.chart.image.pixels
    taken = PIXELS * width * height / 1e6 + ROW * loaded.rows / 1e3
    for panel in loaded.panels:
        for layer in panel.layers:
            of_layer, of_mark = KINDS.get(layer.mark.kind, _USUAL)
            # Small multiples share their axes, and are small.
            taken += (of_layer if panel.facets is None else of_layer * _MULTIPLE) + of_mark * len(layer.table) / 1e3
    return Cost(loaded.rows, loaded.marks, round(taken, 1))
