"""Making and changing charts: from a spec, or from a figure function and its parameters."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.handlers.asgi import ASGIRequest
from django.db import IntegrityError, transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from renderer import registry
from renderer.api.links import link
from renderer.jobs import charts, drafts, tags
from renderer.jobs.line import TooManyWaiting
from renderer.models import Chart, Dataset
from renderer.models.job import Status, Trigger
from renderer.models.membership import Role
from renderer.recipe import Recipe
from renderer.registry import Figure
from renderer.spec.errors import Problem, SpecError
from renderer.spec.json import BodyTooLarge, strict_json
from renderer.spec.marks import KINDS
from renderer.web import words
from renderer.web.access import SignedInRequest, fragment, is_piece, signed_in
from renderer.web.charts import uuid_or_none
from renderer.web.editor import FIELDS, SIZES, THEMES
from renderer.web.forms import ChartForm, SpecForm
from renderer.web.live import Live, pace
from renderer.web.parameters import form_for
from renderer.web.pointers import locate
from renderer.web.room import room
from renderer.web.starters import STARTERS, Starter, starter, written
from renderer.web.suggestions import suggestions
from renderer.web.summaries import summaries

DATASETS = 12
"""So many of the newest are named where a chart starts."""


@require_http_methods(["GET", "POST"])
@signed_in(needs=Role.EDITOR)
def new_from_spec(request: SignedInRequest) -> HttpResponse:
    """A new chart from a spec, with an example to start from."""
    return _spec_page(request, None)


@require_http_methods(["GET", "POST"])
@signed_in(needs=Role.EDITOR)
def new_from_figure(request: SignedInRequest, name: str) -> HttpResponse:
    """A new chart from a figure function."""
    return _figure_page(request, _figure(name), None)


@require_GET
@signed_in(needs=Role.EDITOR)
def figures(request: SignedInRequest) -> HttpResponse:
    """Every figure function there is."""
    return render(request, "renderer/figures.html", {"figures": registry.all_figures(), "tab": "figure"})


@require_http_methods(["GET", "POST"])
@signed_in(needs=Role.EDITOR)
def edit(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Change what a chart draws, or what it is called."""
    chart = get_object_or_404(Chart.objects.for_user(request.account), pk=pk)
    if chart.spec is not None:
        return _spec_page(request, chart)
    return _figure_page(request, _figure(chart.figure), chart)


def _spec_page(request: SignedInRequest, chart: Chart | None) -> HttpResponse:
    chosen = starter(request.GET.get("start", ""))
    dataset = None if chart else _dataset(request)
    fitting = suggestions(dataset) if dataset else []
    if fitting:
        wanted = request.GET.get("fit", "")
        fit = next((one for one in fitting if one.key == wanted), fitting[0])
        chosen = Starter("", fit.says, fit.document)
    text = written(chart.spec) if chart else chosen.text
    initial = {"spec": text, **_kept(chart)}
    form = SpecForm(request.POST or None, initial=initial)
    problems: list[Problem] = []
    if form.is_valid():
        text = form.cleaned_data["spec"]
        try:
            recipe = Recipe.from_spec(strict_json(text.encode(errors="surrogatepass")), owner=request.account)
            recipe = recipe.with_files(**_files(form, chart))
        except SpecError as error:
            problems = list(error.problems)
        except BodyTooLarge as error:
            problems = [Problem("", str(error))]
        else:
            if response := _keep(request, form, recipe, chart):
                _forget_draft(request)
                return response
    context = {
        "form": form,
        "editor_fields": FIELDS,
        "preview_themes": THEMES,
        "preview_sizes": SIZES,
        "schema_url": link("spec_schema"),
        "events_url": link("events") if isinstance(request, ASGIRequest) else "",
        "problems": locate(problems, text),
        "chart": chart,
        "starters": STARTERS,
        "chosen": chosen,
        "dataset": dataset,
        "fitting": fitting,
        "fit": request.GET.get("fit", "") or "0",
        "datasets": [] if chart else Dataset.objects.for_user(request.account).exclude(current=None)[:DATASETS],
        "tab": "spec",
        "kinds": sorted(KINDS),
        "kind_pictures": [(kind, f"renderer/kinds/{kind}.webp") for kind in sorted(KINDS)],
        "has_figures": bool(registry.all_figures()),
    }
    return render(request, "renderer/new_spec.html", context, status=_status(request))


def _dataset(request: SignedInRequest) -> Dataset | None:
    """The dataset that the address names, if it is this account's and has rows."""
    pk = uuid_or_none(request.GET.get("dataset", ""))
    rows = Dataset.objects.for_user(request.account).select_related("current").exclude(current=None)
    return rows.filter(pk=pk).first() if pk else None


