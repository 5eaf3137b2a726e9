"""What the tests of the language share."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from renderer.spec import SpecError, parse

SPECS = sorted((Path(__file__).parents[3] / "examples" / "specs").glob("*.json"))

Problems = Callable[[object], dict[str, str]]


@pytest.fixture(params=SPECS, ids=lambda path: path.stem)
def example(request: pytest.FixtureRequest) -> dict[str, Any]:
    """One of the example specs, as a document."""
    document: dict[str, Any] = json.loads(request.param.read_text(encoding="utf-8"))
    return document


@pytest.fixture
def problems() -> Problems:
    """The problems of a document that must have some: messages by pointer, in order."""

    def find(document: object) -> dict[str, str]:
        with pytest.raises(SpecError) as caught:
            parse(document)
        return {problem.pointer: problem.message for problem in caught.value.problems}

    return find


@pytest.fixture
def bar() -> Callable[..., dict[str, Any]]:
    """A small valid document, with the given fields in place of its own."""

    def make(**fields: Any) -> dict[str, Any]:
        data = {"columns": {"quarter": ["Q1", "Q2"], "revenue": [120, 180]}}
        return {"kind": "bar", "data": data, "x": "quarter", "y": "revenue"} | fields

    return make
