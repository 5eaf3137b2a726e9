"""From a drawing, or a matplotlib Figure, to the bytes of a file. The same input gives the same bytes, in every
process.

Nothing of the machine or the day goes in: no date, no version of a program, no random ids.
"""

from __future__ import annotations

import html
import io
import re
import threading
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, get_args

import matplotlib
import numpy as np
import numpy.typing as npt
from matplotlib.backends.backend_agg import FigureCanvasAgg
from PIL import Image

from renderer.drawing import fonts, harmless, paint
from renderer.drawing.draw import Drawing
from renderer.drawing.png import write_png
from renderer.spec.limits import LIMITS, Limits

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Format = Literal["png", "webp", "svg", "pdf"]
FORMATS: tuple[str, ...] = get_args(Format)
CONTENT_TYPES: Mapping[str, str] = MappingProxyType(
    {"png": "image/png", "webp": "image/webp", "svg": "image/svg+xml", "pdf": "application/pdf"}
)
CSS_DPI = 96.0  # CSS pixels in an inch, by definition
_SVG_DPI = 72.0  # makes one unit of matplotlib's SVG one CSS pixel
_SALT = "figpress"  # matplotlib hashes the ids in an SVG with it; without, they are random

CARD = (640, 400)
"""Pixels that a thumbnail has at least one side of, and less than twice of both: a card of a list is 280 to 350 CSS
pixels wide, on screens of two pixels for each."""
COLORS = 256
"""Of a thumbnail. The picture of a chart has few, and the shades at the edges of its letters: 12 kB, against 27 kB with
all of them and 23 kB as a lossy WebP, which frays thin lines."""

_PIXELATED = b' style="image-rendering:crisp-edges;image-rendering:pixelated"'

# matplotlib's options for vector files are global: one file at a time.
_vector_options = threading.Lock()


