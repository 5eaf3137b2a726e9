"""What the tests of the drawing engine share: charts drawn from specs, and what may be asked of any picture."""

from __future__ import annotations

import io
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from renderer.data.resolve import load
from renderer.drawing.draw import Drawing, draw
from renderer.drawing.encode import Metadata, Picture, encode
from renderer.drawing.scene import Box
from renderer.drawing.writing import Writer, writer
from renderer.spec import parse

Spec = dict[str, Any]
Draw = Callable[..., Drawing]


@pytest.fixture(scope="session")
def draw_spec() -> Draw:
    """Draws a spec; ``theme`` overrides its own."""

    def drawing(spec: Spec, *, theme: str | None = None) -> Drawing:
        return draw(load(parse(spec)), theme=theme)

    return drawing


@pytest.fixture(scope="session")
def encode_drawing() -> Callable[..., Picture]:
    """Encodes a drawing with plain metadata."""

    def encoded(drawing: Drawing, format: str = "png", scale: float = 1.0) -> Picture:
        return encode(drawing, format, scale=scale, metadata=Metadata(drawing.title, drawing.alt, "key"))

    return encoded


@pytest.fixture(scope="session")
def pixels_of() -> Callable[[bytes], npt.NDArray[np.uint8]]:
    """The RGBA pixels of an image file."""

    def read(data: bytes) -> npt.NDArray[np.uint8]:
        with Image.open(io.BytesIO(data)) as image:
            image.load()
            return np.asarray(image.convert("RGBA"))

    return read


@pytest.fixture(scope="session")
def assert_tidy() -> Callable[[Drawing], None]:
    """Fails where text overlaps text, or where anything leaves the canvas."""

    def check(drawing: Drawing) -> None:
        scene = drawing.scene
        for item in scene.primitives:
            box = item.box
            if item.clip is not None:
                box = Box(
                    max(box.x0, item.clip.x0),
                    max(box.y0, item.clip.y0),
                    min(box.x1, item.clip.x1),
                    min(box.y1, item.clip.y1),
                )
                if box.width < 0 or box.height < 0:
                    continue
            assert box.inside(scene.box, 0.01), f"{item.role} leaves the canvas: {box} {getattr(item, 'text', '')}"
        for first, second in combinations(scene.texts, 2):
            assert not first.box.overlaps(second.box, -0.25), (
                f"{first.role} {first.text!r} {first.box} overlaps {second.role} {second.text!r} {second.box}"
            )

    return check


@pytest.fixture(scope="session")
def english() -> Writer:
    return writer("en", None, "UTC")


@pytest.fixture(scope="session")
def example_files() -> list[Path]:
    """The example specs of the project."""
    return sorted((Path(__file__).parents[3] / "examples" / "specs").glob("*.json"))
