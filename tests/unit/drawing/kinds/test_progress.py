"""Progress bars: filled in proportion, with targets across and words beside them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from renderer.drawing.draw import Drawing
from renderer.drawing.scene import Path, Segments
from renderer.spec.errors import SpecError

Spec = dict[str, Any]
Draw = Callable[..., Drawing]


def spec(values: list[Any], **more: Any) -> Spec:
    names = [f"bar {index}" for index in range(len(values))]
    return {"kind": "progress", "data": {"columns": {"n": names, "v": values}}, "label": "n", "value": "v"} | more


def widths(drawing: Drawing) -> dict[str, float]:
    """The filled part of each track, as it is seen."""
    tracks = {item.name: item.box for item in drawing.scene.by_role("track") if isinstance(item, Path)}
    found = {}
    for item in drawing.scene.by_role("progress"):
        assert isinstance(item, Path)
        seen = item.clip or item.box
        assert seen.x0 == pytest.approx(tracks[item.name].x0)
        found[item.name] = round((seen.x1 - seen.x0) / tracks[item.name].width, 6)
    return found


@pytest.mark.parametrize("shape", ["round", "square"])
def test_tracks_are_filled_in_proportion(shape: str, draw_spec: Draw, assert_tidy: Any) -> None:
    drawing = draw_spec(spec([0.5, 0.01, 1.0, 0.0], shape=shape))
    assert_tidy(drawing)
    assert widths(drawing) == {"bar 0": 0.5, "bar 1": 0.01, "bar 2": 1.0}
    assert [item.text for item in drawing.scene.texts if item.role == "progress-value"] == ["50%", "1%", "100%", "0%"]


def test_what_is_complete_is_a_number_or_a_column(draw_spec: Draw) -> None:
    assert widths(draw_spec(spec([5, 10], max=20))) == {"bar 0": 0.25, "bar 1": 0.5}
    document = spec([5, 10], max="all")
    document["data"]["columns"]["all"] = [10, 100]
    assert widths(draw_spec(document)) == {"bar 0": 0.5, "bar 1": 0.1}


@pytest.mark.parametrize(
    ("show", "words"), [("percent", ["25%"]), ("value", ["500"]), ("both", ["500 (25%)"]), ("none", [])]
)
def test_the_end_says_what_was_asked(show: str, words: list[str], draw_spec: Draw) -> None:
    drawing = draw_spec(spec([500], max=2000, show=show))
    assert [item.text for item in drawing.scene.texts if item.role == "progress-value"] == words


def test_targets_stand_at_their_part(draw_spec: Draw) -> None:
    drawing = draw_spec(spec([5], max=20, target=15))
    (target,) = (item for item in drawing.scene.by_role("target") if isinstance(item, Segments))
    (track,) = drawing.scene.by_role("track")
    assert np.isclose((target.ends[0, 0] - track.box.x0) / track.box.width, 0.75)


def test_one_bar_needs_no_name(draw_spec: Draw) -> None:
    document = spec([0.4, 0.6]) | {"value": "mean(v)"}
    del document["label"]
    assert widths(draw_spec(document)) == {"Mean v": 0.5}


def test_more_than_complete_is_full_and_said(draw_spec: Draw) -> None:
    drawing = draw_spec(spec([1.4, None]))
    assert widths(drawing) == {"bar 0": 1.0}
    assert drawing.warnings == ("More than complete: bar 0.",)
    assert [item.text for item in drawing.scene.texts if item.role == "progress-value"] == ["140%", "–"]


def test_long_names_stand_above_their_bars(draw_spec: Draw, assert_tidy: Any) -> None:
    names = ["a name that is much too long for so narrow a picture", "b"]
    drawing = draw_spec(
        spec([0.5, 0.5], data={"columns": {"n": names, "v": [0.5, 0.5]}}, image={"width": 300, "height": 200})
    )
    assert_tidy(drawing)
    name = next(item for item in drawing.scene.texts if item.role == "progress-name")
    track = next(iter(drawing.scene.by_role("track")))
    assert name.box.y1 <= track.box.y0
    assert name.box.x0 == pytest.approx(track.box.x0, abs=1.0)


def test_a_picture_lower_than_a_line_has_no_words(draw_spec: Draw, assert_tidy: Any) -> None:
    drawing = draw_spec(spec([0.5], title="A", image={"width": 2000, "height": 36}))
    assert_tidy(drawing)
    assert widths(drawing) == {"bar 0": 0.5}
    assert [item.role for item in drawing.scene.texts] == ["title"]


def test_colours_tell_states(draw_spec: Draw) -> None:
    document = spec([0.5, 0.5], color={"field": "s", "map": {"late": "#ff0000"}})
    document["data"]["columns"]["s"] = ["late", "on time"]
    drawing = draw_spec(document)
    fills = [item.fill for item in drawing.scene.by_role("progress") if isinstance(item, Path)]
    assert fills[0] == (1.0, 0.0, 0.0, 1.0) != fills[1]
    assert "late" in [item.text for item in drawing.scene.texts if item.role == "legend-label"]


@pytest.mark.parametrize("size", [(800, 500), (320, 200), (1200, 400), (90, 60), (16, 16), (2000, 40)])
@pytest.mark.parametrize("count", [1, 6, 200])
def test_any_number_of_bars_is_tidy(size: tuple[int, int], count: int, draw_spec: Draw, assert_tidy: Any) -> None:
    image = {"width": size[0], "height": size[1]}
    names = [f"{'a long name for' if index % 2 else ''} bar {index}" for index in range(count)]
    values = [1.5**index for index in range(count)]
    drawing = draw_spec(
        spec(values, data={"columns": {"n": names, "v": values}}, max=max(values), target=1, image=image, show="both")
    )
    assert_tidy(drawing)
    if count == 200:
        assert any("bars have room" in warning for warning in drawing.warnings)


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        (spec([-1]), "/value: progress runs from 0, and row 1 holds −1"),
        (spec([1], max=0), "/max: what is complete is more than 0, and row 1 holds 0"),
        (spec([1, 2]) | {"label": {"value": "a"}}, "/value: 2 rows share label 'a'"),
        ({k: v for k, v in spec([1, 2]).items() if k != "label"}, "/label: there are 2 rows: name them by 'label'"),
    ],
)
def test_what_is_no_progress_is_refused(document: Spec, problem: str, draw_spec: Draw) -> None:
    with pytest.raises(SpecError) as caught:
        draw_spec(document)
    assert str(caught.value).startswith(problem)


def test_the_alternative_text_tells_all(draw_spec: Draw) -> None:
    assert draw_spec(spec([0.5, 0.75])).alt == "Progress of V: bar 0 50% and bar 1 75%."
