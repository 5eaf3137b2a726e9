"""The description of the API: complete, and every change of it is seen in review."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ninja.openapi.docs import Swagger

from renderer.api.v1 import api

SNAPSHOT = Path(__file__).parent / "openapi.json"


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    """As a client gets it."""
    return dict(json.loads(json.dumps(api.get_openapi_schema(), default=str)))


def _operations(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            yield f"{method.upper()} {path}", operation


def _references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        for value in part.values():
            yield from _references(value)
    elif isinstance(part, list):
        for value in part:
            yield from _references(value)


def test_a_change_is_seen_in_review(schema: dict[str, Any]) -> None:
    assert schema == json.loads(SNAPSHOT.read_text()), (
        "The API's description is not that of tests/api/openapi.json. If that is meant: make openapi, and commit it."
    )


def test_every_operation_says_what_it_does_takes_and_answers(schema: dict[str, Any]) -> None:
    for name, operation in _operations(schema):
        assert operation["summary"], name
        assert operation["description"].endswith((".", ")")), name
        answers = operation["responses"]
        assert answers["default"] == {"$ref": "#/components/responses/Problem"}, name
        assert {status for status in answers if status.startswith("2")}, name
        for status, answer in answers.items():
            if status in ("200", "201", "202"):
                assert answer["content"], f"{name} {status}"
        for parameter in operation["parameters"]:
            assert "$ref" in parameter or parameter["schema"], name
        if "{" in name:
            assert "404" in answers, name
        if "/problems" not in name and "/spec/" not in name:
            assert operation["security"], name
        if operation.get("security"):
            assert "401" in answers, name


def test_every_reference_leads_somewhere(schema: dict[str, Any]) -> None:
    bodies = {"#/$defs/"}  # in a body that is described where it stands
    for reference in set(_references(schema)):
        if not reference.startswith(tuple(bodies)):
            part: Any = schema
            for key in reference.removeprefix("#/").split("/"):
                part = part[key]


def test_who_waits_is_told_how(schema: dict[str, Any]) -> None:
    prefer = {"$ref": "#/components/parameters/Prefer"}
    waiting = [name for name, operation in _operations(schema) if prefer in operation["parameters"]]
    assert {"POST /api/v1/charts", "GET /api/v1/jobs/{job_id}", "POST /api/v1/jobs/{job_id}/retry"} <= set(waiting)
    events = schema["paths"]["/api/v1/jobs/{job_id}/events"]["get"]["responses"]
    assert events["200"]["content"].keys() == {"text/event-stream"}
    assert {"404", "429", "501"} <= events.keys()


def test_the_documentation_asks_nobody_else() -> None:
    assert isinstance(api.docs, Swagger)
    assert api.docs.settings["validatorUrl"] is None
