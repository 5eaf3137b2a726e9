"""Annotations: what an author writes on a chart to say what it shows. They stand at places of the axes, not of the
picture.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, ValidationInfo, model_validator

from renderer.spec.base import Model
from renderer.spec.errors import show
from renderer.spec.limits import LIMITS
from renderer.spec.scalars import NoteText, Scalar, limits_of, wrong
from renderer.spec.style import EdgeStyle, PointStyle, Style


class Note(Model):
    """What all annotations have. A place is a number, a date as in the data, the name of a category, or a parameter's
    value, such as "$since"."""

    text: NoteText | None = None
    """What is written at it; it never lies on other text."""
    y_axis: Literal["left", "right"] = "left"
    """The axis that y belongs to."""


class RuleNote(Note):
    """A line across the chart: at y from left to right, or at x from bottom to top."""

    kind: Literal["rule"]
    x: Scalar | None = None
    y: Scalar | None = None
    style: EdgeStyle | None = None

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if (self.x is None) == (self.y is None):
            wrong("a rule stands at one 'x' or at one 'y'", at="" if self.x is None else "y")
        return self


class BandNote(Note):
    """A shaded part of the chart: from x to x2, from y to y2, or both."""

    kind: Literal["band"]
    x: Scalar | None = None
    x2: Scalar | None = None
    """Its other end along x."""
    y: Scalar | None = None
    y2: Scalar | None = None
    """Its other end along y."""
    style: Style | None = None

    @model_validator(mode="after")
    def _both_ends(self) -> Self:
        if self.x is None and self.y is None and self.x2 is None and self.y2 is None:
            wrong("a band needs 'x' and 'x2', or 'y' and 'y2'")
        for first, second in (("x", "x2"), ("y", "y2")):
            if (getattr(self, first) is None) != (getattr(self, second) is None):
                given, missing = (first, second) if getattr(self, second) is None else (second, first)
                wrong(f"{show(missing)} is required beside {show(given)}: the other end of the band", at=missing)
        return self


class TextNote(Note):
    """Words around a place."""

    kind: Literal["text"]
    x: Scalar
    y: Scalar
    text: NoteText
    """The words; a line break begins another line."""
    style: Style | None = None


class PointNote(Note):
    """A ring around a place, with words beside it, or at the other end of an arrow."""

    kind: Literal["point"]
    x: Scalar
    y: Scalar
    arrow: bool = False
    """The words stand apart, where there is room, and an arrow leads from them to the place."""
    style: PointStyle | None = None

    @model_validator(mode="after")
    def _arrow_from_words(self) -> Self:
        if self.arrow and not self.text:
            wrong("an arrow leads from a 'text' to its place: give the text", at="arrow")
        return self


AnyNote = Annotated[RuleNote | BandNote | TextNote | PointNote, Field(discriminator="kind")]


def _count(value: Any, info: ValidationInfo) -> Any:
    most = limits_of(info).annotations
    if not isinstance(value, list | tuple):
        wrong(f"must be a list of annotations, not {show(value)}")
    if len(value) > most:
        wrong(f"holds at most {most} annotations, not {len(value)}")
    return value


Annotations = Annotated[
    tuple[AnyNote, ...],
    Field(strict=False, json_schema_extra={"maxItems": LIMITS.annotations}),
    BeforeValidator(_count),
]
