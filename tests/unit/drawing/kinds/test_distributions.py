"""Kinds that show how values are spread: whatever the table, no text overlaps text, nothing leaves the canvas."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from renderer.drawing.draw import Drawing
from renderer.spec.errors import SpecError

Spec = dict[str, Any]

_OPTIONS: dict[str, list[Spec]] = {
    "box": [
        {},
        {"labels": True, "notch": True},
        {"whiskers": "minmax", "mean": True, "labels": {"position": "inside"}},
    ],
    "violin": [{}, {"inner": "quartiles", "widths": "count"}, {"inner": "points", "trim": True, "widths": "area"}],
    "strip": [{}, {"center": "mean", "jitter": 1}],
    "swarm": [{}, {"center": "median"}, {"style": {"size": 14}}],
    "interval": [{"labels": True}, {"center": "median", "caps": True, "labels": True}, {"range": "minmax"}],
    "density": [{}, {"stack": "stacked"}, {"stack": "normalized"}, {"normalize": "count", "rug": True, "fill": False}],
    "ecdf": [{"quantiles": [0.1, 0.5, 0.9]}, {"complement": True, "stat": "count", "quantiles": [0.5]}],
    "ridge": [{"median": True, "overlap": 2}, {"heights": "own", "overlap": 0, "trim": True}],
}
_numbers = st.one_of(
    st.integers(-1000, 1000).map(float),
    st.floats(-1e4, 1e4, allow_nan=False),
    st.sampled_from([0.0, 1e-12, 1e12, -1e12, 1e150, -1e150, 3e299, 1e-300]),
)
_sizes = st.sampled_from([(800, 500), (320, 200), (1200, 400), (300, 700), (90, 60), (16, 16), (2000, 40)])


@st.composite
def _charts(draw: st.DrawFn, kind: str) -> Spec:
    rows = draw(st.integers(1, 12) | st.integers(1, 150))
    names = draw(st.sampled_from(["n", "a name that is long", "漢字"]))
    count = draw(st.integers(1, 40))
    columns: Spec = {
        "v": draw(st.lists(st.one_of(_numbers, st.none()), min_size=rows, max_size=rows)),
        "c": [f"{names} {index % count}" for index in range(rows)],
        "g": [f"group {index % 3}" for index in range(rows)],
    }
    width, height = draw(_sizes)
    chart: Spec = {"kind": kind, "data": {"columns": columns}, "image": {"width": width, "height": height}}
    chart |= draw(st.sampled_from(_OPTIONS[kind]))
    if kind in ("density", "ecdf"):
        chart["x"] = "v"
    else:
        chart |= {"x": "v", "y": "c"} if kind == "ridge" else {"x": "c", "y": "v"}
    if draw(st.booleans()):
        chart["color"] = draw(st.sampled_from(["g", "c"]))
    if draw(st.booleans()):
        chart["title"] = "A title that says it"
    axis = "x" if kind in ("density", "ecdf", "ridge") else "y"
    if draw(st.booleans()):
        chart["axes"] = {axis: {"scale": draw(st.sampled_from(["symlog", "linear"])), "reverse": draw(st.booleans())}}
    return chart


@pytest.mark.parametrize("kind", _OPTIONS)
def test_any_table_gives_a_tidy_picture(
    kind: str, draw_spec: Callable[..., Drawing], assert_tidy: Callable[[Drawing], None]
) -> None:
    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
    @given(spec=_charts(kind))
    def check(spec: Spec) -> None:
        try:
            drawing = draw_spec(spec)
        except SpecError:
            reject()  # a column of nothing but missing values
        assert_tidy(drawing)
        assert drawing.alt
        for item in drawing.scene.primitives:
            assert np.isfinite(item.box).all(), item.role

    check()
