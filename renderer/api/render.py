"""Render: one address that is a picture. The recipe stands in the query; it is drawn once, and found from then on.

For what can show an image and nothing more: a mail, a README, a cell of a spreadsheet.
"""

from __future__ import annotations

import binascii
import json
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Annotated, Any, Final, NamedTuple

from asgiref.sync import sync_to_async
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Router
from pydantic import AfterValidator, Field

from renderer.api import door, openapi, pictures, placeholders, preferences, signing, waiting
from renderer.api.auth import TokenAuth
from renderer.api.bodies import MAX_BYTES, MAX_DEPTH, check, document, takes, too_large
from renderer.api.charts import Files, MaxAge, Spec, ask, figure_recipe, spec_recipe
from renderer.api.images import PICTURES
from renderer.api.links import link
from renderer.api.problems import ApiProblem
from renderer.api.requests import user_of
from renderer.api.responses import reply
from renderer.api.shapes import Shape
from renderer.api.shares import LookIn
from renderer.api.signing import SignatureAuth, is_signed
from renderer.api.tokens import Expiry
from renderer.jobs import charts, progress, variants
from renderer.jobs.line import TooManyWaiting
from renderer.jobs.targets import Target
from renderer.jobs.variants import Look
from renderer.models import Chart, RenderJob, Rendition
from renderer.models.job import Status
from renderer.recipe import Recipe
from renderer.spec import BodyTooLarge, Problem, SpecError, strict_json
from renderer.spec.errors import did_you_mean, listed, show, suggest

router = Router(tags=["render"])

MAX_CHARS: Final = 16_000
"""Of a recipe in a query. Many proxies stop at 8,000 for a whole address, and mail programs earlier."""
WAIT: Final = 10
"""Seconds, if ``Prefer: wait=N`` does not say."""
MAX_AGE: Final = 300
"""Seconds that a picture of changing data is good for, if ``max_age`` does not say."""
AGE_PURE: Final = 86400
STALE: Final = 60
LIFE: Final = timedelta(days=30)
LONGEST_LIFE: Final = timedelta(days=366)
_NAMES: Final = ("spec", "figure", "params", "format", "w", "scale", "theme", "max_age")
_SIGNED: Final = ("owner", "expires", "sig")


def _soon(value: datetime) -> datetime:
    if value > timezone.now() + LONGEST_LIFE:
        raise ValueError(f"lies more than {LONGEST_LIFE.days} days ahead: save a chart, and share a link to it")
    return value


class RenderUrlIn(LookIn):
    """What is to be drawn: either `spec`, or `figure` with its `params`."""

    spec: Spec = None
    figure: str = ""
    params: dict[str, Any] = Field(default_factory=dict)
    max_age: MaxAge | None = None
    expires_at: Annotated[Expiry, AfterValidator(_soon)] | None = None


class RenderUrl(Shape):
    """An address that is a picture."""

    url: str
    """Draws for you whoever opens it, but just this picture. It cannot be taken back before it ends."""
    expires_at: datetime


class _Wanted(NamedTuple):
    """A query, understood."""

    recipe: Recipe
    format: str
    max_age: int | None


class _Found(NamedTuple):
    """The chart of a recipe, its picture if there is one, and the job that it, or the next one, is of."""

    chart: Chart
    file: Rendition | None
    job: RenderJob | None


@router.get(
    "", auth=[TokenAuth(), SignatureAuth()], response={200: None, 202: None}, url_name="render",
    openapi_extra={
        "responses": {
            **PICTURES["responses"],
            202: {**PICTURES["responses"][200], "description": "A placeholder: it is under way."},
        },
        "parameters": [
            *openapi.WAITS["parameters"],
            *(
            {"in": "query", "name": name, "schema": {"type": "string"}, "required": False, "description": description}
            for name, description in {
                "spec": "A chart spec: JSON, or URL-safe base64 of deflated JSON.",
                "figure": "Or the name of a figure function.",
                "params": "Its parameters, as JSON.",
                "format": "png, webp, svg or pdf; by default the spec's.",
                "w": "Pixels, of a small set; not for figure functions.",
                "scale": "Pixels for each CSS pixel: 1, 1.5, 2, 3 or 4.",
                "theme": "By default the spec's.",
                "max_age": "Seconds that a picture of changing data may be old: 300 by default.",
                "owner": "Of a signed address.",
                "expires": "Of a signed address.",
            }.items()
            )
        ],
    },
)  # fmt: skip
async def render_picture(request: HttpRequest) -> HttpResponse:
    """The picture of a recipe. Drawn once: the same recipe is the same unnamed chart.

    Waits for the first picture, 10 seconds or as `Prefer: wait=N` says. Then a signed address gives a placeholder, as
    200; who came with a token gets it as 202, with the job as `Location`, and 404 if it cannot be drawn.
    """
    asked = await sync_to_async(_ask)(request)
    if isinstance(asked, HttpResponse):
        return asked
    wait = preferences.wait(request)
    if asked.file is None and asked.job is not None and not asked.job.is_final:
        seconds = WAIT if wait is None else wait
        await waiting.until(asked.job.pk, lambda state: state.is_final, owner=asked.job.owner_id, seconds=seconds)
        response = await door.through(lambda: sync_to_async(_answer)(request, asked))
    else:
        response = await sync_to_async(_answer)(request, asked)
    for name, value in preferences.applied(request, wait, accepted=response.status_code == 202).items():
        response[name] = value
    return response


