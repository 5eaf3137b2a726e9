"""Bullet graphs: measure, target and bands on one scale."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from renderer.drawing.color import contrast
from renderer.drawing.draw import Drawing
from renderer.drawing.scene import Rects, Segments
from renderer.spec.errors import SpecError

Spec = dict[str, Any]
Draw = Callable[..., Drawing]


def spec(values: list[Any], **more: Any) -> Spec:
    names = [f"row {index}" for index in range(len(values))]
    return {"kind": "bullet", "data": {"columns": {"n": names, "v": values}}, "label": "n", "value": "v"} | more


def rects(drawing: Drawing, role: str) -> list[Rects]:
    return [item for item in drawing.scene.by_role(role) if isinstance(item, Rects)]


def test_measure_target_and_bands_share_a_scale(draw_spec: Draw, assert_tidy: Any) -> None:
    drawing = draw_spec(spec([270], target=240, bands=[150, 225], max=300))
    assert_tidy(drawing)
    bands = rects(drawing, "band")
    start, end = bands[0].boxes[0, 0], bands[-1].boxes[0, 2]
    unit = (end - start) / 300
    assert [float(round((item.boxes[0, 2] - start) / unit, 3)) for item in bands] == [150, 225, 300]
    (measure,) = rects(drawing, "measure")
    assert np.isclose((measure.boxes[0, 2] - start) / unit, 270)
    assert np.isclose(measure.boxes[0, 0], start)
    (target,) = (item for item in drawing.scene.by_role("target") if isinstance(item, Segments))
    assert np.isclose((target.ends[0, 0] - start) / unit, 240)
    assert bands[0].boxes[0, 1] < target.ends[0, 1] < measure.boxes[0, 1]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_bands_get_paler_upwards(theme: str, draw_spec: Draw) -> None:
    drawing = draw_spec(spec([27], bands=[5, 10, 20], max=30), theme=theme)
    background = drawing.scene.background or (1, 1, 1, 1)
    steps = [contrast(item.fill or background, background) for item in rects(drawing, "band")]
    assert len(steps) == 4
    assert steps == sorted(steps, reverse=True)
    assert steps[-1] > 1.02


def test_bands_may_be_columns(draw_spec: Draw) -> None:
    document = spec([5, 50], bands=["low", "fair"], max="most")
    document["data"]["columns"] |= {"low": [2, 20], "fair": [4, 40], "most": [10, 100]}
    drawing = draw_spec(document)
    first, second = (
        [round(item.boxes[0, 2] - item.boxes[0, 0], 3) for item in rects(drawing, "band") if item.name == name]
        for name in ("row 0", "row 1")
    )
    assert first == pytest.approx(second)


def test_each_row_has_its_own_ticks_unless_they_share_them(draw_spec: Draw) -> None:
    def ticks(scale: str) -> list[str]:
        drawing = draw_spec(spec([5, 500], scale=scale))
        return [item.text for item in drawing.scene.texts if item.role == "tick-label-x"]

    assert {"5", "500"} <= set(ticks("own"))
    assert "5" not in ticks("shared")
    own, shared = (rects(draw_spec(spec([5, 500], scale=scale)), "measure")[0] for scale in ("own", "shared"))
    assert np.ptp(own.boxes[0, [0, 2]]) > 50 * np.ptp(shared.boxes[0, [0, 2]])


def test_negative_measures_hang_to_the_left_of_zero(draw_spec: Draw, assert_tidy: Any) -> None:
    drawing = draw_spec(spec([-5, 3], scale="shared", bands=[-2, 1], target=2))
    assert_tidy(drawing)
    below, above = rects(drawing, "measure")
    assert np.isclose(below.boxes[0, 2], above.boxes[0, 0])


@pytest.mark.parametrize("size", [(800, 500), (320, 200), (1200, 400), (90, 60), (16, 16), (2000, 40)])
@pytest.mark.parametrize("count", [1, 5, 200])
@pytest.mark.parametrize("scale", ["own", "shared"])
def test_any_number_of_rows_is_tidy(
    size: tuple[int, int], count: int, scale: str, draw_spec: Draw, assert_tidy: Any
) -> None:
    values = [(-1) ** index * 1.9**index for index in range(count)]
    drawing = draw_spec(spec(values, scale=scale, target=2, image={"width": size[0], "height": size[1]}))
    assert_tidy(drawing)
    if count == 200:
        assert any("rows have room" in warning for warning in drawing.warnings)


@pytest.mark.parametrize("values", [[0], [None, 2], [9e299], [1e-9], [-3]])
def test_odd_values_are_tidy(values: list[Any], draw_spec: Draw, assert_tidy: Any) -> None:
    assert_tidy(draw_spec(spec(values)))


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        (spec([1], bands=[3, 2]), "/bands/1: bands ascend, and 2 comes after 3 in row 1"),
        (spec([1], min=3, max=1), "/max: 'max' must be above 'min', and is not in row 1"),
        (spec([1], bands=[1, 2, 3, 4, 5]), "/bands: holds at most 4 items, not 5"),
        (spec([1], bands=["x"]), "/bands/0: no column 'x'; the columns are 'n', 'v'"),
        ({k: v for k, v in spec([1, 2]).items() if k != "label"}, "/label: there are 2 rows: name them by 'label'"),
    ],
)
def test_what_is_no_scale_is_refused(document: Spec, problem: str, draw_spec: Draw) -> None:
    with pytest.raises(SpecError) as caught:
        draw_spec(document)
    assert str(caught.value).startswith(problem)


def test_the_alternative_text_tells_measures_and_targets(draw_spec: Draw) -> None:
    assert draw_spec(spec([5, 3], target=4)).alt == "Bullet graph of V: row 0 5 (target 4) and row 1 3 (target 4)."
