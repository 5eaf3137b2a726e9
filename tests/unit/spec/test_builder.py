"""Charts built in Python: the same JSON, typed. mypy reads this file, too: a wrong field is an error there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

import numpy as np
import pytest

from renderer import charts as c
from renderer.spec import SpecError, parse
from renderer.spec.builder import Layer, Panel, Spec
from renderer.spec.marks import KINDS
from renderer.spec.model import Chart

QUARTERS: c.Source = {"columns": {"quarter": ["Q1", "Q2"], "revenue": [120, 180]}}


def built(document: dict[str, Any]) -> Spec:
    """The document, written with the functions of renderer.charts."""

    def layer(fields: Mapping[str, Any]) -> Layer:
        make: Any = getattr(c, fields["kind"])
        made: Layer = make(**{name: value for name, value in fields.items() if name != "kind"})
        return made

    def panel(fields: Mapping[str, Any]) -> Panel:
        return c.panel(**{**fields, "layers": [layer(one) for one in fields["layers"]]})

    make: Any = c.chart
    whole = {name: value for name, value in document.items() if name in Chart.model_fields}
    if "layers" in whole:
        whole["layers"] = [layer(one) for one in whole["layers"]]
    if "panels" in whole:
        whole["panels"] = [panel(one) for one in whole["panels"]]
    one = layer({name: value for name, value in document.items() if name not in whole}) if "kind" in document else None
    spec: Spec = make(one, **whole)
    return spec


def test_every_example_can_be_built(example: dict[str, Any]) -> None:
    spec = built(example)
    assert spec == example
    assert parse(spec) == parse(example)
    assert json.loads(spec.to_json()) == example


def test_every_kind_has_its_function() -> None:
    for kind in KINDS:
        assert getattr(c, kind)(x="a").json == {"kind": kind, "x": "a"}
    assert set(Chart.model_fields) == set(c.ChartFields.__annotations__)


def test_one_layer_is_written_in_short() -> None:
    spec = c.chart(c.bar(x="quarter", y="sum(revenue)", labels=True), title="Revenue", data=QUARTERS)
    assert spec.to_dict() == {
        "kind": "bar", "x": "quarter", "y": "sum(revenue)", "labels": True, "title": "Revenue", "data": QUARTERS,
    }  # fmt: skip
    assert spec.check().flat


def test_more_layers_panels_and_options() -> None:
    spec = c.chart(
        arrange="columns",
        data=QUARTERS,
        panels=[
            c.panel(layers=[c.kpi(title="Revenue", value="last(revenue)", compare=100)]),
            c.panel(
                layers=[
                    c.bar(x="quarter", y=c.Channel(field="revenue", agg="mean"), error={"stat": "sd", "as": "bars"}),
                    c.line(x="quarter", y="revenue", style={"dash": "dashed"}, transform=[{"filter": "revenue > 100"}]),
                ],
                axes={"y": {"format": "compact"}},
            ),
        ],
    )
    assert len(spec.check().panels) == 2


def test_a_key_figure_keeps_its_own_title() -> None:
    spec = c.chart(c.kpi(title="Revenue", value="last(revenue)"), title="Today", data=QUARTERS)
    assert spec["title"] == "Today"
    assert spec["layers"][0]["title"] == "Revenue"


def test_what_is_given_twice_is_an_error() -> None:
    with pytest.raises(SpecError, match="'data' is given twice"):
        c.chart(c.bar(x="quarter", y="revenue", data=QUARTERS), data=QUARTERS)
    with pytest.raises(SpecError, match="'layers' is given twice"):
        c.chart(c.bar(x="quarter", y="revenue"), layers=[c.line(x="quarter", y="revenue")])


def test_a_wrong_field_is_an_error_of_the_type_checker_and_of_the_language() -> None:
    layer = c.bar(x="quarter", y="revenue", hue="quarter")  # type: ignore[call-arg]
    with pytest.raises(SpecError, match="did you mean 'color'"):
        c.chart(layer, data=QUARTERS).check()
    with pytest.raises(SpecError, match="must be 'stacked'"):
        c.chart(c.bar(x="quarter", y="revenue", stack="up"), data=QUARTERS).check()  # type: ignore[arg-type]
    with pytest.raises(SpecError, match="did you mean 'format'"):
        c.chart(c.bar(x="quarter", y="revenue"), data=QUARTERS, axes={"y": {"fromat": "si"}}).check()  # type: ignore[typeddict-unknown-key]


def test_a_spec_never_changes() -> None:
    rows = [{"quarter": "Q1", "revenue": 120}]
    spec = c.chart(c.bar(x="quarter", y="revenue"), title="Revenue", data={"values": rows})
    rows.append({"quarter": "Q2", "revenue": 180})
    spec["data"]["values"].clear()
    spec.to_dict().clear()
    assert spec["data"] == {"values": [{"quarter": "Q1", "revenue": 120}]}
    assert spec.replace(theme="dark")["theme"] == "dark"
    assert "theme" not in spec
    with pytest.raises(TypeError):
        spec["title"] = "Other"  # type: ignore[index]


def test_values_of_python_become_values_of_json() -> None:
    class Region(StrEnum):
        EU = "EU"

    spec = c.chart(
        c.line(x="day", y="revenue"),
        data={
            "columns": {
                "day": [date(2026, 1, 5), datetime(2026, 1, 6, 12, tzinfo=UTC)],
                "revenue": np.array([1.5, 2.0]),
                "price": (Decimal("9.50"), np.float64(2)),
                "region": [Region.EU, None],
                "seen": (number for number in (1, 2)),
            }
        },
    )
    assert spec["data"]["columns"] == {
        "day": ["2026-01-05", "2026-01-06T12:00:00+00:00"],
        "revenue": [1.5, 2.0],
        "price": [9.5, 2.0],
        "region": ["EU", None],
        "seen": [1, 2],
    }
    assert type(spec["data"]["columns"]["region"][0]) is str
    with pytest.raises(TypeError, match="object is nothing that JSON can say"):
        c.chart(c.line(x="day", y="revenue"), data={"values": [{"day": object()}]})
