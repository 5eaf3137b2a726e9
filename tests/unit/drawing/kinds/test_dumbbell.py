"""Dumbbells: ends at their amounts, the line between them, and what is written beyond them."""

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

_COLUMNS: Spec = {"sex": ["m", "f", "m", "f"], "species": ["A", "A", "B", "B"], "mass": [40.0, 30.0, 55.0, 50.0]}


def _long(**more: Any) -> Spec:
    return {"kind": "dumbbell", "data": {"columns": _COLUMNS}, "x": "species", "y": "mass", "color": "sex"} | more


def _wide(before: list[Any], after: list[Any], **more: Any) -> Spec:
    names = [f"place {index}" for index in range(len(before))]
    data = {"columns": {"name": names, "before": before, "after": after}}
    return {"kind": "dumbbell", "data": data, "x": "name", "y": "before", "y2": "after"} | more


def _points(drawing: Drawing) -> dict[str, Markers]:
    return {item.name: item for item in drawing.scene.by_role("point") if isinstance(item, Markers)}


def _spans(drawing: Drawing) -> Segments:
    (spans,) = (item for item in drawing.scene.by_role("span") if isinstance(item, Segments))
    return spans


def test_lines_go_from_the_least_to_the_largest(draw_spec: Draw) -> None:
    drawing = draw_spec(_long())
    points, spans = _points(drawing), _spans(drawing)
    assert spans.values is not None
    assert spans.values.tolist() == [10.0, 5.0]
    assert np.allclose(spans.ends[:, :2], points["f"].points)
    assert np.allclose(spans.ends[:, 2:], points["m"].points)
    assert (spans.ends[:, 1] == spans.ends[:, 3]).all()  # they lie
    lengths = spans.ends[:, 2] - spans.ends[:, 0]
    assert lengths[0] == pytest.approx(2 * lengths[1])
    assert {item.text for item in drawing.scene.texts if item.role == "legend-label"} == {"m", "f"}


def test_two_columns_are_two_ends(draw_spec: Draw) -> None:
    drawing = draw_spec(_wide([1, 5, 3], [2, 4, 3]))
    points = _points(drawing)
    assert points.keys() == {"Before", "After"}
    assert points["Before"].points[0, 0] < points["After"].points[0, 0]
    assert points["Before"].points[1, 0] > points["After"].points[1, 0]
    assert {item.text for item in drawing.scene.texts if item.role == "legend-label"} == {"Before", "After"}


def test_they_may_stand(draw_spec: Draw) -> None:
    spans = _spans(draw_spec(_long(horizontal=False)))
    assert (spans.ends[:, 0] == spans.ends[:, 2]).all()
    days = _long()
    days["data"] = {"columns": _COLUMNS | {"species": ["2024-01-01", "2024-01-01", "2024-01-08", "2024-01-08"]}}
    spans = _spans(draw_spec(days))
    assert (spans.ends[:, 0] == spans.ends[:, 2]).all()


@pytest.mark.parametrize("horizontal", [True, False])
def test_labels_are_beyond_the_ends(horizontal: bool, draw_spec: Draw, assert_tidy: Callable[[Drawing], None]) -> None:
    drawing = draw_spec(_long(labels={"format": ".1f"}, horizontal=horizontal))
    labels = {item.text: item.box for item in drawing.scene.texts if item.role == "value-label"}
    assert labels.keys() == {"30.0", "40.0", "50.0", "55.0"}
    ends = _spans(drawing).ends
    if horizontal:
        assert labels["30.0"].x1 < ends[0, 0] < ends[0, 2] < labels["40.0"].x0
    else:
        assert labels["30.0"].y0 > ends[0, 1] > ends[0, 3] > labels["40.0"].y1
    assert_tidy(drawing)


def test_labels_may_be_inside(draw_spec: Draw) -> None:
    drawing = draw_spec(_long(labels={"position": "inside"}))
    labels = {item.text: item.box for item in drawing.scene.texts if item.role == "value-label"}
    ends = _spans(drawing).ends
    assert ends[0, 0] < labels["30"].x0 < labels["40"].x1 < ends[0, 2]


@pytest.mark.parametrize("size", [(800, 500), (320, 200), (1200, 400), (300, 700), (90, 60), (16, 16)])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_all_sizes_are_tidy(
    size: tuple[int, int], theme: str, draw_spec: Draw, assert_tidy: Callable[[Drawing], None]
) -> None:
    for count in (1, 3, 40, 200):
        values = np.arange(count) * 7919 % 101 - 50.0
        image = {"width": size[0], "height": size[1]}
        for horizontal in (True, False):
            spec = _wide(values.tolist(), values[::-1].tolist(), title="Ends", labels=True, horizontal=horizontal)
            assert_tidy(draw_spec(spec | {"image": image}, theme=theme))


def test_huge_tiny_and_missing_ends(draw_spec: Draw, assert_tidy: Callable[[Drawing], None]) -> None:
    assert_tidy(draw_spec(_wide([-3e299, 1e299], [3e299, 0], labels=True)))
    assert_tidy(draw_spec(_wide([1e-200], [2e-200], labels=True)))
    drawing = draw_spec(_wide([1, None, 3, 7], [2, 4, None, 7]))
    values = _spans(drawing).values
    assert values is not None
    assert values.tolist() == [1, 0, 0, 0]
    assert len(_points(drawing)["Before"].points) == 3


def test_what_cannot_be(draw_spec: Draw) -> None:
    with pytest.raises(SpecError, match="one or the other") as caught:
        draw_spec(_wide([1], [2], color="name"))
    assert caught.value.problems[0].pointer == "/y2"
    with pytest.raises(SpecError, match="2 rows share") as caught:
        draw_spec(_long(color="species"))
    assert caught.value.problems[0].pointer == "/y"


def test_the_alternative_text_tells_the_gaps(draw_spec: Draw) -> None:
    alt = draw_spec(_long()).alt
    assert "Dumbbell chart of Mass by Species, comparing m and f" in alt
    assert "The gap is widest for A, from 30 to 40. The gap is narrowest for B, from 50 to 55." in alt
