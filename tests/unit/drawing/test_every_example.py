"""What holds for every picture, tried on every example in every theme and shape. A new kind is tested by having
examples.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from PIL import Image

from renderer.drawing import kinds
from renderer.drawing.draw import Drawing
from renderer.drawing.encode import FORMATS, Picture

EXAMPLES = sorted((Path(__file__).parents[3] / "examples" / "specs").glob("*.json"))
SIZES = ((320, 200), (800, 500), (1200, 400), (400, 800))
FEW = SIZES[::3]
"""For the dark theme, which has other colours and the same layout."""
SVG = "{http://www.w3.org/2000/svg}"
XLINK = "{http://www.w3.org/1999/xlink}href"
ELEMENTS = {"svg", "title", "desc", "defs", "style", "g", "path", "use", "clipPath", "rect", "image", "metadata"}

each = pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)


def _spec(file: Path, size: tuple[int, int] | None = None) -> dict[str, Any]:
    spec: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    if size is not None:
        spec["image"] = {**spec.get("image", {}), "width": size[0], "height": size[1], "scale": 1}
    return spec


def test_every_kind_has_three_examples() -> None:
    for name in kinds.names():
        assert sum(file.stem.startswith(f"{name}-") for file in EXAMPLES) >= 3, name


@each
@pytest.mark.parametrize(("theme", "sizes"), [("light", SIZES), ("dark", FEW)], ids=["light", "dark"])
def test_it_is_tidy_in_every_shape(
    file: Path,
    theme: str,
    sizes: tuple[tuple[int, int], ...],
    draw_spec: Callable[..., Drawing],
    encode_drawing: Callable[..., Picture],
    assert_tidy: Callable[[Drawing], None],
) -> None:
    for width, height in sizes:
        drawing = draw_spec(_spec(file, (width, height)), theme=theme)
        assert_tidy(drawing)
        assert drawing.alt
        with Image.open(io.BytesIO(encode_drawing(drawing, "png").data)) as image:
            image.load()
            assert image.size == (width, height)
            shades = image.convert("L").getextrema()
        assert isinstance(shades[0], int | float)
        assert isinstance(shades[1], int | float)
        assert shades[1] - shades[0] > 60, f"there is nothing to see at {width} x {height}"


@each
def test_its_svg_is_xml_of_shapes_alone(
    file: Path, draw_spec: Callable[..., Drawing], encode_drawing: Callable[..., Picture]
) -> None:
    data = encode_drawing(draw_spec(_spec(file)), "svg").data
    assert b"<!" not in data.replace(b"<!--", b"")
    for element in ElementTree.fromstring(data).iter():
        assert isinstance(element.tag, str)
        assert element.tag.removeprefix(SVG) in ELEMENTS, element.tag
        for name, value in element.attrib.items():
            assert not name.lower().startswith("on")
            assert "javascript:" not in value.lower()
            if name == XLINK or name.endswith("href"):
                assert value.startswith(("#", "data:image/png;base64,")), value[:60]
            if "url(" in value:
                assert "url(#" in value
        assert element.tag != f"{SVG}style" or "@import" not in (element.text or "")


_DRAW = """
import hashlib, json, sys
from renderer.data.resolve import load
from renderer.drawing.draw import draw
from renderer.drawing.encode import FORMATS, Metadata, encode
from renderer.spec import parse
for name in sys.argv[1:]:
    with open(name, encoding="utf-8") as file:
        drawing = draw(load(parse(json.load(file))))
    for format_name in FORMATS:
        picture = encode(drawing, format_name, scale=1, metadata=Metadata(drawing.title, drawing.alt, "key"))
        print(name, format_name, hashlib.sha256(picture.data).hexdigest())
"""


def test_its_bytes_are_the_same_in_every_process() -> None:
    of_each_kind = {file.stem.partition("-")[0]: str(file) for file in reversed(EXAMPLES)}  # about one of each
    written = []
    for seed in ("1", "2"):
        ran = subprocess.run(
            [sys.executable, "-c", _DRAW, *sorted(of_each_kind.values(), reverse=seed == "2")],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=Path(__file__).parents[3],
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert ran.returncode == 0, ran.stderr
        written.append(sorted(ran.stdout.splitlines()))
    assert len(written[0]) == len(of_each_kind) * len(FORMATS)
    assert written[0] == written[1]


@each
def test_its_bytes_are_the_same_every_time(
    file: Path, draw_spec: Callable[..., Drawing], encode_drawing: Callable[..., Picture]
) -> None:
    first, second = (draw_spec(_spec(file)) for _ in range(2))
    for name in FORMATS:
        assert encode_drawing(first, name).data == encode_drawing(second, name).data, name
