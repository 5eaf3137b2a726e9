"""Choropleths and point maps: the right place has the right colour, and what does not belong is said."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from renderer.drawing.draw import Drawing
from renderer.drawing.scene import Box, Image, Markers, Path
from renderer.spec.errors import SpecError

Draw = Callable[..., Drawing]
Check = Callable[[Drawing], None]

COUNTRIES: dict[str, list[Any]] = {"country": ["DE", "FRA", "380", "Spain"], "amount": [1, 2, 3, 4]}
STATES: dict[str, list[Any]] = {"country": ["CA", "Texas", "36"], "amount": [10, 20, 40]}
CITIES: dict[str, list[Any]] = {
    "city": ["London", "Sydney", "Lima"],
    "lon": [-0.1, 151.2, -77.0],
    "lat": [51.5, -33.9, -12.0],
    "people": [9, 5, 10],
}


def choropleth(columns: dict[str, Any] = COUNTRIES, **fields: Any) -> dict[str, Any]:
    data = {"columns": columns}
    return {"kind": "choropleth", "data": data, "region": "country", "color": "amount"} | fields


def point_map(columns: dict[str, Any] = CITIES, **fields: Any) -> dict[str, Any]:
    return {"kind": "point_map", "data": {"columns": columns}, "lon": "lon", "lat": "lat"} | fields


def regions(drawing: Drawing, role: str = "region") -> dict[str, Path]:
    return {item.name: item for item in drawing.scene.by_role(role) if isinstance(item, Path)}


def points(drawing: Drawing) -> Markers:
    (found,) = (item for item in drawing.scene.by_role("point") if isinstance(item, Markers))
    return found


# Choropleths ----------------------------------------------------------------------------------------------------------


def test_regions_are_found_by_code_and_name_and_have_their_values(draw_spec: Draw, assert_tidy: Check) -> None:
    drawing = draw_spec(choropleth())
    assert_tidy(drawing)
    found = regions(drawing)
    assert {name: item.values.tolist() for name, item in found.items() if item.values is not None} == {
        "Germany": [1], "France": [2], "Italy": [3], "Spain": [4],
    }  # fmt: skip
    assert len({item.fill for item in found.values()}) == 4
    land = regions(drawing, "land")
    assert len(land) > 170
    assert len({item.fill for item in land.values()}) == 1
    # As on the globe: Spain lies west of Italy, and Germany north of it.
    middle = {name: np.nanmean(item.points, axis=0) for name, item in found.items()}
    assert middle["Spain"][0] < middle["Italy"][0]
    assert middle["Germany"][1] < middle["Italy"][1]
    assert not drawing.warnings


def test_more_is_darker_on_a_light_background_and_lighter_on_a_dark_one(draw_spec: Draw) -> None:
    light, dark = (regions(draw_spec(choropleth(), theme=theme)) for theme in ("light", "dark"))
    assert light["Spain"].fill is not None
    assert light["Germany"].fill is not None
    assert sum(light["Spain"].fill) < sum(light["Germany"].fill)
    assert dark["Spain"].fill is not None
    assert dark["Germany"].fill is not None
    assert sum(dark["Spain"].fill) > sum(dark["Germany"].fill)


def test_names_that_are_not_on_the_map_are_mentioned_with_what_they_may_mean(draw_spec: Draw) -> None:
    columns = {"country": ["Germany", "Untied Kingdom", "Atlantis", "Antarctica"], "amount": [1, 2, 3, 4]}
    drawing = draw_spec(choropleth(columns))
    assert drawing.warnings == (
        "2 names are not on the map: 'Untied Kingdom' (did you mean 'United Kingdom'?), 'Atlantis'.",
        "The map has no shape of its own for 'Antarctica'.",
    )


def test_names_of_the_charts_language(draw_spec: Draw) -> None:
    columns = {"country": ["Deutschland", "Österreich"], "amount": [1, 2]}
    drawing = draw_spec(choropleth(columns, locale="de"))
    assert set(regions(drawing)) == {"Germany", "Austria"}
    assert "Keine Daten" in [item.text for item in drawing.scene.texts]


def test_small_countries_are_dots(draw_spec: Draw, assert_tidy: Check) -> None:
    drawing = draw_spec(choropleth({"country": ["SG", "MC", "MT", "FR"], "amount": [1, 2, 3, 4]}))
    assert_tidy(drawing)
    dots = [item for item in drawing.scene.by_role("region-dot") if isinstance(item, Markers)]
    assert {dot.name for dot in dots} == {"Singapore", "Monaco", "Malta"}
    assert not drawing.warnings


def test_missing_values_have_the_colour_of_land(draw_spec: Draw) -> None:
    drawing = draw_spec(choropleth(COUNTRIES | {"amount": [1, None, 3, 4]}))
    assert set(regions(drawing)) == {"Germany", "Italy", "Spain"}
    assert regions(drawing, "land")["France"].fill == regions(drawing, "land")["Poland"].fill
    assert "No data" in [item.text for item in drawing.scene.texts]


@pytest.mark.parametrize(
    ("fields", "labels", "colors"),
    [
        ({"classes": 2}, ["2.5"], 2),
        ({"classes": [1.5, 3.5]}, ["1.5", "3.5"], 3),
        ({"color": {"field": "amount", "steps": 3}}, ["1", "2", "3", "4"], 3),
        ({"color": {"field": "amount", "bin": {"step": 2}}}, ["0", "2", "4"], 2),
    ],
)
def test_classes(fields: dict[str, Any], labels: list[str], colors: int, draw_spec: Draw, assert_tidy: Check) -> None:
    drawing = draw_spec(choropleth(**fields))
    assert_tidy(drawing)
    assert len({item.fill for item in regions(drawing).values()}) == colors
    written = [item.text for item in drawing.scene.texts if item.role == "legend-label"]
    assert written == [*labels, "No data"]


def test_categories(draw_spec: Draw, assert_tidy: Check) -> None:
    color = {"field": "amount", "map": {"left": "#ff0000"}}
    drawing = draw_spec(choropleth(COUNTRIES | {"amount": ["left", "right", "left", None]}, color=color))
    assert_tidy(drawing)
    assert regions(drawing)["Germany"].fill == regions(drawing)["Italy"].fill == (1, 0, 0, 1)
    written = [item.text for item in drawing.scene.texts if item.role == "legend-label"]
    assert written == ["left", "right", "No data"]
    assert drawing.alt == "Map of the world: Amount of 3 countries, in left and right."


@pytest.mark.parametrize("legend", ["top", "bottom", "right", "none"])
def test_the_ramp_stands_where_it_was_asked_for(legend: str, draw_spec: Draw, assert_tidy: Check) -> None:
    drawing = draw_spec(choropleth(color={"field": "amount", "legend": legend}))
    assert_tidy(drawing)
    ramps = [item.box for item in drawing.scene.by_role("legend-ramp") if isinstance(item, Image)]
    plot = regions(drawing)["Germany"].box
    match legend:
        case "top":
            assert ramps[0].width > ramps[0].height
            assert ramps[0].y1 < plot.y0
        case "bottom":
            assert ramps[0].y0 > plot.y1
        case "right":
            assert ramps[0].height > ramps[0].width
            assert ramps[0].x0 > plot.x1
        case _:
            assert not ramps


def test_states(draw_spec: Draw, assert_tidy: Check) -> None:
    drawing = draw_spec(choropleth(STATES, map="us_states", labels=True))
    assert_tidy(drawing)
    found = regions(drawing)
    assert set(found) == {"California", "Texas", "New York"}
    labels = {item.text: item.box for item in drawing.scene.texts if item.role == "value-label"}
    assert set(labels) == {"10", "20", "40"}
    for text, name in (("10", "California"), ("20", "Texas"), ("40", "New York")):
        assert labels[text].inside(found[name].box)
    assert len(regions(drawing, "land")) == 48
    assert (
        drawing.alt
        == "Map of the United States: Amount of 3 states. The highest is New York (40), the lowest California (10)."
    )


@pytest.mark.parametrize("projection", ["equal_earth", "natural_earth", "mercator", "equirectangular"])
def test_projections_fit_into_the_picture(projection: str, draw_spec: Draw, assert_tidy: Check) -> None:
    drawing = draw_spec(choropleth(projection=projection))
    assert_tidy(drawing)
    boxes = [item.box for item in regions(drawing, "land").values()]
    width = max(box.x1 for box in boxes) - min(box.x0 for box in boxes)
    height = max(box.y1 for box in boxes) - min(box.y0 for box in boxes)
    assert width == pytest.approx(760, abs=1) or height > 300


@pytest.mark.parametrize("name", ["africa", "asia", "europe", "north_america", "south_america", "oceania"])
def test_continents_stay_within_their_box(name: str, draw_spec: Draw, assert_tidy: Check) -> None:
    drawing = draw_spec(
        choropleth({"country": ["EG", "CN", "DE", "US", "BR", "AU"], "amount": [1, 2, 3, 4, 5, 6]}, map=name)
    )
    assert_tidy(drawing)
    assert any(item.clip is not None and item.clip.inside(Box(0, 0, 800, 500)) for item in regions(drawing).values())


# Point maps -----------------------------------------------------------------------------------------------------------


def test_points_lie_where_they_are_on_the_globe(draw_spec: Draw, assert_tidy: Check) -> None:
    drawing = draw_spec(point_map(size="people", label="city"))
    assert_tidy(drawing)
    found = points(drawing)
    assert found.values is not None
    by_size = dict(zip(found.values.tolist(), found.points.tolist(), strict=True))
    london, sydney, lima = by_size[9], by_size[5], by_size[10]
    assert lima[0] < london[0] < sydney[0]
    assert london[1] < lima[1] < sydney[1]
    assert list(found.values) == [10, 9, 5]  # the small ones on top
    sizes = np.asarray(found.size)
    assert (sizes[1] / sizes[0]) ** 2 == pytest.approx(0.9)
    assert {item.text for item in drawing.scene.texts if item.role == "point-label"} == {"London", "Sydney", "Lima"}
    assert drawing.alt == "Map of the world with 3 points. People ranges from 5 to 10 (Lima)."


def test_points_outside_of_the_map_are_mentioned(draw_spec: Draw) -> None:
    drawing = draw_spec(point_map(map="us_states"))
    assert drawing.warnings == ("3 points lie outside of the map.",)
    assert not list(drawing.scene.by_role("point"))


def test_points_on_a_choropleth_share_its_map_and_leave_out_the_land(draw_spec: Draw, assert_tidy: Check) -> None:
    columns = {"country": ["GB", "AU", "PE"], "amount": [1, 2, 3]} | CITIES
    layers = [
        {"kind": "choropleth", "region": "country", "color": "amount"},
        {"kind": "point_map", "lon": "lon", "lat": "lat", "style": {"color": "#ff0000"}, "name": "Cities"},
    ]
    drawing = draw_spec({"data": {"columns": columns}, "layers": layers})
    assert_tidy(drawing)
    found = points(drawing)
    for name, (x, y) in zip(("United Kingdom", "Australia", "Peru"), found.points, strict=True):
        assert Box(x, y, x, y).inside(regions(drawing)[name].box)
    assert (
        sum(item.role == "land" and not item.name for item in drawing.scene.primitives if isinstance(item, Path)) == 0
    )


def test_colours_of_numbers_and_of_categories(draw_spec: Draw, assert_tidy: Check) -> None:
    numbers = draw_spec(point_map(color="people"))
    assert_tidy(numbers)
    assert len(np.unique(np.asarray(points(numbers).fill), axis=0)) == 3
    assert list(numbers.scene.by_role("legend-ramp"))
    names = draw_spec(point_map(color="city"))
    assert_tidy(names)
    assert [item.text for item in names.scene.texts if item.role == "legend-label"] == CITIES["city"]


# Both -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("document", "pointer", "message"),
    [
        (choropleth({"country": ["Atlantis"], "amount": [1]}), "/region", "no row names a country: 'Atlantis' is none"),
        (choropleth({"country": ["Germny"], "amount": [1]}), "/region", "did you mean 'Germany'?"),
        (choropleth({"country": ["US", "USA"], "amount": [1, 2]}), "/region", "'US' and 'USA' are both United States"),
        (choropleth({"country": ["US", "US"], "amount": [1, 2]}), "/color", "2 rows share region 'US'"),
        (
            choropleth(COUNTRIES | {"amount": [0, 1, 2, 3]}, color={"field": "amount", "scale": "log"}),
            "/color/scale",
            "needs positive values",
        ),
        (choropleth(color={"field": "amount", "steps": 3}, classes=3), "/classes", "'steps' in color"),
        (choropleth(classes=1), "/classes", "from 2 to 9 classes"),
        (choropleth(classes=[3, 2]), "/classes/1", "limits ascend"),
        (choropleth(classes="many"), "/classes", "must be a number of classes"),
        (choropleth(projection="albers_usa"), "/projection", "'us_states' only"),
        (choropleth(map="europ"), "/map", "europe"),
        (
            choropleth(STATES | {"country": ["Berlin", "Rome", "Paris"]}, map="us_states"),
            "/region",
            "no row names a state",
        ),
        (point_map(CITIES | {"lat": [123, 0, 0]}), "/lat", "between -90 and 90 degrees, and there is 123"),
        (point_map(CITIES | {"lon": [-181, 0, 0]}), "/lon", "between -180 and 360 degrees"),
        (point_map(lon="city"), "/lon", "holds text"),
    ],
)
def test_what_cannot_be_drawn_is_said_where_it_is(
    document: dict[str, Any], pointer: str, message: str, draw_spec: Draw
) -> None:
    with pytest.raises(SpecError) as caught:
        draw_spec(document)
    assert caught.value.problems[0].pointer == pointer
    assert message in caught.value.problems[0].message


@pytest.mark.parametrize("size", [(320, 200), (1200, 400), (300, 700), (40, 40)])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_any_size(size: tuple[int, int], theme: str, draw_spec: Draw, assert_tidy: Check) -> None:
    image = {"width": size[0], "height": size[1]}
    words: dict[str, Any] = {
        "image": image,
        "title": "A title",
        "subtitle": "A subtitle",
        "caption": "A caption",
        "theme": theme,
    }
    values = [1e-9, -1e12, 0, 5]
    assert_tidy(draw_spec(choropleth(COUNTRIES | {"amount": values}, map="europe", labels=True, **words)))
    assert_tidy(draw_spec(choropleth(COUNTRIES | {"amount": [7, 7, 7, 7]}, **words)))
    assert_tidy(draw_spec(choropleth({"country": ["FR"], "amount": [0]}, **words)))
    assert_tidy(draw_spec(point_map(size="people", color="people", label="city", **words)))
