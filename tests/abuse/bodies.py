"""Requests of the corpus that have a strange body: specs of charts, and what surrounds them."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterator
from typing import Any

from renderer.spec import LIMITS
from tests.abuse.tries import REFUSED, Spec, Try, drawn, either, judged, refused

BAR: Spec = {"kind": "bar", "x": "x", "y": "y", "data": {"columns": {"x": ["a", "b"], "y": [1, 2]}}}
DEEPEST: Spec = {"panels": [{"layers": [BAR, BAR | {"kind": "line"}]}]}
"""As deep as the language goes."""
DICE = random.Random(7)


def chart(**fields: Any) -> Spec:
    """The request for an ordinary chart, but for these fields of its spec."""
    return {"spec": BAR | fields}


def columns(kind: str = "bar", **named: list[Any]) -> Spec:
    """The request for a chart of these columns."""
    return chart(kind=kind, data={"columns": named})


def literal(data: bytes) -> bytes:
    """The request for a chart whose y is this text of JSON."""
    return json.dumps(columns(x=["a"], y=["@"])).encode().replace(b'["@"]', data)


def axes(**fields: Any) -> Spec:
    return chart(axes=fields)


def image(**fields: Any) -> Spec:
    return chart(image=fields)


def noise(count: int) -> list[float]:
    return [round(DICE.gauss(0, 1), 3) for _ in range(count)]


def documents() -> list[Try]:
    """Area json."""
    deep = b"[" * 100_000 + b"]" * 100_000
    whole = json.dumps(chart()).encode()
    return [
        *refused("json-001", "", b'{"spec": {"kind": "bar", "kind": "line"}}'),
        *refused("json-003", "", literal(b"[Infinity]"), literal(b"[-Infinity]"), literal(b"[NaN]")),
        *either("json-005", "/spec/data", literal(b"[1e-999]"), literal(b"[5e-324]"), literal(b"[-0.0]")),
        *refused("json-007", "", b'{"spec": {"kind": "bar", "image": {"width": ' + b"9" * 4300 + b"}}}"),
        *refused("json-009", "", deep, b'{"spec": ' + deep + b"}"),
        *drawn("json-011", chart(transform=[{"derive": {"z": "(" * 20 + "y" + ")" * 20}}]), {"spec": DEEPEST}),
        *refused("json-013", "", {f"k{number}": 0 for number in range(100_000)}),
        *refused(
            "json-015", "/", {**chart(), "owner": 1}, {**chart(), "status": "done"}, {**chart(), "is_public": True},
            {**chart(), "id": "1"}, {**chart(), "file": "/etc/passwd"}, chart(owner=1, file="/etc/passwd"),
        ),
        *refused("json-017", "", b"[]", b'"x"', b"1", b"null", b"true"),
        *refused("json-019", "", whole + b" x"),
        *refused("json-021", "", whole.decode().encode("utf-16")),
        *refused("json-023", "", b'{"name": "a\xc0\x80b"}'),
        *refused("json-025", "/spec/title", chart(title="a\0b")),
        *refused(
            "json-027", "", gzip.compress(b" " * 20_000_000), status=(415,), headers={"Content-Encoding": "gzip"}
        ),
        *refused("json-029", "", whole.ljust(LIMITS.body_bytes + 1), status=(413,)),
        *refused("json-031", "/spec/image/width", image(width="800")),
        *refused("json-033", "/spec/image/width", image(width="1_000")),
        *refused("json-035", "", b"{}", headers={"Accept": "text/html,application/xml;q=0.9"}),
        Try("json-035", None, (REFUSED,), "", (404,), {"Accept": "text/html"}, "GET", "/api/v1/nothing"),
    ]  # fmt: skip


def texts() -> list[Try]:
    """Area text."""
    powers = {"kind": "line", "data": {"columns": {"x": [1, 2], "y": [1, 1_000_000]}}}
    return [
        *drawn("text-002", chart(title="$\\foo$")),
        *drawn("text-004", chart(title="$$")),
        *refused("text-006", "/spec/title", chart(title="$" + "x" * 10_000 + "$")),
        *drawn("text-008", chart(**powers, axes={"y": {"scale": "log"}})),
        *drawn("text-010", chart(title="W" * LIMITS.title_chars)),
        *refused("text-012", "/spec/title", chart(title="a\x01b", image={"format": "svg"})),
        *refused("text-014", "/spec/title", chart(title="a\ufeffb", image={"format": "pdf"})),
        *refused("text-016", "/spec/title", chart(title="\u2066abc")),
        *either("text-018", "/spec/title", chart(title="pay\u200bpal \U000e0041"), chart(title="pay\u200bpal")),
        *drawn("text-020", chart(title="你好 😀"), chart(title="\U00012000")),
        *either("text-022", "/spec/title", chart(title="   \t ")),
        *drawn("text-024", chart(title="{{7*7}} {% include 'x' %} ${7*7}")),
        *drawn("text-026", chart(y="sum(y)", data={"columns": {"x": ["café", "cafe\u0301"], "y": [1, 2]}})),
    ]


def sizes() -> list[Try]:
    """Area size."""
    series, points = LIMITS.legend_entries, 4_000
    most = {
        "x": list(range(points)) * series,
        "y": noise(points * series),
        "c": [f"s{number}" for number in range(series) for _ in range(points)],
    }
    largest = {"width": 4000, "height": 4000, "scale": 1}
    far = [{"kind": "text", "x": x, "y": 400, "text": "far away"} for x in (1, 400)]
    dots = {"kind": "scatter", "data": {"columns": {"x": [1, 2], "y": [1, 2]}}, "axes": {"x": {"max": 2}}}
    return [
        *refused("size-001", "/spec/image/width", image(width=0, height=600)),
        *refused("size-003", "/spec/image/width", image(width=1, height=600)),
        *refused("size-005", "/spec/image/width", image(width=2**31, height=600)),
        *refused("size-007", "/spec/image/width", image(width="100%", height=600)),
        *refused("size-009", "/spec/image", image(dpi=60_000)),
        *refused("size-011", "/spec/image", image(width=4000, height=4000, scale=4), image(scale=10)),
        *drawn("size-013", chart(**dots, annotations=far) | {"name": "far"}),
        *refused("size-015", "/spec/title_size", chart(title_size=10_000)),
        *refused("size-017", "/spec/style/width", chart(kind="line", style={"width": 1e9})),
        *refused("size-019", "/spec/style/size", chart(kind="scatter", style={"size": 1e18})),
        *refused("size-021", "/spec/style/dash", *(chart(kind="line", style={"dash": d}) for d in ([0, 0], [-1, 1]))),
        *refused("size-023", "/spec/style/marker", chart(kind="scatter", style={"marker": [10_000_000, 0, 0]})),
        *refused("size-025", "/spec/padding", chart(padding=1e6)),
        *either("size-027", "", chart(kind="line", color="c", data={"columns": most}, image=largest)),
    ]


def ticks() -> list[Try]:
    """Area ticks."""
    days = [f"{1990 + i // 336}-{i // 28 % 12 + 1:02}-{i % 28 + 1:02}" for i in range(10_080)]
    daily = {"columns": {"x": days, "y": noise(len(days))}}
    return [
        *refused("ticks-002", "/spec/axes/x/tick_step", axes(x={"tick_step": 0.0002})),
        *refused("ticks-004", "/spec/axes/x/ticks", axes(x={"ticks": list(range(5000))})),
        *refused("ticks-006", "/spec/axes/x/minor", axes(x={"minor": 10_000})),
        *judged(
            "ticks-008", "/spec/axes/y",
            chart(kind="line", data={"columns": {"x": [1, 2], "y": [0, -1]}}, axes={"y": {"scale": "log"}}),
        ),
        *refused("ticks-010", "/spec/axes/y/base", *(axes(y={"scale": "log", "base": b}) for b in (1, 0, 1.0000001))),
        *refused("ticks-012", "/spec/axes/y/scale", axes(y={"scale": "logit"})),
        *drawn("ticks-014", chart(kind="line", x={"field": "x", "unit": "day"}, data=daily)),
        *drawn("ticks-016", columns("line", x=["2026-01-01"] * 2, y=[1, 2])),
        *refused("ticks-018", "/spec/axes/x", axes(x={"min": -1.7e308, "max": 1.7e308})),
    ]  # fmt: skip


def rows() -> list[Try]:
    """Area data."""
    slices = [f"s{number}" for number in range(5000)]
    outlier = [*(number / 1000 for number in range(1000)), 1e15]
    cells = [[x, y, x * y] for x in range(100) for y in range(100)]

    def pies(**named: list[Any]) -> Spec:
        return {"spec": {"kind": "pie", "label": "x", "value": "y", "data": {"columns": named}}}

    def hist(*values: float | None) -> Spec:
        return {"spec": {"kind": "histogram", "x": "x", "data": {"columns": {"x": values}}}}

    tile = {
        "kind": "heatmap",
        "x": "x",
        "y": "y",
        "color": "v",
        "labels": True,
        "data": {"header": ["x", "y", "v"], "rows": cells},
    }
    contour = {"kind": "contour", "x": "x", "y": "y", "levels": 10_000}
    dates = ["2026-02-30", "2026-01-01T24:30", "2026-01-01T00:00:60"]
    crowd = {"x": [1] * 500, "y": [1] * 500, "c": slices[:500]}
    sheet = {"width": 4000, "height": 4000, "scale": 1}
    many = {"x": list(range(100_000)), "y": noise(100_000)}
    error = {"kind": "errorbar", "margin": "e", "data": {"columns": {"x": ["a"], "y": [1], "e": [-1]}}}
    return [
        *drawn("data-002", columns(x=["a"], y=[5]), columns("line", x=[1], y=[5]), columns("scatter", x=[1], y=[5])),
        *drawn(
            "data-004", pies(x=["a", "b", "c"], y=[None, 1, 2]), hist(None, 1, 2),
            *(columns(kind, x=["a", "b", "c"], y=[None, 1, 2]) for kind in ("bar", "line", "area", "scatter", "box")),
        ),
        *drawn("data-006", columns("line", x=[1, 2], y=[1e300, -1e300]), columns(x=["a", "b"], y=[1e300, -1e300])),
        *drawn("data-008", columns("line", x=[1, 2], y=[1, 1.0000000000000002])),
        *drawn("data-010", columns("line", x=[1, 2, 3, 4], y=[7] * 4), hist(7, 7, 7, 7)),
        *either("data-012", "/spec/data", columns(x=["a"], y=[9223372036854775808])),
        *either("data-014", "/spec/", columns("line", x=[1, 2], y=["1", "2"])),
        *refused("data-016", "/spec/data", columns(x=["a", "b"], y=[[1, 2], [3]])),
        *judged("data-018", "/spec/data", columns(x=[1, 2], y=[1, 2, 3])),
        *judged("data-020", "/spec/value", pies(x=["a", "b"], y=[0, 0])),
        *judged("data-022", "/spec/label", pies(x=slices, y=[1] * 5000)),
        *judged("data-024", "/spec/color", chart(kind="line", color="c", data={"columns": crowd})),
        *drawn("data-026", chart(kind="line", data={"columns": many}, image=sheet)),
        *drawn("data-028", hist(*outlier)),
        *refused("data-030", "/spec/levels", {"spec": contour | {"data": BAR["data"]}}),
        *drawn("data-032", {"spec": tile}),
        *judged("data-034", "/spec/margin", chart(**error)),
        *either(
            "data-036", "/spec/", columns("line", x=["0001-01-01", "9999-12-31"], y=[1, 2]),
        ),
        *(case for date in dates for case in either("data-038", "/spec/", columns("line", x=[date], y=[1]))),
    ]  # fmt: skip


def formats() -> list[Try]:
    """Area format."""

    def formatted(*formats: str) -> Iterator[Spec]:
        return (axes(y={"format": text}) for text in formats)

    where = "/spec/axes/y/format"
    return [
        *refused("format-002", where, *formatted("{x.__init__.__globals__[SECRET_KEY]}")),
        *refused("format-004", where, *formatted("{x:.999999999f}", ".999999999f")),
        *refused("format-006", where, *formatted("%s %s", "%(x)s")),
        *refused("format-008", where, *formatted("%c" * 500_000)),
        *refused("format-010", where, *formatted("%-d %s %E %Q %999999Y", "%-d", "%Q")),
        *drawn("format-012", chart(x="(a+)+$", data={"columns": {"(a+)+$": ["a" * 40], "y": [1]}})),
    ]


def styles() -> list[Try]:
    """Area style."""

    def colored(*colors: Any) -> Iterator[Spec]:
        return (chart(style={"color": color}) for color in colors)

    where = "/spec/style/color"
    artist = {"agg_filter": 5, "path_effects": [], "transform": 0, "clip_path": 0, "sketch_params": [1, 1e-9, 1]}
    rc = {"text.usetex": True, "text.latex.preamble": "\\input{/etc/passwd}"}
    names = ("PNG", "svgz", "ps", "pgf", "raw", "../x", "png/../../x")
    return [
        *refused("style-001", where, *colored("url(javascript:1)")),
        *refused("style-003", where, *colored("C" + "9" * 5000)),
        *refused("style-005", where, *colored([2, 2, 2])),
        *refused("style-007", where, *colored("\u0660.5")),
        *refused("style-009", where, *colored(None)),
        *drawn("style-011", *colored("#1f77b4", "#1f77b480", "rebeccapurple")),
        *refused("style-013", "/spec/font", chart(font="sans:file=/etc/passwd"), chart(font="sans:file=/dev/zero")),
        *refused("style-015", "/spec/", chart(usetex=True), chart(rc=rc)),
        *refused("style-017", "/spec/palette", chart(palette="cycler('color',__import__('os').popen('id').read())")),
        *refused("style-019", "/spec/", chart(**artist), chart(style=artist)),
        *refused("style-021", "/spec/image/format", *(image(format=name) for name in names)),
        *refused("style-021", "/formats", *({**chart(), "formats": [name]} for name in names)),
    ]


def vectors() -> list[Try]:
    """Area svg, but for what is looked at in the files themselves."""
    crowd = {"x": noise(100_000), "y": noise(100_000)}
    link = [{"kind": "text", "x": 1, "y": 1, "text": "a", "url": "javascript:alert(1)"}]
    return [
        *refused("svg-004", "/spec/annotations/0", chart(image={"format": "pdf"}, annotations=link)),
        *refused("svg-006", "/spec/id", chart(id='"><script>')),
        *refused("svg-006", "/spec/layers/0/id", {"spec": {"layers": [{**BAR, "id": '"><script>'}]}}),
        *either("svg-012", "/spec", chart(kind="scatter", data={"columns": crowd}, image={"format": "svg"})),
    ]
