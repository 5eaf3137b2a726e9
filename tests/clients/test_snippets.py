"""The snippets of a chart's page do what they say, just as they are copied."""

from __future__ import annotations

import html
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.template import Context, Template
from django.test import Client
from django.urls import reverse
from pytest_django.live_server_helper import LiveServer

from renderer.jobs import charts
from renderer.models import Chart
from renderer.recipe import Recipe

PACKAGE = Path(__file__).parents[2] / "clients" / "python"
COMMANDS = {
    "curl": ["bash", "-ec"],
    "python": [sys.executable, "-c"],
    "javascript": ["node", "--input-type=module", "-e"],
}


@pytest.fixture
def chart(ada: User, spec: dict[str, Any]) -> Chart:
    return charts.create(ada, Recipe.from_spec(spec))[0]


def copied(live_server: LiveServer, ada: User, chart: Chart, key: str) -> str:
    """A snippet out of the page, as a browser would copy it."""
    client = Client()
    client.force_login(ada)
    host = live_server.url.removeprefix("http://")
    page = client.get(reverse("chart", args=[chart.pk]), headers={"Host": host}).content.decode()
    found = re.search(rf'<code id="snippet-{key}">(.*?)</code>', page, re.DOTALL)
    assert found
    return html.unescape(found[1])


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("key", COMMANDS)
def test_it_runs(
    key: str, live_server: LiveServer, worker: None, ada: User, token: str, chart: Chart, tmp_path: Path
) -> None:
    command = COMMANDS[key]
    if not shutil.which(command[0]):
        pytest.skip(f"there is no {command[0]} here")
    text = copied(live_server, ada, chart, key)
    if key == "javascript":
        text += '\n(await import("node:fs")).writeFileSync("chart.png", picture);'
    environment = {"PATH": os.environ["PATH"], "FIGPRESS_TOKEN": token, "PYTHONPATH": str(PACKAGE)}
    ran = subprocess.run([*command, text], cwd=tmp_path, env=environment, capture_output=True, timeout=120, check=False)
    assert ran.returncode == 0, ran.stderr
    assert (tmp_path / "chart.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.django_db(transaction=True)
def test_the_one_for_django(live_server: LiveServer, ada: User, chart: Chart) -> None:
    text = copied(live_server, ada, chart, "django")
    assert f'pk="{chart.pk}"' in text
    assert "figpress-figure" in Template(text).render(Context({"chart": chart}))
