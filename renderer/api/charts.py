"""Charts: saved figures, and asks to draw them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any, Literal
from uuid import UUID

from asgiref.sync import sync_to_async
from django.db import IntegrityError, transaction
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from ninja import Query, Router, Status
from pydantic import Field

from renderer.api import openapi
from renderer.api.asks import respond, respond_at_once
from renderer.api.bodies import Body, Name, check, document, read, takes
from renderer.api.choosing import Before, Contains, NameOf, Order, Since, closed, made_between, searchable
from renderer.api.once import once
from renderer.api.paging import Cursor, Limit, Page, page
from renderer.api.problems import ApiProblem
from renderer.api.requests import request_id, user_of
from renderer.api.responses import must_match, reply, reply_or_304
from renderer.api.shapes import Asked, ChartDetail, ChartOut, Shape, chart_detail, charts_out
from renderer.jobs import charts
from renderer.jobs.enqueue import Enqueued
from renderer.models import Chart
from renderer.models.job import Trigger
from renderer.recipe import Recipe
from renderer.spec import Problem, SpecError

if TYPE_CHECKING:
    from django.contrib.auth.models import User

router = Router(tags=["charts"])

Format = Literal["png", "webp", "svg", "pdf"]
Formats = Annotated[list[Format], Field(min_length=1, max_length=4)]
MaxAge = Annotated[
    int,
    Field(
        ge=0,
        le=366 * 86400,
        description="Seconds. A picture that is not older than this will do, also of a figure function whose data may "
        "have changed since.",
    ),
]
Drawn = Annotated[bool | None, Query(description="Only those with a picture, or only those without one.")]
Spec = Annotated[Any, Field(description="A chart spec: /api/v1/spec/schema.json is its JSON Schema.")]


class Charts(Page):
    """One page of charts."""

    items: list[ChartOut]


class ChartCounts(Shape):
    """How many there are."""

    total: int
    drawn: int
    """Those with a picture."""
    specs: int
    """Those whose recipe is a chart spec."""
    figures: int
    """Those of figure functions."""


class Files(Body):
    """The files to draw: `formats` x `scales` x `themes`; the first raster one is the chart's picture."""

    formats: Formats | None = None
    scales: list[float] = Field(
        default_factory=list, description="Pixels for each CSS pixel, 0.1 to 4, such as [1, 2]; by default the spec's."
    )
    themes: list[str] = Field(default_factory=list, description='Such as ["light", "dark"]; by default the spec\'s.')


class ChartIn(Files):
    """A recipe: either `spec`, or `figure` with its `params`."""

    spec: Spec = None
    figure: str = ""
    params: dict[str, Any] = Field(default_factory=dict)
    name: Name = ""
    max_age: MaxAge | None = None


class ChartChange(Files):
    """What is to become different. Another recipe is drawn at once; the old picture stays until the new one is good."""

    spec: Spec = None
    figure: str = ""
    params: dict[str, Any] = Field(default_factory=dict)
    name: Name | None = None


class RenderIn(Body):
    """How to draw it again."""

    force: bool = Field(
        default=False,
        description="Draw even if the picture there is just what would come, and nothing of its data has changed.",
    )
    max_age: MaxAge | None = None


@router.get("", response={200: Charts, 304: None}, url_name="charts")
def list_charts(
    request: HttpRequest,
    name: Contains = "",
    figure: NameOf = "",
    drawn: Drawn = None,
    since: Since = None,
    before: Before = None,
    order: Order = "newest",
    limit: Limit = 20,
    cursor: Cursor = "",
) -> HttpResponse:
    """Your charts, newest first, without their recipes' data."""
    closed(request, list_charts)
    rows = _chosen(request, name=name, figure=figure, drawn=drawn, since=since, before=before)
    found, following = page(rows.defer("spec", "params"), cursor, limit, newest_first=order == "newest")
    return reply_or_304(request, Charts(items=charts_out(found), next_cursor=following))


