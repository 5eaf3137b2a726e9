"""Charts that are made to hurt: each is a located error or a good picture, within the memory of a worker's child and a
few seconds. They are drawn in one process of their own, since a limit on memory is for a whole process.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from renderer.drawing.draw import Drawing
from renderer.drawing.encode import FORMATS, FigureTooLarge, Metadata, Picture, encode
from renderer.drawing.scene import Text
from renderer.spec import SpecError
from renderer.spec.limits import LIMITS

Spec = dict[str, Any]
POINT: Spec = {"kind": "scatter", "data": {"columns": {"x": [1, 2, 3], "y": [3, 1, 2]}}, "x": "x", "y": "y"}
BAR: Spec = {"kind": "bar", "data": {"columns": {"x": ["p", "q"], "y": [1, 2]}}, "x": "x", "y": "y"}

_CHILD = """
import json, random, resource, sys, time
from renderer.data.resolve import load
from renderer.drawing.draw import draw
from renderer.drawing.encode import FORMATS, FigureTooLarge, Metadata, encode
from renderer.drawing.warm import warm
from renderer.spec import SpecError, parse

warm()
with open("/proc/self/statm") as statm:
    pages = int(statm.read().split()[0])
ceiling = pages * resource.getpagesize() + 800 * 1024**2  # as workers.process sets it
resource.setrlimit(resource.RLIMIT_AS, (ceiling, ceiling))
dice = random.Random(7)
noise = lambda count: [dice.gauss(0, 1) for _ in range(count)]
names = lambda count: [f"a category whose name is rather long {i}" for i in range(count)]
LARGEST = {"width": 4000, "height": 4000, "scale": 1}
WIDEST = {"width": 8192, "height": 1953, "scale": 1}
SPECS = {
    "a million points": {"kind": "scatter", "x": "x", "y": "y", "data": {"columns":
        {"x": noise(10**6), "y": noise(10**6)}}},
    "bubbles": {"kind": "scatter", "x": "x", "y": "y", "size": "s", "color": "s", "data": {"columns":
        {"x": noise(60_000), "y": noise(60_000), "s": list(range(60_000))}}},
    "noise on the largest sheet": {"kind": "line", "markers": True, "x": "x", "y": "y", "image": LARGEST,
        "data": {"columns": {"x": list(range(20_000)), "y": noise(20_000)}}},
    "smooth noise on the widest sheet": {"kind": "line", "interpolate": "smooth", "x": "x", "y": "y", "image": WIDEST,
        "style": {"width": 20, "dash": "dotted", "opacity": 0.3},
        "data": {"columns": {"x": list(range(20_000)), "y": noise(20_000)}}},
    "bars": {"kind": "bar", "labels": True, "x": "x", "y": "y", "image": WIDEST,
        "data": {"columns": {"x": names(2000), "y": noise(2000)}}},
    "stacks of fifty": {"kind": "bar", "x": "x", "y": "sum(y)", "color": "c", "data": {"columns":
        {"x": [f"x{i % 40}" for i in range(2000)], "c": names(50) * 40, "y": list(range(2000))}}},
    "every text at its limit": {"kind": "bar", "x": "x", "y": "y", "title": "W" * 500, "subtitle": "\\u0622 " * 250,
        "caption": "i" * 500, "axes": {"x": {"title": "W" * 200}, "y": {"title": "W" * 200}},
        "data": {"columns": {"x": ["W" * 200, "i" * 200], "y": [1, 2]}}},
    "a day each for thirty years": {"kind": "line", "x": {"field": "x", "unit": "day"}, "y": "y", "data": {"columns": {
        "x": [f"{1990 + i // 336}-{i // 28 % 12 + 1:02}-{i % 28 + 1:02}" for i in range(10_080)],
        "y": noise(10_080)}}},
    "two equal times": {"kind": "line", "x": "x", "y": "y", "data": {"columns":
        {"x": ["2026-01-01"] * 2, "y": [1, 2]}}},
    "numbers at the limit": {"kind": "line", "x": "x", "y": "y", "data": {"columns":
        {"x": [-1e300, 1e300], "y": [1e-300, 1e300]}}},
    "bins": {"kind": "histogram", "x": "x", "bins": 500, "data": {"columns": {"x": noise(300_000)}}},
}
for name, spec in SPECS.items():
    began = time.process_time()
    try:
        drawing = draw(load(parse(spec)))
        said = {"warnings": list(drawing.warnings)}
        for format_name in FORMATS:
            picture = encode(drawing, format_name, scale=1, metadata=Metadata("t", drawing.alt, "k"))
            said[format_name] = len(picture.data)
    except (SpecError, FigureTooLarge) as error:
        said = {"error": str(error)}
    except MemoryError:
        said = {"error": "MemoryError"}
    print(json.dumps({"name": name, "seconds": time.process_time() - began, **said}), flush=True)
