"""Figures: the functions that the operator registered, those that draw and those that bring rows; what they take."""

from __future__ import annotations

from typing import Any

from asgiref.sync import sync_to_async
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from ninja import Router
from pydantic import Field

from renderer import registry
from renderer.api import openapi
from renderer.api.asks import respond
from renderer.api.bodies import Name, check, document, takes
from renderer.api.charts import Files, MaxAge, ask, figure_recipe
from renderer.api.links import link
from renderer.api.once import once
from renderer.api.requests import user_of
from renderer.api.responses import reply_or_304
from renderer.api.shapes import Asked, Shape
from renderer.jobs import charts
from renderer.jobs.enqueue import Enqueued
from renderer.spec import SpecError

router = Router(tags=["figures"])


class FigureLinks(Shape):
    """Where to go from a figure function."""

    self: str
    render: str


class FigureOut(Shape):
    """A registered figure function."""

    name: str
    title: str
    description: str
    parameters: dict[str, Any]
    """JSON Schema of `params`."""
    links: FigureLinks

    @classmethod
    def of(cls, figure: registry.Figure) -> FigureOut:
        """The shape of a registered function."""
        links = FigureLinks(self=link("figure", name=figure.name), render=link("render_figure", name=figure.name))
        return cls(
            name=figure.name, title=figure.title, description=figure.doc, parameters=figure.schema(), links=links
        )


class DatasetFunction(Shape):
    """A registered dataset function: a chart spec names it as its data, `{"dataset": name, "params": {...}}`."""

    name: str
    title: str
    description: str
    parameters: dict[str, Any]
    """JSON Schema of `params`."""

    @classmethod
    def of(cls, function: registry.Dataset) -> DatasetFunction:
        """The shape of a registered function."""
        return cls(name=function.name, title=function.title, description=function.doc, parameters=function.schema())


class Figures(Shape):
    """All functions, by name."""

    items: list[FigureOut]
    """Those that draw."""
    datasets: list[DatasetFunction]
    """Those that bring the rows of chart specs."""


class FigureIn(Files):
    """What to draw with it."""

    params: dict[str, Any] = Field(default_factory=dict)
    name: Name = ""
    max_age: MaxAge | None = None


@router.get("", response={200: Figures, 304: None}, url_name="figures")
def list_figures(request: HttpRequest) -> HttpResponse:
    """The figure functions of this installation, and its dataset functions."""
    items = [FigureOut.of(figure) for figure in registry.all_figures()]
    datasets = [DatasetFunction.of(function) for function in registry.all_datasets()]
    return reply_or_304(request, Figures(items=items, datasets=datasets))


@router.get("/{word:name}", response={200: FigureOut, 304: None}, url_name="figure")
def get_figure(request: HttpRequest, name: str) -> HttpResponse:
    """One figure function."""
    return reply_or_304(request, FigureOut.of(_find(name)))


@router.post(
    "/{word:name}/render",
    response={200: Asked, 201: Asked, 202: Asked},
    url_name="render_figure",
    openapi_extra=takes(FigureIn, required=False) | openapi.WAITS,
)
async def render_figure(request: HttpRequest, name: str) -> HttpResponse:
    """Save a chart of it and draw that, as `POST /charts` does."""
    return await respond(request, await sync_to_async(_render)(request, name))


@once
def _render(request: HttpRequest, name: str) -> Enqueued:
    _find(name)
    sent = document(request)
    body, problems = check(sent, FigureIn)
    params = sent.get("params", {})
    if not isinstance(params, dict):
        raise SpecError(problems)
    recipe = figure_recipe(name, params, body, problems)
    assert body, "figure_recipe raises the problems of the body"
    with transaction.atomic():
        chart, _ = charts.create(user_of(request), recipe, name=body.name)
        return ask(request, chart, max_age=body.max_age)


def _find(name: str) -> registry.Figure:
    try:
        return registry.get(name)
    except SpecError:
        raise Http404 from None
