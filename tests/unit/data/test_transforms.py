"""Each verb on real data, against the same computed row by row in plain Python."""

from __future__ import annotations

import csv
import math
import statistics
from collections import defaultdict
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from renderer.data.bins import bin_edges

Rows = Callable[..., dict[str, list[Any]]]
Records = list[dict[str, Any]]
FOLDER = Path(__file__).parents[3] / "examples" / "data"


def read(name: str, numbers: tuple[str, ...]) -> Records:
    def cell(key: str, text: str) -> float | str | None:
        if text in ("", "NA"):
            return None
        return float(text) if key in numbers else text

    with (FOLDER / f"{name}.csv").open(encoding="utf-8") as file:
        return [{key: cell(key, text) for key, text in record.items()} for record in csv.DictReader(file)]


WEATHER = read("seattle-weather", ("precipitation", "temp_max", "temp_min", "wind"))
STOCKS = read("stocks", ("price",))
PENGUINS = read("penguins", ("bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g", "year"))
SOURCES = {
    name: (FOLDER / f"{name}.csv").read_text(encoding="utf-8") for name in ("seattle-weather", "stocks", "penguins")
}


@pytest.fixture
def weather(rows: Rows) -> Rows:
    return lambda *steps, **more: rows(list(steps), csv=SOURCES["seattle-weather"], **more)


@pytest.fixture
def stocks(rows: Rows) -> Rows:
    return lambda *steps, **more: rows(list(steps), csv=SOURCES["stocks"], **more)


@pytest.fixture
def penguins(rows: Rows) -> Rows:
    return lambda *steps, **more: rows(list(steps), csv=SOURCES["penguins"], **more)


def column(records: Records, name: str) -> list[Any]:
    return [record[name] for record in records]


def groups_of(records: Records, *names: str) -> dict[tuple[Any, ...], Records]:
    """Rows by their values, groups in the order in which they first appear."""
    found: dict[tuple[Any, ...], Records] = defaultdict(list)
    for record in records:
        found[tuple(record[name] for name in names)].append(record)
    return dict(found)


def known(values: list[Any]) -> list[Any]:
    return [value for value in values if value is not None]


def near(found: list[Any], expected: list[Any]) -> None:
    assert [value is None for value in found] == [value is None for value in expected]
    assert known(found) == pytest.approx(known(expected), rel=1e-12, abs=1e-12)


def test_filter_keeps_the_rows_that_hold(weather: Rows) -> None:
    found = weather({"filter": "weather in ['rain', 'snow'] and temp_max < 8 or wind >= 9"})
    expected = [r for r in WEATHER if (r["weather"] in ("rain", "snow") and r["temp_max"] < 8) or r["wind"] >= 9]
    assert 50 < len(expected) < len(WEATHER)
    for name in WEATHER[0]:
        if name != "date":
            assert found[name] == column(expected, name)


def test_filter_leaves_out_what_is_open(penguins: Rows) -> None:
    assert any(r["sex"] is None for r in PENGUINS)
    same = penguins({"filter": "sex == 'female'"})["sex"]
    other = penguins({"filter": "not (sex == 'female')"})["sex"]
    assert set(same) == {"female"}
    assert set(other) == {"male"}
    missing = [r for r in PENGUINS if r["sex"] is None]
    assert penguins({"filter": "sex is null"})["species"] == column(missing, "species")


def test_derive_computes_each_row(penguins: Rows) -> None:
    found = penguins(
        {
            "derive": {
                "ratio": "bill_length_mm / bill_depth_mm",
                "twice": "ratio * 2",
                "label": "concat(upper(substr(species, 1, 1)), '/', island)",
                "big": "body_mass_g > 4500",
                "size": "if(body_mass_g > 5000, 'large', if(body_mass_g > 4000, 'middle', 'small'))",
            }
        }
    )
    ratio = [None if r["bill_length_mm"] is None else r["bill_length_mm"] / r["bill_depth_mm"] for r in PENGUINS]
    near(found["ratio"], ratio)
    near(found["twice"], [None if value is None else value * 2 for value in ratio])
    assert found["label"] == [f"{r['species'][0]}/{r['island']}" for r in PENGUINS]
    assert found["big"] == [
        None if r["body_mass_g"] is None else str(r["body_mass_g"] > 4500).lower() for r in PENGUINS
    ]
    # A missing amount is not above anything, so if() takes its last value.
    assert found["size"] == [
        "large" if (r["body_mass_g"] or 0) > 5000 else "middle" if (r["body_mass_g"] or 0) > 4000 else "small"
        for r in PENGUINS
    ]


