"""Recipes: what is to be drawn, and the key of it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from renderer import charts as c
from renderer.recipe import Recipe
from renderer.spec.errors import SpecError

SPEC: dict[str, Any] = {
    "kind": "bar", "title": "Fruit", "data": {"columns": {"x": ["a", "b"], "y": [1, 2]}}, "x": "x", "y": "y",
}  # fmt: skip


def pointers(error: pytest.ExceptionInfo[SpecError]) -> list[str]:
    return [problem.pointer for problem in error.value.problems]


def test_a_recipe_survives_its_way_through_a_job() -> None:
    recipe = Recipe.from_spec(SPEC, ["svg"]).with_files(scales=[1, 2], themes=["dark"])
    again = Recipe.from_json(recipe.as_json())
    assert again.as_json() == recipe.as_json()
    assert again.content_key == recipe.content_key
    assert again.pure


def test_a_chart_that_was_built_is_the_same_recipe_as_its_json() -> None:
    built = c.chart(c.bar(x="x", y="y"), title="Fruit", data={"columns": {"x": ["a", "b"], "y": (1, 2)}})
    recipe = Recipe.from_spec(built)
    assert recipe.content_key == Recipe.from_spec(SPEC).content_key
    assert json.loads(json.dumps(recipe.as_json()))["spec"] == SPEC


@pytest.mark.parametrize(
    ("transform", "pure"),
    [
        ([{"filter": "y > 0"}], True),
        ([{"derive": {"z": "if(y > 1, now(), null)"}}], False),
        ([{"sort": "y"}, {"filter": "ago('7d') < now()"}], False),
    ],
)
def test_a_spec_that_asks_for_the_time_is_another_chart_each_time(transform: list[object], pure: bool) -> None:
    layer = {"kind": "bar", "x": "x", "y": "y"}
    assert Recipe.from_spec(SPEC | {"transform": transform}).pure is pure
    layers = [layer, layer | {"transform": transform}]
    assert Recipe.from_spec({"data": SPEC["data"], "layers": layers}).pure is pure


def test_the_key_is_of_the_content_and_not_of_its_order() -> None:
    key = Recipe.from_spec(SPEC).content_key
    assert Recipe.from_spec(dict(reversed(SPEC.items()))).content_key == key
    assert len(key) == 64


@pytest.mark.parametrize(
    "other",
    [
        {"title": "Vegetables"},
        {"data": {"columns": {"x": ["a", "b"], "y": [1, 3]}}},
        {"data": {"columns": {"x": ["a", "b"], "y": [1, 2.0]}}},  # 1 == 1.0 in Python, not in a chart's text
        {"image": {"scale": 1}},
    ],
)
def test_another_content_is_another_key(other: dict[str, Any]) -> None:
    assert Recipe.from_spec(SPEC | other).content_key != Recipe.from_spec(SPEC).content_key


def test_files_are_part_of_the_key() -> None:
    recipe = Recipe.from_spec(SPEC)
    keys = {
        recipe.content_key,
        recipe.with_files(formats=["webp"]).content_key,
        recipe.with_files(scales=[1]).content_key,
        recipe.with_files(themes=["dark"]).content_key,
    }
    assert len(keys) == 4


def test_there_is_always_a_picture_for_an_image_field() -> None:
    assert Recipe.from_spec(SPEC, ["svg", "pdf"]).formats == ("png", "svg", "pdf")
    assert Recipe.from_spec(SPEC, ["svg", "webp", "png", "svg"]).raster == "webp"
    assert Recipe.from_spec(SPEC | {"image": {"format": "webp"}}).formats == ("webp",)


@pytest.mark.parametrize(
    ("files", "places"),
    [
        ({"formats": []}, ["/formats"]),
        ({"formats": ["png", "gif", "PNG"]}, ["/formats/1", "/formats/2"]),
        ({"themes": ["drak"]}, ["/themes/0"]),
        ({"themes": ["dark", "dark"]}, ["/themes"]),
        ({"scales": [0]}, ["/scales/0"]),
        ({"scales": [float("nan")]}, ["/scales/0"]),
        ({"scales": [1, 1]}, ["/scales"]),
        ({"scales": [1, 2, 3, 4, 0.5]}, ["/scales"]),
        ({"formats": ["x"], "scales": [9], "themes": ["y"]}, ["/formats/0", "/themes/0", "/scales/0"]),
    ],
)
def test_wrong_files_are_named(files: dict[str, Any], places: list[str]) -> None:
    with pytest.raises(SpecError) as error:
        Recipe.from_spec(SPEC).with_files(**files)
    assert pointers(error) == places


def test_a_scale_that_makes_too_many_pixels_is_named() -> None:
    recipe = Recipe.from_spec(SPEC | {"image": {"width": 4000, "height": 1000, "scale": 1}})
    with pytest.raises(SpecError, match="not 12000 x 3000") as error:
        recipe.with_files(scales=[1, 3])
    assert pointers(error) == ["/scales/1"]


def test_a_spec_is_checked_against_its_data() -> None:
    with pytest.raises(SpecError) as error:
        Recipe.from_spec(SPEC | {"y": "z"})
    assert pointers(error) == ["/y"]
