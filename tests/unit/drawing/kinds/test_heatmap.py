"""Heat maps: cells where the data are, in the shades of their amounts, with ink that can be read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from renderer.drawing.color import contrast
from renderer.drawing.draw import Drawing
from renderer.drawing.scene import Box, Image, Rects
from renderer.spec.errors import SpecError

Spec = dict[str, Any]
Draw = Callable[..., Drawing]
Tidy = Callable[[Drawing], None]


def _grid(columns: int, rows: int, **fields: Any) -> Spec:
    """Amounts 0, 1, 2, ... row by row."""
    return {
        "kind": "heatmap",
        "data": {
            "columns": {
                "across": [f"c{index % columns}" for index in range(columns * rows)],
                "down": [f"r{index // columns}" for index in range(columns * rows)],
                "amount": list(range(columns * rows)),
            }
        },
        "x": "across",
        "y": "down",
        "color": "amount",
    } | fields


def _cells(drawing: Drawing) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any], list[Any]]:
    """Boxes, amounts and fills of all cells, by amount."""
    items = [item for item in drawing.scene.by_role("cell") if isinstance(item, Rects)]
    boxes = np.concatenate([item.boxes for item in items])
    values = np.concatenate([item.values for item in items if item.values is not None])
    fills = [item.fill for item in items for _ in item.boxes]
    order = np.argsort(values)
    return boxes[order], values[order], [fills[place] for place in order]


def test_cells_stand_in_rows_and_columns_of_one_size(draw_spec: Draw, assert_tidy: Tidy) -> None:
    drawing = draw_spec(_grid(4, 3))
    assert_tidy(drawing)
    boxes, values, _ = _cells(drawing)
    assert values.tolist() == list(range(12))
    # The first category of y is on top.
    assert (np.diff(boxes[::4, 1]) > 0).all()
    assert (np.diff(boxes[:4, 0]) > 0).all()
    assert np.ptp(boxes[:, 2] - boxes[:, 0]) <= 1.0
    assert np.ptp(boxes[:, 3] - boxes[:, 1]) <= 1.0
    # With a gap between them, and none where it is asked for.
    assert boxes[1, 0] - boxes[0, 2] == pytest.approx(2.0)
    closed, _, _ = _cells(draw_spec(_grid(4, 3, gap=0)))
    assert closed[1, 0] == pytest.approx(closed[0, 2])


def test_much_is_darker_on_light_and_lighter_on_dark(draw_spec: Draw) -> None:
    white, black = (1.0, 1.0, 1.0, 1.0), (0.0, 0.0, 0.0, 1.0)
    for theme, ground in (("light", white), ("dark", black)):
        _, _, fills = _cells(draw_spec(_grid(4, 3), theme=theme))
        assert contrast(fills[0], ground) < contrast(fills[-1], ground)
        _, _, turned = _cells(draw_spec(_grid(4, 3, color={"field": "amount", "reverse": True}), theme=theme))
        assert contrast(turned[0], ground) > contrast(turned[-1], ground)


def test_labels_are_readable_and_inside_their_cells(draw_spec: Draw, assert_tidy: Tidy) -> None:
    for theme in ("light", "dark"):
        drawing = draw_spec(_grid(5, 4), theme=theme)
        assert_tidy(drawing)
        boxes, _, fills = _cells(drawing)
        labels = sorted(
            (item for item in drawing.scene.texts if item.role == "cell-label"), key=lambda item: int(item.text)
        )
        assert [label.text for label in labels] == [str(number) for number in range(20)]
        for label, box, fill in zip(labels, boxes.tolist(), fills, strict=True):
            assert label.box.inside(Box(*box))
            assert contrast(label.color, fill) > 3.5


def test_labels_are_all_or_none_unless_they_are_asked_for(draw_spec: Draw) -> None:
    crowded = _grid(40, 10)
    assert not list(draw_spec(crowded).scene.by_role("cell-label"))
    assert not list(draw_spec(_grid(3, 3, labels=False)).scene.by_role("cell-label"))
    asked = draw_spec(crowded | {"labels": True})
    assert any("no room" in warning for warning in asked.warnings)
    too_many = draw_spec(_grid(30, 20, labels={"show": "always", "format": ".1f"}))
    assert any("500" in warning for warning in too_many.warnings)


def test_a_missing_amount_leaves_its_cell_empty(draw_spec: Draw, assert_tidy: Tidy) -> None:
    spec = _grid(3, 2)
    spec["data"]["columns"]["amount"][4] = None
    drawing = draw_spec(spec)
    assert_tidy(drawing)
    assert _cells(drawing)[1].tolist() == [0, 1, 2, 3, 5]
    assert sorted(item.text for item in drawing.scene.by_role("cell-label") if hasattr(item, "text"))[-1] == "–"


def test_a_middle_is_in_the_middle_of_the_ramp(draw_spec: Draw) -> None:
    spec = _grid(3, 1, color={"field": "amount", "midpoint": 0, "format": "d"})
    spec["data"]["columns"]["amount"] = [-30, 0, 10]
    drawing = draw_spec(spec)
    _, _, (cold, middle, warm) = _cells(drawing)
    assert cold[2] > cold[0]
    assert min(middle[:3]) > 0.9
    assert warm[0] > warm[2]
    ticks = [item for item in drawing.scene.texts if item.role == "legend-label"]
    zero = next(item for item in ticks if item.text == "0")
    (ramp,) = (item for item in drawing.scene.by_role("legend-ramp") if isinstance(item, Image))
    assert zero.box.center[1] == pytest.approx(ramp.box.center[1], abs=1.5)


def test_classes_have_one_shade_each(draw_spec: Draw) -> None:
    _, _, fills = _cells(draw_spec(_grid(10, 10, color={"field": "amount", "steps": 5})))
    assert len(set(fills)) == 5
    fixed = draw_spec(_grid(10, 10, color={"field": "amount", "steps": 4, "min": 0, "max": 80}))
    _, values, fills = _cells(fixed)
    assert len(set(fills)) == 4
    assert {fill for fill, value in zip(fills, values, strict=True) if value >= 80} == {fills[-1]}
    assert len({fill for fill, value in zip(fills, values, strict=True) if value < 20}) == 1


def test_a_log_ramp_spaces_powers_of_ten_evenly(draw_spec: Draw) -> None:
    spec = _grid(3, 1, color={"field": "amount", "scale": "log", "palette": ["black", "white"]})
    spec["data"]["columns"]["amount"] = [1, 100, 10000]
    _, _, fills = _cells(draw_spec(spec))
    assert [fill[0] for fill in fills] == pytest.approx([0.0, 0.5, 1.0], abs=0.01)


@pytest.mark.parametrize("size", [(800, 500), (320, 200)])
def test_the_colour_bar_stands_or_lies_where_it_is_wanted(
    size: tuple[int, int], draw_spec: Draw, assert_tidy: Tidy
) -> None:
    image = {"width": size[0], "height": size[1]}
    boxes: dict[str, list[Box]] = {}
    for wish in ("right", "top", "bottom", "none"):
        drawing = draw_spec(_grid(4, 3, image=image, color={"field": "amount", "legend": wish}))
        assert_tidy(drawing)
        boxes[wish] = [item.box for item in drawing.scene.by_role("legend-ramp")]
        cells, _, _ = _cells(drawing)
        if wish == "top":
            assert boxes[wish][0].y1 < cells[:, 1].min()
        if wish == "bottom":
            assert boxes[wish][0].y0 > cells[:, 3].max()
    assert boxes["none"] == []
    assert boxes["right"][0].height > boxes["right"][0].width
    assert boxes["top"][0].width > boxes["top"][0].height


def test_months_fill_the_axis_without_gaps(draw_spec: Draw, assert_tidy: Tidy) -> None:
    spec = {
        "kind": "heatmap",
        "data": {
            "columns": {
                "day": [f"2015-{month:02d}-01" for month in range(1, 13)] * 2,
                "site": ["a"] * 12 + ["b"] * 12,
                "amount": list(range(24)),
            }
        },
        "x": "month(day)",
        "y": "site",
        "color": "amount",
    }
    drawing = draw_spec(spec)
    assert_tidy(drawing)
    boxes, _, _ = _cells(drawing)
    assert boxes[1:12, 0] == pytest.approx(boxes[:11, 2])


def test_bins_are_as_wide_as_their_step(draw_spec: Draw) -> None:
    spec = _grid(4, 3, x={"field": "amount", "bin": {"step": 5}}, color="count()")
    boxes, values, _ = _cells(draw_spec(spec))
    assert values.sum() == 12
    assert np.ptp(boxes[:, 2] - boxes[:, 0]) < 1e-6


def test_many_cells_become_one_image(draw_spec: Draw, assert_tidy: Tidy) -> None:
    side = 200
    spec = _grid(1, 1)
    spec["data"] = {
        "columns": {
            "across": [index % side for index in range(side * side)],
            "down": [index // side for index in range(side * side)],
            "amount": [float(index % side < side // 2) for index in range(side * side)],
        }
    }
    spec["color"] = {"field": "amount", "palette": ["black", "white"]}
    drawing = draw_spec(spec)
    assert_tidy(drawing)
    (image,) = (item for item in drawing.scene.by_role("cells") if isinstance(item, Image))
    assert (image.pixels[:, : image.pixels.shape[1] // 2 - 2, 0] == 255).all()
    assert (image.pixels[:, image.pixels.shape[1] // 2 + 2 :, 0] == 0).all()
    assert (image.pixels[..., 3] == 255).all()


def test_categories_are_shown_by_hue(draw_spec: Draw, assert_tidy: Tidy) -> None:
    spec = _grid(3, 2, color="state")
    spec["data"]["columns"]["state"] = ["up", "down", "up", "up", "up", "down"]
    drawing = draw_spec(spec)
    assert_tidy(drawing)
    cells = {item.name: len(item.boxes) for item in drawing.scene.by_role("cell") if isinstance(item, Rects)}
    assert cells == {"up": 4, "down": 2}
    assert [item.text for item in drawing.scene.texts if item.role == "legend-label"] == ["up", "down"]


def test_one_cell_and_extreme_amounts(draw_spec: Draw, assert_tidy: Tidy) -> None:
    assert_tidy(draw_spec(_grid(1, 1)))
    for amounts in ([-1e299, 0.0, 1e299], [1e-280, 2e-280, 3e-280], [5, 5, 5], [None, None, 1]):
        spec = _grid(3, 1)
        spec["data"]["columns"]["amount"] = amounts
        assert_tidy(draw_spec(spec))


@pytest.mark.parametrize("size", [(320, 200), (1200, 400), (90, 60), (16, 16), (300, 700)])
def test_two_hundred_categories_are_thinned(size: tuple[int, int], draw_spec: Draw, assert_tidy: Tidy) -> None:
    image = {"width": size[0], "height": size[1]}
    assert_tidy(draw_spec(_grid(200, 5, image=image, title="Many")))
    assert_tidy(draw_spec(_grid(5, 200, image=image, title="Many")))


@pytest.mark.parametrize(
    ("fields", "where", "what"),
    [
        ({"color": "across", "y": "across"}, "/color", "share"),
        ({"color": {"field": "amount", "scale": "log"}}, "/color/scale", "positive"),
        ({"color": {"field": "amount", "min": 5, "max": 1}}, "/color/max", "above"),
        ({"color": "amonut"}, "/color", "did you mean 'amount'"),
        ({"color": None}, "/color", "null"),
        ({"labels": 5}, "/labels", "true, false"),
    ],
)
def test_what_cannot_be_shown_is_said_where(fields: Spec, where: str, what: str, draw_spec: Draw) -> None:
    with pytest.raises(SpecError) as caught:
        draw_spec(_grid(3, 2) | {"y": "down"} | fields)
    problem = caught.value.problems[0]
    assert problem.pointer == where
    assert what in problem.message


def test_the_alt_text_names_the_extremes(draw_spec: Draw) -> None:
    alt = draw_spec(_grid(4, 3)).alt
    assert "Heat map of Amount by Across and Down, 12 cells" in alt
    assert "highest value is 11 (c3, r2), the lowest 0 (c0, r0)" in alt
