"""The layout of flow diagrams: nodes in columns, and the ribbons between them, with few crossings.

Columns are longest paths from the sources. A flow that passes a column is given a place in it, so that it goes round
the nodes and not over them. Within a column, nodes are put in order by the barycentres of their
neighbours (K. Sugiyama, S. Tagawa, M. Toda, "Methods for visual understanding of hierarchical system structures",
1981), then moved, in turns from the left and from the right, to where their ribbons are level.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

import numpy as np

Align = Literal["justify", "left", "right"]

_SWEEPS = 12  # of reordering
_ROUNDS = 24  # of moving
_PASSES = 300  # columns that flows pass; where there are more, they go straight over what is in their way
_GAPS = 0.45  # of a column's height, at most, lies between its nodes


class CircleError(ValueError):
    """Flows that come back to where they began; ``circle`` are the nodes on the way, the first again at the end."""

    def __init__(self, circle: Sequence[int]) -> None:
        self.circle = tuple(circle)
        super().__init__(f"a circle through {len(self.circle) - 1} nodes")


@dataclass(slots=True)
class Node:
    """A place that flows come from or go to: its column, counted from 0, and its top and height."""

    column: int = 0
    value: float = 0.0
    top: float = 0.0
    height: float = 0.0
    incoming: list[Link] = field(default_factory=list)
    outgoing: list[Link] = field(default_factory=list)

    @property
    def middle(self) -> float:
        return self.top + self.height / 2


@dataclass(slots=True, eq=False)
class Link:
    """A flow: the indices of its two nodes, and where its upper edge leaves the one, passes the columns between them,
    and meets the other.
    """

    source: int
    target: int
    value: float
    start: float = 0.0
    end: float = 0.0
    width: float = 0.0
    passes: tuple[tuple[int, float], ...] = ()
    """Column and upper edge, for each column between the two nodes."""


def lay_out(count: int, links: Sequence[Link], height: float, gap: float, align: Align = "justify") -> list[Node]:
    """Nodes 0 ... ``count`` - 1 from 0 to ``height``, about ``gap`` apart; sets the places of ``links``, too.

    Values must be positive. Raises CircleError.
    """
    nodes = [Node() for _ in range(count)]
    for link in links:
        nodes[link.source].outgoing.append(link)
        nodes[link.target].incoming.append(link)
    for node in nodes:
        node.value = max(sum(link.value for link in node.outgoing), sum(link.value for link in node.incoming))
    _set_columns(nodes, align)
    everywhere, chains = _with_passes(nodes, links)
    columns: list[list[Node]] = [[] for _ in range(max(node.column for node in nodes) + 1)]
    for node in everywhere:
        columns[node.column].append(node)
    _reorder(columns, everywhere)
    widest = max(len(column) for column in columns)
    gap = min(gap, height * _GAPS / max(1, widest - 1))
    unit = min((height - (len(column) - 1) * gap) / sum(node.value for node in column) for column in columns)
    for node in everywhere:
        node.height = node.value * unit
        for link in node.outgoing:
            link.width = link.value * unit
    _place(columns, everywhere, height, gap)
    for link, chain in zip(links, chains, strict=True):
        link.start, link.end, link.width = chain[0].start, chain[-1].end, chain[0].width
        link.passes = tuple((everywhere[part.target].column, part.end) for part in chain[:-1])
    return nodes


def _with_passes(nodes: list[Node], links: Sequence[Link]) -> tuple[list[Node], list[list[Link]]]:
    """The nodes, and one more for each column that a link passes; and the links, each as a chain from one column to
    the next.
    """
    everywhere = list(nodes)
    chains: list[list[Link]] = []
    for node in nodes:
        node.incoming, node.outgoing = [], []
    straight = sum(nodes[link.target].column - nodes[link.source].column - 1 for link in links) > _PASSES
    for link in links:
        stops = [link.source]
        for column in range(nodes[link.source].column + 1, nodes[link.target].column if not straight else 0):
            everywhere.append(Node(column, link.value))
            stops.append(len(everywhere) - 1)
        stops.append(link.target)
        chain = [Link(start, end, link.value) for start, end in pairwise(stops)]
        for part in chain:
            everywhere[part.source].outgoing.append(part)
            everywhere[part.target].incoming.append(part)
        chains.append(chain)
    return everywhere, chains


def _set_columns(nodes: list[Node], align: Align) -> None:
    waiting = [len(node.incoming) for node in nodes]
    ready = [index for index, number in enumerate(waiting) if not number]
    order: list[int] = []
    while ready:
        index = ready.pop()
        order.append(index)
        for link in nodes[index].outgoing:
            nodes[link.target].column = max(nodes[link.target].column, nodes[index].column + 1)
            waiting[link.target] -= 1
            if not waiting[link.target]:
                ready.append(link.target)
    if len(order) < len(nodes):
        raise CircleError(_circle(nodes, {index for index, number in enumerate(waiting) if number}))
    last = max(node.column for node in nodes)
    if align == "right":
        for index in reversed(order):
            node = nodes[index]
            node.column = min((nodes[link.target].column - 1 for link in node.outgoing), default=last)
    elif align == "justify":
        for node in nodes:
            if not node.outgoing:
                node.column = last


def _circle(nodes: list[Node], left: set[int]) -> list[int]:
    """One circle among nodes that all have a flow from another of them: back against the flows until one is met
    again.
    """
    path: list[int] = [min(left)]
    while True:
        before = next(link.source for link in nodes[path[-1]].incoming if link.source in left)
        if before in path:
            circle = [*path[path.index(before) :], before]
            return circle[::-1]
        path.append(before)


def _reorder(columns: list[list[Node]], nodes: list[Node]) -> None:
    """Fewer crossings: each node moves to the mean place of its neighbours, as long as that helps."""
    best, fewest = [list(column) for column in columns], _crossings(columns, nodes)
    for sweep in range(_SWEEPS):
        if not fewest:
            break
        forwards = sweep % 2 == 0
        places = {id(node): (place + 0.5) / len(column) for column in columns for place, node in enumerate(column)}

        def wanted(node: Node, forwards: bool = forwards, places: dict[int, float] = places) -> float:
            links = node.incoming if forwards else node.outgoing
            total = sum(link.value for link in links)
            if not total:
                return places[id(node)]
            return sum(
                link.value * places[id(nodes[link.source if forwards else link.target])] for link in links
            ) / total  # fmt: skip

        for column in columns if forwards else columns[::-1]:
            column.sort(key=wanted)
            for place, node in enumerate(column):
                places[id(node)] = (place + 0.5) / len(column)
        found = _crossings(columns, nodes)
        if found < fewest:
            best, fewest = [list(column) for column in columns], found
    for column, ordered in zip(columns, best, strict=True):
        column[:] = ordered


def _crossings(columns: list[list[Node]], nodes: list[Node]) -> float:
    """How much flow crosses how much: the product of the values of each pair of links that cross."""
    places = {id(node): place / len(column) for column in columns for place, node in enumerate(column)}
    total = 0.0
    for column in columns[:-1]:
        ends = np.array([
            (places[id(node)], places[id(nodes[link.target])], link.value) for node in column for link in node.outgoing
        ]).reshape(-1, 3)  # fmt: skip
        start, end, value = ends.T
        crossed = np.subtract.outer(start, start) * np.subtract.outer(end, end) < 0
        total += float((np.multiply.outer(value, value) * crossed).sum()) / 2
    return total


def _place(columns: list[list[Node]], nodes: list[Node], height: float, gap: float) -> None:
    for column in columns:
        free = height - sum(node.height for node in column) - (len(column) - 1) * gap
        top = free / 2
        for node in column:
            node.top = top
            top += node.height + gap
    _attach(nodes)
    for turn in range(_ROUNDS):
        forwards = turn % 2 == 0
        pull = 0.98 ** (turn // 2)
        for column in columns if forwards else columns[::-1]:
            for node in column:
                links = node.incoming if forwards else node.outgoing
                total = sum(link.value for link in links)
                if total:
                    away = sum(link.value * ((link.start - link.end) * (1 if forwards else -1)) for link in links)
                    node.top += away / total * pull
            _part(column, height, gap)
            _attach(nodes)


def _part(column: list[Node], height: float, gap: float) -> None:
    """Nodes that overlap are moved apart, and back within the height."""
    column.sort(key=lambda node: node.middle)
    reach = 0.0
    for node in column:
        node.top = max(node.top, reach)
        reach = node.top + node.height + gap
    reach = height
    for node in reversed(column):
        node.top = min(node.top, reach - node.height)
        reach = node.top - gap


def _attach(nodes: list[Node]) -> None:
    """Ribbons side by side at each node, in the order of their other ends."""
    for node in nodes:
        node.outgoing.sort(key=lambda link: nodes[link.target].middle)
        node.incoming.sort(key=lambda link: nodes[link.source].middle)
        place = node.top
        for link in node.outgoing:
            link.start = place
            place += link.width
        place = node.top
        for link in node.incoming:
            link.end = place
            place += link.width
