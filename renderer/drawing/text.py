"""Text in a scene: measuring, placing, wrapping and shortening. Sizes and positions are CSS pixels, y down."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from renderer.drawing.scene import Box, Color, Text
from renderer.drawing.shaping import face, shape

LINE_HEIGHT = 1.28  # of the size, from baseline to baseline
ELLIPSIS = "…"
_NARROWEST = 8.0  # characters an em, at least as many as any text has

Align = Literal["left", "center", "right"]
Valign = Literal["baseline", "top", "middle", "bottom"]


def width(text: str, size: float, weight: int = 400) -> float:
    """How far the pen moves."""
    return shape(text, weight).width * size


def widest(texts: Iterable[str], size: float, weight: int = 400) -> float:
    """The width of the widest, 0 for none."""
    return max((width(text, size, weight) for text in texts), default=0.0)


def cap_height(size: float, weight: int = 400) -> float:
    """The height of a capital letter, which is what looks like the height of a label."""
    return face(weight).cap_height * size


def height_above(text: str, size: float, weight: int = 400) -> float:
    """How far this very text reaches above its baseline."""
    return shape(text, weight).top * size


def line_height(size: float) -> float:
    """From one baseline to the next."""
    return size * LINE_HEIGHT


def missing(text: str, weight: int) -> str:
    """The characters of a text that no font has."""
    return shape(text, weight).missing


def place(
    role: str,
    text: str,
    x: float,
    y: float,
    *,
    size: float,
    color: Color,
    weight: int = 400,
    align: Align = "left",
    valign: Valign = "baseline",
    angle: Literal[0, 90] = 0,
    halo: Color | None = None,
    clip: Box | None = None,
) -> Text:
    """One line at an anchor. ``top`` and ``middle`` mean the capitals, so that labels stand level whatever they say."""
    outline = shape(text, weight)
    advance, capital = outline.width * size, cap_height(size, weight)
    along = {"left": 0.0, "center": -advance / 2, "right": -advance}[align]
    across = {"baseline": 0.0, "top": capital, "middle": capital / 2, "bottom": -descent(size)}[valign]
    top, bottom = max(outline.top * size, capital), min(outline.bottom * size, 0.0)
    if angle == 0:
        x, y = x + along, y + across
        box = Box(x, y - top, x + advance, y - bottom)
    else:
        # Turned counter-clockwise: the text runs up, its top is on the left.
        x, y = x + across, y - along
        box = Box(x - top, y - advance, x - bottom, y)
    return Text(
        role=role,
        text=text,
        x=x,
        y=y,
        size=size,
        box=box,
        color=color,
        weight=weight,
        angle=angle,
        halo=halo,
        clip=clip,
    )


def descent(size: float) -> float:
    """How far letters such as g reach below the baseline."""
    return 0.22 * size


def shorten(text: str, room: float, size: float, weight: int = 400) -> str:
    """The text, or as much of it as fits with an ellipsis; "" where not even one character would."""
    if len(text) < _NARROWEST * room / size and width(text, size, weight) <= room:
        return text
    # Characters beyond what even the narrowest could fill are never measured.
    low, high = 0, min(len(text), int(_NARROWEST * room / size))
    while low < high:
        middle = (low + high + 1) // 2
        if width(text[:middle].rstrip() + ELLIPSIS, size, weight) <= room:
            low = middle
        else:
            high = middle - 1
    return text[:low].rstrip() + ELLIPSIS if low else ""


def wrap(text: str, room: float, size: float, weight: int = 400, *, lines: int = 2) -> list[str]:
    """Break at spaces into at most ``lines`` lines that fit; what is left over is shortened. Never an empty list."""
    words = text.split()
    if not words:
        return [""]
    space = width("n n", size, weight) - 2 * width("n", size, weight)
    result: list[str] = []
    current, used = words[0], width(words[0], size, weight)
    for position, word in enumerate(words[1:], 1):
        advance = width(word, size, weight)
        if used + space + advance <= room:
            current, used = f"{current} {word}", used + space + advance
        elif len(result) + 1 == lines:
            current = " ".join([current, *words[position:]])
            break
        else:
            result.append(current)
            current, used = word, advance
    result.append(current)
    return [shorten(line, room, size, weight) for line in result]


def balance(text: str, room: float, size: float, weight: int = 400, *, lines: int = 2) -> list[str]:
    """Like ``wrap``, with lines of about the same length: "Gross domestic / product", not "Gross domestic prod /
    uct".
    """
    wrapped = wrap(text, room, size, weight, lines=lines)
    if len(wrapped) < 2:
        return wrapped
    low, high = room / len(wrapped) / 1.5, room
    for _ in range(6):
        middle = (low + high) / 2
        attempt = wrap(text, middle, size, weight, lines=lines)
        if len(attempt) <= len(wrapped) and not any(line.endswith(ELLIPSIS) or not line for line in attempt):
            wrapped, high = attempt, middle
        else:
            low = middle
    return wrapped
