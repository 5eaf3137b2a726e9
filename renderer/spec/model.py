"""The chart: the whole of what one document of the language says. The parts stand in their own modules."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, ConfigDict, Field, PrivateAttr, ValidationInfo, model_validator
from pydantic.json_schema import JsonSchemaValue

from renderer.spec.annotation import Annotations
from renderer.spec.axis import Axes, Axis
from renderer.spec.base import Model
from renderer.spec.channel import Bin, Channel, ColorChannel
from renderer.spec.errors import SpecError, pointer, show
from renderer.spec.facet import Facet
from renderer.spec.limits import LIMITS, Limits
from renderer.spec.mark import Mark, XYMark
from renderer.spec.marks import AnyMark
from renderer.spec.scalars import (
    AltText,
    Background,
    Between,
    Checked,
    CurrencyCode,
    Freshness,
    LocaleName,
    Palette,
    Title,
    ZoneName,
    limits_of,
    wrong,
)
from renderer.spec.source import Source
from renderer.spec.style import Labels, LineStyle, PointStyle, Style
from renderer.spec.themes import ThemeName
from renderer.spec.transform import Params, Transform, params_read_clock, reads_clock

__all__ = [
    "AnyMark",
    "Axes",
    "Axis",
    "Bin",
    "Channel",
    "Chart",
    "ColorChannel",
    "Facet",
    "Image",
    "Labels",
    "LineStyle",
    "Mark",
    "Panel",
    "PointStyle",
    "Source",
    "Style",
    "XYMark",
]


def _count_layers(value: Any, info: ValidationInfo) -> Any:
    most = limits_of(info).layers
    if not isinstance(value, list | tuple):
        wrong(f"must be a list of layers, not {show(value)}")
    if not 1 <= len(value) <= most:
        wrong(f"holds from 1 to {most} layers, not {len(value)}")
    return value


Layers = Annotated[
    tuple[AnyMark, ...],
    Field(strict=False, json_schema_extra={"minItems": 1, "maxItems": LIMITS.layers}),
    BeforeValidator(_count_layers),
]


class _Side(Checked):
    """Pixels of one side. Its upper end is a limit that an operator may change."""

    least = 16

    def check(self, value: Any, limits: Limits) -> Any:
        return Between(self.least, limits.side).check(value, limits)

    def schema(self) -> JsonSchemaValue:
        return Between(self.least, LIMITS.side).schema()


Side = Annotated[int, _Side()]


class Image(Model):
    """The picture. Its file has exactly width x scale by height x scale pixels."""

    width: Side = 800
    """In CSS pixels."""
    height: Side = 500
    """In CSS pixels."""
    scale: Annotated[float, Between(0.5, 4.0)] = 2.0
    """Pixels of the file for each CSS pixel; 2 is sharp on most screens."""
    format: Literal["png", "webp", "svg", "pdf"] = "png"
    """Of the file, where whoever asks for the picture names none."""
    background: Background | None = None
    """A colour, or "transparent"; by default the theme's."""

    @property
    def pixels(self) -> tuple[int, int]:
        """Width and height of the file in pixels."""
        return round(self.width * self.scale), round(self.height * self.scale)

    @model_validator(mode="after")
    def _within_budget(self, info: ValidationInfo) -> Self:
        # The same for vector formats: viewers and previews turn them into pixels, and 1e6 x 1e6 breaks them.
        limits = limits_of(info)
        width, height = self.pixels
        for name, side in (("width", width), ("height", height)):
            if side > limits.side:
                by_scale = f" ({getattr(self, name)} x scale {self.scale:g})" if self.scale != 1 else ""
                wrong(f"a picture is at most {limits.side} pixels a side, not {side}{by_scale}", at=name)
        if width * height > limits.pixels:
            at = "scale" if self.width * self.height <= limits.pixels else "width"
            megapixels = f"{limits.pixels / 1e6:g}"
            wrong(f"a picture has at most {megapixels} million pixels, not {width} x {height}", at=at)
        return self


