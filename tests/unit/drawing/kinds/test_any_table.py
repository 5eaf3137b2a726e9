"""Whatever the table, kinds that lay out their own panel give a tidy picture, or a located problem."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from renderer.drawing.draw import Drawing
from renderer.spec.errors import SpecError

Spec = dict[str, Any]

_words = st.text(st.sampled_from("abcdefghijklmnopqrstuvwxyzABCDEFGÄÉß -'漢م"), min_size=1, max_size=14)
_names = st.one_of(_words, st.lists(_words, min_size=2, max_size=8).map(" ".join)).map(lambda text: text.strip() or "x")
_numbers = st.one_of(
    st.integers(0, 1000).map(float),
    st.floats(0, 1e4, allow_nan=False),
    st.sampled_from([0.0, 1e-12, 1e12, 1e150, 3e299, -1.0, -1e12, -3e299]),
)
_sizes = st.sampled_from([(800, 500), (320, 200), (300, 200), (1200, 400), (300, 700), (90, 60), (16, 16), (2000, 40)])
_KINDS: dict[str, st.SearchStrategy[Spec]] = {
    "pie": st.fixed_dictionaries(
        {"label": st.just("n"), "value": st.just("v")},
        optional={
            "half": st.booleans(),
            "start": st.floats(-360, 360),
            "show": st.sampled_from(["percent", "value", "both"]),
            "labels": st.sampled_from([True, False, {"position": "inside"}]),
            "group_below": st.sampled_from([0.02, 0.2]),
        },
    ),
    "waterfall": st.fixed_dictionaries({"label": st.just("n"), "value": st.just("v")}, optional={"final": _names}),
    "funnel": st.fixed_dictionaries(
        {"label": st.just("n"), "value": st.just("v")}, optional={"align": st.sampled_from(["left", "center"])}
    ),
    "waffle": st.fixed_dictionaries(
        {"label": st.just("n"), "value": st.just("v")},
        optional={"rows": st.integers(1, 20), "shape": st.just("circle"), "show": st.just("both")},
    ),
    "treemap": st.fixed_dictionaries(
        {"path": st.sampled_from([["n"], ["g", "n"]]), "value": st.just("v")},
        optional={"color": st.sampled_from(["g", "v"]), "show": st.sampled_from(["percent", "name"])},
    ),
    "progress": st.fixed_dictionaries(
        {"label": st.just("n"), "value": st.just("v"), "max": st.sampled_from([1, 1000, 3e299])},
        optional={"target": st.just(0.5), "show": st.sampled_from(["value", "both", "none"]), "color": st.just("g")},
    ),
    "bullet": st.fixed_dictionaries(
        {"label": st.just("n"), "value": st.just("v")},
        optional={"target": st.just(5), "bands": st.just([10, 20]), "scale": st.just("shared")},
    ),
    "gauge": st.fixed_dictionaries(
        {"value": st.just("v")}, optional={"max": st.sampled_from([1, 3e299]), "sweep": st.floats(90, 330)}
    ),
    "kpi": st.fixed_dictionaries(
        {"value": st.just("last(v)")},
        optional={
            "compare": st.sampled_from(["first(v)", 0, 10]),
            "trend": st.just("v"),
            "trend_shape": st.sampled_from(["line", "bar"]),
        },
    ),
    "sparkline": st.fixed_dictionaries(
        {"y": st.just("v")},
        optional={
            "label": st.just("g"),
            "change": st.booleans(),
            "shape": st.sampled_from(["area", "bar", "winloss"]),
            "points": st.just(["first", "last", "min", "max"]),
        },
    ),
}


@st.composite
def _charts(draw: st.DrawFn) -> Spec:
    kind = draw(st.sampled_from(sorted(_KINDS)))
    rows = draw(st.integers(1, 12) | st.integers(1, 120))
    stem = draw(_names)
    groups = draw(st.lists(_names, min_size=1, max_size=6, unique=True))
    width, height = draw(_sizes)
    values = draw(st.lists(_numbers | st.none(), min_size=rows, max_size=rows))
    columns = {
        "n": [f"{stem} {index}" for index in range(rows)],
        "g": [groups[index % len(groups)] for index in range(rows)],
        "v": values,
    }
    chart: Spec = {
        "kind": kind,
        "data": {"columns": columns, "types": {"v": "number"}},
        "image": {"width": width, "height": height},
        "theme": draw(st.sampled_from(["light", "dark"])),
        **draw(_KINDS[kind]),
    }
    if draw(st.booleans()):
        chart["title"] = draw(_names)
    return chart


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(spec=_charts())
def test_any_table_gives_a_tidy_picture(
    spec: Spec, draw_spec: Callable[..., Drawing], assert_tidy: Callable[[Drawing], None]
) -> None:
    try:
        drawing = draw_spec(spec)
    except SpecError as refused:
        channels = {"value", "v", "y", "label", "path", "max", "color", "per_square", "rows"}
        nowhere = {problem.pointer.split("/")[1] for problem in refused.problems} - channels
    else:
        nowhere = set()
        assert_tidy(drawing)
        assert drawing.alt
    assert not nowhere
