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
from renderer.drawing import encode, figures
from renderer.drawing.draw import Drawing, draw

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from renderer.drawing.encode import Picture
    from renderer.recipe import Recipe


class FigureError(Exception):
    """A figure function failed. The message is a sentence for a person; the cause, for the operator, is chained."""


class Artwork(Protocol):
    """Something drawn, ready to be encoded."""

    alt: str
    warnings: tuple[str, ...]
    scale: float
    theme: str

    def encode(self, format: str, content_key: str) -> Picture:  # the field's word
        """The artwork as a file."""
        ...


class Material(Protocol):
    """A recipe with its data in hand."""

    def draw(self) -> Artwork:
        """Draw it."""
        ...


def load_material(recipe: Recipe) -> Material:
    """First step. Raises SpecError if the spec or its data are wrong, or the parameters do not fit the function."""
    if recipe.spec is not None:
        return SpecMaterial(load(spec.parse(recipe.spec)))
    figure = registry.get(recipe.figure)
    return FunctionMaterial(figure, figure.validate(recipe.params))


@dataclass(frozen=True, slots=True)
class SpecMaterial:
    """A chart spec with the rows of each of its layers."""

    loaded: LoadedChart

    def draw(self) -> Artwork:
        """Second step. Raises SpecError where a limit is found only with the data in hand."""
        chart = self.loaded.chart
        drawing = draw(self.loaded)
        return SpecArtwork(drawing, drawing.alt, drawing.warnings, chart.image.scale, chart.theme)


@dataclass(slots=True)
class SpecArtwork:
    """A drawn chart spec."""

    drawing: Drawing
    alt: str
    warnings: tuple[str, ...]
    scale: float
    theme: str

    def encode(self, format: str, content_key: str) -> Picture:
        """Third step."""
        metadata = encode.Metadata(title=self.drawing.title, alt=self.alt, content_key=content_key)
        return encode.encode(self.drawing, format, scale=self.scale, metadata=metadata)


@dataclass(frozen=True, slots=True)
class FunctionMaterial:
    """A figure function with its parameters. It reads its data while it draws."""

    function: registry.Figure
    params: Mapping[str, object]

    def draw(self) -> Artwork:
        """Second step. Raises FigureError if the function does, or returns a spec that is wrong."""
        canvas = figures.new_figure()
        try:
            with figures.style():
                returned = self.function.call(canvas, self.params)
        except (SoftTimeLimitExceeded, MemoryError, OperationalError, InterfaceError):
            raise  # a limit, or the database: not what the function means to say
        except (Exception, SystemExit, KeyboardInterrupt) as error:
            raise FigureError(f"The figure function {self.function.name} raised {type(error).__name__}.") from error
        if returned is None:
            return FigureArtwork(canvas, self.function.title)
        try:
            return SpecMaterial(load(spec.parse(returned))).draw()
        except spec.SpecError as error:
            raise FigureError(
                f"The figure function {self.function.name} returned a chart spec with an error: {error.problems[0]}"
            ) from error


@dataclass(slots=True)
class FigureArtwork:
    """A ``matplotlib.figure.Figure`` that a function drew on."""

    figure: Figure
    title: str
    alt: str = ""
    warnings: tuple[str, ...] = ()
    scale: float = figures.SCALE
    theme: str = "light"

    def __post_init__(self) -> None:
        self.alt = self.alt or figures.describe(self.figure) or self.title

    def encode(self, format: str, content_key: str) -> Picture:
        """Third step. What matplotlib warns of while it draws (missing glyphs, a layout that failed) is kept."""
        metadata = encode.Metadata(title=self.title, alt=self.alt, content_key=content_key)
        with figures.style():
            picture, warnings = encode.encode_figure(self.figure, format, metadata=metadata)
        self.warnings = tuple(dict.fromkeys((*self.warnings, *warnings)))
        return picture
