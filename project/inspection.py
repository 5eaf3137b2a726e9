"""Whether a file is a good picture: whole, of the asked size, and not blank."""

from __future__ import annotations

import io
from xml.etree import ElementTree

from PIL import Image, UnidentifiedImageError


def problem_with(data: bytes, suffix: str, size: tuple[int, int] | None = None) -> str:
    """What is wrong with a picture, in words; nothing if it is good."""
    match suffix:
        case "svg":
            try:
                root = ElementTree.fromstring(data)  # nosec B314 # noqa: S314 - our own output
            except ElementTree.ParseError as error:
                return f"no XML: {error}"
            shapes = sum(element.tag.endswith(("}path", "}use", "}text", "}image")) for element in root.iter())
            return "" if root.tag.endswith("}svg") and shapes > 10 else f"no picture: {shapes} shapes"
        case "pdf":
            whole = data.startswith(b"%PDF-") and data.rstrip().endswith(b"%%EOF")
            return "" if whole else "no whole PDF"
        case _:
            return _problem_with_raster(data, size)


def _problem_with_raster(data: bytes, size: tuple[int, int] | None) -> str:
    try:
        with Image.open(io.BytesIO(data)) as image:
            image.load()
    except (UnidentifiedImageError, OSError) as error:
        return f"no picture: {error}"
    if size and image.size != size:
        return f"{image.size[0]} x {image.size[1]} pixels where {size[0]} x {size[1]} were asked for"
    shades = image.convert("L").histogram()
    present = [shade for shade, pixels in enumerate(shades) if pixels]
    return "" if present[-1] - present[0] > 100 else "blank"
