"""The picture: its exact size in pixels, and the budget that holds for every format."""

from __future__ import annotations

from typing import Any

import pytest

from renderer.spec import SpecError, parse
from renderer.spec.limits import LIMITS, Limits
from renderer.spec.model import Image


@pytest.mark.parametrize(
    ("image", "pixels"),
    [
        ({}, (1600, 1000)),
        ({"width": 801, "height": 333, "scale": 1.5}, (1202, 500)),
        ({"width": 16, "height": 16, "scale": 0.5}, (8, 8)),
        ({"width": 8192, "height": 16, "scale": 1}, (8192, 16)),
    ],
)
def test_the_file_has_exactly_so_many_pixels(image: dict[str, Any], pixels: tuple[int, int]) -> None:
    assert Image.model_validate(image).pixels == pixels


@pytest.mark.parametrize("format", ["png", "webp", "svg", "pdf"])
def test_the_budget_of_pixels_is_exact_and_the_same_for_all_formats(format: str) -> None:
    at_most = {"width": 4000, "height": 4000, "scale": 1, "format": format}
    width, height = Image.model_validate(at_most).pixels
    assert width * height == LIMITS.pixels
    with pytest.raises(ValueError, match="at most 16 million pixels"):
        Image.model_validate(at_most | {"width": 4001})


def test_an_operator_may_allow_larger_pictures() -> None:
    document = {"kind": "histogram", "x": "a", "image": {"width": 10_000, "height": 10_000, "scale": 1}}
    with pytest.raises(SpecError):
        parse(document)
    assert parse(document, limits=Limits(side=10_000, pixels=10**8)).image.pixels == (10_000, 10_000)
