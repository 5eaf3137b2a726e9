"""The thirty lines of Celery that everybody writes first: what benchmarks/pipeline.py measures us against."""

from __future__ import annotations

import io
from typing import Any

from celery import shared_task
from django.core.files.base import ContentFile

from renderer.models import Chart


@shared_task(name="naive.draw")
def draw(chart_id: str, title: str, xs: list[str], ys: list[list[float]], names: list[str]) -> None:
    """Draw a line chart with pyplot, and save it on the model."""
    import matplotlib.pyplot as plt

    chart = Chart.objects.get(pk=chart_id)
    plt.figure(figsize=(8, 5), dpi=200)
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
