"""From a recipe to pictures, in three steps that the executor times: load, draw, encode.

A chart spec goes through the drawing engine; a figure function draws on a ``Figure`` with all of matplotlib, or
returns a chart spec. Both come out as artwork that can be encoded in any format.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from celery.exceptions import SoftTimeLimitExceeded
from django.db.utils import InterfaceError, OperationalError

from renderer import registry, spec
from renderer.data.resolve import LoadedChart, load
from renderer.data.supply import Supplier, data_key
from renderer.drawing import encode, figures
from renderer.drawing.draw import Drawing, draw
from renderer.recipe import RASTER
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

    def encode(self, format: str, scale: float | None, content_key: str) -> Output:
        """The artwork as a file. Without ``scale`` the artwork's own; vector formats have none."""
        ...


class Material(Protocol):
    """A recipe with its data in hand."""

    @property
    def data_key(self) -> str:
        """What data it shows, of those that are named and may change; "" where there are none, or nobody knows."""
        ...

    def draw(self, theme: str | None = None) -> Artwork:
        """Draw it, in its own theme or in another."""
        ...


def load_material(recipe: Recipe, supplier: Supplier) -> Material:
    """First step. Raises SourceAway; SpecError if the spec, its data or the function's parameters are wrong."""
    if recipe.spec is not None:
        return SpecMaterial(load(spec.parse(recipe.spec), supplier=supplier))
    figure = registry.get(recipe.figure)
    return FunctionMaterial(figure, figure.validate(recipe.params), supplier)


@dataclass(frozen=True, slots=True)
class SpecMaterial:
    """A chart spec with the rows of each of its layers."""

    loaded: LoadedChart

    @property
    def data_key(self) -> str:
        """Of the versions that were read, which may be newer than those at the time of the ask."""
        return data_key({at: supply.version for at, supply in self.loaded.supplies.items()})

    def draw(self, theme: str | None = None) -> Artwork:
        """Second step. Raises SpecError where a limit is found only with the data in hand."""
        chart = self.loaded.chart
        drawing = draw(self.loaded, theme=theme)
        return SpecArtwork(drawing, drawing.alt, drawing.warnings, chart.image.scale, theme or chart.theme)


@dataclass(slots=True)
class SpecArtwork:
    """A drawn chart spec."""

    drawing: Drawing
    alt: str
    warnings: tuple[str, ...]
    scale: float
    theme: str

    def encode(self, format: str, scale: float | None, content_key: str) -> Output:
        """Third step."""
        metadata = encode.Metadata(title=self.drawing.title, alt=self.alt, content_key=content_key)
        scale = (scale or self.scale) if format in RASTER else 1.0
        return Output(encode.encode(self.drawing, format, scale=scale, metadata=metadata), scale, self.theme)


@dataclass(frozen=True, slots=True)
class FunctionMaterial:
    """A figure function with its parameters. It reads its data while it draws."""

    function: registry.Figure
    params: Mapping[str, object]
    supplier: Supplier
    data_key: str = ""

    def draw(self, theme: str | None = None) -> Artwork:
        """Second step. Raises FigureError if the function does, or returns a spec that is wrong."""
        theme = theme or "light"
        canvas = figures.new_figure(theme)
        try:
            with figures.style(theme):
                returned = self.function.call(canvas, self.params)
        except (SoftTimeLimitExceeded, MemoryError, OperationalError, InterfaceError):
            raise  # a limit, or the database: not what the function means to say
        except (Exception, SystemExit, KeyboardInterrupt) as error:
            raise FigureError(f"The figure function {self.function.name} raised {type(error).__name__}.") from error
        if returned is None:
            return FigureArtwork(canvas, self.function.title, theme)
        try:
            return SpecMaterial(load(spec.parse(returned), supplier=self.supplier)).draw(theme)
        except spec.SpecError as error:
            raise FigureError(
                f"The figure function {self.function.name} returned a chart spec with an error: {error.problems[0]}"
            ) from error


@dataclass(slots=True)
class FigureArtwork:
    """A ``matplotlib.figure.Figure`` that a function drew on."""

    figure: Figure
    title: str
    theme: str
    alt: str = ""
    warnings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self.alt = self.alt or figures.describe(self.figure) or self.title

    def encode(self, format: str, scale: float | None, content_key: str) -> Output:
        """Third step. What matplotlib warns of while it draws (missing glyphs, a layout that failed) is kept."""
        metadata = encode.Metadata(title=self.title, alt=self.alt, content_key=content_key)
        scale = (scale or figures.SCALE) if format in RASTER else 1.0
        figures.set_scale(self.figure, scale)
        with figures.style(self.theme):
            picture, warnings = encode.encode_figure(self.figure, format, metadata=metadata)
        self.warnings = tuple(dict.fromkeys((*self.warnings, *warnings)))
        return Output(picture, scale, self.theme)
