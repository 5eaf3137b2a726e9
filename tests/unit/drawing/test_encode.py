"""Files are exact, say what they show, tell nothing of the machine, and are the same every time."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
import warnings
import zlib
from collections.abc import Callable
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import numpy.typing as npt
import pytest
from matplotlib.artist import Artist
from matplotlib.figure import Figure
from PIL import Image

from renderer.drawing.draw import Drawing
from renderer.drawing.encode import FORMATS, FigureTooLarge, Metadata, Picture, encode, encode_figure
from renderer.drawing.png import write_png
from renderer.spec.limits import LIMITS

SPEC = {
    "kind": "bar", "title": "Fish & <chips>", "data": {"columns": {"x": ["a", "b"], "y": [1, 2]}}, "x": "x", "y": "y",
    "image": {"width": 300, "height": 200},
}  # fmt: skip
METADATA = Metadata("Fish & <chips>", 'Größe "漢字" ]]> </desc><script>alert(1)</script>', "sha256:abc")
SVG = "{http://www.w3.org/2000/svg}"
ALLOWED = {"svg", "title", "desc", "defs", "style", "g", "path", "use", "clipPath", "rect", "image", "metadata"}


class _Counter(Artist):
    """Counts how often it is drawn."""

    def __init__(self, drawn: list[int]) -> None:
        super().__init__()
        self.drawn = drawn

    def draw(self, renderer: object) -> None:
        self.drawn.append(1)


def _chunks(data: bytes) -> dict[bytes, list[bytes]]:
    found: dict[bytes, list[bytes]] = {}
    place = 8
    while place < len(data):
        (length,) = struct.unpack(">I", data[place : place + 4])
        kind, body = data[place + 4 : place + 8], data[place + 8 : place + 8 + length]
        assert struct.unpack(">I", data[place + 8 + length : place + 12 + length])[0] == zlib.crc32(kind + body)
        found.setdefault(kind, []).append(body)
        place += 12 + length
    return found


@pytest.mark.parametrize("scale", [0.5, 1.0, 1.37, 2.0, 3.0])
@pytest.mark.parametrize("format_name", ["png", "webp"])
def test_rasters_have_exactly_the_size_asked_for(
    format_name: str, scale: float, draw_spec: Callable[..., Drawing]
) -> None:
    picture = encode(draw_spec(SPEC), format_name, scale=scale, metadata=METADATA)
    with Image.open(io.BytesIO(picture.data)) as image:
        image.load()
        assert image.size == (picture.width, picture.height) == (round(300 * scale), round(200 * scale))
        assert image.format == format_name.upper()


def test_png_carries_its_words_and_its_density(draw_spec: Callable[..., Drawing]) -> None:
    picture = encode(draw_spec(SPEC), "png", scale=2, metadata=METADATA)
    with Image.open(io.BytesIO(picture.data)) as image:
        image.load()
        assert getattr(image, "text", None) == {
            "Title": METADATA.title,
            "Description": METADATA.alt,
            "Content-Key": METADATA.content_key,
        }
        assert image.info["dpi"] == pytest.approx((192, 192), abs=0.1)
        assert image.mode == "RGB"
    assert set(_chunks(picture.data)) == {b"IHDR", b"sRGB", b"pHYs", b"iTXt", b"IDAT", b"IEND"}


def test_formats_hold_the_same_picture(
    draw_spec: Callable[..., Drawing], pixels_of: Callable[[bytes], npt.NDArray[np.uint8]]
) -> None:
    drawing = draw_spec(SPEC)
    png, webp = (pixels_of(encode(drawing, name, scale=1, metadata=METADATA).data) for name in ("png", "webp"))
    assert np.array_equal(png, webp)


def test_transparency_is_kept(
    draw_spec: Callable[..., Drawing], pixels_of: Callable[[bytes], npt.NDArray[np.uint8]]
) -> None:
    drawing = draw_spec({**SPEC, "image": {"width": 300, "height": 200, "background": "transparent"}})
    for name in ("png", "webp"):
        pixels = pixels_of(encode(drawing, name, scale=1, metadata=METADATA).data)
        assert pixels[0, 0, 3] == 0
        assert (pixels[..., 3] == 255).any()


def test_the_background_is_the_authors(
    draw_spec: Callable[..., Drawing], pixels_of: Callable[[bytes], npt.NDArray[np.uint8]]
) -> None:
    drawing = draw_spec({**SPEC, "image": {"width": 300, "height": 200, "background": "#ffeedd"}})
    assert tuple(pixels_of(encode(drawing, "png", scale=1, metadata=METADATA).data)[0, 0]) == (255, 238, 221, 255)


def test_svg_is_well_formed_described_and_harmless(draw_spec: Callable[..., Drawing]) -> None:
    picture = encode(draw_spec(SPEC), "svg", scale=1, metadata=METADATA)
    root = ElementTree.fromstring(picture.data)
    assert root.attrib["width"] == "300"
    assert root.attrib["viewBox"] == "0 0 300 200"
    assert root.attrib["role"] == "img"
    assert root[0].tag == f"{SVG}title"
    assert root[0].text == METADATA.title
    assert root[1].tag == f"{SVG}desc"
    assert root[1].text == METADATA.alt
    tags = {element.tag.removeprefix(SVG) for element in root.iter() if element.tag.startswith(SVG)}
    assert tags <= ALLOWED
    for element in root.iter():
        for name, value in element.attrib.items():
            assert not name.lower().startswith("on")
            assert "href" not in name or value.startswith("#")
    assert b"DOCTYPE" not in picture.data
    assert b"matplotlib" not in picture.data.lower()
    assert (picture.width, picture.height, picture.content_type) == (300, 200, "image/svg+xml")


def test_pdf_has_words_and_no_date(draw_spec: Callable[..., Drawing]) -> None:
    data = encode(draw_spec(SPEC), "pdf", scale=1, metadata=Metadata("Fish", "A bar chart", "k1")).data
    assert data.startswith(b"%PDF")
    assert b"/Title (Fish)" in data
    assert b"/Subject (A bar chart)" in data
    assert b"/Keywords (k1)" in data
    assert b"CreationDate" not in data
    assert b"matplotlib" not in data.lower()
    assert b"/MediaBox [ 0 0 225 150 ]" in data  # 300 x 200 CSS pixels are 225 x 150 points


_AGAIN = """
import hashlib, sys
from renderer.data.resolve import load
from renderer.drawing.draw import draw
from renderer.drawing.encode import FORMATS, Metadata, encode
from renderer.spec import parse
drawing = draw(load(parse({spec!r})))
for name in FORMATS:
    picture = encode(drawing, name, scale=1, metadata=Metadata("t", "a", "k"))
    print(hashlib.sha256(picture.data).hexdigest())