class Panel(Model):
    """One coordinate system with its layers."""

    title: Title | None = None
    """Above the panel."""
    weight: Annotated[float, Between(0.05, 20.0)] = 1.0
    """How high it is beside the other panels of a column, or how wide in a row of panels."""
    data: Source | None = None
    """The rows of all layers that bring none of their own."""
    transform: Transform = ()
    """What is done to the rows before the layers draw them."""
    layers: Layers
    """What is drawn, from back to front."""
    axes: Axes = Field(default_factory=Axes)
    annotations: Annotations = ()
    """What is written on it."""
    facet: Facet | None = None
    """Draw the panel once for each value of a column, inside its place."""


def _count_panels(value: Any, info: ValidationInfo) -> Any:
    most = limits_of(info).panels
    if not isinstance(value, list | tuple):
        wrong(f"must be a list of panels, not {show(value)}")
    if not 1 <= len(value) <= most:
        wrong(f"holds from 1 to {most} panels, not {len(value)}")
    return value


Panels = Annotated[
    tuple[Panel, ...],
    Field(strict=False, json_schema_extra={"minItems": 1, "maxItems": LIMITS.panels}),
    BeforeValidator(_count_panels),
]
Arrange = Literal["rows", "columns", "grid"]
PANELS_ONLY = ("layers", "panels", "arrange", "share_x")
"""What the short form of a chart has not: it is one layer."""


def _layers_or_panels(schema: JsonSchemaValue) -> None:
    """What JSON Schema can say of the two ways to write a chart."""
    for name in ("layers", "panels"):
        schema["properties"][name].pop("default", None)
    schema["oneOf"] = [{"required": ["layers"]}, {"required": ["panels"]}]


