"""Error bars and bands: where they reach, against scipy 1.17.1, and how they go with other layers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from renderer.drawing.draw import Drawing
from renderer.drawing.scene import Floats, Markers, Path, Rects, Segments
from renderer.spec.errors import SpecError

Draw = Callable[..., Drawing]
Check = Callable[[Drawing], None]

SAMPLE = [4.1, 5.6, 3.2, 6.0, 5.5]
# scipy.stats.t.interval(level, 4, mean, scipy.stats.sem(SAMPLE)), and numpy's mean, std(ddof=1) and percentiles
EXPECTED = {
    "ci": (3.4124182851520004, 4.88, 6.347581714847999),
    "ci 0.8": (4.069573210474536, 4.88, 5.690426789525464),
    "se": (4.88 - 0.5285830114561004, 4.88, 4.88 + 0.5285830114561004),
    "sd": (4.88 - 1.1819475453673907, 4.88, 4.88 + 1.1819475453673907),
    "iqr": (4.1, 5.5, 5.6),
    "range": (3.2, 4.88, 6.0),
}
# A second place, whose ends are known, says how many pixels a unit has.
ROWS = {"x": ["a"] * 5 + ["b"] * 2, "y": [*SAMPLE, 0.0, 10.0]}
GIVEN = {"x": ["a", "b", "c"], "y": [2, 3, 5], "low": [1, 2, 3], "high": [4, 6, 7], "margin": [1, 0.5, 0]}


def spec(kind: str, columns: dict[str, Any], **fields: Any) -> dict[str, Any]:
    axes = {"y": {"min": -200, "max": 200}} if columns is ROWS else {}
    return {"kind": kind, "data": {"columns": columns}, "x": "x", "axes": axes} | fields


def bars(drawing: Drawing) -> Floats:
    """The upright strokes of the first series as (x, low, high) in pixels, without their caps."""
    found = next(item for item in drawing.scene.by_role("error-bar") if isinstance(item, Segments))
    upright = found.ends[np.isclose(found.ends[:, 0], found.ends[:, 2])]
    picked: Floats = upright[:, [0, 1, 3]]
    return picked


@pytest.mark.parametrize("stat", EXPECTED)
def test_error_bars_reach_where_scipy_says(stat: str, draw_spec: Draw, assert_tidy: Check) -> None:
    name, _, level = stat.partition(" ")
    fields: dict[str, Any] = {"stat": name} | ({"level": float(level)} if level else {})
    drawing = draw_spec(spec("errorbar", ROWS, y="y", **fields))
    assert_tidy(drawing)
    ticks = {item.text: item.box.center[1] for item in drawing.scene.texts if item.role == "tick-label-y"}
    unit = (ticks["0"] - ticks["100"]) / 100
    zero = ticks["0"]
    low, high = (float(value) for value in bars(drawing)[0, 1:])
    (points,) = (item for item in drawing.scene.by_role("point") if isinstance(item, Markers))
    middle = float(points.points[0, 1])
    assert [(zero - place) / unit for place in (low, middle, high)] == pytest.approx(EXPECTED[stat], abs=0.02)
    stroke = next(item for item in drawing.scene.by_role("error-bar") if isinstance(item, Segments))
    assert stroke.values is not None
    assert stroke.values[0] == pytest.approx(EXPECTED[stat][2] - EXPECTED[stat][0])
    assert points.values is not None
    assert points.values[0] == pytest.approx(EXPECTED[stat][1])


def test_given_ends_and_margins(draw_spec: Draw, assert_tidy: Check) -> None:
    ends = draw_spec(spec("errorbar", GIVEN, y="y", low="low", high="high"))
    assert_tidy(ends)
    stroke = next(item for item in ends.scene.by_role("error-bar") if isinstance(item, Segments))
    assert stroke.values is not None
    assert stroke.values.tolist() == [3, 4, 4]
    margins = draw_spec(spec("errorbar", GIVEN, y="y", margin="margin", caps=False))
    stroke = next(item for item in margins.scene.by_role("error-bar") if isinstance(item, Segments))
    assert stroke.values is not None
    assert stroke.values.tolist() == [2, 1, 0]
    assert len(stroke.ends) == 3


def test_bars_lie_and_are_labelled(draw_spec: Draw, assert_tidy: Check) -> None:
    drawing = draw_spec(spec("errorbar", GIVEN, y="y", low="low", high="high", horizontal=True, labels=True))
    assert_tidy(drawing)
    stroke = next(item for item in drawing.scene.by_role("error-bar") if isinstance(item, Segments))
    lying = np.isclose(stroke.ends[:, 1], stroke.ends[:, 3])
    assert lying.sum() == 3
    assert [item.text for item in drawing.scene.texts if item.role == "value-label"] == ["2", "3", "5"]


def test_bars_stand_in_the_middle_of_the_grouped_bars_below(draw_spec: Draw, assert_tidy: Check) -> None:
    columns = {"x": ["a", "a", "b", "b"], "g": ["u", "v"] * 2, "y": [3, 4, 5, 6], "m": [1, 1, 2, 2]}
    layers = [
        {"kind": "bar", "x": "x", "y": "y", "color": "g", "stack": "grouped"},
        {"kind": "errorbar", "x": "x", "y": "y", "margin": "m", "color": "g"},
    ]
    drawing = draw_spec({"data": {"columns": columns}, "layers": layers})
    assert_tidy(drawing)
    rects = [item for item in drawing.scene.by_role("bar") if isinstance(item, Rects)]
    strokes = [item for item in drawing.scene.by_role("error-bar") if isinstance(item, Segments)]
    for below, above in zip(rects, strokes, strict=True):
        middles = (below.boxes[:, 0] + below.boxes[:, 2]) / 2
        assert above.ends[:2, 0].tolist() == pytest.approx(middles.tolist(), abs=0.51)
        assert above.stroke.color != below.fill
    assert [item.text for item in drawing.scene.texts if item.role == "legend-label"] == ["u", "v"]


def test_a_layer_with_its_error_bars_needs_no_legend(draw_spec: Draw) -> None:
    data = {"columns": GIVEN}
    layers = [{"kind": "bar", "x": "x", "y": "y"}, {"kind": "errorbar", "x": "x", "y": "y", "margin": "margin"}]
    drawing = draw_spec({"data": data, "layers": layers})
    assert not list(drawing.scene.by_role("legend-sample"))
    named = draw_spec({"data": data, "layers": [layers[0], layers[1] | {"name": "Tolerance"}]})
    assert "Tolerance" in [item.text for item in named.scene.texts]


def test_a_band_has_the_colour_of_its_line_and_no_name_of_its_own(draw_spec: Draw, assert_tidy: Check) -> None:
    layers = [{"kind": "band", "x": "x", "low": "low", "high": "high"}, {"kind": "line", "x": "x", "y": "y"}]
    drawing = draw_spec({"data": {"columns": GIVEN}, "layers": layers})
    assert_tidy(drawing)
    (band,) = (item for item in drawing.scene.by_role("band") if isinstance(item, Path))
    (line,) = (item for item in drawing.scene.by_role("line") if isinstance(item, Path))
    assert band.fill is not None
    assert line.stroke is not None
    assert band.fill[:3] == line.stroke.color[:3]
    assert band.values is not None
    assert band.values.tolist() == [3, 4, 4]
    assert not [item for item in drawing.scene.texts if item.role in ("series-label", "legend-label")]


@pytest.mark.parametrize("interpolate", ["linear", "step", "smooth"])
def test_bands_of_several_colours_are_named_at_their_ends(
    interpolate: str, draw_spec: Draw, assert_tidy: Check
) -> None:
    columns = {"x": [1, 1, 2, 2, 3, 3] * 2, "g": ["u"] * 6 + ["v"] * 6, "y": [1, 2, 3, 4, 5, 6, 4, 4, 8, 9, 9, 12]}
    drawing = draw_spec(spec("band", columns, y="y", color="g", interpolate=interpolate, edges=True))
    assert_tidy(drawing)
    assert sorted(item.text for item in drawing.scene.texts if item.role == "series-label") == ["u", "v"]
    assert len(list(drawing.scene.by_role("line"))) == len(list(drawing.scene.by_role("edge"))) == 2
    layers = [{"kind": kind, "x": "x", "y": y, "color": "g"} for kind, y in (("band", "y"), ("line", "mean(y)"))]
    both = draw_spec({"data": {"columns": columns}, "layers": layers})
    assert_tidy(both)
    assert sorted(item.text for item in both.scene.texts if item.role == "series-label") == ["u", "v"]


def test_a_gap_interrupts_a_band(draw_spec: Draw) -> None:
    columns = {"x": [1, 2, 3, 4, 5], "low": [1, 1, None, 1, 1], "high": [2, 2, 2, 2, 2]}
    drawing = draw_spec(spec("band", columns, low="low", high="high"))
    (band,) = (item for item in drawing.scene.by_role("band") if isinstance(item, Path))
    assert np.isnan(band.points[:, 0]).sum() == 1


def test_single_values_are_points_and_are_mentioned(draw_spec: Draw) -> None:
    drawing = draw_spec(spec("errorbar", {"x": ["a", "b", "b"], "y": [1, 2, 3]}, y="y"))
    assert drawing.warnings == ("1 place has a single value, which has no spread.",)
    assert len(bars(drawing)) == 1


@pytest.mark.parametrize("kind", ["errorbar", "band"])
@pytest.mark.parametrize(
    ("fields", "pointer", "message"),
    [
        ({}, "/y", "'y' is required, or 'low' and 'high'"),
        ({"low": "low"}, "/low", "belong together"),
        ({"y": "y", "low": "low", "high": "high", "margin": "margin"}, "/margin", "not both"),
        ({"y": "y", "margin": "margin", "stat": "sd"}, "/stat", "here it is given"),
        ({"y": "y", "stat": "sd", "level": 0.9}, "/level", "'stat' is \"sd\""),
        ({"y": "y"}, "/y", "which has no spread"),
        ({"y": "y", "margin": "negative"}, "/margin", "must be zero or more, and there is -1"),
        ({"y": "x"}, "/y", "holds text"),
    ],
)
def test_what_cannot_be_drawn_is_said_where_it_is(
    kind: str, fields: dict[str, Any], pointer: str, message: str, draw_spec: Draw
) -> None:
    with pytest.raises(SpecError) as caught:
        draw_spec(spec(kind, GIVEN | {"negative": [1, -1, 1]}, **fields))
    assert caught.value.problems[0].pointer == pointer
    assert message in caught.value.problems[0].message


def test_alternative_texts(draw_spec: Draw) -> None:
    assert draw_spec(spec("errorbar", ROWS, y="y")).alt == (
        "Error bars of Y by X: means with their 95% confidence intervals. "
        "The highest is at b: 5.0, from −58.5 to 68.5. The lowest is at a: 4.88, from 3.41 to 6.35."
    )
    assert draw_spec(spec("band", GIVEN, low="low", high="high")).alt == (
        "Band from Low to High by X. They reach from 1 (a) to 7 (c)."
    )


@pytest.mark.parametrize("size", [(320, 200), (1200, 400), (60, 40)])
@pytest.mark.parametrize("kind", ["errorbar", "band"])
def test_any_size_and_number_of_places(kind: str, size: tuple[int, int], draw_spec: Draw, assert_tidy: Check) -> None:
    image = {"width": size[0], "height": size[1]}
    for count in (1, 2, 200):
        columns = {"x": [f"place {index}" for index in range(count)], "y": [1e9] * count, "m": [1e-9] * count}
        labels = {"labels": True} if kind == "errorbar" else {}
        assert_tidy(draw_spec(spec(kind, columns, y="y", margin="m", image=image, **labels)))
