"""Reference: the chart language's JSON Schema, and the meaning of each problem. They are public."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from ninja import Router
from pydantic import JsonValue, RootModel

from renderer.api.links import link
from renderer.api.problems import KINDS
from renderer.api.responses import reply_or_304
from renderer.api.shapes import Shape
from renderer.spec import json_schema
from renderer.spec.marks import KINDS as CHART_KINDS
from renderer.spec.reference import channels, required, summary

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


class ChartKind(Shape):
    """A kind of chart."""

    kind: str
    summary: str
    """What it shows."""
    channels: list[str]
    """The fields that take columns."""
    required: list[str]
    """The fields that it cannot do without, beside its data."""
    schema_url: str
    """The JSON Schema of its short form, `{"kind": ...}`."""


class ChartKinds(Shape):
    """All kinds of charts."""

    items: list[ChartKind]


@router.get("/spec/schema.json", response={200: dict[str, Any], 304: None}, url_name="spec_schema")
def get_spec_schema(request: HttpRequest, descriptions: bool = True) -> HttpResponse:
    """The JSON Schema of chart specs, for editors and generators; without its descriptions, which are two thirds of it
    on the way, if `descriptions=false`."""
    schema = json_schema(address=_own(request))
    return reply_or_304(request, Schema(schema if descriptions else _bare(schema)), headers=PUBLIC)


@router.get("/spec/kinds", response={200: ChartKinds, 304: None}, url_name="spec_kinds")
def list_chart_kinds(request: HttpRequest) -> HttpResponse:
    """Every kind of chart, what it shows and what it needs."""
    kinds = [
        ChartKind(
            kind=kind,
            summary=summary(mark),
            channels=list(channels(mark)),
            required=[name for name in required(mark) if name != "kind"],
            schema_url=link("spec_kind", kind=kind),
        )
        for kind, mark in CHART_KINDS.items()
    ]
    return reply_or_304(request, ChartKinds(items=kinds), headers=PUBLIC)


@router.get("/spec/kinds/{word:kind}.json", response={200: dict[str, Any], 304: None}, url_name="spec_kind")
def get_chart_kind(request: HttpRequest, kind: str) -> HttpResponse:
    """The JSON Schema of one kind's short form: all that a chart of one layer may say, and nothing else."""
    if kind not in CHART_KINDS:
        raise Http404
    return reply_or_304(request, Schema(json_schema(kind, address=_own(request))), headers=PUBLIC)


def _bare(schema: Any) -> Any:
    """A schema without its descriptions; a field that is called so stays."""
    if isinstance(schema, list):
        return [_bare(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    bare = {}
    for key, value in schema.items():
        if key in ("properties", "$defs"):
            bare[key] = {name: _bare(part) for name, part in value.items()}
        elif key != "description":
            bare[key] = _bare(value)
    return bare


def _own(request: HttpRequest) -> str:
    """Where the request went, as it is seen from outside."""
    return request.build_absolute_uri(request.path)


@router.get("/problems", response={200: ProblemKinds, 304: None}, url_name="problems")
def list_problems(request: HttpRequest) -> HttpResponse:
    """Every code that an error may carry."""
    return reply_or_304(request, ProblemKinds(items=[_kind(code) for code in KINDS]), headers=PUBLIC)


@router.get("/problems/{word:code}", response={200: ProblemKind, 304: None}, url_name="problem")
def get_problem(request: HttpRequest, code: str) -> HttpResponse:
    """What a code means."""
    if code not in KINDS:
        raise Http404
    return reply_or_304(request, _kind(code), headers=PUBLIC)


def _kind(code: str) -> ProblemKind:
    kind = KINDS[code]
    return ProblemKind(code=code, status=kind.status, title=kind.title, meaning=kind.meaning)
