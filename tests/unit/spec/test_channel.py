"""Channels: short forms, and what they mean."""

from __future__ import annotations

from typing import Any

import pytest

from renderer.spec.channel import AGGREGATES, UNITS, Channel, ColorChannel, read_shorthand


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("revenue", {"field": "revenue"}),
        ("sum(revenue)", {"agg": "sum", "field": "revenue"}),
        ("sum( unit price )", {"agg": "sum", "field": "unit price"}),
        ("count()", {"agg": "count"}),
        ("month(day)", {"unit": "month", "field": "day"}),
        ("p95(latency)", {"agg": "p95", "field": "latency"}),
        ("sum(a(b))", {"agg": "sum", "field": "a(b)"}),
        ("avg(revenue)", {"field": "avg(revenue)"}),
        ("price (EUR)", {"field": "price (EUR)"}),
        ("(a+)+$", {"field": "(a+)+$"}),
    ],
)
def test_a_text_is_a_column_or_a_call(text: str, fields: dict[str, Any]) -> None:
    assert read_shorthand(text) == fields
    channel = Channel.model_validate(text)
    assert channel.shorthand == text
    dumped: object = channel.model_dump(exclude_unset=True)
    assert dumped == text


def test_the_object_form_is_never_a_shorthand() -> None:
    channel = Channel.model_validate({"field": "sum(revenue)"})
    assert (channel.field, channel.agg, channel.shorthand) == ("sum(revenue)", None, None)


@pytest.mark.parametrize("agg", AGGREGATES)
def test_every_aggregate_has_a_short_form(agg: str) -> None:
    assert Channel.model_validate(f"{agg}(x)").agg == agg


@pytest.mark.parametrize("unit", UNITS)
def test_every_unit_has_a_short_form(unit: str) -> None:
    assert Channel.model_validate(f"{unit}(x)").unit == unit


def test_bins_are_true_a_number_or_a_step() -> None:
    for value, count, step in ((True, None, None), (12, 12, None), ({"step": 5}, None, 5.0)):
        bins = Channel.model_validate({"field": "x", "bin": value}).bin
        assert bins is not None
        assert (bins.count, bins.step) == (count, step)
    for wrong in (False, 0, 501, "ten", {"step": 0}):
        with pytest.raises(ValueError, match="bin"):
            Channel.model_validate({"field": "x", "bin": wrong})


def test_a_colour_channel_knows_colours() -> None:
    channel = ColorChannel.model_validate({"field": "a", "map": {"EU": "#1F77B4", "US": "Tomato"}, "legend": "direct"})
    assert channel.map == {"EU": "#1f77b4", "US": "tomato"}
