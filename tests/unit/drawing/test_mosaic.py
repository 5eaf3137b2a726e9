"""Tiles in rows and columns are painted as one picture: with just the pixels that they would fill one by one."""

from __future__ import annotations

import numpy as np
import pytest

from renderer.drawing import paint
from renderer.drawing.scene import Box, Color, Rects, Scene

COLORS: list[Color] = [(0.9, 0.1, 0.2, 1.0), (0.1, 0.5, 0.9, 1.0), (0.2, 0.7, 0.3, 1.0)]


def tiles(boxes: list[tuple[float, float, float, float]], clip: Box | None = None) -> list[Rects]:
    return [
        Rects(role="cell", boxes=np.array([box]), fill=COLORS[place % 3], clip=clip) for place, box in enumerate(boxes)
    ]


GRID = [(10.3 + 13.7 * x, 8.1 + 9.4 * y, 22.9 + 13.7 * x, 17.5 + 9.4 * y) for y in range(6) for x in range(9)]
HOLES = [box for place, box in enumerate(GRID) if place % 5 != 2]
OVERLAPPING = [(x, y, x1 + 4.0, y1) for x, y, x1, y1 in GRID]
LOOSE = [(x + 0.9 * y, y, x1 + 0.9 * y, y1) for x, y, x1, y1 in GRID]
OUTSIDE = [(x - 30.0, y - 20.0, x1 - 30.0, y1 - 20.0) for x, y, x1, y1 in GRID]


@pytest.mark.parametrize("scale", [1, 1.5, 2, 2.37])
@pytest.mark.parametrize(
    ("boxes", "clip"),
    [(GRID, None), (HOLES, None), (GRID, Box(20.0, 20.0, 90.0, 50.0)), (OVERLAPPING, None), (LOOSE, None),
     (OUTSIDE, None)],
)  # fmt: skip
def test_the_pixels_are_those_of_the_tiles(
    boxes: list[tuple[float, float, float, float]],
    clip: Box | None,
    scale: float,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drawn = Scene(160, 80, (1.0, 1.0, 1.0, 1.0), tuple(tiles(boxes, clip)))
    together = paint.raster(drawn, scale)
    monkeypatch.setattr(paint.Painter, "_mosaic", lambda *args: False)
    assert (together == paint.raster(drawn, scale)).all()


def test_tiles_that_let_shine_through_are_blended() -> None:
    below = Rects(role="cell", boxes=np.array([[0.0, 0.0, 160.0, 80.0]]), fill=(0.0, 0.0, 0.0, 1.0))
    glass = [Rects(role="cell", boxes=np.array([box]), fill=(1.0, 1.0, 1.0, 0.5)) for box in GRID]
    pixels = paint.raster(Scene(160, 80, None, (below, *glass)), 1)
    assert set(np.unique(pixels[..., 0]).tolist()) <= {0, 127, 128}
