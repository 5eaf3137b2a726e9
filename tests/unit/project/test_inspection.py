"""Good pictures are told from bad ones."""

from __future__ import annotations

import io

import pytest
from PIL import Image, ImageDraw

from project.inspection import problem_with


def _raster(suffix: str = "png", *, blank: bool = False, size: tuple[int, int] = (40, 30)) -> bytes:
    image = Image.new("RGB", size, "white")
    if not blank:
        ImageDraw.Draw(image).line((0, 0, *size), fill="black")
    buffer = io.BytesIO()
    image.save(buffer, suffix)
    return buffer.getvalue()


@pytest.mark.parametrize("suffix", ["png", "webp"])
def test_a_raster_of_the_asked_size_is_good(suffix: str) -> None:
    assert problem_with(_raster(suffix), suffix, (40, 30)) == ""


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (_raster(blank=True), "blank"),
        (_raster(size=(41, 30)), "41 x 30 pixels where 40 x 30 were asked for"),
        (_raster()[:60], "no picture"),
        (b"", "no picture"),
    ],
)
def test_a_bad_raster_is_told(data: bytes, says: str) -> None:
    assert says in problem_with(data, "png", (40, 30))


def test_an_svg_is_judged_by_what_it_draws() -> None:
    root = '<svg xmlns="http://www.w3.org/2000/svg">{}</svg>'
    assert problem_with(root.format('<path d="M0 0"/>' * 11).encode(), "svg") == ""
    assert problem_with(root.format("").encode(), "svg") == "no picture: 0 shapes"
    assert problem_with(b"<svg", "svg").startswith("no XML")


def test_a_pdf_is_whole() -> None:
    assert problem_with(b"%PDF-1.4 ... %%EOF\n", "pdf") == ""
    assert problem_with(b"%PDF-1.4 ...", "pdf") == "no whole PDF"
