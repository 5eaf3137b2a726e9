"""Areas: their edges are where the data says, they add up, and their names stand within them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from renderer.drawing.draw import Drawing
from renderer.drawing.scene import Box, Markers, Path
from renderer.spec.errors import SpecError

Draw = Callable[..., Drawing]
Check = Callable[[Drawing], None]

YEARS = [1, 2, 3, 4]
TWO: dict[str, list[Any]] = {
    "year": YEARS * 2,
    "source": ["coal"] * 4 + ["wind"] * 4,
    "amount": [40, 30, 20, 10, 0, 10, 20, 30],
}


def spec(columns: dict[str, Any] = TWO, **fields: Any) -> dict[str, Any]:
    """A stacked area chart of the columns."""
    return {"kind": "area", "data": {"columns": columns}, "x": "year", "y": "amount", "color": "source"} | fields


def areas(drawing: Drawing) -> dict[str, Path]:
    return {item.name: item for item in drawing.scene.by_role("area") if isinstance(item, Path)}


def heights(path: Path, at: float) -> tuple[float, float]:
    """The upper and the lower edge of a path at one x."""
    here = path.points[np.isclose(path.points[:, 0], at), 1]
    return float(here.min()), float(here.max())


def test_stacked_areas_stand_on_each_other(draw_spec: Draw, assert_tidy: Check) -> None:
    drawing = draw_spec(spec())
    assert_tidy(drawing)
    found = areas(drawing)
    coal, wind = found["coal"], found["wind"]
    assert coal.values is not None
    assert coal.values.tolist() == TWO["amount"][:4]
    places = np.unique(coal.points[:, 0])
    per_unit = (heights(coal, places[0])[1] - heights(coal, places[0])[0]) / 40
    for place, below, above in zip(places, TWO["amount"][:4], TWO["amount"][4:], strict=True):
        top, bottom = heights(coal, place)
        assert bottom - top == pytest.approx(below * per_unit)
        top_above, bottom_above = heights(wind, place)
        assert bottom_above == pytest.approx(top)
        assert bottom_above - top_above == pytest.approx(above * per_unit)


def test_shares_fill_the_whole_height(draw_spec: Draw) -> None:
    columns = TWO | {"amount": [1, 3, 0, 5, 1, 1, 0, 15]}
    drawing = draw_spec(spec(columns, stack="normalized"))
    coal, wind = areas(drawing)["coal"], areas(drawing)["wind"]
    places = np.unique(coal.points[:, 0])
    full = heights(coal, places[0])[1] - heights(wind, places[0])[0]
    shares = [(heights(coal, place)[1] - heights(coal, place)[0]) / full for place in places]
    # Where the whole is nothing, there are no shares.
    assert shares == pytest.approx([0.5, 0.75, 0.0, 0.25])
    labels = [item.text for item in drawing.scene.texts if item.role == "tick-label-y"]
    assert {"0%", "100%"} <= set(labels)


def test_negative_parts_hang_below_zero(draw_spec: Draw, assert_tidy: Check) -> None:
    drawing = draw_spec(spec(TWO | {"amount": [2, -2, 1, 1, 1, -3, 1, 1]}))
    assert_tidy(drawing)
    below = [item for item in drawing.scene.by_role("area") if isinstance(item, Path)]
    assert [item.name for item in below] == ["coal", "wind", "coal", "wind"]
    base = below[0].points[:, 1].max()
    assert all(item.points[:, 1].min() >= base - 1e-9 for item in below[2:])


def test_around_a_middle_the_outline_is_symmetric(draw_spec: Draw) -> None:
    drawing = draw_spec(spec(stack="center"))
    points = np.concatenate([item.points for item in areas(drawing).values()])
    for place in np.unique(points[:, 0]):
        here = points[points[:, 0] == place, 1]
        middle = (here.min() + here.max()) / 2
        assert middle == pytest.approx((points[:, 1].min() + points[:, 1].max()) / 2)
    assert drawing.alt.startswith("Stream graph of Amount by Year")


@pytest.mark.parametrize("interpolate", ["linear", "step", "smooth"])
def test_names_stand_within_their_areas(interpolate: str, draw_spec: Draw, assert_tidy: Check) -> None:
    columns = TWO | {"amount": [40, 30, 20, 15, 5, 10, 20, 30]}
    drawing = draw_spec(spec(columns, interpolate=interpolate))
    assert_tidy(drawing)
    names = {item.text: item.box for item in drawing.scene.texts if item.role == "series-label"}
    assert set(names) == {"coal", "wind"}
    assert not list(drawing.scene.by_role("legend-sample"))
    if interpolate != "smooth":
        for name, path in areas(drawing).items():
            box = names[name]
            inside = path.points[(path.points[:, 0] >= box.x0) & (path.points[:, 0] <= box.x1)]
            half = len(path.points) // 2
            x, upper, lower = path.points[:half, 0], path.points[:half, 1], path.points[: half - 1 : -1, 1]
            if interpolate == "linear":
                for edge in (box.x0, box.x1):
                    assert np.interp(edge, x, upper) < box.y0
                    assert np.interp(edge, x, lower) > box.y1
            assert not ((inside[:, 1] > box.y0) & (inside[:, 1] < box.y1)).any()


def test_names_that_do_not_fit_within_stand_at_the_end_or_in_a_legend(draw_spec: Draw, assert_tidy: Check) -> None:
    thin = TWO | {"amount": [40, 30, 20, 10, 0.1, 0.1, 0.1, 0.1]}
    ends = draw_spec(spec(thin))
    assert_tidy(ends)
    plot = max(item.box.x1 for item in areas(ends).values())
    assert all(item.box.x0 > plot for item in ends.scene.texts if item.role == "series-label")
    color: dict[str, Any] = {"field": "source", "legend": "top"}
    legend = draw_spec(spec(color=color))
    assert_tidy(legend)
    assert [item.text for item in legend.scene.texts if item.role == "legend-label"] == ["coal", "wind"]
    assert not [item for item in legend.scene.texts if item.role == "series-label"]


def test_overlaid_areas_keep_their_gaps(draw_spec: Draw, assert_tidy: Check) -> None:
    amount = [40, 30, None, 10, 5, None, 5, 5]
    drawing = draw_spec(spec(TWO | {"amount": amount}, stack="overlay"))
    assert_tidy(drawing)
    coal = areas(drawing)["coal"]
    assert np.isnan(coal.points[:, 0]).sum() == 1  # two parts
    dots = {item.name: item for item in drawing.scene.by_role("point") if isinstance(item, Markers)}
    assert dots["coal"].values is not None
    assert dots["coal"].values.tolist() == [10]


def test_a_lower_edge_is_where_the_data_says(draw_spec: Draw, assert_tidy: Check) -> None:
    columns = {"year": YEARS, "low": [1, 2, None, 4], "high": [3, 4, 5, 6]}
    drawing = draw_spec({"kind": "area", "data": {"columns": columns}, "x": "year", "y": "high", "low": "low"})
    assert_tidy(drawing)
    (band,) = areas(drawing).values()
    first = np.unique(band.points[np.isfinite(band.points[:, 0]), 0])[0]
    second = np.unique(band.points[np.isfinite(band.points[:, 0]), 0])[1]
    top, bottom = heights(band, first)
    step = bottom - heights(band, second)[1]  # from 1 to 2
    assert bottom - top == pytest.approx(2 * step)


def test_missing_places_of_a_stack_count_as_nothing_and_are_mentioned(draw_spec: Draw) -> None:
    columns = {"year": [1, 2, 3, 1, 3], "source": ["a", "a", "a", "b", "b"], "amount": [1, 1, 1, 1, 1]}
    drawing = draw_spec(spec(columns))
    assert drawing.warnings == ("'b' has no value at a place, which counts as nothing in the stack.",)


@pytest.mark.parametrize("rows", [1, 2, 5000])
@pytest.mark.parametrize("size", [(320, 200), (1200, 400), (60, 40)])
def test_any_number_of_rows_and_any_size(rows: int, size: tuple[int, int], draw_spec: Draw, assert_tidy: Check) -> None:
    columns = {
        "year": list(range(rows)) * 3,
        "source": ["a"] * rows + ["bb"] * rows + ["ccc"] * rows,
        "amount": [1e-9, 3e12, -5.0] * rows,
    }
    image = {"width": size[0], "height": size[1]}
    for stack in ("stacked", "overlay", "center"):
        assert_tidy(draw_spec(spec(columns, stack=stack, image=image)))


@pytest.mark.parametrize(
    ("fields", "pointer", "message"),
    [
        ({"stack": "normalized", "data": {"columns": TWO | {"amount": [-1] * 8}}}, "/y", "shares of a whole"),
        ({"low": "amount", "stack": "center"}, "/stack", "cannot be center"),
        ({"data": {"columns": TWO | {"year": [1] * 8}}}, "/y", "rows share x 1.0 and color 'coal'"),
        ({"y": "source"}, "/y", "holds text"),
    ],
)
def test_what_cannot_be_an_area_is_said_where_it_is(
    fields: dict[str, Any], pointer: str, message: str, draw_spec: Draw
) -> None:
    with pytest.raises(SpecError) as caught:
        draw_spec(spec(**fields))
    assert caught.value.problems[0].pointer == pointer
    assert message in caught.value.problems[0].message


def test_alternative_text_says_the_total_and_the_shares(draw_spec: Draw) -> None:
    assert draw_spec(spec()).alt == (
        "Stacked area chart of Amount by Year, split into coal and wind, from 1 to 4. "
        "The total goes from 40 (1) to 40 (4). In the end the largest shares are wind 75% and coal 25%."
    )


def test_marks_stay_on_the_sheet(draw_spec: Draw) -> None:
    drawing = draw_spec(spec(axes={"y": {"max": 20}}))
    sheet = Box(0, 0, 800, 500)
    assert all(item.clip is not None and item.clip.inside(sheet) for item in drawing.scene.by_role("area"))
