"""The fifty lines of Celery that everybody writes first: what benchmarks/pipeline.py measures us against."""

from __future__ import annotations

import io
import json
from typing import Any
from uuid import UUID

from celery import shared_task
from django.core.files.base import ContentFile
from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from renderer.models import Chart


@csrf_exempt
def create(request: HttpRequest) -> JsonResponse:
    """Save the row, delay the task; nothing is checked."""
    spec = json.loads(request.body)["spec"]
    chart = Chart.objects.create(owner_id=1, name=spec["title"], figure="none", recipe_key="0")
    draw.delay(str(chart.pk), spec["title"], *arguments(spec))
    return JsonResponse({"id": str(chart.pk)}, status=202)


def show(request: HttpRequest, pk: UUID) -> JsonResponse:
    """Whether the picture is there."""
    chart = Chart.objects.get(pk=pk)
    return JsonResponse({"id": str(pk), "ready": bool(chart.image), "url": chart.image.url if chart.image else None})


@shared_task(name="naive.draw", queue="celery")
def draw(chart_id: str, title: str, xs: list[str], ys: list[list[float]], names: list[str]) -> None:
    """Draw a line chart with pyplot, and save it on the model."""
    import matplotlib.pyplot as plt

    chart = Chart.objects.get(pk=chart_id)
    plt.figure(figsize=(8, 5), dpi=100)
    for name, values in zip(names, ys, strict=True):
        plt.plot(xs, values, label=name)
    plt.title(title)
    plt.grid(visible=True)
    plt.legend()
    buffer = io.BytesIO()
    plt.savefig(buffer, format="png")
    plt.close()
    chart.image.save("chart.png", ContentFile(buffer.getvalue()))


def arguments(spec: dict[str, Any]) -> tuple[list[str], list[list[float]], list[str]]:
    """The same rows as a chart spec's, as the naive task wants them."""
    columns = spec["data"]["columns"]
    names = list(dict.fromkeys(columns["name"]))
    rows = list(zip(columns["x"], columns["y"], columns["name"], strict=True))
    return list(dict.fromkeys(columns["x"])), [[y for _, y, n in rows if n == name] for name in names], names
