"""From a chart with its data to a drawing. Nothing is rendered here, and nothing of matplotlib's renderers is
touched.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from renderer.data.resolve import LoadedChart
from renderer.drawing import axes, fonts, header, placeholder, shaping, text
from renderer.drawing.alt import Told, alternative, marked
from renderer.drawing.color import contrast, parse_color
from renderer.drawing.extent import names_of
from renderer.drawing.freshness import caption, stamp
from renderer.drawing.grid import draw_panels
from renderer.drawing.memory import Memory
from renderer.drawing.panel import PanelContext, PanelDrawing
from renderer.drawing.scene import Box, Color, Scene, Text
from renderer.drawing.theme import THEMES, Theme, hues, theme_of
from renderer.drawing.writing import writer
from renderer.spec.limits import LIMITS, Limits
from renderer.spec.model import Chart

_READABLE = 4.5  # WCAG 2.2, 1.4.3
_NAMES = 200  # of a column are looked at to see how tall its script is


@dataclass(frozen=True, slots=True, eq=False)
class Drawing:
    """A finished scene, and what is to be known of it. ``alt`` and ``title`` are plain text."""

    scene: Scene
    alt: str
    warnings: tuple[str, ...]
    title: str
    memory: Mapping[str, Any] = field(default_factory=dict)
    """What the next drawing of the chart is to be given, as JSON; it is the same in every theme."""


def draw(
    loaded: LoadedChart,
    *,
    theme: str | None = None,
    limits: Limits = LIMITS,
    memory: Mapping[str, Any] | None = None,
) -> Drawing:
    """Lay out a chart. ``theme``, by name, overrides the chart's own; ``memory`` is what the drawing before left, for
    charts with ``stable_colors`` or ``sticky_axes``.

    Raises SpecError for what only the data can tell: more bars than the limit, a log scale without a positive value.
    """
    chosen = theme_of(theme or loaded.chart.theme)
    with fonts.using(chosen.typeface):
        return _draw(loaded, chosen, limits, _remembered(loaded, memory or {}))


def draw_empty(chart: Chart, *, since: datetime, theme: str | None = None) -> Drawing:
    """What is drawn of a chart that has no rows: its words, and since when it is so."""
    chosen = theme_of(theme or chart.theme)
    with fonts.using(chosen.typeface):
        chosen, background, sized = _dressed(chart, chosen)
        sheet = Box(0.0, 0.0, float(chart.image.width), float(chart.image.height))
        items, body = header.frame(sheet, sized, chart.title, chart.subtitle, chart.caption)
        words = f"since {stamp(chart, since)}"
        items += placeholder.no_data(body, sized, words)
        scene = Scene(chart.image.width, chart.image.height, background, tuple(items), chosen.typeface)
    title = (chart.title or "").replace("\n", " ")
    said = f"{placeholder.NO_DATA} {words}."
    return Drawing(scene, f"{title}. {said}" if title else said, (), title)


def _remembered(loaded: LoadedChart, before: Mapping[str, Any]) -> Memory | None:
    chart = loaded.chart
    if not (chart.stable_colors or chart.sticky_axes):
        return None

    def present() -> frozenset[str]:
        columns = (
            column
            for panel in loaded.panels
            for layer in panel.layers
            for column in (layer.whole or layer.table).columns.values()
        )
        return frozenset(name for column in columns if column.type == "category" for name in names_of(column))

    return Memory(before, colors=chart.stable_colors, axes=chart.sticky_axes, present=present)


def _dressed(chart: Chart, chosen: Theme) -> tuple[Theme, Color | None, Theme]:
    """The theme on the chart's background, that background, and the theme in the chart's size."""
    chosen = _on(chart.image.background, chosen)
    background = None if chart.image.background == "transparent" else chosen.background
    return chosen, background, chosen.sized(chart.image.width, chart.image.height)


def _draw(loaded: LoadedChart, chosen: Theme, limits: Limits, memory: Memory | None) -> Drawing:
    chart = loaded.chart
    chosen, background, sized = _dressed(chart, chosen)
    sized = replace(sized, leading=text.leading(_names(loaded), axes.line_pitch(sized) / sized.label))
    write = writer(chart.locale, chart.currency, chart.timezone)
    sheet = Box(0.0, 0.0, float(chart.image.width), float(chart.image.height))
    palette = None if _numeric_palette(chart.palette) else chart.palette
    context = PanelContext(
        theme=sized,
        writer=write,
        colors=hues(palette, sized),
        palette=chart.palette,
        limits=limits,
        sheet=sheet.inset(2.0, 2.0, 2.0, 2.0),
        warnings=list(loaded.warnings),
        zone=chart.timezone,
        memory=memory,
    )
    items, body = header.frame(sheet, sized, chart.title, chart.subtitle, caption(chart, loaded.as_of))
    panels = [PanelDrawing(panel, context) for panel in loaded.panels]
    items += draw_panels(panels, body, chart, context)
    scene = Scene(chart.image.width, chart.image.height, background, tuple(items), chosen.typeface)
    _missing_glyphs(scene.texts, context)
    told = [Told(panel.name, panel.kinds, marked(panel.notes.notes)) for panel in panels]
    facets = loaded.facets
    multiples = (facets.names or (*facets.columns, *facets.rows)) if facets is not None else ()
    alt = chart.alt or alternative(told, title=chart.title, subtitle=chart.subtitle, multiples=multiples)
    left = memory.as_json() if memory is not None else {}
    return Drawing(scene, alt, tuple(context.warnings), (chart.title or "").replace("\n", " "), left)


def _names(loaded: LoadedChart) -> Iterator[str]:
    """The first names of each category column: what labels are made of."""
    for panel in loaded.panels:
        for layer in panel.layers:
            for column in layer.table.columns.values():
                if column.type == "category":
                    yield from (
                        str(name) for name in dict.fromkeys(column.values[:_NAMES].tolist()) if name is not None
                    )


def _on(wanted: str | None, theme: Theme) -> Theme:
    """The theme on the author's background; on one that its words cannot be read on, in the colours that can."""
    if wanted is None or wanted == "transparent":
        return theme
    background = parse_color(wanted)
    best = max((theme, *THEMES.values()), key=lambda other: contrast(other.text, background) >= _READABLE)
    if best is theme:
        return replace(theme, background=background)
    return replace(
        theme, background=background, text=best.text, muted=best.muted, grid=best.grid, axis=best.axis,
        palette=best.palette, line_contrast=best.line_contrast,
    )  # fmt: skip


def _numeric_palette(palette: str | tuple[str, ...] | None) -> bool:
    """A chart's palette may be a colour map for numbers; its categories keep the theme's colours then."""
    return isinstance(palette, str) and palette not in ("petroff10", "okabe_ito", "tab10")


def _missing_glyphs(texts: Sequence[Text], context: PanelContext) -> None:
    missing = "".join(dict.fromkeys("".join(shaping.shape(item.text, item.weight).missing for item in texts)))
    if missing:
        shown = " ".join(missing[:10]) + (" ..." if len(missing) > 10 else "")
        context.warn(f"No font has the characters {shown}: they are drawn as boxes.")
