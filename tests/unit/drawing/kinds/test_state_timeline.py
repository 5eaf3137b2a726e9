"""State timelines: how long each state lasts, what the states are called, and times that cannot be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from renderer.drawing.draw import Drawing
from renderer.drawing.scene import Rects
from renderer.spec.errors import SpecError

Spec = dict[str, Any]
Draw = Callable[..., Drawing]

_ROWS: list[list[Any]] = [
    ["Press", "2026-01-01", "On"],
    ["Press", "2026-01-11", "Off"],
    ["Press", "2026-01-16", "On"],
    ["Oven", "2026-01-06", "On"],
]


def _states(rows: list[list[Any]] = _ROWS, **more: Any) -> Spec:
    header = ["machine", "from", "state", "to"][: len(rows[0])]
    data = {"rows": rows, "header": header}
    return {"kind": "state_timeline", "data": data, "row": "machine", "start": "from", "state": "state"} | more


def _rects(drawing: Drawing) -> dict[str, Rects]:
    return {item.name: item for item in drawing.scene.by_role("state") if isinstance(item, Rects)}


def _lengths(drawing: Drawing) -> dict[str, list[float]]:
    return {name: item.values.tolist() for name, item in _rects(drawing).items() if item.values is not None}


def test_a_state_lasts_until_the_next(draw_spec: Draw) -> None:
    drawing = draw_spec(_states(until="2026-01-21"))
    assert _lengths(drawing) == {"On": [10.0, 5.0, 15.0], "Off": [5.0]}
    boxes = _rects(drawing)["On"].boxes
    assert boxes[0, 2] - boxes[0, 0] + 1 == pytest.approx(2 * (boxes[1, 2] - boxes[1, 0] + 1), abs=0.01)
    assert boxes[0, 1] == boxes[1, 1] < boxes[2, 1]
    labels = {item.text for item in drawing.scene.texts if item.role == "legend-label"}
    assert labels == {"On", "Off"}


def test_the_last_states_end_with_the_data(draw_spec: Draw) -> None:
    # As long as the median distance of two starts: 5 days.
    assert _lengths(draw_spec(_states()))["On"] == [10.0, 5.0, 15.0]
    ended = [[*row, None] for row in _ROWS]
    ended[0][3] = "2026-02-01"
    drawing = draw_spec(_states(ended, end="to"))
    assert _lengths(drawing)["On"] == [31.0, 16.0, 26.0]
    assert any("in front" in warning for warning in drawing.warnings)


def test_equal_states_that_follow_each_other_are_one(draw_spec: Draw) -> None:
    rows = [["Press", "2026-01-01", "On"], ["Press", "2026-01-03", "On"], ["Press", "2026-01-07", "Off"]]
    assert _lengths(draw_spec(_states(rows, until="2026-01-09"))) == {"On": [6.0], "Off": [2.0]}


def test_states_are_named_where_they_fit(draw_spec: Draw) -> None:
    drawing = draw_spec(_states())
    assert sorted(item.text for item in drawing.scene.texts if item.role == "value-label") == ["Off", "On", "On", "On"]
    assert not [item for item in draw_spec(_states(labels=False)).scene.texts if item.role == "value-label"]
    long = [[*row[:2], f"{row[2]}, a name that is much too long to fit into {'any ' * 20}line"] for row in _ROWS]
    assert not [item for item in draw_spec(_states(long)).scene.texts if item.role == "value-label"]


def test_colours_and_legend_are_those_of_the_state(draw_spec: Draw) -> None:
    drawing = draw_spec(_states(state={"field": "state", "map": {"On": "#00ff00"}, "legend": "none"}))
    assert _rects(drawing)["On"].fill == (0.0, 1.0, 0.0, 1.0)
    assert not [item for item in drawing.scene.texts if item.role == "legend-label"]


@pytest.mark.parametrize("size", [(800, 500), (320, 200), (1200, 400), (300, 700), (90, 60), (16, 16)])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_all_sizes_are_tidy(
    size: tuple[int, int], theme: str, draw_spec: Draw, assert_tidy: Callable[[Drawing], None]
) -> None:
    for rows, states in ((1, 1), (3, 4), (40, 30), (200, 5)):
        table = [
            [f"Machine {row}", f"2026-01-{1 + state:02d}", f"State {(row * 7 + state) % 5}"]
            for row in range(rows)
            for state in range(states)
        ]
        image = {"width": size[0], "height": size[1]}
        assert_tidy(draw_spec(_states(table, title="States", image=image), theme=theme))


@pytest.mark.parametrize(
    ("change", "pointer", "message"),
    [
        ({"rows": [["Press", "2026-01-05", "On", "2026-01-01"]], "end": "to"}, "/end", "'On' of 'Press' ends"),
        ({"until": "2026-01-02"}, "/until", "before the start of the last"),
        ({"until": 7}, "/until", "must be a date"),
        ({"state": "condition"}, "/state", "no column 'condition'"),
    ],
)
def test_times_that_cannot_be(change: Spec, pointer: str, message: str, draw_spec: Draw) -> None:
    with pytest.raises(SpecError, match=message) as caught:
        draw_spec(_states(**change))
    assert caught.value.problems[0].pointer == pointer


def test_the_alternative_text_tells_the_shares(draw_spec: Draw) -> None:
    alt = draw_spec(_states(until="2026-01-21")).alt
    assert "State timeline of 2 rows from Jan 1, 2026, with the states On and Off" in alt
    assert "Press is On for 75% of the time" in alt
