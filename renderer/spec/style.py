"""How marks look: one style object for each family of marks, so that no option is accepted where it does nothing."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator

from renderer.spec.base import Model
from renderer.spec.scalars import Between, Color, FormatText, wrong

Dash = Literal["solid", "dashed", "dotted", "dashdot"]
Hatch = Literal["stripes", "back_stripes", "horizontal", "vertical", "grid", "crossed", "dots"]
Marker = Literal["circle", "square", "diamond", "triangle", "triangle_down", "cross", "plus", "star"]


class Style(Model):
    """The look of filled marks."""

    color: Color | None = None
    """The one colour of the layer, where no color channel gives it."""
    opacity: Annotated[float, Between(0.0, 1.0)] | None = None
    """From 0 (invisible) to 1."""


class FillStyle(Style):
    """The look of bars."""

    hatch: Hatch | None = None
    """Lines drawn over the fill, so that layers are told apart without their colour."""


class CurveStyle(Style):
    """The look of curves without markers, and of what they enclose."""

    width: Annotated[float, Between(0.25, 20.0)] | None = None
    """In CSS pixels."""
    dash: Dash | None = None


class EdgeStyle(Style):
    """The look of filled marks with a line along their edge."""

    width: Annotated[float, Between(0.25, 20.0)] | None = None
    """Of the line, in CSS pixels."""
    dash: Dash | None = None
    """Of the line."""


class PointStyle(Style):
    """The look of points."""

    marker: Marker | None = None
    size: Annotated[float, Between(1.0, 50.0)] | None = None
    """Diameter of a marker in CSS pixels."""


class LineStyle(PointStyle):
    """The look of lines and of the markers on them."""

    width: Annotated[float, Between(0.25, 20.0)] | None = None
    """In CSS pixels."""
    dash: Dash | None = None


class Labels(Model):
    """Values written beside the marks."""

    format: FormatText | None = None
    """How they are written; by default as the axis writes them."""
    position: Literal["auto", "inside", "outside"] = "auto"
    """"auto": inside where they fit, else outside, else not at all."""


def _read_labels(value: Any) -> Any:
    if isinstance(value, bool):
        return {} if value else None
    if not isinstance(value, dict | Labels):
        wrong('must be true, false or an object such as {"format": "compact"}')
    return value


LabelsOption = Annotated[Labels | None, BeforeValidator(_read_labels, json_schema_input_type=bool | Labels)]
"""true, false, or an object."""


class CellLabels(Model):
    """Values written into cells, in ink that stands out from the cell."""

    show: Literal["auto", "always", "never"] = "auto"
    """"auto": where all of them fit; "always": in each cell that has room."""
    format: FormatText | None = None
    """How they are written; by default as the colour's format says."""


def _read_cell_labels(value: Any) -> Any:
    if isinstance(value, bool):
        return {"show": "always" if value else "never"}
    if not isinstance(value, dict | CellLabels):
        wrong('must be true, false or an object such as {"format": ".1f"}')
    return value


CellLabelsOption = Annotated[CellLabels, BeforeValidator(_read_cell_labels, json_schema_input_type=bool | CellLabels)]
"""true, false, or an object."""
