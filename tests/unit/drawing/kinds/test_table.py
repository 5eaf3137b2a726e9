"""Tables: values in rows and columns, bars from a common zero, shades with ink that can be read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from renderer.drawing.color import contrast
from renderer.drawing.draw import Drawing
from renderer.drawing.scene import Path, Rects, Text
from renderer.spec.errors import SpecError

Spec = dict[str, Any]
Draw = Callable[..., Drawing]
Tidy = Callable[[Drawing], None]


def _table(*columns: Any, **fields: Any) -> Spec:
    return {
        "kind": "table",
        "data": {
            "columns": {
                "shop": ["North", "South", "North", "South", "East"],
                "sold": [3, 10, 5, -4, 7],
                "day": ["2026-01-01", "2026-01-02", "2026-01-03", "2026-01-04", "2026-01-05"],
            }
        },
        "columns": list(columns),
    } | fields


def _rows(drawing: Drawing) -> list[list[str]]:
    """The words of the cells, by row and from left to right."""
    cells = [item for item in drawing.scene.texts if item.role == "table-cell"]
    rows: dict[float, list[Text]] = {}
    for cell in cells:
        rows.setdefault(round(cell.y, 3), []).append(cell)
    return [[cell.text for cell in sorted(row, key=lambda cell: cell.x)] for _, row in sorted(rows.items())]


def test_rows_come_as_in_the_data(draw_spec: Draw, assert_tidy: Tidy) -> None:
    drawing = draw_spec(_table("shop", "sold", "day"))
    assert_tidy(drawing)
    assert _rows(drawing)[:2] == [["North", "3", "Jan 1, 2026"], ["South", "10", "Jan 2, 2026"]]
    headings = [item for item in drawing.scene.texts if item.role == "table-heading"]
    assert [heading.text for heading in headings] == ["Shop", "Sold", "Day"]
    # Numbers end below each other, and their heading with them.
    numbers = [item for item in drawing.scene.texts if item.role == "table-cell" and item.text.strip("−").isdigit()]
    assert np.ptp([number.box.x1 for number in numbers]) < 0.01
    assert headings[1].box.x1 == pytest.approx(numbers[0].box.x1)


def test_rows_that_agree_become_one(draw_spec: Draw) -> None:
    drawing = draw_spec(_table("shop", "sum(sold)", "count()", sort="-sum(sold)"))
    assert _rows(drawing) == [["North", "8", "2"], ["East", "7", "1"], ["South", "6", "2"]]
    alone = draw_spec(_table("sum(sold)", "mean(sold)"))
    assert _rows(alone) == [["21", "4.2"]]


@pytest.mark.parametrize(
    ("sort", "first"), [("sold", "South"), ("-sold", "South"), ("shop", "East"), ("-day", "East"), ("Day", "North")]
)
def test_rows_are_put_in_order(sort: str, first: str, draw_spec: Draw) -> None:
    spec = _table("shop", {"field": "sold"}, {"field": "day", "title": "Day"}, sort=sort)
    assert _rows(draw_spec(spec))[0][0] == first


def test_a_list_puts_categories_in_order(draw_spec: Draw) -> None:
    spec = _table({"field": "shop", "sort": ["South", "East"]}, "sum(sold)")
    assert [row[0] for row in _rows(draw_spec(spec))] == ["South", "East", "North"]


def test_bars_start_at_a_common_zero(draw_spec: Draw, assert_tidy: Tidy) -> None:
    drawing = draw_spec(_table("shop", {"field": "sold", "show": "bar"}))
    assert_tidy(drawing)
    (bars,) = (item for item in drawing.scene.by_role("table-bar") if isinstance(item, Rects))
    assert bars.values is not None
    widths = bars.boxes[:, 2] - bars.boxes[:, 0]
    assert widths / widths.max() == pytest.approx(np.abs(bars.values) / 10)
    zero = np.where(bars.values > 0, bars.boxes[:, 0], bars.boxes[:, 2])
    assert np.ptp(zero) < 1e-6
    assert list(drawing.scene.by_role("table-zero"))


def test_shades_are_as_wide_as_their_column(draw_spec: Draw, assert_tidy: Tidy) -> None:
    for theme in ("light", "dark"):
        drawing = draw_spec(_table("shop", {"field": "sold", "show": "heat", "midpoint": 0}), theme=theme)
        assert_tidy(drawing)
        shades = [item for item in drawing.scene.by_role("table-heat") if isinstance(item, Rects)]
        assert len(shades) == 5
        assert len({tuple(item.boxes[0, [0, 2]]) for item in shades}) == 1
        for item in shades:
            x0, y0, x1, y1 = item.boxes[0]
            words = next(t for t in drawing.scene.texts if t.role == "table-cell" and x0 < t.x < x1 and y0 < t.y < y1)
            assert item.fill is not None
            assert contrast(words.color, item.fill) > 3.5


def test_a_small_line_has_all_values_of_its_group(draw_spec: Draw, assert_tidy: Tidy) -> None:
    drawing = draw_spec(_table("shop", {"field": "sold", "show": "sparkline", "color": "teal"}, "last(sold)"))
    assert_tidy(drawing)
    lines = [item for item in drawing.scene.by_role("sparkline") if isinstance(item, Path)]
    assert [line.values.tolist() for line in lines if line.values is not None] == [[3, 5], [10, -4], [7]]
    assert lines[0].points[0, 1] > lines[0].points[1, 1]
    assert [row[0] for row in _rows(drawing)] == ["North", "South", "East"]


def test_missing_values_are_dashes(draw_spec: Draw, assert_tidy: Tidy) -> None:
    spec = _table("shop", {"field": "sold", "show": "bar"}, "day")
    spec["data"]["columns"] = {"shop": ["a", None], "sold": [None, 3], "day": [None, "2026-01-01"]}
    drawing = draw_spec(spec)
    assert_tidy(drawing)
    assert _rows(drawing) == [["a", "–", "–"], ["–", "3", "Jan 1, 2026"]]


def test_what_has_no_room_is_said(draw_spec: Draw, assert_tidy: Tidy) -> None:
    spec = _table(*("shop", "sold", "day") * 6, image={"width": 320, "height": 200})
    spec["data"]["columns"] = {name: values * 40 for name, values in spec["data"]["columns"].items()}
    drawing = draw_spec(spec)
    assert_tidy(drawing)
    assert any("of its 200 rows" in warning for warning in drawing.warnings)
    assert any("of its 18 columns" in warning for warning in drawing.warnings)
    rest = next(item.text for item in drawing.scene.texts if item.role == "table-rest")
    assert rest == f"+ {200 - len(_rows(drawing))} more rows"
    few = draw_spec(_table("shop", "sold", rows=2))
    assert len(_rows(few)) == 2
    assert not few.warnings


@pytest.mark.parametrize("size", [(320, 200), (1200, 400), (300, 700), (90, 60), (16, 16), (2000, 40)])
def test_any_size_is_tidy(size: tuple[int, int], draw_spec: Draw, assert_tidy: Tidy) -> None:
    columns = ["shop", {"field": "sold", "show": "bar"}, {"agg": "max", "field": "sold", "show": "heat"}]
    columns += [{"field": "sold", "show": "sparkline", "title": "Sold in the course of the year"}]
    spec = _table(*columns, title="Sales", image={"width": size[0], "height": size[1]})
    assert_tidy(draw_spec(spec))
    spec["data"]["columns"]["sold"] = [1e299, -1e299, 1e-290, None, 0.0]
    assert_tidy(draw_spec(spec))


@pytest.mark.parametrize(
    ("columns", "where", "what"),
    [
        (["shopp"], "/columns/0", "did you mean 'shop'"),
        (["shop", {"field": "shop", "show": "bar"}], "/columns/1", "bars need numbers"),
        (["shop", {"field": "day", "show": "heat"}], "/columns/1", "shades need numbers"),
        (["sold", {"field": "shop", "show": "sparkline"}], "/columns/1", "a sparkline needs numbers"),
        (["shop", "sum(day)"], "/columns/1", "sum needs numbers"),
        (["shop", {"field": "sold", "palette": "blues"}], "/columns/1/palette", "is for shades"),
        (["shop", {"field": "sold", "formt": "d"}], "/columns/1/formt", "did you mean 'format'"),
        ([], "/columns", "must not be empty"),
    ],
)
def test_what_cannot_be_shown_is_said_where(columns: list[Any], where: str, what: str, draw_spec: Draw) -> None:
    with pytest.raises(SpecError) as caught:
        draw_spec(_table(*columns))
    assert caught.value.problems[0].pointer == where
    assert what in caught.value.problems[0].message


def test_an_unknown_order_is_said(draw_spec: Draw) -> None:
    with pytest.raises(SpecError, match=r"/sort: no column 'price' in this table; there are 'shop', 'sum\(sold\)'"):
        draw_spec(_table("shop", "sum(sold)", sort="-price"))


def test_the_alt_text_names_columns_and_extremes(draw_spec: Draw) -> None:
    alt = draw_spec(_table("shop", "sum(sold)")).alt
    assert alt == "Table of 3 rows with Shop and Sold. Sold is highest at 8 (North) and lowest at 6 (South)."