@router.post("/url", response={201: RenderUrl}, url_name="render_url", openapi_extra=takes(RenderUrlIn))
def make_render_url(request: HttpRequest) -> HttpResponse:
    """Make a signed address of `GET /render`, which needs no token. It is good for 30 days, if `expires_at` does not
    say. Nothing is drawn before somebody opens it."""
    sent = document(request)
    body, problems = check(sent, RenderUrlIn)
    if body is None:
        raise SpecError(problems)
    user = user_of(request)
    query: dict[str, str] = {}
    if ("spec" in sent) == ("figure" in sent):
        raise SpecError.at("", "send either a 'spec', or a 'figure' with its 'params'")
    if "spec" in sent:
        recipe = spec_recipe(user, sent["spec"], Files())
        query["spec"] = packed(sent["spec"])
    else:
        recipe = figure_recipe(body.figure, body.params, Files())
        query |= {"figure": body.figure, "params": json.dumps(body.params, separators=(",", ":"))}
    look = body.look if "format" in sent else body.look._replace(format=_own_format(recipe))
    variants.check(recipe, look, recipe.size[0])
    short = {"format": look.format, "w": look.width, "scale": f"{look.scale:g}", "theme": look.theme}
    query |= {name: str(value) for name, value in short.items() if value not in (0, "0", "")}
    if body.max_age is not None:
        query["max_age"] = str(body.max_age)
    for name in ("spec", "params"):
        if len(query.get(name, "")) > MAX_CHARS:
            raise SpecError.at(f"/{name}", f"makes an address of more than {MAX_CHARS} characters: save it as a chart")
    ends = body.expires_at or timezone.now() + LIFE
    url = request.build_absolute_uri(f"{link('render')}?{signing.signed(query, user, ends)}")
    return reply(RenderUrl(url=url, expires_at=ends), status=201, headers={"Cache-Control": "no-store"})


def packed(spec: object) -> str:
    """A spec as it stands in an address."""
    text = json.dumps(spec, separators=(",", ":"), ensure_ascii=False)
    return urlsafe_b64encode(zlib.compress(text.encode(), 9)).decode().rstrip("=")


def unpacked(text: str) -> Any:
    """The value in an address: JSON, or URL-safe base64 of JSON deflated with or without zlib's head.

    Raises SpecError, and ApiProblem for what would become larger than any body may be.
    """
    if len(text) > MAX_CHARS:
        raise SpecError.at("", f"is longer than {MAX_CHARS} characters: send it to POST /charts")
    raw = text.encode()
    if not text.lstrip().startswith(("{", "[")):
        raw = _inflated(text)
    try:
        return strict_json(raw, max_bytes=MAX_BYTES, max_depth=MAX_DEPTH)
    except BodyTooLarge:
        raise too_large() from None


def _inflated(text: str) -> bytes:
    wrong = SpecError.at("", "is neither JSON nor URL-safe base64 of deflated JSON")
    try:
        data = urlsafe_b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4))
    except (binascii.Error, ValueError):
        raise wrong from None
    headed = len(data) > 1 and data[0] & 15 == 8 and int.from_bytes(data[:2]) % 31 == 0
    inflater = zlib.decompressobj(zlib.MAX_WBITS if headed else -zlib.MAX_WBITS)
    try:
        # Never more than may be: 16 kB of deflated zeros are 12 MB.
        raw = inflater.decompress(data, MAX_BYTES + 1)
    except zlib.error:
        raise wrong from None
    if len(raw) > MAX_BYTES:
        raise too_large()
    if not inflater.eof or inflater.unused_data:
        raise wrong
    return raw


def _ask(request: HttpRequest) -> _Found | HttpResponse:
    """Find or make the chart, and ask for its picture if there is none, or it is too old."""
    try:
        wanted = _wanted(request)
        chart, job = _chart(request, wanted)
    except SpecError as error:
        if is_signed(request):  # it was right when it was signed: its data, its theme or its function is gone
            return _instead("Could not be drawn")
        raise ApiProblem("invalid", errors=error.problems, place="query") from None
    except TooManyWaiting as error:
        if is_signed(request):
            return _instead("Waiting to be drawn", retry_after=error.retry_after)
        raise
    return _Found(chart, _file(chart, wanted.format), job)


