"""docs/lifecycle.md knows every status, reason, verb and state of a worker, and no others."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from renderer.jobs import lifecycle
from renderer.models.job import ACTIVE, FINAL, Reason, Status
from renderer.models.worker import State

DOCS = Path(__file__).parents[3] / "docs" / "lifecycle.md"


def table(head: str) -> dict[str, list[str]]:
    """The rows of the table with this first column: its word in backquotes, and the other cells."""
    lines = DOCS.read_text().split(f"| {head} |", 1)[1].splitlines()[2:]
    rows: dict[str, list[str]] = {}
    for line in lines:
        if not line.startswith("|"):
            break
        first, *others = (cell.strip() for cell in line.strip("|").split("|"))
        rows[first.strip("`")] = others
    return rows


@pytest.mark.parametrize(("head", "words"), [("status", Status), ("reason", Reason), ("state", State)])
def test_every_word_has_a_sentence(head: str, words: type[Status]) -> None:
    rows = table(head)
    assert list(rows) == words.values
    assert all(all(cells) for cells in rows.values())


def test_nobody_leaves_what_is_final() -> None:
    for status, (_, leaves) in table("status").items():
        assert leaves.startswith("nobody") is (status in FINAL)


def test_the_diagram_shows_every_way() -> None:
    diagram = DOCS.read_text().split("```mermaid")[1].split("```")[0]
    ways = re.findall(r"(\w+|\[\*\]) --> (\w+|\[\*\])(?:: (.*))?", diagram)
    assert {way[0] for way in ways if way[1] == "[*]"} == set(FINAL)
    verbs = {verb for way in ways for verb in way[2].split(", ") if verb} - {"enqueue"}
    assert all(callable(getattr(lifecycle, verb)) for verb in verbs)
    assert {way[0] for way in ways if way[2]} - {"[*]"} == set(ACTIVE)
