"""Whatever the table: no text overlaps text, nothing leaves the canvas; bars have the heights of their values."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, reject, settings
from hypothesis import strategies as st
from PIL import Image

from renderer.drawing.draw import Drawing
from renderer.drawing.encode import Picture
from renderer.drawing.scene import Rects
from renderer.spec.errors import SpecError

Spec = dict[str, Any]

_words = st.text(st.sampled_from("abcdefghijklmnopqrstuvwxyzABCDEFGÄÉß -'漢م"), min_size=1, max_size=14)
_names = st.one_of(_words, st.lists(_words, min_size=2, max_size=8).map(" ".join)).map(lambda text: text.strip() or "x")
_numbers = st.one_of(
    st.integers(-1000, 1000).map(float),
    st.floats(-1e4, 1e4, allow_nan=False),
    st.sampled_from([0.0, 1e-12, -1e-12, 1e12, -1e12, 1e150, -1e150, 3e299]),
)
_gaps = st.one_of(_numbers, st.none())
_sizes = st.sampled_from([(800, 500), (320, 200), (1200, 400), (300, 700), (90, 60), (16, 16), (2000, 40)])


@st.composite
def _charts(draw: st.DrawFn) -> Spec:
    kind = draw(st.sampled_from(["bar", "line", "scatter", "histogram"]))
    rows = draw(st.integers(1, 12) | st.integers(1, 200))
    groups = draw(st.lists(_names, min_size=1, max_size=6, unique=True))
    width, height = draw(_sizes)
    chart: Spec = {
        "kind": kind,
        "image": {"width": width, "height": height},
        "theme": draw(st.sampled_from(["light", "dark"])),
    }
    for part in ("title", "subtitle", "caption"):
        if draw(st.booleans()):
            chart[part] = draw(_names) * draw(st.integers(1, 6))
    distinct = draw(st.sampled_from(["names", "numbers", "dates"]))
    numbers = draw(st.lists(_numbers, min_size=rows, max_size=rows))
    columns: Spec = {"value": draw(st.lists(_gaps if kind != "bar" else _numbers, min_size=rows, max_size=rows))}
    if distinct == "names":
        label = draw(_names)
        columns["place"] = [f"{label} {index}" for index in range(rows)]
    elif distinct == "numbers":
        columns["place"] = numbers
    else:
        step = draw(st.sampled_from([1, 30, 400]))
        columns["place"] = np.datetime_as_string(np.datetime64("1995-02-03") + np.arange(rows) * step).tolist()
    columns["group"] = [groups[index % len(groups)] for index in range(rows)]
    chart["data"] = {"columns": columns}
    if draw(st.booleans()):
        chart["color"] = "group"
    if kind == "histogram":
        chart |= {
            "x": "value",
            "stack": draw(st.sampled_from(["overlay", "stacked", "step"])),
            "density": draw(st.booleans()),
        }
        return chart
    chart |= {"x": {"field": "place"}, "y": "value" if kind != "bar" else "sum(value)"}
    if kind == "bar":
        chart |= {
            "stack": draw(st.sampled_from(["stacked", "grouped", "normalized", "overlay", "diverging"])),
            "shape": draw(st.sampled_from(["bar", "lollipop"])),
            "labels": draw(st.booleans()),
        } | draw(st.sampled_from([{}, {"horizontal": True}, {"horizontal": False}]))
    if kind == "line":
        chart |= {
            "interpolate": draw(st.sampled_from(["linear", "step", "smooth"])),
            "markers": draw(st.booleans()),
        }
    if draw(st.booleans()):
        chart["axes"] = {"y": {"scale": draw(st.sampled_from(["symlog", "sqrt"])), "reverse": draw(st.booleans())}}
    return chart


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(spec=_charts())
def test_any_table_gives_a_tidy_picture(
    spec: Spec,
    draw_spec: Callable[..., Drawing],
    assert_tidy: Callable[[Drawing], None],
    encode_drawing: Callable[..., Picture],
) -> None:
    try:
        drawing = draw_spec(spec)
    except SpecError:
        reject()  # what the data stage has to refuse: a column of nothing but missing values, for instance
    assert_tidy(drawing)
    picture = encode_drawing(drawing, "png", 1.0)
    with Image.open(io.BytesIO(picture.data)) as image:
        image.load()
        assert image.size == (spec["image"]["width"], spec["image"]["height"]) == (picture.width, picture.height)


@settings(max_examples=30, deadline=None)
@given(values=st.lists(st.floats(-1e9, 1e9).filter(lambda value: abs(value) > 1e-3), min_size=1, max_size=40))
@example(values=[5.0])
@example(values=[-5.0])
def test_bars_have_the_heights_of_the_data(values: list[float], draw_spec: Callable[..., Drawing]) -> None:
    names = [f"n{index}" for index in range(len(values))]
    spec = {
        "kind": "bar",
        "data": {"columns": {"name": names, "value": values}},
        "x": "name",
        "y": "value",
        "horizontal": False,
    }
    (bars,) = (item for item in draw_spec(spec).scene.by_role("bar") if isinstance(item, Rects))
    heights = bars.boxes[:, 3] - bars.boxes[:, 1]
    largest = max(map(abs, values))
    pixels_per_unit = heights.max() / largest
    assert np.allclose(heights, np.abs(values) * pixels_per_unit, atol=1e-6)
    assert bars.values is not None
    assert bars.values.tolist() == values
    # Positive bars stand on the line on which negative ones hang.
    base = np.where(np.array(values) > 0, bars.boxes[:, 3], bars.boxes[:, 1])
    assert math.isclose(base.min(), base.max(), abs_tol=1e-6)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_examples_are_tidy(
    theme: str, example_files: list[Path], draw_spec: Callable[..., Drawing], assert_tidy: Callable[[Drawing], None]
) -> None:
    assert example_files
    for file in example_files:
        assert_tidy(draw_spec(json.loads(file.read_text(encoding="utf-8")), theme=theme))


@pytest.mark.parametrize("count", [1, 2, 7, 30, 100, 200])
@pytest.mark.parametrize("words", [1, 3, 9])
def test_categories_are_wrapped_thinned_or_laid_down(
    count: int, words: int, draw_spec: Callable[..., Drawing], assert_tidy: Callable[[Drawing], None]
) -> None:
    names = [" ".join(["category"] * words) + f" {index}" for index in range(count)]
    spec = {
        "kind": "bar",
        "data": {"columns": {"name": names, "value": [1 + index for index in range(count)]}},
        "x": "name",
        "y": "value",
    }
    drawing = draw_spec(spec)
    assert_tidy(drawing)
    labels = [item for item in drawing.scene.texts if item.role in ("tick-label-x", "tick-label-y")]
    assert len(labels) >= 2
    assert all(label.angle == 0 for label in labels)
    if count == 200:
        assert any("category labels" in warning for warning in drawing.warnings)
