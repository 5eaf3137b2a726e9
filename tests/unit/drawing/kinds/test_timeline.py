"""Timelines: events at their moments, words that stand clear, periods, and moments that cannot be."""

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

_ROWS: list[list[Any]] = [
    ["2001-01-11", None, "First", "a"],
    ["2001-01-01", None, "Before the first", "b"],
    ["2001-01-21", "2001-01-31", "A period", "a"],
]


def _timeline(rows: list[list[Any]] = _ROWS, **more: Any) -> Spec:
    data = {"rows": rows, "header": ["from", "to", "what", "who"]}
    return {"kind": "timeline", "data": data, "start": "from", "label": "what"} | more


def _words(drawing: Drawing, role: str = "event-label") -> list[str]:
    return [item.text for item in drawing.scene.texts if item.role == role]


def test_events_stand_at_their_moments(draw_spec: Draw) -> None:
    drawing = draw_spec(_timeline())
    (points,) = (item for item in drawing.scene.by_role("point") if isinstance(item, Markers))
    x = points.points[:, 0]
    assert x[0] - x[1] == pytest.approx(x[2] - x[0])
    assert len(set(points.points[:, 1])) == 1
    (poles,) = (item for item in drawing.scene.by_role("stem") if isinstance(item, Segments))
    assert np.allclose(np.sort(poles.ends[:, 0]), np.sort(x))
    assert not [item for item in drawing.scene.texts if item.role == "tick-label-y"]


def test_words_and_dates_stand_beside_the_poles(draw_spec: Draw, assert_tidy: Callable[[Drawing], None]) -> None:
    drawing = draw_spec(_timeline())
    assert sorted(_words(drawing)) == ["A period", "Before the first", "First"]
    assert "Jan 11, 2001" in _words(drawing, "event-date")
    assert_tidy(drawing)
    assert not _words(draw_spec(_timeline(dates=False)), "event-date")
    years = [[f"{1950 + 7 * index}-01-01", None, f"Event {index}", ""] for index in range(4)]
    assert set(_words(draw_spec(_timeline(years)), "event-date")) == {"1950", "1957", "1964", "1971"}


def test_periods_are_bars(draw_spec: Draw) -> None:
    drawing = draw_spec(_timeline(end="to", color="who"))
    (period,) = (item for item in drawing.scene.by_role("period") if isinstance(item, Rects))
    assert period.values is not None
    assert period.values.tolist() == [10.0]
    points = [item for item in drawing.scene.by_role("point") if isinstance(item, Markers)]
    ends = np.sort(np.concatenate([item.points[:, 0] for item in points]))
    assert period.box.width == pytest.approx(ends[1] - ends[0])
    assert {item.text for item in drawing.scene.texts if item.role == "legend-label"} == {"a", "b"}


def test_many_events_use_both_sides_or_are_left_out(draw_spec: Draw, assert_tidy: Callable[[Drawing], None]) -> None:
    days = np.datetime_as_string(np.datetime64("2001-01-01") + np.arange(300) * 3)
    drawing = draw_spec(_timeline([[day, None, f"Something on {day}", ""] for day in days.tolist()]))
    assert_tidy(drawing)
    assert any("have no room for their label" in warning for warning in drawing.warnings)
    assert len(_words(drawing)) > 10


@pytest.mark.parametrize("size", [(800, 500), (320, 200), (1200, 400), (300, 700), (90, 60), (16, 16)])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_all_sizes_are_tidy(
    size: tuple[int, int], theme: str, draw_spec: Draw, assert_tidy: Callable[[Drawing], None]
) -> None:
    for count in (1, 3, 20, 100):
        rows = [
            [f"20{index % 40:02d}-0{1 + index % 9}-11", None, f"What happened in many words {index}", f"g{index % 3}"]
            for index in range(count)
        ]
        image = {"width": size[0], "height": size[1]}
        assert_tidy(draw_spec(_timeline(rows, color="who", title="Events", image=image), theme=theme))


def test_moments_may_be_numbers(draw_spec: Draw) -> None:
    drawing = draw_spec(_timeline([[5, 8, "a", ""], [7, None, "b", ""]], end="to"))
    assert set(_words(drawing, "event-date")) == {"5", "7"}


@pytest.mark.parametrize(
    ("change", "pointer", "message"),
    [
        ({"rows": [["2001-01-05", "2001-01-01", "Back", ""]], "end": "to"}, "/end", "'Back' ends Jan 1, 2001, before"),
        ({"rows": [["2001-01-05", 4, "Odd", ""]], "end": "to"}, "/end", "must hold dates"),
        ({"start": "what"}, "/start", "where dates are needed"),
    ],
)
def test_events_that_cannot_be(change: Spec, pointer: str, message: str, draw_spec: Draw) -> None:
    with pytest.raises(SpecError, match=message) as caught:
        draw_spec(_timeline(**change))
    assert caught.value.problems[0].pointer == pointer


def test_the_alternative_text_tells_the_events_in_order(draw_spec: Draw) -> None:
    alt = draw_spec(_timeline()).alt
    assert "Timeline of 3 events from Jan 1, 2001 to Jan 21, 2001: Jan 1, 2001, Before the first; Jan 11, 2001" in alt
