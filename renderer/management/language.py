"""The page on the language: made from the models and from the examples, so that it says what is so."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, get_args

from renderer.drawing.writing import writer
from renderer.management.pictures import about
from renderer.spec import annotation, axis, channel, facet, measures, model, shade, source, style, transform
from renderer.spec import parse as parse_chart
from renderer.spec.base import Model
from renderer.spec.colors import CATEGORICAL_PALETTES, DIVERGING_PALETTES, SEQUENTIAL_PALETTES
from renderer.spec.formats import DATE_NAMES
from renderer.spec.limits import LIMITS
from renderer.spec.marks import KINDS
from renderer.spec.model import Chart
from renderer.spec.reference import Field, channels, fields, models_of, required, short_forms, summary
from renderer.spec.uncertainty import Uncertainty

_WIDTH: Final = 110  # of a line of JSON
_LONGEST: Final = 64  # characters of an example that stands in a table
_PLACES: Final = ("name", "data", "transform", "y_axis")  # what all layers have, told once
_STEPS: Final = tuple(transform.STEPS.values())
_NOTES: Final = (annotation.RuleNote, annotation.BandNote, annotation.TextNote, annotation.PointNote)


@dataclass(frozen=True, slots=True)
class Used:
    """The value of a field in one of the examples."""

    value: Any
    file: Path


Examples = Mapping[tuple[type[Model], str], Used]
"""One for each field, by the class that has it."""


# Examples -------------------------------------------------------------------------------------------------------------


def used(files: Iterable[Path]) -> Examples:
    """The shortest example of each field. A field that is inherited is everybody's: its class is the first with it."""
    found: dict[tuple[type[Model], str], Used] = {}
    for file in files:
        document = json.loads(file.read_text(encoding="utf-8"))
        chart = parse_chart(document)
        parts: list[tuple[Model, Any]] = [(chart, document)]
        if chart.flat:
            own = {name: value for name, value in document.items() if name in Chart.model_fields}
            parts = [(chart, own), (chart.layers[0], document)]
        for part, sent in parts:
            for of, name, value in _fields_used(part, sent):
                known = found.get((of, name))
                if known is None or _worth(value) < _worth(known.value):
                    found[of, name] = Used(value, file)
    return found


def _worth(value: Any) -> tuple[bool, int]:
    """The order of examples: short ones first, but nothing empty."""
    return value in ("", [], {}), len(json.dumps(value))


def _fields_used(part: Any, sent: Any) -> Iterator[tuple[type[Model], str, Any]]:
    if isinstance(part, Model) and isinstance(sent, dict):
        for name, info in type(part).model_fields.items():
            named = info.alias or name
            if named in sent:
                yield home_of(type(part), name), named, sent[named]
                yield from _fields_used(getattr(part, name), sent[named])
    elif isinstance(part, tuple) and isinstance(sent, list):
        for one, one_sent in zip(part, sent, strict=False):
            yield from _fields_used(one, one_sent)
    elif isinstance(part, dict) and isinstance(sent, dict):
        for name, one in part.items():
            yield from _fields_used(one, sent.get(name))


def home_of(cls: type[Model], name: str) -> type[Model]:
    """The class that declares a field."""
    return next(one for one in cls.__mro__ if name in vars(one).get("__annotations__", {}))


def example_of(examples: Examples, cls: type[Model], name: str) -> Used | None:
    """The example of a field: that of its class, or of a field of the same name that takes the same."""
    info = cls.model_fields[name]
    named = info.alias or name
    found = examples.get((home_of(cls, name), named))
    if found is None:
        alike = [(of, used) for (of, field), used in examples.items() if field == named and name in of.model_fields]
        found = next((used for of, used in alike if models_of(of.model_fields[name]) == models_of(info) != []), None)
    return found


def without_example(examples: Examples) -> list[str]:
    """The fields that are in no example."""
    return [
        f"{cls.__name__}.{name}"
        for cls in all_models()
        for name in cls.model_fields
        if name != "kind" and example_of(examples, cls, name) is None
    ]


def all_models() -> list[type[Model]]:
    """Every object that may stand in a document."""
    found: dict[type[Model], None] = {}

    def collect(cls: type[Model]) -> None:
        if cls not in found:
            found[cls] = None
            for info in cls.model_fields.values():
                for other in models_of(info):
                    collect(other)

    roots: list[type[Model]] = [Chart, *KINDS.values()]
    for cls in roots:
        collect(cls)
    return list(found)


