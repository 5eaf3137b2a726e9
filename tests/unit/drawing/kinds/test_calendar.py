"""Calendars: each day in its week and month."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from renderer.drawing.draw import Drawing
from renderer.drawing.scene import Rects, Segments
from renderer.spec.errors import SpecError

Spec = dict[str, Any]
Draw = Callable[..., Drawing]
Tidy = Callable[[Drawing], None]


def _days(first: date, count: int, **fields: Any) -> Spec:
    days = [(first + timedelta(days=number)).isoformat() for number in range(count)]
    return {
        "kind": "calendar",
        "data": {"columns": {"day": days, "amount": list(range(count))}},
        "date": "day",
        "color": "amount",
        "week_start": "monday",
    } | fields


def _boxes(drawing: Drawing) -> np.ndarray[Any, Any]:
    """The boxes of the days in their order."""
    items = [item for item in drawing.scene.by_role("cell") if isinstance(item, Rects) and item.values is not None]
    boxes = np.concatenate([item.boxes for item in items])
    return boxes[np.argsort(np.concatenate([item.values for item in items if item.values is not None]))]


@pytest.mark.parametrize(("week_start", "weekday"), [("monday", 0), ("sunday", 6), ("saturday", 5)])
def test_weeks_are_columns(week_start: str, weekday: int, draw_spec: Draw, assert_tidy: Tidy) -> None:
    first = date(2015, 1, 1)
    drawing = draw_spec(_days(first, 365, layout="across", week_start=week_start))
    assert_tidy(drawing)
    boxes = _boxes(drawing)
    assert len(boxes) == 365
    rows = np.unique(np.round(boxes[:, 1], 6))
    columns = np.unique(np.round(boxes[:, 0], 6))
    assert len(rows) == 7
    for number in range(0, 365, 11):
        day = first + timedelta(days=number)
        row = (day.weekday() - weekday) % 7
        start = (first.weekday() - weekday) % 7
        assert boxes[number, 1] == pytest.approx(rows[row])
        assert boxes[number, 0] == pytest.approx(columns[(number + start) // 7])


def test_weeks_begin_where_the_locale_says(draw_spec: Draw) -> None:
    spec = _days(date(2015, 1, 4), 14, layout="across", week_start="auto")  # a Sunday
    assert _boxes(draw_spec(spec | {"locale": "en-US"}))[0, 1] < _boxes(draw_spec(spec | {"locale": "en-US"}))[1, 1]
    german = _boxes(draw_spec(spec | {"locale": "de"}))
    assert german[0, 1] > german[1, 1]


def test_months_are_told_apart(draw_spec: Draw, assert_tidy: Tidy) -> None:
    drawing = draw_spec(_days(date(2015, 1, 1), 365, layout="across"))
    assert_tidy(drawing)
    (borders,) = (item for item in drawing.scene.by_role("month-border") if isinstance(item, Segments))
    # A line for each of the seven weekdays between two months, and a step where a month begins within a week.
    mid_week = sum(date(2015, month, 1).weekday() != 0 for month in range(2, 13))
    assert len(borders.ends) == 11 * 7 + mid_week
    labels = [item.text for item in drawing.scene.texts if item.role == "calendar-label"]
    assert [label for label in labels if label in ("Jan", "Jul", "Dec")] == ["Jan", "Jul", "Dec"]
    assert "2015" in labels


def test_each_month_has_a_block(draw_spec: Draw, assert_tidy: Tidy) -> None:
    drawing = draw_spec(_days(date(2016, 1, 1), 366, layout="months"))
    assert_tidy(drawing)
    boxes = _boxes(drawing)
    assert len(np.unique(boxes, axis=0)) == 366
    labels = [item.text for item in drawing.scene.texts if item.role == "calendar-label"]
    assert "Jan 2016" in labels
    assert "Feb" in labels
    assert labels.count("M") == 12


def test_weeks_may_run_down(draw_spec: Draw, assert_tidy: Tidy) -> None:
    drawing = draw_spec(_days(date(2015, 1, 1), 730, layout="down"))
    assert_tidy(drawing)
    boxes = _boxes(drawing)
    assert len(np.unique(np.round(boxes[:, 0], 3))) == 14
    labels = [item.text for item in drawing.scene.texts if item.role == "calendar-label"]
    assert {"2015", "2016"} <= set(labels)


def test_days_without_a_value_are_faint(draw_spec: Draw) -> None:
    spec = _days(date(2015, 3, 1), 31)
    spec["data"]["columns"]["amount"][10] = None
    drawing = draw_spec(spec)
    (empty,) = (item for item in drawing.scene.by_role("empty-cell") if isinstance(item, Rects))
    assert len(empty.boxes) == 1
    assert len(_boxes(drawing)) == 30


def test_times_are_cut_to_days_in_the_charts_zone(draw_spec: Draw) -> None:
    spec = _days(date(2015, 3, 1), 1)
    spec["data"] = {
        "columns": {
            "day": ["2015-03-01T23:30:00Z", "2015-03-02T10:00:00Z", "2015-03-03T10:00:00Z"],
            "amount": [1, 2, 3],
        }
    }
    assert len(_boxes(draw_spec(spec | {"color": "sum(amount)"}))) == 3
    berlin = draw_spec(spec | {"color": "sum(amount)", "timezone": "Europe/Berlin"})
    assert len(_boxes(berlin)) == 2
    with pytest.raises(SpecError) as caught:
        draw_spec(spec | {"timezone": "Europe/Berlin"})
    assert caught.value.problems[0].pointer == "/color"
    assert "2 rows share date" in caught.value.problems[0].message


def test_categories_are_shown_by_hue(draw_spec: Draw, assert_tidy: Tidy) -> None:
    spec = _days(date(2015, 1, 1), 60)
    spec["data"]["columns"]["amount"] = ["sun", "rain", None] * 20
    drawing = draw_spec(spec)
    assert_tidy(drawing)
    cells = {item.name: len(item.boxes) for item in drawing.scene.by_role("cell") if isinstance(item, Rects)}
    assert cells["sun"] == cells["rain"] == 20
    assert "sun on 20, rain on 20" in drawing.alt


@pytest.mark.parametrize("size", [(800, 500), (320, 200), (1200, 400), (300, 700), (90, 60), (16, 16), (2000, 40)])
@pytest.mark.parametrize("count", [1, 40, 800, 6000])
def test_any_period_is_tidy(size: tuple[int, int], count: int, draw_spec: Draw, assert_tidy: Tidy) -> None:
    spec = _days(date(2001, 2, 3), count, title="Days", image={"width": size[0], "height": size[1]})
    assert_tidy(draw_spec(spec))


def test_too_many_years_keep_the_last(draw_spec: Draw, assert_tidy: Tidy) -> None:
    drawing = draw_spec(_days(date(1900, 1, 1), 36500, image={"width": 320, "height": 200}))
    assert_tidy(drawing)
    assert any("only the years from" in warning for warning in drawing.warnings)


@pytest.mark.parametrize(
    ("fields", "where", "what"),
    [
        ({"date": "amount"}, "/date", "day needs dates"),
        ({"date": "month(day)"}, "/date", "a calendar shows days"),
        ({"layout": "up"}, "/layout", "'across'"),
    ],
)
def test_what_cannot_be_shown_is_said_where(fields: Spec, where: str, what: str, draw_spec: Draw) -> None:
    with pytest.raises(SpecError) as caught:
        draw_spec(_days(date(2015, 1, 1), 10) | fields)
    assert caught.value.problems[0].pointer == where
    assert what in caught.value.problems[0].message


def test_the_alt_text_names_the_extremes(draw_spec: Draw) -> None:
    alt = draw_spec(_days(date(2015, 1, 1), 365)).alt
    assert "Calendar of Amount, 365 days from Jan 1, 2015 to Dec 31, 2015" in alt
    assert "highest value is 364 (Dec 31, 2015)" in alt
