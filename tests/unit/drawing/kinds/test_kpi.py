"""Key figures: the number, its change and its course, in cards of any size."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from renderer.drawing.draw import Drawing
from renderer.drawing.scene import Path, Rects, Text
from renderer.spec import parse
from renderer.spec.errors import SpecError

Spec = dict[str, Any]
Draw = Callable[..., Drawing]


def spec(values: list[Any], **more: Any) -> Spec:
    months = [f"2025-{month + 1:02d}-01" for month in range(len(values))]
    image = {"width": 300, "height": 200}
    return {"kind": "kpi", "data": {"columns": {"month": months, "mrr": values}}, "image": image} | more


def words(drawing: Drawing) -> dict[str, str]:
    return {item.role: item.text for item in drawing.scene.texts}


def trend(drawing: Drawing) -> list[float]:
    (found,) = drawing.scene.by_role("trend")
    assert isinstance(found, Path | Rects)
    assert found.values is not None
    return list(found.values.tolist())


def test_aggregates_stand_beside_every_row_of_the_trend(draw_spec: Draw, assert_tidy: Any) -> None:
    drawing = draw_spec(spec([40, 60, 50], value="last(mrr)", compare="first(mrr)", trend="mrr"))
    assert_tidy(drawing)
    assert words(drawing) == {"kpi-value": "50", "kpi-change": "25%", "kpi-note": "vs 40"}
    assert trend(drawing) == [40.0, 60.0, 50.0]


def test_the_trend_follows_x_whatever_the_order_of_the_rows(draw_spec: Draw) -> None:
    document = spec([40, 60, 50], value="max(mrr)", trend="mrr", x="month")
    document["data"]["columns"]["month"] = ["2025-03-01", "2025-01-01", "2025-02-01"]
    drawing = draw_spec(document)
    assert trend(drawing) == [60.0, 50.0, 40.0]
    assert words(drawing)["kpi-value"] == "60"


def test_an_aggregated_trend_is_grouped_and_its_last_group_counts(draw_spec: Draw) -> None:
    drawing = draw_spec(spec([1, 2, 3, 4], value="sum(mrr)", trend="sum(mrr)", x="quarter(month)"))
    assert trend(drawing) == [6.0, 4.0]
    assert words(drawing) == {"kpi-value": "4", "trend-label": "Q2 2025"}


@pytest.mark.parametrize(("change", "said"), [("percent", "25%"), ("value", "$10"), ("both", "$10 (25%)")])
def test_the_change_is_written_as_asked(change: str, said: str, draw_spec: Draw) -> None:
    drawing = draw_spec(spec([40, 50], value="last(mrr)", compare="first(mrr)", change=change, format="currency:USD"))
    assert words(drawing)["kpi-change"] == said


@pytest.mark.parametrize(
    ("values", "said", "arrow"),
    [
        ([100, 104], "4.0%", 1),
        ([100, 10], "90%", -1),
        ([5, 5], "0%", 0),
        ([0, 3], "3", 1),
        ([-2, 2], "200%", 1),
    ],
)
def test_arrows_point_where_the_number_went(values: list[float], said: str, arrow: int, draw_spec: Draw) -> None:
    drawing = draw_spec(spec(values, value="last(mrr)", compare="first(mrr)"))
    assert words(drawing)["kpi-change"] == said
    drawn = [item for item in drawing.scene.by_role("kpi-arrow") if isinstance(item, Path)]
    assert len(drawn) == abs(arrow)
    for item in drawn:
        foot, _, tip = item.points[:, 1]
        assert np.sign(foot - tip) == arrow


def test_down_is_good_for_costs(draw_spec: Draw) -> None:
    def color(good: str) -> Any:
        drawing = draw_spec(spec([5, 4], value="last(mrr)", compare="first(mrr)", good=good))
        return next(item.color for item in drawing.scene.texts if item.role == "kpi-change")

    assert len({color("up"), color("down"), color("neither")}) == 3


def test_what_it_is_compared_with_is_named(draw_spec: Draw) -> None:
    compare = {"value": 40, "title": "over target"}
    drawing = draw_spec(spec([50], value="mrr", compare=compare))
    assert words(drawing) == {"kpi-value": "50", "kpi-change": "25%", "kpi-note": "over target"}
    assert words(draw_spec(spec([50], value="mrr", compare=40)))["kpi-note"] == "vs 40"


def test_bars_stand_on_zero(draw_spec: Draw) -> None:
    drawing = draw_spec(spec([4, -2], value="last(mrr)", trend="mrr", trend_shape="bar"))
    above, below = (item for item in drawing.scene.by_role("trend") if isinstance(item, Rects))
    assert np.isclose(above.boxes[0, 3], below.boxes[0, 1])
    assert np.isclose(above.boxes[0, 3] - above.boxes[0, 1], 2 * (below.boxes[0, 3] - below.boxes[0, 1]))


def test_a_number_that_is_missing_is_a_dash(draw_spec: Draw) -> None:
    assert words(draw_spec(spec([None, None], value={"field": "mrr", "type": "number"}))) == {"kpi-value": "–"}
    assert words(draw_spec(spec([7, None], value="mrr"))) == {"kpi-value": "7"}


def test_the_title_of_a_layer_is_its_own(draw_spec: Draw, assert_tidy: Any) -> None:
    layer = {"kind": "kpi", "title": "MRR", "value": "last(mrr)", "compare": "first(mrr)", "trend": "mrr"}
    document = spec([1, 2])
    del document["kind"]
    drawing = draw_spec(document | {"layers": [layer]})
    assert_tidy(drawing)
    assert words(drawing)["kpi-title"] == "MRR"
    assert drawing.alt == "MRR: 2, 100% more than 1. Its course over 2 values ranges from 1 to 2."


@pytest.mark.parametrize("size", [(800, 500), (320, 200), (300, 200), (1200, 400), (120, 80), (16, 16), (2000, 40)])
@pytest.mark.parametrize("shape", ["area", "line", "bar"])
@pytest.mark.parametrize("scale", [1.0, 1e-9, 1e299])
def test_cards_of_any_size_are_tidy(
    size: tuple[int, int], shape: str, scale: float, draw_spec: Draw, assert_tidy: Any
) -> None:
    values = [scale * value for value in (1, -2, 3, 2.5, -1)]
    drawing = draw_spec(
        spec(
            values,
            value="last(mrr)",
            compare={"field": "mrr", "agg": "first", "title": "against what it was in the first month"},
            trend="mrr",
            x="month",
            trend_shape=shape,
            title="A number",
            image={"width": size[0], "height": size[1]},
        )
    )
    assert_tidy(drawing)
    numbers = [item for item in drawing.scene.primitives if isinstance(item, Text) and item.role == "kpi-value"]
    assert len(numbers) == 1


def test_a_hundred_thousand_values_are_reduced(draw_spec: Draw) -> None:
    document = spec([])
    document["data"] = {"columns": {"mrr": np.sin(np.arange(100_000) / 5000).tolist()}}
    assert len(trend(draw_spec(document | {"value": "last(mrr)", "trend": "mrr"}))) < 3000


def test_text_is_no_number(draw_spec: Draw) -> None:
    with pytest.raises(SpecError, match="/value: column 'month' holds dates where numbers are needed"):
        draw_spec(spec([1], value="month"))


def test_numbers_may_stand_for_channels() -> None:
    assert parse(spec([1], value="mrr", compare=40)).layers[0].compare.value == 40  # type: ignore[attr-defined]
