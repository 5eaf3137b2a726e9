"""Snippets: what draws and fetches a chart from elsewhere, ready to be copied. tests/clients runs them."""

from __future__ import annotations

from typing import NamedTuple

from renderer.api.links import link
from renderer.models import Chart

CURL = """\
curl -X POST {origin}{render} \\
  -H "Authorization: Bearer $FIGPRESS_TOKEN" -H "Prefer: wait=30"
curl {origin}{image} \\
  -H "Authorization: Bearer $FIGPRESS_TOKEN" -o chart.{format}"""
PYTHON = """\
# pip install ./clients/python, in a clone of Figpress
import os
from figpress_client import Client

with Client("{origin}", token=os.environ["FIGPRESS_TOKEN"]) as client:
    client.render_again("{id}").wait().save("chart.{format}")"""
JAVASCRIPT = """\
// On a server: the token is nothing for a page that others open.
const headers = {{ Authorization: `Bearer ${{process.env.FIGPRESS_TOKEN}}`, Prefer: "wait=30" }};
await fetch("{origin}{render}", {{ method: "POST", headers }});
const response = await fetch("{origin}{image}", {{ headers }});
if (!response.ok) throw new Error((await response.json()).detail);
const picture = Buffer.from(await response.arrayBuffer());"""
DJANGO = """\
{{% load figures %}}
{{# chart = Chart.objects.get(pk="{id}") #}}
{{% figure chart.image %}}"""

FIRST = """\
curl -X POST {origin}{charts} \\
  -H "Authorization: Bearer $FIGPRESS_TOKEN" -H "Content-Type: application/json" \\
  -d '{{"spec": {{"kind": "bar", "x": "day", "y": "cups",
       "data": {{"columns": {{"day": ["Monday", "Tuesday"], "cups": [120, 84]}}}}}}}}'"""


class Snippet(NamedTuple):
    """A few lines in one language."""

    key: str
    label: str
    text: str


def first_command(origin: str) -> str:
    """How somebody makes the first chart from a terminal."""
    return FIRST.format(origin=origin, charts=link("charts"))


def snippets(chart: Chart, origin: str) -> list[Snippet]:
    """How a chart is drawn again and fetched from ``origin``, such as ``https://charts.example.com``."""
    raster = next((name for name in chart.formats if name in ("png", "webp")), "png")
    parts = {
        "origin": origin,
        "id": str(chart.pk),
        "render": link("render_chart", chart_id=chart.pk),
        "image": link("chart_picture", chart_id=chart.pk),
        "format": raster,
    }
    made = (("curl", "curl", CURL), ("python", "Python", PYTHON), ("javascript", "JavaScript", JAVASCRIPT))
    return [Snippet(key, label, text.format(**parts)) for key, label, text in (*made, ("django", "Django", DJANGO))]
