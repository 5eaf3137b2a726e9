"""Sankey diagrams. Channels: source, target (categories), value (numbers), color (categories, of the ribbons)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from renderer.drawing import text
from renderer.drawing.axes import line_pitch
from renderer.drawing.color import parse_color, with_alpha
from renderer.drawing.crowd import Crowd
from renderer.drawing.extent import Extent, numbers_of
from renderer.drawing.flows import CircleError, Link, Node, lay_out
from renderer.drawing.keys import Entry, Key
from renderer.drawing.kind import Area, AxisName, Kind, Layer
from renderer.drawing.scene import Box, Color, Floats, Path, Primitive, Rects, Text
from renderer.spec.marks.sankey import Sankey

_NODE = 14.0  # width of a node
_GAP = 6.0  # between a node and its label
_SHARE = 0.26  # of the width, at most, for the labels at either side
_OPACITY = 0.42
_LINKS = 1000


@dataclass(frozen=True, slots=True, eq=False)
class _Ribbon:
    link: Link
    color: Color
    name: str


class SankeyKind(Kind[Sankey]):
    """Ribbons as filled curves, nodes as rectangles, labels beside them."""

    axes = False

    def __init__(self, layer: Layer) -> None:
        super().__init__(layer)
        table = layer.resolved.table
        self.values = numbers_of(table["value"])
        negative = np.flatnonzero(self.values < 0)
        if len(negative):
            row = int(negative[0])
            pair = f"{layer.place('source', row)} → {layer.place('target', row)}"
            raise layer.error("value", f"nothing flows backwards: {pair} is {layer.writer.number(self.values[row])}")
        self.sources: list[str] = table["source"].values.tolist()
        self.targets: list[str] = table["target"].values.tolist()
        places = dict.fromkeys(name for pair in zip(self.sources, self.targets, strict=True) for name in pair)
        self.names = tuple(places)
        if len(self.names) > layer.limits.categories:
            raise layer.error(
                "source", f"{len(self.names)} nodes are more than the {layer.limits.categories} that a diagram can show"
            )
        self.series = layer.series() if layer.column("color") is not None else []
        style = self.mark.style
        self.opacity = style.opacity if style and style.opacity is not None else _OPACITY
        self._lay_out(100.0, 0.0)  # whatever is wrong with the flows is known before anything is drawn

    @cached_property
    def flows(self) -> dict[tuple[str, str, str], float]:
        """What flows from where to where, in which colour; rows of one pair are one flow."""
        colors = [""] * len(self.values)
        for series in self.series:
            for row in series.rows.tolist():
                colors[row] = series.name
        flows: dict[tuple[str, str, str], float] = {}
        for source, target, color, value in zip(self.sources, self.targets, colors, self.values.tolist(), strict=True):
            if value > 0:
                flows[source, target, color] = flows.get((source, target, color), 0.0) + value
        return flows

    def _lay_out(self, height: float, gap: float) -> tuple[list[Node], list[_Ribbon]]:
        if not self.flows:
            raise self.layer.error("value", "nothing flows: no value is above zero")
        if len(self.flows) > _LINKS:
            raise self.layer.error(
                "source", f"{len(self.flows):,} flows are more than the {_LINKS:,} that a diagram can show"
            )
        index = {name: place for place, name in enumerate(self.shown)}
        # In units of the largest: sums of huge values overflow.
        largest = max(self.flows.values())
        links = {key: Link(index[key[0]], index[key[1]], value / largest) for key, value in self.flows.items()}
        try:
            nodes = lay_out(len(self.shown), list(links.values()), height, gap, self.mark.align)
        except CircleError as problem:
            way = " → ".join(self.shown[place] for place in problem.circle[:8])
            more = " → …" if len(problem.circle) > 8 else ""
            raise self.layer.error("target", f"what flows must not come back: {way}{more}") from problem
        return nodes, [_Ribbon(link, self._ribbon_color(key), f"{key[0]} → {key[1]}") for key, link in links.items()]

    @cached_property
    def shown(self) -> tuple[str, ...]:
        """The nodes that something flows through."""
        used = {name for source, target, _ in self.flows for name in (source, target)}
        return tuple(name for name in self.names if name in used)

    # Colours ----------------------------------------------------------------------------------------------------------

    @cached_property
    def _colors(self) -> dict[str, Color]:
        """The colour of each node; ends whose colour no ribbon takes are grey."""
        fixed = self.mark.map or {}
        column = 0 if self.mark.link == "source" else 1
        takes = {key[column] for key in self.flows} if not self.series and self.mark.link != "neutral" else set()
        colors = {}
        for name in self.shown:
            if name in fixed:
                colors[name] = parse_color(fixed[name])
            elif name in takes:
                colors[name] = self.layer.hues.of(name)
            else:
                colors[name] = self.theme.axis
        return colors

    def _ribbon_color(self, key: tuple[str, str, str]) -> Color:
        for series in self.series:
            if series.name == key[2]:
                return with_alpha(series.color, self.opacity)
        if self.mark.link == "neutral":
            return with_alpha(self.theme.axis, self.opacity * 0.8)
        return with_alpha(self._colors[key[0] if self.mark.link == "source" else key[1]], self.opacity)

    def legend(self) -> tuple[Key, ...]:
        return self.layer.swatches(self.series, Entry("", self.theme.text)) if self.series else ()

    # Drawing ----------------------------------------------------------------------------------------------------------

    def extent(self, axis: AxisName) -> Extent:
        return Extent("number")

    def marks(self, area: Area) -> Iterator[Primitive]:
        box = area.box
        pitch = line_pitch(self.theme)
        nodes, ribbons = self._lay_out(max(box.height, 1.0), pitch + 2.0)
        last = max(node.column for node in nodes)
        written = self._written(nodes)
        room = box.width * _SHARE
        widths = [sum(self._width(words, bold) for words, bold in parts) for parts in written]
        left = min(room, max(widths[i] for i, node in enumerate(nodes) if node.column == 0) + _GAP)
        right = min(room, max(widths[i] for i, node in enumerate(nodes) if node.column == last) + _GAP)
        thick = min(_NODE, box.width / (6 * (last + 1)))
        if box.width - left - right < 2 * thick * (last + 1):
            left = right = 0.0
        first_x, step = box.x0 + left, (box.width - left - right - thick) / max(1, last)
        places = [first_x + node.column * step for node in nodes]
        for ribbon in sorted(ribbons, key=lambda ribbon: -ribbon.link.value):
            link = ribbon.link
            stops = [(places[link.source] + thick, box.y0 + link.start)]
            for column, top in link.passes:
                stops += [(first_x + column * step, box.y0 + top), (first_x + column * step + thick, box.y0 + top)]
            stops.append((places[link.target], box.y0 + link.end))
            yield Path(
                role="flow",
                points=_curve(stops, link.width),
                fill=ribbon.color,
                curve=True,
                values=np.array([link.value * max(self.flows.values())]),
                name=ribbon.name,
                clip=area.clip(),
            )
        boxes = [
            Box(x, box.y0 + node.top, x + thick, box.y0 + max(node.top + node.height, node.top + 1.0))
            for x, node in zip(places, nodes, strict=True)
        ]
        amounts = self._amounts(nodes)
        for name, shape, amount in zip(self.shown, boxes, amounts, strict=True):
            yield Rects(
                role="node",
                boxes=np.array([shape]),
                fill=self._colors[name],
                values=np.array([amount]),
                name=name,
                clip=area.clip(1.0),
            )
        yield from self._labels(area, nodes, boxes, written, step - thick - 2 * _GAP)

    def _amounts(self, nodes: list[Node]) -> list[float]:
        largest = max(self.flows.values())
        return [node.value * largest for node in nodes]

    def _written(self, nodes: list[Node]) -> list[list[tuple[str, bool]]]:
        """For each node its name and its amount, and which of them is bold."""
        channel = self.mark.value
        amounts = self.layer.writer.numbers(self._amounts(nodes), channel.format) if self.mark.values else []
        return [
            [(name, True), *([(f"  {amounts[place]}", False)] if amounts else [])]
            for place, name in enumerate(self.shown)
        ]

    def _width(self, words: str, bold: bool) -> float:
        return text.width(words, self.theme.label, 500 if bold else 400)

    def _labels(
        self, area: Area, nodes: list[Node], boxes: list[Box], written: list[list[tuple[str, bool]]], between: float
    ) -> Iterator[Text]:
        """Outside the first and the last column, and at the right of the others; the largest choose first."""
        last = max(node.column for node in nodes)
        crowd = Crowd()
        left_out = 0
        for place in sorted(range(len(nodes)), key=lambda place: -nodes[place].value):
            column, shape = nodes[place].column, boxes[place]
            leftwards = column == 0
            room = shape.x0 - area.box.x0 if leftwards else area.box.x1 - shape.x1 if column == last else between
            parts = self._label(written[place], shape, room - _GAP * (column in (0, last)), leftwards=leftwards)
            whole = _around(parts)
            if parts and whole.inside(area.sheet) and crowd.claim(whole, 0.5):
                yield from parts
            else:
                left_out += 1
        if left_out:
            self.layer.warn(f"{left_out} of {len(nodes)} labels have no room.")

    def _label(self, parts: list[tuple[str, bool]], shape: Box, room: float, *, leftwards: bool) -> list[Text]:
        """Name and amount side by side, or below each other, or the name alone."""
        size, theme = self.theme.label, self.theme
        widths = [self._width(words, bold) for words, bold in parts]
        stacked = False
        room += 0.5  # the widest label is what the room was made for
        if sum(widths) > room and len(parts) == 2:
            stacked = shape.height >= 1.6 * line_pitch(theme) and widths[1] <= room
            if not stacked:
                parts, widths = parts[:1], widths[:1]
        name = text.shorten(parts[0][0], room, size, 500)
        if len(name) < min(5, len(parts[0][0])):
            return []
        parts = [(name, True), *parts[1:]]
        widths[0] = self._width(name, True)
        middle = shape.center[1]
        x = shape.x0 - _GAP if leftwards else shape.x1 + _GAP
        if stacked:
            lines = [(words.strip(), bold) for words, bold in parts]
            tops = [middle - line_pitch(theme) / 2, middle + line_pitch(theme) / 2]
            starts = [x, x]
        else:
            lines, tops = parts, [middle] * len(parts)
            first = x - sum(widths) if leftwards else x
            starts = [first, first + widths[0]]
        return [
            text.place(
                "node-label" if bold else "value-label",
                words,
                start,
                top,
                size=size,
                weight=500 if bold else 400,
                color=theme.text if bold else theme.muted,
                align="right" if stacked and leftwards else "left",
                valign="middle",
            )
            for (words, bold), start, top in zip(lines, starts, tops, strict=False)
        ]

    # Alternative text -------------------------------------------------------------------------------------------------

    def facts(self) -> str:
        (source, target, _), value = max(self.flows.items(), key=lambda item: item[1])
        style = self.mark.value.format
        coming = dict.fromkeys(self.shown, 0.0)
        for (_, end, _), amount in self.flows.items():
            coming[end] += amount
        entering = sum(amount for (start, _, _), amount in self.flows.items() if not coming[start])
        most, total = self.layer.writer.numbers([value, entering], style)
        pairs = len({(start, end) for start, end, _ in self.flows})
        return (
            f"Sankey diagram of {pairs} flows between {len(self.shown)} places. In all, {total} comes in. "
            f"The largest flow, {most}, goes from {source} to {target}."
        )


def _curve(stops: list[tuple[float, float]], width: float) -> Floats:
    """A ribbon whose upper edge goes through the stops, level at each of them: cubic curves there and back, closed by
    straight sides.
    """
    points = [stops[0]]
    for (x0, y0), (x1, y1) in pairwise(stops):
        points += [((x0 + x1) / 2, y0), ((x0 + x1) / 2, y1), (x1, y1)]
    back = [(x, y + width) for x, y in reversed(points)]
    sides = [points[-1], back[0], back[0]], [back[-1], points[0], points[0]]
    return np.array([*points, *sides[0], *back[1:], *sides[1]])


def _around(parts: list[Text]) -> Box:
    if not parts:
        return Box(0.0, 0.0, 0.0, 0.0)
    return Box(
        min(item.box.x0 for item in parts),
        min(item.box.y0 for item in parts),
        max(item.box.x1 for item in parts),
        max(item.box.y1 for item in parts),
    )


KIND = SankeyKind
