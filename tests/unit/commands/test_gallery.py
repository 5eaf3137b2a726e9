"""manage.py gallery: every example in both themes, pages that lead to them, one sheet of all kinds."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from PIL import Image

from renderer.spec.marks import KINDS

BAR = {
    "kind": "bar",
    "title": "Fish & <chips>",
    "data": {"columns": {"x": ["a", "b"], "y": [1, 2]}},
    "x": "x",
    "y": "y",
}
LINE = {**BAR, "kind": "line", "title": "Up", "data": {"columns": {"x": [1, 2], "y": [1, 2]}}}


class _Images(HTMLParser):
    """The images of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[dict[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("img", "source"):
            self.found.append(dict(attrs))


def _gallery(folder: Path, *arguments: str) -> str:
    out = StringIO()
    call_command(
        "gallery", "--examples", str(folder / "specs"), "--into", str(folder / "gallery"),
        "--sheets", str(folder / "images"), *arguments, stdout=out, stderr=StringIO(),
    )  # fmt: skip
    return out.getvalue()


@pytest.fixture
def specs(tmp_path: Path) -> Path:
    """A folder with "specs" in it: two kinds and one that is named after none."""
    (tmp_path / "specs").mkdir()
    for name, spec in {"bar-fish": BAR, "bar-wide": {**BAR, "image": {"width": 900, "height": 300}},
                       "line-up": LINE, "many-things": LINE}.items():  # fmt: skip
        (tmp_path / "specs" / f"{name}.json").write_text(json.dumps(spec))
    return tmp_path


def test_every_kind_is_listed_with_its_sentence(specs: Path) -> None:
    lines = _gallery(specs, "--list").splitlines()
    assert [line.split()[0] for line in lines] == sorted(KINDS)
    assert all(len(line.split()) > 3 for line in lines)
    assert not (specs / "gallery").exists()


def test_every_example_is_drawn_in_both_themes_and_shown(specs: Path) -> None:
    (specs / "gallery").mkdir()
    (specs / "gallery" / "gone-light.webp").write_bytes(b"of an example that is no more")
    said = _gallery(specs)
    assert said.startswith("4 examples of 2 kinds")
    names = {path.name for path in (specs / "gallery").glob("*.webp")}
    wanted = ("bar-fish", "bar-wide", "line-up", "many-things")
    assert names == {f"{name}-{theme}.webp" for name in wanted for theme in ("light", "dark")}
    with Image.open(specs / "gallery" / "bar-wide-dark.webp") as image:
        assert image.size == (900, 300)
        assert image.convert("L").getpixel((2, 2)) in range(60)
    page = (specs / "gallery" / "index.html").read_text(encoding="utf-8")
    images = _Images()
    images.feed(page)
    assert {image.get("src") or image.get("srcset") for image in images.found} == names
    assert all(image["alt"] for image in images.found if "src" in image)
    for target in re.findall(r'href="(?!#)([^"]+)"', page):
        assert (specs / "gallery" / target).exists()
    assert "<chips>" not in page
    assert 'id="more"' in page
    markdown = (specs / "gallery" / "README.md").read_text(encoding="utf-8")
    assert all(f"{name}-light.webp" in markdown for name in wanted)


def test_one_sheet_for_each_theme_shows_each_kind_once(specs: Path) -> None:
    _gallery(specs)
    for theme in ("light", "dark"):
        path = specs / "images" / f"gallery-{theme}.webp"
        assert path.stat().st_size < 400_000
        with Image.open(path) as image:
            assert image.size == (2 * 320 + 3 * 16, 200 + 2 * 16)


def test_an_example_that_is_wrong_is_named(specs: Path) -> None:
    (specs / "specs" / "bar-bad.json").write_text(json.dumps({**BAR, "x": "z"}))
    with pytest.raises(CommandError, match=r"bar-bad\.json: /x: no column 'z'"):
        _gallery(specs)
    (specs / "specs" / "bar-bad.json").write_text("{")
    with pytest.raises(CommandError, match="no JSON"):
        _gallery(specs)


def test_a_folder_without_examples_is_told(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="no example specs"):
        _gallery(tmp_path)
