"""Harmless: each SVG is read once more, by an XML parser, before it is stored: a picture draws, and does nothing else.

A browser that opens an SVG by itself runs what is in it. Whatever matplotlib or a figure function puts there, there are
only the elements and attributes listed here, and every address leads into the file itself. It is a second lock behind
the headers that pictures are served with (SECURITY T9).
"""

from __future__ import annotations

import re
from typing import Any, Final
from xml.parsers import expat

_SVG: Final = "http://www.w3.org/2000/svg"
_XLINK: Final = "http://www.w3.org/1999/xlink"
_XML: Final = "http://www.w3.org/XML/1998/namespace"

ELEMENTS: Final = frozenset(
    f"{_SVG} {name}"
    for name in (
        "svg", "title", "desc", "defs", "style", "g", "path", "use", "clipPath", "rect", "image", "text", "tspan",
        "mask", "pattern", "linearGradient", "radialGradient", "stop", "circle", "ellipse", "line", "polyline",
        "polygon", "symbol", "marker",
    )
)  # fmt: skip
"""What draws, and what groups it. No script, foreignObject, a, animate or set, and no filter, which loads images."""
ATTRIBUTES: Final = frozenset(
    (
        "id", "class", "style", "d", "x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "rx", "ry", "fx", "fy",
        "dx", "dy", "width", "height", "viewBox", "preserveAspectRatio", "transform", "version", "role",
        "points", "offset", "clip-path", "clip-rule", "clipPathUnits", "mask", "maskUnits", "maskContentUnits",
        "fill", "fill-opacity", "fill-rule", "stroke", "stroke-width", "stroke-opacity", "stroke-linecap",
        "stroke-linejoin", "stroke-dasharray", "stroke-dashoffset", "stroke-miterlimit", "opacity",
        "stop-color", "stop-opacity", "gradientUnits", "gradientTransform", "patternUnits",
        "patternContentUnits", "patternTransform", "spreadMethod", "font-family", "font-size", "font-style",
        "font-weight", "text-anchor", "letter-spacing", "color", "display", "visibility", "shape-rendering",
        "image-rendering", "text-rendering", "aria-label", "aria-hidden", "type", "markerWidth", "markerHeight",
        "markerUnits", "orient", "refX", "refY", f"{_XML} space",
        f"{_XML} lang",
    )
)  # fmt: skip
_HREFS: Final = frozenset(("href", f"{_XLINK} href"))
_INSIDE: Final = re.compile(r"#[\w.:-]+|data:image/(?:png|jpeg|webp);base64,[A-Za-z0-9+/=\s]*")
_WORDS: Final = frozenset(("d", "id", "class", "aria-label"))
_SUSPICIOUS: Final = re.compile(r"[(:@\\]")
_ADDRESS: Final = re.compile(r"url\(\s*(?!['\"]?#)|@import|expression\(|javascript:", re.IGNORECASE)


class Harmful(ValueError):
    """There is something in an SVG that no picture needs. str() says what."""


def check(svg: bytes) -> None:
    """Raise Harmful for an SVG that could do anything but be seen, or is not well-formed."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    in_style = False

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal in_style
        if name not in ELEMENTS:
            raise Harmful(f"there is a <{_short(name)}> in it")
        in_style = name == f"{_SVG} style"
        for key, value in attributes.items():
            if key in ATTRIBUTES:
                # Paths, which are most of a file, lead nowhere; nor does a value without a bracket or a colon. With a
                # backslash CSS writes letters in another way.
                if key in _WORDS or not _SUSPICIOUS.search(value):
                    continue
                if "\\" in value or _ADDRESS.search(value):
                    raise Harmful(f"{_short(name)}'s {_short(key)} leads out of it")
            elif key not in _HREFS:
                raise Harmful(f"there is a {_short(key)} in it")
            elif not _INSIDE.fullmatch(value):
                raise Harmful(f"{_short(name)}'s {_short(key)} leads out of it")

    def text(data: str) -> None:
        if in_style and ("\\" in data or _ADDRESS.search(data)):
            raise Harmful("its style leads out of it")

    def end(name: str) -> None:
        nonlocal in_style
        in_style = False

    def refuse(*_: Any) -> None:
        raise Harmful("there is a document type or a processing instruction in it")

    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, text
    parser.StartDoctypeDeclHandler = parser.ProcessingInstructionHandler = refuse
    try:
        parser.Parse(svg, True)
    except expat.ExpatError as error:
        raise Harmful(f"it is not well-formed: {error}") from None


def _short(name: str) -> str:
    return name.rpartition(" ")[2][:40]