# The page -------------------------------------------------------------------------------------------------------------


def page(specs: Path, small: Path, docs: Path) -> str:
    """docs/language.md. `specs` are the gallery's examples, `small` those that are only for this page."""
    files = [*sorted(small.glob("*.json")), *sorted(specs.glob("*.json"))]
    writes = _Page(used(files), specs, small, docs)
    return "\n".join(writes.all()) + "\n"


class _Page:
    def __init__(self, examples: Examples, specs: Path, small: Path, docs: Path) -> None:
        self.examples = examples
        self.specs = specs
        self.small = small
        self.docs = docs
        self.anchors = dict(self._anchors())

    def _anchors(self) -> Iterator[tuple[str, str]]:
        """Where each object is told of."""
        for cls in all_models():
            yield cls.__name__, cls.__name__.lower()
        for kind, cls in KINDS.items():
            yield cls.__name__, kind
        yield from {"Layer": "layers", "Annotation": "annotations"}.items()
        yield from {"Steps": "steps", "Color": "colours", "Background": "colours", "Palette": "palettes"}.items()
        yield from ((cls.__name__, cls.verb) for cls in _STEPS)
        yield from ((cls.__name__, "style") for cls in all_models() if issubclass(cls, style.Style))
        yield from ((cls.__name__, get_args(cls.model_fields["kind"].annotation)[0] + "-annotation") for cls in _NOTES)

    def all(self) -> Iterator[str]:
        yield _INTRODUCTION.format(
            kinds=len(KINDS), schema="/api/v1/spec/schema.json", short=self._file("short.json"), layers=_LAYERS
        )
        yield from self._contents()
        yield from self._catalogue()
        yield from self._section("Chart", Chart, "chart.json", leave_out=("layers", "panels", "arrange", "share_x"))
        yield from self._section("Panel", model.Panel, "panels.json", before=_PANELS, also=self._of_panels())
        yield from self._section("Image", model.Image)
        yield from self._section("Source", source.Source, "source-dataset.json", before=_SOURCE)
        yield from self._section("Axes", axis.Axes)
        yield from self._section("Axis", axis.Axis, "axes.json")
        yield from self._section("Channel", channel.Channel, "channel.json", before=_channel_words())
        yield from self._section("Bin", channel.Bin, level=3)
        yield from self._section("ColorChannel", channel.ColorChannel, level=3, before=_COLOR_CHANNEL)
        yield from self._section("ShadeChannel", shade.ShadeChannel, "shade.json", level=3, before=_SHADE_CHANNEL)
        yield from self._layers()
        yield from self._steps()
        yield from self._style()
        yield from self._section("Labels", style.Labels)
        yield from self._section("CellLabels", style.CellLabels, level=3)
        yield from self._section("Uncertainty", Uncertainty, "error.json")
        yield from self._section("Facet", facet.Facet, "facet.json", before=_FACET)
        yield from self._annotations()
        yield from _formats()
        yield from _colors()
        yield _ERRORS

    def _contents(self) -> Iterator[str]:
        yield "## Contents\n"
        parts = [
            ("Kinds", "kinds"), ("Chart", "chart"), ("Panel", "panel"), ("Image", "image"), ("Source", "source"),
            ("Axes", "axes"), ("Channel", "channel"), ("Layers", "layers"), ("Steps", "steps"), ("Style", "style"),
            ("Labels", "labels"), ("Uncertainty", "uncertainty"), ("Facet", "facet"), ("Annotations", "annotations"),
            ("Formats", "formats"), ("Colours", "colours"), ("Palettes", "palettes"), ("Errors", "errors"),
        ]  # fmt: skip
        yield " · ".join(f"[{name}](#{anchor})" for name, anchor in parts)

    def _catalogue(self) -> Iterator[str]:
        yield "\n## Kinds\n"
        yield "What each shows, and the channels it takes; those in bold it cannot do without.\n"
        yield "| Kind | What it shows | Channels |\n|---|---|---|"
        for kind, cls in KINDS.items():
            needs = set(required(cls))
            taken = ", ".join(f"**{name}**" if name in needs else name for name in channels(cls))
            yield f"| [{kind}](#{kind}) | {_cell(about(kind))} | {taken} |"

    def _file(self, name: str) -> str:
        return pretty(json.loads((self.small / name).read_text(encoding="utf-8")))

    def _section(
        self,
        title: str,
        cls: type[Model],
        example: str = "",
        *,
        level: int = 2,
        before: str = "",
        leave_out: Sequence[str] = (),
        also: str = "",
    ) -> Iterator[str]:
        yield f"\n{'#' * level} {title}\n"
        yield _sentence(summary(cls))
        if (forms := short_forms(cls)) and not issubclass(cls, channel.Channel):
            yield f"\nIn short: {forms}."
        if before:
            yield f"\n{before}"
        yield from self._table(cls, [f for f in self._own(cls) if f.name not in leave_out])
        if also:
            yield also
        if example:
            yield f"\n```json\n{self._file(example)}\n```"

    def _own(self, cls: type[Model]) -> list[Field]:
        """The fields that are not those of the object that it extends, which has a table of its own."""
        told = next((base for base in cls.__mro__[1:] if base in (channel.Channel, channel.ColorChannel)), None)
        inherited = set(told.model_fields) if told is not None and issubclass(told, Model) else set()
        return [one for one in fields(cls) if one.name not in inherited]

    def _table(self, cls: type[Model], rows: Sequence[Field]) -> Iterator[str]:
        if not rows:
            return
        yield "\n| Field | Takes | By default | What it says | Example |\n|---|---|---|---|---|"
        for row in rows:
            name = f"**{row.name}**" if row.required else row.name
            default = "required" if row.required else _default(row.default)
            told = _cell(row.says) or _PLAIN.get(row.name, "")
            yield f"| {name} | {self._linked(row.takes)} | {default} | {told} | {self._example(cls, row.name)} |"

    def _linked(self, takes: str) -> str:
        """With links in place of the names in brackets."""
        text = _cell(takes)
        for name, anchor in self.anchors.items():
            text = text.replace(f"[{name}]", f"[{_words(name)}](#{anchor})")
        return text

    def _example(self, cls: type[Model], name: str) -> str:
        field = next(n for n, info in cls.model_fields.items() if (info.alias or n) == name)
        found = example_of(self.examples, cls, field)
        if found is None:
            raise LookupError(f"{cls.__name__}.{name} is in no example: add it to one of {self.small}")
        text = json.dumps(found.value, ensure_ascii=False)
        if len(text) <= _LONGEST:
            return f"`{_cell(text)}`"
        return f"[{found.file.name}](../{found.file.relative_to(self.docs.parent).as_posix()})"

    def _of_panels(self) -> str:
        rows = [one for one in fields(Chart) if one.name in ("layers", "panels", "arrange", "share_x")]
        return "\n".join(("\nA chart has either layers or panels:", *self._table(Chart, rows)))

    def _layers(self) -> Iterator[str]:
        yield "\n## Layers\n"
        yield _LAYER_WORDS
        common = [one for one in fields(KINDS["line"]) if one.name in _PLACES]
        yield from self._table(KINDS["line"], common)
        helpers: dict[type[Model], None] = {}
        for kind, cls in KINDS.items():
            yield f"\n### {kind}\n"
            yield _sentence(summary(cls))
            yield from self._table(cls, [one for one in fields(cls) if one.name not in (*_PLACES, "kind")])
            yield f"\n{self._pictures(kind)}"
            for info in cls.model_fields.values():
                helpers |= dict.fromkeys(
                    one
                    for one in models_of(info)
                    if one.__module__ == cls.__module__ and not issubclass(one, style.Style)
                )
            for helper in [one for one in helpers if one.__module__ == cls.__module__]:
                yield from self._section(helper.__name__, helper, level=4)

    def _pictures(self, kind: str) -> str:
        files = sorted(self.specs.glob(f"{kind}-*.json"))
        links = [f"[{file.stem}](../{file.relative_to(self.docs.parent).as_posix()})" for file in files]
        return f"Examples: {', '.join(links)}; [how they look](gallery/README.md#{kind})."

    def _steps(self) -> Iterator[str]:
        yield "\n## Steps\n"
        yield _STEP_WORDS
        for cls in _STEPS:
            yield from self._section(cls.verb, cls, f"{cls.verb}.json", level=3)
        yield from self._section("Measure", measures.Measure, level=3)
        yield from self._section("WindowMeasure", measures.WindowMeasure, level=3)

    def _style(self) -> Iterator[str]:
        yield "\n## Style\n"
        yield (
            "How marks look. Which of these a layer takes stands under *Of*: no option is accepted where it does\n"
            "nothing.\n"
        )
        classes = [cls for cls in all_models() if issubclass(cls, style.Style)]
        yield "| Field | Takes | Example | Of |\n|---|---|---|---|"
        names = dict.fromkeys(one.name for cls in classes for one in fields(cls))
        for name in names:
            having = [cls for cls in classes if name in cls.model_fields]
            of = [
                kind
                for kind, mark in KINDS.items()
                if any(cls in having for cls in models_of(mark.model_fields["style"]))
            ]
            first = having[0]
            takes = dict.fromkeys(one.takes for cls in having for one in fields(cls) if one.name == name)
            everywhere = len(of) > len(KINDS) - 3
            shown = "all" if everywhere else ", ".join(of)
            yield f"| {name} | {self._linked(' or '.join(takes))} | {self._example(first, name)} | {shown} |"

    def _annotations(self) -> Iterator[str]:
        yield "\n## Annotations\n"
        yield _ANNOTATION_WORDS
        for cls in _NOTES:
            kind = get_args(cls.model_fields["kind"].annotation)[0]
            yield from self._section(f"{kind} annotation", cls, level=3)
        yield f"\n```json\n{self._file('annotations.json')}\n```"


