"""The titles of small multiples: of their axes, once beside all panels, and of each row, at its right."""

from __future__ import annotations

from collections.abc import Sequence

from renderer.data.facets import Facets
from renderer.drawing import axes, text
from renderer.drawing.panel import PanelContext, PanelDrawing, Plan
from renderer.drawing.scene import Box, Primitive
from renderer.drawing.theme import Theme

_ROW_TITLES = 0.16  # of the width, at most


def of_axes(panels: Sequence[PanelDrawing], body: Box, theme: Theme) -> tuple[list[Primitive], Box]:
    """The titles of the axes of small multiples, once: that of y above all panels, that of x below them."""
    if not panels[0].has_axes:
        return [], body
    items: list[Primitive] = []
    level, upright = panels[0].sides.directions(body)
    above, below = panels[0].sides.name(upright), panels[0].sides.name(level)
    height = text.cap_height(theme.label) + theme.gap + 4.0
    if body.height > 8 * height:
        if above:
            label = text.shorten(above, body.width, theme.label)
            items.append(
                text.place("axis-title-y", label, body.x0, body.y0, size=theme.label, color=theme.muted, valign="top")
            )
            body = body.inset(top=height)
        if below:
            label = text.shorten(below, body.width, theme.label)
            foot = body.y1 - text.descent(theme.label)
            items.append(
                text.place(
                    "axis-title-x", label, body.center[0], foot, size=theme.label, color=theme.muted, align="center"
                )
            )
            body = body.inset(bottom=height + 2.0)
    for panel in panels:
        panel.sides.untitled |= {level, upright}
    return [item for item in items if item.box.width > 0], body


def room_of_rows(facets: Facets, body: Box, theme: Theme) -> float:
    widest = text.widest(facets.rows, theme.label, 700)
    return min(widest, body.width * _ROW_TITLES) + theme.gap * 1.5


def of_rows(facets: Facets, rows: Sequence[int], plans: Sequence[Plan], context: PanelContext) -> list[Primitive]:
    """What each row shows, at its right."""
    theme = context.theme
    right = max(plan.plot.x1 + plan.margins.right for plan in plans) + theme.gap * 1.5
    room = context.sheet.x1 - theme.margin - right + 6.0
    items: list[Primitive] = []
    for row, name in enumerate(facets.rows):
        plots = [plan.plot for plan, at in zip(plans, rows, strict=True) if at == row]
        if not plots:
            continue
        lines = text.wrap(name, max(room, 1.0), theme.label, 700, lines=3)
        first = plots[0].center[1] - (len(lines) - 1) * axes.line_pitch(theme) / 2
        items += [
            text.place(
                "row-title",
                line,
                right,
                first + number * axes.line_pitch(theme),
                size=theme.label,
                weight=700,
                color=theme.text,
                valign="middle",
            )
            for number, line in enumerate(lines)
            if line
        ]
    return items
