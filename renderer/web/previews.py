"""Previews: what a spec, or a figure function with its parameters, looks like before it is saved.

A page asks for a picture of what stands in its form, which is drawn through the queue as a draft. What comes back is a
live part that says how it stands; the picture before stays until the next one is there.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from renderer.jobs import drafts, notices
from renderer.jobs.line import TooManyWaiting
from renderer.models import Chart, RenderJob
from renderer.models.job import Status
from renderer.recipe import Recipe
from renderer.spec.errors import SpecError
from renderer.spec.json import BodyTooLarge, strict_json
from renderer.web import words
from renderer.web.access import SignedInRequest, fragment, signed_in
from renderer.web.charts import uuid_or_none
from renderer.web.live import Live, pace
from renderer.web.summaries import summaries

SIZES: dict[str, tuple[int, int]] = {"small": (480, 300), "medium": (800, 500), "wide": (1200, 500)}
"""CSS pixels of a preview, where the person wants another size than the spec's."""
THEMES = ("light", "dark")


@require_POST
@signed_in
def spec(request: SignedInRequest) -> HttpResponse:
    """Draw the text of the form, perhaps in another theme or size than it says."""
    try:
        document = strict_json(request.POST.get("spec", "").encode(errors="surrogatepass"))
        recipe = Recipe.from_spec(_sized(document, request.POST.get("size", "")), ["png"], owner=request.account)
        theme = request.POST.get("theme", "")
        context = drawn(request, recipe.with_files(themes=[theme] if theme in THEMES else []))
    except SpecError as error:
        problems = [f"{found.pointer} {found.message}".strip() for found in error.problems]
        context = {**kept(request), "preview_problems": problems}
    except BodyTooLarge as error:
        context = {**kept(request), "preview_problems": [str(error)]}
    return answer(request, context)


@require_GET
@fragment
def live(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """How a preview stands, while it is drawn."""
    return _live(get_object_or_404(Chart.objects.for_user(request.account, drafts=True), pk=pk)).answer(request)


@require_POST
@signed_in
def leave(request: SignedInRequest) -> HttpResponse:
    """A page with a preview is closed: its draft goes, with what it waits for."""
    forget(request)
    return HttpResponse(status=204)


def drawn(request: SignedInRequest, recipe: Recipe) -> dict[str, Any]:
    """Ask for a recipe to be drawn as the draft of a form: what the preview shows now."""
    try:
        draft, _ = drafts.draw(request.account, recipe, uuid_or_none(request.POST.get("draft", "")))
    except TooManyWaiting as error:
        return {**kept(request), "refused": str(error)}
    part = _live(draft)
    return {"preview": part.html(request), "draft": str(draft.pk), "summary": part.context["summary"]}


def kept(request: SignedInRequest) -> dict[str, Any]:
    """What the preview shows where nothing new is drawn."""
    return {"draft": request.POST.get("draft", "")[:36]}


def answer(request: SignedInRequest, context: dict[str, Any]) -> HttpResponse:
    """What htmx puts below the picture."""
    return render(request, "renderer/_preview_state.html", {**context, "is_piece": True})


def forget(request: SignedInRequest) -> None:
    """What was previewed is kept now as a chart, or was only looked at."""
    if draft := uuid_or_none(request.POST.get("draft", "")):
        drafts.forget(request.account, draft)


def _live(draft: Chart) -> Live:
    (summary,) = summaries([draft])
    now = timezone.now()
    job = summary.job
    return Live(
        name="preview",
        template="renderer/_preview_live.html",
        url=reverse("chart-preview-live", args=[draft.pk]),
        every=pace(job, now),
        about=str(draft.pk),
        context={
            "summary": summary,
            "job": job,
            "sentence": _sentence(job, now) if job else "",
            "advice": words.advice(job) if job else "",
        },
    )


def _sentence(job: RenderJob, now: datetime) -> str:
    """Of two lines at most, so that nothing below it moves."""
    missing = notices.no_worker(now) if job.status == Status.QUEUED else None
    return missing.message if missing else words.sentence(job, now)


def _sized(document: Any, size: str) -> Any:
    """The spec in another size. What is no spec stays as it is, to be refused."""
    if size not in SIZES or not isinstance(document, dict) or not isinstance(document.get("image", {}), dict):
        return document
    width, height = SIZES[size]
    return {**document, "image": {**document.get("image", {}), "width": width, "height": height}}
