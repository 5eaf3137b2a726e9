"""Bars: where they stand, how they share a place, what is written on them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from renderer.drawing.draw import Drawing
from renderer.drawing.scene import Markers, Rects, Segments, Text
from renderer.spec.errors import SpecError

Spec = dict[str, Any]
QUARTERS: Spec = {
    "columns": {
        "quarter": ["Q1", "Q1", "Q2", "Q2"],
        "region": ["EU", "US", "EU", "US"],
        "revenue": [120, 180, 150, -60],
    }
}


def _spec(**options: Any) -> Spec:
    return {
        "kind": "bar",
        "data": QUARTERS,
        "x": "quarter",
        "y": "revenue",
        "color": "region",
        "horizontal": False,
        **options,
    }


def _bars(drawing: Drawing) -> dict[str, Rects]:
    return {item.name: item for item in drawing.scene.by_role("bar") if isinstance(item, Rects)}


def _heights(bars: Rects) -> list[float]:
    return [float(height) for height in bars.boxes[:, 3] - bars.boxes[:, 1]]


def test_stacked_bars_stand_on_each_other_by_sign(draw_spec: Callable[..., Drawing]) -> None:
    bars = _bars(draw_spec(_spec()))
    eu, us = bars["EU"].boxes, bars["US"].boxes
    assert us[0, 3] == pytest.approx(eu[0, 1])  # 180 on top of 120
    assert us[1, 1] == pytest.approx(eu[1, 3])  # -60 hangs from zero
    assert _heights(bars["US"])[0] / _heights(bars["EU"])[0] == pytest.approx(1.5)
    assert bars["US"].values is not None
    assert bars["US"].values.tolist() == [180, -60]


def test_grouped_bars_stand_side_by_side(draw_spec: Callable[..., Drawing]) -> None:
    bars = _bars(draw_spec(_spec(stack="grouped")))
    eu, us = bars["EU"].boxes, bars["US"].boxes
    assert (eu[:, 2] <= us[:, 0]).all()
    assert (us[:, 0] - eu[:, 2]).max() < 2
    assert eu[0, 3] == us[0, 3]


def test_normalized_bars_are_shares_of_a_whole(draw_spec: Callable[..., Drawing]) -> None:
    data = {"columns": {**QUARTERS["columns"], "revenue": [1, 3, 2, 2]}}
    drawing = draw_spec(_spec(stack="normalized", data=data, labels=True))
    bars = _bars(drawing)
    totals = np.array(_heights(bars["EU"])) + np.array(_heights(bars["US"]))
    assert totals[0] == pytest.approx(totals[1])
    labels = {item.text for item in drawing.scene.texts if item.role == "value-label"}
    assert labels == {"25%", "75%", "50%"}
    assert "100%" in {item.text for item in drawing.scene.texts if item.role == "tick-label-y"}


def test_diverging_bars_part_in_the_middle_and_show_no_minus(draw_spec: Callable[..., Drawing]) -> None:
    data = {
        "columns": {
            "question": ["a"] * 3,
            "answer": ["no", "so so", "yes"],
            "people": [10, 4, 20],
        }
    }
    drawing = draw_spec(
        {
            "kind": "bar",
            "data": data,
            "x": "question",
            "y": "people",
            "color": "answer",
            "stack": "diverging",
            "horizontal": True,
        }
    )
    bars = _bars(drawing)
    (baseline,) = drawing.scene.by_role("baseline")
    zero = baseline.box.center[0]
    assert bars["no"].box.x1 < zero < bars["yes"].box.x0
    assert sum(bars["so so"].box.center[:1]) == pytest.approx(zero, abs=0.5)
    assert not any("−" in item.text for item in drawing.scene.texts)


def test_overlaid_bars_are_narrower_in_front(draw_spec: Callable[..., Drawing]) -> None:
    bars = _bars(draw_spec(_spec(stack="overlay")))
    back, front = bars["EU"].boxes[0], bars["US"].boxes[0]
    assert back[0] < front[0] < front[2] < back[2]
    assert (back[0] + back[2]) / 2 == pytest.approx((front[0] + front[2]) / 2)


def test_lollipops_are_stems_with_heads(draw_spec: Callable[..., Drawing]) -> None:
    drawing = draw_spec(_spec(shape="lollipop", color={"field": "region"}, stack="grouped"))
    heads = [item for item in drawing.scene.by_role("bar") if isinstance(item, Markers)]
    stems = [item for item in drawing.scene.by_role("stem") if isinstance(item, Segments)]
    assert len(heads) == len(stems) == 2
    assert np.allclose(stems[0].ends[:, 2:], heads[0].points)


def test_lying_bars_run_from_the_top_down(draw_spec: Callable[..., Drawing]) -> None:
    drawing = draw_spec(_spec(horizontal=True, stack="grouped"))
    eu = _bars(drawing)["EU"].boxes
    assert eu[0, 1] < eu[1, 1]
    assert (eu[:, 2] - eu[:, 0])[1] / (eu[:, 2] - eu[:, 0])[0] == pytest.approx(150 / 120)


def test_long_names_lay_the_chart_down_by_itself(draw_spec: Callable[..., Drawing]) -> None:
    names = [f"A rather long name of an institution, number {index}" for index in range(10)]
    spec = {"kind": "bar", "data": {"columns": {"name": names, "value": list(range(10))}}, "x": "name", "y": "value"}
    drawing = draw_spec(spec)
    assert sum(item.role == "tick-label-y" for item in drawing.scene.texts) >= 10
    bars = _bars(drawing)[""].boxes
    assert np.ptp(bars[:, 2] - bars[:, 0]) > 100


def test_bars_of_a_month_stand_around_its_tick(draw_spec: Callable[..., Drawing]) -> None:
    days = np.datetime_as_string(np.arange("2024-01-01", "2025-01-01", dtype="datetime64[D]")).tolist()
    spec = {
        "kind": "bar",
        "data": {"columns": {"day": days, "rain": [1.0] * len(days)}},
        "x": "month(day)",
        "y": "sum(rain)",
    }
    drawing = draw_spec(spec)
    bars = _bars(drawing)[""].boxes
    assert len(bars) == 12
    assert (bars[1:, 0] > bars[:-1, 2]).all()
    january = next(item for item in drawing.scene.texts if item.text == "Jan")
    assert january.box.center[0] == pytest.approx((bars[0, 0] + bars[0, 2]) / 2, abs=1)


@pytest.mark.parametrize("position", ["auto", "inside", "outside"])
def test_labels_stand_where_they_fit(position: str, draw_spec: Callable[..., Drawing]) -> None:
    data = {"columns": {"name": ["large", "small"], "value": [1000, 10]}}
    drawing = draw_spec(
        {"kind": "bar", "data": data, "x": "name", "y": "value", "labels": {"position": position}, "horizontal": False}
    )
    boxes = _bars(drawing)[""].boxes
    labels = {item.text: item for item in drawing.scene.texts if item.role == "value-label"}
    inside = "1,000" in labels and labels["1,000"].box.y0 >= boxes[0, 1]
    assert inside == (position != "outside")
    if position == "inside":
        assert "10" not in labels
        assert any("no room" in warning for warning in drawing.warnings)
    else:
        assert labels["10"].box.y1 <= boxes[1, 1]


def test_ink_on_bars_is_legible(draw_spec: Callable[..., Drawing]) -> None:
    from renderer.drawing.color import contrast

    for theme in ("light", "dark"):
        drawing = draw_spec(_spec(stack="grouped", labels=True), theme=theme)
        fills = {item.name: item.fill for item in _bars(drawing).values()}
        assert fills
        for item in drawing.scene.texts:
            if item.role == "value-label":
                owner = next(
                    (bars for bars in _bars(drawing).values() if any(_inside(item, box) for box in bars.boxes)), None
                )
                if owner is not None and owner.fill is not None:
                    assert contrast(item.color, owner.fill) >= 3.0


def _inside(label: Text, box: np.ndarray[Any, Any]) -> bool:
    return bool(box[0] <= label.box.x0 and label.box.x1 <= box[2] and box[1] <= label.box.y0 and label.box.y1 <= box[3])


def test_more_bars_than_the_limit_are_refused_by_name(draw_spec: Callable[..., Drawing]) -> None:
    data = {"columns": {"x": list(range(2001)), "y": [1] * 2001}}
    with pytest.raises(SpecError) as refused:
        draw_spec({"kind": "bar", "data": data, "x": "x", "y": "y"})
    assert refused.value.problems[0].pointer == "/x"
    assert "2,000" in refused.value.problems[0].message


def test_more_labels_than_the_limit_are_left_out_with_a_warning(draw_spec: Callable[..., Drawing]) -> None:
    data = {"columns": {"x": list(range(600)), "y": [1] * 600}}
    drawing = draw_spec({"kind": "bar", "data": data, "x": "x", "y": "y", "labels": True})
    assert not any(item.role == "value-label" for item in drawing.scene.texts)
    assert any("500" in warning for warning in drawing.warnings)


def test_too_many_colours_are_refused_or_warned_of(draw_spec: Callable[..., Drawing]) -> None:
    def chart(count: int) -> Spec:
        names = [f"n{index}" for index in range(count)]
        data = {"columns": {"x": ["a"] * count, "c": names, "y": [1] * count}}
        return {"kind": "bar", "data": data, "x": "x", "y": "y", "color": "c"}

    assert any("'top' and 'other'" in warning for warning in draw_spec(chart(12)).warnings)
    with pytest.raises(SpecError, match="legend") as refused:
        draw_spec(chart(51))
    assert refused.value.problems[0].pointer == "/color"


def test_chosen_colours_are_kept(draw_spec: Callable[..., Drawing]) -> None:
    drawing = draw_spec(_spec(color={"field": "region", "map": {"EU": "#003399", "US": "#bb0000"}}))
    fills = {name: bars.fill for name, bars in _bars(drawing).items()}
    assert fills["EU"] == pytest.approx((0, 0x33 / 255, 0x99 / 255, 1))
    half = draw_spec(_spec(style={"opacity": 0.5}))
    assert all(bars.fill is not None and bars.fill[3] == 0.5 for bars in _bars(half).values())


def test_the_alternative_text_names_extremes(draw_spec: Callable[..., Drawing]) -> None:
    alt = draw_spec(_spec(title="Revenue", axes={"y": {"format": "currency:EUR"}})).alt
    assert alt.startswith("Revenue. Bar chart of Revenue by Quarter, split into EU and US.")
    assert "highest value is €180 (Q1, US)" in alt
    assert "lowest −€60 (Q2, US)" in alt