def pretty(value: Any, before: str = "", used: int = 0) -> str:
    """JSON as a person writes it: on one line what fits on one. `used` are the characters before it on its line."""
    line = json.dumps(value, ensure_ascii=False)
    if len(before) + used + len(line) <= _WIDTH or not isinstance(value, dict | list) or not value:
        return line
    inner = before + "  "
    if isinstance(value, dict):
        parts = [f"{json.dumps(key)}: {pretty(part, inner, len(key) + 4)}" for key, part in value.items()]
    else:
        parts = [pretty(part, inner) for part in value]
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    return f"{opening}\n" + ",\n".join(inner + part for part in parts) + f"\n{before}{closing}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _sentence(text: str) -> str:
    return text if text.endswith((".", "...")) else f"{text}."


def _words(name: str) -> str:
    """'ColorChannel' as 'color channel'; the names of styles are one word."""
    if name.endswith("Style"):
        return "style"
    spaced = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name)
    return {"e c d f": "ecdf", "histogram2 d": "histogram2d"}.get(spaced.strip(), spaced.strip())


def _default(value: Any) -> str:
    if value is None or value in ((), {}) or isinstance(value, Model):
        return ""
    return f"`{json.dumps(value)}`"


_PLAIN: Final = {
    "x": "Along x.", "y": "Along y.", "color": "By colour.", "kind": "What it is.", "title": "Its title.",
    "subtitle": "Below the title.", "version": "Of the language.", "scale": "How places follow from values.",
    "min": "The least.", "max": "The most.", "format": "How values are written.", "data": "The rows.",
    "axes": "Scales, limits, ticks, titles.", "image": "Size and format of the picture.", "style": "The look.",
    "shape": "The shape.", "dash": "Of the line.", "marker": "Of points.", "locale": "The language of numbers.",
}  # fmt: skip
"""For fields that speak for themselves."""

