"""The language and its API on one page, for language models: served as /llms.txt, kept as docs/llms.txt."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Final

from renderer.spec.annotation import BandNote, PointNote, RuleNote, TextNote
from renderer.spec.axis import Axis
from renderer.spec.base import Model
from renderer.spec.channel import AGGREGATES, UNITS, Channel, ColorChannel
from renderer.spec.colors import PALETTES
from renderer.spec.facet import Facet
from renderer.spec.formats import DATE_NAMES, NUMBER_NAMES
from renderer.spec.functions import FUNCTIONS
from renderer.spec.limits import LIMITS
from renderer.spec.marks import KINDS
from renderer.spec.model import Chart, Image, Panel
from renderer.spec.reference import Field, channels, fields, summary
from renderer.spec.shade import ShadeChannel
from renderer.spec.source import Source
from renderer.spec.transform import STEPS

_COMMON: Final = ("kind", "name", "data", "transform", "style")
_CHOICES: Final = 60  # characters of choices that are spelled out


@cache
def digest() -> str:
    """The whole text."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield _HEAD
    yield "## Objects\n"
    yield "`*` must be given; choices stand in parentheses, the default first where there is one.\n"
    for name, model in (("Chart", Chart), ("Panel", Panel), ("Source (data)", Source), ("Image", Image), ("Axis", Axis),
                        ("Channel", Channel)):  # fmt: skip
        yield f"- {name}: {_fields_of(model)}"
    yield f"- color channel, a Channel and: {_fields_of(ColorChannel, beside=Channel)}"
    yield f"- shade channel (heatmap, maps), a color channel and: {_fields_of(ShadeChannel, beside=ColorChannel)}"
    yield f"- Facet: {_fields_of(Facet)}"
    for note in (RuleNote, BandNote, TextNote, PointNote):
        yield f"- annotation {_fields_of(note)}"
    yield "\n## Kinds\n"
    yield "Every layer also takes name, data, transform, style {color, opacity, ...}. [c] marks a channel.\n"
    for kind, mark in KINDS.items():
        taken = set(channels(mark))
        shown = ", ".join(_field(one, channel=one.name in taken) for one in fields(mark) if one.name not in _COMMON)
        yield f"- {kind}: {shown}. {summary(mark)}"
    yield "\n## Transform steps\n"
    for step in STEPS.values():
        yield f"- {_fields_of(step)}. {summary(step)}"
    yield _EXAMPLES
    yield "\n## Expressions (filter, derive)\n"
    yield _EXPRESSIONS.format(functions=", ".join(function.form for function in FUNCTIONS.values()))
    yield "## Words\n"
    yield f"- aggregates: {', '.join(AGGREGATES)}"
    yield f"- units of time: {', '.join(UNITS)}"
    yield f"- formats: {', '.join(NUMBER_NAMES)}, currency:EUR, patterns such as ,.1f"
    yield f"- formats of dates: {', '.join(DATE_NAMES)}, %d %b %Y"
    yield f"- palettes: {', '.join(PALETTES)}, or a list of colours (#rrggbb, CSS names)"
    yield _LIMITS.format(limits=LIMITS)


def _fields_of(model: type[Model], *, beside: type[Model] | None = None) -> str:
    known = beside.model_fields if beside is not None else {}
    return ", ".join(_field(one) for one in fields(model) if one.name not in known)


def _field(one: Field, *, channel: bool = False) -> str:
    choices = [part.strip('`"') for part in one.takes.replace(" or ", ", ").split(", ")]
    closed = one.takes.startswith('`"') and "…" not in one.takes
    told = ""
    if closed and len(choices) == 1:
        told = f"={choices[0]}"
    elif closed and sum(map(len, choices)) <= _CHOICES:
        choices.sort(key=lambda choice: choice != one.default)
        told = f"({'|'.join(choices)})"
    return f"{one.name}{'*' if one.required else ''}{told}{' [c]' if channel else ''}"


_HEAD: Final = """# Figpress

> Figpress draws charts from JSON, off the request path, as PNG, WebP, SVG and PDF. A chart spec is declarative data.
> This page is the whole language in short; docs/language.md has it with every default and an example of each field.

## Asking for a picture

- POST /api/v1/spec/check {"spec": {...}}: errors with JSON pointers and suggestions, warnings, cost; nothing is drawn.
  Check first, mend what it names, then draw.
- POST /api/v1/charts {"spec": {...}, "formats": ["png"]} with `Authorization: Bearer TOKEN`; `Prefer: wait=10` waits
  for the picture. The answer names the chart, its job and its files.
- GET /api/v1/jobs/{id}: status queued, running, succeeded, failed or cancelled. GET /api/v1/charts/{id}/image.png
- GET /api/v1/spec/schema.json (JSON Schema 2020-12), /api/v1/spec/kinds, /api/v1/spec/kinds/bar.json (one kind, small)
- GET /api/v1/openapi.json: everything else.

## A chart

One layer, in short: fields of the chart and of the layer side by side.

    {"kind": "bar", "title": "Cups sold", "data": {"columns": {"day": ["Mon", "Tue"], "cups": [31, 28]}},
     "x": "day", "y": "sum(cups)", "labels": true, "axes": {"y": {"format": "compact"}}}

More layers: {"data": ..., "layers": [{"kind": "bar", ...}, {"kind": "line", "y_axis": "right", ...}]}.
More charts in one picture: {"panels": [{"layers": [...]}, ...], "arrange": "rows"}.

- A channel is "column", "agg(column)", "unit(column)", or an object {"field": ..., "agg": ..., "sort": "-y", ...}.
- Axis options live at axes.x, axes.y, axes.right, never at x. Colours of categories: color; one colour: style.color.
- Leave out what is not wanted: null is an error. Unknown fields are errors, with what may have been meant.
- Give a title that says the message. Alternative text is made by itself.
"""
_EXAMPLES: Final = """
    [{"filter": "price > 10"}, {"derive": {"rate": "orders / sessions"}},
     {"aggregate": {"total": "sum(price)", "n": "count()"}, "by": ["region"]},
     {"window": {"mean7": "mean(sold)"}, "by": ["shop"], "order": ["day"], "frame": [-6, 0]},
     {"top": {"country": 5}, "by": "sum(sales)", "other": "Others"}, {"sort": "-total"}]"""
_EXPRESSIONS: Final = """Columns by name (`odd names` in backticks), 'texts', numbers, true, false, null, $param;
+ - * / % **, = != < <= > >=, and, or, not, in [..], between a and b, is null. Functions: {functions}.
"""
_LIMITS: Final = """
## Limits

{limits.layers} layers, {limits.panels} panels, {limits.bars:,} bars, {limits.wedges} wedges, \
{limits.values:,} cells of data, {limits.side:,} pixels a side, \
{limits.legend_entries} legend entries, {limits.title_chars} characters of a title. \
More than eight colours cannot be told apart: use "top" and "other", or facets."""
