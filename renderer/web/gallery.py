"""The gallery: charts at a glance, found by what they are, and what can be done with several of them at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from renderer import registry
from renderer.api.zips import zipped
from renderer.jobs import charts, tags
from renderer.jobs.archive import archive_of_charts
from renderer.jobs.line import TooManyWaiting
from renderer.models import Chart, Dataset
from renderer.models.job import Status, Trigger
from renderer.spec.marks import KINDS
from renderer.web import words
from renderer.web.access import SignedInRequest, fragment, signed_in
from renderer.web.charts import uuid_or_none
from renderer.web.finding import FUNCTION, SORTS, STATES, Finding
from renderer.web.live import Live
from renderer.web.snippets import first_command
from renderer.web.starters import STARTERS
from renderer.web.summaries import Summary, summaries

A_PAGE = 24
FIRST_KINDS = ("bar", "line", "area", "scatter", "heatmap", "pie", "histogram", "choropleth")
"""Kinds that somebody without a chart is shown: one of each sort."""
DATASETS = 4
MOST = 100
"""Charts that one click does something with: more than a page has, for those who post by themselves."""


@dataclass(frozen=True, slots=True)
class Card(Summary):
    """A chart in the gallery."""

    tags: list[str]


class Option(NamedTuple):
    """One choice of a filter."""

    value: str
    label: str


@require_GET
@signed_in
def gallery(request: SignedInRequest) -> HttpResponse:
    """All charts of a person, or those that are looked for."""
    finding = Finding.of(request.GET)
    shown = _shown(request, finding)
    is_empty = not shown.cards and not finding.place and not finding.is_filtered
    context = {
        "live": shown.live.html(request),
        "finding": finding,
        "has_cards": bool(shown.cards),
        "is_empty": is_empty,
        "older": finding.after(shown.cards[-1].chart).query if shown.has_more else "",
        **(_beginnings(request) if is_empty else {}),
        "filters": None if is_empty else _filters(request, finding),
    }
    response = render(request, "renderer/gallery.html", context)
    if request.headers.get("HX-Request"):  # the form sends also what is empty; the address bar need not show it
        response["HX-Push-Url"] = reverse("gallery") + finding.query
    return response


@require_GET
@fragment
def gallery_live(request: SignedInRequest) -> HttpResponse:
    """The gallery's cards, while one of them waits for its picture."""
    return _shown(request, Finding.of(request.GET)).live.answer(request)


@require_POST
@signed_in
def several(request: SignedInRequest) -> HttpResponseBase:
    """Do the same with each of the charts that were selected."""
    finding = Finding.of(QueryDict(request.POST.get("from", "").removeprefix("?")))
    ids = [pk for text in request.POST.getlist("chart")[:MOST] if (pk := uuid_or_none(text))]
    rows = list(Chart.objects.for_user(request.account).filter(pk__in=ids).select_related("owner"))
    back = redirect(reverse("gallery") + finding.query)
    if not rows:
        messages.info(request, "Nothing was done: select some charts first.")
        return back
    match request.POST.get("action"):
        case "render":
            _draw(request, rows)
        case "delete":
            for chart in rows:
                charts.delete(chart)
            messages.success(request, f"Deleted {_counted(len(rows))}.")
        case "zip":
            archive = archive_of_charts(rows, timezone.now())
            if archive.files:
                return zipped(request, archive)
            messages.info(request, "None of these charts has a picture yet.")
    return back


class _Shown(NamedTuple):
    live: Live
    cards: list[Card]
    has_more: bool


def _shown(request: SignedInRequest, finding: Finding) -> _Shown:
    found = list(finding.rows(request.account).defer("spec", "params")[: A_PAGE + 1])
    page = found[:A_PAGE]
    named = tags.of(page)
    cards = [Card(card.chart, card.job, card.picture, named.get(card.chart.pk, [])) for card in summaries(page)]
    waiting = any(card.job and card.job.status == Status.QUEUED for card in cards)
    live = Live(
        name="cards",
        template="renderer/_cards.html",
        url=reverse("gallery-live") + finding.query,
        every=2 if any(card.is_active for card in cards) else 0,
        context={
            "cards": cards,
            "stale": charts.stale(page),
            "no_worker": words.no_worker(timezone.now()) if waiting else None,
        },
    )
    return _Shown(live, cards, len(found) > A_PAGE)


def _beginnings(request: SignedInRequest) -> dict[str, object]:
    """What somebody without a chart may start from."""
    return {
        "kinds": [(kind, f"renderer/kinds/{kind}.webp") for kind in FIRST_KINDS],
        "kinds_in_all": len(KINDS),
        "datasets": Dataset.objects.for_user(request.account).exclude(current=None)[:DATASETS],
        "starters": STARTERS,
        "figures": registry.all_figures(),
        "command": first_command(f"{request.scheme}://{request.get_host()}"),
    }


def _filters(request: SignedInRequest, finding: Finding) -> dict[str, list[Option]]:
    """What can be chosen: of kinds and tags those that there are, and what was chosen before."""
    kinds = Chart.objects.for_user(request.account).order_by("kind").values_list("kind", flat=True).distinct()
    of_kinds = {kind or FUNCTION: words.kind(kind) for kind in kinds}
    if finding.kind:
        of_kinds.setdefault(finding.kind, words.kind(finding.kind))
    of_tags = dict.fromkeys([*tags.of_owner(request.account), *([finding.tag] if finding.tag else [])])
    return {
        "kinds": sorted((Option(*pair) for pair in of_kinds.items()), key=lambda option: option.label),
        "states": [Option(state.value, label) for state, label in STATES.items()],
        "tags": [Option(name, name) for name in of_tags],
        "sorts": [Option(*pair) for pair in SORTS.items()],
    }


def _draw(request: HttpRequest, rows: Sequence[Chart]) -> None:
    made = there = 0
    try:
        for chart in rows:
            created = charts.render(chart, trigger=Trigger.WEB, force=True).created
            made += created
            there += not created
    except TooManyWaiting as error:
        messages.warning(request, str(error))
    if made:
        messages.success(request, f"{_counted(made).capitalize()} will be drawn again.")
    if there:
        messages.info(request, f"{_counted(there).capitalize()} {'is' if there == 1 else 'are'} being drawn already.")


def _counted(n: int) -> str:
    return "1 chart" if n == 1 else f"{n} charts"
