"""A line beside the one of the period before it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from renderer.data.resolve import LoadedChart, Resolved, load
from renderer.spec import SpecError, parse


def daily(first: str, last: str) -> dict[str, list[Any]]:
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    days = [start + timedelta(days=n) for n in range((end - start).days + 1)]
    return {"day": [day.isoformat() for day in days], "n": [day.toordinal() for day in days]}


def chart(columns: dict[str, list[Any]], **fields: Any) -> LoadedChart:
    return load(parse({"kind": "line", "data": {"columns": columns}, "x": "day", "y": "n"} | fields))


def layers(loaded: LoadedChart) -> tuple[Resolved, ...]:
    return loaded.panels[0].layers


def ends(layer: Resolved) -> tuple[str, str]:
    times = layer.table["x"].values.astype("datetime64[D]")
    return str(times.min()), str(times.max())


@pytest.mark.parametrize(
    ("previous", "present", "past", "first_value"),
    [
        ("year", ("2024-01-01", "2024-03-10"), ("2024-01-01", "2024-12-31"), date(2023, 1, 1)),
        ("month", ("2024-03-01", "2024-03-10"), ("2024-03-01", "2024-03-29"), date(2024, 2, 1)),
        ("quarter", ("2024-01-01", "2024-03-10"), ("2024-01-01", "2024-03-31"), date(2023, 10, 1)),
        ("week", ("2024-03-04", "2024-03-10"), ("2024-03-04", "2024-03-10"), date(2024, 2, 26)),
        ("30d", ("2024-02-10", "2024-03-10"), ("2024-02-10", "2024-03-10"), date(2024, 1, 11)),
        ("1mo", ("2024-02-11", "2024-03-10"), ("2024-02-11", "2024-03-10"), date(2024, 1, 11)),
    ],
)
def test_the_period_before_stands_on_the_dates_of_this_one(
    previous: str, present: tuple[str, str], past: tuple[str, str], first_value: date
) -> None:
    before, now = layers(chart(daily("2022-12-01", "2024-03-10"), previous=previous))
    assert (before.quiet, now.quiet) == (True, False)
    assert (ends(before), ends(now)) == (past, present)
    assert before.table["y"].values[0] == first_value.toordinal()


def test_a_day_that_this_period_does_not_have_is_left_out() -> None:
    before, _ = layers(chart(daily("2024-01-01", "2025-03-31"), previous="year"))
    days = before.table["x"].values.astype("datetime64[D]")
    assert len(np.unique(days)) == len(days) == 365
    assert date(2024, 2, 29).toordinal() not in before.table["y"].values


def test_months_are_summed_before_they_are_moved() -> None:
    before, now = layers(chart(daily("2024-01-01", "2025-12-31"), previous="year", x="month(day)", y="count(n)"))
    assert before.table["y"].values.tolist()[:3] == [31, 29, 31]
    assert before.table["x"].values.tolist() == now.table["x"].values.tolist()


def test_a_year_begins_on_the_charts_clock() -> None:
    moments = ["2022-12-31T23:30:00Z", "2023-06-01T00:00:00Z", "2023-12-31T23:30:00Z"]
    columns: dict[str, list[Any]] = {"day": moments, "n": [1, 2, 3]}
    before, now = layers(chart(columns, previous="year", timezone="Europe/Berlin"))
    assert (before.table["y"].values.tolist(), now.table["y"].values.tolist()) == ([1, 2], [3])


def test_each_series_has_its_past() -> None:
    days = ["2023-05-01", "2023-05-01", "2024-05-01", "2024-05-01"]
    columns: dict[str, list[Any]] = {"day": days, "n": [1, 2, 3, 4], "who": list("abab")}
    before, now = layers(chart(columns, previous={"by": "year", "name": "Vorjahr"}, color="who"))
    assert before.table["color"].values.tolist() == now.table["color"].values.tolist() == ["a", "b"]
    assert before.mark.name == "Vorjahr"


def test_the_past_has_no_uncertainty_of_its_own() -> None:
    columns = daily("2024-01-01", "2025-12-31")
    drawn = layers(chart(columns, previous="year", x="month(day)", y="mean(n)", error={"stat": "ci"}))
    assert [(layer.mark.kind, layer.quiet) for layer in drawn] == [("line", True), ("band", False), ("line", False)]


def test_a_facet_without_rows_is_one_empty_panel() -> None:
    void = {
        "layers": [{"kind": "bar", "x": "x", "y": "y"}],
        "facet": {"field": "f"},
        "transform": [{"filter": "y > 9"}],
    }
    full = {"layers": [{"kind": "bar", "x": "x", "y": "y"}]}
    rows = {"columns": {"x": ["a", "b"], "y": [1, 2], "f": ["p", "q"]}}
    loaded = load(parse({"data": rows, "panels": [full, void], "on_empty": "placeholder"}))
    assert [len(panel.layers) for panel in loaded.panels] == [1, 0]


def test_without_a_past_the_present_is_drawn_and_the_author_told() -> None:
    loaded = chart(daily("2024-01-01", "2024-03-01"), previous="year")
    assert [layer.quiet for layer in layers(loaded)] == [False]
    assert loaded.warnings == ("There are no rows of the period before: nothing is drawn as 'Previous year'.",)


@pytest.mark.parametrize(
    ("previous", "pointer", "message"),
    [
        ("yaer", "/previous", "did you mean 'year'?"),
        ("0d", "/previous", "a period has a length"),
        (7, "/previous", "must be a period"),
        ({"by": "yaer"}, "/previous/by", "did you mean 'year'?"),
        ({"by": "year", "nam": "x"}, "/previous/nam", "did you mean 'name'?"),
        ({"name": "x"}, "/previous", "'by' is required"),
    ],
)
def test_a_period_that_is_none_is_refused(previous: object, pointer: str, message: str) -> None:
    with pytest.raises(SpecError) as caught:
        chart(daily("2024-01-01", "2024-01-05"), previous=previous)
    (problem,) = caught.value.problems
    assert problem.pointer == pointer
    assert message in problem.message


def test_only_times_have_periods() -> None:
    with pytest.raises(SpecError, match="/previous: a period needs times, and x holds numbers"):
        chart({"day": [1, 2], "n": [3, 4]}, previous="year")
