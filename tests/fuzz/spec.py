"""Any bytes as the spec of a chart: a chart whose rows can be read, or errors that each name their place."""

from __future__ import annotations

import json
from typing import Any

from renderer.data.resolve import load
from renderer.spec import LIMITS, SpecError, parse, strict_json

SEEDS = (
    b'{"kind": "bar", "x": "a", "y": "sum(b)", "data": {"columns": {"a": ["x", "y"], "b": [1, 2.5]}}}',
    b'{"kind": "line", "x": "month(d)", "y": "v", "data": {"csv": "d,v\\n2026-01-01,3\\n"}, "axes": {"y": {"min": 0}}}',
    b'{"kind": "pie", "label": "n", "value": "v", "data": {"values": [{"n": "a", "v": 1}]}, "group_below": 0.1}',
    b'{"layers": [{"kind": "scatter", "x": "x", "y": "y"}], "transform": [{"filter": "x > 1"}], "data": {"url": ""}}',
)


def check(data: bytes) -> None:
    """Raises AssertionError, or what else is no error of ours."""
    try:
        document = strict_json(data)
    except SpecError as error:
        _judge(error)
        return
    first = _read(document)
    # The same document with its keys in another order is a chart, too, or is none either.
    turned = json.loads(json.dumps(document), object_pairs_hook=lambda pairs: dict(reversed(pairs)))
    assert bool(_read(turned)) == bool(first), "the order of keys decides nothing"


def _read(document: Any) -> list[str]:
    try:
        chart = parse(document)
        if not chart.named_sources:
            load(chart)
    except SpecError as error:
        _judge(error)
        return sorted(problem.pointer for problem in error.problems)
    return []


def _judge(error: SpecError) -> None:
    assert 0 < len(error.problems) <= LIMITS.problems + 1
    for problem in error.problems:
        assert problem.pointer == "" or problem.pointer.startswith("/"), problem.pointer
        assert 0 < len(problem.message) < 1500
