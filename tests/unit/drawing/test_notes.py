"""Annotations: shapes at their places, words in free ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from renderer.drawing.draw import Drawing
from renderer.drawing.scene import Box, Markers, Path, Rects, Segments, Text
from renderer.spec import SpecError

Spec = dict[str, Any]
Draw = Callable[..., Drawing]
Tidy = Callable[[Drawing], None]

DAYS = [f"2024-{month:02d}-01" for month in range(1, 13)]
VALUES = [5, 7, 6, 9, 12, 11, 14, 13, 10, 8, 6, 5]


def line(*notes: Spec, **more: Any) -> Spec:
    data = {"columns": {"day": DAYS, "value": VALUES}}
    return {"kind": "line", "x": "day", "y": "value", "data": data, "annotations": list(notes), **more}


def bars(*notes: Spec, **more: Any) -> Spec:
    data = {"columns": {"name": ["North", "South", "West"], "value": [3, 8, 5]}}
    return {"kind": "bar", "x": "name", "y": "value", "data": data, "annotations": list(notes), **more}


def only(drawing: Drawing, role: str) -> Any:
    (item,) = drawing.scene.by_role(role)
    return item


def grid_at(drawing: Drawing, value: float) -> float:
    """The pixel of a tick's grid line."""
    grid = only(drawing, "grid")
    return float(grid.ends[list(grid.values).index(value), 1])


def words(drawing: Drawing) -> list[Text]:
    return [item for item in drawing.scene.by_role("note") if isinstance(item, Text)]


def test_a_rule_stands_at_its_value(draw_spec: Draw, assert_tidy: Tidy) -> None:
    drawing = draw_spec(line({"kind": "rule", "y": 10, "text": "Limit"}, axes={"y": {"ticks": [5, 10, 15]}}))
    rule = only(drawing, "note-rule")
    assert isinstance(rule, Segments)
    assert rule.ends[0, 1] == rule.ends[0, 3] == pytest.approx(grid_at(drawing, 10))
    assert [text.text for text in words(drawing)] == ["Limit"]
    assert abs(words(drawing)[0].box.center[1] - rule.ends[0, 1]) < 20
    assert_tidy(drawing)


def test_a_rule_out_of_reach_stretches_the_axis(draw_spec: Draw) -> None:
    drawing = draw_spec(line({"kind": "rule", "y": 38}))
    assert float(only(drawing, "grid").values.max()) >= 38
    assert not drawing.warnings


def test_a_fixed_axis_is_not_stretched(draw_spec: Draw) -> None:
    drawing = draw_spec(line({"kind": "rule", "y": 38, "text": "Far"}, axes={"y": {"max": 20}}))
    assert not list(drawing.scene.by_role("note-rule"))
    assert drawing.warnings == ("The annotation 'Far' lies outside of the chart.",)


def test_a_rule_on_categories_stands_in_their_middle(draw_spec: Draw, assert_tidy: Tidy) -> None:
    drawing = draw_spec(bars({"kind": "rule", "x": "South", "text": "Here"}))
    middle = (only(drawing, "bar").boxes[1, 0] + only(drawing, "bar").boxes[1, 2]) / 2
    assert only(drawing, "note-rule").ends[0, 0] == pytest.approx(middle)
    assert_tidy(drawing)


def test_rules_lie_where_bars_do(draw_spec: Draw, assert_tidy: Tidy) -> None:
    drawing = draw_spec(bars({"kind": "rule", "y": 4, "text": "Target"}, horizontal=True))
    x0, y0, x1, y1 = only(drawing, "note-rule").ends[0]
    assert x0 == x1
    assert y1 > y0
    assert_tidy(drawing)


def test_a_band_of_categories_covers_both_of_its_ends(draw_spec: Draw) -> None:
    drawing = draw_spec(bars({"kind": "band", "x": "South", "x2": "West", "text": "Both"}))
    (band,) = only(drawing, "note-band").boxes
    boxes = only(drawing, "bar").boxes
    assert band[0] < boxes[1, 0]
    assert band[2] > boxes[2, 2]
    assert band[0] > boxes[0, 2]