AGGREGATES: dict[str, Callable[[list[float]], float]] = {
    "sum": math.fsum, "mean": statistics.fmean, "median": statistics.median, "min": min, "max": max,
    "first": lambda v: v[0], "last": lambda v: v[-1], "std": statistics.stdev, "var": statistics.variance,
    "stderr": lambda v: statistics.stdev(v) / math.sqrt(len(v)), "count": len, "distinct": lambda v: len(set(v)),
    "p05": lambda v: float(np.quantile(v, 0.05)), "p90": lambda v: float(np.quantile(v, 0.9)),
}  # fmt: skip


@pytest.mark.parametrize("how", AGGREGATES)
def test_aggregate_makes_one_row_of_each_group(penguins: Rows, how: str) -> None:
    found = penguins({"aggregate": {"value": f"{how}(body_mass_g)", "n": "count()"}, "by": ["species", "sex"]})
    expected = groups_of(PENGUINS, "species", "sex")
    assert list(zip(found["species"], found["sex"], strict=True)) == list(expected)
    near(found["value"], [AGGREGATES[how](known(column(group, "body_mass_g"))) for group in expected.values()])
    assert found["n"] == [len(group) for group in expected.values()]


def test_aggregates_of_texts_and_times_keep_their_type(stocks: Rows) -> None:
    found = stocks({"aggregate": {"from": "min(date)", "to": "last(date)", "name": "first(symbol)"}, "by": "symbol"})
    expected = groups_of(STOCKS, "symbol")
    assert found["from"] == [f"{min(column(g, 'date'))}T00:00:00.000000" for g in expected.values()]
    assert found["to"] == [f"{g[-1]['date']}T00:00:00.000000" for g in expected.values()]
    assert found["name"] == found["symbol"]


def test_without_by_all_rows_are_one_group(weather: Rows) -> None:
    assert weather({"aggregate": {"n": "count()", "hot": "max(temp_max)"}}) == {"n": [1461], "hot": [35.6]}


def test_bins_are_those_of_channels(penguins: Rows) -> None:
    values = column(PENGUINS, "flipper_length_mm")
    for option in ({"count": 12}, {"step": 7}, {}):
        found = penguins({"bin": {"class": "flipper_length_mm"}, **option})
        edges = bin_edges(np.array(known(values)), **{"count": 20, **option})
        lower = [
            None
            if value is None
            else float(edges[min(int(np.searchsorted(edges, value, "right")) - 1, len(edges) - 2)])
            for value in values
        ]
        near(found["class"], lower)
        assert found["flipper_length_mm"] == values


