"""What joins points: trends with their bands, paths, and words beside them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from renderer.drawing.draw import Drawing
from renderer.drawing.scene import Markers, Path
from renderer.spec.errors import SpecError

Spec = dict[str, Any]
Draw = Callable[..., Drawing]


def _scatter(count: int = 40, **more: Any) -> Spec:
    x = np.arange(count, dtype=float)
    columns = {
        "x": x.tolist(),
        "y": (2 * x + 10 * np.sin(x)).tolist(),
        "kind": [("a", "b")[index % 2] for index in range(count)],
        "name": [f"point {index}" for index in range(count)],
    }
    return {"kind": "scatter", "data": {"columns": columns}, "x": "x", "y": "y"} | more


def _paths(drawing: Drawing, role: str) -> dict[str, Path]:
    return {item.name: item for item in drawing.scene.by_role(role) if isinstance(item, Path)}


def test_a_trend_is_a_line_with_a_band(draw_spec: Draw) -> None:
    drawing = draw_spec(_scatter(trend="linear"))
    line, band = _paths(drawing, "trend")[""], _paths(drawing, "trend-band")[""]
    x = np.arange(40.0)
    slope, start = np.polyfit(x, 2 * x + 10 * np.sin(x), 1)
    assert line.values is not None
    assert line.values[[0, -1]] == pytest.approx([start, start + 39 * slope])
    assert band.box.y0 < line.box.y0 < line.box.y1 < band.box.y1
    roles = [item.role for item in drawing.scene.primitives]
    assert roles.index("trend-band") < roles.index("point") < roles.index("trend")
    assert "The linear trend rises" in drawing.alt
    assert "R²" in drawing.alt


def test_each_colour_has_its_trend(draw_spec: Draw) -> None:
    drawing = draw_spec(_scatter(trend="linear", color="kind"))
    lines = _paths(drawing, "trend")
    assert lines.keys() == {"a", "b"}
    assert lines["a"].stroke is not None
    assert lines["b"].stroke is not None
    assert lines["a"].stroke.color != lines["b"].stroke.color
    together = draw_spec(_scatter(trend={"method": "linear", "together": True}, color="kind"))
    assert _paths(together, "trend").keys() == {""}
    ramp = draw_spec(_scatter(trend="linear", color="y"))
    assert _paths(ramp, "trend").keys() == {""}


@pytest.mark.parametrize("method", ["linear", "poly2", "poly3", "log", "loess"])
@pytest.mark.parametrize("scales", [{}, {"x": {"scale": "symlog"}, "y": {"scale": "symlog"}}])
def test_all_methods_are_tidy(
    method: str, scales: Spec, draw_spec: Draw, assert_tidy: Callable[[Drawing], None]
) -> None:
    for count in (1, 2, 3, 4, 40):
        drawing = draw_spec(_scatter(count, trend=method, axes=scales))
        assert_tidy(drawing)
        if count == 1:
            assert any("Too few points" in warning for warning in drawing.warnings)
        for line in _paths(drawing, "trend").values():
            assert np.isfinite(line.points).all()


def test_a_trend_may_have_no_band_and_another_confidence(draw_spec: Draw) -> None:
    assert not _paths(draw_spec(_scatter(trend={"band": False})), "trend-band")
    wide = _paths(draw_spec(_scatter(trend={"confidence": 0.99})), "trend-band")[""].values
    narrow = _paths(draw_spec(_scatter(trend={"confidence": 0.5})), "trend-band")[""].values
    assert wide is not None
    assert narrow is not None
    assert np.ptp(wide) > np.ptp(narrow)


def test_dates_have_trends_too(draw_spec: Draw) -> None:
    spec = _scatter(trend="poly2")
    days = np.arange("2024-01-01", "2024-02-10", dtype="datetime64[D]")
    spec["data"]["columns"]["x"] = [str(day) for day in days]
    (line,) = _paths(draw_spec(spec), "trend").values()
    assert np.isfinite(line.points).all()


@pytest.mark.parametrize(
    ("change", "pointer", "message"),
    [
        ({"trend": "linar"}, "/trend", "did you mean 'linear'"),
        ({"trend": 3}, "/trend", "must be a method"),
        ({"trend": {"methods": "loess"}}, "/trend/methods", "did you mean 'method'"),
        ({"trend": {"span": 3}}, "/trend/span", "from 0.1 to 1"),
        ({"trend": "linear", "x": "name"}, "/trend", "x holds categories"),
    ],
)
def test_trends_that_cannot_be(change: Spec, pointer: str, message: str, draw_spec: Draw) -> None:
    with pytest.raises(SpecError, match=message) as caught:
        draw_spec(_scatter(**change))
    assert caught.value.problems[0].pointer == pointer


def test_points_are_joined_in_the_order_of_a_column(draw_spec: Draw) -> None:
    columns = {"x": [1, 5, 3], "y": [1, 2, 3], "when": [2, 3, 1]}
    spec = {"kind": "scatter", "data": {"columns": columns}, "x": "x", "y": "y", "connect": "when"}
    drawing = draw_spec(spec)
    path = _paths(drawing, "path")[""]
    assert path.values is not None
    assert path.values.tolist() == [3, 1, 2]
    (points,) = (item for item in drawing.scene.by_role("point") if isinstance(item, Markers))
    assert np.allclose(path.points, points.points[[2, 0, 1]])
    words = {item.text for item in drawing.scene.texts if item.role == "point-label"}
    assert words == {"1", "2", "3"}


def test_words_stand_beside_their_points(draw_spec: Draw, assert_tidy: Callable[[Drawing], None]) -> None:
    drawing = draw_spec(_scatter(label="name"))
    assert_tidy(drawing)
    (points,) = (item for item in drawing.scene.by_role("point") if isinstance(item, Markers))
    labels = {item.text: item.box for item in drawing.scene.texts if item.role == "point-label"}
    assert len(labels) > 20
    for name, box in labels.items():
        x, y = points.points[int(name.split()[1])]
        away = max(box.x0 - x, x - box.x1, box.y0 - y, y - box.y1)
        assert 0 < away < 12
    crowded = draw_spec(_scatter(400, label="name"))
    assert_tidy(crowded)
    assert any("no room for their label" in warning for warning in crowded.warnings)


@pytest.mark.parametrize("size", [(320, 200), (1200, 400), (90, 60), (16, 16)])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_all_sizes_are_tidy(
    size: tuple[int, int], theme: str, draw_spec: Draw, assert_tidy: Callable[[Drawing], None]
) -> None:
    image = {"width": size[0], "height": size[1]}
    spec = _scatter(60, label="name", connect="x", trend="loess", color="kind", title="Points", image=image)
    assert_tidy(draw_spec(spec, theme=theme))
