"""Colours and palettes by name: what the language accepts, decided here and not by whoever draws them."""

from __future__ import annotations

import re
from typing import Final

_CSS_NAMES: Final = """
aliceblue antiquewhite aqua aquamarine azure beige bisque black blanchedalmond blue blueviolet brown burlywood
cadetblue chartreuse chocolate coral cornflowerblue cornsilk crimson cyan darkblue darkcyan darkgoldenrod
darkgray darkgreen darkgrey darkkhaki darkmagenta darkolivegreen darkorange darkorchid darkred darksalmon
darkseagreen darkslateblue darkslategray darkslategrey darkturquoise darkviolet deeppink deepskyblue dimgray
dimgrey dodgerblue firebrick floralwhite forestgreen fuchsia gainsboro ghostwhite gold goldenrod gray green
greenyellow grey honeydew hotpink indianred indigo ivory khaki lavender lavenderblush lawngreen lemonchiffon
lightblue lightcoral lightcyan lightgoldenrodyellow lightgray lightgreen lightgrey lightpink lightsalmon
lightseagreen lightskyblue lightslategray lightslategrey lightsteelblue lightyellow lime limegreen linen magenta
maroon mediumaquamarine mediumblue mediumorchid mediumpurple mediumseagreen mediumslateblue mediumspringgreen
mediumturquoise mediumvioletred midnightblue mintcream mistyrose moccasin navajowhite navy oldlace olive
olivedrab orange orangered orchid palegoldenrod palegreen paleturquoise palevioletred papayawhip peachpuff peru
pink plum powderblue purple rebeccapurple red rosybrown royalblue saddlebrown salmon sandybrown seagreen
seashell sienna silver skyblue slateblue slategray slategrey snow springgreen steelblue tan teal thistle tomato
turquoise violet wheat white whitesmoke yellow yellowgreen
"""
CSS_COLORS: Final = frozenset(_CSS_NAMES.split())

CATEGORICAL_PALETTES: Final = ("petroff10", "okabe_ito", "tab10")
SEQUENTIAL_PALETTES: Final = (
    "viridis", "cividis", "magma", "inferno", "plasma", "blues", "greens", "oranges", "purples", "reds", "greys",
)  # fmt: skip
DIVERGING_PALETTES: Final = ("rdbu", "brbg", "puor", "prgn", "coolwarm")
PALETTES: Final = (*CATEGORICAL_PALETTES, *SEQUENTIAL_PALETTES, *DIVERGING_PALETTES)
"""Palette names; each of the last two groups is the matplotlib colormap of that name, whatever its case."""

HEX_COLOR: Final = r"#(?:[0-9a-fA-F]{3,4}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8})"
_HEX: Final = re.compile(HEX_COLOR, re.ASCII)
_LONGEST: Final = max(map(len, CSS_COLORS))


def parse_color(text: str) -> str | None:
    """The colour in lower case ('#1f77b4', '#1f77b480', 'tomato'), or None if it is none."""
    if len(text) > _LONGEST:
        return None
    if _HEX.fullmatch(text) or text.lower() in CSS_COLORS:
        return text.lower()
    return None
