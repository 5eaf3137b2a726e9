"""Histograms: round bins that hold every value, shares that add up, curves with the right area."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from renderer.drawing.density import round_edges, smooth_density
from renderer.drawing.draw import Drawing
from renderer.drawing.scene import Path, Rects

Spec = dict[str, Any]
SAMPLE = np.random.default_rng(11).normal(50, 10, size=2000)


def _spec(values: list[float], **options: Any) -> Spec:
    columns: Spec = {"v": values}
    if "color" in options:
        columns["c"] = [("a", "b")[index % 2] for index in range(len(values))]
    return {"kind": "histogram", "data": {"columns": columns}, "x": "v", **options}


def _bars(drawing: Drawing) -> list[Rects]:
    return [item for item in drawing.scene.by_role("bar") if isinstance(item, Rects)]


def test_every_value_is_counted_once(draw_spec: Callable[..., Drawing]) -> None:
    (bars,) = _bars(draw_spec(_spec(SAMPLE.tolist())))
    assert bars.values is not None
    assert bars.values.sum() == len(SAMPLE)
    heights = bars.boxes[:, 3] - bars.boxes[:, 1]
    assert np.allclose(heights / heights.max(), bars.values / bars.values.max())


@pytest.mark.parametrize(("stat", "total"), [("percent", 1.0), ("probability", 1.0), ("count", 2000)])
def test_shares_add_up(stat: str, total: float, draw_spec: Callable[..., Drawing]) -> None:
    for stack in ("stacked", "overlay"):
        bars = _bars(draw_spec(_spec(SAMPLE.tolist(), stat=stat, stack=stack, color="c")))
        sums = [float(item.values.sum()) for item in bars if item.values is not None]
        expected = [total / 2] * 2 if stack == "stacked" or stat == "count" else [total] * 2
        assert sums == pytest.approx(expected)


def test_a_density_has_the_area_one(draw_spec: Callable[..., Drawing]) -> None:
    (bars,) = _bars(draw_spec(_spec(SAMPLE.tolist(), stat="density", bins=20)))
    edges = round_edges(SAMPLE, 20)
    assert bars.values is not None
    assert float(bars.values.sum() * (edges[1] - edges[0])) == pytest.approx(1.0)


def test_cumulative_bars_rise_to_the_whole(draw_spec: Callable[..., Drawing]) -> None:
    (bars,) = _bars(draw_spec(_spec(SAMPLE.tolist(), cumulative=True)))
    assert bars.values is not None
    assert (np.diff(bars.values) >= 0).all()
    assert bars.values[-1] == len(SAMPLE)


def test_steps_are_outlines(draw_spec: Callable[..., Drawing]) -> None:
    drawing = draw_spec(_spec(SAMPLE.tolist(), stack="step", color="c"))
    outlines = [item for item in drawing.scene.by_role("bar") if isinstance(item, Path)]
    assert len(outlines) == 2
    assert all(item.fill is None for item in outlines)


@pytest.mark.parametrize("stat", ["count", "percent", "density", "probability"])
def test_the_curve_follows_the_bars(stat: str, draw_spec: Callable[..., Drawing]) -> None:
    drawing = draw_spec(_spec(SAMPLE.tolist(), density=True, stat=stat))
    (curve,) = drawing.scene.by_role("density")
    (bars,) = _bars(drawing)
    assert isinstance(curve, Path)
    assert abs(float(curve.points[:, 1].min()) - float(bars.boxes[:, 1].min())) < 0.2 * bars.box.height


@settings(max_examples=150, deadline=None)
@given(
    values=st.lists(st.floats(-1e300, 1e300) | st.integers(0, 9).map(float), min_size=1, max_size=60),
    wanted=st.none() | st.integers(1, 500),
)
def test_bins_hold_all_values_and_are_few(values: list[float], wanted: int | None) -> None:
    array = np.array(values)
    edges = round_edges(array, wanted)
    assert (np.diff(edges) > 0).all()
    assert len(edges) - 1 <= (wanted or 100)
    assert edges[0] <= array.min()
    assert array.max() <= edges[-1]
    assert np.histogram(array, bins=edges)[0].sum() == len(values)


def test_whole_numbers_have_bins_of_their_own() -> None:
    assert round_edges(np.array([1.0, 2, 2, 3, 5]), None).tolist() == [0.5, 1.5, 2.5, 3.5, 4.5, 5.5]


def test_one_outlier_makes_no_million_of_bins() -> None:
    values = np.append(np.random.default_rng(0).normal(size=1000), 1e15)
    assert len(round_edges(values, None)) <= 101


def test_a_curve_has_the_area_one_whatever_the_number() -> None:
    for count in (50, 50_000):
        values = np.random.default_rng(2).normal(size=count)
        x, density = smooth_density(values, -8, 8)
        assert float(np.trapezoid(density, x)) == pytest.approx(1.0, abs=0.01)
    assert float(smooth_density(np.full(5, 2.0), 0, 4)[1].max()) == 0.0


def test_the_alternative_text_has_the_middle_and_the_peak(draw_spec: Callable[..., Drawing]) -> None:
    alt = draw_spec(_spec([1.0, 2, 2, 3], title="Grades")).alt
    assert "Histogram of 4 values of V. They range from 1 to 3 with a median of 2" in alt