_LAYERS: Final = """{
  "data": {"columns": {"day": ["Mon", "Tue", "Wed"], "cups": [31, 28, 44], "goal": [30, 30, 40]}},
  "layers": [
    {"kind": "bar", "x": "day", "y": "cups"},
    {"kind": "line", "x": "day", "y": "goal", "name": "Goal"}
  ]
}"""
_INTRODUCTION: Final = """# The chart language

<!-- Made by `python manage.py language --write` from the models and the examples: change those. -->

A chart is a JSON object that says what is to be seen: which columns, as which kind of shape, on which axes. It is data
and never code. This page has every object and every field. Expressions and what transforms do with rows:
[expressions.md](expressions.md). How the {kinds} kinds look: [the gallery](gallery/README.md). For editors and programs
there is a JSON Schema at `{schema}`, and one of each kind at `/api/v1/spec/kinds/bar.json`; for Python
[charts.md](charts.md).

A chart of one layer is written in short: the fields of the chart and of its layer stand side by side.

```json
{short}
```

A chart of more layers names them; they are drawn from back to front. A chart of [panels](#panel) holds several such
charts.

```json
{layers}
```

In the tables a field in bold must be given. What may be left out is left out: `null` is no value. Where nothing stands
under *By default*, what happens depends on the data, or nothing does.
"""
_PANELS: Final = """Panels stand below each other (`rows`), beside each other (`columns`), or in a `grid`. Rows that all
panels read are given once, on the chart. A panel with a [facet](#facet) is itself split."""
_SOURCE: Final = """Rows stand in the document (`values`, `columns`, `rows` with `header`, `csv`), or they are named
(`dataset`, `url`, `database`) and read when the chart is drawn. Exactly one of these is given."""
_COLOR_CHANNEL: Final = "A [channel](#channel), with all its options, and these:"
_SHADE_CHANNEL: Final = "A [color channel](#colorchannel), with all its options, and these:"
_FACET: Final = """Give `field`, whose panels stand in rows that wrap, or `columns` and `rows`, or one of the two."""
_LAYER_WORDS: Final = """A layer has a `kind`, its channels, its options, and what all layers have:"""
_STEP_WORDS: Final = """A `transform` is a list of steps; each has one verb. What they do with rows, and the
expressions of `filter` and `derive`, is told in [expressions.md](expressions.md)."""
_ANNOTATION_WORDS: Final = """What an author writes on a chart. Places are those of the axes: numbers, dates, names of
categories. Words look for a place where they lie on nothing else."""
_ERRORS: Final = """
## Errors

All that is wrong is said at once, each problem at its JSON pointer into what was sent, with what may have been meant:
`/hue: unknown field 'hue'; did you mean 'color'?`. When the form is right, the columns are looked at:
`/x: no column 'revnue'; did you mean 'revenue'?`. `POST /api/v1/spec/check` answers both, with warnings and what the
drawing would cost, and draws nothing ([http.md](http.md)).
"""


