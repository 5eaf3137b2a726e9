"""Pies and donuts: their angles are the parts, their words stand apart, and what is no whole is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from renderer.drawing.draw import Drawing
from renderer.drawing.scene import Path
from renderer.spec.errors import SpecError

Spec = dict[str, Any]
Draw = Callable[..., Drawing]


def spec(names: list[Any], values: list[Any], **more: Any) -> Spec:
    return {"kind": "pie", "data": {"columns": {"n": names, "v": values}}, "label": "n", "value": "v"} | more


def slices(drawing: Drawing) -> dict[str, Path]:
    return {item.name: item for item in drawing.scene.by_role("slice") if isinstance(item, Path)}


def area(path: Path) -> float:
    """The area of a closed Bezier outline, by Green's theorem over many points of its curves."""
    points = path.points[np.isfinite(path.points[:, 0])]
    starts, first, second, ends = points[:-1:3], points[1::3], points[2::3], points[3::3]
    t = np.linspace(0.0, 1.0, 50)[:, None, None]
    curve = starts * (1 - t) ** 3 + 3 * first * t * (1 - t) ** 2 + 3 * second * t**2 * (1 - t) + ends * t**3
    x, y = curve.transpose(1, 0, 2).reshape(-1, 2).T
    return abs(float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y))) / 2


@pytest.mark.parametrize("kind", ["pie", "donut"])
@pytest.mark.parametrize("half", [False, True])
def test_areas_are_in_proportion_to_values(kind: str, half: bool, draw_spec: Draw, assert_tidy: Any) -> None:
    drawing = draw_spec(spec(["a", "b", "c"], [50, 30, 20], kind=kind, half=half))
    assert_tidy(drawing)
    sizes = {name: area(path) for name, path in slices(drawing).items()}
    whole = sum(sizes.values())
    assert {name: round(size / whole, 3) for name, size in sizes.items()} == {"a": 0.5, "b": 0.3, "c": 0.2}


def test_the_largest_comes_first_and_the_rest_last(draw_spec: Draw) -> None:
    rows = spec(["a", "b", "c", "d"], [1, 4, 2, 3])
    assert list(slices(draw_spec(rows))) == ["b", "d", "c", "a"]
    assert list(slices(draw_spec(rows | {"label": {"field": "n", "sort": "data"}}))) == ["a", "b", "c", "d"]
    cut = {"label": {"field": "n", "top": 1, "other": "rest"}, "value": "sum(v)"}
    drawing = draw_spec(rows | cut)
    assert list(slices(drawing)) == ["b", "rest"]
    assert slices(drawing)["rest"].fill == slices(draw_spec(rows | {"group_below": 0.25, "other": "z"}))["z"].fill


def test_small_slices_are_collected(draw_spec: Draw) -> None:
    drawing = draw_spec(spec(["a", "b", "c", "d"], [90, 6, 3, 1], group_below=0.05))
    assert {name: path.values.tolist() for name, path in slices(drawing).items() if path.values is not None} == {
        "a": [90.0],
        "b": [6.0],
        "Other": [4.0],
    }


@pytest.mark.parametrize(
    ("show", "words"),
    [("percent", ["75%", "25%"]), ("value", ["1,500", "500"]), ("both", ["1,500 (75%)", "500 (25%)"])],
)
def test_sizes_are_written_as_asked(show: str, words: list[str], draw_spec: Draw) -> None:
    drawing = draw_spec(spec(["a", "b"], [1500, 500], show=show))
    written = [item.text for item in drawing.scene.texts if item.role == "slice-label"]
    assert set(written) == {"a", "b", *words}


def test_a_part_next_to_nothing_is_not_called_zero(draw_spec: Draw) -> None:
    drawing = draw_spec(spec(["a", "b"], [1e6, 1]))
    assert "<0.1%" in [item.text for item in drawing.scene.texts]


def test_the_middle_holds_the_total(draw_spec: Draw) -> None:
    def middle(**more: Any) -> list[str]:
        drawing = draw_spec(spec(["a", "b"], [1500, 500], kind="donut", **more))
        return [item.text for item in drawing.scene.texts if item.role == "center-label"]

    assert middle() == ["2,000", "V"]
    assert middle(center="75%\nare a") == ["75%", "are a"]
    assert middle(center="") == []


def test_a_legend_takes_the_names(draw_spec: Draw, assert_tidy: Any) -> None:
    drawing = draw_spec(spec(["a", "b"], [3, 1], label={"field": "n", "legend": "right", "map": {"a": "#ff0000"}}))
    assert_tidy(drawing)
    assert [item.text for item in drawing.scene.texts] == ["N", "a", "b", "75%", "25%"]
    assert slices(drawing)["a"].fill == (1.0, 0.0, 0.0, 1.0)


@pytest.mark.parametrize("size", [(800, 500), (320, 200), (1200, 400), (90, 60), (16, 16), (2000, 40)])
@pytest.mark.parametrize(
    ("count", "more"),
    [(1, {}), (9, {"half": True}), (12, {"labels": {"position": "inside"}}), (25, {"labels": False}), (100, {})],
)
def test_any_number_of_slices_is_tidy(
    size: tuple[int, int], count: int, more: Spec, draw_spec: Draw, assert_tidy: Any
) -> None:
    names = [f"{'a slice with a long name' if index % 3 else 'x'} {index}" for index in range(count)]
    image = {"width": size[0], "height": size[1]}
    drawing = draw_spec(spec(names, [1.5**index for index in range(count)], kind="donut", image=image, **more))
    assert_tidy(drawing)
    assert len(slices(drawing)) == count


def test_what_has_no_size_is_left_out(draw_spec: Draw) -> None:
    drawing = draw_spec(spec(["a", "b", "c"], [1, 0, None]))
    assert list(slices(drawing)) == ["a"]
    assert "1 slice without a value left out" in drawing.warnings


@pytest.mark.parametrize(
    ("names", "values", "pointer", "message"),
    [
        (["a", "b"], [1, -2], "/value", "'b' is −2"),
        (["a", "b"], [0, 0], "/value", "add up to zero"),
        (["a", "a"], [1, 2], "/value", "'sum(v)'"),
        ([f"n{index}" for index in range(101)], [1] * 101, "/label", "101 slices are more than the 100"),
    ],
)
def test_what_is_no_whole_is_refused(
    names: list[str], values: list[float], pointer: str, message: str, draw_spec: Draw
) -> None:
    with pytest.raises(SpecError) as caught:
        draw_spec(spec(names, values))
    (problem,) = caught.value.problems
    assert problem.pointer == pointer
    assert message in problem.message


def test_a_pie_shares_its_panel_with_nothing(draw_spec: Draw) -> None:
    layer = {"kind": "pie", "label": "n", "value": "v"}
    with pytest.raises(SpecError, match="/layers/0/kind: a pie fills its panel"):
        draw_spec({"data": {"columns": {"n": ["a"], "v": [1]}}, "layers": [layer, layer]})


def test_huge_values_do_not_overflow(draw_spec: Draw) -> None:
    assert len(slices(draw_spec(spec(list("abcdefghijkl"), [9e299] * 12)))) == 12


def test_the_alternative_text_tells_the_parts(draw_spec: Draw) -> None:
    alt = draw_spec(spec(["a", "b"], [1500, 500])).alt
    assert alt == "Pie chart of V by N: a 75% and b 25%. The total is 2,000."
