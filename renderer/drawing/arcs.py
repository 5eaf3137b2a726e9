"""Sectors of rings, as cubic Bezier curves. Angles are degrees clockwise from twelve o'clock."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.path import Path as MplPath

from renderer.drawing.scene import Box, Floats

_STEP = 30.0  # degrees of one curve: its control points then stay within 1.6 % of the radius

Point = tuple[float, float]


def on_circle(center: Point, radius: float, angle: float) -> Point:
    """The point of a circle at an angle."""
    turn = math.radians(angle)
    return center[0] + radius * math.sin(turn), center[1] - radius * math.cos(turn)


def arc(center: Point, radius: float, start: float, stop: float) -> Floats:
    """A start point and triples of control points, (1 + 3n, 2), from one angle to another, either way round."""
    low, high = min(start, stop), max(start, stop)
    if high <= low:
        return np.array([on_circle(center, radius, start)])
    # matplotlib's angles run counter-clockwise from three o'clock, with y up.
    curves = max(1, math.ceil((high - low) / _STEP - 1e-9))
    unit = np.asarray(MplPath.arc(90.0 - high, 90.0 - low, n=curves).vertices)
    return (unit[::-1] if start <= stop else unit) * (radius, -radius) + center


def sector(center: Point, inner: float, outer: float, start: float, stop: float) -> Floats:
    """The outline of a part of a ring, for a closed Path with ``curve``; a disc's where ``inner`` is 0.

    A whole turn is two circles with the pen lifted between them, or one.
    """
    rim = arc(center, outer, start, stop)
    if abs(stop - start) >= 360.0 - 1e-9:
        return rim if inner <= 0 else np.concatenate([rim, np.full((1, 2), np.nan), arc(center, inner, stop, start)])
    back = arc(center, inner, stop, start) if inner > 0 else np.array([center])
    return np.concatenate([rim, _straight(rim[-1], back[0]), back[1:]])


def _straight(start: Floats, stop: Floats) -> Floats:
    """A straight line as a triple of control points."""
    return np.array([start + (stop - start) / 3, start + (stop - start) * 2 / 3, stop])


def holds(center: Point, inner: float, outer: float, start: float, stop: float, box: Box) -> bool:
    """Whether a box lies within a part of a ring."""
    corners = np.array([(box.x0, box.y0), (box.x1, box.y0), (box.x1, box.y1), (box.x0, box.y1)]) - center
    radii = np.hypot(corners[:, 0], corners[:, 1])
    if radii.max() > outer:
        return False
    # The nearest point of the box may lie on a side, not at a corner.
    near = (max(box.x0 - center[0], 0.0, center[0] - box.x1), max(box.y0 - center[1], 0.0, center[1] - box.y1))
    if inner > 0 and math.hypot(*near) < inner:
        return False
    if stop - start >= 360.0 - 1e-9:
        return True
    angles = (np.degrees(np.arctan2(corners[:, 0], -corners[:, 1])) - start) % 360.0
    return bool((angles <= stop - start).all()) and (inner > 0 or stop - start <= 180.0 or math.hypot(*near) > 0)


def pill(box: Box, radius: float) -> Floats:
    """The outline of a box with round corners, for a closed Path with ``curve``."""
    radius = min(radius, box.width / 2, box.height / 2)
    corners = (
        (box.x1 - radius, box.y0 + radius, 0.0),
        (box.x1 - radius, box.y1 - radius, 90.0),
        (box.x0 + radius, box.y1 - radius, 180.0),
        (box.x0 + radius, box.y0 + radius, 270.0),
    )
    rounds = [arc((x, y), radius, angle, angle + 90.0) for x, y, angle in corners]
    points = rounds[0]
    for following in (*rounds[1:], rounds[0][:1]):
        points = np.concatenate([points, _straight(points[-1], following[0]), following[1:]])
    return points
