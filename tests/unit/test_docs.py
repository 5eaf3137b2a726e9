"""What the docs say is so. Their blocks are run by tests/docs and tests/live."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from renderer import spec
from renderer.sources.databases import read_settings

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]


def _text(name: str) -> str:
    return (ROOT / name).read_text()


def test_every_environment_variable_is_listed_and_read() -> None:
    read = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', _text("project/settings.py")))
    read |= set(re.findall(r"\$\{([A-Z_]+):-", _text("Procfile")))
    for module in sorted((ROOT / "renderer").rglob("*.py")):
        read |= set(re.findall(r'^[A-Z]+ = "(FIGPRESS_[A-Z_]+)"', module.read_text(), re.MULTILINE))
    listed = {
        name
        for row in re.findall(r"^\| (`[A-Z_`, ]+`) \|", _text("docs/settings.md"), re.MULTILINE)
        for name in re.findall(r"[A-Z_]+", row)
    }
    assert listed == read


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text()):
        assert (page.parent / target).exists(), f"{page.name} links to {target}"


def _asks(page: str) -> list[dict[str, object]]:
    """The bodies that a page sends with curl."""
    return [json.loads(body) for body in re.findall(r"--json '(\{.*?\})'", _text(page), re.DOTALL)]


def test_the_charts_of_the_page_on_sources_are_charts() -> None:
    blocks = re.findall(r"```json\n(.*?)```", _text("docs/sources.md"), re.DOTALL)
    named = [source for block in blocks for source in spec.parse(json.loads(block)).named_sources]
    assert [(source.url or source.database or source.dataset) for source in named] == [
        "https://example.org/sales.csv", "warehouse", "shop.orders",
    ]  # fmt: skip
    written = re.findall(r"FIGPRESS_DATABASES='(.*?)'", _text("docs/sources.md"), re.DOTALL)[0]
    assert read_settings(json.loads(written))["warehouse"].seconds == 10


def test_the_error_that_is_shown_is_the_one_that_comes() -> None:
    shown = json.loads(re.findall(r"```json\n(.*?)```", _text("docs/http.md"), re.DOTALL)[0])["errors"][0]
    ask = _asks("docs/http.md")[0]["spec"]
    assert isinstance(ask, dict)
    with pytest.raises(spec.SpecError) as caught:
        spec.parse(ask | {"hue": "day"})
    assert [(f"/spec{problem.pointer}", problem.message) for problem in caught.value.problems] == [
        (shown["pointer"], shown["message"])
    ]