"""


def test_the_same_bytes_from_every_process(draw_spec: Callable[..., Drawing]) -> None:
    script = _AGAIN.format(spec=SPEC)
    first, second = (
        subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=120).stdout
        for _ in range(2)
    )
    assert first == second
    assert len(set(first.split())) == len(FORMATS)
    drawing = draw_spec(SPEC)
    for name in FORMATS:
        once, twice = (encode(drawing, name, scale=1, metadata=METADATA).data for _ in range(2))
        assert once == twice


def test_more_pixels_than_allowed_are_refused_before_drawing(draw_spec: Callable[..., Drawing]) -> None:
    with pytest.raises(FigureTooLarge, match="pixels"):
        encode(draw_spec(SPEC), "png", scale=40, metadata=METADATA)
    with pytest.raises(FigureTooLarge):
        encode(draw_spec(SPEC), "png", scale=float("nan"), metadata=METADATA)


def test_the_operator_sets_the_limits(draw_spec: Callable[..., Drawing]) -> None:
    small = replace(LIMITS, pixels=50_000)
    with pytest.raises(FigureTooLarge, match="50,000"):
        encode(draw_spec(SPEC), "png", scale=1, metadata=METADATA, limits=small)


@pytest.mark.parametrize("size", [(1000, 1000), (0.001, 5), (90, 0.5)])
@pytest.mark.parametrize("format_name", FORMATS)
def test_a_figure_of_wrong_size_is_refused(size: tuple[float, float], format_name: str) -> None:
    figure = Figure(figsize=size, dpi=100)

    def never(*args: object, **options: object) -> None:
        raise AssertionError("drawn")

    figure.draw = never  # type: ignore[method-assign]  # shows that nothing is drawn
    with pytest.raises(FigureTooLarge):
        encode_figure(figure, format_name, metadata=METADATA)


@pytest.mark.parametrize("format_name", FORMATS)
def test_figures_of_functions_are_encoded_alike(format_name: str) -> None:
    def picture() -> Picture:
        figure = Figure(figsize=(4, 3), dpi=100)
        figure.subplots().plot([1, 3, 2])
        return encode_figure(figure, format_name, metadata=METADATA)[0]

    one, other = picture(), picture()
    assert one == other
    assert (one.width, one.height) == (400, 300)
    if format_name in ("png", "webp"):
        with Image.open(io.BytesIO(one.data)) as image:
            assert image.size == (400, 300)


def test_a_figure_is_drawn_once_and_its_warnings_are_results() -> None:
    figure = Figure(figsize=(4, 3), dpi=100)
    axes = figure.subplots()
    axes.set_title("𒀀𒁀")
    drawn: list[int] = []
    figure.add_artist(_Counter(drawn))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        _, told = encode_figure(figure, "png", metadata=METADATA)
    assert len(drawn) == 1
    assert any("Glyph" in warning for warning in told)
    assert len(told) == len(set(told))


def test_other_formats_are_refused(draw_spec: Callable[..., Drawing]) -> None:
    for name in ("ps", "gif", "PNG", ""):
        with pytest.raises(ValueError, match="no picture format"):
            encode(draw_spec(SPEC), name, scale=1, metadata=METADATA)


def test_png_rows_are_what_was_given() -> None:
    pixels = np.random.default_rng(3).integers(0, 256, size=(7, 5, 4), dtype=np.uint8)
    data = write_png(pixels, opaque=False, pixels_per_inch=96, texts={})
    with Image.open(io.BytesIO(data)) as image:
        assert np.array_equal(np.asarray(image), pixels)
    with Image.open(io.BytesIO(write_png(pixels, opaque=True, pixels_per_inch=96, texts={}))) as image:
        assert np.array_equal(np.asarray(image), pixels[..., :3])