def _figure_page(request: SignedInRequest, figure: Figure, chart: Chart | None) -> HttpResponse:
    data = request.POST or None
    form = ChartForm(data, initial=_kept(chart))
    parameters = form_for(figure.schema())(data, initial=chart.params if chart else None)
    act, preview, refused = request.POST.get("act", ""), None, ""
    if form.is_valid() & parameters.is_valid():
        try:
            recipe = Recipe.from_figure(figure.name, parameters.params()).with_files(**_files(form, chart))
        except SpecError as error:
            parameters.refuse(error.problems)
        else:
            if act == "preview":
                preview, refused = _drawn_as_draft(request, recipe)
            elif response := _keep(request, form, recipe, chart, opens="schedule" if act == "schedule" else ""):
                _forget_draft(request)
                return response
    context = {
        "figure": figure,
        "form": form,
        "parameters": parameters,
        "chart": chart,
        "tab": "figure",
        "preview": preview.html(request) if preview else "",
        "draft": preview.about if preview else request.POST.get("draft", "")[:36],
        "refused": refused,
    }
    if act == "preview" and is_piece(request):
        return render(request, "renderer/_figure_preview.html", {**context, "is_piece": True})
    status = 200 if preview else _status(request)
    return render(request, "renderer/new_figure.html", context, status=status)


def _drawn_as_draft(request: SignedInRequest, recipe: Recipe) -> tuple[Live | None, str]:
    """How the draft of this form stands, now that it is asked for; or why it is not."""
    try:
        draft, _ = drafts.draw(request.account, recipe, uuid_or_none(request.POST.get("draft", "")))
    except TooManyWaiting as error:
        return None, str(error)
    return _preview(draft), ""


@require_GET
@fragment
def preview_live(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """How a preview stands, while it is drawn."""
    return _preview(get_object_or_404(Chart.objects.for_user(request.account, drafts=True), pk=pk)).answer(request)


def _preview(draft: Chart) -> Live:
    (summary,) = summaries([draft])
    now = timezone.now()
    job = summary.job
    return Live(
        name="preview",
        template="renderer/_figure_picture.html",
        url=reverse("chart-preview-live", args=[draft.pk]),
        every=pace(job, now),
        about=str(draft.pk),
        context={
            "summary": summary,
            "job": job,
            "sentence": words.sentence(job, now) if job else "",
            "advice": words.advice(job) if job else "",
            "no_worker": words.no_worker(now) if job and job.status == Status.QUEUED else None,
        },
    )


def _forget_draft(request: SignedInRequest) -> None:
    """What was previewed is kept now as a chart."""
    if draft := uuid_or_none(request.POST.get("draft", "")):
        drafts.forget(request.account, draft)


def _keep(
    request: SignedInRequest, form: ChartForm, recipe: Recipe, chart: Chart | None, *, opens: str = ""
) -> HttpResponse | None:
    """Make or change the chart, have it drawn, and go to it. None if the form now says why not.

    ``opens`` is the part of the chart's page that the person wants to go on with.
    """
    name = form.cleaned_data["name"]
    if chart is None:
        chart, created = charts.create(request.account, recipe, name=name, tags=form.cleaned_data["tags"] or None)
        if not created:
            messages.info(request, "You had this chart already: here it is.")
    else:
        try:
            with transaction.atomic():
                charts.change(chart, recipe=recipe, name=name, tags=form.cleaned_data["tags"])
        except IntegrityError:
            form.add_error("name", "You have the same chart without a name already. Give this one a name.")
            return None
    with room(request):
        charts.render(chart, trigger=Trigger.WEB)
    return redirect(reverse("chart", args=[chart.pk]) + (f"?open={opens}#{opens}" if opens else ""))


def _kept(chart: Chart | None) -> dict[str, Any]:
    """What a chart has beside its recipe, for the form."""
    if chart is None:
        return {}
    return {"name": chart.name, "tags": tags.of([chart]).get(chart.pk, []), "formats": chart.formats}


def _files(form: ChartForm, chart: Chart | None) -> dict[str, Any]:
    """The files that are asked for. Scales and themes, which the form does not have, stay as they are."""
    kept = {"scales": chart.scales, "themes": chart.themes} if chart else {}
    return {"formats": form.cleaned_data["formats"], **kept}


def _figure(name: str) -> Figure:
    try:
        return registry.get(name)
    except SpecError:
        raise Http404 from None


def _status(request: SignedInRequest) -> int:
    """A form that comes back was not accepted."""
    return 422 if request.method == "POST" else 200
