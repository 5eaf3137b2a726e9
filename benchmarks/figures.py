"""A figure that costs time and no arithmetic, so that more workers than cores can be measured."""

from __future__ import annotations

import time

from matplotlib.figure import Figure

from renderer import figure

SECONDS = 0.5


@figure("bench.sleeps")
def sleeps(fig: Figure, *, number: int) -> dict[str, object]:
    """Waits, and returns the smallest chart."""
    time.sleep(SECONDS)
    columns = {"x": ["a", "b"], "y": [number, 2]}
    return {"kind": "bar", "data": {"columns": columns}, "x": "x", "y": "y", "image": {"width": 200, "height": 120}}
