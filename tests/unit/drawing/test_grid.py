"""Panels and small multiples: plots in line, axes and legends in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from renderer.drawing.draw import Drawing
from renderer.drawing.scene import Box, Rects, Text
from renderer.spec import SpecError

Spec = dict[str, Any]
Draw = Callable[..., Drawing]
Tidy = Callable[[Drawing], None]

DAYS = [f"2024-{month:02d}-01" for month in range(1, 13)]
DATA: Spec = {
    "columns": {
        "day": DAYS,
        "small": [value / 10 for value in range(12)],
        "large": [value * 12_345 for value in range(12)],
        "who": ["a", "b", "c"] * 4,
        "side": ["left", "right"] * 6,
    }
}


def panels(*made: Spec, **more: Any) -> Spec:
    return {"data": DATA, "panels": list(made), **more}


def line(y: str, **more: Any) -> Spec:
    return {"layers": [{"kind": "line", "x": "day", "y": y, **more}]}


def plots(drawing: Drawing) -> list[Box]:
    """The plots, as far as their horizontal grids show them."""
    return [item.box for item in drawing.scene.by_role("grid")]


def texts(drawing: Drawing, role: str) -> list[Text]:
    return [item for item in drawing.scene.by_role(role) if isinstance(item, Text)]


def test_plots_of_a_column_begin_and_end_together(draw_spec: Draw, assert_tidy: Tidy) -> None:
    drawing = draw_spec(panels(line("small"), line("large"), arrange="rows"))
    first, second = plots(drawing)
    assert (first.x0, first.x1) == pytest.approx((second.x0, second.x1))
    assert first.y1 < second.y0
    assert_tidy(drawing)


def test_plots_of_a_row_stand_on_one_line(draw_spec: Draw, assert_tidy: Tidy) -> None:
    upper = line("small") | {"title": "With a title"}
    drawing = draw_spec(panels(upper, line("large"), arrange="columns"))
    first, second = plots(drawing)
    assert (first.y0, first.y1) == pytest.approx((second.y0, second.y1), abs=1.0)
    assert first.width == pytest.approx(second.width, abs=2)
    assert_tidy(drawing)


@pytest.mark.parametrize("arrange", ["rows", "columns"])
def test_weights_are_those_of_the_plots(arrange: str, draw_spec: Draw) -> None:
    drawing = draw_spec(panels(line("small") | {"weight": 3}, line("large"), arrange=arrange))
    first, second = plots(drawing)
    sizes = (first.height, second.height) if arrange == "rows" else (first.width, second.width)
    assert sizes[0] / sizes[1] == pytest.approx(3, rel=0.04)


def test_a_grid_is_as_wide_as_high(draw_spec: Draw, assert_tidy: Tidy) -> None:
    drawing = draw_spec(panels(*[line("small")] * 5))
    found = plots(drawing)
    assert len({round(box.x0) for box in found}) == 3
    assert len({round(box.y0) for box in found}) == 2
    assert_tidy(drawing)


def test_a_shared_x_is_labelled_once(draw_spec: Draw, assert_tidy: Tidy) -> None:
    late = {"columns": {"day": DAYS[6:], "small": [1, 2, 3, 4, 5, 6]}}
    lower = {"layers": [{"kind": "line", "x": "day", "y": "small", "data": late}]}
    apart = draw_spec(panels(line("small"), lower, arrange="rows"))
    shared = draw_spec(panels(line("small"), lower, share_x=True))
    assert len(texts(apart, "tick-label-x")) > len(texts(shared, "tick-label-x"))
    first, second = (item.points for item in shared.scene.by_role("line"))  # type: ignore[union-attr]  # paths
    assert first[6:, 0].tolist() == pytest.approx(second[:, 0].tolist())
    assert all(label.box.y0 > plots(shared)[1].y1 for label in texts(shared, "tick-label-x"))
    assert_tidy(shared)


def test_axes_of_different_things_are_not_shared(draw_spec: Draw) -> None:
    other = {"layers": [{"kind": "bar", "x": "who", "y": "sum(small)"}]}
    with pytest.raises(SpecError, match=r"/share_x: .* these hold categories and dates"):
        draw_spec(panels(line("small"), other, share_x=True))


def test_trading_days_are_shared(draw_spec: Draw, assert_tidy: Tidy) -> None:
    days = ["2024-01-04", "2024-01-05", "2024-01-08", "2024-01-09"]
    data = {"columns": {"d": days, "o": [1, 2, 3, 4], "h": [3, 4, 5, 6], "l": [0, 1, 2, 3], "c": [2, 3, 2, 5]}}
    candles = {"kind": "candlestick", "x": "d", "open": "o", "high": "h", "low": "l", "close": "c"}
    volume = {"kind": "bar", "x": "d", "y": "c"}
    drawing = draw_spec({
        "data": data, "share_x": True, "panels": [{"weight": 3, "layers": [candles]}, {"layers": [volume]}],
    })  # fmt: skip
    (bars,) = drawing.scene.by_role("bar")
    assert isinstance(bars, Rects)
    middles = (bars.boxes[:, 0] + bars.boxes[:, 2]) / 2
    assert np.diff(middles) == pytest.approx(np.diff(middles)[0])
    assert_tidy(drawing)


def test_one_legend_where_colours_mean_the_same(draw_spec: Draw, assert_tidy: Tidy) -> None:
    points = {"layers": [{"kind": "scatter", "x": "small", "y": "large", "color": "who"}]}
    bars = {"layers": [{"kind": "bar", "x": "who", "y": "sum(small)", "color": "who"}]}
    drawing = draw_spec(panels(points, bars))
    assert [label.text for label in texts(drawing, "legend-label")] == ["a", "b", "c"]
    assert_tidy(drawing)


def test_two_legends_where_they_do_not(draw_spec: Draw, assert_tidy: Tidy) -> None:
    first = {"layers": [{"kind": "scatter", "x": "small", "y": "large", "color": "who"}]}
    second = {"layers": [{"kind": "scatter", "x": "small", "y": "large", "color": "side"}]}
    drawing = draw_spec(panels(first, second))
    assert [label.text for label in texts(drawing, "legend-label")] == ["a", "b", "c", "left", "right"]
    assert_tidy(drawing)


def test_panels_have_their_titles_and_annotations(draw_spec: Draw, assert_tidy: Tidy) -> None:
    upper = line("small") | {"title": "First", "annotations": [{"kind": "rule", "y": 0.5, "text": "Half"}]}
    drawing = draw_spec(panels(upper, line("large") | {"title": "Second"}))
    assert [label.text for label in texts(drawing, "panel-title")] == ["First", "Second"]
    (rule,) = drawing.scene.by_role("note-rule")
    assert rule.box.inside(plots(drawing)[0].grown(2.0))
    assert "First: Line chart" in drawing.alt
    assert "Marked: Half at 0.5." in drawing.alt
    assert_tidy(drawing)


def test_the_problem_of_a_panel_is_at_its_place(draw_spec: Draw) -> None:
    lower = line("large") | {"axes": {"y": {"scale": "log"}}}
    with pytest.raises(SpecError, match="/panels/1/axes/y/scale: a log scale needs positive values"):
        draw_spec(panels(line("small"), lower))
    with pytest.raises(SpecError, match="/panels/1/layers/0/y: no column 'larger'"):
        draw_spec(panels(line("small"), line("larger")))


# Small multiples ------------------------------------------------------------------------------------------------------


def facet(by: Spec, **more: Any) -> Spec:
    return {"kind": "scatter", "x": "small", "y": "large", "data": DATA, "facet": by, **more}


def test_small_multiples_share_their_axes(draw_spec: Draw, assert_tidy: Tidy) -> None:
    drawing = draw_spec(facet({"field": "who", "wrap": 3}))
    found = plots(drawing)
    assert len(found) == 3
    assert len({round(box.width) for box in found}) == 1
    grids = [item.values.tolist() for item in drawing.scene.by_role("grid")]  # type: ignore[union-attr]  # segments
    assert grids[0] == grids[1] == grids[2]
    left = texts(drawing, "tick-label-y")
    assert len(left) == len(grids[0])
    assert [label.text for label in texts(drawing, "panel-title")] == ["a", "b", "c"]
    assert [label.text for label in texts(drawing, "axis-title-y")] == ["Large"]
    assert [label.text for label in texts(drawing, "axis-title-x")] == ["Small"]
    assert_tidy(drawing)


@pytest.mark.parametrize(("share", "axes"), [("all", 1), ("y", 1), ("x", 3), ("none", 3)])
def test_what_is_not_shared_is_labelled_in_each(share: str, axes: int, draw_spec: Draw, assert_tidy: Tidy) -> None:
    drawing = draw_spec(facet({"field": "who", "wrap": 3, "share": share}))
    assert len({label.box.x1 for label in texts(drawing, "tick-label-y")}) == axes
    assert_tidy(drawing)


def test_labels_hang_into_places_that_are_empty(draw_spec: Draw, assert_tidy: Tidy) -> None:
    drawing = draw_spec(facet({"field": "who", "wrap": 2}))
    found = plots(drawing)
    assert found[0].height == pytest.approx(found[2].height, abs=1.0)
    rows = {round(label.box.y0) for label in texts(drawing, "tick-label-x")}
    assert len(rows) == 2
    assert_tidy(drawing)


def test_rows_and_columns_are_named_once(draw_spec: Draw, assert_tidy: Tidy) -> None:
    drawing = draw_spec(facet({"columns": "who", "rows": "side"}))
    assert [label.text for label in texts(drawing, "panel-title")] == ["a", "b", "c"]
    assert [label.text for label in texts(drawing, "row-title")] == ["left", "right"]
    assert len(plots(drawing)) == 6
    assert_tidy(drawing)


def test_colours_are_the_same_in_all_panels(draw_spec: Draw, assert_tidy: Tidy) -> None:
    """Also where the first panel does not have them all, or has them in another order."""
    data = {
        "columns": {"x": [1, 2, 3, 4, 5], "y": [1, 2, 3, 4, 5], "who": ["b", "c", "a", "b", "c"], "p": list("11222")}
    }
    drawing = draw_spec({
        "kind": "bar", "x": "x", "y": "y", "color": {"field": "who", "sort": "asc"}, "data": data,
        "facet": {"field": "p"},
    })  # fmt: skip
    assert [label.text for label in texts(drawing, "legend-label")] == ["a", "b", "c"]
    fills: dict[str, set[Any]] = {}
    for item in drawing.scene.by_role("bar"):
        assert isinstance(item, Rects)
        fills.setdefault(item.name, set()).add(item.fill)
    assert all(len(colors) == 1 for colors in fills.values())
    assert_tidy(drawing)


def test_ramps_and_sizes_are_of_the_whole(draw_spec: Draw, assert_tidy: Tidy) -> None:
    drawing = draw_spec(facet({"field": "who"}, color="large", size="large"))
    assert len(list(drawing.scene.by_role("legend-ramp"))) == 1
    largest = [float(np.max(item.size)) for item in drawing.scene.by_role("point")]  # type: ignore[union-attr]  # markers
    assert len(set(largest)) == 3
    assert_tidy(drawing)


def test_categories_have_one_order(draw_spec: Draw, assert_tidy: Tidy) -> None:
    data = {"columns": {"n": ["b", "a", "c", "b"], "v": [1, 2, 3, 4], "p": ["x", "x", "y", "y"]}}
    drawing = draw_spec({
        "kind": "bar", "x": {"field": "n", "sort": "asc"}, "y": "v", "data": data, "facet": {"field": "p", "wrap": 1},
    })  # fmt: skip
    assert [label.text for label in texts(drawing, "tick-label-x")] == ["a", "b", "c"]
    assert_tidy(drawing)


def test_bins_are_the_same_in_all_panels(draw_spec: Draw) -> None:
    drawing = draw_spec({"kind": "histogram", "x": "large", "data": DATA, "facet": {"field": "who", "wrap": 3}})
    bars = [item for item in drawing.scene.by_role("bar") if isinstance(item, Rects)]
    widths = {round(float(item.boxes[0, 2] - item.boxes[0, 0]), 6) for item in bars}
    assert len(widths) == 1


def test_panels_lie_all_or_none(draw_spec: Draw, assert_tidy: Tidy) -> None:
    names = ["A very long name of something that nobody would break", "B", "C", "D"]
    data = {"columns": {"n": names, "v": [1, 2, 3, 4], "p": ["x", "x", "y", "y"]}}
    drawing = draw_spec({
        "kind": "bar", "x": "n", "y": "v", "data": data, "facet": {"field": "p", "wrap": 2},
        "image": {"width": 500, "height": 400},
    })  # fmt: skip
    starts = [item.boxes[:, 0] for item in drawing.scene.by_role("bar")]  # type: ignore[union-attr]  # rects
    assert all(np.ptp(start) < 1e-6 for start in starts)
    assert_tidy(drawing)


def test_annotations_stand_in_each_panel(draw_spec: Draw) -> None:
    drawing = draw_spec(facet({"field": "who"}, annotations=[{"kind": "rule", "y": 50_000}]))
    assert len(list(drawing.scene.by_role("note-rule"))) == 3


def test_kinds_without_axes_have_panels_too(draw_spec: Draw, assert_tidy: Tidy) -> None:
    data = {"columns": {"a": ["x", "x", "y"], "b": ["y", "z", "z"], "v": [1, 2, 3], "p": ["1", "2", "2"]}}
    drawing = draw_spec({
        "kind": "sankey", "source": "a", "target": "b", "value": "v", "data": data, "facet": {"field": "p"},
    })  # fmt: skip
    assert [label.text for label in texts(drawing, "panel-title")] == ["1", "2"]
    assert_tidy(drawing)


def test_the_alternative_text_says_what_the_panels_are(draw_spec: Draw) -> None:
    assert "Small multiples for a, b and c." in draw_spec(facet({"field": "who"})).alt


@pytest.mark.parametrize("size", [(16, 16), (120, 90), (320, 200), (1600, 120), (160, 900)])
@pytest.mark.parametrize("many", [2, 9, 25])
def test_any_size(size: tuple[int, int], many: int, draw_spec: Draw, assert_tidy: Tidy) -> None:
    image = {"width": size[0], "height": size[1]}
    names = [f"Category {number}" for number in range(many)]
    data = {
        "columns": {"p": names, "x": names, "y": list(range(many)), "c": names[: many // 2] * 2 + names[: many % 2]}
    }
    chart = {"kind": "bar", "x": "x", "y": "y", "data": data, "facet": {"field": "p"}, "image": image, "title": "Many"}
    assert_tidy(draw_spec(chart))
    assert_tidy(draw_spec(chart | {"color": "c", "facet": {"field": "p", "share": "none"}}))
    made = [line("small") | {"title": f"Panel {number}"} for number in range(many)]
    assert_tidy(draw_spec(panels(*made, image=image)))
    assert_tidy(draw_spec(panels(*made, image=image, share_x=True)))
