"""Violins: as wide as there are values, comparable as asked, halves for two colours, and what is drawn inside."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from renderer.drawing.draw import Drawing
from renderer.drawing.scene import Markers, Path, Rects, Segments
from renderer.drawing.smoothing import Smoothing
from renderer.spec.errors import SpecError

Spec = dict[str, Any]
Draw = Callable[..., Drawing]
A = np.random.RandomState(4).normal(50, 4, 60).round(1).tolist()
B = np.random.RandomState(5).normal(60, 12, 240).round(1).tolist()


def _spec(**options: Any) -> Spec:
    columns = {"v": A + B, "c": ["a"] * 60 + ["b"] * 240, "g": ["m", "f"] * 150}
    return {"kind": "violin", "data": {"columns": columns}, "x": "c", "y": "v"} | options


def _violins(drawing: Drawing) -> list[Path]:
    return [item for item in drawing.scene.by_role("violin") if isinstance(item, Path)]


def _width(violin: Path) -> float:
    return float(np.ptp(violin.points[:, 0]))


def test_violins_have_the_shape_of_the_density(draw_spec: Draw, assert_tidy: Callable[[Drawing], None]) -> None:
    drawing = draw_spec(_spec())
    assert_tidy(drawing)
    first, second = _violins(drawing)
    curve = Smoothing()(np.array(A))
    assert first.values is not None
    assert first.values == pytest.approx(curve.y)
    half = len(curve.x)
    widths = first.points[half:][::-1, 0] - first.points[:half, 0]
    assert widths / widths.max() == pytest.approx(curve.y / curve.y.max())
    assert _width(first) == pytest.approx(_width(second))


@pytest.mark.parametrize(("widths", "power"), [("area", 0), ("count", 1)])
def test_widths_are_comparable_as_asked(widths: str, power: int, draw_spec: Draw) -> None:
    first, second = _violins(draw_spec(_spec(widths=widths)))
    peaks = [Smoothing()(np.array(values)).peak * len(values) ** power for values in (A, B)]
    assert _width(first) / _width(second) == pytest.approx(peaks[0] / peaks[1])


def test_two_colours_share_a_violin(draw_spec: Draw, assert_tidy: Callable[[Drawing], None]) -> None:
    for inner in ("box", "quartiles", "points", "none"):
        drawing = draw_spec(_spec(color="g", split=True, inner=inner))
        assert_tidy(drawing)
        males, females, *_ = _violins(drawing)
        assert males.points[:, 0].max() <= females.points[:, 0].min()
        assert males.points[:, 0].max() == pytest.approx(females.points[:, 0].min(), abs=3)


def test_halves_need_two_colours(draw_spec: Draw) -> None:
    for options in (
        {},
        {"color": "c", "x": "g", "data": {"columns": {"v": [1, 2, 3], "c": ["a", "b", "d"], "g": ["x"] * 3}}},
    ):
        with pytest.raises(SpecError) as caught:
            draw_spec(_spec(split=True, **options))
        assert caught.value.problems[0].pointer == "/split"


def test_what_is_drawn_inside(draw_spec: Draw) -> None:
    boxes = [item for item in draw_spec(_spec()).scene.by_role("box") if isinstance(item, Rects)]
    assert [float(box.values[0]) for box in boxes if box.values is not None] == [np.median(A), np.median(B)]
    lines = [item for item in draw_spec(_spec(inner="quartiles")).scene.by_role("median") if isinstance(item, Segments)]
    assert lines[0].values is not None
    assert lines[0].values.tolist() == np.percentile(A, [25, 50, 75]).tolist()
    drawing = draw_spec(_spec(inner="points"))
    points = [item for item in drawing.scene.by_role("point") if isinstance(item, Markers)]
    assert sum(len(item.points) for item in points) == 300
    for item, violin in zip(points, _violins(drawing), strict=True):
        assert item.points[:, 0].min() > violin.points[:, 0].min()
        assert item.points[:, 0].max() < violin.points[:, 0].max()


def test_trimmed_violins_end_at_the_values(draw_spec: Draw) -> None:
    for trim in (False, True):
        drawing = draw_spec(_spec(trim=trim, inner="points"))
        violin = _violins(drawing)[0]
        points = next(item for item in drawing.scene.by_role("point") if isinstance(item, Markers))
        beyond = points.points[:, 1].min() - violin.points[:, 1].min()
        assert beyond == pytest.approx(0.0) if trim else beyond > 10


def test_equal_values_and_single_rows_are_drawn_with_a_warning(
    draw_spec: Draw, assert_tidy: Callable[[Drawing], None]
) -> None:
    drawing = draw_spec(_spec(data={"columns": {"v": [5, 5, 5, 7], "c": ["a", "a", "a", "b"]}}))
    assert_tidy(drawing)
    assert drawing.warnings == (
        "All values of a are the same: the violin shows the smoothing only.",
        "All values of b are the same: the violin shows the smoothing only.",
    )


def test_on_a_log_axis_violins_are_smooth(draw_spec: Draw) -> None:
    values = np.exp(np.random.RandomState(2).normal(0, 2, 200)).tolist()
    drawing = draw_spec(_spec(data={"columns": {"v": values, "c": ["a"] * 200}}, axes={"y": {"scale": "log"}}))
    (violin,) = _violins(drawing)
    half = len(violin.points) // 2
    widths = violin.points[half:][::-1, 0] - violin.points[:half, 0]
    middle = violin.points[:half, 1][int(np.argmax(widths))]
    assert middle == pytest.approx(violin.points[:, 1].mean(), abs=0.15 * float(np.ptp(violin.points[:, 1])))


@pytest.mark.parametrize("wrong", [0, -1, True, "silverman"])
def test_a_bandwidth_is_a_rule_or_a_width(wrong: object, draw_spec: Draw) -> None:
    with pytest.raises(SpecError) as caught:
        draw_spec(_spec(bandwidth=wrong))
    assert caught.value.problems[0].pointer == "/bandwidth"


def test_the_alternative_text(draw_spec: Draw) -> None:
    alt = draw_spec(_spec(color="g")).alt
    assert alt.startswith("Violin plot of 300 values of V by C: a and b, split into m and f. They range from ")