def test_a_band_lies_under_the_marks_and_within_the_plot(draw_spec: Draw) -> None:
    drawing = draw_spec(line({"kind": "band", "x": "2023-01-01", "x2": "2024-03-01", "y": 6, "y2": 8}))
    roles = [item.role for item in drawing.scene.primitives]
    assert roles.index("grid") < roles.index("note-band") < roles.index("line")
    band = only(drawing, "note-band")
    assert isinstance(band, Rects)
    grid = only(drawing, "grid").box
    assert band.box.x0 == pytest.approx(grid.x0, abs=1)
    assert band.box.x1 < grid.center[0]


def test_a_point_has_a_ring_and_an_arrow_that_leads_to_it(draw_spec: Draw, assert_tidy: Tidy) -> None:
    drawing = draw_spec(line({"kind": "point", "x": "2024-07-01", "y": 14, "text": "The highest", "arrow": True}))
    ring = only(drawing, "note-point")
    assert isinstance(ring, Markers)
    path = only(drawing, "line")
    assert isinstance(path, Path)
    assert np.allclose(ring.points[0], path.points[6], atol=1e-6)
    shaft, head = drawing.scene.by_role("note-arrow")
    assert isinstance(shaft, Segments)
    assert isinstance(head, Path)
    tip = head.points[0]
    assert np.hypot(*(tip - ring.points[0])) < 10
    assert np.hypot(*(shaft.ends[0, 2:] - ring.points[0])) < np.hypot(*(shaft.ends[0, :2] - ring.points[0]))
    assert_tidy(drawing)


def test_words_keep_off_the_line(draw_spec: Draw) -> None:
    drawing = draw_spec(line({"kind": "point", "x": "2024-05-01", "y": 12, "text": "A word on May", "arrow": True}))
    box = words(drawing)[0].box
    points = only(drawing, "line").points
    steps = np.linspace(points[:-1], points[1:], 50).reshape(-1, 2)
    inside = (steps[:, 0] > box.x0) & (steps[:, 0] < box.x1) & (steps[:, 1] > box.y0) & (steps[:, 1] < box.y1)
    assert not inside.any()


def test_many_annotations_never_lie_on_each_other(draw_spec: Draw, assert_tidy: Tidy) -> None:
    notes: list[Spec] = [
        {"kind": "point", "x": day, "y": value, "text": f"Number {value}", "arrow": True}
        for day, value in zip(DAYS, VALUES, strict=True)
    ]
    notes += [{"kind": "rule", "y": value, "text": f"Level {value}"} for value in range(5, 15)]
    notes += [{"kind": "text", "x": "2024-06-15", "y": 10, "text": "Middle"}] * 3
    drawing = draw_spec(line(*notes))
    assert_tidy(drawing)
    assert len(words(drawing)) > 12
    for label in words(drawing):
        assert label.box.inside(only(drawing, "grid").box.grown(3.0), 3.0)


def test_what_has_no_room_is_a_warning(draw_spec: Draw, assert_tidy: Tidy) -> None:
    notes = [{"kind": "rule", "y": 10, "text": "One and the same level, said in many words"}] * 30
    drawing = draw_spec(line(*notes, image={"width": 300, "height": 200}))
    assert_tidy(drawing)
    assert any("has no room for its text" in warning for warning in drawing.warnings)


def test_line_breaks_and_long_words(draw_spec: Draw, assert_tidy: Tidy) -> None:
    text = "First line\nand a second one that is so long that it has to be broken"
    drawing = draw_spec(line({"kind": "text", "x": "2024-06-15", "y": 6, "text": text}))
    assert words(drawing)[0].text == "First line"
    assert len(words(drawing)) > 2
    assert_tidy(drawing)


def test_value_labels_give_way(draw_spec: Draw, assert_tidy: Tidy) -> None:
    drawing = draw_spec(bars({"kind": "rule", "y": 8, "text": "The highest of all"}, labels={"position": "outside"}))
    assert_tidy(drawing)
    assert [text.text for text in words(drawing)] == ["The highest of all"]


def test_dates_without_a_zone_are_on_the_charts_clock(draw_spec: Draw) -> None:
    """As those of the data are: the rule stands at the point of the same day."""
    for zone in ("UTC", "Asia/Tokyo", "America/New_York"):
        drawing = draw_spec(line({"kind": "rule", "x": "2024-04-01"}, timezone=zone))
        assert only(drawing, "note-rule").ends[0, 0] == pytest.approx(only(drawing, "line").points[3, 0])


