"""Where there are no rows: a quiet "No data" of the size that was asked for, or in the place of one panel."""

from __future__ import annotations

from renderer.drawing import text
from renderer.drawing.scene import Box, Text
from renderer.drawing.theme import Theme

NO_DATA = "No data"


def no_data(box: Box, theme: Theme, since: str = "") -> list[Text]:
    """The words in the middle of a box, as far as they fit."""
    lines = [(NO_DATA, theme.subtitle, 500, theme.text), (since, theme.label, 400, theme.muted)]
    fitting = [
        line
        for line in lines
        if line[0] and text.width(line[0], line[1], line[2]) <= box.width and line[1] * 1.5 <= box.height
    ]
    pitch = theme.subtitle * 1.5
    if len(fitting) > 1 and pitch + theme.label * 1.5 > box.height:
        del fitting[1:]
    x, middle = box.center
    first = middle - pitch * (len(fitting) - 1) / 2
    return [
        text.place(
            "no-data", words, x, first + row * pitch, size=size, weight=weight, color=color, align="center",
            valign="middle",
        )
        for row, (words, size, weight, color) in enumerate(fitting)
    ]  # fmt: skip
