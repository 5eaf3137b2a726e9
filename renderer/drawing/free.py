"""Kinds that have no axes: pies, trees, gauges. They lay out the whole of their panel themselves."""

from __future__ import annotations

from abc import ABC

from renderer.drawing.extent import Extent
from renderer.drawing.kind import AxisName, Kind, Layer, MarkT


class FreeKind(Kind[MarkT], ABC):
    """A kind that fills its panel: whatever shared it would lie over or under it."""

    axes = False

    def __init__(self, layer: Layer) -> None:
        super().__init__(layer)
        if not layer.alone:
            raise layer.error("kind", f"a {self.mark.kind} fills its panel and cannot share it with other layers")

    def extent(self, axis: AxisName) -> Extent:
        return Extent("number")
