"""Radars and polar bars: lengths from the middle are those of the data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from renderer.drawing.draw import Drawing
from renderer.drawing.scene import Floats, Markers, Path
from renderer.spec.errors import SpecError

Draw = Callable[..., Drawing]
Check = Callable[[Drawing], None]

COLUMNS: dict[str, list[Any]] = {
    "quality": ["speed", "range", "price", "comfort"] * 2,
    "car": ["old"] * 4 + ["new"] * 4,
    "score": [1, 2, 3, 4, 4, 3, 2, 1],
}


def spec(kind: str, columns: dict[str, Any] = COLUMNS, **fields: Any) -> dict[str, Any]:
    data = {"columns": columns}
    color = {"color": "car"} if "car" in columns else {}
    return {"kind": kind, "data": data, "x": "quality", "y": "score"} | color | fields


def paths(drawing: Drawing, role: str) -> list[Path]:
    return [item for item in drawing.scene.by_role(role) if isinstance(item, Path)]


def rings(drawing: Drawing) -> tuple[tuple[float, float], float]:
    """The middle of the wheel, and the pixels of a unit."""
    outer = max(paths(drawing, "ring"), key=lambda ring: ring.box.width)
    assert outer.values is not None
    points = outer.points[::3] if outer.curve else outer.points
    center = (outer.box.x0 + outer.box.x1) / 2, (outer.box.y0 + outer.box.y1) / 2
    radius = float(np.hypot(*(points - center).T).max())
    return center, radius / float(outer.values[0])


def distances(points: Floats, center: tuple[float, float]) -> Floats:
    result: Floats = np.hypot(*(points - center).T)
    return result


# Radars ---------------------------------------------------------------------------------------------------------------


def test_a_radar_is_closed_and_has_the_lengths_of_the_data(draw_spec: Draw, assert_tidy: Check) -> None:
    drawing = draw_spec(spec("radar"))
    assert_tidy(drawing)
    center, unit = rings(drawing)
    lines = paths(drawing, "line")
    assert [line.name for line in lines] == ["old", "new"]
    for line, scores in zip(lines, ([1, 2, 3, 4], [4, 3, 2, 1]), strict=True):
        assert line.closed
        assert (distances(line.points, center) / unit).tolist() == pytest.approx(scores)
        # The first spoke is at the top, the others follow clockwise.
        assert line.points[0, 0] == pytest.approx(center[0])
        assert line.points[0, 1] < center[1]
        assert line.points[1, 0] > center[0]
    assert [item.text for item in drawing.scene.texts if item.role == "tick-label-x"] == COLUMNS["quality"][:4]
    assert [item.text for item in drawing.scene.texts if item.role == "legend-label"] == ["old", "new"]


def test_spokes_of_their_own_end_at_their_largest(draw_spec: Draw, assert_tidy: Check) -> None:
    columns = COLUMNS | {"score": [10, 200, 3000, 4, 5, 200, 1500, 0]}
    drawing = draw_spec(spec("radar", columns, spokes="own"))
    assert_tidy(drawing)
    center, unit = rings(drawing)
    old, new = paths(drawing, "line")
    assert (distances(old.points, center) / unit).tolist() == pytest.approx([1, 1, 1, 1])
    assert (distances(new.points, center) / unit).tolist() == pytest.approx([0.5, 1, 0.5, 0])
    names = [item.text for item in drawing.scene.texts if item.role == "tick-label-x"]
    assert names == ["speed", "10", "range", "200", "price", "3,000", "comfort", "4"]


def test_missing_values_interrupt_a_radar(draw_spec: Draw, assert_tidy: Check) -> None:
    drawing = draw_spec(spec("radar", COLUMNS | {"score": [1, None, 3, 4, 4, 3, 2, 1]}, fill=True, markers=False))
    assert_tidy(drawing)
    old, new = paths(drawing, "line")
    assert not old.closed
    assert new.closed
    assert [area.name for area in paths(drawing, "area")] == ["new"]
    lonely = draw_spec(spec("radar", COLUMNS | {"score": [1, None, 3, None, 4, 3, 2, 1]}, markers=False))
    (dots,) = (item for item in lonely.scene.by_role("point") if isinstance(item, Markers))
    assert dots.values is not None
    assert dots.values.tolist() == [1, 3]


def test_negative_values_lie_within_the_ring_of_zero(draw_spec: Draw, assert_tidy: Check) -> None:
    drawing = draw_spec(spec("radar", COLUMNS | {"score": [-2, 2, 2, 2] * 2}, labels=True))
    assert_tidy(drawing)
    zero = next(ring for ring in paths(drawing, "ring") if ring.values is not None and ring.values[0] == 0)
    center = drawing.scene.box.center[0], (zero.box.y0 + zero.box.y1) / 2
    radius = distances(zero.points, center).max()
    reach = distances(paths(drawing, "line")[0].points, center)
    assert reach[0] < radius < reach[1]


# Polar bars -----------------------------------------------------------------------------------------------------------


def lengths(path: Path, center: tuple[float, float]) -> list[tuple[float, float]]:
    """The two radii of each sector of a path; every third point lies on its outline."""
    parts = np.split(path.points, np.flatnonzero(np.isnan(path.points[:, 0])))
    found = [distances(part[np.isfinite(part[:, 0])][::3], center) for part in parts]
    return [(float(part.min()), float(part.max())) for part in found]


def test_sectors_have_the_lengths_of_the_data(draw_spec: Draw, assert_tidy: Check) -> None:
    columns = {"quality": ["a", "b", "c"], "score": [1, 2, 4]}
    drawing = draw_spec(spec("polar_bar", columns, labels=True))
    assert_tidy(drawing)
    center, unit = rings(drawing)
    (bars,) = paths(drawing, "bar")
    assert bars.closed
    assert bars.values is not None
    assert bars.values.tolist() == [1, 2, 4]
    assert [high / unit for _, high in lengths(bars, center)] == pytest.approx([1, 2, 4])
    assert [item.text for item in drawing.scene.texts if item.role == "value-label"] == ["1", "2", "4"]


def test_stacked_sectors_follow_each_other_outwards(draw_spec: Draw, assert_tidy: Check) -> None:
    drawing = draw_spec(spec("polar_bar", COLUMNS | {"score": [1] * 4 + [2] * 4}, inner=0.2))
    assert_tidy(drawing)
    center, _ = rings(drawing)
    old, new = paths(drawing, "bar")
    hole, first = lengths(old, center)[0]
    below, top = lengths(new, center)[0]
    assert below == pytest.approx(first)
    assert top - first == pytest.approx(2 * (first - hole))


def test_shares_reach_to_the_outer_ring(draw_spec: Draw, assert_tidy: Check) -> None:
    drawing = draw_spec(spec("polar_bar", stack="normalized", labels=True))
    assert_tidy(drawing)
    assert "80%" in [item.text for item in drawing.scene.texts if item.role == "value-label"]
    center, unit = rings(drawing)
    assert all(high == pytest.approx(unit) for _, high in lengths(paths(drawing, "bar")[1], center))


def test_the_smaller_sectors_stand_before_the_larger(draw_spec: Draw) -> None:
    drawing = draw_spec(spec("polar_bar", stack="overlay"))
    values = [float(path.values[0]) for path in paths(drawing, "bar") if path.values is not None]
    assert values == sorted(values, reverse=True)
    assert len(values) == 8


def test_areas_are_in_proportion_on_a_scale_of_roots(draw_spec: Draw) -> None:
    columns = {"quality": ["a", "b", "c"], "score": [1, 4, 9]}
    drawing = draw_spec(spec("polar_bar", columns, axes={"y": {"scale": "sqrt", "max": 9}}))
    (bars,) = paths(drawing, "bar")
    center, _ = rings(drawing)
    one, two, three = (high for _, high in lengths(bars, center))
    assert [two / one, three / one] == pytest.approx([2, 3])


def test_points_of_the_compass_stand_where_they_belong(draw_spec: Draw, assert_tidy: Check) -> None:
    columns = {"quality": ["W", "NNE", "S"], "score": [1, 2, 3]}
    drawing = draw_spec(spec("polar_bar", columns))
    assert_tidy(drawing)
    assert len([item for item in drawing.scene.texts if item.role == "tick-label-x"]) == 16
    center, _ = rings(drawing)
    (bars,) = paths(drawing, "bar")
    west = np.split(bars.points, np.flatnonzero(np.isnan(bars.points[:, 0])))[0]
    assert west[:, 0].max() <= center[0] + 1e-6
    assert drawing.alt.startswith("Wind rose of Score by Quality. The most is at S (3)")


def test_a_palette_of_the_channel_colours_its_categories(draw_spec: Draw) -> None:
    color = {"field": "car", "palette": ["#112233", "#445566"]}
    drawing = draw_spec(spec("polar_bar", color=color))
    fills = [path.fill for path in paths(drawing, "bar")]
    assert fills == [
        pytest.approx((0x11 / 255, 0x22 / 255, 0x33 / 255, 1)),
        pytest.approx((0x44 / 255, 0x55 / 255, 0x66 / 255, 1)),
    ]


# Both -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "fields", "pointer", "message"),
    [
        ("radar", {"data": {"columns": {"quality": ["a"], "score": [1]}}}, "/x", "at least 3 spokes, and x has one"),
        ("radar", {"spokes": "own", "data": {"columns": COLUMNS | {"score": [-1] * 8}}}, "/y", "begin at zero"),
        ("polar_bar", {"data": {"columns": COLUMNS | {"score": [-1] * 8}}}, "/y", "values of zero and more"),
        ("polar_bar", {"inner": 0.9}, "/inner", "from 0 to 0.8"),
        ("radar", {"y": "quality"}, "/y", "holds text"),
        ("polar_bar", {"data": {"columns": COLUMNS | {"quality": ["a"] * 8}}}, "/y", "rows share"),
    ],
)
def test_what_cannot_be_drawn_is_said_where_it_is(
    kind: str, fields: dict[str, Any], pointer: str, message: str, draw_spec: Draw
) -> None:
    document = spec(kind, **fields)
    if "car" not in document["data"]["columns"]:
        del document["color"]
    with pytest.raises(SpecError) as caught:
        draw_spec(document)
    assert caught.value.problems[0].pointer == pointer
    assert message in caught.value.problems[0].message


@pytest.mark.parametrize("size", [(320, 200), (1200, 400), (300, 700), (40, 40)])
@pytest.mark.parametrize("kind", ["radar", "polar_bar"])
@pytest.mark.parametrize("count", [3, 24, 200])
def test_any_size_and_number(kind: str, size: tuple[int, int], count: int, draw_spec: Draw, assert_tidy: Check) -> None:
    columns = {
        "quality": [f"a rather long name {index}" for index in range(count)],
        "score": [[1e12, 1e-9, 0, None][index % 4] for index in range(count)],
    }
    image = {"width": size[0], "height": size[1]}
    drawing = draw_spec(spec(kind, columns, image=image, labels=True, title="A title", caption="A caption"))
    assert_tidy(drawing)
    if count == 200:
        assert any("names around the wheel" in warning for warning in drawing.warnings)


def test_alternative_text_of_a_radar(draw_spec: Draw) -> None:
    assert draw_spec(spec("radar")).alt == (
        "Radar chart of Score over speed, range, price and comfort, one line for each of old and new. "
        "old is highest at comfort (4) and lowest at speed (1). new is highest at speed (4) and lowest at comfort (1)."
    )
