"""Text in a scene: measuring, placing, wrapping and shortening. Sizes and positions are CSS pixels, y down."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Literal

from renderer.drawing.scene import Box, Color, Text
from renderer.drawing.shaping import face, shape

LINE_HEIGHT = 1.28  # of the size, from baseline to baseline
ELLIPSIS = "…"
_NARROWEST = 8.0  # characters an em, at least as many as any text has

# Chinese and Japanese have no spaces: a line may end after any character but an opening bracket, and none begins with a
# closing one, a comma or a small kana (JIS X 4051). A run of anything else stays together.
_CJK = "\u3005-\u3007\u3041-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_OPENING = "「『（［｛〈《【〔“‘"
_CLOSING = "」』）］｝〉》】〕”’、。，．・：；？！…ーぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮ々"
_IDEOGRAPH = re.compile(f"[{_CJK}]")
_PIECE = re.compile(f"[{_OPENING}]*[{_CJK}][{_CLOSING}]*|[{_OPENING}]*[^{_CJK}{_OPENING}]+|[{_OPENING}]+")

_TALL = "\u0590"  # the first character of scripts that reach higher or deeper than Latin, Greek and Cyrillic

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


def depth_below(text: str, size: float, weight: int = 400) -> float:
    """How far this very text reaches below its baseline."""
    return -shape(text, weight).bottom * size


def leading(texts: Iterable[str], pitch: float) -> float:
    """By how much a pitch of so many ems must grow for these texts to stand above each other without touching: 1 for
    Latin, about 1.2 for Arabic, Thai or Burmese.
    """
    top, bottom = 0.0, 0.0
    for words in texts:
        if any(character >= _TALL for character in words):
            outline = shape(words, 400)
            top, bottom = max(top, outline.top), min(bottom, outline.bottom)
    return max(1.0, (top - bottom + 0.03) / pitch)


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
    low = _whole(text, low)
    return text[:low].rstrip() + ELLIPSIS if low else ""


def _whole(text: str, end: int) -> int:
    """The last place at or before ``end`` where a text may be cut: never inside what is read as one character, such as
    a letter with its marks, a conjunct, or an emoji made of several.
    """
    while 0 < end < len(text) and (
        text[end] in "\u200d\ufe0f"
        or text[end - 1] == "\u200d"
        or unicodedata.category(text[end]).startswith("M")
        or unicodedata.combining(text[end - 1]) == 9  # a virama joins what follows
        or "\U0001f3fb" <= text[end] <= "\U0001f3ff"  # skin tones
    ):
        end -= 1
    return end


def _pieces(text: str) -> Iterator[tuple[str, str]]:
    """What a line may be broken between: pairs of a piece and what stands before it in a line, " " or ""."""
    for word in text.split():
        if word.isascii() or not _IDEOGRAPH.search(word):
            yield word, " "
        else:
            for position, piece in enumerate(_PIECE.findall(word)):
                yield piece, "" if position else " "


def wrap(text: str, room: float, size: float, weight: int = 400, *, lines: int = 2) -> list[str]:
    """Break at spaces, and between ideographs, into at most ``lines`` lines that fit; what is left over is shortened.
    Never an empty list.
    """
    pieces = list(_pieces(text))
    if not pieces:
        return [""]
    space = width("n n", size, weight) - 2 * width("n", size, weight)
    result: list[str] = []
    current, used = pieces[0][0], width(pieces[0][0], size, weight)
    for position, (piece, glue) in enumerate(pieces[1:], 1):
        advance = width(piece, size, weight)
        between = space if glue else 0.0
        if used + between + advance <= room:
            current, used = current + glue + piece, used + between + advance
        elif len(result) + 1 == lines:
            current += "".join(glue + piece for piece, glue in pieces[position:])
            break
        else:
            result.append(current)
            current, used = piece, advance
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
