"""Variants: pictures of a chart in other formats, sizes and themes, drawn when somebody asks for them.

Through the queue, as every picture; and never more of them than the looks that can be asked for.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final, NamedTuple

from django.utils import timezone

from renderer.jobs import charts, pictures
from renderer.jobs.enqueue import enqueue
from renderer.jobs.line import TooManyWaiting
from renderer.jobs.targets import Target
from renderer.models import Chart, RenderJob, Rendition, Variant
from renderer.models.job import Status, Trigger
from renderer.recipe import RASTER, Recipe
from renderer.spec.errors import Problem, SpecError, listed, show

WIDTHS: Final = (160, 240, 320, 480, 640, 800, 960, 1280, 1600, 1920, 2560)
"""Pixels. A small set, so that nobody fills the storage with pictures of 639 and 641 pixels."""
SCALES: Final = (1.0, 1.5, 2.0, 3.0, 4.0)
REST: Final = timedelta(minutes=5)
"""After a failure nobody's looking makes it tried again so soon."""


class Look(NamedTuple):
    """What a picture is to look like; 0 and "" are as the chart says."""

    format: str
    width: int = 0
    scale: float = 0
    theme: str = ""


class Found(NamedTuple):
    """The last good picture, if there is one, and the job that it, or the next one, is of."""

    file: Rendition | None
    job: RenderJob | None


def check(recipe: Recipe, look: Look, css_width: int, *, width_at: str = "/width") -> Recipe:
    """The recipe of one look. Raises SpecError, which names ``width_at``, ``/scale``, ``/theme`` or ``/format``."""
    problems: list[Problem] = []
    if look.width and look.scale:
        problems.append(Problem("/scale", "choose either a width or a scale, not both"))
    if (look.width or look.scale) and look.format not in RASTER:
        place = width_at if look.width else "/scale"
        problems.append(Problem(place, f"{look.format} has no pixels: it fits any size as it is"))
    elif look.width and look.width not in WIDTHS:
        problems.append(Problem(width_at, f"must be one of {listed([str(n) for n in WIDTHS])}, not {show(look.width)}"))
    elif look.width and not css_width:
        problems.append(Problem(width_at, "the size is not known before it is drawn once: choose a scale"))
    if look.scale and look.scale not in SCALES:
        problems.append(
            Problem("/scale", f"must be one of {listed([f'{n:g}' for n in SCALES])}, not {show(look.scale)}")
        )
    if problems:
        raise SpecError(problems)
    scale = look.width / css_width if look.width else look.scale
    try:
        return recipe.with_files(
            formats=[look.format],
            scales=[scale] if scale else recipe.scales[:1],
            themes=[look.theme] if look.theme else recipe.themes[:1],
        )
    except SpecError as error:
        places = {"formats": "/format", "scales": width_at if look.width else "/scale", "themes": "/theme"}
        raise SpecError(
            Problem(places[found.pointer.split("/")[1]], found.message) for found in error.problems
        ) from None


def recipe_of(chart: Chart, look: Look) -> Recipe:
    """The chart's recipe for one look. Raises SpecError if it cannot look like that."""
    recipe = charts.recipe_of(chart)
    return check(recipe, look, recipe.size[0] or _drawn_width(chart))


def look_of(variant: Variant) -> Look:
    """What a variant looks like."""
    return Look(variant.format, variant.width, variant.scale, variant.theme)


def of(chart: Chart, look: Look) -> Variant:
    """The chart's variant of this look. Raises SpecError if it cannot look like that."""
    recipe_of(chart, look)
    return Variant.objects.get_or_create(chart=chart, **look._asdict())[0]


def find(variant: Variant, *, request_id: str = "") -> Found:
    """The last good picture of a variant, after asking for a new one if there is none, or the chart has a newer one.

    A picture that is drawn with the chart is taken from there. Never more than one job at a time, and none soon after
    a failure: this is asked by strangers.
    """
    chart, look = variant.chart, look_of(variant)
    if file := _own(chart, look):
        return Found(file, None)
    if look == Look(look.format) and look.format in chart.formats:
        return Found(None, Target.of(chart, "image").jobs().defer("recipe").first())
    target = Target.of(variant, "image")
    shown = pictures.shown_by(target)
    file = shown.renditions.filter(format=look.format).first() if shown else None
    last = target.jobs().defer("recipe").first()
    try:
        recipe = recipe_of(chart, look)
    except SpecError:  # the chart has become another one, which cannot look like that
        return Found(file, last)
    key = recipe.content_key
    if shown is not None and file is not None and shown.content_key == key and not _older(target, chart, recipe):
        return Found(file, shown)
    if last is not None and last.content_key == key and (not last.is_final or _rests(last)):
        return Found(file, last)
    try:
        asked = enqueue(recipe, target, trigger=Trigger.API, owner=chart.owner, request_id=request_id)
    except TooManyWaiting:
        return Found(file, last)
    return Found(file, asked.job)


def rests(job: RenderJob | None, key: str) -> bool:
    """Whether this is the job of just this picture, and has failed so lately that it is not to be tried again."""
    return job is not None and job.content_key == key and _rests(job)


def forget_unlinked(chart: Chart) -> None:
    """Delete the variants that no link leads to, and their files on commit."""
    for variant in chart.variants.filter(links=None):
        pictures.forget(Target.of(variant, "image"))
        variant.delete()


def _own(chart: Chart, look: Look) -> Rendition | None:
    """The file of this look that was drawn with the chart, if one was."""
    if not chart.image or chart.drawn_by_id is None:
        return None
    files = Rendition.objects.asked_for().filter(job=chart.drawn_by_id, format=look.format)
    if look.width:
        files = files.filter(width=look.width)
    if look.scale:
        files = files.filter(scale=look.scale)
    if look.theme:
        files = files.filter(theme=look.theme)
    return files.order_by("-on_target", "id").first()


def _older(target: Target, chart: Chart, recipe: Recipe) -> bool:
    """Whether the chart was drawn from its data since."""
    if recipe.pure or chart.rendered_at is None:
        return False
    good = target.jobs().filter(status=Status.SUCCEEDED).values_list("finished_at", flat=True).first()
    return good is None or good < chart.rendered_at


def _rests(job: RenderJob) -> bool:
    return job.status != Status.SUCCEEDED and job.finished_at is not None and job.finished_at > timezone.now() - REST


def _drawn_width(chart: Chart) -> int:
    """CSS pixels of the picture that is shown; 0 if there is none."""
    file = Rendition.objects.filter(job=chart.drawn_by_id, on_target=True).first() if chart.drawn_by_id else None
    return round(file.width / file.scale) if file else 0