@router.get("/counts", response={200: ChartCounts, 304: None}, url_name="chart_counts")
def count_charts(
    request: HttpRequest, name: Contains = "", figure: NameOf = "", since: Since = None, before: Before = None
) -> HttpResponse:
    """How many charts you have, of those that the filters leave."""
    closed(request, count_charts)
    rows = _chosen(request, name=name, figure=figure, drawn=None, since=since, before=before)
    has_picture, has_spec = ~Q(image=""), Q(figure="")
    numbers = rows.order_by().aggregate(
        total=Count("pk"),
        drawn=Count("pk", filter=has_picture),
        specs=Count("pk", filter=has_spec),
        figures=Count("pk", filter=~has_spec),
    )
    return reply_or_304(request, ChartCounts(**numbers))


@router.post(
    "", response={200: Asked, 201: Asked, 202: Asked}, url_name="charts", openapi_extra=takes(ChartIn) | openapi.WAITS
)
async def create_chart(request: HttpRequest) -> HttpResponse:
    """Save a chart and draw it.

    202: it is queued; `Location` is its job. 200: the picture was there already. 201: `Prefer: wait=N` (at most 30
    seconds) saw it drawn. A chart without a name is its recipe: sent again, it is the same chart.
    """
    return await respond(request, await sync_to_async(_create)(request))


@router.get("/{uuid:chart_id}", response={200: ChartDetail, 304: None}, url_name="chart")
def get_chart(request: HttpRequest, chart_id: UUID) -> HttpResponse:
    """One chart with its recipe."""
    return reply_or_304(request, chart_detail(find(request, chart_id)))


@router.patch(
    "/{uuid:chart_id}",
    response={200: Asked | ChartDetail, 201: Asked, 202: Asked},
    url_name="chart",
    openapi_extra=takes(ChartChange) | openapi.WAITS,
)
async def change_chart(request: HttpRequest, chart_id: UUID) -> HttpResponse:
    """Change the name (200: the chart), or the recipe, which draws it again (as `POST /charts` answers).

    `params` alone change the parameters of its figure function, all of them; `formats`, `scales` or `themes` alone
    the files.
    """
    changed = await sync_to_async(_change)(request, chart_id)
    return changed if isinstance(changed, HttpResponse) else await respond(request, changed)


@router.delete("/{uuid:chart_id}", response={204: None}, url_name="chart")
def delete_chart(request: HttpRequest, chart_id: UUID) -> Status[None]:
    """Delete a chart with its pictures, jobs and schedules."""
    chart = find(request, chart_id)
    must_match(request, lambda: chart_detail(chart))
    charts.delete(chart)
    return Status(204, None)


@router.post(
    "/{uuid:chart_id}/render",
    response={200: Asked, 201: Asked, 202: Asked},
    url_name="render_chart",
    openapi_extra=takes(RenderIn, required=False) | openapi.WAITS,
)
async def render_chart(request: HttpRequest, chart_id: UUID) -> HttpResponse:
    """Draw a chart, unless its picture is what would come anyway."""
    return await respond(request, await sync_to_async(_render)(request, chart_id))


def create_at_once(request: HttpRequest) -> HttpResponse:
    """``create_chart`` for somebody who does not wait."""
    return respond_at_once(request, _create(request))


def find(request: HttpRequest, chart_id: UUID) -> Chart:
    """The chart, or the draft, if it is this user's. Raises Http404."""
    rows = Chart.objects.for_user(user_of(request), drafts=True)
    chart = rows.select_related("owner").filter(pk=chart_id).first()
    if chart is None:
        raise Http404
    return chart


def ask(request: HttpRequest, chart: Chart, *, max_age: int | None, force: bool = False) -> Enqueued:
    """Ask for a chart's picture in the name of this request."""
    return charts.render(
        chart,
        trigger=Trigger.API,
        request_id=request_id(request),
        max_age=None if max_age is None else timedelta(seconds=max_age),
        force=force,
    )


def figure_recipe(name: str, params: dict[str, Any], files: Files | None, problems: Sequence[Problem] = ()) -> Recipe:
    """The recipe of a figure function. Raises SpecError with its problems after those that are known already."""
    return _with_files(_together(problems, lambda: Recipe.from_figure(name, params), ""), files)


def spec_recipe(user: User, spec: object, files: Files | None, problems: Sequence[Problem] = ()) -> Recipe:
    """The recipe of a chart spec of this user, in the same way."""
    return _with_files(_together(problems, lambda: Recipe.from_spec(spec, owner=user), "/spec"), files)


