"""What stays from one drawing to the next: colours of series, limits of axes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from renderer.data.resolve import load
from renderer.drawing.draw import Drawing, draw
from renderer.drawing.scene import Color, Path, Rects, Segments
from renderer.spec import parse

Rows = dict[str, list[float]]


def lines(rows: Rows, memory: Mapping[str, Any] | None = None, *, theme: str = "light", **fields: Any) -> Drawing:
    """One line for each name, drawn with what the drawing before left, as it comes back from a database."""
    values = [{"x": x, "y": y, "name": name} for name, ys in rows.items() for x, y in enumerate(ys)]
    spec = {"kind": "line", "data": {"values": values}, "x": "x", "y": "y", "color": "name"} | fields
    return draw(load(parse(spec)), theme=theme, memory=json.loads(json.dumps(dict(memory or {}))))


def colors(drawing: Drawing) -> dict[str, Color]:
    return {
        item.name: item.stroke.color
        for item in drawing.scene.by_role("line")
        if isinstance(item, Path) and item.stroke is not None
    }


STABLE: dict[str, Any] = {"stable_colors": True}


def test_a_series_keeps_its_colour_whichever_others_come_and_go() -> None:
    first = lines({"a": [1, 2], "b": [2, 3], "c": [3, 4]}, **STABLE)
    second = lines({"c": [3, 4], "new": [1, 1], "a": [1, 2]}, first.memory, **STABLE)
    third = lines({"b": [2, 3], "new": [1, 1]}, second.memory, **STABLE)

    was = colors(first)
    assert was == colors(lines({"a": [1, 2], "b": [2, 3], "c": [3, 4]}))  # the first time they are as ever
    assert {name: colors(second)[name] for name in "ac"} == {name: was[name] for name in "ac"}
    assert colors(second)["new"] not in was.values()
    assert colors(third) == {"b": was["b"], "new": colors(second)["new"]}


def test_without_the_option_nothing_is_remembered() -> None:
    assert lines({"a": [1], "b": [2]}).memory == {}


def test_colours_stay_in_every_theme() -> None:
    first = lines({"a": [1, 2], "b": [2, 3]}, **STABLE)
    dark = lines({"a": [1, 2], "b": [2, 3]}, theme="dark", **STABLE)
    assert dark.memory == first.memory
    assert colors(lines({"b": [2, 3]}, first.memory, theme="dark", **STABLE))["b"] == colors(dark)["b"]


def test_a_place_is_given_away_only_when_all_are_taken_and_its_name_is_gone() -> None:
    memory: Mapping[str, Any] = {}
    for number in range(30):
        drawing = lines({"always": [1, 2], f"once {number}": [2, 3]}, memory, **STABLE)
        found = colors(drawing)
        assert found["always"] == colors(lines({"always": [1, 2]}))["always"]
        assert len(set(found.values())) == 2
        memory = drawing.memory
    (scope,) = memory["colors"].values()
    assert max(place for place, _ in scope["names"].values()) < 10  # of the palette's ten colours


def test_layers_without_names_keep_theirs_too() -> None:
    layers = [
        {"kind": "line", "x": "x", "y": "y", "color": "name"},
        {"kind": "line", "x": "x", "y": "goal", "name": "Goal"},
    ]

    def drawn(names: str, memory: Mapping[str, Any]) -> Drawing:
        values = [{"x": x, "y": x, "goal": 2, "name": name} for name in names for x in range(2)]
        return draw(load(parse({"data": {"values": values}, "layers": layers, **STABLE})), memory=memory)

    first = drawn("ab", {})
    second = drawn("cab", first.memory)
    assert colors(first)[""] == colors(second)[""]
    assert colors(second)["c"] not in colors(first).values()


def test_panels_that_are_coloured_by_the_same_agree() -> None:
    def drawn(names: str, memory: Mapping[str, Any]) -> Drawing:
        values = [{"x": x, "y": x, "name": name, "f": f} for name in names for x in range(2) for f in "pq"]
        spec = {
            "kind": "line",
            "data": {"values": values},
            "x": "x",
            "y": "y",
            "color": "name",
            "facet": {"field": "f"},
        }
        return draw(load(parse(spec | STABLE)), memory=memory)

    first = drawn("abc", {})
    assert colors(drawn("cb", first.memory)) == {name: colors(first)[name] for name in "bc"}


def test_a_palette_of_the_channels_own_is_remembered_apart() -> None:
    channel = {"field": "name", "palette": ["#111111", "#ee0000", "#00aa00"]}
    first = lines({"a": [1, 2], "b": [2, 3]}, color=channel, **STABLE)
    second = lines({"new": [0, 1], "b": [2, 3]}, first.memory, color=channel, **STABLE)
    assert colors(second)["b"] == colors(first)["b"]
    assert colors(second)["new"] not in colors(first).values()


# Axes -----------------------------------------------------------------------------------------------------------------

STICKY: dict[str, Any] = {"sticky_axes": True}


def ticks(drawing: Drawing) -> tuple[float, float]:
    """The lowest and the highest line of the grid across the chart: where an axis that is nice ends."""
    (grid,) = (item for item in drawing.scene.by_role("grid") if isinstance(item, Segments))
    assert grid.values is not None
    return float(np.min(grid.values)), float(np.max(grid.values))


def bars(values: list[float], memory: Mapping[str, Any] | None = None, **fields: Any) -> Drawing:
    columns = {"x": [f"n{place}" for place in range(len(values))], "y": values}
    spec = {"kind": "bar", "data": {"columns": columns}, "x": "x", "y": "y"} | fields
    return draw(load(parse(spec)), memory=json.loads(json.dumps(dict(memory or {}))))


def test_an_axis_keeps_its_end_while_data_fill_half_of_it() -> None:
    first = bars([10, 95], **STICKY)
    assert ticks(first) == (0, 100)
    assert ticks(bars([10, 72], first.memory, **STICKY)) == (0, 100)
    assert ticks(bars([10, 51], first.memory, **STICKY)) == (0, 100)
    assert ticks(bars([10, 45], first.memory, **STICKY))[1] < 60


def test_it_grows_at_once_and_at_the_end_that_data_leave() -> None:
    first = lines({"a": [22, 38]}, **STICKY)
    low, high = ticks(first)
    grown = lines({"a": [25, 43]}, first.memory, **STICKY)
    grown_low, grown_high = ticks(grown)
    assert grown_low <= low <= 22
    assert high < 43 <= grown_high
    assert ticks(lines({"a": [30, 41]}, grown.memory, **STICKY)) == (grown_low, grown_high)


def test_without_memory_or_the_option_an_axis_is_as_ever() -> None:
    first = bars([10, 95], **STICKY)
    assert ticks(bars([10, 72], first.memory)) == ticks(bars([10, 72], **STICKY)) == ticks(bars([10, 72])) == (0, 80)


def test_equal_data_give_an_equal_picture_however_often() -> None:
    """So a picture whose data did not change need not be drawn to know what it would be."""
    shown: list[list[float]] = [[10, 95], [1, 2], [0.1, 1e6], [3, 4]]
    scales: list[dict[str, Any]] = [{}, {"axes": {"y": {"scale": "symlog"}}}, {"axes": {"y": {"scale": "sqrt"}}}]
    for values in shown:
        for fields in scales:
            first = bars(values, stable_colors=True, **STICKY, **fields)
            second = bars(values, first.memory, stable_colors=True, **STICKY, **fields)
            boxes = [
                [rects.boxes for rects in d.scene.by_role("bar") if isinstance(rects, Rects)] for d in (first, second)
            ]
            np.testing.assert_array_equal(np.concatenate(boxes[0]), np.concatenate(boxes[1]))
            assert ticks(first) == ticks(second)


def test_half_of_a_log_axis_is_half_of_its_length() -> None:
    log: dict[str, Any] = {"axes": {"y": {"scale": "log"}}, **STICKY}
    first = lines({"a": [1, 10_000]}, **log)
    assert ticks(first) == (1, 10_000)
    assert ticks(lines({"a": [5, 2_000]}, first.memory, **log)) == (1, 10_000)
    assert ticks(lines({"a": [1, 50]}, first.memory, **log))[1] < 10_000


def test_an_authors_limit_wins() -> None:
    first = bars([10, 95], **STICKY)
    assert ticks(bars([10, 72], first.memory, axes={"y": {"max": 80}}, **STICKY)) == (0, 80)


def test_another_column_in_its_place_has_nothing_to_do_with_it() -> None:
    first = bars([10, 95], **STICKY)
    columns = {"x": ["a", "b"], "share": [60, 72]}
    spec = {"kind": "bar", "data": {"columns": columns}, "x": "x", "y": "share", **STICKY}
    assert ticks(draw(load(parse(spec)), memory=first.memory)) == (0, 80)


def test_two_axes_of_y_stay_together() -> None:
    def drawn(left: float, right: float, memory: Mapping[str, Any]) -> Drawing:
        columns = {"x": ["a", "b"], "left": [1, left], "right": [1, right]}
        layers = [{"kind": "bar", "x": "x", "y": "left"}, {"kind": "line", "x": "x", "y": "right", "y_axis": "right"}]
        return draw(load(parse({"data": {"columns": columns}, "layers": layers, **STICKY})), memory=memory)

    first = drawn(95, 48, {})
    second = drawn(80, 40, first.memory)
    for name, before in first.memory["axes"].items():
        assert second.memory["axes"][name] == before
    third = drawn(200, 40, second.memory)
    assert third.memory["axes"]["/right"] is not None
    assert third.memory["axes"]["/y"]["high"] >= 200


def test_a_new_small_multiple_has_the_axis_of_the_others() -> None:
    def drawn(panels: dict[str, float], memory: Mapping[str, Any]) -> Drawing:
        values = [{"x": x, "y": top * x, "f": name} for name, top in panels.items() for x in range(2)]
        spec = {"kind": "line", "data": {"values": values}, "x": "x", "y": "y", "facet": {"field": "f"}, **STICKY}
        return draw(load(parse(spec)), memory=memory)

    first = drawn({"p": 95, "q": 40}, {})
    second = drawn({"p": 70, "q": 40, "new": 20}, first.memory)
    assert second.memory["axes"]["shared/y"] == first.memory["axes"]["shared/y"]


def test_small_multiples_of_one_panel_have_nothing_to_do_with_those_of_another() -> None:
    values = [{"x": x, "small": x, "large": 900 * x, "f": name} for name in "pq" for x in range(2)]
    panels = [
        {"layers": [{"kind": "line", "x": "x", "y": y}], "facet": {"field": "f"}, "title": y}
        for y in ("small", "large")
    ]
    first = draw(load(parse({"data": {"values": values}, "panels": panels, **STICKY})), memory={})
    highs = {name: axis["high"] for name, axis in first.memory["axes"].items() if name.endswith("/y")}
    assert sorted(highs.values()) == [1, 1000]


@pytest.mark.parametrize("kind", ["radar", "polar_bar"])
def test_an_axis_that_runs_outwards_stays_too(kind: str) -> None:
    def drawn(most: float, memory: Mapping[str, Any]) -> Drawing:
        columns = {"k": ["a", "b", "c", "d"], "v": [1, 2, 3, most]}
        spec = {"kind": kind, "data": {"columns": columns}, "x": "k", "y": "v", **STICKY}
        return draw(load(parse(spec)), memory=memory)

    first = drawn(95, {})
    second = drawn(70, first.memory)
    assert first.memory["axes"]
    assert second.memory == first.memory
