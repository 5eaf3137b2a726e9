"""Scenes are plain data that know what they cover."""

from __future__ import annotations

import numpy as np
import pytest

from renderer.drawing.scene import Box, Markers, Path, Rects, Scene, Segments, Stroke

BLACK = (0.0, 0.0, 0.0, 1.0)


def test_boxes_overlap_only_where_they_share_an_area() -> None:
    box = Box(0, 0, 10, 10)
    assert box.overlaps(Box(9, 9, 20, 20))
    assert not box.overlaps(Box(10, 0, 20, 10))  # edges touch
    assert box.overlaps(Box(11, 0, 20, 10), margin=2)
    assert Box(1, 1, 2, 2).inside(box)
    assert not Box(-1, 1, 2, 2).inside(box)
    assert Box(-1, 1, 2, 2).inside(box, tolerance=1)


def test_each_primitive_knows_its_box() -> None:
    rects = Rects(role="bar", boxes=np.array([[1.0, 2, 3, 4], [5, 1, 9, 2]]), fill=BLACK)
    assert rects.box == Box(1, 1, 9, 4)
    segments = Segments(role="grid", ends=np.array([[0.0, 5, 10, 5]]), stroke=Stroke(BLACK, 2.0))
    assert segments.box == Box(-1, 4, 11, 6)
    path = Path(role="line", points=np.array([[0.0, 0], [np.nan, np.nan], [4, 8]]), stroke=Stroke(BLACK, 1.0))
    assert path.box == Box(-0.5, -0.5, 4.5, 8.5)
    markers = Markers(role="point", points=np.array([[5.0, 5]]), size=4, fill=BLACK, stroke=Stroke(BLACK, 2.0))
    assert markers.box == Box(2, 2, 8, 8)


@pytest.mark.parametrize("points", [np.empty((0, 2)), np.full((3, 2), np.nan)])
def test_what_shows_nothing_covers_nothing(points: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> None:
    assert Path(role="line", points=points).box == Box(0, 0, 0, 0)


def test_a_scene_is_asked_by_role() -> None:
    bar = Rects(role="bar", boxes=np.zeros((1, 4)), fill=BLACK)
    grid = Rects(role="grid", boxes=np.zeros((1, 4)), fill=BLACK)
    scene = Scene(10, 10, None, (grid, bar))
    assert list(scene.by_role("bar")) == [bar]
    assert scene.texts == ()
