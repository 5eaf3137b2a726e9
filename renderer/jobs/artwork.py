"""From a recipe to pictures, in steps that the executor times: load; sketch and draw; encode.

A sketch knows all that decides the picture, so that one which would come out the same need not be drawn.

A chart spec goes through the drawing engine; a figure function draws on a ``Figure`` with all of matplotlib, or
returns a chart spec. Both come out as artwork that can be encoded in any format.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from billiard.common import terminate_handler_fired  # type: ignore[attr-defined]  # newer than its types
from celery.exceptions import SoftTimeLimitExceeded
from django.db.utils import InterfaceError, OperationalError
from django.utils import timezone

from renderer import registry, spec
from renderer.data.digest import digest
from renderer.data.resolve import LoadedChart, load
from renderer.data.supply import Supplier, data_key
from renderer.drawing import encode, figures
from renderer.drawing.draw import Drawing, draw, draw_empty
from renderer.drawing.freshness import freshness
from renderer.drawing.harmless import Harmful
from renderer.recipe import RASTER
from renderer.spec import themes as own
from renderer.spec.errors import SpecError
from renderer.spec.model import Chart
from renderer.storage import Output

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from renderer.recipe import Recipe


class FigureError(Exception):
    """A figure function failed. The message is a sentence for a person; the cause, for the operator, is chained."""


class Artwork(Protocol):
    """Something drawn in one theme, ready to be encoded."""

    alt: str
    warnings: tuple[str, ...]
    memory: Mapping[str, Any]
    """What the next drawing for the same target is to be given."""

    def encode(self, format: str, scale: float | None, content_key: str, *, with_thumbnail: bool = False) -> Output:
        """The artwork as a file. Without ``scale`` the artwork's own; vector formats have none."""
        ...


class Sketch(Protocol):
    """All that will be drawn in one theme, and nothing of it laid out yet."""

    @property
    def digest(self) -> str:
        """Beside the content key, all that decides the picture; "" where that is not known."""

    @property
    def keeps(self) -> bool:
        """Whether there are no rows, and the chart's author wants the picture that is there to stay."""

    def draw(self, memory: Mapping[str, Any]) -> Artwork:
        """Draw it; ``memory`` is what the drawing before left."""
        ...


class Material(Protocol):
    """A recipe with its data in hand."""

    @property
    def data_key(self) -> str:
        """Of the named data that were read, their versions; "" where there are none, or nobody knows."""

    def sketch(self, theme: str | None = None) -> Sketch:
        """Make it ready to be drawn, in its own theme or in another."""
        ...


def load_material(recipe: Recipe, supplier: Supplier) -> Material:
    """First step. Raises SourceAway; SpecError if the spec, its data or the function's parameters are wrong."""
    if recipe.spec is not None:
        return _load_spec(recipe.spec, supplier)
    figure = registry.get(recipe.figure)
    return FunctionMaterial(figure, figure.validate(recipe.params), supplier)


def _load_spec(document: object, supplier: Supplier) -> SpecMaterial | EmptyMaterial:
    chart = spec.parse(document)
    try:
        return SpecMaterial(load(chart, supplier=supplier))
    except SpecError as error:
        if not chart.bears(error):
            raise
        return EmptyMaterial(chart)


@dataclass(frozen=True)
class SpecMaterial:
    """A chart spec with the rows of each of its layers."""

    loaded: LoadedChart

    @property
    def data_key(self) -> str:
        """Of the versions that were read, which may be newer than those at the time of the ask."""
        return data_key({at: supply.version for at, supply in self.loaded.supplies.items()})

    @cached_property
    def digest(self) -> str:
        """Of the rows, and of the moment that the picture names."""
        return f"{digest(self.loaded)} {freshness(self.loaded.chart, self.loaded.as_of) or ''}"

    def sketch(self, theme: str | None = None) -> SpecSketch:
        """Second step: nothing is left to be done."""
        return SpecSketch(self.loaded, theme, self.digest)


@dataclass(frozen=True, slots=True)
class SpecSketch:
    """A chart spec with its rows, to be drawn in one theme."""

    loaded: LoadedChart
    theme: str | None
    digest: str
    keeps: bool = False

    def draw(self, memory: Mapping[str, Any]) -> SpecArtwork:
        """Third step. Raises SpecError where a limit is found only with the data in hand."""
        chart = self.loaded.chart
        drawing = draw(self.loaded, theme=self.theme, memory=memory)
        return SpecArtwork(
            drawing, drawing.alt, drawing.warnings, chart.image.scale, self.theme or chart.theme, drawing.memory
        )


@dataclass(frozen=True, slots=True)
class EmptyMaterial:
    """A chart spec that has no rows, and whose author has said what is to be done then."""

    chart: Chart
    data_key: str = ""

    def sketch(self, theme: str | None = None) -> EmptySketch:
        """Second step."""
        return EmptySketch(self.chart, theme, keeps=self.chart.on_empty == "keep")


@dataclass(frozen=True, slots=True)
class EmptySketch:
    """The picture of no rows. Its digest is the same as long as there are none: the picture says since when."""

    chart: Chart
    theme: str | None
    keeps: bool
    digest: str = "no rows"

    def draw(self, memory: Mapping[str, Any]) -> SpecArtwork:
        """Third step. What was remembered is for when there are rows again."""
        drawing = draw_empty(self.chart, since=timezone.now(), theme=self.theme)
        scale, theme = self.chart.image.scale, self.theme or self.chart.theme
        return SpecArtwork(drawing, drawing.alt, ("There were no rows to draw.",), scale, theme, memory)


