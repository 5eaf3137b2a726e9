"""A theme's logo: a picture in a corner of the sheet, with room of its own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
from PIL import Image as Pillow

from renderer.drawing.scene import Box, Image

Corner = Literal["top-left", "top-right", "bottom-left", "bottom-right"]
_SHARPEST = 4  # pixels for a CSS pixel: what scale 4 shows; more would only fill memory


@dataclass(frozen=True, slots=True, eq=False)
class Logo:
    """``pixels`` are (rows, columns, 4) RGBA; ``height`` is in CSS pixels, and the width follows."""

    pixels: npt.NDArray[np.uint8]
    corner: Corner
    height: float

    @property
    def width(self) -> float:
        return float(self.height * self.pixels.shape[1] / self.pixels.shape[0])

    @property
    def top(self) -> bool:
        return self.corner.startswith("top")

    @property
    def left(self) -> bool:
        return self.corner.endswith("left")

    def fitting(self, width: float, height: float) -> Logo | None:
        """The logo for a small picture, three quarters as high; None where it would take the place of the chart."""
        smaller = replace(self, height=self.height * 0.75)
        return smaller if smaller.width <= width * 0.3 and smaller.height <= height * 0.15 else None

    def place(self, inner: Box) -> Image:
        """The logo in its corner of a box."""
        x0 = inner.x0 if self.left else inner.x1 - self.width
        y0 = inner.y0 if self.top else inner.y1 - self.height
        return Image(role="logo", pixels=self.pixels, box=Box(x0, y0, x0 + self.width, y0 + self.height), smooth=True)


def load_logo(file: Path, corner: Corner, height: float) -> Logo:
    """A logo from a file that was checked when the theme was read."""
    with Pillow.open(file, formats=("PNG", "WEBP")) as image:
        most = round(height * _SHARPEST)
        picture = image.convert("RGBA")
        if picture.height > most:
            width = max(1, round(picture.width * most / picture.height))
            picture = picture.resize((width, most), Pillow.Resampling.LANCZOS)
        return Logo(np.asarray(picture), corner, height)