def _channel_words() -> str:
    aggregates = ", ".join(f"`{name}`" for name in channel.AGGREGATES)
    units = ", ".join(f"`{name}`" for name in channel.UNITS if name not in channel.CYCLES)
    cycles = ", ".join(f"`{name}`" for name in channel.CYCLES)
    return (
        f'`"sum(revenue)"` is short for `{{"agg": "sum", "field": "revenue"}}`, and `"month(day)"` for\n'
        f'`{{"unit": "month", "field": "day"}}`. A column whose name really is `sum(revenue)` wins over the short\n'
        f"form; the object is always plain.\n\nAggregates: {aggregates}. `count()` needs no column.\n\n"
        f"Units: {units}; {cycles} come round again, and their values are\ncategories in the order of the calendar."
    )


def _formats() -> Iterator[str]:
    """Formats by what they make of a number or a date, as the drawing writes them."""
    write = writer("en", "EUR", "UTC")
    yield "\n## Formats\n"
    yield (
        "A name, or a pattern as in Python and d3 (`,.1f`); for dates a name, or directives such as `%d %b %Y`.\n"
        "Numbers, money and dates are written as the chart's `locale` does.\n"
    )
    yield "| Format | Writes |\n|---|---|"
    numbers = (
        ("auto", 12345.678), ("compact", 1_234_567.0), ("percent", 0.256), ("currency", 1234.5),
        ("currency:USD", 1234.5), ("currency:EUR compact", 1_234_567.0), ("si", 0.000_012), ("bytes", 3_500_000.0),
        ("duration", 3725.0),
        ("ordinal", 3.0), (",.1f", 12345.678), ("+.0f", 12.0), (".2~f", 1.5), ("05d", 42.0), (".1%", 0.256),
        (".3s", 1_234_567.0),
    )  # fmt: skip
    for name, number in numbers:
        yield f"| `{name}` | {number:.6g} as `{write.number(number, name)}` |"
    moment = 20_454.5625  # days since 1970: 2026-01-01, 13:30
    for name in (*DATE_NAMES, "%d %b %Y", "%H:%M"):
        yield f"| `{name}` | `{write.dates([moment], name)[0]}` |"


def _colors() -> Iterator[str]:
    yield "\n## Colours\n"
    yield (
        "`#rrggbb`, `#rgb`, with two or one more digits for opacity, or a CSS name such as `teal`. A background may\n"
        "also be `transparent`."
    )
    yield "\n## Palettes\n"
    yield "A name, or a list of 1 to 20 colours.\n"
    for what, names in (
        ("Categories", CATEGORICAL_PALETTES),
        ("Amounts from little to much", SEQUENTIAL_PALETTES),
        ("Amounts around a middle", DIVERGING_PALETTES),
    ):
        yield f"- {what}: {', '.join(f'`{name}`' for name in names)}."
    yield (
        f"\nMore than {LIMITS.legend_entries} colours cannot be explained, and more than eight can hardly be told"
        " apart: keep the largest with\n`top` and `other`, or use [facets](#facet)."
    )
