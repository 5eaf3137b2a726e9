"""Gantt charts: bars at their times, in their lines, with what is done of them; and plans that cannot be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from renderer.drawing.draw import Drawing
from renderer.drawing.scene import Markers, Rects, Segments
from renderer.spec.errors import SpecError

Spec = dict[str, Any]
Draw = Callable[..., Drawing]

_HEADER = ["phase", "task", "from", "to", "done", "who"]
_ROWS: list[list[Any]] = [
    ["Plan", "Ask", "2026-01-05", "2026-01-15", 1, "Ana"],
    ["Plan", "Draw", "2026-01-12", "2026-02-01", 0.5, "Ben"],
    ["Make", "Build", "2026-02-01", "2026-03-01", 0, "Chloé"],
    ["Make", "Ship", "2026-03-04", None, None, "Dora"],
]


def _gantt(rows: list[list[Any]] = _ROWS, **more: Any) -> Spec:
    data = {"rows": rows, "header": _HEADER}
    return {"kind": "gantt", "data": data, "task": "task", "start": "from", "end": "to"} | more


def _bars(drawing: Drawing, role: str = "bar") -> list[Rects]:
    return [item for item in drawing.scene.by_role(role) if isinstance(item, Rects)]


def _names(drawing: Drawing) -> list[str]:
    return [item.text for item in drawing.scene.texts if item.role == "tick-label-y"]


def test_bars_are_as_long_as_the_tasks(draw_spec: Draw) -> None:
    (bars,) = _bars(draw_spec(_gantt()))
    assert bars.values is not None
    assert bars.values.tolist() == [10.0, 20.0, 28.0]
    lengths = bars.boxes[:, 2] - bars.boxes[:, 0]
    assert lengths == pytest.approx(lengths[0] / 10 * bars.values)
    assert (np.diff(bars.boxes[:, 1]) > 0).all()
    # One starts when the other ends.
    assert bars.boxes[2, 0] == pytest.approx(bars.boxes[1, 2])


def test_a_task_without_an_end_is_a_milestone(draw_spec: Draw) -> None:
    drawing = draw_spec(_gantt())
    (milestone,) = drawing.scene.by_role("milestone")
    assert isinstance(milestone, Markers)
    assert len(milestone.points) == 1
    (label,) = (item for item in drawing.scene.texts if item.text == "Ship")
    assert label.box.center[1] == pytest.approx(milestone.points[0, 1], abs=2)
    only = draw_spec({name: value for name, value in _gantt().items() if name != "end"})
    assert not _bars(only)


def test_what_is_done_is_a_part_of_the_bar(draw_spec: Draw) -> None:
    drawing = draw_spec(_gantt(progress="done"))
    (bars,), (done,) = _bars(drawing), _bars(drawing, "progress")
    share = (done.boxes[:, 2] - done.boxes[:, 0]) / (bars.boxes[:, 2] - bars.boxes[:, 0])
    assert share == pytest.approx([1.0, 0.5, 0.0])
    assert bars.fill != done.fill
    assert "of the work is done" in drawing.alt


def test_groups_have_headings_and_spans(draw_spec: Draw) -> None:
    drawing = draw_spec(_gantt(group="phase"))
    assert _names(drawing) == ["Plan", "Ask", "Draw", "Make", "Build", "Ship"]
    (spans,) = _bars(drawing, "group")
    (bars,) = _bars(drawing)
    assert spans.boxes[0, [0, 2]].tolist() == pytest.approx([bars.boxes[0, 0], bars.boxes[1, 2]])
    # Tasks of the same name in two groups are two tasks.
    twice = [[*row[:1], "Same", *row[2:]] for row in _ROWS]
    assert _names(draw_spec(_gantt(twice, group="phase"))) == ["Plan", "Same", "Make", "Same"]


def test_a_task_may_have_several_bars(draw_spec: Draw) -> None:
    (bars,) = _bars(draw_spec(_gantt([["", "Same", *row[2:]] for row in _ROWS])))
    assert len(set(bars.boxes[:, 1])) == 1


def test_tasks_may_be_put_in_the_order_of_their_starts(draw_spec: Draw) -> None:
    for sort in ("start", "from"):
        drawing = draw_spec(_gantt(_ROWS[::-1], task={"field": "task", "sort": sort}))
        assert _names(drawing) == ["Ask", "Draw", "Build", "Ship"]
    assert _names(draw_spec(_gantt(task={"field": "task", "sort": "-start"}))) == ["Ship", "Build", "Draw", "Ask"]


def test_colours_are_explained_once(draw_spec: Draw) -> None:
    def legend(**more: Any) -> set[str]:
        return {item.text for item in draw_spec(_gantt(**more)).scene.texts if item.role == "legend-label"}

    assert legend(color="phase") == {"Plan", "Make"}
    assert legend(color="phase", group="phase") == set()


def test_today_is_a_line_with_its_date(draw_spec: Draw) -> None:
    drawing = draw_spec(_gantt(today="2026-02-01"))
    (line,) = drawing.scene.by_role("today")
    (bars,) = _bars(drawing)
    assert isinstance(line, Segments)
    assert line.ends[0, 0] == pytest.approx(bars.boxes[1, 2])
    assert "Feb 1, 2026" in {item.text for item in drawing.scene.texts if item.role == "today-label"}


def test_labels_are_in_the_bars_or_beside_them(draw_spec: Draw, assert_tidy: Callable[[Drawing], None]) -> None:
    drawing = draw_spec(_gantt(label="who", progress="done"))
    (bars,) = _bars(drawing)
    labels = {item.text: item.box for item in drawing.scene.texts if item.role == "value-label"}
    assert labels.keys() == {"Ana", "Ben", "Chloé", "Dora"}
    assert bars.boxes[0, 0] < labels["Ana"].x0 < labels["Ana"].x1 < bars.boxes[0, 2]
    assert labels["Chloé"].x0 > bars.boxes[2, 2]
    assert_tidy(drawing)
    percents = draw_spec(_gantt(label={"field": "done", "format": "percent"}))
    assert "50%" in {item.text for item in percents.scene.texts}


def test_hours_may_be_numbers(draw_spec: Draw) -> None:
    rows = [["", "a", 0, 60, 1, ""], ["", "b", 60, 90, 1, ""]]
    drawing = draw_spec(_gantt(rows, axes={"x": {"format": "duration"}}, today=75))
    assert "1m" in {item.text for item in drawing.scene.texts if item.role == "tick-label-x"}


@pytest.mark.parametrize("size", [(800, 500), (320, 200), (1200, 400), (300, 700), (90, 60), (16, 16)])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_all_sizes_are_tidy(
    size: tuple[int, int], theme: str, draw_spec: Draw, assert_tidy: Callable[[Drawing], None]
) -> None:
    for count in (1, 4, 30, 200):
        rows = [[f"Phase {i // 7}", f"a task of many words, number {i}", *_ROWS[i % 4][2:]] for i in range(count)]
        drawing = draw_spec(
            _gantt(
                rows, group="phase", label="who", progress="done", today="2026-01-20", title="Plan",
                image={"width": size[0], "height": size[1]},
            ),
            theme=theme,
        )  # fmt: skip
        assert_tidy(drawing)
        if count == 200:
            assert any("has room for its name" in warning for warning in drawing.warnings)


@pytest.mark.parametrize(
    ("change", "pointer", "message"),
    [
        ({"rows": [["", "Late", "2026-03-02", "2026-03-01", 1, ""]]}, "/end", "'Late' ends Mar 1, 2026, before"),
        ({"rows": [["", "Odd", "2026-03-02", 7, 1, ""]]}, "/end", "must hold dates"),
        ({"rows": [["", "Much", "2026-03-02", "2026-03-05", 80, ""]], "progress": "done"}, "/progress", "'Much' is 80"),
        ({"today": 20}, "/today", "must be a date"),
        ({"start": "who"}, "/start", "where dates are needed"),
        ({"today": "soon"}, "/today", "neither a number nor a date"),
    ],
)
def test_plans_that_cannot_be(change: Spec, pointer: str, message: str, draw_spec: Draw) -> None:
    with pytest.raises(SpecError, match=message) as caught:
        draw_spec(_gantt(**change))
    assert caught.value.problems[0].pointer == pointer


def test_the_alternative_text_tells_the_plan(draw_spec: Draw) -> None:
    alt = draw_spec(_gantt(group="phase")).alt
    assert "Gantt chart of 4 tasks in Plan and Make, from Jan 5, 2026 to Mar 4, 2026" in alt
    assert "'Build' takes longest" in alt
