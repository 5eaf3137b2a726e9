"""The eight charts that the design of the language wrote down, character for character: they draw and are tidy."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

import pytest

from renderer.data.forecast import forecast
from renderer.data.resolve import load
from renderer.drawing.cost import estimate
from renderer.drawing.draw import Drawing
from renderer.drawing.scene import Path, Rects, Segments, Text
from renderer.spec import parse

Draw = Callable[..., Drawing]
Tidy = Callable[[Drawing], None]

QUARTERS = (
    '{"kind":"bar","title":"Revenue by quarter","data":{"values":[{"quarter":"Q1","region":"EU","revenue":120},'
    '{"quarter":"Q1","region":"US","revenue":180}]},"x":"quarter","y":"sum(revenue)","color":"region",'
    '"stack":"grouped","labels":true,"axes":{"y":{"format":"currency:EUR compact"}}}'
)
LIFE = (
    '{"title":"Life expectancy keeps rising","data":{"dataset":"life_expectancy"},"transform":[{"filter":"country in '
    '[\'France\',\'Japan\',\'Brazil\'] and year >= 1960"}],"layers":[{"kind":"line","x":"year","y":"mean(years)",'
    '"color":{"field":"country","legend":"direct"},"error":{"stat":"ci","as":"band"}}],"annotations":[{"kind":"rule",'
    '"y":75,"text":"UN target"},{"kind":"band","x":"2020-01-01","x2":"2021-12-31","text":"COVID-19"}],'
    '"axes":{"y":{"zero":false}}}'
)
CONVERSION = (
    '{"title":"Orders and conversion","data":{"dataset":"shop","query":"select day, orders, sessions from events"},'
    '"transform":[{"derive":{"rate":"orders / sessions"}}],"layers":[{"kind":"bar","x":"week(day)","y":"sum(orders)"},'
    '{"kind":"line","x":"week(day)","y":"mean(rate)","y_axis":"right","markers":true}],'
    '"axes":{"right":{"format":"percent","title":"Conversion"}}}'
)
MASSES = (
    '{"kind":"histogram","title":"Body mass by species","data":{"dataset":"penguins"},"x":"body_mass_g","color":"sex",'
    '"bins":24,"stat":"density","density":true,"facet":{"field":"species","wrap":3,"share":"all"}}'
)
CASH = (
    '{"kind":"waterfall","title":"Where the cash went","data":{"columns":{"step":["Opening","Sales","Costs","Tax",'
    '"Closing"],"amount":[100,80,-60,-15,105]}},"label":"step","value":"amount","totals":["Opening","Closing"],'
    '"labels":{"format":"+,.0f"}}'
)
ENERGY = (
    '{"kind":"sankey","title":"Energy flows","caption":"Source: IEA","data":{"csv":"from,to,twh\\nCoal,Power,310\\n'
    'Gas,Power,270\\nPower,Homes,330\\nPower,Losses,250\\n"},"source":"from","target":"to","value":"twh"}'
)
TODAY = (
    '{"title":"Today","arrange":"columns","data":{"dataset":"kpis"},"image":{"width":900,"height":220},"panels":['
    '{"layers":[{"kind":"kpi","title":"MRR","value":"last(mrr)","compare":"first(mrr)","trend":"mrr",'
    '"format":"currency:USD compact"}]},{"layers":[{"kind":"gauge","title":"CPU","value":"last(cpu)","max":100,'
    '"bands":[70,90]}]}]}'
)
ACME = (
    '{"title":"ACME","data":{"dataset":"acme_ohlc"},"transform":[{"window":{"ma20":"mean(close)"},"order":["day"],'
    '"frame":[-19,0]}],"share_x":true,"panels":[{"weight":3,"axes":{"y":{"scale":"log"}},"layers":[{"kind":'
    '"candlestick","x":"day","open":"open","high":"high","low":"low","close":"close"},{"kind":"line","x":"day",'
    '"y":"ma20","name":"20-day mean","style":{"dash":"dashed"}}]},{"weight":1,"axes":{"y":{"format":"compact"}},'
    '"layers":[{"kind":"bar","x":"day","y":"volume"}]}]}'
)
EIGHT = {
    "bar": QUARTERS, "line": LIFE, "combo": CONVERSION, "histogram": MASSES, "waterfall": CASH, "sankey": ENERGY,
    "cards": TODAY, "candlestick": ACME,
}  # fmt: skip


def _wave(count: int, *, low: float, high: float, turns: float = 2.5) -> list[float]:
    """Numbers that go up and down, always the same ones."""
    waves = (math.sin(index * 2 * math.pi * turns / count) for index in range(count))
    return [round(low + (high - low) * (0.5 + 0.3 * wave + 0.2 * i / count), 2) for i, wave in enumerate(waves)]


def _days(count: int) -> list[str]:
    return [(date(2026, 1, 5) + timedelta(days=number)).isoformat() for number in range(count)]


def _life() -> dict[str, Sequence[Any]]:
    """Three regions a year, of four countries; one country and some years are filtered out."""
    starts = {"France": 70.0, "Japan": 68.0, "Brazil": 54.0, "Chad": 38.0}
    rows = [
        (country, year, round(start + 0.2 * (year - 1955) + apart, 1))
        for country, start in starts.items()
        for year in range(1955, 2024)
        for apart in (-1.2, 0.0, 1.2)
    ]
    country, year, years = zip(*rows, strict=True)
    return {"country": country, "year": year, "years": years}


def _prices() -> dict[str, Sequence[Any]]:
    close = _wave(110, low=90, high=140)
    first = [close[0], *close[:-1]]
    return {
        "day": _days(110),
        "open": first,
        "high": [max(pair) + 1 for pair in zip(first, close, strict=True)],
        "low": [min(pair) - 1 for pair in zip(first, close, strict=True)],
        "close": close,
        "volume": [int(price * 9000) for price in reversed(close)],
    }


DATASETS: dict[str, Callable[[], dict[str, Sequence[Any]]]] = {
    "life_expectancy": _life,
    "shop": lambda: {
        "day": _days(84),
        "orders": [int(number) for number in _wave(84, low=30, high=60)],
        "sessions": [int(number) for number in _wave(84, low=1500, high=2400, turns=4)],
    },
    "penguins": lambda: {
        "species": ["Adelie", "Gentoo", "Chinstrap"] * 40,
        "sex": ["female", "female", "male", "male"] * 30,
        "body_mass_g": [3200 + (number * 37) % 2400 for number in range(120)],
    },
    "kpis": lambda: {"mrr": _wave(24, low=40_000, high=60_000), "cpu": _wave(24, low=30, high=95)},
    "acme_ohlc": _prices,
}
"""What the design names by a dataset, as columns that stand in the document."""


def inline(text: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(text)
    if "dataset" in document["data"]:
        document["data"] = {"columns": DATASETS[document["data"]["dataset"]]()}
    return json.loads(json.dumps(document))  # type: ignore[no-any-return]


def _texts(drawing: Drawing, role: str) -> dict[str, Text]:
    return {item.text: item for item in drawing.scene.texts if item.role == role}


@pytest.mark.parametrize("text", EIGHT.values(), ids=EIGHT)
def test_a_chart_of_the_design(text: str, draw_spec: Draw, assert_tidy: Tidy) -> None:
    document = inline(text)
    assert parse(json.loads(text)).title == document["title"]
    loaded = load(parse(document))
    assert forecast(loaded) == ()
    assert estimate(loaded).milliseconds > 1
    for theme in ("light", "dark"):
        drawing = draw_spec(document, theme=theme)
        assert drawing.title == document["title"]
        assert not drawing.warnings
        assert_tidy(drawing)


def test_lines_have_bands_behind_them_and_years_are_no_thousands(draw_spec: Draw) -> None:
    drawing = draw_spec(inline(LIFE))
    roles = [item.role for item in drawing.scene.primitives if item.role in ("band", "line")]
    assert roles == ["band"] * 3 + ["line"] * 3
    words = [item.text for item in drawing.scene.texts]
    assert {"1960", "2020", "UN target", "COVID-19", "Japan", "France", "Brazil"} <= set(words)
    assert "Chad" not in words
    assert "from 1960 to 2023" in drawing.alt


def test_the_mean_of_twenty_days_is_that_of_twenty_days(draw_spec: Draw) -> None:
    document = inline(ACME)
    (line,) = [item for item in draw_spec(document).scene.primitives if isinstance(item, Path) and item.role == "line"]
    close = document["data"]["columns"]["close"]
    assert line.values is not None
    assert line.values[-1] == pytest.approx(sum(close[-20:]) / 20)
    assert line.stroke is not None
    assert line.stroke.dash


YIELDS: dict[str, Any] = {
    "columns": {
        "plot": ["A", "A", "A", "B", "B", "B"] * 2,
        "year": [2024] * 6 + [2025] * 6,
        "harvest": [31, 34, 29, 41, 43, 38, 33, 36, 30, 44, 47, 40],
    }
}


@pytest.mark.parametrize("horizontal", [False, True])
def test_bars_have_strokes_on_them(horizontal: bool, draw_spec: Draw, assert_tidy: Tidy) -> None:
    drawing = draw_spec(
        {
            "kind": "bar", "data": YIELDS, "x": {"field": "year", "type": "category"}, "y": "mean(harvest)",
            "color": "plot", "stack": "grouped", "error": "sd", "horizontal": horizontal,
        }
    )  # fmt: skip
    assert_tidy(drawing)
    bars = [item for item in drawing.scene.primitives if isinstance(item, Rects) and item.role == "bar"]
    strokes = [item for item in drawing.scene.primitives if isinstance(item, Segments) and item.role == "error-bar"]
    assert len(bars) == 2
    assert sum(len(item.ends) for item in strokes) == 4 * 3  # with a cap at each end
    assert [item.text for item in drawing.scene.texts].count("Mean harvest") == 1


def test_the_median_has_its_quartiles(draw_spec: Draw) -> None:
    drawing = draw_spec({"kind": "line", "data": YIELDS, "x": "year", "y": "median(harvest)", "error": True})
    assert "medians with quartiles" in drawing.alt


def test_a_panel_is_split_inside_its_place(draw_spec: Draw, assert_tidy: Tidy) -> None:
    drawing = draw_spec(
        {
            "title": "Two panels", "data": YIELDS, "arrange": "rows", "image": {"height": 700},
            "panels": [
                {"title": "All", "weight": 2, "layers": [{"kind": "histogram", "x": "harvest", "labels": True}]},
                {"title": "By plot", "facet": {"field": "plot"}, "layers": [{"kind": "histogram", "x": "harvest"}]},
            ],
        }
    )  # fmt: skip
    assert_tidy(drawing)
    titles = _texts(drawing, "panel-title")
    assert list(titles) == ["All", "By plot", "A", "B"]
    assert titles["A"].box.y0 == titles["B"].box.y0 > titles["By plot"].box.y1
    assert len(list(drawing.scene.by_role("grid"))) == 3
    assert not drawing.warnings


def test_a_single_panel_may_be_split(draw_spec: Draw, assert_tidy: Tidy) -> None:
    layer = {"kind": "scatter", "x": "year", "y": "harvest"}
    drawing = draw_spec(
        {"data": YIELDS, "panels": [{"title": "Both", "facet": {"columns": "plot"}, "layers": [layer]}]}
    )
    assert_tidy(drawing)
    assert list(_texts(drawing, "panel-title")) == ["Both", "A", "B"]


def test_hatches_are_on_the_bars_and_in_the_legend(draw_spec: Draw, encode_drawing: Any) -> None:
    spec = {
        "kind": "bar",
        "data": YIELDS,
        "x": "plot",
        "y": "sum(harvest)",
        "color": {"field": "year", "type": "category"},
    }
    plain, hatched = draw_spec(spec), draw_spec(spec | {"style": {"hatch": "stripes"}})
    drawn = [item for item in hatched.scene.primitives if isinstance(item, Rects) and item.hatch]
    assert {item.role for item in drawn} == {"bar", "legend-sample"}
    for format_name in ("png", "svg", "pdf"):
        first, again = (encode_drawing(hatched, format_name).data for _ in range(2))
        assert first == again != encode_drawing(plain, format_name).data


def test_values_stand_at_the_points_of_a_line(draw_spec: Draw, assert_tidy: Tidy) -> None:
    data = {"columns": {"month": ["Jan", "Feb", "Mar"], "sold": [3, 5, 4]}}
    drawing = draw_spec({"kind": "line", "data": data, "x": "month", "y": "sold", "labels": {"format": ".1f"}})
    assert_tidy(drawing)
    assert list(_texts(drawing, "value-label")) == ["3.0", "5.0", "4.0"]