def _instead(text: str, retry_after: int | None = None) -> HttpResponse:
    return pictures.placeholder(text, "png", retry_after=retry_after, public=True)


def _chart(request: HttpRequest, wanted: _Wanted) -> tuple[Chart, RenderJob | None]:
    with transaction.atomic():
        chart, _ = charts.create(user_of(request), wanted.recipe)
        last = Target.of(chart, "image").jobs().defer("recipe").first()
        if variants.rests(last, chart.recipe_key):
            return chart, last
        max_age = None if wanted.recipe.pure else MAX_AGE if wanted.max_age is None else wanted.max_age
        return chart, ask(request, chart, max_age=max_age).job


def _file(chart: Chart, image_format: str) -> Rendition | None:
    chart.refresh_from_db(fields=["image", "drawn_by"])
    if not chart.drawn_by_id:
        return None
    files = Rendition.objects.asked_for().filter(job=chart.drawn_by_id, format=image_format)
    return files.order_by("-on_target", "id").first()


def _answer(request: HttpRequest, asked: _Found) -> HttpResponse:
    chart = asked.chart
    wanted_format = chart.formats[-1]
    file = asked.file or _file(chart, wanted_format)
    public = is_signed(request)
    if file is not None:
        caching = _caching(request, chart)
        sent = pictures.send(request, file, name=f"chart-{chart.pk}", caching=caching, public=public)
        if sent is not None:
            return sent
    job = RenderJob.objects.filter(pk=asked.job.pk).defer("recipe").first() if asked.job else None
    if not public and job is not None and job.is_final and job.status != Status.SUCCEEDED:
        raise ApiProblem("no_picture", f"It could not be drawn. {job.message}".rstrip(), job_status=job.status)
    waits = job is not None and not job.is_final
    retry_after = progress.retry_after(job, position=progress.queue_position(job)) if waits and job else None
    status = 503 if wanted_format == "pdf" else 200 if public else 202
    kind = pictures.kind_for(wanted_format)
    response = pictures.placeholder(placeholders.says(job), kind, status=status, retry_after=retry_after, public=public)
    if not public and job is not None:
        response["Location"] = link("job", job_id=job.pk)
    return response


def _caching(request: HttpRequest, chart: Chart) -> str:
    """As long as its picture is the same: for a pure recipe a day (a new version may draw it a little differently)."""
    age = AGE_PURE if charts.recipe_of(chart).pure else STALE
    if is_signed(request):
        return pictures.shared(signing.expiry(request), age=age, stale=STALE)
    return f"private, max-age={age}, stale-while-revalidate={STALE}"


def _wanted(request: HttpRequest) -> _Wanted:
    """The query, with everything that is wrong in it named. Raises SpecError, ApiProblem."""
    query = request.GET
    known = (*_NAMES, *_SIGNED) if is_signed(request) else _NAMES
    problems = [
        Problem(f"/{name}", f"unknown{did_you_mean(suggest(name, _NAMES)) or f'; there are {listed(_NAMES)}'}")
        for name in query
        if name not in known
    ]
    problems += [Problem(f"/{name}", "stands there twice") for name in query if len(query.getlist(name)) > 1]
    width = _number(query.get("w", "0"), "/w", int, problems)
    scale = _number(query.get("scale", "0"), "/scale", float, problems)
    max_age = _number(query["max_age"], "/max_age", int, problems) if "max_age" in query else None
    if ("spec" in query) == ("figure" in query):
        problems.append(Problem("", "send either a 'spec', or a 'figure' with its 'params'"))
    if problems:
        raise SpecError(problems)
    if "spec" in query:
        recipe = spec_recipe(user_of(request), _below("/spec", lambda: unpacked(query["spec"])), Files())
    else:
        params = _below("/params", lambda: unpacked(query["params"])) if query.get("params") else {}
        if not isinstance(params, dict):
            raise SpecError.at("/params", f"must be an object, not {show(params)}")
        recipe = figure_recipe(query["figure"][:200], params, Files())
    image_format = query.get("format") or _own_format(recipe)
    look = Look(image_format, int(width), float(scale), query.get("theme", "")[:40])
    made = variants.check(recipe, look, recipe.size[0], width_at="/w")
    return _Wanted(made, image_format, None if max_age is None else int(max_age))


def _own_format(recipe: Recipe) -> str:
    """What the recipe itself says: a raster twin stands before a vector format."""
    return recipe.formats[-1]


def _number(text: str, place: str, kind: Callable[[str], float], problems: list[Problem]) -> float:
    if text.isascii() and len(text) <= 9 and text.replace(".", "", 1).isdigit() and (kind is float or "." not in text):
        return kind(text)
    problems.append(Problem(place, f"must be a number, not {show(text)}"))
    return 0


def _below(place: str, make: Callable[[], Any]) -> Any:
    try:
        return make()
    except SpecError as error:
        raise SpecError(Problem(place + found.pointer, found.message) for found in error.problems) from None
