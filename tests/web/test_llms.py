"""/llms.txt: for everybody, and enough to write a chart from."""

from __future__ import annotations

import json
import re

from django.test import Client

from renderer.spec import parse
from renderer.spec.marks import KINDS


def test_the_page_is_public_text(client: Client) -> None:
    response = client.get("/llms.txt")
    assert response.status_code == 200
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert "public" in response["Cache-Control"]
    assert client.post("/llms.txt").status_code == 405


def test_it_names_every_kind_and_its_chart_is_right(client: Client) -> None:
    text = client.get("/llms.txt").content.decode()
    assert set(re.findall(r"^- (\w+): .*\[c\]", text, re.MULTILINE)) >= set(KINDS)
    shown = re.findall(r"^    (\{.*?\}\})$", text, re.MULTILINE | re.DOTALL)[0]
    assert parse(json.loads(shown)).title == "Cups sold"
    assert len(text) < 20_000
