"""A reduced line covers the same pixels as the whole one."""

from __future__ import annotations

import numpy as np

from renderer.drawing import paint
from renderer.drawing.decimate import thin_line
from renderer.drawing.scene import Floats, Path, Scene, Stroke


def _picture(x: Floats, y: Floats) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    line = Path(role="line", points=np.column_stack([x, y]), stroke=Stroke((0.0, 0.0, 0.0, 1.0), 1.5))
    return paint.raster(Scene(400, 200, (1.0, 1.0, 1.0, 1.0), (line,)), 2.0)


def test_a_walk_of_many_points_looks_the_same() -> None:
    walk = np.cumsum(np.random.default_rng(5).normal(size=100_000))
    y = 10 + 180 * (walk - walk.min()) / np.ptp(walk)
    x = np.linspace(10, 390, len(y))
    rows = thin_line(x, y)
    assert len(rows) < 4 * 800
    whole, thin = _picture(x, y), _picture(x[rows], y[rows])
    assert (np.abs(whole.astype(int) - thin).max(axis=2) > 64).mean() < 0.01


def test_extremes_and_ends_are_kept() -> None:
    y = np.random.default_rng(1).normal(size=50_000)
    x = np.linspace(0, 100, len(y))
    rows = thin_line(x, y)
    assert {0, len(y) - 1, int(y.argmin()), int(y.argmax())} <= set(rows.tolist())
    assert (np.diff(rows) > 0).all()


def test_few_points_stay_all() -> None:
    x = np.linspace(0, 100, 50)
    assert thin_line(x, x).tolist() == list(range(50))


def test_a_gap_stays_a_gap() -> None:
    y = np.sin(np.linspace(0, 60, 20_000))
    y[9_000:9_500] = np.nan
    x = np.linspace(0, 100, len(y))
    kept = y[thin_line(x, y)]
    missing = np.flatnonzero(np.isnan(kept))
    assert len(missing) > 0
    assert (np.diff(missing) == 1).all()


def test_a_line_may_run_to_the_left() -> None:
    y = np.random.default_rng(2).normal(size=10_000)
    x = np.linspace(100, 0, len(y))
    assert len(thin_line(x, y)) < 1000
