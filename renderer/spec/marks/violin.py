"""Violins: the shape in which the values of each category are spread."""

from __future__ import annotations

from typing import Literal

from renderer.spec.samples import Adjust, Bandwidth, SamplesMark


class Violin(SamplesMark):
    """A density curve for each category, mirrored, as wide as there are values at that height."""

    kind: Literal["violin"]
    inner: Literal["box", "quartiles", "points", "none"] = "box"
    """What is drawn inside: a slim box with whiskers, lines at the quartiles, the values, or nothing."""
    widths: Literal["same", "area", "count"] = "same"
    """Which violins are comparable: all equally wide at their widest, of the same area, or of an area that says how
    many values there are."""
    split: bool = False
    """Two colours share one violin, a half each."""
    bandwidth: Bandwidth = "auto"
    """How far each value is smeared: by Silverman's rule of thumb ("auto"), by Scott's rule ("scott"), or so far."""
    adjust: Adjust = 1.0
    """What the bandwidth is multiplied by: 0.5 shows more of the detail, 2 less."""
    trim: bool = False
    """End at the outermost values; by default the curve runs out beyond them."""
