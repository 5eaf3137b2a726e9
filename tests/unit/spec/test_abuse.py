"""Hostile documents: each is answered with the field's name, or is a chart; without an echo."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from renderer.spec import SpecError, json_schema, parse, strict_json

Make = Callable[..., dict[str, Any]]

REFUSED: list[tuple[str, dict[str, Any], str]] = [
    # What the server owns, and what would be handed to a drawing library unseen
    ("mass assignment: owner", {"owner": 1}, "/owner"),
    ("mass assignment: status", {"status": "done"}, "/status"),
    ("mass assignment: file", {"file": "/etc/passwd"}, "/file"),
    ("usetex", {"usetex": True}, "/usetex"),
    ("rc", {"rc": {"text.usetex": True, "text.latex.preamble": "\\input{/etc/passwd}"}}, "/rc"),
    ("font that opens a file", {"font": "sans:file=/etc/passwd"}, "/font"),
    ("font size", {"title_size": 10_000}, "/title_size"),
    ("padding", {"padding": 1e6}, "/padding"),
    ("keywords of an artist", {"path_effects": [], "agg_filter": 5}, "/path_effects"),
    ("keywords of a style", {"style": {"sketch_params": [1, 1e-9, 1]}}, "/style/sketch_params"),
    # Sizes
    ("zero width", {"image": {"width": 0}}, "/image/width"),
    ("one pixel", {"image": {"width": 1}}, "/image/width"),
    ("negative width", {"image": {"width": -800}}, "/image/width"),
    ("int32 overflow", {"image": {"width": 2**31}}, "/image/width"),
    ("5,000 digits", {"image": {"width": 10**5000}}, "/image/width"),
    ("percent", {"image": {"width": "100%"}}, "/image/width"),
    ("number as text", {"image": {"width": "800"}}, "/image/width"),
    ("number with underscore", {"image": {"width": "1_000"}}, "/image/width"),
    ("true as number", {"image": {"width": True}}, "/image/width"),
    ("dpi bomb", {"image": {"dpi": 60_000}}, "/image/dpi"),
    ("scale after the check", {"image": {"width": 4000, "height": 4000, "scale": 4}}, "/image/width"),
    ("scale out of range", {"image": {"scale": 10}}, "/image/scale"),
    ("NaN scale", {"image": {"scale": float("nan")}}, "/image/scale"),
    ("infinite scale", {"image": {"scale": float("inf")}}, "/image/scale"),
    ("marker size", {"kind": "scatter", "style": {"size": 1e18}}, "/style/size"),
    ("line width", {"kind": "line", "style": {"width": 1e9}}, "/style/width"),
    ("dash of zeros", {"kind": "line", "style": {"dash": [0, 0]}}, "/style/dash"),
    ("marker polygon", {"kind": "scatter", "style": {"marker": [10_000_000, 0, 0]}}, "/style/marker"),
    ("opacity", {"style": {"opacity": float("nan")}}, "/style/opacity"),
    # Ticks, scales and limits of axes
    ("5,000 ticks", {"axes": {"x": {"ticks": 5000}}}, "/axes/x/ticks"),
    ("list of 5,000 ticks", {"axes": {"x": {"ticks": list(range(5000))}}}, "/axes/x/ticks"),
    ("tick step", {"axes": {"x": {"tick_step": 0.0002}}}, "/axes/x/tick_step"),
    ("minor ticks", {"axes": {"x": {"minor": 10_000}}}, "/axes/x/minor"),
    ("base of a log scale", {"axes": {"y": {"scale": "log", "base": 1}}}, "/axes/y/base"),
    ("logit", {"axes": {"y": {"scale": "logit"}}}, "/axes/y/scale"),
    ("limits of 1.7e308", {"axes": {"x": {"min": -1.7e308, "max": 1.7e308}}}, "/axes/x/max"),
    ("infinite limit", {"axes": {"x": {"max": float("inf")}}}, "/axes/x/max"),
    ("year 9999", {"axes": {"x": {"max": "9999-12-31"}}}, "/axes/x/max"),
    # Formats
    ("attributes", {"axes": {"y": {"format": "{x.__class__.__mro__}"}}}, "/axes/y/format"),
    ("globals", {"axes": {"y": {"format": "{x.__init__.__globals__[SECRET_KEY]}"}}}, "/axes/y/format"),
    ("width bomb", {"axes": {"y": {"format": "999999999d"}}}, "/axes/y/format"),
    ("precision bomb", {"axes": {"y": {"format": ".999999999f"}}}, "/axes/y/format"),
    ("percent arguments", {"axes": {"y": {"format": "%s %s"}}}, "/axes/y/format"),
    ("huge strftime", {"axes": {"x": {"format": "%c" * 500_000}}}, "/axes/x/format"),
    ("platform strftime", {"axes": {"x": {"format": "%-d %s %E %Q %999999Y"}}}, "/axes/x/format"),
    # Colours and other names
    ("css function", {"style": {"color": "url(javascript:1)"}}, "/style/color"),
    ("colour of the cycle", {"style": {"color": "C" + "9" * 5000}}, "/style/color"),
    ("colour as numbers", {"style": {"color": [2, 2, 2]}}, "/style/color"),
    ("grey in other digits", {"style": {"color": "\u0660.5"}}, "/style/color"),
    ("null colour", {"style": {"color": None}}, "/style/color"),
    ("colour of 5 MB", {"style": {"color": "x" * 5_000_000}}, "/style/color"),
    ("cycler", {"palette": "cycler('color',__import__('os').popen('id').read())"}, "/palette"),
    ("format in capitals", {"image": {"format": "PNG"}}, "/image/format"),
    ("other format", {"image": {"format": "svgz"}}, "/image/format"),
    ("format as a path", {"image": {"format": "png/../../x"}}, "/image/format"),
    ("theme as a URL", {"theme": "http://example.org/style"}, "/theme"),
    ("locale as a path", {"locale": "../../../etc/passwd"}, "/locale"),
    ("time zone as a path", {"timezone": "/etc/passwd"}, "/timezone"),
    # Texts
    ("control character", {"title": "a\u0001b"}, "/title"),
    ("U+FEFF", {"title": "a\ufeffb"}, "/title"),
    ("NUL", {"title": "a\0b"}, "/title"),
    ("lone surrogate", {"title": "\ud800"}, "/title"),
    ("bidi isolate", {"title": "\u2066abc"}, "/title"),
    ("bidi override", {"title": "\u202eabc"}, "/title"),
    ("tag character", {"title": "pay\u200bpal \U000e0041"}, "/title"),
    ("500 combining marks", {"title": "e" + "\u0301" * 499}, "/title"),
    ("long title", {"title": "$" + "x" * 10_000 + "$"}, "/title"),
    ("100,000 line breaks", {"title": "\n" * 100_000}, "/title"),
    ("lines of a title", {"title": "a\n" * 100}, "/title"),
    ("long alt text", {"alt": "x" * 2001}, "/alt"),
    ("bidi override in a column's name", {"x": "a\u202e"}, "/x"),
    # Budgets of marks
    ("bins", {"kind": "histogram", "bins": 100_000}, "/bins"),
    ("bins of a channel", {"x": {"field": "quarter", "bin": 100_000}}, "/x/bin"),
    ("step of no width", {"x": {"field": "quarter", "bin": {"step": 0}}}, "/x/bin/step"),
    ("top", {"x": {"field": "quarter", "top": 10**9}}, "/x/top"),
    ("values put in order", {"x": {"field": "quarter", "sort": ["a"] * 5000}}, "/x/sort"),
    ("colours of a palette", {"palette": ["red"] * 5000}, "/palette"),
    ("colours of a map", {"color": {"field": "quarter", "map": {str(n): "red" for n in range(5000)}}}, "/color/map"),
]

ACCEPTED: list[tuple[str, dict[str, Any]]] = [
    ("broken mathtext", {"title": "$\\foo$"}),
    ("empty mathtext", {"title": "$$"}),
    ("title at its limit", {"title": "W" * 500}),
    ("template syntax", {"title": "{{7*7}} {% include 'x' %} ${7*7}"}),
    ("emoji and Chinese", {"title": "你好 😀"}),
    ("white space only", {"title": "   \t "}),
    ("colours", {"palette": ["#1f77b4", "#1f77b480", "teal", "#abc"]}),
    ("a regular expression is a name", {"x": "(a+)+$"}),
    ("largest picture", {"image": {"width": 4000, "height": 4000, "scale": 1}}),
]


@pytest.mark.parametrize(("fields", "pointer"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_it_is_refused_by_name(bar: Make, fields: dict[str, Any], pointer: str) -> None:
    document = bar() | fields
    if document["kind"] == "histogram":
        del document["y"]
    with pytest.raises(SpecError) as caught:
        parse(document)
    problems = {problem.pointer: problem.message for problem in caught.value.problems}
    assert pointer in problems
    assert all(len(message) < 400 for message in problems.values())


@pytest.mark.parametrize("fields", [case[1] for case in ACCEPTED], ids=[case[0] for case in ACCEPTED])
def test_it_is_a_chart(bar: Make, fields: dict[str, Any]) -> None:
    parse(strict_json(json.dumps(bar() | fields).encode()))


def test_a_deep_object_that_never_was_json_is_refused(bar: Make) -> None:
    deep: Any = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(SpecError) as caught:
        parse(bar(palette=deep))
    assert caught.value.problems[0].pointer.startswith("/palette")


REACHING = {"url", "href", "path", "file", "font", "rc", "usetex", "metadata", "query", "sql"}


def test_the_schema_has_no_field_that_reaches_files_networks_or_code() -> None:
    names = {
        name
        for title, definition in json_schema()["$defs"].items()
        if title != "Source" and (title == "Chart" or not title.endswith("Chart"))  # short forms refer to these
        for option in definition.get("anyOf", [definition])
        for name, field in option.get("properties", {}).items()
        # A treemap's path is one of columns.
        if not (name == "path" and field["items"] == {"$ref": "#/$defs/Channel"})
    }
    assert names.isdisjoint(REACHING)
    # What a source names is judged in renderer/sources before anything is opened.
    assert REACHING & set(json_schema()["$defs"]["Source"]["properties"]) == {"url", "query"}
