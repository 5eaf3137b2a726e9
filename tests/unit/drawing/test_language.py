"""Charts as the design of the language wrote them down, character for character: they parse, draw and are tidy."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from renderer.drawing.draw import Drawing
from renderer.spec.marks import KINDS

Draw = Callable[..., Drawing]

QUARTERS = (
    '{"kind":"bar","title":"Revenue by quarter","data":{"values":[{"quarter":"Q1","region":"EU","revenue":120},'
    '{"quarter":"Q1","region":"US","revenue":180}]},"x":"quarter","y":"sum(revenue)","color":"region",'
    '"stack":"grouped","labels":true,"axes":{"y":{"format":"currency:EUR compact"}}}'
)
WATERFALL = (
    '{"kind":"waterfall","title":"Where the cash went","data":{"columns":{"step":["Opening","Sales","Costs","Tax",'
    '"Closing"],"amount":[100,80,-60,-15,105]}},"label":"step","value":"amount","totals":["Opening","Closing"],'
    '"labels":{"format":"+,.0f"}}'
)
ENERGY = (
    '{"kind":"sankey","title":"Energy flows","caption":"Source: IEA","data":{"csv":"from,to,twh\\nCoal,Power,310\\n'
    'Gas,Power,270\\nPower,Homes,330\\nPower,Losses,250\\n"},"source":"from","target":"to","value":"twh"}'
)
MASSES = (
    '{"kind":"histogram","title":"Body mass by species","x":"body_mass_g","color":"sex","bins":24,"stat":"density",'
    '"density":true,"facet":{"field":"species","wrap":3,"share":"all"}}'
)
PENGUINS: dict[str, Any] = {
    "columns": {
        "species": ["Adelie", "Gentoo", "Chinstrap"] * 8,
        "sex": ["female", "female", "male", "male"] * 6,
        "body_mass_g": [3200 + 90 * number for number in range(24)],
    }
}


@pytest.mark.parametrize(
    "document", [QUARTERS, WATERFALL, ENERGY, MASSES], ids=["bar", "waterfall", "sankey", "facets"]
)
def test_a_chart_of_the_design(document: str, draw_spec: Draw, assert_tidy: Callable[[Drawing], None]) -> None:
    chart = json.loads(document)
    if chart["kind"] not in KINDS:
        pytest.skip("this kind is not there yet")
    if "data" not in chart:  # a dataset by name, in the design
        chart["data"] = PENGUINS
    for theme in ("light", "dark"):
        drawing = draw_spec(chart, theme=theme)
        assert drawing.title == chart["title"]
        assert not drawing.warnings
        assert_tidy(drawing)


def test_prices_over_volume(draw_spec: Draw, assert_tidy: Callable[[Drawing], None]) -> None:
    """The chart of an asset, without the window that its mean needs."""
    chart = json.loads(
        '{"title":"ACME","share_x":true,"panels":[{"weight":3,"axes":{"y":{"scale":"log"}},"layers":[{"kind":'
        '"candlestick","x":"day","open":"open","high":"high","low":"low","close":"close"},{"kind":"line","x":"day",'
        '"y":"ma20","name":"20-day mean","style":{"dash":"dashed"}}]},{"weight":1,"axes":{"y":{"format":"compact"}},'
        '"layers":[{"kind":"bar","x":"day","y":"volume"}]}]}'
    )
    days = [f"2024-01-{day:02d}" for day in (2, 3, 4, 5, 8, 9, 10, 11, 12)]
    close = [10.0, 10.4, 10.1, 10.9, 11.2, 11.0, 11.6, 12.0, 11.8]
    chart["data"] = {
        "columns": {
            "day": days,
            "open": [10.0, *close[:-1]],
            "high": [price + 0.5 for price in close],
            "low": [price - 0.6 for price in close],
            "close": close,
            "ma20": [10.0 + 0.2 * number for number in range(9)],
            "volume": [1_200_000 + 90_000 * number for number in range(9)],
        }
    }
    drawing = draw_spec(chart)
    assert len(list(drawing.scene.by_role("grid"))) == 2
    assert_tidy(drawing)
