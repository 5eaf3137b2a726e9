"""The versions of a chart's picture: beside each other, where each comes from, and back to one of them."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from renderer import spec
from renderer.jobs import versions as verbs
from renderer.jobs.targets import Target
from renderer.models import Chart, RenderJob
from renderer.models.job import ACTIVE
from renderer.spec.errors import SpecError
from renderer.web.access import SignedInRequest, either, is_piece, signed_in
from renderer.web.charts import find, uuid_or_none
from renderer.web.links import versions_of
from renderer.web.moments import in_full
from renderer.web.story import asked
from renderer.web.tables import named


@require_GET
@either
def versions(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """One version beside the picture that is shown, and where it comes from."""
    row = find(request, pk)
    found = versions_of(row)
    wanted = uuid_or_none(request.GET.get("show", ""))
    chosen = next((version for version in found if version.job.pk == wanted), None)
    if wanted and chosen is None:
        raise Http404
    chosen = chosen or next((version for version in found if not version.is_shown), None) or next(iter(found), None)
    context = {
        "chart": row,
        "versions": found,
        "chosen": chosen,
        "shown": next((version for version in found if version.is_shown), None),
        "is_page": not is_piece(request),
        **(_provenance(row, chosen.job) if chosen else {}),
    }
    template = "renderer/_compare.html" if is_piece(request) else "renderer/chart_versions.html"
    return render(request, template, context)


@require_POST
@signed_in
def restore(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Show an older picture again."""
    row = find(request, pk)
    wanted = uuid_or_none(request.POST.get("version", ""))
    job = RenderJob.objects.filter(pk=wanted).defer("recipe").first() if wanted else None
    if job is None or not verbs.restore(row, job.pk):
        messages.warning(request, "That picture is not kept any more; nothing has changed.")
        return redirect("chart", pk)
    follows = (
        "What is being drawn now will replace it."
        if Target.of(row, "image").jobs().filter(status__in=ACTIVE).exists()
        else "The recipe is as it was: the next run draws that, and shows its picture."
    )
    when = f" of {in_full(job.finished_at)}" if job.finished_at else ""
    messages.success(request, f"The picture{when} is shown again. {follows}")
    return redirect("chart", pk)


def _provenance(chart: Chart, job: RenderJob) -> dict[str, object]:
    """Where a picture comes from, as far as its rows know."""
    sources: list[str] = []
    document = job.recipe.get("spec")
    if document is not None:
        try:
            sources = list(dict.fromkeys(named(source) for source in spec.parse(document).every_source.values()))
        except SpecError:  # written for an older Figpress
            sources = []
    return {
        "job": job,
        "asked": asked(job),
        "sources": sources,
        "figure": job.figure,
        "params": job.recipe.get("params") or {},
        "is_of_recipe": job.content_key == chart.recipe_key,
    }
