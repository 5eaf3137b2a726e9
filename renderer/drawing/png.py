"""A lossless PNG writer for finished pictures (PNG specification, third edition).

Measured at 1600 x 1000 pixels: for a line chart Pillow at level 6 takes 74 ms and makes 105 kB, unfiltered rows
deflated by zlib-ng at level 2 take 6 ms and make 93 kB. Charts are flat areas with thin edges, for which filters gain
little: with Up the line chart has 123 kB, a scatter of 10,000 points 447 instead of 428, a bar chart 72 instead of 91.
So there is one way only.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from PIL import Image
from zlib_ng import zlib_ng

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_LEVEL = 2
_RGB, _RGBA = 2, 6  # colour types


def write_png(
    pixels: npt.NDArray[np.uint8], *, opaque: bool, pixels_per_inch: float, texts: Mapping[str, str]
) -> bytes:
    """Pixels (height, width, 4), RGBA and not premultiplied, as a PNG file.

    ``opaque`` drops the alpha channel. ``texts`` go in as iTXt (UTF-8) under their keywords (Latin-1, at most 79
    characters).
    """
    height, width = pixels.shape[:2]
    channels = 3 if opaque else 4
    # Pillow packs RGB out of RGBA in C, twice as fast as a strided copy by numpy.
    image = Image.frombuffer("RGBA", (width, height), np.ascontiguousarray(pixels), "raw", "RGBA", 0, 1)
    packed = image.tobytes("raw", "RGB" if opaque else "RGBA")
    rows = np.empty((height, 1 + channels * width), np.uint8)
    rows[:, 0] = 0  # no filter
    rows[:, 1:] = np.frombuffer(packed, np.uint8).reshape(height, channels * width)
    per_meter = round(pixels_per_inch / 0.0254)
    color_type = _RGB if opaque else _RGBA
    return b"".join(
        [
            _SIGNATURE,
            _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, color_type, 0, 0, 0)),
            _chunk(b"sRGB", b"\0"),
            _chunk(b"pHYs", struct.pack(">IIB", per_meter, per_meter, 1)),
            *(_text(keyword, text) for keyword, text in texts.items() if text),
            _chunk(b"IDAT", zlib_ng.compress(rows, _LEVEL)),
            _chunk(b"IEND", b""),
        ]
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    return b"".join(
        [struct.pack(">I", len(data)), kind, data, struct.pack(">I", zlib_ng.crc32(data, zlib_ng.crc32(kind)))]
    )


def _text(keyword: str, text: str) -> bytes:
    return _chunk(b"iTXt", keyword.encode("latin-1") + b"\0\0\0\0\0" + text.encode())
