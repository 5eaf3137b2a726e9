"""Lines: gaps, steps, curves, markers, dashes, names at their ends, and a million points."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from renderer.drawing.draw import Drawing
from renderer.drawing.scene import Markers, Path

Spec = dict[str, Any]


def _spec(x: list[Any], y: list[Any], **options: Any) -> Spec:
    return {"kind": "line", "data": {"columns": {"x": x, "y": y}}, "x": "x", "y": "y", **options}


def _lines(drawing: Drawing) -> list[Path]:
    return [item for item in drawing.scene.by_role("line") if isinstance(item, Path)]


def test_values_go_up_from_left_to_right(draw_spec: Callable[..., Drawing]) -> None:
    (line,) = _lines(draw_spec(_spec([0, 1, 2], [0, 5, 10])))
    assert (np.diff(line.points[:, 0]) > 0).all()
    assert (np.diff(line.points[:, 1]) < 0).all()  # y points down
    assert np.diff(line.points[:, 1])[0] == pytest.approx(np.diff(line.points[:, 1])[1])


def test_missing_values_are_gaps_unless_they_are_joined(draw_spec: Callable[..., Drawing]) -> None:
    values = [1, 2, None, 4, 5]
    (line,) = _lines(draw_spec(_spec([0, 1, 2, 3, 4], values)))
    assert np.isnan(line.points[:, 1]).sum() == 1
    (joined,) = _lines(draw_spec(_spec([0, 1, 2, 3, 4], values, gaps=False)))
    assert len(joined.points) == 4
    assert np.isfinite(joined.points).all()


def test_a_point_between_gaps_gets_a_marker(draw_spec: Callable[..., Drawing]) -> None:
    drawing = draw_spec(_spec([0, 1, 2, 3, 4], [1, None, 3, None, 5]))
    (markers,) = (item for item in drawing.scene.by_role("point") if isinstance(item, Markers))
    assert markers.values is not None
    assert markers.values.tolist() == [1, 3, 5]


def test_markers_come_when_asked_for(draw_spec: Callable[..., Drawing]) -> None:
    numbers = list(range(10))
    assert not list(draw_spec(_spec(numbers, numbers)).scene.by_role("point"))
    assert list(draw_spec(_spec(numbers, numbers, markers=True)).scene.by_role("point"))
    names = [f"n{number}" for number in numbers]
    assert list(draw_spec(_spec(names, numbers)).scene.by_role("point"))
    assert not list(draw_spec(_spec(names, numbers, markers=False)).scene.by_role("point"))


def test_steps_hold_their_value(draw_spec: Callable[..., Drawing]) -> None:
    (line,) = _lines(draw_spec(_spec([0, 1, 2], [0, 5, 10], interpolate="step")))
    moves = np.diff(line.points, axis=0)
    assert ((moves[:, 0] == 0) | (moves[:, 1] == 0)).all()


def test_curves_pass_their_points_and_never_swing_beyond(draw_spec: Callable[..., Drawing]) -> None:
    values = [0, 0, 10, 10, 3, 3, 9]
    (line,) = _lines(draw_spec(_spec(list(range(7)), values, interpolate="smooth")))
    (straight,) = _lines(draw_spec(_spec(list(range(7)), values)))
    assert line.curve
    assert np.allclose(line.points[0::3], straight.points)
    assert line.points[:, 1].min() >= straight.points[:, 1].min() - 1e-6
    assert line.points[:, 1].max() <= straight.points[:, 1].max() + 1e-6


def test_a_million_points_are_reduced_to_what_shows(draw_spec: Callable[..., Drawing]) -> None:
    count = 200_000
    walk = np.cumsum(np.random.default_rng(1).normal(size=count))
    drawing = draw_spec(_spec(list(range(count)), walk.tolist()))
    (line,) = _lines(drawing)
    assert len(line.points) < 8 * 800
    assert line.values is not None
    assert line.values.min() == walk.min()
    assert any("200,000 points" in warning for warning in drawing.warnings)


def _two(names: tuple[str, str], **options: Any) -> Spec:
    columns = {"x": [0, 1, 2] * 2, "y": [1, 2, 3, 3, 2, 2.9], "c": [names[0]] * 3 + [names[1]] * 3}
    return {"kind": "line", "data": {"columns": columns}, "x": "x", "y": "y", "color": "c", **options}


def test_names_stand_at_the_ends_and_apart(
    draw_spec: Callable[..., Drawing], assert_tidy: Callable[[Drawing], None]
) -> None:
    drawing = draw_spec(_two(("north", "south")))
    assert_tidy(drawing)
    labels = {item.text: item for item in drawing.scene.texts if item.role == "series-label"}
    assert set(labels) == {"north", "south"}
    assert labels["north"].box.y1 < labels["south"].box.y0  # 3 ends above 2.9
    assert not list(drawing.scene.by_role("legend-sample"))
    ends = {line.name: line.points[-1] for line in _lines(drawing)}
    assert labels["north"].box.x0 > ends["north"][0]


@pytest.mark.parametrize("place", ["top", "right", "bottom", "none"])
def test_a_legend_goes_where_it_is_wanted(place: str, draw_spec: Callable[..., Drawing]) -> None:
    drawing = draw_spec(_two(("north", "south"), color={"field": "c", "legend": place}))
    samples = list(drawing.scene.by_role("legend-sample"))
    (line, _) = _lines(drawing)
    assert not [item for item in drawing.scene.texts if item.role == "series-label"]
    if place == "none":
        assert not samples
        return
    box = samples[0].box
    assert {
        "top": box.y1 < line.box.y0,
        "right": box.x0 > line.box.x1,
        "bottom": box.y0 > line.box.y1,
    }[place]


def test_long_names_go_to_a_legend(draw_spec: Callable[..., Drawing], assert_tidy: Callable[[Drawing], None]) -> None:
    drawing = draw_spec(_two(("The northern half of the whole country, islands included", "south")))
    assert_tidy(drawing)
    assert list(drawing.scene.by_role("legend-sample"))


def test_lines_that_end_early_are_named_in_a_legend(draw_spec: Callable[..., Drawing]) -> None:
    columns = {"x": [0, 1, 2, 0, 1], "y": [1, 2, 3, 3, 2], "c": ["a", "a", "a", "b", "b"]}
    drawing = draw_spec({"kind": "line", "data": {"columns": columns}, "x": "x", "y": "y", "color": "c"})
    assert not [item for item in drawing.scene.texts if item.role == "series-label"]
    assert list(drawing.scene.by_role("legend-sample"))


def test_dashes_tell_categories_apart(draw_spec: Callable[..., Drawing]) -> None:
    columns = {"x": [0, 1] * 4, "y": list(range(8)), "c": ["a"] * 4 + ["b"] * 4, "d": ["p", "p", "q", "q"] * 2}
    drawing = draw_spec({"kind": "line", "data": {"columns": columns}, "x": "x", "y": "y", "color": "c", "dash": "d"})
    looks = {(line.name, line.stroke.dash if line.stroke else None) for line in _lines(drawing)}
    assert len(looks) == 4
    assert {item.text for item in drawing.scene.texts if item.role == "legend-label"} == {"a", "b", "p", "q"}


def test_dates_are_labelled_in_two_lines(draw_spec: Callable[..., Drawing]) -> None:
    days = np.datetime_as_string(np.arange("2023-10-01", "2024-04-01", dtype="datetime64[D]")).tolist()
    drawing = draw_spec(_spec(days, list(range(len(days)))))
    labels = [item.text for item in drawing.scene.texts if item.role == "tick-label-x"]
    assert {"Oct", "Jan", "2023", "2024"} <= set(labels)


def test_the_zone_of_the_chart_moves_the_ticks(draw_spec: Callable[..., Drawing]) -> None:
    hours = [f"2024-01-01T{hour:02d}:00:00Z" for hour in range(0, 24, 2)]
    places = []
    for zone in ("UTC", "Asia/Tokyo"):
        drawing = draw_spec(_spec(hours, list(range(12)), timezone=zone, locale="de"))
        places.append([item.text for item in drawing.scene.texts if item.role == "tick-label-x"])
    assert places[0][0] == "00:00"
    assert places[1][0] != "00:00"


def test_a_log_axis_has_plain_labels(draw_spec: Callable[..., Drawing]) -> None:
    drawing = draw_spec(_spec(list(range(9)), [10.0**power for power in range(9)], axes={"y": {"scale": "log"}}))
    labels = [item.text for item in drawing.scene.texts if item.role == "tick-label-y"]
    assert "10⁴" in labels
    (line,) = _lines(drawing)
    assert np.ptp(np.diff(line.points[:, 1])) == pytest.approx(0, abs=1e-6)


def test_fixed_limits_hold(draw_spec: Callable[..., Drawing], assert_tidy: Callable[[Drawing], None]) -> None:
    drawing = draw_spec(_spec([0, 1, 2], [0, 50, 100], axes={"y": {"min": 20, "max": 60}, "x": {"max": 1}}))
    assert_tidy(drawing)
    labels = [item.text for item in drawing.scene.texts if item.role == "tick-label-y"]
    assert {"20", "60"} <= set(labels)
    assert all(line.clip is not None for line in _lines(drawing))


def test_hidden_axes_have_no_words(draw_spec: Callable[..., Drawing]) -> None:
    drawing = draw_spec(_spec([0, 1, 2], [0, 50, 100], axes={"y": {"hide": True}, "x": {"hide": True}}))
    assert not drawing.scene.texts


def test_layers_share_their_axes(draw_spec: Callable[..., Drawing], assert_tidy: Callable[[Drawing], None]) -> None:
    columns = {"x": ["a", "b", "c"], "y": [1, 2, 3], "z": [30, 20, 10]}
    drawing = draw_spec(
        {
            "data": {"columns": columns},
            "layers": [
                {"kind": "bar", "x": "x", "y": "y", "name": "small"},
                {"kind": "line", "x": "x", "y": "z", "name": "large", "markers": True},
            ],
        }
    )
    assert_tidy(drawing)
    (line,) = _lines(drawing)
    (bars,) = drawing.scene.by_role("bar")
    assert line.box.y0 < bars.box.y0
    assert {item.text for item in drawing.scene.texts if item.role == "legend-label"} == {"small", "large"}
    stroke = line.stroke
    assert stroke is not None
    assert stroke.color != getattr(bars, "fill", None)


def test_the_alternative_text_tells_the_way(draw_spec: Callable[..., Drawing]) -> None:
    alt = draw_spec(_spec(["2024-01-01", "2024-02-01", "2024-03-01"], [5, 9, 7], title="Sales")).alt
    assert alt == (
        "Sales. Line chart of Y by X, from Jan 1, 2024 to Mar 1, 2024. Values range from 5 to 9. Y goes from 5 to 7."
    )


def test_the_authors_alternative_text_wins(draw_spec: Callable[..., Drawing]) -> None:
    assert draw_spec(_spec([1, 2], [1, 2], alt="What I want to say.")).alt == "What I want to say."


def test_a_missing_glyph_is_a_warning(draw_spec: Callable[..., Drawing]) -> None:
    drawing = draw_spec(_spec([1, 2], [1, 2], title="𒀀𒁀 sales"))
    (warning,) = drawing.warnings
    assert "𒀀 𒁀" in warning


def test_symbols_are_finite(draw_spec: Callable[..., Drawing]) -> None:
    for item in draw_spec(_spec([1, 2, 3], [1e300, -1e300, 0.0])).scene.primitives:
        assert all(math.isfinite(edge) for edge in item.box)
