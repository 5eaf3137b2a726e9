"""Sankey diagrams: heights, widths and colours of flows, their labels, and flows that cannot be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from renderer.drawing.draw import Drawing
from renderer.drawing.scene import Path, Rects
from renderer.spec.errors import SpecError

Spec = dict[str, Any]
Draw = Callable[..., Drawing]

_ROWS: list[list[Any]] = [
    ["Coal", "Power", 310],
    ["Gas", "Power", 270],
    ["Power", "Homes", 330],
    ["Power", "Losses", 250],
]


def _sankey(rows: list[list[Any]] = _ROWS, **more: Any) -> Spec:
    data = {"rows": rows, "header": ["from", "to", "twh"]}
    return {"kind": "sankey", "data": data, "source": "from", "target": "to", "value": "twh"} | more


def _nodes(drawing: Drawing) -> dict[str, Rects]:
    return {item.name: item for item in drawing.scene.by_role("node") if isinstance(item, Rects)}


def _flows(drawing: Drawing) -> dict[str, Path]:
    return {item.name: item for item in drawing.scene.by_role("flow") if isinstance(item, Path)}


def test_nodes_and_ribbons_have_the_sizes_of_the_flows(draw_spec: Draw) -> None:
    drawing = draw_spec(_sankey())
    nodes, flows = _nodes(drawing), _flows(drawing)
    unit = nodes["Power"].box.height / 580
    values = {"Coal": 310, "Gas": 270, "Homes": 330, "Losses": 250}
    for name, value in values.items():
        assert nodes[name].box.height == pytest.approx(value * unit)
        assert nodes[name].values == pytest.approx(np.array([value]))
    ribbon = flows["Coal → Power"].points
    assert ribbon[:, 1].max() - ribbon[ribbon[:, 0] == ribbon[:, 0].min()][:, 1].min() >= 310 * unit - 1e-6
    assert nodes["Coal"].box.x0 == nodes["Gas"].box.x0 < nodes["Power"].box.x0 < nodes["Homes"].box.x0


def test_rows_of_one_pair_add_up(draw_spec: Draw) -> None:
    drawing = draw_spec(_sankey([["a", "b", 1], ["a", "b", 2], ["a", "c", 0]]))
    assert list(_nodes(drawing)) == ["a", "b"]
    (flow,) = _flows(drawing).values()
    assert flow.values is not None
    assert flow.values.tolist() == [3.0]


@pytest.mark.parametrize(
    ("link", "same"), [("source", ("Coal → Power", "Coal")), ("target", ("Power → Homes", "Homes"))]
)
def test_ribbons_have_the_colour_of_their_end(link: str, same: tuple[str, str], draw_spec: Draw) -> None:
    drawing = draw_spec(_sankey(link=link))
    ribbon, node = _flows(drawing)[same[0]].fill, _nodes(drawing)[same[1]].fill
    assert ribbon is not None
    assert node is not None
    assert ribbon[:3] == node[:3]
    assert ribbon[3] < 1.0


def test_colours_may_be_chosen_and_ends_are_grey(draw_spec: Draw) -> None:
    nodes = _nodes(draw_spec(_sankey(map={"Coal": "#ff0000"})))
    assert nodes["Coal"].fill == (1.0, 0.0, 0.0, 1.0)
    assert nodes["Homes"].fill == nodes["Losses"].fill != nodes["Gas"].fill


def test_a_colour_channel_has_a_legend(draw_spec: Draw) -> None:
    rows = [[*row, kind] for row, kind in zip(_ROWS, ["fuel", "fuel", "power", "waste"], strict=True)]
    spec = _sankey(color="type") | {"data": {"rows": rows, "header": ["from", "to", "twh", "type"]}}
    drawing = draw_spec(spec)
    assert {item.text for item in drawing.scene.texts if item.role == "legend-label"} == {"fuel", "power", "waste"}
    flows = _flows(drawing)
    assert flows["Coal → Power"].fill == flows["Gas → Power"].fill != flows["Power → Homes"].fill


def test_labels_tell_names_and_amounts(draw_spec: Draw) -> None:
    drawing = draw_spec(_sankey(value={"field": "twh", "format": ",.1f"}))
    assert {item.text for item in drawing.scene.texts if item.role == "node-label"} == set(_nodes(drawing))
    assert "580.0" in {item.text.strip() for item in drawing.scene.texts if item.role == "value-label"}
    bare = draw_spec(_sankey(values=False))
    assert not [item for item in bare.scene.texts if item.role == "value-label"]
    nodes = _nodes(drawing)
    for item in drawing.scene.texts:
        if item.role == "node-label":
            node = nodes[item.text].box
            assert abs(item.box.center[1] - node.center[1]) < 12
            assert item.box.x1 <= node.x0 if item.text in ("Coal", "Gas") else item.box.x0 >= node.x1


@pytest.mark.parametrize("size", [(800, 500), (320, 200), (1200, 400), (300, 700), (90, 60), (16, 16)])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_all_sizes_are_tidy(
    size: tuple[int, int], theme: str, draw_spec: Draw, assert_tidy: Callable[[Drawing], None]
) -> None:
    for count in (1, 4, 40, 90):
        rows: list[list[Any]] = (
            _ROWS[:count] if count <= 4 else [[f"a long name {i % 40}", f"to {i % 7}", 1 + i] for i in range(count)]
        )
        image = {"width": size[0], "height": size[1]}
        assert_tidy(draw_spec(_sankey(rows, title="Flows", image=image), theme=theme))


@pytest.mark.parametrize("scale", [1e-200, 1e-9, 1e12, 1e299])
def test_huge_and_tiny_flows(scale: float, draw_spec: Draw, assert_tidy: Callable[[Drawing], None]) -> None:
    drawing = draw_spec(_sankey([[a, b, value / 310 * scale] for a, b, value in _ROWS]))
    assert_tidy(drawing)
    assert all(np.isfinite(flow.points).all() for flow in _flows(drawing).values())


@pytest.mark.parametrize(
    ("rows", "pointer", "message"),
    [
        ([["a", "b", 1], ["b", "c", 1], ["c", "a", 1]], "/target", "a → b → c → a|b → c → a → b|c → a → b → c"),
        ([["a", "a", 1]], "/target", "a → a"),
        ([["a", "b", 1], ["b", "c", -2]], "/value", "b → c is −2"),
        ([["a", "b", 0]], "/value", "nothing flows"),
        ([[f"n{i}", f"n{i + 1}", 1] for i in range(101)], "/source", "102 nodes"),
    ],
)
def test_what_cannot_flow(rows: list[list[Any]], pointer: str, message: str, draw_spec: Draw) -> None:
    with pytest.raises(SpecError, match=message) as caught:
        draw_spec(_sankey(rows))
    assert [problem.pointer for problem in caught.value.problems] == [pointer]


def test_the_alternative_text_tells_the_largest_flow(draw_spec: Draw) -> None:
    alt = draw_spec(_sankey()).alt
    assert "4 flows between 5 places" in alt
    assert "In all, 580 comes in" in alt
    assert "330, goes from Power to Homes" in alt
