"""The frame of words around the picture: title and subtitle above, caption below."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from renderer.drawing import text
from renderer.drawing.logo import Logo
from renderer.drawing.scene import Box, Color, Primitive, Text
from renderer.drawing.theme import Theme

_LINES = 3  # of a title after wrapping, whatever its length
_LEAST = 0.45  # of the height stays for the picture


@dataclass(frozen=True, slots=True)
class _Block:
    role: str
    lines: list[str]
    size: float
    weight: int
    color: Color
    before: float  # pixels between it and what is above

    @property
    def height(self) -> float:
        return (
            self.before
            + text.cap_height(self.size, self.weight)
            + (len(self.lines) - 1) * self.pitch
            + text.descent(self.size)
        )

    @property
    def pitch(self) -> float:
        ink = max(text.height_above(line, self.size, self.weight) for line in self.lines)
        ink += max(text.depth_below(line, self.size, self.weight) for line in self.lines)
        return max(self.size * 1.25, ink + 0.5 if len(self.lines) > 1 else 0.0)

    def place(self, box: Box, top: float) -> list[Text]:
        first = top + self.before + text.cap_height(self.size, self.weight)
        # Accents and other scripts may be taller than a capital: at the sheet's edge they move the line down.
        first = max(first, text.height_above(self.lines[0], self.size, self.weight) + 1.0)
        return [
            text.place(
                self.role,
                line,
                box.x0,
                first + index * self.pitch,
                size=self.size,
                weight=self.weight,
                color=self.color,
            )
            for index, line in enumerate(self.lines)
            if line
        ]


def _lines(
    words: str | None, room: float, size: float, weight: int, most: int, wrap: Callable[..., list[str]]
) -> list[str]:
    if not words or not words.strip():
        return []
    wrapped = [line for part in words.split("\n") for line in wrap(part, room, size, weight, lines=most)]
    if len(wrapped) > most:
        wrapped = [*wrapped[: most - 1], text.shorten(" ".join(wrapped[most - 1 :]), room, size, weight)]
    return wrapped if any(wrapped) else []


def _beside(inner: Box, logo: Logo | None, gap: float) -> Box:
    """What a logo leaves of a line of words."""
    if logo is None:
        return inner
    return inner.inset(left=logo.width + gap) if logo.left else inner.inset(right=logo.width + gap)


def frame(
    sheet: Box, theme: Theme, title: str | None, subtitle: str | None, caption: str | None
) -> tuple[list[Primitive], Box]:
    """The texts with the theme's logo, and the box that is left. In a picture too low for them all, the caption goes
    first, the title last.
    """
    inner = sheet.inset(theme.margin, theme.margin, theme.margin, theme.margin)
    logo = theme.logo
    if logo is not None and (logo.width > inner.width / 3 or logo.height > inner.height / 4):
        logo = None  # the picture is of the data
    above, below = (_beside(inner, logo if logo and logo.top is top else None, theme.gap * 2) for top in (True, False))
    heads = [
        _Block(
            "title",
            _lines(title, above.width, theme.title, 700, _LINES, text.balance),
            theme.title,
            700,
            theme.text,
            0.0,
        ),
        _Block(
            "subtitle",
            _lines(subtitle, above.width, theme.subtitle, 400, _LINES, text.wrap),
            theme.subtitle,
            400,
            theme.muted,
            9.0,
        ),
    ]
    foot = _Block(
        "caption",
        _lines(caption, below.width, theme.caption, 400, 2, text.wrap),
        theme.caption,
        400,
        theme.muted,
        theme.gap + 4,
    )
    kept = [block for block in (*heads, foot) if block.lines]
    while kept and sum(block.height for block in kept) > inner.height * (1 - _LEAST):
        kept.pop()
    items: list[Primitive] = []
    top, bottom = inner.y0, inner.y1
    for block in kept:
        if block is foot:
            bottom -= block.height
            items += block.place(below, bottom)
        else:
            items += block.place(above, top)
            top += block.height
    if logo is not None:
        items.append(logo.place(inner))
        if logo.top:
            top = max(top, inner.y0 + logo.height)
        else:
            bottom = min(bottom, inner.y1 - logo.height - theme.gap)
    if top > inner.y0:
        top += theme.gap + 4
    return items, Box(inner.x0, min(top, bottom), inner.x1, bottom)
