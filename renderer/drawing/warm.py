"""Warming up: what a worker's parent does once, so that its forked children draw their first chart as fast as any
other.
"""

from __future__ import annotations

from renderer.data.resolve import load
from renderer.drawing import fonts, kinds
from renderer.drawing.draw import draw
from renderer.drawing.encode import FORMATS, Metadata, encode
from renderer.drawing.shaping import shape
from renderer.spec import parse

_CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 .,:;-–−+%$€/()&'"


def warm() -> None:
    """Load fonts, kinds and locales, and draw one small chart in each format but PDF. Takes a second; touches no file
    of yours.

    PDF brings fontTools, 9 MB that each child would carry along for the few files that are PDF; the first of a child's
    takes 0.1 s more.
    """
    fonts.ensure()
    for weight in fonts.WEIGHTS:
        shape(_CHARACTERS, weight)
        for first in "0123456789":
            # Each pair of digits has its kerning asked for once.
            shape("".join(first + second for second in "0123456789,."), weight)
    for name in kinds.names():
        kinds.kind_of(name)
    chart = parse(
        {
            "kind": "line",
            "title": "Warm",
            "data": {
                "columns": {
                    "day": ["2026-01-01", "2026-02-01", "2026-03-01"],
                    "value": [1, 3, 2],
                    "name": ["a", "b", "b"],
                }
            },
            "x": "day",
            "y": "value",
            "color": "name",
            "image": {"width": 320, "height": 200},
        }
    )
    drawing = draw(load(chart))
    for name in (name for name in FORMATS if name != "pdf"):
        encode(drawing, name, scale=1, metadata=Metadata("Warm", drawing.alt, ""))
