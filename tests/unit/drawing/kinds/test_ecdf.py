"""Cumulative distributions: steps at the values, quantiles where the line gets there, what is left."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from renderer.drawing.draw import Drawing
from renderer.drawing.scene import Markers, Path, Segments
from renderer.spec.errors import SpecError

Spec = dict[str, Any]
Draw = Callable[..., Drawing]
VALUES = [1, 2, 2, 3, 5, 8, 13, 21]


def _spec(**options: Any) -> Spec:
    return {"kind": "ecdf", "data": {"columns": {"v": VALUES, "c": ["a", "b"] * 4}}, "x": "v"} | options


def _line(drawing: Drawing) -> Path:
    (line,) = drawing.scene.by_role("line")
    assert isinstance(line, Path)
    return line


def test_the_line_rises_at_each_value(draw_spec: Draw, assert_tidy: Callable[[Drawing], None]) -> None:
    drawing = draw_spec(_spec())
    assert_tidy(drawing)
    line = _line(drawing)
    # scipy 1.17.1: stats.ecdf(VALUES).cdf.probabilities
    assert line.values is not None
    assert line.values.tolist() == [0.125, 0.375, 0.5, 0.625, 0.75, 0.875, 1.0]
    assert (np.diff(line.points[:, 0]) >= 0).all()
    assert (np.diff(line.points[:, 1]) <= 0).all()
    steps = np.diff(line.points, axis=0)
    assert (np.isclose(steps[:, 0], 0) | np.isclose(steps[:, 1], 0)).all()


def test_what_is_left(draw_spec: Draw) -> None:
    line = _line(draw_spec(_spec(complement=True, stat="count")))
    assert line.values is not None
    assert line.values.tolist() == [7, 5, 4, 3, 2, 1, 0]
    assert (np.diff(line.points[:, 1]) >= 0).all()


def test_quantiles_are_marked_and_written(draw_spec: Draw, assert_tidy: Callable[[Drawing], None]) -> None:
    drawing = draw_spec(_spec(quantiles=[0.5, 0.25, 0.9]))
    assert_tidy(drawing)
    (dots,) = drawing.scene.by_role("quantile")
    assert isinstance(dots, Markers)
    assert dots.values is not None
    # numpy.quantile(VALUES, [0.25, 0.5, 0.9], method="inverted_cdf")
    assert dots.values.tolist() == [2, 3, 21]
    assert [label.text for label in drawing.scene.texts if label.role == "quantile-label"] == ["2", "3", "21"]
    (guides,) = drawing.scene.by_role("guide")
    assert isinstance(guides, Segments)
    assert len(guides.ends) == 6


def test_a_line_for_each_colour(draw_spec: Draw, assert_tidy: Callable[[Drawing], None]) -> None:
    drawing = draw_spec(_spec(color="c", quantiles=[0.5]))
    assert_tidy(drawing)
    assert len(list(drawing.scene.by_role("line"))) == 2
    assert [label.text for label in drawing.scene.texts if label.role == "legend-label"] == ["a", "b"]


def test_many_values_are_thinned_to_what_pixels_show(draw_spec: Draw) -> None:
    values = np.random.RandomState(3).normal(0, 1, 50_000).tolist()
    line = _line(draw_spec(_spec(data={"columns": {"v": values}})))
    assert len(line.points) < 20_000


@pytest.mark.parametrize("values", [[5.0], [0.0] * 4, [1e300, -1e300], [None, 2.0, -1.0], [1e-300, 2e-300]])
@pytest.mark.parametrize("size", [(800, 500), (320, 200), (1200, 400)])
def test_hard_values(
    values: list[float | None], size: tuple[int, int], draw_spec: Draw, assert_tidy: Callable[[Drawing], None]
) -> None:
    spec = _spec(
        data={"columns": {"v": values}}, quantiles=[0.1, 0.5, 0.9], image={"width": size[0], "height": size[1]}
    )
    drawing = draw_spec(spec)
    assert_tidy(drawing)
    assert np.isfinite(_line(drawing).points).all()


def test_dates_accumulate(draw_spec: Draw, assert_tidy: Callable[[Drawing], None]) -> None:
    days = ["2024-01-01", "2024-02-01", "2024-02-03", "2024-06-30"]
    drawing = draw_spec(_spec(data={"columns": {"v": days}}, quantiles=[0.5]))
    assert_tidy(drawing)
    assert any("2024" in label.text for label in drawing.scene.texts if label.role == "quantile-label")


@pytest.mark.parametrize("wrong", [[0], [0.5, 1], [True], 0.5, ["a"], [0.5] * 11])
def test_quantiles_are_shares(wrong: object, draw_spec: Draw) -> None:
    with pytest.raises(SpecError) as caught:
        draw_spec(_spec(quantiles=wrong))
    assert caught.value.problems[0].pointer.startswith("/quantiles")


def test_the_alternative_text(draw_spec: Draw) -> None:
    assert draw_spec(_spec()).alt == (
        "Cumulative distribution of 8 values of V. They range from 1 to 21; half are at most 3."
    )
    assert "Half are at most 2 for a and 3 for b" in draw_spec(_spec(color="c")).alt