class FigureTooLarge(ValueError):
    """A picture of more pixels or bytes than the limits allow; str() is the sentence for its author."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A file. ``width`` and ``height`` are the raster's pixels; for svg and pdf, CSS pixels."""

    data: bytes
    format: str
    width: int
    height: int
    thumbnail: Picture | None = None
    """The same, small; where that was asked for, and is small."""

    @property
    def content_type(self) -> str:
        return CONTENT_TYPES[self.format]


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a file says of itself: ``alt`` describes the picture to who cannot see it."""

    title: str
    alt: str
    content_key: str


def encode(
    drawing: Drawing,
    format: str,
    *,
    scale: float,
    metadata: Metadata,
    with_thumbnail: bool = False,
    limits: Limits = LIMITS,
) -> Picture:
    """The drawing as a file of one of ``FORMATS``, width x height x scale pixels; vector formats have no scale, and no
    thumbnail.

    Raises FigureTooLarge beyond the limits of pixels and bytes, ValueError for another format.
    """
    scene = drawing.scene
    if format in ("png", "webp"):
        _check_pixels(scene.width * scale, scene.height * scale, limits)
        pixels = paint.raster(scene, scale)
        opaque = scene.background is not None and scene.background[3] >= 1.0
        picture = _sized(_raster(pixels, format, opaque=opaque, dpi=CSS_DPI * scale, metadata=metadata), limits)
        return replace(picture, thumbnail=thumbnail(pixels, opaque=opaque)) if with_thumbnail else picture
    _check_pixels(scene.width, scene.height, limits)
    figure = paint.figure(scene, _SVG_DPI if format == "svg" else CSS_DPI)
    picture = _vector(figure, format, scene.width, scene.height, metadata)
    # matplotlib asks viewers to show pictures in it, such as a logo, with all their pixels as squares.
    if format == "pdf":
        with fonts.using(scene.typeface):
            fonts.release((item.text, item.weight) for item in scene.texts)
    if format == "svg":
        picture = replace(picture, data=picture.data.replace(_PIXELATED, b""))
    return _sized(picture, limits)


def encode_figure(
    figure: Figure,
    format: str,
    *,
    metadata: Metadata,
    with_thumbnail: bool = False,
    limits: Limits = LIMITS,
) -> tuple[Picture, tuple[str, ...]]:
    """A figure function's Figure as a file, and what matplotlib warned of while drawing it.

    The pixels are checked before anything is drawn, and the canvas is drawn once. Raises FigureTooLarge, ValueError for
    another format, harmless.Harmful for an SVG that does more than draw, and whatever the artists raise.
    """
    dpi = float(figure.dpi)
    inches_wide, inches_high = (float(side) for side in figure.get_size_inches())
    _check_pixels(inches_wide * dpi, inches_high * dpi, limits)
    width, height = (max(1, int(side * dpi)) for side in (inches_wide, inches_high))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        if format in ("png", "webp"):
            canvas: Any = FigureCanvasAgg(figure)
            canvas.draw()
            pixels = np.asarray(canvas.buffer_rgba())
            opaque = bool((pixels[..., 3] == 255).all())
            picture = _raster(pixels, format, opaque=opaque, dpi=dpi, metadata=metadata)
            if with_thumbnail:
                picture = replace(picture, thumbnail=thumbnail(pixels, opaque=opaque))
        else:
            picture = _vector(figure, format, width, height, metadata)
    return _sized(picture, limits), tuple(dict.fromkeys(str(warning.message) for warning in caught))


def thumbnail(pixels: npt.NDArray[np.uint8], *, opaque: bool) -> Picture | None:
    """Pixels as a small WebP file for lists; None of a picture that is small itself.

    Each of its pixels is the mean of as many whole ones: as sharp as a better filter makes it, in a fifth of the time.
    """
    height, width = pixels.shape[:2]
    factor = int(max(width / CARD[0], height / CARD[1]))
    if factor < 2:
        return None
    # RGBX is what RGBA is without its transparency; that makes means of colours a third of the work.
    mode = "RGBX" if opaque else "RGBA"
    whole = Image.frombuffer(mode, (width, height), np.ascontiguousarray(pixels), "raw", mode, 0, 1)
    mode = "RGB" if opaque else "RGBA"
    small = whole.reduce(factor).convert(mode)
    few = small.quantize(COLORS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    # The paper, which is in the corner, stays just as it was: white with the shades beside it would be 254 of 255.
    palette, paper = few.getpalette(mode) or [], few.tobytes()[0]
    palette[paper * len(mode) : (paper + 1) * len(mode)] = small.crop((0, 0, 1, 1)).tobytes()
    few.putpalette(palette, mode)
    buffer = io.BytesIO()
    few.convert(mode).save(buffer, "WEBP", lossless=True, quality=0, method=1)
    return Picture(buffer.getvalue(), "webp", *small.size)


def _check_pixels(width: float, height: float, limits: Limits) -> None:
    # Written so that NaN fails as well.
    if not (1 <= width <= limits.side and 1 <= height <= limits.side and width * height <= limits.pixels):
        raise FigureTooLarge(
            f"{width:,.0f} x {height:,.0f} pixels are too many: a picture has at most {limits.side:,} a side "
            f"and {limits.pixels:,} in all"
        )


def _sized(picture: Picture, limits: Limits) -> Picture:
    if len(picture.data) > limits.file_bytes:
        raise FigureTooLarge(
            f"the {picture.format.upper()} has {len(picture.data) / 1e6:,.1f} MB: a file has at most "
            f"{limits.file_bytes / 1e6:,.1f} MB; draw fewer shapes, or choose png or webp"
        )
    return picture


def _raster(pixels: npt.NDArray[np.uint8], format: str, *, opaque: bool, dpi: float, metadata: Metadata) -> Picture:
    height, width = pixels.shape[:2]
    if format == "png":
        texts = {"Title": metadata.title, "Description": metadata.alt, "Content-Key": metadata.content_key}
        data = write_png(pixels, opaque=opaque, pixels_per_inch=dpi, texts=texts)
    else:
        data = _webp(pixels, opaque=opaque, metadata=metadata)
    return Picture(data, format, width, height)


def _webp(pixels: npt.NDArray[np.uint8], *, opaque: bool, metadata: Metadata) -> bytes:
    image = Image.fromarray(np.ascontiguousarray(pixels), "RGBA")
    buffer = io.BytesIO()
    # Lossless at quality 0 and method 1: 27 ms and 51 kB for a line chart, against 150 ms for 2 kB less by default.
    (image.convert("RGB") if opaque else image).save(
        buffer, "WEBP", lossless=True, quality=0, method=1, exact=not opaque, xmp=_xmp(metadata)
    )
    return buffer.getvalue()


def _xmp(metadata: Metadata) -> bytes:
    """Title, description and key as an XMP packet (ISO 16684-1), which is where a WebP file keeps them."""
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<dc:title>{_alternative(metadata.title)}</dc:title>"
        f"<dc:description>{_alternative(metadata.alt)}</dc:description>"
        f"<dc:identifier>{_escape(metadata.content_key)}</dc:identifier>"
        "</rdf:Description></rdf:RDF></x:xmpmeta>"
    ).encode()


def _escape(words: str) -> str:
    """For XML, outside of attributes. (The standard library's own for XML brings its whole HTTP client along.)"""
    return html.escape(words, quote=False)


def _alternative(words: str) -> str:
    return f'<rdf:Alt><rdf:li xml:lang="x-default">{_escape(words)}</rdf:li></rdf:Alt>'


def _vector(figure: Figure, format: str, width: int, height: int, metadata: Metadata) -> Picture:
    writers: Mapping[str, Callable[[Figure, int, int, Metadata], bytes]] = {"svg": _svg, "pdf": _pdf}
    if format not in writers:
        raise ValueError(f"no picture format {format!r}; the formats are {', '.join(FORMATS)}")
    # fonttype 3: embedding whole TrueType fonts (42) takes 228 ms more a file.
    options: Any = {"svg.hashsalt": _SALT, "svg.fonttype": "path", "pdf.fonttype": 3}
    with _vector_options, matplotlib.rc_context(options):
        data = writers[format](figure, width, height, metadata)
    return Picture(data, format, width, height)


def _svg(figure: Figure, width: int, height: int, metadata: Metadata) -> bytes:
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    buffer = io.StringIO()
    canvas: Any = FigureCanvasSVG(figure)
    canvas.print_svg(buffer, metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    text = buffer.getvalue()
    start = text.index("<svg")
    end = text.index(">", start) + 1
    view = re.search(r'viewBox="[^"]*"', text[start:end])
    # The document type names an outside file, and the size is in points: both are put right.
    head = (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" version="1.1" '
        f'width="{width}" height="{height}" {view[0] if view else ""} role="img">\n'
        f"<title>{_escape(metadata.title)}</title>\n<desc>{_escape(metadata.alt)}</desc>\n"
    )
    data = (head + text[end:].lstrip("\n")).encode()
    harmless.check(data)
    return data


def _pdf(figure: Figure, width: int, height: int, metadata: Metadata) -> bytes:
    # Imported here, since it brings fontTools: 0.2 s and 11 MB that a process which draws no PDF is spared.
    from matplotlib.backends.backend_pdf import FigureCanvasPdf

    buffer = io.BytesIO()
    information = {
        "Title": metadata.title or None,
        "Subject": metadata.alt or None,
        "Keywords": metadata.content_key or None,
        "CreationDate": None,
        "Creator": None,
        "Producer": None,
    }
    canvas: Any = FigureCanvasPdf(figure)
    canvas.print_pdf(buffer, metadata=information)
    return buffer.getvalue()
