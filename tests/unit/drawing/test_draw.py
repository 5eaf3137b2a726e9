"""The whole of a drawing: frame, panels, kinds found by their names, limits, warming up."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import renderer.drawing
from renderer.data.resolve import LoadedChart, load
from renderer.drawing import kinds
from renderer.drawing.draw import Drawing, draw
from renderer.drawing.kind import Kind
from renderer.drawing.scene import Rects
from renderer.drawing.warm import warm
from renderer.spec import parse
from renderer.spec.errors import SpecError
from renderer.spec.limits import LIMITS

Spec = dict[str, Any]
SPEC: Spec = {"kind": "line", "data": {"columns": {"x": [1, 2, 3], "y": [3, 1, 2]}}, "x": "x", "y": "y"}


def _words(drawing: Drawing, role: str) -> list[str]:
    return [item.text for item in drawing.scene.texts if item.role == role]


def test_the_frame_has_its_words_in_their_places(draw_spec: Callable[..., Drawing]) -> None:
    drawing = draw_spec({**SPEC, "title": "A title", "subtitle": "What it shows", "caption": "Source: me"})
    title, subtitle, caption = (next(drawing.scene.by_role(role)) for role in ("title", "subtitle", "caption"))
    (line,) = drawing.scene.by_role("line")
    assert title.box.y1 < subtitle.box.y0 < line.box.y0 < line.box.y1 < caption.box.y0
    assert title.box.x0 == subtitle.box.x0 == caption.box.x0
    assert drawing.title == "A title"


def test_a_low_picture_drops_its_caption_first_and_its_title_last(draw_spec: Callable[..., Drawing]) -> None:
    words = {"title": "T", "subtitle": "S", "caption": "C"}
    seen = []
    for height in (300, 130, 100, 40):
        drawing = draw_spec({**SPEC, **words, "image": {"width": 300, "height": height}})
        seen.append({role for role in words if _words(drawing, role)})
    assert seen[0] == set(words)
    assert all(after <= before for before, after in pairwise(seen))
    assert "caption" not in seen[2]


def test_a_long_title_is_wrapped_and_a_very_long_one_shortened(draw_spec: Callable[..., Drawing]) -> None:
    lines = _words(draw_spec({**SPEC, "title": "word " * 90}), "title")
    assert len(lines) == 3
    assert lines[-1].endswith("…")
    assert _words(draw_spec({**SPEC, "title": "first\nsecond"}), "title") == ["first", "second"]


def test_themes_change_colours_and_nothing_else(draw_spec: Callable[..., Drawing]) -> None:
    light, dark = (draw_spec(SPEC, theme=theme) for theme in ("light", "dark"))
    assert light.scene.background != dark.scene.background
    assert [item.box for item in light.scene.primitives] == [item.box for item in dark.scene.primitives]
    assert draw_spec({**SPEC, "theme": "dark"}).scene.background == dark.scene.background


def test_panels_share_the_sheet(assert_tidy: Callable[[Drawing], None]) -> None:
    charts = [load(parse({**SPEC, "image": {"width": 800, "height": 500}})) for _ in range(4)]
    panels = tuple(panel for chart in charts for panel in chart.panels)
    drawing = draw(LoadedChart(charts[0].chart, panels))
    assert_tidy(drawing)
    boxes = [item.box for item in drawing.scene.by_role("line")]
    assert len(boxes) == 4
    assert not any(first.overlaps(second) for first in boxes for second in boxes if first is not second)


def test_every_module_of_a_kind_draws_it() -> None:
    assert {"bar", "line", "scatter", "histogram"} <= set(kinds.names())
    for name in kinds.names():
        kind = kinds.kind_of(name)
        assert issubclass(kind, Kind)
        assert kind.__doc__
    for wrong in ("pie3d", "__init__", "os", "../bar"):
        with pytest.raises(KeyError):
            kinds.kind_of(wrong)


def test_a_scale_that_cannot_be_is_an_error_at_its_axis(draw_spec: Callable[..., Drawing]) -> None:
    with pytest.raises(SpecError) as refused:
        draw_spec({**SPEC, "data": {"columns": {"x": [1, 2], "y": [-1, 0]}}, "axes": {"y": {"scale": "log"}}})
    assert refused.value.problems[0].pointer.startswith("/axes/y")


def test_titles_of_axes_are_the_authors_or_the_columns(draw_spec: Callable[..., Drawing]) -> None:
    drawing = draw_spec({**SPEC, "axes": {"x": {"title": "Across"}, "y": {"title": ""}}})
    assert _words(drawing, "axis-title-x") == ["Across"]
    assert not _words(drawing, "axis-title-y")
    assert _words(draw_spec(SPEC), "axis-title-y") == ["Y"]


def test_warming_up_draws_every_format() -> None:
    warm()


def test_only_paint_speaks_to_renderers_and_nobody_to_pyplot() -> None:
    folder = Path(renderer.drawing.__file__).parent
    protocol = {"draw_path", "draw_markers", "draw_path_collection", "draw_image", "draw_text", "new_gc"}
    for file in folder.rglob("*.py"):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        names = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        assert file.name == "paint.py" or not names & protocol, file
        modules = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        modules |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
        assert not any(module.startswith(("django", "matplotlib.pyplot")) for module in modules), file


def test_panels_coloured_by_the_same_share_their_colours() -> None:
    def chart(names: list[str], title: str) -> LoadedChart:
        columns = {"x": ["p", "q"], "y": [1, 2], title: names}
        return load(parse({"kind": "bar", "data": {"columns": columns}, "x": "x", "y": "y", "color": title}))

    charts = [chart(["a", "b"], "region"), chart(["b", "c"], "region"), chart(["d", "e"], "team")]
    drawing = draw(LoadedChart(charts[0].chart, tuple(panel for one in charts for panel in one.panels)))
    fills: dict[str, set[object]] = {}
    for item in drawing.scene.by_role("bar"):
        assert isinstance(item, Rects)
        fills.setdefault(item.name, set()).add(item.fill)
    assert len(fills["b"]) == 1
    assert fills["d"] == fills["a"]


def test_a_column_of_a_stack_is_listed_from_the_top_down(draw_spec: Callable[..., Drawing]) -> None:
    columns = {"x": ["p"] * 3, "y": [1, 2, 3], "c": ["low", "middle", "high"]}
    spec = {"kind": "bar", "data": {"columns": columns}, "x": "x", "y": "y", "color": {"field": "c", "legend": "right"}}
    assert _words(draw_spec(spec), "legend-label") == ["high", "middle", "low"]


def test_the_operator_sets_the_limits() -> None:
    chart = parse({"kind": "bar", "data": {"columns": {"x": ["p", "q"], "y": [1, 2]}}, "x": "x", "y": "y"})
    with pytest.raises(SpecError, match="1 that a chart can show"):
        load(chart, limits=replace(LIMITS, bars=1))


@pytest.mark.parametrize("height", [107, 114, 128, 200])
def test_tick_labels_keep_out_of_a_legend_beside_the_plot(
    height: int, draw_spec: Callable[..., Drawing], assert_tidy: Callable[[Drawing], None]
) -> None:
    names = [f"n {index // 2}" for index in range(24)]
    spec = {
        "kind": "line",
        "data": {"columns": {"v": [1_000_000, 5_000_000] * 12, "y": [1, 2] * 12, "c": names}},
        "x": "v",
        "y": "y",
        "color": {"field": "c", "legend": "right"},
        "axes": {"x": {"format": ",.0f"}},
        "image": {"width": 240, "height": height},
    }
    assert_tidy(draw_spec(spec))
