"""Sparklines: each course fills its row, points and bands stand at their values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from renderer.drawing.draw import Drawing
from renderer.drawing.scene import Markers, Path, Rects
from renderer.spec.errors import SpecError

Spec = dict[str, Any]
Draw = Callable[..., Drawing]


def spec(values: list[Any], names: list[str] | None = None, **more: Any) -> Spec:
    columns: Spec = {"v": values} | ({"n": names} if names else {})
    channels = {"y": "v"} | ({"label": "n"} if names else {})
    return {"kind": "sparkline", "data": {"columns": columns}, "image": {"width": 400, "height": 200}} | channels | more


def lines(drawing: Drawing) -> dict[str, Path]:
    return {item.name: item for item in drawing.scene.by_role("spark") if isinstance(item, Path)}


def test_each_row_fills_its_height_unless_they_share_one_scale(draw_spec: Draw, assert_tidy: Any) -> None:
    document = spec([1, 2, 100, 300], ["a", "a", "b", "b"])
    drawing = draw_spec(document)
    assert_tidy(drawing)
    heights = {name: float(np.ptp(path.points[:, 1])) for name, path in lines(drawing).items()}
    assert np.isclose(heights["a"], heights["b"])
    drawing = draw_spec(document | {"share_y": True})
    shared = {name: float(np.ptp(path.points[:, 1])) for name, path in lines(drawing).items()}
    assert np.isclose(shared["a"] / shared["b"], 1 / 200)


def test_values_are_in_the_order_of_x(draw_spec: Draw) -> None:
    document = spec([1, 2, 3], x="when")
    document["data"]["columns"]["when"] = ["2026-03-01", "2026-01-01", "2026-02-01"]
    (line,) = lines(draw_spec(document)).values()
    assert line.values is not None
    assert line.values.tolist() == [2.0, 3.0, 1.0]
    assert np.isclose(np.diff(line.points[:, 0])[0] / np.ptp(line.points[:, 0]), 31 / 59)


def test_points_are_marked(draw_spec: Draw) -> None:
    drawing = draw_spec(spec([4, 9, None, 1, 5], points=["first", "last", "min", "max"]))
    found = {item.role: item for item in drawing.scene.primitives if isinstance(item, Markers)}
    values = {role: item.values.tolist() for role, item in found.items() if item.values is not None}
    assert values == {"spark-min": [1.0], "spark-max": [9.0], "spark-first": [4.0], "spark-last": [5.0]}
    assert found["spark-max"].points[0, 1] < found["spark-min"].points[0, 1]


def test_the_normal_range_is_shaded_on_the_scale_of_the_course(draw_spec: Draw) -> None:
    drawing = draw_spec(spec([0, 10], band=[2, 6]))
    (band,) = (item for item in drawing.scene.by_role("spark-band") if isinstance(item, Rects))
    (line,) = lines(drawing).values()
    unit = float(np.ptp(line.points[:, 1])) / 10
    assert np.isclose((band.boxes[0, 3] - band.boxes[0, 1]) / unit, 4)
    assert np.isclose((line.points[0, 1] - band.boxes[0, 3]) / unit, 2)


@pytest.mark.parametrize(("shape", "ratio"), [("bar", 3.0), ("winloss", 1.0)])
def test_bars_stand_on_zero(shape: str, ratio: float, draw_spec: Draw) -> None:
    drawing = draw_spec(spec([3, -1], shape=shape))
    above, below = (item for item in drawing.scene.by_role("spark") if isinstance(item, Rects))
    assert np.isclose(above.boxes[0, 3], below.boxes[0, 1])
    assert np.isclose(np.ptp(above.boxes[0, [1, 3]]) / np.ptp(below.boxes[0, [1, 3]]), ratio)


def test_last_values_and_changes_stand_beside_the_rows(draw_spec: Draw) -> None:
    drawing = draw_spec(spec([10, 15, 8, 4], ["a", "a", "b", "b"], change=True, format=".1f"))
    assert [item.text for item in drawing.scene.texts] == ["a", "15.0", "+50%", "b", "4.0", "−50%"]
    assert not draw_spec(spec([1, 2]) | {"values": False}).scene.texts


def test_a_gap_interrupts_line_and_area(draw_spec: Draw) -> None:
    drawing = draw_spec(spec([1, 2, None, 2, 1], shape="area"))
    assert len(list(drawing.scene.by_role("spark-area"))) == 2
    assert np.isnan(next(iter(lines(drawing).values())).points[:, 1]).sum() == 1


@pytest.mark.parametrize("size", [(800, 500), (320, 200), (200, 40), (90, 60), (16, 16), (2000, 40)])
@pytest.mark.parametrize("count", [1, 5, 200])
def test_any_number_of_rows_is_tidy(size: tuple[int, int], count: int, draw_spec: Draw, assert_tidy: Any) -> None:
    names = [f"a row with a long name {index % count}" for index in range(count * 4)]
    values = [(-1) ** index * 1.7 ** (index % 90) for index in range(count * 4)]
    image = {"width": size[0], "height": size[1]}
    drawing = draw_spec(spec(values, names, image=image, change=True, shape=("line", "area", "bar")[count % 3]))
    assert_tidy(drawing)
    if count == 200:
        assert any("rows have room" in warning for warning in drawing.warnings)


@pytest.mark.parametrize("values", [[5], [0, 0], [1e299, -1e299], [1e-300, 2e-300], [None, 3]])
def test_odd_values_are_tidy(values: list[Any], draw_spec: Draw, assert_tidy: Any) -> None:
    for shape in ("line", "area", "bar", "winloss"):
        assert_tidy(draw_spec(spec(values, shape=shape, change=True, band=[1, 2])))


def test_a_range_runs_upwards(draw_spec: Draw) -> None:
    with pytest.raises(SpecError, match="/band: the normal range runs from a lower to a higher value"):
        draw_spec(spec([1], band=[3, 2]))


def test_the_alternative_text_tells_the_courses(draw_spec: Draw) -> None:
    assert draw_spec(spec([1, 2, 8, 4], ["a", "a", "b", "b"])).alt == (
        "Sparklines of V: a goes from 1 to 2 and b goes from 8 to 4."
    )