@dataclass(slots=True)
class SpecArtwork:
    """A drawn chart spec."""

    drawing: Drawing
    alt: str
    warnings: tuple[str, ...]
    scale: float
    theme: str
    memory: Mapping[str, Any]

    def encode(self, format: str, scale: float | None, content_key: str, *, with_thumbnail: bool = False) -> Output:
        """Fourth step."""
        metadata = encode.Metadata(title=self.drawing.title, alt=self.alt, content_key=content_key)
        scale = (scale or self.scale) if format in RASTER else 1.0
        picture = encode.encode(self.drawing, format, scale=scale, metadata=metadata, with_thumbnail=with_thumbnail)
        return Output(picture, scale, self.theme)


@dataclass(frozen=True, slots=True)
class FunctionMaterial:
    """A figure function with its parameters. It reads its data while it draws."""

    function: registry.Figure
    params: Mapping[str, object]
    supplier: Supplier
    data_key: str = ""

    def sketch(self, theme: str | None = None) -> Sketch:
        """Second step. Raises FigureError if the function does, or returns a spec that is wrong."""
        canvas = figures.new_figure(theme or "light")
        try:
            with figures.style(theme or "light"):
                returned = self.function.call(canvas, self.params)
        except (SoftTimeLimitExceeded, MemoryError, OperationalError, InterfaceError):
            raise  # a limit, or the database: not what the function means to say
        except (Exception, SystemExit, KeyboardInterrupt) as error:
            if terminate_handler_fired():
                raise  # the worker shuts down and this is its signal: the job will be given back
            raise FigureError(f"The figure function {self.function.name} raised {type(error).__name__}.") from error
        if returned is None:
            return FigureSketch(canvas, self.function.title, theme or "light")
        with self._its_fault():
            sketch = _load_spec(returned, self.supplier).sketch(theme or "light")
            assert isinstance(returned, Mapping), "parse() takes nothing else"
            return ReturnedSketch(sketch, f"{sketch.digest} {_digest_of(returned)}", sketch.keeps, self)

    @contextmanager
    def _its_fault(self) -> Iterator[None]:
        """What is wrong with a spec that the function returned is the function's error."""
        try:
            yield
        except SpecError as error:
            raise FigureError(
                f"The figure function {self.function.name} returned a chart spec with an error: {error.problems[0]}"
            ) from error


@dataclass(frozen=True, slots=True)
class ReturnedSketch:
    """A chart spec that a function has returned. The content key knows the function; the digest also the spec."""

    sketch: SpecSketch | EmptySketch
    digest: str
    keeps: bool
    by: FunctionMaterial

    def draw(self, memory: Mapping[str, Any]) -> Artwork:
        """Third step. Raises FigureError where a limit is found only with the data in hand."""
        with self.by._its_fault():
            return self.sketch.draw(memory)


def _digest_of(document: Mapping[str, Any]) -> str:
    """Of a spec without its rows, which are digested as they are drawn, and of the operator's file for its theme."""
    theme = own.catalogue.get(str(document.get("theme", "")))
    said = json.dumps(_without_rows(document), sort_keys=True, default=str)
    return hashlib.sha256(f"{theme.digest if theme else ''} {said}".encode()).hexdigest()


def _without_rows(part: Any) -> Any:
    if isinstance(part, Mapping):
        return {name: _without_rows(value) for name, value in part.items() if name != "data"}
    return [_without_rows(item) for item in part] if isinstance(part, list | tuple) else part


@dataclass(frozen=True, slots=True)
class FigureSketch:
    """A ``matplotlib.figure.Figure`` that a function drew on: it is too late to ask whether anything changed."""

    figure: Figure
    title: str
    theme: str
    digest: str = ""
    keeps: bool = False

    def draw(self, memory: Mapping[str, Any]) -> FigureArtwork:
        """Third step: nothing is left to be done."""
        return FigureArtwork(self.figure, self.title, self.theme)


@dataclass(slots=True)
class FigureArtwork:
    """A ``matplotlib.figure.Figure`` that a function drew on."""

    figure: Figure
    title: str
    theme: str
    alt: str = ""
    warnings: tuple[str, ...] = ()
    memory: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.alt = self.alt or figures.describe(self.figure) or self.title

    def encode(self, format: str, scale: float | None, content_key: str, *, with_thumbnail: bool = False) -> Output:
        """Fourth step. What matplotlib warns of while it draws (missing glyphs, a layout that failed) is kept."""
        metadata = encode.Metadata(title=self.title, alt=self.alt, content_key=content_key)
        scale = (scale or figures.SCALE) if format in RASTER else 1.0
        figures.set_scale(self.figure, scale)
        with figures.style(self.theme):
            try:
                picture, warnings = encode.encode_figure(
                    self.figure, format, metadata=metadata, with_thumbnail=with_thumbnail
                )
            except Harmful as error:  # a link, for one: nobody should follow it out of a picture
                raise FigureError(f"The figure's SVG does more than draw: {error}.") from error
        self.warnings = tuple(dict.fromkeys((*self.warnings, *warnings)))
        return Output(picture, scale, self.theme)