def test_dates_on_an_axis_of_years(draw_spec: Draw) -> None:
    data = {"columns": {"year": [2019, 2020, 2021, 2022], "value": [1, 2, 3, 4]}}
    band = {"kind": "band", "x": "2020-01-01", "x2": "2021-12-31", "text": "COVID-19"}
    drawing = draw_spec({"kind": "line", "x": "year", "y": "value", "data": data, "annotations": [band]})
    (box,) = only(drawing, "note-band").boxes
    points = only(drawing, "line").points
    assert box[0] == pytest.approx(points[1, 0])
    assert points[2, 0] < box[2] <= points[3, 0] + 0.5


def test_the_second_axis(draw_spec: Draw) -> None:
    data = {"columns": {"day": DAYS, "value": VALUES, "share": [value / 50 for value in VALUES]}}
    layers = [
        {"kind": "bar", "x": "month(day)", "y": "value"},
        {"kind": "line", "x": "month(day)", "y": "share", "y_axis": "right"},
    ]
    note = {"kind": "point", "x": "2024-07-01", "y": 0.28, "y_axis": "right"}
    drawing = draw_spec({"data": data, "layers": layers, "annotations": [note]})
    assert np.allclose(only(drawing, "note-point").points[0], only(drawing, "line").points[6])


@pytest.mark.parametrize(
    ("note", "where", "what"),
    [
        ({"kind": "rule", "x": 5}, "/annotations/0/x", "must be a date such as"),
        ({"kind": "rule", "y": "2024-01-01"}, "/annotations/0/y", "must be a number, because y holds numbers"),
        ({"kind": "band", "x": "2024-01-01", "x2": "soon"}, "/annotations/0/x2", "must be a date"),
        ({"kind": "rule", "y": 1, "y_axis": "right"}, "/annotations/0/y_axis", "no layer has the right axis"),
    ],
)
def test_places_that_the_axis_has_not(note: Spec, where: str, what: str, draw_spec: Draw) -> None:
    with pytest.raises(SpecError) as caught:
        draw_spec(line(note))
    (problem,) = caught.value.problems
    assert problem.pointer == where
    assert what in problem.message


def test_categories_that_there_are_not(draw_spec: Draw) -> None:
    with pytest.raises(SpecError, match=r"/annotations/0/x: x has no 'Nort'; did you mean 'North'\?"):
        draw_spec(bars({"kind": "rule", "x": "Nort"}))


def test_nothing_stands_at_axes_that_are_not_there(draw_spec: Draw) -> None:
    spec = {
        "kind": "sankey", "source": "a", "target": "b", "value": "v",
        "data": {"columns": {"a": ["x"], "b": ["y"], "v": [1]}}, "annotations": [{"kind": "rule", "y": 1}],
    }  # fmt: skip
    with pytest.raises(SpecError, match="/annotations/0: a sankey has no axes"):
        draw_spec(spec)


def test_what_is_written_is_told(draw_spec: Draw) -> None:
    alt = draw_spec(line({"kind": "rule", "y": 10, "text": "UN target"})).alt
    assert "Marked: UN target at 10." in alt


def test_annotations_are_in_no_legend(draw_spec: Draw) -> None:
    drawing = draw_spec(bars({"kind": "rule", "y": 4, "text": "Target"}))
    assert not list(drawing.scene.by_role("legend-label"))


@pytest.mark.parametrize("size", [(16, 16), (90, 60), (320, 200), (2000, 60), (60, 900)])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_any_size(size: tuple[int, int], theme: str, draw_spec: Draw, assert_tidy: Tidy) -> None:
    notes: list[Spec] = [
        {"kind": "rule", "y": 11, "text": "A rule"},
        {"kind": "band", "x": "2024-02-01", "x2": "2024-03-01", "text": "A band of one month"},
        {"kind": "text", "x": "2024-11-01", "y": 13, "text": "Words"},
        {"kind": "point", "x": "2024-12-01", "y": 5, "text": "The end", "arrow": True},
    ]
    drawing = draw_spec(line(*notes, image={"width": size[0], "height": size[1]}), theme=theme)
    assert_tidy(drawing)
    assert drawing.scene.box == Box(0, 0, *size)
