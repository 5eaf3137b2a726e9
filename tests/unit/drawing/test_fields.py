"""Densities against scipy's, surfaces on grids and between points, and their contours."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from renderer.drawing.fields import Field, FieldError, density_of, surface_of
from renderer.drawing.scene import Floats

RANDOM = np.random.default_rng(5)

# scipy 1.17.1: gaussian_kde of bill length and depth of the 342 penguins that were weighed, at (length, depth).
SCIPY = {
    (39.0, 18.5): 0.014577615168524157,
    (50.0, 15.0): 0.00966607691969938,
    (45.0, 17.0): 0.0064834519150249875,
    (35.0, 15.0): 0.0006104516650650131,
}
SCIPY_AT_HALF_THE_WIDTH = 0.017914668905033224  # at (39, 18.5), with bw_method=factor * 0.5


@pytest.fixture(scope="module")
def bills() -> tuple[Floats, Floats]:
    path = Path(__file__).parents[3] / "examples" / "data" / "penguins.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["body_mass_g"] != "NA"]
    lengths = np.array([float(row["bill_length_mm"]) for row in rows])
    return lengths, np.array([float(row["bill_depth_mm"]) for row in rows])


def _at(field: Field, x: float, y: float) -> float:
    rows = [float(np.interp(x, field.x, row)) for row in field.z]
    return float(np.interp(y, field.y, rows))


def test_densities_are_scipys(bills: tuple[Floats, Floats]) -> None:
    field = density_of(*bills)
    for (x, y), expected in SCIPY.items():
        assert _at(field, x, y) == pytest.approx(expected, rel=0.005)
    assert _at(density_of(*bills, 0.5), 39.0, 18.5) == pytest.approx(SCIPY_AT_HALF_THE_WIDTH, rel=0.005)


def test_a_density_holds_all_of_its_points(bills: tuple[Floats, Floats]) -> None:
    field = density_of(*bills)
    whole = field.z.sum() * (field.x[1] - field.x[0]) * (field.y[1] - field.y[0])
    assert whole == pytest.approx(1.0, abs=1e-4)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_region_holds_its_share(share: float) -> None:
    # Of a round normal distribution the densest share lies within sqrt(-2 log(1 - share)).
    field = Field(grid := np.linspace(-5, 5, 401), grid, np.exp(-(grid[:, None] ** 2 + grid[None, :] ** 2) / 2))
    outline = field.above(field.level_of(share))
    assert np.hypot(*outline.T) == pytest.approx(np.sqrt(-2 * np.log(1 - share)), rel=0.02)


def test_holes_are_rings_of_their_own() -> None:
    grid = np.linspace(-1, 1, 101)
    ring = Field(grid, grid, -np.abs(np.hypot(grid[:, None], grid[None, :]) - 0.6))
    outline = ring.above(-0.1)
    assert np.isnan(outline).any(axis=1).sum() == 1
    assert len(ring.lines(-0.1)) == 2


@pytest.mark.parametrize("scale", [1e-200, 1.0, 1e200])
def test_any_magnitude_has_a_density(scale: float) -> None:
    x, y = RANDOM.normal(size=(2, 50)) * scale
    field = density_of(x, y)
    outline = field.above(field.level_of(0.5))
    assert len(outline) > 10
    assert np.nanmax(np.abs(outline)) < 5 * scale


@pytest.mark.parametrize("points", [([1, 2], [3, 5]), ([1, 1, 1], [1, 2, 3]), ([1, 2, 3, 4], [2, 4, 6, 8])])
def test_points_on_one_line_have_none(points: tuple[list[float], list[float]]) -> None:
    with pytest.raises(FieldError, match="one line"):
        density_of(np.array(points[0], dtype=float), np.array(points[1], dtype=float))


def test_a_grid_is_taken_as_it_is() -> None:
    x, y = np.meshgrid([0.0, 1.0, 5.0], [10.0, 20.0])
    field = surface_of(x.ravel()[::-1], y.ravel()[::-1], (x + y).ravel()[::-1])
    assert field.x.tolist() == [0, 1, 5]
    assert field.z.tolist() == [[10, 11, 15], [20, 21, 25]]
    # Contours know of the uneven columns: x + y is 14 along a straight line in each of them.
    (line,) = field.lines(14.0)
    assert line.sum(axis=1) == pytest.approx(14.0)


def test_points_anywhere_are_interpolated() -> None:
    x, y = RANDOM.uniform(-1, 1, size=(2, 300))
    field = surface_of(x, y, 2 * x - y)
    known = np.isfinite(field.z)
    assert known.mean() > 0.8
    expected = 2 * field.x[None, :] - field.y[:, None]
    assert field.z[known] == pytest.approx(expected[known], abs=1e-6)


@pytest.mark.parametrize(
    ("x", "y", "what"),
    [
        ([1, 2, 3], [1, 1, 1], "one line"),
        ([1, 2, 3], [1, 2, 3], "one line"),
        ([1, 1, 2, 2, 1], [1, 2, 1, 2, 1], "share x and y"),
    ],
)
def test_what_is_no_surface(x: list[float], y: list[float], what: str) -> None:
    with pytest.raises(FieldError, match=what):
        surface_of(np.array(x, dtype=float), np.array(y, dtype=float), np.arange(len(x), dtype=float))
