"""Squarified tiles: those of the paper's example, and what holds for all."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from renderer.drawing.scene import Box
from renderer.drawing.squarify import squarify


def test_the_example_of_the_paper() -> None:
    # Bruls, Huizing, van Wijk (2000), figure 4: areas 6, 6, 4, 3, 2, 2, 1 in a rectangle of 6 x 4.
    boxes = squarify(np.array([6.0, 6.0, 4.0, 3.0, 2.0, 2.0, 1.0]), Box(0.0, 0.0, 6.0, 4.0))
    sizes = np.round(np.column_stack([boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]]), 3)
    assert sizes[:4].tolist() == [[3.0, 2.0], [3.0, 2.0], [1.714, 2.333], [1.286, 2.333]]
    assert sizes[4].tolist() == [1.2, 1.667]


@settings(deadline=None)
@given(
    st.lists(st.floats(0, 1e9) | st.sampled_from([0.0, 1e300, 1e-300]), min_size=1, max_size=60),
    st.tuples(st.floats(1, 2000), st.floats(1, 2000)),
)
def test_areas_are_in_proportion_and_nothing_overlaps(amounts: list[float], size: tuple[float, float]) -> None:
    values = np.sort(np.array(amounts))[::-1]
    box = Box(10.0, 20.0, 10.0 + size[0], 20.0 + size[1])
    boxes = squarify(values, box)
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    whole = size[0] * size[1]
    if values[0] > 0:
        assert np.allclose(areas, values / values[0] / (values / values[0]).sum() * whole, atol=whole * 1e-6)
    else:
        assert not areas.any()
    assert (boxes[:, :2] >= (box.x0 - 1e-6, box.y0 - 1e-6)).all()
    assert (boxes[:, 2:] <= (box.x1 + 1e-6, box.y1 + 1e-6)).all()
