"""The gallery: every example spec as a picture in each theme, pages that show them, and one sheet with all kinds."""

from __future__ import annotations

import html
import io
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from renderer.data.resolve import load
from renderer.drawing import paint
from renderer.drawing.draw import Drawing, draw
from renderer.drawing.theme import theme_of
from renderer.spec import parse
from renderer.spec.marks import KINDS

THEMES = ("light", "dark")
MORE = "more"
"""The group of examples that are not named after a kind: layers, panels, scripts."""
_CELL = (320, 200)
_GAP = 16
_SKETCH = (520, 325)  # CSS pixels at which a chart for the sheet is drawn: its words can still be read when it is small
_MOST_COLUMNS = 6


@dataclass(frozen=True, slots=True)
class Example:
    """One spec of the examples' folder. ``group`` is its kind, or ``MORE``."""

    name: str
    group: str
    file: Path
    spec: Mapping[str, Any]

    @property
    def title(self) -> str:
        return str(self.spec.get("title") or self.name)

    def draw(self, theme: str, size: tuple[int, int] | None = None) -> Drawing:
        """The drawing at one pixel for each CSS pixel; with ``size``, at that size if it asks for none of its own."""
        image = dict(self.spec.get("image", {}))
        if size is not None and not {"width", "height"} & set(image):
            image["width"], image["height"] = size
        return draw(load(parse({**self.spec, "image": {**image, "scale": 1}})), theme=theme)


def examples(folder: Path) -> list[Example]:
    """The examples of a folder, by kind and name. Raises OSError, ValueError for a file that is no JSON."""
    found = []
    for file in sorted(folder.glob("*.json")):
        named = (kind for kind in sorted(KINDS, key=len, reverse=True) if _begins(file.stem, kind))
        kind = next(named, MORE)
        found.append(Example(file.stem, kind, file, json.loads(file.read_text(encoding="utf-8"))))
    return sorted(found, key=lambda example: (example.group == MORE, example.group, example.name))


def _begins(name: str, kind: str) -> bool:
    return name.startswith(f"{kind}-")


def about(kind: str) -> str:
    """What a kind shows, in one sentence."""
    words = " ".join((KINDS[kind].__doc__ or "").split())
    return words.partition(". ")[0].rstrip(".")


def webp(drawing: Drawing) -> bytes:
    """A small file, at the cost of time: the gallery is made seldom, and kept in the repository."""
    return _webp(Image.fromarray(paint.raster(drawing.scene, 1.0)).convert("RGB"), lossless=True, quality=60)


def sheet(shown: Sequence[Example], theme: str, *, most: int) -> bytes:
    """Pictures in rows, as one of at most so many bytes."""
    columns = min(_MOST_COLUMNS, max(1, math.ceil(math.sqrt(len(shown)))))
    rows = math.ceil(len(shown) / columns)
    background = tuple(round(channel * 255) for channel in theme_of(theme).background[:3])
    size = tuple(count * cell + (count + 1) * _GAP for count, cell in zip((columns, rows), _CELL, strict=True))
    whole = Image.new("RGB", (size[0], size[1]), background)
    for place, example in enumerate(shown):
        row, column = divmod(place, columns)
        picture = Image.fromarray(paint.raster(example.draw(theme, _SKETCH).scene, 2.0)).convert("RGB")
        picture.thumbnail(_CELL, Image.Resampling.LANCZOS)
        left = _GAP + column * (_CELL[0] + _GAP) + (_CELL[0] - picture.width) // 2
        top = _GAP + row * (_CELL[1] + _GAP) + (_CELL[1] - picture.height) // 2
        whole.paste(picture, (left, top))
    for quality in range(90, 20, -10):
        data = _webp(whole, lossless=False, quality=quality)
        if len(data) <= most:
            return data
    raise ValueError(f"{len(shown)} pictures do not fit into {most:,} bytes")


def _webp(image: Image.Image, *, lossless: bool, quality: int) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "WEBP", lossless=lossless, quality=quality, method=4)
    return buffer.getvalue()


# --- Pages --------------------------------------------------------------------------------------------------------

_STYLE = """
:root { color-scheme: light dark; --back: #ffffff; --ink: #1a1d21; --quiet: #5a6370; --line: #e6e8eb; }
@media (prefers-color-scheme: dark) {
  :root { --back: #15181d; --ink: #f1f3f5; --quiet: #a6aeb9; --line: #2c323b; }
}
body { background: var(--back); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; margin: 0 auto;
  max-width: 1320px; padding: 1.5rem; }
h1, h2 { line-height: 1.2; }
h2 { border-top: 1px solid var(--line); margin: 2.5rem 0 0; padding-top: 1.5rem; }
nav a { display: inline-block; margin: 0 .9rem .3rem 0; }
a { color: inherit; }
p, figcaption { color: var(--quiet); }
.pictures { display: grid; gap: 1.5rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 560px), 1fr)); }
figure { margin: 0; }
img { border: 1px solid var(--line); border-radius: 6px; display: block; height: auto; max-width: 100%; }
figcaption { font-size: .875rem; margin-top: .4rem; }
"""


@dataclass(frozen=True, slots=True)
class Shown:
    """A drawn example: what a page needs of it. ``spec`` is the way from the page to the spec's file."""

    example: Example
    width: int
    height: int
    alt: str
    spec: str


def _groups(pictures: Sequence[Shown]) -> Iterator[tuple[str, str, list[Shown]]]:
    for group in dict.fromkeys(shown.example.group for shown in pictures):
        sentence = "Layers, panels, scripts: several things at once" if group == MORE else about(group)
        yield group, sentence, [shown for shown in pictures if shown.example.group == group]


def index_html(pictures: Sequence[Shown]) -> str:
    """A page that needs nothing but the pictures beside it; it is light or dark as its reader's system is."""
    parts = [
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>Figpress: the charts</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<h1>The charts</h1>\n<nav>",
        *(f'<a href="#{group}">{group}</a>' for group, _, _ in _groups(pictures)),
        "</nav>",
    ]
    for group, sentence, members in _groups(pictures):
        parts.append(f'<h2 id="{group}">{group}</h2>\n<p>{html.escape(sentence)}.</p>\n<div class="pictures">')
        for shown in members:
            name = shown.example.name
            parts.append(
                f'<figure><picture><source media="(prefers-color-scheme: dark)" srcset="{name}-dark.webp">'
                f'<img src="{name}-light.webp" width="{shown.width}" height="{shown.height}" loading="lazy" '
                f'alt="{html.escape(shown.alt)}"></picture>'
                f'<figcaption><a href="{html.escape(shown.spec)}">{name}</a></figcaption></figure>'
            )
        parts.append("</div>")
    return "\n".join([*parts, "</body>\n</html>\n"])


def index_markdown(pictures: Sequence[Shown]) -> str:
    """The same for readers of the repository."""
    parts = ["# The charts", "", "Made by `python manage.py gallery` from [the examples](../../examples/specs).", ""]
    parts += [f"[{group}](#{group})" for group, _, _ in _groups(pictures)]
    for group, sentence, members in _groups(pictures):
        parts += ["", f"## {group}", "", f"{sentence}.", ""]
        for shown in members:
            name = shown.example.name
            parts.append(
                f'<a href="{html.escape(shown.spec)}"><picture>'
                f'<source media="(prefers-color-scheme: dark)" srcset="{name}-dark.webp">'
                f'<img src="{name}-light.webp" width="400" alt="{html.escape(shown.example.title)}"></picture></a>'
            )
    return "\n".join([*parts, ""])
