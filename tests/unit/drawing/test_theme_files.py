"""An operator's theme changes what it says and nothing else; its logo touches nothing."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import matplotlib
import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from renderer.drawing import fonts
from renderer.drawing.draw import Drawing
from renderer.drawing.encode import Picture
from renderer.drawing.scene import Scene
from renderer.spec.themes import catalogue

SPEC = {
    "kind": "bar", "title": "A title that is as long as a title can be before it has to be wrapped", "subtitle": "Sub",
    "caption": "Source: somebody who has looked into it for a long while, and who has written all of it down since",
    "data": {"columns": {"team": ["a", "b"], "points": [3, 5]}}, "x": "team", "y": "points", "theme": "acme",
}  # fmt: skip
SERIF = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSerif.ttf"


@pytest.fixture
def theme(tmp_path: Path) -> Iterator[Callable[[str], None]]:
    """Makes the theme "acme" of a TOML text, beside a font and a logo of 4 to 1."""
    shutil.copy(SERIF, tmp_path / "serif.ttf")
    Image.new("RGBA", (400, 100), (200, 0, 100, 255)).save(tmp_path / "logo.png")

    def make(text: str) -> None:
        (tmp_path / "acme.toml").write_text(text, encoding="utf-8")
        catalogue.use(str(tmp_path))

    yield make
    catalogue.use("")


def test_what_is_said_is_changed(theme: Callable[[str], None], draw_spec: Callable[..., Drawing]) -> None:
    theme('palette = ["#123456"]\n[colors]\nbackground = "#fffaf2"\n[sizes]\ntitle = 30\nmargin = 40')
    drawing = draw_spec(SPEC)
    light = draw_spec(SPEC, theme="light")
    assert drawing.scene.background == pytest.approx((1.0, 250 / 255, 242 / 255, 1.0))
    (bars,) = drawing.scene.by_role("bar")
    assert getattr(bars, "fill", None) == pytest.approx((0x12 / 255, 0x34 / 255, 0x56 / 255, 1.0))
    sizes = {item.role: item.size for item in drawing.scene.texts}
    assert sizes["title"] == 30
    assert sizes["caption"] == next(item.size for item in light.scene.texts if item.role == "caption")
    assert min(item.box.x0 for item in drawing.scene.texts) == pytest.approx(40, abs=0.1)


def test_the_ramp_may_be_a_list(theme: Callable[[str], None], draw_spec: Callable[..., Drawing]) -> None:
    theme('ramp = ["#000000", "#ff0000"]')
    columns = {"x": [1, 2, 3], "y": [1, 2, 3]}
    spec = {"kind": "scatter", "data": {"columns": columns}, "x": "x", "y": "y", "color": "y", "theme": "acme"}
    (points,) = draw_spec(spec).scene.by_role("point")
    fills = np.asarray(getattr(points, "fill", None))
    assert fills[:, 1:3].max() < 0.01
    assert fills[-1, 0] > fills[0, 0]


def test_words_are_measured_and_painted_in_its_fonts(
    theme: Callable[[str], None], draw_spec: Callable[..., Drawing], encode_drawing: Callable[..., Picture]
) -> None:
    theme('[fonts]\nregular = "serif.ttf"')
    drawing, ours = draw_spec({**SPEC, "title": "Wide 漢"}), draw_spec({**SPEC, "title": "Wide 漢"}, theme="light")
    widths = [item.box.width for item in drawing.scene.texts]
    assert widths != [item.box.width for item in ours.scene.texts]
    assert drawing.warnings == ()
    assert fonts.current() == fonts.OWN
    assert b"DejaVuSerif" in encode_drawing(drawing, "svg").data
    assert b"DejaVuSerif" not in encode_drawing(ours, "svg").data
    assert b"FigpressInter" in encode_drawing(ours, "svg").data


def _touches(scene: Scene) -> list[str]:
    (logo,) = scene.by_role("logo")
    return [item.role for item in scene.primitives if item is not logo and item.box.overlaps(logo.box, 2.0)]


@pytest.mark.parametrize("corner", ["top-left", "top-right", "bottom-left", "bottom-right"])
@pytest.mark.parametrize("size", [(800, 500), (1200, 400), (400, 800)])
@pytest.mark.parametrize("words", [("title", "subtitle", "caption"), ()])
def test_nothing_touches_the_logo(
    corner: str,
    size: tuple[int, int],
    words: tuple[str, ...],
    theme: Callable[[str], None],
    draw_spec: Callable[..., Drawing],
    assert_tidy: Callable[[Drawing], None],
) -> None:
    theme(f'[logo]\nfile = "logo.png"\ncorner = "{corner}"\nheight = 24')
    dropped = {"title", "subtitle", "caption"} - set(words)
    spec = {name: value for name, value in SPEC.items() if name not in dropped}
    drawing = draw_spec({**spec, "image": {"width": size[0], "height": size[1]}})
    assert_tidy(drawing)
    assert _touches(drawing.scene) == []
    (logo,) = drawing.scene.by_role("logo")
    height = 24 if min(size) >= 480 or size == (1200, 400) else 18  # smaller, as the letters of a small picture are
    assert (logo.box.width, logo.box.height) == pytest.approx((4 * height, height))


def test_a_thumbnail_has_no_logo(theme: Callable[[str], None], draw_spec: Callable[..., Drawing]) -> None:
    theme('[logo]\nfile = "logo.png"\nheight = 60')
    drawing = draw_spec({**SPEC, "image": {"width": 160, "height": 100}})
    assert list(drawing.scene.by_role("logo")) == []


@pytest.mark.parametrize("format_name", ["png", "svg", "pdf"])
def test_the_logo_is_in_the_file(
    format_name: str,
    theme: Callable[[str], None],
    draw_spec: Callable[..., Drawing],
    encode_drawing: Callable[..., Picture],
    pixels_of: Callable[[bytes], npt.NDArray[np.uint8]],
) -> None:
    theme('[logo]\nfile = "logo.png"\nheight = 24')
    drawing = draw_spec(SPEC)
    picture = encode_drawing(drawing, format_name)
    (logo,) = drawing.scene.by_role("logo")
    if format_name == "png":
        x, y = (round(place) for place in logo.box.center)
        assert tuple(pixels_of(picture.data)[y, x]) == (200, 0, 100, 255)
    elif format_name == "svg":
        assert b"data:image/png;base64" in picture.data
        assert b"pixelated" not in picture.data
    else:
        assert b"/Subtype /Image" in picture.data


def test_every_example_is_tidy_in_a_theme_of_its_own(
    theme: Callable[[str], None],
    example_files: list[Path],
    draw_spec: Callable[..., Drawing],
    assert_tidy: Callable[[Drawing], None],
) -> None:
    theme('base = "dark"\n[fonts]\nregular = "serif.ttf"\n[sizes]\nlabel = 14\ntitle = 24\n[logo]\nfile = "logo.png"')
    for file in example_files:
        drawing = draw_spec(json.loads(file.read_text(encoding="utf-8")), theme="acme")
        assert_tidy(drawing)
        assert _touches(drawing.scene) == [], file.name