"""
MANY_SECONDS = 45.0  # the soft limit of a job, for all four formats on a machine that is busy; most take less than 2


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="the limit on memory is Linux's")
def test_the_heaviest_charts_stay_within_a_childs_memory_and_time() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", _CHILD],
        cwd=Path(__file__).parents[3],
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
    drawn = {line["name"]: line for line in map(json.loads, ran.stdout.splitlines())}
    assert len(drawn) == 11
    for name, said in drawn.items():
        assert "error" not in said, said
        assert said["seconds"] < MANY_SECONDS, said
        assert all(said[format_name] < 8_000_000 for format_name in FORMATS), said
        assert name != "bars" or any("label" in warning for warning in said["warnings"])


_AGAIN = """
import json, sys
from renderer.data.resolve import load
from renderer.drawing.draw import draw
from renderer.drawing.encode import Metadata, encode
from renderer.spec import parse

with open(sys.argv[1], encoding="utf-8") as file:
    drawing = draw(load(parse(json.load(file))))
for number in range(60):
    encode(drawing, "pdf", scale=1, metadata=Metadata("", "", ""))
    if number in (19, 59):
        with open("/proc/self/statm") as statm:
            print(int(statm.read().split()[1]) * 4)
"""


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="the size of a process is read as Linux has it")
def test_a_pdf_leaves_no_glyphs_in_memory(example_files: list[Path]) -> None:
    example = next(file for file in example_files if file.stem == "text-scripts")
    ran = subprocess.run(
        [sys.executable, "-c", _AGAIN, str(example)],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    before, after = map(int, ran.stdout.split())
    assert after - before < 4_000  # kB; it was 11,000 when the glyphs stayed


# --- Text ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "title",
    [
        "$\\foo$", "$$", "$x_{$", "$x^a^b$", "$\\left( x$", "cost $5 and $6", "_hidden", "%s %(x)s {x} {0}",
        "{{7*7}} {% include 'x' %} ${7*7}", "</text><script>alert(1)</script>", "--><script>alert(1)</script><!--",
        "]]><a href='javascript:alert(1)'>", "&amp;&lt;&#x1;", '"\'><svg onload=alert(1)>',
    ],
)  # fmt: skip
def test_a_title_is_drawn_as_it_was_written(
    title: str, draw_spec: Callable[..., Drawing], encode_drawing: Callable[..., Picture]
) -> None:
    drawing = draw_spec({**POINT, "title": title, "data": {"columns": {"x": [1], "y": [2]}}})
    assert " ".join(item.text for item in drawing.scene.texts if item.role == "title") == " ".join(title.split())
    for name in FORMATS:
        data = encode_drawing(drawing, name).data
        if name == "svg":
            assert b"<script" not in data
            assert b"<a " not in data


def test_a_log_axis_reads_as_numbers(draw_spec: Callable[..., Drawing]) -> None:
    columns = {"x": [1, 2], "y": [1, 1_000_000]}
    drawing = draw_spec({**POINT, "data": {"columns": columns}, "axes": {"y": {"scale": "log"}}})
    labels = [item.text for item in drawing.scene.texts if item.role == "tick-label-y"]
    assert labels
    assert not any("$" in label or "mathdefault" in label or "\\" in label for label in labels)


def test_names_that_start_with_an_underscore_stay_in_the_legend(draw_spec: Callable[..., Drawing]) -> None:
    columns = {"x": ["p", "q"], "y": [1, 2], "c": ["_a", "__b"]}
    drawing = draw_spec({**BAR, "data": {"columns": columns}, "color": "c"})
    assert {"_a", "__b"} <= {item.text for item in drawing.scene.texts}


def test_one_word_in_two_normal_forms_is_one_category(draw_spec: Callable[..., Drawing]) -> None:
    drawing = draw_spec({**BAR, "y": "sum(y)", "data": {"columns": {"x": ["café", "cafe\u0301"], "y": [1, 2]}}})
    assert [item.text for item in drawing.scene.texts if item.role == "tick-label-x"] == ["café"]


def test_names_that_only_look_alike_are_two(draw_spec: Callable[..., Drawing]) -> None:
    drawing = draw_spec({**BAR, "data": {"columns": {"x": ["paypal", "pay\u200bpal"], "y": [1, 2]}}})
    assert len([item for item in drawing.scene.texts if item.role == "tick-label-x"]) == 2


def test_letters_without_a_font_are_a_warning_and_a_picture(
    draw_spec: Callable[..., Drawing], encode_drawing: Callable[..., Picture]
) -> None:
    drawing = draw_spec({**BAR, "title": "\U00012000 and \U00013000"})
    assert len(drawing.warnings) == 1
    for name in FORMATS:
        assert encode_drawing(drawing, name).data


def test_six_marks_on_a_letter_stay_in_the_sheet(
    draw_spec: Callable[..., Drawing], assert_tidy: Callable[[Drawing], None]
) -> None:
    tall = "e" + "\u0302\u0303\u0308\u0323\u0331\u0330"
    for part in ("title", "caption"):
        assert_tidy(draw_spec({**BAR, part: f"{tall} {tall}"}))


# --- Sizes, ticks, styles -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("axes", "says"),
    [
        ({"y": {"scale": "log"}}, "/axes/y"),
        ({"x": {"min": 3, "max": 3}}, "/axes/x"),
        ({"x": {"min": 5, "max": 3}}, "/axes/x"),
    ],
)
def test_a_scale_that_cannot_be_is_located(axes: Spec, says: str, draw_spec: Callable[..., Drawing]) -> None:
    columns = {"x": [1, 2], "y": [0, -1]}
    with pytest.raises(SpecError) as refused:
        draw_spec({**POINT, "data": {"columns": columns}, "axes": axes})
    assert refused.value.problems[0].pointer.startswith(says)


def test_a_range_far_from_the_data_keeps_the_size(
    draw_spec: Callable[..., Drawing], assert_tidy: Callable[[Drawing], None], encode_drawing: Callable[..., Picture]
) -> None:
    drawing = draw_spec({**POINT, "axes": {"x": {"min": -1e12, "max": 1e-12}, "y": {"min": 1e299, "max": 1e300}}})
    assert_tidy(drawing)
    assert encode_drawing(drawing).width == 800


def test_a_hundred_ticks_are_thinned(draw_spec: Callable[..., Drawing], assert_tidy: Callable[[Drawing], None]) -> None:
    places = [1 + index / 50 for index in range(100)]
    drawing = draw_spec({**POINT, "axes": {"x": {"ticks": places}, "y": {"ticks": 100}}})
    assert_tidy(drawing)


def test_the_smallest_sheet_is_a_picture(
    draw_spec: Callable[..., Drawing], assert_tidy: Callable[[Drawing], None], encode_drawing: Callable[..., Picture]
) -> None:
    drawing = draw_spec({**BAR, "title": "T", "image": {"width": 16, "height": 16}})
    assert_tidy(drawing)
    for name in FORMATS:
        picture = encode_drawing(drawing, name)
        assert (picture.width, picture.height) == (16, 16)


@pytest.mark.parametrize("format_name", FORMATS)
def test_a_file_has_at_most_so_many_bytes(format_name: str, draw_spec: Callable[..., Drawing]) -> None:
    small = replace(LIMITS, file_bytes=1000)
    with pytest.raises(FigureTooLarge, match="a file has at most"):
        encode(draw_spec(BAR), format_name, scale=1, metadata=Metadata("", "", ""), limits=small)


def test_very_many_symbols_are_one_picture_in_a_vector_file(
    draw_spec: Callable[..., Drawing], encode_drawing: Callable[..., Picture]
) -> None:
    count = 6000
    columns = {"x": list(range(count)), "y": [index * 37 % 101 for index in range(count)], "s": list(range(count))}
    drawing = draw_spec({**POINT, "size": "s", "data": {"columns": columns}})
    svg = encode_drawing(drawing, "svg").data
    assert svg.count(b"<image") == 1
    assert len(svg) < 1_500_000
    assert any(isinstance(item, Text) for item in drawing.scene.primitives)
