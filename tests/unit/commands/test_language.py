"""docs/language.md and what else is made of the models: fresh, complete, and every example in it is drawn."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from renderer.data.resolve import load
from renderer.drawing.draw import draw
from renderer.management.language import all_models, used, without_example
from renderer.management.pictures import examples
from renderer.spec import parse
from renderer.spec.marks import KINDS
from renderer.spec.reference import fields

ROOT = Path(__file__).resolve().parents[3]
SMALL = sorted((ROOT / "examples" / "language").glob("*.json"))
SPECS = sorted((ROOT / "examples" / "specs").glob("*.json"))
PAGE = (ROOT / "docs" / "language.md").read_text(encoding="utf-8")


def test_what_is_made_of_the_models_is_fresh(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("language")
    assert "up to date" in capsys.readouterr().out


def test_what_is_stale_is_named_and_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(CommandError, match=r"docs/language.md, docs/llms.txt, renderer/charts.py: out of date"):
        call_command("language", "--into", str(tmp_path))
    call_command("language", "--into", str(tmp_path), "--write")
    assert (tmp_path / "docs" / "language.md").read_text(encoding="utf-8") == PAGE


def test_every_field_has_an_example() -> None:
    assert without_example(used([*SMALL, *SPECS])) == []


@pytest.mark.parametrize("file", SMALL, ids=lambda file: file.stem)
def test_every_example_is_drawn(file: Path) -> None:
    chart = parse(json.loads(file.read_text(encoding="utf-8")))
    if chart.named_sources:
        return  # what they name is not here
    drawing = draw(load(chart))
    assert drawing.warnings == ()
    assert drawing.title == chart.title


def test_every_document_on_the_page_is_right() -> None:
    documents = [json.loads(text) for text in re.findall(r"```json\n(.*?)\n```", PAGE, re.DOTALL)]
    assert len(documents) > 20
    for document in documents:
        parse(document)


def test_every_kind_and_every_field_is_told_of() -> None:
    for kind in KINDS:
        assert f"\n### {kind}\n" in PAGE
    rows = set(re.findall(r"^\| \*{0,2}([a-z_0-9]+)\*{0,2} \|", PAGE, re.MULTILINE))
    assert {field.name for model in all_models() for field in fields(model)} <= rows | {"kind"}


def test_links_within_the_page_lead_somewhere() -> None:
    anchors = {
        re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")
        for heading in re.findall(r"^#+ (.+)$", PAGE, re.MULTILINE)
    }
    assert set(re.findall(r"\]\(#([^)]+)\)", PAGE)) <= anchors
    assert not re.findall(r"\[[A-Z]\w+\](?!\()", PAGE)


def test_examples_named_on_the_page_are_in_the_gallery() -> None:
    in_gallery = set(re.findall(r"^## (.+)$", (ROOT / "docs" / "gallery" / "README.md").read_text(), re.MULTILINE))
    assert set(KINDS) <= in_gallery
    assert {example.group for example in examples(ROOT / "examples" / "specs")} >= set(KINDS)
