"""The docs as a site: built without a warning, whole in itself, and nothing of it is fetched from elsewhere."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import pytest

from tests.docs.blocks import ROOT, blocks

LOADS = {
    ("script", "src"),
    ("img", "src"),
    ("link", "href"),
    ("iframe", "src"),
    ("source", "srcset"),
    ("image", "href"),
}
HERE = "http://site.test/"


class _Links(HTMLParser):
    """What a page loads, what it links to, and the places in it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.loads: set[str] = set()
        self.links: set[str] = set()
        self.places: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id" and value:
                self.places.add(value)
            elif (tag, name) in LOADS and value and not value.startswith("data:"):
                self.loads.add(value)
            elif (tag, name) == ("a", "href") and value:
                self.links.add(value)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, as `make docs` makes it. A warning ends it."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)]
    built = subprocess.run(
        command, cwd=ROOT, env=os.environ | {"NO_MKDOCS_2_WARNING": "1"}, capture_output=True, text=True, check=False
    )
    assert built.returncode == 0, built.stderr
    return folder


def test_every_address_leads_somewhere_and_nothing_is_fetched_from_elsewhere(site: Path) -> None:
    pages = {path: _Links(path.read_text(encoding="utf-8")) for path in site.rglob("*.html") if path.name != "404.html"}
    assert len(pages) > 20
    wrong = []
    for path, page in pages.items():
        address = urljoin(HERE, path.relative_to(site).as_posix())
        for to in page.loads | page.links:
            found = urlsplit(urljoin(address, to))
            if found.netloc != "site.test":
                wrong += [f"{address} loads {to}"] if to in page.loads else []
                continue
            target = site / unquote(found.path).strip("/")
            target = target / "index.html" if target.is_dir() else target
            if not target.is_file():
                wrong.append(f"{address} leads to {to}, which is not there")
            elif found.fragment and target in pages and unquote(found.fragment) not in pages[target].places:
                wrong.append(f"{address} leads to {to}: there is no such place")
    for style in site.rglob("*.css"):
        elsewhere = re.findall(r"url\([\"']?(?:https?:)?//[^)]*", style.read_text(encoding="utf-8"))
        wrong += [f"{style.name} loads {address}" for address in elsewhere]
    assert not wrong, "\n".join(sorted(wrong))
    assert not list(site.rglob("*mermaid*"))
    assert not [path for path, page in pages.items() if 'class="mermaid"' in path.read_text(encoding="utf-8")]


def test_the_drawing_of_the_states_shows_what_the_diagram_says() -> None:
    drawing = (ROOT / "docs/images/lifecycle.svg").read_text()
    (diagram,) = blocks("docs/lifecycle.md", "mermaid")
    words = set(re.findall(r"\w+", diagram.code)) - {"stateDiagram", "v2"}
    shown = {word for text in re.findall(r"<text[^>]*>([^<]*)<", drawing) for word in re.findall(r"\w+", text)}
    assert shown == words


def test_the_gallery_shows_every_example_in_both_themes() -> None:
    examples = {path.stem for path in (ROOT / "examples/specs").glob("*.json")}
    drawn = {path.name for path in (ROOT / "docs/gallery").glob("*.webp")}
    assert drawn == {f"{name}-{theme}.webp" for name in examples for theme in ("light", "dark")}
    page = (ROOT / "docs/gallery/README.md").read_text()
    assert set(re.findall(r'src="([^"]+)-light.webp"', page)) == examples
