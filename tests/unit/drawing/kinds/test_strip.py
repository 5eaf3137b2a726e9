"""Strips and swarms: a point for each row, at its value; strips are always the same, swarms never overlap."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from renderer.drawing.draw import Drawing
from renderer.drawing.scene import Markers, Segments
from renderer.spec.errors import SpecError

Spec = dict[str, Any]
Draw = Callable[..., Drawing]
VALUES = np.random.RandomState(7).normal(50, 8, 180).round(0).tolist()


def _spec(kind: str, **options: Any) -> Spec:
    columns = {"v": VALUES, "c": ["a", "b", "c"] * 60, "g": (["m"] * 3 + ["f"] * 3) * 30}
    return {"kind": kind, "data": {"columns": columns}, "x": "c", "y": "v"} | options


def _points(drawing: Drawing) -> list[Markers]:
    return [item for item in drawing.scene.by_role("point") if isinstance(item, Markers)]


@pytest.mark.parametrize("kind", ["strip", "swarm"])
def test_every_row_is_a_point_at_its_value(kind: str, draw_spec: Draw, assert_tidy: Callable[[Drawing], None]) -> None:
    drawing = draw_spec(_spec(kind))
    assert_tidy(drawing)
    points = _points(drawing)
    assert sum(len(item.points) for item in points) == 180
    for index, item in enumerate(points):
        assert item.values is not None
        assert item.values.tolist() == sorted(VALUES[index::3])
        slope, offset = np.polyfit(item.values, item.points[:, 1], 1)
        assert item.points[:, 1] == pytest.approx(slope * item.values + offset)
    # Each in its own third of the plot.
    ends = [(item.points[:, 0].min(), item.points[:, 0].max()) for item in points]
    assert all(before[1] < after[0] for before, after in pairwise(ends))


def test_a_strip_is_the_same_every_time(draw_spec: Draw) -> None:
    first, second = (_points(draw_spec(_spec("strip")))[0].points for _ in range(2))
    assert np.array_equal(first, second)
    wide, slim, none = (
        float(np.ptp(_points(draw_spec(_spec("strip", jitter=jitter)))[0].points[:, 0])) for jitter in (1.0, 0.3, 0.0)
    )
    assert wide > slim > none == 0.0


@pytest.mark.parametrize("horizontal", [False, True])
def test_points_of_a_swarm_never_overlap(horizontal: bool, draw_spec: Draw) -> None:
    for item in _points(draw_spec(_spec("swarm", horizontal=horizontal, color="g"))):
        apart = np.hypot(*(item.points[:, None, :] - item.points[None, :, :]).transpose(2, 0, 1))
        np.fill_diagonal(apart, np.inf)
        assert apart.min() >= float(np.max(item.size)) * (1 - 1e-6)


def test_a_swarm_shrinks_its_points_before_they_overlap(
    draw_spec: Draw, assert_tidy: Callable[[Drawing], None]
) -> None:
    small = {"width": 320, "height": 200}
    sizes = [float(np.max(_points(draw_spec(_spec("swarm", **options)))[0].size)) for options in ({}, {"image": small})]
    assert sizes[0] > sizes[1] >= 2.0
    columns = {"v": [float(index % 7) for index in range(3000)], "c": ["a"] * 3000}
    drawing = draw_spec(_spec("swarm", data={"columns": columns}, image=small))
    assert_tidy(drawing)
    assert any("3,000 points have no room side by side" in warning for warning in drawing.warnings)


def test_a_size_that_does_not_fit_is_kept_and_warned_of(draw_spec: Draw) -> None:
    drawing = draw_spec(_spec("swarm", style={"size": 40}))
    assert all(float(np.max(item.size)) == 40 for item in _points(drawing))
    assert drawing.warnings


@pytest.mark.parametrize(("center", "expected"), [("mean", np.mean), ("median", np.median)])
def test_a_line_at_the_middle(center: str, expected: Callable[[Any], Any], draw_spec: Draw) -> None:
    lines = [
        item for item in draw_spec(_spec("strip", center=center)).scene.by_role(center) if isinstance(item, Segments)
    ]
    values = [float(item.values[0]) for item in lines if item.values is not None]
    assert values == pytest.approx([float(expected(VALUES[index::3])) for index in range(3)])


@pytest.mark.parametrize("kind", ["strip", "swarm"])
@pytest.mark.parametrize("values", [[5.0], [0.0] * 12, [1e300, -1e300, None], [1e-300, 2e-300]])
def test_hard_values(
    kind: str, values: list[float | None], draw_spec: Draw, assert_tidy: Callable[[Drawing], None]
) -> None:
    drawing = draw_spec(_spec(kind, data={"columns": {"v": values, "c": ["a"] * len(values)}}, center="median"))
    assert_tidy(drawing)
    (points,) = _points(drawing)
    assert np.isfinite(points.points).all()


def test_text_where_numbers_are_needed_is_refused(draw_spec: Draw) -> None:
    with pytest.raises(SpecError) as caught:
        draw_spec(_spec("swarm", x="v", y="c"))
    assert caught.value.problems[0].pointer == "/y"
    with pytest.raises(SpecError) as caught:
        draw_spec(_spec("strip", jitter=2))
    assert caught.value.problems[0].pointer == "/jitter"


def test_the_alternative_text(draw_spec: Draw) -> None:
    assert draw_spec(_spec("strip")).alt.startswith("Strip plot of 180 values of V by C: a, b and c. They range from ")
    assert draw_spec(_spec("swarm", color="c")).alt.startswith("Swarm plot of 180 values of V by C: a, b and c. They")
