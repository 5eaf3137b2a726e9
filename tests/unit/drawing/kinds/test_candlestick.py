"""Candlesticks: prices at their places, no room for weekends, and prices that contradict each other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from renderer.drawing.draw import Drawing
from renderer.drawing.scene import Rects, Segments
from renderer.spec.errors import SpecError

Spec = dict[str, Any]
Draw = Callable[..., Drawing]
_SIZES = [(800, 500), (320, 200), (1200, 400), (90, 60)]


def _candles(days: list[str] | None = None, **more: Any) -> Spec:
    # Thursday, Friday, Monday, Tuesday.
    days = days or ["2024-02-29", "2024-03-01", "2024-03-04", "2024-03-05"]
    prices = {"open": [10, 12, 11, 13], "high": [13, 14, 12, 15], "low": [9, 10, 8, 12], "close": [12, 11, 11, 14]}
    columns = {"day": days} | {name: values[: len(days)] for name, values in prices.items()}
    channels = {name: name for name in prices}
    return {"kind": "candlestick", "data": {"columns": columns}, "x": "day"} | channels | more


def _bodies(drawing: Drawing) -> dict[str, Rects]:
    return {item.name: item for item in drawing.scene.by_role("candle") if isinstance(item, Rects)}


def _wicks(drawing: Drawing) -> dict[str, Segments]:
    return {item.name: item for item in drawing.scene.by_role("wick") if isinstance(item, Segments)}


def test_bodies_and_wicks_are_the_prices(draw_spec: Draw) -> None:
    drawing = draw_spec(_candles())
    bodies, wicks = _bodies(drawing), _wicks(drawing)
    # It closes where it opens after a lower close: a candle that did not fall.
    assert bodies["up"].values is not None
    assert bodies["up"].values.tolist() == [12, 11, 14]
    assert bodies["down"].boxes.shape == (1, 4)
    (down,) = bodies["down"].boxes
    (wick,) = wicks["down"].ends
    unit = (down[3] - down[1]) / (12 - 11)
    assert wick[3] - wick[1] == pytest.approx(unit * (14 - 10))
    assert down[1] - wick[1] == pytest.approx(unit * (14 - 12))
    assert (down[0] + down[2]) / 2 == wick[0]
    first, flat, last = bodies["up"].boxes
    assert first[3] - first[1] == pytest.approx(unit * 2)
    assert last[3] - last[1] == pytest.approx(unit)
    assert flat[3] - flat[1] == pytest.approx(1.0)
    assert (bodies["up"].boxes[:, 2] - bodies["up"].boxes[:, 0] == down[2] - down[0]).all()


def test_the_weekend_has_no_width(draw_spec: Draw) -> None:
    def steps(**more: Any) -> list[float]:
        ends = np.concatenate([wick.ends[:, 0] for wick in _wicks(draw_spec(_candles(**more))).values()])
        distances: list[float] = np.diff(np.sort(ends)).tolist()
        return distances

    assert steps() == pytest.approx([steps()[0]] * 3, abs=1.0)
    with_gaps = steps(gaps=True)
    assert with_gaps[1] == pytest.approx(3 * with_gaps[0], abs=1.5)
    # Trade on a Saturday: these are no working days.
    weekend = steps(days=["2024-03-01", "2024-03-02", "2024-03-04", "2024-03-05"])
    assert weekend[1] == pytest.approx(2 * weekend[0], abs=1.5)


def test_other_layers_follow_the_axis_of_trading_days(draw_spec: Draw) -> None:
    spec = _candles()
    layer = {name: spec.pop(name) for name in ("kind", "x", "open", "high", "low", "close")}
    spec["layers"] = [layer, {"kind": "line", "x": "day", "y": "close", "markers": True}]
    drawing = draw_spec(spec)
    wicks = np.sort(np.concatenate([wick.ends[:, 0] for wick in _wicks(drawing).values()]))
    (points,) = drawing.scene.by_role("point")
    assert np.allclose(points.points[:, 0], wicks, atol=0.51)  # type: ignore[union-attr]  # markers


def test_a_month_that_begins_on_a_weekend_is_labelled_at_its_first_day(draw_spec: Draw) -> None:
    days = [day for day in np.arange("2023-08-01", "2024-02-01", dtype="datetime64[D]") if np.is_busday(day)]
    prices = np.linspace(10, 20, len(days)).tolist()
    columns = {"day": [str(day) for day in days]} | dict.fromkeys(("open", "high", "low", "close"), prices)
    drawing = draw_spec(_candles() | {"data": {"columns": columns}})
    labels = {item.text: item.box for item in drawing.scene.texts if item.role == "tick-label-x"}
    assert {"Oct", "Nov"} <= labels.keys()  # the 1st of October 2023 was a Sunday
    wicks = np.sort(np.concatenate([wick.ends[:, 0] for wick in _wicks(drawing).values()]))
    october = days.index(np.datetime64("2023-10-02"))
    assert labels["Oct"].center[0] == pytest.approx(float(wicks[october]), abs=2.0)


def test_rising_bodies_may_be_hollow(draw_spec: Draw) -> None:
    bodies = _bodies(draw_spec(_candles(shape="hollow")))
    assert bodies["up"].fill is None
    assert bodies["up"].stroke is not None
    assert bodies["down"].fill is not None


def test_ohlc_has_ticks_to_both_sides(draw_spec: Draw) -> None:
    drawing = draw_spec(_candles(shape="ohlc"))
    assert not _bodies(drawing)
    opened = [item.ends for item in drawing.scene.by_role("open") if isinstance(item, Segments)]
    closed = [item.ends for item in drawing.scene.by_role("close") if isinstance(item, Segments)]
    assert all((ends[:, 2] < ends[:, 0]).all() for ends in opened)
    assert all((ends[:, 2] > ends[:, 0]).all() for ends in closed)


def test_colours_may_be_chosen(draw_spec: Draw) -> None:
    bodies = _bodies(draw_spec(_candles(up="#1122ff", down="#aa0000")))
    assert bodies["up"].fill == pytest.approx((0x11 / 255, 0x22 / 255, 1.0, 1.0))
    assert bodies["down"].fill == pytest.approx((0xAA / 255, 0.0, 0.0, 1.0))


def test_many_candles_become_lines_of_one_pixel(draw_spec: Draw, assert_tidy: Callable[[Drawing], None]) -> None:
    days = [str(day) for day in np.arange("2020-01-01", "2024-06-01", dtype="datetime64[D]")]
    prices = (100 + 30 * np.sin(np.arange(len(days)) / 50)).tolist()
    columns = {"day": days, "open": prices, "close": [*prices[1:], 100.0]}
    columns |= {"high": [price + 9 for price in prices], "low": [price - 9 for price in prices]}
    drawing = draw_spec(_candles() | {"data": {"columns": columns}})
    assert not _bodies(drawing)
    assert {wick.stroke.width for wick in _wicks(drawing).values()} == {1.0}
    assert_tidy(drawing)


def test_weeks_are_made_of_days(draw_spec: Draw) -> None:
    days = [str(day) for day in np.arange("2024-01-01", "2024-03-04", dtype="datetime64[D]") if np.is_busday(day)]
    price = [float(number) for number in range(len(days))]
    spec = {
        "kind": "candlestick",
        "data": {"columns": {"day": days, "price": price}},
        "x": "week(day)",
        "open": "first(price)",
        "high": "max(price)",
        "low": "min(price)",
        "close": "last(price)",
    }
    (up,) = _bodies(draw_spec(spec)).values()
    assert up.values is not None
    assert up.values.tolist() == [float(number) for number in range(4, len(days), 5)]


@pytest.mark.parametrize("size", _SIZES)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_all_sizes_are_tidy(
    size: tuple[int, int], theme: str, draw_spec: Draw, assert_tidy: Callable[[Drawing], None]
) -> None:
    for count in (1, 2, 4):
        spec = _candles(title="Prices", image={"width": size[0], "height": size[1]})
        columns = {name: values[:count] for name, values in spec["data"]["columns"].items()}
        assert_tidy(draw_spec(spec | {"data": {"columns": columns}}, theme=theme))


def test_missing_prices_leave_a_gap(draw_spec: Draw) -> None:
    spec = _candles()
    spec["data"]["columns"]["high"] = [13, None, 12, 15]
    drawing = draw_spec(spec)
    assert sum(len(body.boxes) for body in _bodies(drawing).values()) == 3


def test_prices_that_contradict_each_other(draw_spec: Draw) -> None:
    spec = _candles()
    spec["data"]["columns"]["high"] = [13, 9, 12, 15]
    with pytest.raises(SpecError) as caught:
        draw_spec(spec)
    assert caught.value.problems[0].pointer == "/high"
    assert "Mar 1, 2024" in caught.value.problems[0].message
    spec["data"]["columns"]["high"] = [13, 11.5, 12, 15]
    assert any("beyond its high or low" in warning for warning in draw_spec(spec).warnings)


def test_two_rows_of_one_day_need_an_aggregate(draw_spec: Draw) -> None:
    with pytest.raises(SpecError, match=r"first\(open\)") as caught:
        draw_spec(_candles(days=["2024-03-01", "2024-03-01", "2024-03-04", "2024-03-05"]))
    assert caught.value.problems[0].pointer == "/x"


def test_a_log_scale_needs_positive_prices(draw_spec: Draw) -> None:
    spec = _candles(axes={"y": {"scale": "log"}})
    spec["data"]["columns"]["low"] = [9, 10, -8, 12]
    with pytest.raises(SpecError) as caught:
        draw_spec(spec)
    assert caught.value.problems[0].pointer == "/axes/y/scale"


def test_the_alternative_text_tells_the_prices(draw_spec: Draw) -> None:
    alt = draw_spec(_candles()).alt
    assert "Candlestick chart of 4 periods from Feb 29, 2024 to Mar 5, 2024" in alt
    assert "opens at 10 and ends at 14" in alt
    assert "the lowest 8 (Mar 4, 2024)" in alt
