"""Gauges: the ring is filled in proportion, bands and target stand at their values."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from renderer.drawing.draw import Drawing
from renderer.drawing.scene import Path, Segments
from renderer.spec.errors import SpecError

Spec = dict[str, Any]
Draw = Callable[..., Drawing]


def spec(value: float | None, **more: Any) -> Spec:
    data = {"columns": {"v": [value]}, "types": {"v": "number"}}
    return {"kind": "gauge", "data": data, "value": "v", "image": {"width": 400, "height": 300}} | more


def arc(drawing: Drawing, role: str) -> tuple[float, float]:
    """Where an arc starts and how far it reaches, in degrees clockwise from twelve o'clock, by its outer corners."""
    (path,) = (item for item in drawing.scene.by_role(role) if isinstance(item, Path))
    (track,) = (item for item in drawing.scene.by_role("gauge-track") if isinstance(item, Path))
    x = (track.points[0, 0] + track.points[len(track.points) // 2 - 2, 0]) / 2  # both ends of the rim
    half = np.hypot(*(track.points[0] - track.points[-1]))
    assert half > 0
    rim = path.points[: len(path.points) // 2 - 1 : 3]
    # The middle of the circle through three points of the track's rim.
    a, b, c = (complex(*track.points[index]) for index in (0, 3, 6))
    w = (c - a) / (b - a)
    center = (b - a) * (w - abs(w) ** 2) / (2j * w.imag) + a
    assert math.isclose(center.real, x, abs_tol=0.5)
    angles = np.unwrap(np.arctan2(rim[:, 0] - center.real, center.imag - rim[:, 1]))
    return float(np.degrees(angles[0])), float(np.degrees(angles[-1] - angles[0]))


@pytest.mark.parametrize(("value", "share"), [(25.0, 0.25), (100.0, 1.0), (70.0, 0.7)])
@pytest.mark.parametrize("sweep", [180.0, 220.0, 300.0])
def test_the_ring_is_filled_in_proportion(value: float, share: float, sweep: float, draw_spec: Draw) -> None:
    start, reach = arc(draw_spec(spec(value, sweep=sweep)), "gauge-value")
    assert math.isclose(start, -sweep / 2, abs_tol=1e-3)
    assert math.isclose(reach, sweep * share, rel_tol=1e-3)


def test_scales_need_not_begin_at_zero(draw_spec: Draw) -> None:
    _, reach = arc(draw_spec(spec(0.0, min=-100, max=300, sweep=200)), "gauge-value")
    assert math.isclose(reach, 50.0, rel_tol=1e-3)


def test_the_value_has_the_colour_of_its_band(draw_spec: Draw) -> None:
    def fill(value: float, **more: Any) -> Any:
        drawing = draw_spec(spec(value, bands=[70, 90], **more))
        return next(item.fill for item in drawing.scene.by_role("gauge-value") if isinstance(item, Path))

    bands = [
        item.fill for item in draw_spec(spec(5, bands=[70, 90])).scene.by_role("gauge-band") if isinstance(item, Path)
    ]
    assert [fill(50), fill(70), fill(95)] == bands
    assert fill(95, good="high") == bands[0]
    assert fill(5, colors=["#ff0000", "#00ff00", "#0000ff"]) == (1.0, 0.0, 0.0, 1.0)


def test_target_and_ends_are_written(draw_spec: Draw, assert_tidy: Any) -> None:
    drawing = draw_spec(spec(0.39, max=1, target=0.5, format=".0%"))
    assert_tidy(drawing)
    assert [item.text for item in drawing.scene.texts] == ["39%", "0%", "100%", "50%"]
    (target,) = (item for item in drawing.scene.by_role("gauge-target") if isinstance(item, Segments))
    assert math.isclose(target.ends[0, 0], target.ends[0, 2])  # half way is straight up


def test_an_aggregate_of_many_rows_is_one_value(draw_spec: Draw) -> None:
    document = spec(0) | {"data": {"columns": {"v": [10, 20, 92]}}}
    assert draw_spec(document | {"value": "max(v)"}).scene.texts[0].text == "92"
    assert draw_spec(document).scene.texts[0].text == "92"


def test_a_value_beyond_the_scale_fills_it_with_a_warning(draw_spec: Draw) -> None:
    drawing = draw_spec(spec(250.0))
    assert drawing.warnings == ("250 is beyond the scale from 0 to 100",)
    assert math.isclose(arc(drawing, "gauge-value")[1], 220.0, rel_tol=1e-3)


def test_nothing_fills_nothing(draw_spec: Draw) -> None:
    for value, words in ((0.0, "0"), (None, "–")):
        drawing = draw_spec(spec(value))
        assert not list(drawing.scene.by_role("gauge-value"))
        assert drawing.scene.texts[0].text == words


@pytest.mark.parametrize("size", [(800, 500), (320, 200), (300, 200), (1200, 400), (90, 60), (16, 16), (2000, 40)])
@pytest.mark.parametrize("sweep", [90, 180, 220, 330])
def test_gauges_of_any_size_are_tidy(size: tuple[int, int], sweep: float, draw_spec: Draw, assert_tidy: Any) -> None:
    for most in (1e-9, 100.0, 2e299):
        bands = [most * 0.5, most * 0.52, most * 0.9]
        image = {"width": size[0], "height": size[1]}
        assert_tidy(
            draw_spec(spec(most * 0.7, max=most, bands=bands, target=most * 0.51, sweep=sweep, title="t", image=image))
        )


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ({"max": -3}, "/max: a scale cannot run from 0 to −3: 'max' must be above 'min'"),
        ({"bands": [50, 200]}, "/bands/1: bands end within the scale, which runs from 0 to 100"),
        ({"bands": [20, 10]}, "/bands: bands ascend, and 10 comes after 20"),
        ({"colors": ["red", "blue"]}, "/colors: must be 1 colour, one for each band"),
        ({"sweep": 400}, "/sweep: must be a number from 90 to 330, not 400"),
        ({"target": {"field": "w"}}, "/target/field: no column 'w'; the columns are 'v'"),
    ],
)
def test_scales_that_cannot_be_are_refused(more: Spec, problem: str, draw_spec: Draw) -> None:
    with pytest.raises(SpecError) as caught:
        draw_spec(spec(5, **more))
    assert str(caught.value) == problem


def test_the_alternative_text_says_where_it_stands(draw_spec: Draw) -> None:
    assert draw_spec(spec(78, bands=[70, 90], target=60)).alt == (
        "Gauge of V: 78 on a scale from 0 to 100, with a target of 60. It is in the band from 70 to 90, 2 of 3."
    )
