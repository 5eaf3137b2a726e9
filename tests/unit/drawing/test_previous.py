"""How a previous period looks beside the present one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from renderer.drawing.draw import Drawing
from renderer.drawing.scene import Path

Draw = Callable[..., Drawing]
DAYS = [f"20{year}-{month:02d}-01" for year in (23, 24) for month in range(1, 13)]
LINE: dict[str, Any] = {
    "kind": "line", "x": "day", "y": "n", "previous": "year",
    "data": {"columns": {"day": DAYS, "n": list(range(24))}},
}  # fmt: skip


def paths(drawing: Drawing) -> list[Path]:
    return [item for item in drawing.scene.by_role("line") if isinstance(item, Path)]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_is_dashed_quieter_and_behind(theme: str, draw_spec: Draw, assert_tidy: Callable[[Drawing], None]) -> None:
    drawing = draw_spec(LINE, theme=theme)
    assert_tidy(drawing)
    past, present = (path.stroke for path in paths(drawing))
    assert past is not None
    assert present is not None
    assert past.dash
    assert not present.dash
    assert past.width < present.width
    assert past.color[:3] == present.color[:3]
    assert past.color[3] < present.color[3]
    names = [item.text for item in drawing.scene.texts if item.role == "series-label"]
    assert sorted(names) == ["N", "Previous year"]
    assert "from Jan 1, 2024 to Dec 1, 2024" in drawing.alt
    assert "Dashed, the period before (Previous year). Values range from 0 to 11." in drawing.alt


def test_series_share_their_colours_with_their_past_and_one_entry_explains_it(
    draw_spec: Draw, assert_tidy: Callable[[Drawing], None]
) -> None:
    columns = {"day": DAYS * 2, "n": list(range(48)), "who": ["a"] * 24 + ["b"] * 24}
    drawing = draw_spec(LINE | {"color": "who", "data": {"columns": columns}})
    assert_tidy(drawing)
    colors: dict[str, set[Any]] = {}
    for path in paths(drawing):
        assert path.stroke is not None
        colors.setdefault(path.name, set()).add(path.stroke.color[:3])
    assert {name: len(found) for name, found in colors.items()} == {"a": 1, "b": 1}
    words = [item.text for item in drawing.scene.texts]
    assert words.count("Previous year") == 1
    assert {"a", "b"} <= set(words)
