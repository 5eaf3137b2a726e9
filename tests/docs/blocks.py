"""The fenced blocks of README.md and of every page of the docs: one way to find them for all tests.

A block that cannot be run says why in an HTML comment in front of it: ``<!-- not run: needs Docker -->``. It is still
read, and what it names (targets, commands, options) is looked up. ``file`` is what a first line such as
``# shop/models.py`` says: the block belongs into this file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    path.relative_to(ROOT).as_posix()
    for path in [
        ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "clients/python/README.md", *(ROOT / "docs").rglob("*.md"),
    ]
)  # fmt: skip

_FENCE = re.compile(
    r"(?:^<!-- not run: (?P<reason>[^\n]+?) -->\n\n?)?"
    r"^(?P<fence>`{3,})(?P<language>[\w-]*)(?P<info>[^\n`]*)\n(?P<code>.*?)^(?P=fence)$",
    re.DOTALL | re.MULTILINE,
)
_FILE = re.compile(r"(?:#|<!--|\{#|//) (?P<file>[\w./-]+\.\w+)(?: -->| #\})?\n")


@dataclass(frozen=True)
class Block:
    """One fenced block."""

    page: str
    line: int
    language: str
    code: str
    not_run: str
    """Why it is not run; empty if it is."""

    @property
    def file(self) -> str:
        """The file that it belongs into; empty if it names none."""
        found = _FILE.match(self.code)
        return found["file"] if found else ""

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def blocks(page: str, *languages: str) -> list[Block]:
    """The blocks of a page in these languages, or all of them."""
    text = (ROOT / page).read_text(encoding="utf-8")
    found = [
        Block(page, text.count("\n", 0, m.start("fence")) + 1, m["language"], m["code"], m["reason"] or "")
        for m in _FENCE.finditer(text)
    ]
    return [block for block in found if not languages or block.language in languages]


def all_blocks(*languages: str) -> list[Block]:
    """The blocks of all pages."""
    return [block for page in PAGES for block in blocks(page, *languages)]
