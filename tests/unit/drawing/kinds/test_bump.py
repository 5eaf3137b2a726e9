"""Bumps: ranks, ties and gaps, and the colours of those that win."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from renderer.drawing.draw import Drawing
from renderer.drawing.scene import Markers, Path

Spec = dict[str, Any]
Draw = Callable[..., Drawing]

_VALUES: dict[str, list[float | None]] = {"a": [5, 1, 9], "b": [4, 2, 9], "c": [3, None, 1]}


def _bump(values: dict[str, list[float | None]] | None = None, **more: Any) -> Spec:
    rows = [
        [name, f"202{place}", amount]
        for name, amounts in (values or _VALUES).items()
        for place, amount in enumerate(amounts)
    ]
    data = {"rows": rows, "header": ["who", "when", "amount"]}
    return {"kind": "bump", "data": data, "x": "when", "y": "amount", "color": "who"} | more


def _ranks(drawing: Drawing) -> dict[str, list[float]]:
    return {
        item.name: item.values.tolist()
        for item in drawing.scene.by_role("point")
        if isinstance(item, Markers) and item.values is not None
    }


def test_the_highest_comes_first(draw_spec: Draw) -> None:
    drawing = draw_spec(_bump())
    assert _ranks(drawing) == {"a": [1, 2, 1], "b": [2, 1, 2], "c": [3, 3]}
    # The first rank is above the second, by as much as the second is above the third.
    heights = {
        (item.name, rank): float(point[1])
        for item in drawing.scene.by_role("point")
        if isinstance(item, Markers) and item.values is not None
        for rank, point in zip(item.values.tolist(), item.points, strict=True)
    }
    assert heights["b", 2.0] - heights["b", 1.0] == pytest.approx(heights["c", 3.0] - heights["b", 2.0])
    assert heights["b", 2.0] > heights["b", 1.0]


def test_the_lowest_may_come_first_and_ranks_may_be_given(draw_spec: Draw) -> None:
    assert _ranks(draw_spec(_bump(rank="low"))) == {"a": [3, 1, 2], "b": [2, 2, 3], "c": [1, 1]}
    given: dict[str, list[float | None]] = {"a": [1, 2], "b": [2, 1], "c": [7, 7]}
    assert _ranks(draw_spec(_bump(given, rank="given"))) == given


def test_lines_are_level_at_their_places_and_lifted_at_gaps(draw_spec: Draw) -> None:
    lines = {item.name: item for item in draw_spec(_bump()).scene.by_role("line") if isinstance(item, Path)}
    curve = lines["a"].points
    assert lines["a"].curve
    assert len(curve) == 1 + 3 * 2
    assert curve[1, 1] == curve[0, 1]
    assert curve[2, 1] == curve[3, 1]
    assert np.isnan(lines["c"].points).any()


def test_names_and_ranks_are_written(draw_spec: Draw, assert_tidy: Callable[[Drawing], None]) -> None:
    drawing = draw_spec(_bump())
    names = [item.text for item in drawing.scene.texts if item.role == "series-label"]
    assert sorted(names) == ["a", "a", "b", "b", "c", "c"]
    numbers = [item.text for item in drawing.scene.texts if item.role == "value-label"]
    assert sorted(numbers) == ["1"] * 3 + ["2"] * 3 + ["3"] * 2
    assert not [item for item in drawing.scene.texts if item.role == "tick-label-y"]
    assert_tidy(drawing)


def test_years_are_places(draw_spec: Draw) -> None:
    spec = _bump()
    for row in spec["data"]["rows"]:
        row[1] = int(row[1])
    labels = [item.text for item in draw_spec(spec).scene.texts if item.role == "tick-label-x"]
    assert labels == ["2020", "2021", "2022"]


def test_times_keep_their_distances(draw_spec: Draw) -> None:
    spec = _bump()
    for row in spec["data"]["rows"]:
        row[1] = {"2020": "2024-01-01", "2021": "2024-01-11", "2022": "2024-01-16"}[row[1]]
    (points, *_) = draw_spec(spec).scene.by_role("point")
    assert isinstance(points, Markers)
    first, second = np.diff(points.points[:, 0])
    assert first == pytest.approx(2 * second, rel=0.02)


def test_of_many_the_winners_are_coloured(draw_spec: Draw) -> None:
    values: dict[str, list[float | None]] = {f"n{index}": [index, -index] for index in range(12)}
    spec = _bump(values, label="who")
    lines = draw_spec({name: spec[name] for name in spec if name != "color"}).scene.by_role("line")
    colors = {line.name: line.stroke.color for line in lines if isinstance(line, Path) and line.stroke}
    assert len({colors[f"n{index}"] for index in range(8, 12)}) == 1
    assert len({colors[f"n{index}"] for index in range(8)}) == 8


@pytest.mark.parametrize("size", [(800, 500), (320, 200), (1200, 400), (300, 700), (90, 60), (16, 16)])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_all_sizes_are_tidy(
    size: tuple[int, int], theme: str, draw_spec: Draw, assert_tidy: Callable[[Drawing], None]
) -> None:
    for lines, places in ((1, 1), (1, 5), (5, 1), (12, 6), (60, 120)):
        values: dict[str, list[float | None]] = {
            f"A name of words {line}": [line * place * 7919 % 101 for place in range(places)] for line in range(lines)
        }
        spec = _bump(values, label="who", title="Ranks", image={"width": size[0], "height": size[1]})
        assert_tidy(draw_spec({name: spec[name] for name in spec if name != "color"}, theme=theme))


def test_the_alternative_text_tells_who_leads(draw_spec: Draw) -> None:
    assert "a comes first both at 2020 and at 2022" in draw_spec(_bump()).alt
    assert "b comes first at 2020, a at 2021" in draw_spec(_bump({"a": [1, 3], "b": [2, 1]})).alt
