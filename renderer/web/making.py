"""Making and changing charts: from a spec, or from a figure function and its parameters."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from renderer import registry
from renderer.api.links import link
from renderer.jobs import charts, tags
from renderer.models import Chart, Dataset
from renderer.models.job import Trigger
from renderer.models.membership import Role
from renderer.recipe import Recipe
from renderer.registry import Figure
from renderer.spec.errors import Problem, SpecError
from renderer.spec.json import BodyTooLarge, strict_json
from renderer.spec.marks import KINDS
from renderer.web import previews
from renderer.web.access import SignedInRequest, is_piece, signed_in
from renderer.web.charts import uuid_or_none
from renderer.web.editor import FIELDS
from renderer.web.forms import ChartForm, SpecForm
from renderer.web.parameters import form_for
from renderer.web.pointers import locate
from renderer.web.room import room
from renderer.web.starters import STARTERS, Starter, starter, written
from renderer.web.suggestions import suggestions

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
                previews.forget(request)
                return response
    context = {
        "form": form,
        "editor_fields": FIELDS,
        "preview_themes": previews.THEMES,
        "preview_sizes": previews.SIZES,
        "preview_hint": "The picture comes here.",
        "schema_url": link("spec_schema"),
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
    act = request.POST.get("act", "")
    preview = previews.kept(request)
    if form.is_valid() & parameters.is_valid():
        try:
            recipe = Recipe.from_figure(figure.name, parameters.params()).with_files(**_files(form, chart))
        except SpecError as error:
            parameters.refuse(error.problems)
        else:
            if act == "preview":
                preview = previews.drawn(request, recipe)
            elif response := _keep(request, form, recipe, chart, opens="schedule" if act == "schedule" else ""):
                previews.forget(request)
                return response
    context = {
        "figure": figure,
        "form": form,
        "parameters": parameters,
        "chart": chart,
        "tab": "figure",
        "preview_hint": "“Preview” draws it with the parameters as they stand, and saves nothing.",
        "preview_problems": _problems(parameters, form) if act == "preview" else [],
        **preview,
    }
    if act == "preview" and is_piece(request):
        return previews.answer(request, context)
    status = 200 if "preview" in preview else _status(request)
    return render(request, "renderer/new_figure.html", context, status=status)


def _problems(*filled: Form) -> list[str]:
    """Why it cannot be drawn like this: what each form says at its fields."""
    said: list[str] = []
    for form in filled:
        said += map(str, form.non_field_errors())
        said += [f"{field.label}: {error}" for field in form for error in field.errors]
    return said


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
