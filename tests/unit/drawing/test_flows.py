"""The layout of flows: columns, heights, order, and what goes round in circles."""

from __future__ import annotations

import itertools

import pytest

from renderer.drawing.flows import CircleError, Link, lay_out

_PAIRS = [(0, 1, 4.0), (0, 2, 2.0), (1, 3, 3.0), (1, 2, 1.0), (2, 3, 3.0), (0, 3, 5.0)]


def _links() -> list[Link]:
    return [Link(*pair) for pair in _PAIRS]


def test_columns_are_longest_paths() -> None:
    assert [node.column for node in lay_out(4, _links(), 100.0, 5.0)] == [0, 1, 2, 3]
    # 0 → 1 → 2 and 3 → 2, 3 → 4
    links = [Link(0, 1, 1.0), Link(1, 2, 1.0), Link(3, 2, 1.0), Link(3, 4, 1.0)]
    assert [node.column for node in lay_out(5, list(links), 100.0, 5.0)] == [0, 1, 2, 0, 2]
    assert [node.column for node in lay_out(5, list(links), 100.0, 5.0, "left")] == [0, 1, 2, 0, 1]
    assert [node.column for node in lay_out(5, list(links), 100.0, 5.0, "right")] == [0, 1, 2, 1, 2]


def test_heights_are_values_and_ribbons_fill_their_nodes() -> None:
    links = _links()
    nodes = lay_out(4, links, 100.0, 5.0)
    unit = nodes[0].height / 11.0
    assert [node.height / unit for node in nodes] == pytest.approx([11.0, 4.0, 3.0, 11.0])
    assert all(node.top >= -1e-9 and node.top + node.height <= 100.0 + 1e-9 for node in nodes)
    for index, node in enumerate(nodes):
        for ends in (
            sorted((link.start, link.width) for link in links if link.source == index),
            sorted((link.end, link.width) for link in links if link.target == index),
        ):
            place = node.top
            for start, width in ends:
                assert start == pytest.approx(place)
                place += width
            assert place <= node.top + node.height + 1e-6


def test_what_passes_a_column_passes_its_nodes() -> None:
    links = _links()
    nodes = lay_out(4, links, 100.0, 5.0)
    passing = links[5]
    assert [column for column, _ in passing.passes] == [1, 2]
    for column, top in passing.passes:
        for node in nodes:
            if node.column == column:
                assert top + passing.width <= node.top + 1e-6 or top >= node.top + node.height - 1e-6


def test_nodes_are_put_in_the_order_with_few_crossings() -> None:
    # Each source has its own target, and they come in opposite orders.
    links = [Link(index, 4 + index, 1.0) for index in (3, 1, 2, 0)] + [Link(3, 4, 0.1)]
    nodes = lay_out(8, links, 100.0, 5.0)
    order = sorted(range(4), key=lambda index: nodes[index].top)
    assert sorted(range(4), key=lambda index: nodes[4 + index].top) == order


def test_columns_that_are_full_give_up_their_gaps() -> None:
    nodes = lay_out(101, [Link(index, 100, 1.0) for index in range(100)], 100.0, 20.0)
    assert sum(node.height for node in nodes[:100]) >= 54.9


def test_a_circle_is_told() -> None:
    with pytest.raises(CircleError) as caught:
        lay_out(5, [Link(0, 1, 1.0), Link(1, 2, 1.0), Link(2, 3, 1.0), Link(3, 1, 1.0), Link(2, 4, 1.0)], 100.0, 5.0)
    circle = caught.value.circle
    assert circle[0] == circle[-1]
    assert set(circle) == {1, 2, 3}
    pairs = set(itertools.pairwise(circle))
    assert pairs == {(1, 2), (2, 3), (3, 1)}
    with pytest.raises(CircleError):
        lay_out(2, [Link(0, 1, 1.0), Link(1, 1, 1.0)], 100.0, 5.0)
