"""Waterfalls: each bar begins where the one before ends, and totals stand on zero."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from renderer.drawing.draw import Drawing
from renderer.drawing.scene import Rects, Segments
from renderer.spec.errors import SpecError

Spec = dict[str, Any]
Draw = Callable[..., Drawing]


def spec(names: list[Any], values: list[Any], **more: Any) -> Spec:
    data = {"columns": {"step": names, "amount": values}}
    return {"kind": "waterfall", "data": data, "label": "step", "value": "amount"} | more


CASH = spec(["Opening", "Sales", "Costs", "Tax", "Closing"], [100, 80, -60, -15, 105], totals=["Opening", "Closing"])


def bars(drawing: Drawing) -> dict[str, Rects]:
    return {item.name: item for item in drawing.scene.by_role("bar") if isinstance(item, Rects)}


def heights(drawing: Drawing) -> dict[str, list[float]]:
    """Top and bottom of all bars, in the units of the axis, by the heights of the two totals."""
    found = bars(drawing)
    total = found["total"]
    assert total.values is not None
    base = float(total.boxes[0, 3])
    unit = (base - float(total.boxes[0, 1])) / float(total.values[0])
    return {
        name: [round(float((base - y) / unit), 4) for box in item.boxes for y in (box[3], box[1])]
        for name, item in found.items()
    }


def test_bars_hang_where_the_one_before_ends(draw_spec: Draw, assert_tidy: Any) -> None:
    drawing = draw_spec(CASH)
    assert_tidy(drawing)
    assert heights(drawing) == {"up": [100, 180], "down": [120, 180, 105, 120], "total": [0, 100, 0, 105]}


def test_connectors_join_the_ends(draw_spec: Draw) -> None:
    drawing = draw_spec(CASH)
    (lines,) = (item for item in drawing.scene.by_role("connector") if isinstance(item, Segments))
    found = bars(drawing)
    assert np.allclose(lines.ends[:, 1], lines.ends[:, 3])
    tops = [found["total"].boxes[0, 1], found["up"].boxes[0, 1], found["down"].boxes[0, 3], found["down"].boxes[1, 3]]
    assert np.allclose(lines.ends[:, 1], tops)
    assert not list(draw_spec(CASH | {"connectors": False}).scene.by_role("connector"))


def test_a_total_without_a_value_is_added_up(draw_spec: Draw) -> None:
    drawing = draw_spec(spec(["a", "b", "c", "d", "e"], [5, 3, None, -2, None], totals=["c", "e"]))
    assert bars(drawing)["total"].values.tolist() == [8.0, 6.0]  # type: ignore[union-attr]  # bars have values
    final = draw_spec(spec(["a", "b"], [5, 3], final="Net"))
    assert bars(final)["total"].values.tolist() == [8.0]  # type: ignore[union-attr]
    assert "Net" in [item.text for item in final.scene.texts]


def test_a_total_that_contradicts_its_steps_is_drawn_with_a_warning(draw_spec: Draw) -> None:
    drawing = draw_spec(spec(["a", "b", "c"], [10, 3, 20], totals=["a", "c"]))
    assert bars(drawing)["total"].values.tolist() == [10.0, 20.0]  # type: ignore[union-attr]
    assert drawing.warnings == ("'c' is 20, and the steps before it add up to 13",)
    (lines,) = (item for item in drawing.scene.by_role("connector") if isinstance(item, Segments))
    assert len(lines.ends) == 1


def test_rounding_leaves_no_dust(draw_spec: Draw) -> None:
    drawing = draw_spec(spec(["a", "b", "c", "d"], [0.3, -0.1, -0.2, 0], final="Net"))
    assert "from 0 to 0 in 4 steps" in drawing.alt


def test_changes_are_written_with_their_sign_and_totals_without(draw_spec: Draw) -> None:
    for labels in (True, {"format": "+,.0f"}):
        drawing = draw_spec(CASH | {"labels": labels})
        written = [item.text for item in drawing.scene.texts if item.role == "value-label"]
        assert written == ["100", "+80", "−60", "−15", "105"]
    assert not [item for item in draw_spec(CASH | {"labels": False}).scene.texts if item.role == "value-label"]


def test_colors_are_the_authors_or_the_palettes(draw_spec: Draw) -> None:
    assert bars(draw_spec(CASH | {"colors": {"up": "#00ff00"}}))["up"].fill == (0.0, 1.0, 0.0, 1.0)
    drawing = draw_spec(CASH | {"palette": ["#ff0000", "#00ff00", "#0000ff"]})
    assert [bars(drawing)[name].fill for name in ("up", "down", "total")] == [(1, 0, 0, 1), (0, 1, 0, 1), (0, 0, 1, 1)]


def test_it_lies_where_names_are_long(draw_spec: Draw) -> None:
    names = [f"An uncommonly long designation of step {index}" for index in range(9)]
    rects = bars(draw_spec(spec(names, [1.0] * 9)))["up"]
    assert (np.diff(rects.boxes[:, 1]) > 0).all()
    assert (np.diff(rects.boxes[:, 0]) > 0).all()


@pytest.mark.parametrize("size", [(800, 500), (320, 200), (90, 60), (16, 16), (2000, 40)])
@pytest.mark.parametrize("count", [1, 12, 200])
@pytest.mark.parametrize("scale", [1e-9, 1.0, 1e200])
def test_any_number_of_steps_is_tidy(
    size: tuple[int, int], count: int, scale: float, draw_spec: Draw, assert_tidy: Any
) -> None:
    values = [scale * (-1) ** index * (index % 7) for index in range(count)]
    image = {"width": size[0], "height": size[1]}
    assert_tidy(draw_spec(spec([f"step {index}" for index in range(count)], values, final="Net", image=image)))


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        (spec(["a"], [1], totals=["z"]), "/totals/0: no step is called 'z'"),
        (spec(["a"], [1], final="a"), "/final: there is a step called 'a' already; name it in 'totals'"),
        (spec(["a", "b"], [9e299, 9e299]), "/value: the steps add up to too large a number"),
        (spec(["a", "b"], ["x", "y"]), "/value: column 'amount' holds text ('x' in row 1) where numbers are needed"),
    ],
)
def test_what_cannot_be_added_up_is_refused(document: Spec, problem: str, draw_spec: Draw) -> None:
    with pytest.raises(SpecError) as caught:
        draw_spec(document)
    assert str(caught.value) == problem


def test_the_alternative_text_tells_the_way(draw_spec: Draw) -> None:
    assert draw_spec(CASH).alt == (
        "Waterfall chart of Amount by Step, from 100 to 105 in 3 steps. "
        "The largest increase is Sales (+80), the largest decrease is Costs (−60)."
    )
