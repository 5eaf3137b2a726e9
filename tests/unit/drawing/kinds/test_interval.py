"""Intervals: means and how sure they are, against scipy's numbers; ranges as given; errors where they cannot be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from renderer.drawing.draw import Drawing
from renderer.drawing.scene import Markers, Segments
from renderer.spec.errors import SpecError

Spec = dict[str, Any]
Draw = Callable[..., Drawing]
A = [1.0, 2.0, 2.0, 3.0, 5.0, 8.0, 13.0, 21.0]
B = [4.0, 5.0, 6.0, 7.0]


def _spec(**options: Any) -> Spec:
    columns = {"v": A + B, "c": ["a"] * len(A) + ["b"] * len(B), "g": ["m", "f"] * 6}
    return {"kind": "interval", "data": {"columns": columns}, "x": "c", "y": "v"} | options


def _given(**columns: Any) -> Spec:
    table = {"c": ["a", "b"], "v": [2.0, 3.0], "l": [1.0, 2.5], "h": [4.0, 3.5]} | columns
    return {"kind": "interval", "data": {"columns": table}, "x": "c", "y": "v", "low": "l", "high": "h"}


def _ranges(drawing: Drawing) -> list[list[float]]:
    found = [item for item in drawing.scene.by_role("range") if isinstance(item, Segments)]
    return [row for item in found if item.values is not None for row in item.values.tolist()]


def _points(drawing: Drawing) -> list[float]:
    found = [item for item in drawing.scene.by_role("point") if isinstance(item, Markers)]
    return [value for item in found if item.values is not None for value in item.values.tolist()]


def test_means_with_confidence_intervals(draw_spec: Draw, assert_tidy: Callable[[Drawing], None]) -> None:
    drawing = draw_spec(_spec())
    assert_tidy(drawing)
    assert _points(drawing) == [np.mean(A), np.mean(B)]
    # scipy 1.17.1: stats.t.interval(0.95, 3, loc=5.5, scale=stats.sem(B))
    assert _ranges(drawing)[1] == pytest.approx([3.4457397432394785, 7.5542602567605215])
    wider = _ranges(draw_spec(_spec(level=0.99)))[1]
    # scipy 1.17.1: stats.t.interval(0.99, 3, loc=5.5, scale=stats.sem(B))
    assert wider == pytest.approx([1.729709252782476, 9.270290747217524])


@pytest.mark.parametrize(
    ("range", "expected"),
    [
        ("sd", [5.5 - np.std(B, ddof=1), 5.5 + np.std(B, ddof=1)]),
        ("se", [5.5 - np.std(B, ddof=1) / 2, 5.5 + np.std(B, ddof=1) / 2]),
        ("iqr", [4.75, 6.25]),
        ("p10", [4.3, 6.7]),
        ("minmax", [4.0, 7.0]),
    ],
)
def test_other_ranges(range: str, expected: list[float], draw_spec: Draw) -> None:  # noqa: A002
    assert _ranges(draw_spec(_spec(range=range)))[1] == pytest.approx(expected)


def test_medians_have_the_middle_half(draw_spec: Draw) -> None:
    drawing = draw_spec(_spec(center="median"))
    assert _points(drawing) == [4.0, 5.5]
    assert _ranges(drawing) == [[2.0, 9.25], [4.75, 6.25]]
    assert any(label.text == "Median v" for label in drawing.scene.texts)


def test_lines_reach_where_the_values_are(draw_spec: Draw) -> None:
    drawing = draw_spec(_spec(range="minmax", axes={"y": {"min": 0, "max": 25}}))
    (grid,) = drawing.scene.by_role("grid")
    (ranges,) = drawing.scene.by_role("range")
    assert isinstance(grid, Segments)
    assert isinstance(ranges, Segments)
    assert grid.values is not None
    slope, offset = np.polyfit(grid.values, grid.ends[:, 1], 1)
    assert ranges.ends[:, [1, 3]] == pytest.approx(slope * np.array([[1, 21], [4, 7]]) + offset, abs=0.6)


def test_ranges_as_given(draw_spec: Draw, assert_tidy: Callable[[Drawing], None]) -> None:
    drawing = draw_spec(_given())
    assert_tidy(drawing)
    assert _points(drawing) == [2.0, 3.0]
    assert _ranges(drawing) == [[1.0, 4.0], [2.5, 3.5]]
    # A point whose range is missing is drawn without.
    drawing = draw_spec(_given(l=[1.0, None]))
    assert _points(drawing) == [2.0, 3.0]
    assert _ranges(drawing) == [[1.0, 4.0]]


def test_aggregates_give_ranges_too(draw_spec: Draw) -> None:
    drawing = draw_spec(_spec(y="median(v)", low="min(v)", high="p75(v)"))
    assert _points(drawing) == [4.0, 5.5]
    assert _ranges(drawing) == [[1.0, 9.25], [4.0, 6.25]]


def test_dates_and_numbers_keep_their_distances(draw_spec: Draw, assert_tidy: Callable[[Drawing], None]) -> None:
    for x in ([1, 2, 4], ["2024-01-01", "2024-01-02", "2024-01-04"]):
        columns = {"c": [value for value in x for _ in range(4)], "v": [1, 2, 3, 4, 2, 3, 4, 5, 6, 7, 8, 9]}
        drawing = draw_spec(_spec(data={"columns": columns}))
        assert_tidy(drawing)
        (points,) = drawing.scene.by_role("point")
        assert isinstance(points, Markers)
        steps = np.diff(points.points[:, 0])
        assert steps[1] == pytest.approx(2 * steps[0])


def test_a_single_value_has_no_range_and_a_warning(draw_spec: Draw, assert_tidy: Callable[[Drawing], None]) -> None:
    drawing = draw_spec(_spec(data={"columns": {"v": [5.0], "c": ["a"]}}, labels=True))
    assert_tidy(drawing)
    assert _ranges(drawing) == []
    assert drawing.warnings == ("1 point has no range: it takes at least two values.",)


@pytest.mark.parametrize("horizontal", [False, True])
@pytest.mark.parametrize("size", [(800, 500), (320, 200), (1200, 400)])
def test_labels_and_caps(
    horizontal: bool, size: tuple[int, int], draw_spec: Draw, assert_tidy: Callable[[Drawing], None]
) -> None:
    image = {"width": size[0], "height": size[1]}
    drawing = draw_spec(_spec(color="g", labels=True, caps=True, horizontal=horizontal, image=image))
    assert_tidy(drawing)
    caps = [item for item in drawing.scene.by_role("cap") if isinstance(item, Segments)]
    assert [len(item.ends) for item in caps] == [4, 4]
    along = 0 if horizontal else 1
    assert np.allclose(caps[0].ends[:, along], caps[0].ends[:, along + 2])
    assert list(drawing.scene.by_role("value-label"))


@pytest.mark.parametrize(
    ("spec", "pointer"),
    [
        (_given(l=[5.0, 2.5]), "/low"),
        (_given(c=["a", "a"]), "/y"),
        (_given() | {"range": "sd"}, "/range"),
        ({key: value for key, value in _given().items() if key != "high"}, "/low"),
        (_spec(center="median", range="ci"), "/range"),
        (_spec(y="mean(v)"), "/y"),
        (_spec(level=1), "/level"),
        (_spec(y="c"), "/y"),
    ],
)
def test_what_cannot_be_is_refused(spec: Spec, pointer: str, draw_spec: Draw) -> None:
    with pytest.raises(SpecError) as caught:
        draw_spec(spec)
    assert caught.value.problems[0].pointer == pointer


def test_the_alternative_text(draw_spec: Draw) -> None:
    assert draw_spec(_spec()).alt == (
        "Means of V by C with 95 % confidence intervals. "
        "The highest is 6.9 (from 1.1 to 12.7) at a, the lowest 5.5 (from 3.4 to 7.6) at b."
    )