class Chart(Model):
    """One chart. `{"kind": ..., "x": ...}` beside the chart's own fields is short for a chart with one layer."""

    version: Literal[1] = 1
    title: Title | None = None
    """The message of the chart, in bold above it."""
    subtitle: Title | None = None
    caption: Title | None = None
    """Below the chart: the source of the data, a note."""
    alt: AltText | None = None
    """What the picture shows, for those who do not see it; made from the data if it is not given."""
    data: Source | None = None
    transform: Transform = ()
    """What is done to the rows before they are drawn, step by step."""
    params: Params = Field(default_factory=dict)
    """Values that expressions, limits of axes and places of annotations use as $name: {"since": "2026-01-01"}. A text
    that is wholly a call such as "ago('30d')" or "date_trunc('year', now())" is computed each time the chart is drawn,
    and so is any {"expression": ...}; {"value": ...} keeps a text that looks like a call as it is."""
    layers: Layers = ()
    """What is drawn, from back to front."""
    panels: Panels = ()
    """Instead of layers: several charts in one picture."""
    arrange: Arrange | None = None
    """How panels stand: below each other, beside each other, or in a grid."""
    share_x: bool = False
    """All panels have the same x axis, and it is labelled once."""
    axes: Axes = Field(default_factory=Axes)
    annotations: Annotations = ()
    """What is written on the chart."""
    facet: Facet | None = None
    """Draw the chart once for each value of a column."""
    image: Image = Field(default_factory=Image)
    theme: ThemeName = "light"
    """"light", "dark", or one that the operator made."""
    palette: Palette | None = None
    """The colours of the chart: a palette's name, or a list of colours."""
    locale: LocaleName = "en"
    """How numbers and dates are written, such as "de-CH"."""
    currency: CurrencyCode | None = None
    """The money that the format "currency" means, such as "EUR"."""
    timezone: ZoneName = "UTC"
    """The zone of the time axis, of units such as "day", and of dates in the data that name none."""
    stable_colors: bool = False
    """A series keeps its colour from one drawing of the chart to the next, whichever others come, go or change places.
    Colours that a channel's `map` or a diverging order gives are not touched by it."""
    sticky_axes: bool = False
    """An axis of numbers keeps its limits from one drawing to the next: it grows at once where data leave it, and
    shrinks only when they fill less than half of it."""
    on_empty: Literal["keep", "placeholder", "error"] = "error"
    """What to do when no rows are left to draw: "error" fails and names the source or step, "keep" leaves the picture
    that is there, "placeholder" draws a quiet "No data", also in place of a single panel."""
    freshness: Freshness | None = None
    """true writes "Data as of ..." below the chart, by the oldest of its named sources; a text with {time} or {date} in
    it says it in other words. Rows that stand in the document have no date."""

    model_config = ConfigDict(json_schema_extra=_layers_or_panels)

    _flat: bool = PrivateAttr(default=False)

    @property
    def flat(self) -> bool:
        """Whether the document was written in the short form for one layer."""
        return self._flat

    def panels_of(self) -> tuple[Panel, ...]:
        """The chart as panels: the layers of a chart without panels are one."""
        if self.panels:
            return self.panels
        one = Panel.model_construct(
            data=self.data,
            transform=self.transform,
            layers=self.layers,
            axes=self.axes,
            annotations=self.annotations,
            facet=self.facet,
        )
        return (one,)

    @property
    def reads_clock(self) -> bool:
        """Whether what is drawn depends on when it is drawn: an expression has now() or ago()."""
        levels: list[Chart | Panel | Mark] = [
            self,
            *self.panels_of(),
            *(mark for panel in self.panels_of() for mark in panel.layers),
        ]
        return params_read_clock(self.params) or any(reads_clock(level.transform) for level in levels)

    @property
    def named_sources(self) -> tuple[Source, ...]:
        """The sources whose rows come from outside of the document, wherever they stand in it."""
        return tuple(self.located_sources.values())

    @property
    def located_sources(self) -> dict[str, Source]:
        """The same, by their pointers: "/data", "/layers/0/data"."""
        return {at: source for at, source in self.every_source.items() if source.named}

    @property
    def every_source(self) -> dict[str, Source]:
        """All sources by their pointers, those whose rows stand in the document too."""
        levels: list[tuple[str, Chart | Panel | Mark]] = [("", self)]
        for number, panel in enumerate(self.panels_of()):
            if self.panels:
                levels.append((self.panel_pointer(number), panel))
            levels += [(self.layer_pointer(number, place), mark) for place, mark in enumerate(panel.layers)]
        return {f"{at}/data": level.data for at, level in levels if level.data is not None}

    def bears(self, error: SpecError) -> bool:
        """Whether nothing is wrong but that there are no rows, and the author has said what to do then."""
        return error.empty and self.on_empty != "error"

    def panel_pointer(self, panel: int) -> str:
        """Where the panel stands in the document as sent."""
        return pointer("panels", panel) if self.panels else ""

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        if self.panels and self.layers:
            wrong("give 'layers' for one chart, or 'panels' for several, not both", at="panels")
        if not self.panels:
            if not self.layers:
                wrong("'layers' is required: what is drawn")
            for name in ("arrange", "share_x"):
                if name in self.model_fields_set:
                    wrong(f"{show(name)} says how 'panels' stand, and there are none", at=name)
            return self
        for name in ("axes", "annotations"):
            if name in self.model_fields_set:
                wrong(f"each panel has its own: move {show(name)} to /panels/0/{name}", at=name)
        if self.facet is not None:
            wrong("each panel has its own: move 'facet' to /panels/0/facet", at="facet")
        if self.share_x:
            split = next((number for number, panel in enumerate(self.panels) if panel.facet is not None), None)
            if split is not None:
                wrong(f"panels with facets share no x with others; /panels/{split}/facet is one", at="share_x")
        return self

    @property
    def arranged(self) -> Arrange:
        """How the panels stand, where the author leaves it open: what shares x or has weights stands in rows."""
        if self.arrange is not None:
            return self.arrange
        return "rows" if self.share_x or any(panel.weight != 1.0 for panel in self.panels) else "grid"

    def layer_pointer(self, panel: int, layer: int) -> str:
        """Where a layer stands in the document as sent: "" in the short form, else "/layers/0"."""
        return self.panel_pointer(panel) + ("" if self._flat else pointer("layers", layer))
