"""Reference: the chart language's JSON Schema, and the meaning of each problem. They are public."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from ninja import Router
from pydantic import JsonValue, RootModel

from renderer.api.problems import KINDS
from renderer.api.responses import reply_or_304
from renderer.api.shapes import Shape
from renderer.spec import json_schema

router = Router(tags=["reference"], auth=None)
PUBLIC = {"Cache-Control": "public, max-age=300"}


class Schema(RootModel[dict[str, JsonValue]]):
    """A JSON Schema."""


class ProblemKind(Shape):
    """One kind of problem: what `type` in an error points to."""

    code: str
    status: int
    title: str
    meaning: str


class ProblemKinds(Shape):
    """All kinds of problems."""

    items: list[ProblemKind]


@router.get("/spec/schema.json", response=dict[str, Any], url_name="spec_schema")
def get_spec_schema(request: HttpRequest) -> HttpResponse:
    """The JSON Schema of chart specs, for editors and generators."""
    return reply_or_304(request, Schema(json_schema()), headers=PUBLIC)


@router.get("/problems", response=ProblemKinds, url_name="problems")
def list_problems(request: HttpRequest) -> HttpResponse:
    """Every code that an error may carry."""
    return reply_or_304(request, ProblemKinds(items=[_kind(code) for code in KINDS]), headers=PUBLIC)


@router.get("/problems/{word:code}", response=ProblemKind, url_name="problem")
def get_problem(request: HttpRequest, code: str) -> HttpResponse:
    """What a code means."""
    if code not in KINDS:
        raise Http404
    return reply_or_304(request, _kind(code), headers=PUBLIC)


def _kind(code: str) -> ProblemKind:
    kind = KINDS[code]
    return ProblemKind(code=code, status=kind.status, title=kind.title, meaning=kind.meaning)