def _chosen(
    request: HttpRequest, *, name: str, figure: str, drawn: bool | None, since: Since, before: Before
) -> QuerySet[Chart]:
    rows: QuerySet[Chart] = Chart.objects.for_user(user_of(request))
    if name:
        wanted = searchable(name)
        rows = rows.filter(Q(name__icontains=wanted) | Q(title__icontains=wanted)) if wanted else rows.none()
    if figure:
        rows = rows.filter(figure=figure) if searchable(figure) == figure else rows.none()
    if drawn is not None:
        rows = rows.exclude(image="") if drawn else rows.filter(image="")
    return made_between(rows, since, before)


@once
def _create(request: HttpRequest) -> Enqueued:
    sent = document(request)
    body, problems = check(sent, ChartIn)
    recipe = read_recipe(user_of(request), sent, body, problems)
    assert body, "problems of the body are raised by read_recipe"
    with transaction.atomic():
        chart, _ = charts.create(user_of(request), recipe, name=body.name)
        return ask(request, chart, max_age=body.max_age)


def _change(request: HttpRequest, chart_id: UUID) -> Enqueued | HttpResponse:
    chart = find(request, chart_id)
    must_match(request, lambda: chart_detail(chart))
    sent = document(request)
    body, problems = check(sent, ChartChange)
    drawn_anew = sent.keys() & {"spec", "figure", "params", *Files.model_fields}
    recipe: Recipe | None = None
    if drawn_anew:
        whole = _completed(sent, chart)
        files, file_problems = check({name: whole[name] for name in Files.model_fields}, Files)
        recipe = read_recipe(user_of(request), whole, files, list(dict.fromkeys([*problems, *file_problems])))
    if body is None:
        raise SpecError(problems)
    try:
        with transaction.atomic():
            charts.change(chart, recipe=recipe, name=body.name)
            if recipe:
                return ask(request, chart, max_age=None)
    except IntegrityError:
        raise ApiProblem("chart_exists") from None
    return reply(chart_detail(chart))


def _completed(sent: dict[str, Any], chart: Chart) -> dict[str, Any]:
    """What a change leaves out is as it was: the recipe for new formats, the figure function for new parameters."""
    whole = dict(sent)
    for name in Files.model_fields:
        whole.setdefault(name, getattr(chart, name))
    if "spec" not in sent and "figure" not in sent:
        if chart.figure:
            whole |= {"figure": chart.figure, "params": sent.get("params", chart.params)}
        else:
            whole["spec"] = chart.spec
    return whole


@once
def _render(request: HttpRequest, chart_id: UUID) -> Enqueued:
    chart = find(request, chart_id)
    body = read(request, RenderIn)
    return ask(request, chart, max_age=body.max_age, force=body.force)


def read_recipe(user: User, sent: dict[str, Any], files: Files | None, problems: Sequence[Problem]) -> Recipe:
    """The recipe in a body, whose own problems are ``problems``. Raises SpecError with everything that is wrong."""
    has_spec, has_figure = "spec" in sent, "figure" in sent
    if has_spec == has_figure:
        either = "send either a 'spec', or a 'figure' with its 'params'"
        raise SpecError([*problems, Problem("", f"{either}, not both" if has_spec else either)])
    if has_spec:
        if "params" in sent:
            problems = [*problems, Problem("/params", "belongs to a 'figure'; a chart spec has none here")]
        return spec_recipe(user, sent["spec"], files, problems)
    name, params = sent["figure"], sent.get("params", {})
    if not isinstance(name, str) or not isinstance(params, dict):
        raise SpecError(problems)
    return figure_recipe(name, params, files, problems)


def _with_files(recipe: Recipe, files: Files | None) -> Recipe:
    assert files, "problems of the body were raised before"
    return recipe.with_files(formats=files.formats, scales=files.scales, themes=files.themes)


def _together(problems: Sequence[Problem], make: Any, place: str) -> Recipe:
    """``make()``, or one SpecError with the known problems and its own, whose pointers begin at ``place``."""
    try:
        recipe: Recipe = make()
    except SpecError as error:
        below = [Problem(place + found.pointer, found.message) for found in error.problems]
        raise SpecError([*problems, *below]) from None
    if problems:
        raise SpecError(problems)
    return recipe