def test_truncate_cuts_to_the_start_of_the_unit(stocks: Rows) -> None:
    days = [date.fromisoformat(r["date"]) for r in STOCKS]
    starts: dict[str, Callable[[date], date]] = {
        "year": lambda d: d.replace(month=1, day=1),
        "quarter": lambda d: d.replace(month=(d.month - 1) // 3 * 3 + 1, day=1),
        "month": lambda d: d.replace(day=1),
        "week": lambda d: d - timedelta(days=d.weekday()),
        "day": lambda d: d,
    }
    for unit, start in starts.items():
        found = stocks({"truncate": {"start": "date"}, "unit": unit})
        assert found["start"] == [f"{start(day)}T00:00:00.000000" for day in days]
    assert stocks({"truncate": "date", "unit": "year"})["date"][0] == "2000-01-01T00:00:00.000000"


def test_window_looks_at_the_rows_around(stocks: Rows) -> None:
    found = stocks(
        {
            "window": {"mean5": "mean(price)", "high": "max(price)", "middle": "median(price)", "past": "lag(price, 2)",
                       "next": "lead(price)", "place": "row_number()"},
            "by": "symbol", "order": "date", "frame": [-4, 0],
        }
    )  # fmt: skip
    for symbol, group in groups_of(STOCKS, "symbol").items():
        prices = column(group, "price")  # the file has them in the order of their dates
        here = [index for index, name in enumerate(found["symbol"]) if name == symbol[0]]
        windows = [prices[max(0, i - 4) : i + 1] for i in range(len(prices))]
        near([found["mean5"][i] for i in here], [statistics.fmean(window) for window in windows])
        assert [found["high"][i] for i in here] == [max(window) for window in windows]
        near([found["middle"][i] for i in here], [statistics.median(window) for window in windows])
        assert [found["past"][i] for i in here] == [None, None, *prices[:-2]]
        assert [found["next"][i] for i in here] == [*prices[1:], None]
        assert [found["place"][i] for i in here] == list(range(1, len(prices) + 1))


def test_window_frames_by_default(rows: Rows) -> None:
    data = {"columns": {"x": [3, 1, 2, 2], "v": [1, 10, 100, 1000]}}
    assert rows([{"window": {"t": "sum(v)"}, "order": "x"}], **data)["t"] == [1111, 10, 110, 1110]
    assert rows([{"window": {"t": "sum(v)"}}], **data)["t"] == [1111] * 4
    assert rows([{"window": {"t": "sum(v)"}, "frame": ["start", 0]}], **data)["t"] == [1, 11, 111, 1111]
    assert rows([{"window": {"t": "sum(v)"}, "frame": [1, "end"]}], **data)["t"] == [1110, 1100, 1000, None]
    ranks = rows([{"window": {"r": "rank()", "d": "dense_rank()", "n": "row_number()"}, "order": "-x"}], **data)
    assert (ranks["r"], ranks["d"], ranks["n"]) == ([1, 4, 2, 2], [1, 3, 2, 2], [1, 4, 2, 3])


def test_pivot_makes_columns_and_unpivot_rows_of_them(weather: Rows) -> None:
    steps = [
        {"derive": {"year": "year(date)"}},
        {"pivot": "weather", "value": "count()", "by": "year"},
    ]
    found = weather(*steps)
    kinds = list(dict.fromkeys(column(WEATHER, "weather")))
    assert list(found) == ["year", *kinds]
    expected = groups_of(WEATHER, "weather")
    for kind in kinds:
        counts = [sum(r["date"].startswith(f"{year:.0f}") for r in expected[(kind,)]) for year in found["year"]]
        assert found[kind] == counts
    long = weather(*steps, {"unpivot": kinds, "into": ["weather", "days"]})
    assert long["weather"] == kinds * 4
    assert long["days"] == [found[kind][place] for place in range(4) for kind in kinds]
    assert long["year"] == [year for year in found["year"] for _ in kinds]


def test_sort_puts_rows_in_order_and_missing_last(penguins: Rows) -> None:
    found = penguins({"sort": ["species", "-body_mass_g"]})
    order = sorted(PENGUINS, key=lambda r: (r["species"].lower(), r["body_mass_g"] is None, -(r["body_mass_g"] or 0)))
    for name in ("species", "body_mass_g", "island", "flipper_length_mm"):
        assert found[name] == column(order, name)


def test_top_rows_are_the_largest(stocks: Rows) -> None:
    ranked = sorted(STOCKS, key=lambda r: -r["price"])
    found = stocks({"top": 7, "by": "price"})
    assert (found["symbol"], found["price"]) == (column(ranked[:7], "symbol"), column(ranked[:7], "price"))
    assert stocks({"top": 3, "by": "-price"})["price"] == column(sorted(STOCKS, key=lambda r: r["price"])[:3], "price")
    assert stocks({"top": 3})["price"] == column(STOCKS[:3], "price")


def test_top_values_keep_their_rows_and_the_rest_is_renamed(stocks: Rows) -> None:
    totals = {symbol[0]: math.fsum(column(group, "price")) for symbol, group in groups_of(STOCKS, "symbol").items()}
    best = sorted(totals, key=lambda symbol: -totals[symbol])[:2]
    kept = [r for r in STOCKS if r["symbol"] in best]
    assert stocks({"top": {"symbol": 2}, "by": "sum(price)"})["price"] == column(kept, "price")
    found = stocks({"top": {"symbol": 2}, "by": "price", "other": "Others"})
    assert found["symbol"] == [r["symbol"] if r["symbol"] in best else "Others" for r in STOCKS]
    assert found["price"] == column(STOCKS, "price")
    most = max(groups_of(STOCKS, "symbol").items(), key=lambda item: len(item[1]))
    assert set(stocks({"top": {"symbol": 1}})["symbol"]) == {most[0][0]}


def test_fill_puts_values_where_they_are_missing(rows: Rows) -> None:
    data = {"columns": {"x": [1, 2, 4, 8, 9], "v": [None, 10, None, 40, None], "t": ["a", None, "c", None, None]}}

    def filled(how: Any, name: str = "v", **more: Any) -> list[Any]:
        return rows([{"fill": {name: how}, **more}], **data)[name]

    assert filled(0) == [0, 10, 0, 40, 0]
    assert filled("previous") == [None, 10, 10, 40, 40]
    assert filled("next") == [10, 10, 40, 40, None]
    assert filled("linear") == [None, 10, 25, 40, None]
    assert filled("linear", order="x") == [None, 10, 20, 40, None]
    assert filled("x", "t") == ["a", "x", "c", "x", "x"]
    assert filled({"value": "next"}, "t") == ["a", "next", "c", "next", "next"]


def test_fill_adds_the_days_that_are_missing(weather: Rows) -> None:
    kept = [r for r in WEATHER if r["weather"] in ("snow", "fog") and r["date"] < "2012-04"]
    found = weather(
        {"filter": "weather in ['snow', 'fog'] and date < '2012-04'"},
        {"fill": {"precipitation": 0, "wind": "previous"}, "by": "weather", "order": "date", "every": "day"},
    )
    days = sorted(r["date"] for r in kept)
    first, last = date.fromisoformat(days[0]), date.fromisoformat(days[-1])
    kinds = list(dict.fromkeys(column(kept, "weather")))
    places = [
        (str(first + timedelta(days=number)), kind) for number in range((last - first).days + 1) for kind in kinds
    ]
    assert len(places) > 3 * len(kept)
    assert list(zip([day[:10] for day in found["date"]], found["weather"], strict=True)) == places
    there = {(r["date"], r["weather"]): r for r in kept}
    assert found["precipitation"] == [there[place]["precipitation"] if place in there else 0 for place in places]
    last_wind: dict[str, float] = {}
    winds = []
    for place in places:
        if place in there:
            last_wind[place[1]] = there[place]["wind"]
        winds.append(last_wind.get(place[1]))
    assert found["wind"] == winds


def test_fill_follows_the_clock_over_a_change(rows: Rows) -> None:
    data = {"columns": {"t": ["2026-03-28", "2026-03-31"], "v": [1, 4]}}
    found = rows([{"fill": {"v": "linear"}, "order": "t", "every": "day"}], zone="Europe/Berlin", **data)
    assert [t[:13] for t in found["t"]] == ["2026-03-27T23", "2026-03-28T23", "2026-03-29T22", "2026-03-30T22"]
    numbers = rows([{"fill": {"b": 0}, "order": "a", "every": 0.1}], columns={"a": [0.1, 0.4], "b": [1, 1]})
    near(numbers["a"], [0.1, 0.2, 0.3, 0.4])
    assert numbers["b"] == [1, 0, 0, 1]


def test_downsample_keeps_ends_and_extremes(weather: Rows) -> None:
    found = weather({"downsample": 200, "order": "date", "of": "temp_max"})
    assert 150 < len(found["date"]) <= 200
    temperatures = column(WEATHER, "temp_max")
    assert {max(temperatures), min(temperatures)} <= set(found["temp_max"])
    days = [day[:10] for day in found["date"]]
    assert (days[0], days[-1]) == (WEATHER[0]["date"], WEATHER[-1]["date"])
    assert days == sorted(days)
    there = {r["date"]: r["temp_max"] for r in WEATHER}
    assert [there[day] for day in days] == found["temp_max"]
    plain = weather({"downsample": 100, "order": "date"})
    assert len(plain["date"]) == 100
    assert weather({"downsample": 5000, "order": "date"})["wind"] == column(WEATHER, "wind")


def test_steps_follow_each_other(weather: Rows) -> None:
    """Rain of each month of 2013, with its share of the year, wettest first: once in steps, once by hand."""
    found = weather(
        {"filter": "year(date) == 2013"},
        {"truncate": {"month": "date"}, "unit": "month"},
        {"aggregate": {"rain": "sum(precipitation)"}, "by": "month"},
        {"window": {"all": "sum(rain)"}},
        {"derive": {"share": "rain / all"}},
        {"sort": "-share"},
        {"top": 3},
    )
    months: dict[str, float] = defaultdict(float)
    for r in WEATHER:
        if r["date"].startswith("2013"):
            months[r["date"][:7]] += r["precipitation"]
    best = sorted(months.items(), key=lambda item: -item[1])[:3]
    assert [month[:7] for month in found["month"]] == [month for month, _ in best]
    near(found["share"], [rain / math.fsum(months.values()) for _, rain in best])


def test_the_same_rows_come_out_each_time(penguins: Rows) -> None:
    steps = (
        {"aggregate": {"mass": "mean(body_mass_g)"}, "by": ["island", "sex", "year"]},
        {"top": {"island": 2}, "by": "mean(mass)", "other": "Other"},
        {"sort": "sex"},
    )
    assert penguins(*steps) == penguins(*steps)


def test_units_cross_midnight_on_the_charts_clock(rows: Rows) -> None:
    data = {"columns": {"t": ["2026-01-31T22:30:00Z", "2026-01-31T23:30:00Z"]}}
    steps = [{"derive": {"m": "month(t)", "d": "date_trunc('day', t)", "text": "to_text(t)"}}]
    assert rows(steps, **data)["m"] == [1, 1]
    berlin = rows(steps, zone="Europe/Berlin", **data)
    assert berlin["m"] == [1, 2]
    assert berlin["text"] == ["2026-01-31 23:30:00", "2026-02-01 00:30:00"]
    assert [datetime.fromisoformat(day) for day in berlin["d"]] == [
        datetime.fromisoformat("2026-01-30T23:00:00"), datetime.fromisoformat("2026-01-31T23:00:00"),
    ]  # fmt: skip
