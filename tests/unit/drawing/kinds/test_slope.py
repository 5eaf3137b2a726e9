"""Slopes: amounts at their heights, names and amounts at both ends, and which lines are coloured."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from renderer.drawing.draw import Drawing
from renderer.drawing.scene import Path, Text
from renderer.spec.errors import SpecError

Spec = dict[str, Any]
Draw = Callable[..., Drawing]

_VALUES = {"Oslo": (10, 25), "Rome": (30, 20), "Bern": (18, 18), "Lima": (12, 40)}


def _slope(amounts_of: Mapping[str, tuple[float | None, float | None]] | None = None, **more: Any) -> Spec:
    rows = [
        [name, year, amount]
        for name, amounts in (amounts_of or _VALUES).items()
        for year, amount in zip((2000, 2020), amounts, strict=True)
    ]
    data = {"rows": rows, "header": ["city", "year", "amount"]}
    return {"kind": "slope", "data": data, "x": "year", "y": "amount", "label": "city"} | more


def _lines(drawing: Drawing) -> dict[str, Path]:
    return {item.name: item for item in drawing.scene.by_role("line") if isinstance(item, Path)}


def _captions(drawing: Drawing) -> tuple[list[Text], list[Text]]:
    """The texts beside the plot, at the left and at the right."""
    texts = [item for item in drawing.scene.texts if item.role == "series-label"]
    middle = drawing.scene.width / 2
    return [item for item in texts if item.box.x1 < middle], [item for item in texts if item.box.x0 > middle]


def test_lines_go_from_amount_to_amount(draw_spec: Draw) -> None:
    lines = _lines(draw_spec(_slope()))
    heights = np.array([line.points[:, 1] for line in lines.values()]).ravel()
    amounts = np.array([_VALUES[name] for name in lines]).ravel()
    slope, start = np.polyfit(amounts, heights, 1)
    assert slope < 0
    assert np.allclose(slope * amounts + start, heights)
    assert len({tuple(line.points[:, 0]) for line in lines.values()}) == 1


def test_names_and_amounts_stand_at_both_ends(draw_spec: Draw, assert_tidy: Callable[[Drawing], None]) -> None:
    drawing = draw_spec(_slope(y={"field": "amount", "format": ".1f"}))
    left, right = _captions(drawing)
    assert {item.text for item in left} == {*_VALUES, "10.0", "30.0", "18.0", "12.0"}
    assert {item.text for item in right} == {*_VALUES, "25.0", "20.0", "18.0", "40.0"}
    lines = _lines(drawing)
    for item in right:
        if item.text == "Lima":
            assert item.box.center[1] == pytest.approx(lines["Lima"].points[1, 1], abs=3)
    assert_tidy(drawing)
    bare, _ = _captions(draw_spec(_slope(values=False)))
    assert {item.text for item in bare} == set(_VALUES)


def test_only_what_matters_is_coloured(draw_spec: Draw) -> None:
    fills = {name: line.stroke.color for name, line in _lines(draw_spec(_slope())).items() if line.stroke}
    assert len(set(fills.values())) == 4
    lines = _lines(draw_spec(_slope(highlight=["Rome"])))
    colors = {name: line.stroke.color for name, line in lines.items() if line.stroke}
    assert colors["Oslo"] == colors["Bern"] == colors["Lima"] != colors["Rome"]
    assert list(lines)[-1] == "Rome"  # above the others
    many = {f"City {index}": (index, 20 - index) for index in range(12)}
    assert len({line.stroke.color for line in _lines(draw_spec(_slope(many))).values() if line.stroke}) == 1


def test_colour_may_be_a_group(draw_spec: Draw) -> None:
    spec = _slope(color="side")
    spec["data"]["header"].append("side")
    for row in spec["data"]["rows"]:
        row.append("north" if row[0] in ("Oslo", "Bern") else "south")
    drawing = draw_spec(spec)
    assert {item.text for item in drawing.scene.texts if item.role == "legend-label"} == {"north", "south"}
    colors = {name: line.stroke.color for name, line in _lines(drawing).items() if line.stroke}
    assert colors["Oslo"] == colors["Bern"] != colors["Rome"] == colors["Lima"]
    alone = {name: value for name, value in spec.items() if name != "label"} | {"color": "city"}
    assert set(_lines(draw_spec(alone))) == set(_VALUES)


@pytest.mark.parametrize("size", [(800, 500), (320, 200), (1200, 400), (300, 700), (90, 60), (16, 16)])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_all_sizes_are_tidy(
    size: tuple[int, int], theme: str, draw_spec: Draw, assert_tidy: Callable[[Drawing], None]
) -> None:
    for count in (1, 4, 30, 100):
        values = {f"A city of many words {index}": (index**2 % 37, index**3 % 41) for index in range(count)}
        image = {"width": size[0], "height": size[1]}
        highlight = ["A city of many words 0"]
        drawing = draw_spec(_slope(values, title="Cities", image=image, highlight=highlight), theme=theme)
        assert_tidy(drawing)
        if count == 100 and size != (16, 16):
            assert any("names have no room" in warning for warning in drawing.warnings)


def test_one_that_has_no_end_is_a_point(draw_spec: Draw, assert_tidy: Callable[[Drawing], None]) -> None:
    drawing = draw_spec(_slope({"Oslo": (10, None), "Rome": (None, 12), "Bern": (-5, 1e6)}))
    assert_tidy(drawing)
    assert len(list(drawing.scene.by_role("point"))) == 3


def test_axes_have_their_say(draw_spec: Draw) -> None:
    lines = _lines(draw_spec(_slope({"a": (1, 10), "b": (10, 100)}, axes={"y": {"scale": "log"}})))
    rises = [line.points[0, 1] - line.points[1, 1] for line in lines.values()]
    assert rises[0] == pytest.approx(rises[1])
    down = _lines(draw_spec(_slope(axes={"y": {"reverse": True}})))
    assert down["Lima"].points[1, 1] > down["Lima"].points[0, 1]


def test_what_cannot_be(draw_spec: Draw) -> None:
    with pytest.raises(SpecError, match="did you mean 'Rome'") as caught:
        draw_spec(_slope(highlight=["Oslo", "Roma"]))
    assert caught.value.problems[0].pointer == "/highlight/1"
    with pytest.raises(SpecError, match="101 lines") as caught:
        draw_spec(_slope({f"City {index}": (index, 1) for index in range(101)}))
    assert caught.value.problems[0].pointer == "/label"
    twice = _slope()
    twice["data"]["rows"].append(["Oslo", 2000, 3])
    with pytest.raises(SpecError, match="2 rows share"):
        draw_spec(twice)


def test_the_alternative_text_tells_the_changes(draw_spec: Draw) -> None:
    alt = draw_spec(_slope()).alt
    assert "Slope chart of Amount by Year, with 4 lines, from 2000 to 2020. 2 of 4 rise" in alt
    assert "Lima rises most, from 12 to 40. Rome falls most, from 30 to 20." in alt
