"""Densities: areas that are one, shares that add up, names where the curves are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from renderer.drawing.draw import Drawing
from renderer.drawing.scene import Path, Segments, Text
from renderer.spec.errors import SpecError

Spec = dict[str, Any]
Draw = Callable[..., Drawing]
A = np.random.RandomState(4).normal(50, 4, 60).round(1).tolist()
B = np.random.RandomState(5).normal(70, 6, 240).round(1).tolist()


def _spec(**options: Any) -> Spec:
    columns = {"v": A + B, "c": ["a"] * 60 + ["b"] * 240}
    return {"kind": "density", "data": {"columns": columns}, "x": "v"} | options


def _paths(drawing: Drawing, role: str) -> list[Path]:
    return [item for item in drawing.scene.by_role(role) if isinstance(item, Path)]


def _areas(drawing: Drawing) -> list[float]:
    """The areas under the curves, in the units of the axes."""
    (grid,) = (item for item in drawing.scene.by_role("grid") if isinstance(item, Segments))
    assert grid.values is not None
    up = float(np.polyfit(grid.ends[:, 1], grid.values, 1)[0])
    ticks = [label for label in drawing.scene.texts if label.role == "tick-label-x"]
    centers = [(label.box.x0 + label.box.x1) / 2 for label in ticks]
    along = float(np.polyfit(centers, [float(label.text) for label in ticks], 1)[0])
    found = []
    for area in _paths(drawing, "area"):
        x, y = area.points[:, 0], area.points[:, 1]
        pixels = abs(float(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1)))) / 2
        found.append(abs(pixels * up * along))
    return found


@pytest.mark.parametrize(("normalize", "expected"), [("each", [1, 1]), ("all", [0.2, 0.8]), ("count", [60, 240])])
def test_areas_are_what_was_asked_for(normalize: str, expected: list[float], draw_spec: Draw) -> None:
    drawing = draw_spec(_spec(color="c", normalize=normalize))
    assert _areas(drawing) == pytest.approx(expected, rel=0.01)


def test_stacked_areas_add_up_to_one(draw_spec: Draw, assert_tidy: Callable[[Drawing], None]) -> None:
    drawing = draw_spec(_spec(color="c", stack="stacked"))
    assert_tidy(drawing)
    assert _areas(drawing) == pytest.approx([0.2, 0.8], rel=0.01)


def test_shares_fill_the_plot(draw_spec: Draw, assert_tidy: Callable[[Drawing], None]) -> None:
    drawing = draw_spec(_spec(color="c", stack="normalized"))
    assert_tidy(drawing)
    first, second = _paths(drawing, "area")
    assert first.values is not None
    assert second.values is not None
    assert first.values + second.values == pytest.approx(1.0)
    assert {label.text for label in drawing.scene.texts if label.role == "tick-label-y"} >= {"0%", "100%"}


def test_names_stand_at_the_peaks(draw_spec: Draw, assert_tidy: Callable[[Drawing], None]) -> None:
    drawing = draw_spec(_spec(color="c"))
    assert_tidy(drawing)
    names = [label for label in drawing.scene.texts if label.role == "series-label"]
    assert [name.text for name in names] == ["a", "b"]
    for name, curve in zip(names, _paths(drawing, "density"), strict=True):
        peak = curve.points[int(np.argmin(curve.points[:, 1]))]
        assert abs(sum(name.box[::2]) / 2 - peak[0]) < 60
        assert name.box.y1 < peak[1] + 60
        for other in _paths(drawing, "density"):
            inside = (other.points[:, 0] > name.box.x0) & (other.points[:, 0] < name.box.x1)
            assert (other.points[inside, 1] > name.box.y1).all()
    assert not list(drawing.scene.by_role("legend-label"))


def test_curves_that_lie_on_each_other_have_a_legend(draw_spec: Draw) -> None:
    columns = {"v": A * 8, "c": [f"a very long name {index % 8}" for index in range(480)]}
    drawing = draw_spec(_spec(data={"columns": columns}, color="c"))
    assert not list(drawing.scene.by_role("series-label"))
    assert len(list(drawing.scene.by_role("legend-label"))) == 8
    drawing = draw_spec(_spec(color={"field": "c", "legend": "right"}))
    assert len(list(drawing.scene.by_role("legend-label"))) == 2


def test_names_stand_in_their_bands(draw_spec: Draw) -> None:
    drawing = draw_spec(_spec(color="c", stack="stacked"))
    names = [item for item in drawing.scene.by_role("series-label") if isinstance(item, Text)]
    for name, area in zip(names, _paths(drawing, "area"), strict=True):
        assert name.box.inside(area.box)


def test_a_rug_has_a_line_for_each_value(draw_spec: Draw) -> None:
    (rug,) = draw_spec(_spec(rug=True, data={"columns": {"v": [1, 2, 2, 9]}})).scene.by_role("rug")
    assert isinstance(rug, Segments)
    assert len(rug.ends) == 3


def test_dates_have_densities_too(draw_spec: Draw, assert_tidy: Callable[[Drawing], None]) -> None:
    days = np.datetime_as_string(np.datetime64("2024-01-01") + np.arange(60) ** 2 // 20).tolist()
    drawing = draw_spec(_spec(data={"columns": {"v": days}}))
    assert_tidy(drawing)
    assert "2024" in drawing.alt


@pytest.mark.parametrize(
    "values", [[5.0], [0.0, 0.0], [-3.0, None, -4.0], [1e300, -1e300], [1e-300, 3e-300], [1, 1, 1, 1e9]]
)
@pytest.mark.parametrize("size", [(800, 500), (320, 200), (1200, 400)])
def test_hard_values(
    values: list[float | None], size: tuple[int, int], draw_spec: Draw, assert_tidy: Callable[[Drawing], None]
) -> None:
    drawing = draw_spec(_spec(data={"columns": {"v": values}}, image={"width": size[0], "height": size[1]}))
    assert_tidy(drawing)
    (curve,) = _paths(drawing, "density")
    assert np.isfinite(curve.points).all()


def test_what_cannot_be_is_refused(draw_spec: Draw) -> None:
    for options, pointer in (
        ({"x": "c"}, "/x"),
        ({"x": "mean(v)"}, "/x"),
        ({"normalize": "each", "stack": "stacked"}, "/normalize"),
        ({"adjust": 0}, "/adjust"),
    ):
        with pytest.raises(SpecError) as caught:
            draw_spec(_spec(**options))
        assert caught.value.problems[0].pointer == pointer


def test_the_alternative_text(draw_spec: Draw) -> None:
    alt = draw_spec(_spec(color="c")).alt
    assert alt.startswith("Density curves of 300 values of V, one for each of a and b. They range from ")
    assert "The peaks: a around 5" in alt
    assert "with a median of 6" in draw_spec(_spec()).alt
