"""Alternative text: what the picture shows, for who does not see it. The author's own wins.

It says the kind, what by what, the range with its unit, the extremes, the last value and the change: what Cesal's rule
asks for, "chart type of type of data where reason for including chart", plus the numbers a reader would look up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from renderer.drawing.kind import Kind
from renderer.drawing.placeholder import NO_DATA
from renderer.spec.annotation import Note, PointNote, TextNote

_LONGEST = 1000  # characters


@dataclass(frozen=True, slots=True)
class Told:
    """What one panel says: its name, its layers, and what its author wrote on it."""

    name: str
    kinds: Sequence[Kind[Any]]
    notes: Sequence[str] = ()


def alternative(panels: Sequence[Told], *, title: str | None, subtitle: str | None, multiples: Sequence[str]) -> str:
    """The alternative text for a chart without one of its author's; ``multiples`` are what small multiples are for."""
    sentences: list[str] = []
    if title:
        sentences.append(_sentence(title.replace("\n", " ")))
    if subtitle:
        sentences.append(_sentence(subtitle.replace("\n", " ")))
    if multiples:
        sentences.append(_sentence(f"Small multiples for {listing(multiples, 12)}"))
    for panel in panels:
        told = [_sentence(kind.facts()) for kind in panel.kinds] or [_sentence(NO_DATA)]
        if panel.notes:
            told.append(_sentence(f"Marked: {'; '.join(panel.notes)}"))
        if panel.name and len(panels) > 1:
            told[:1] = [f"{panel.name.replace(chr(10), ' ')}: {told[0]}"]
        sentences += told
    text = " ".join(sentence for sentence in sentences if sentence)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1].rstrip() + "…"


def marked(notes: Sequence[Note]) -> list[str]:
    """What annotations say, with their places: "UN target at 75"."""
    found = []
    for note in notes:
        if not note.text:
            continue
        ends = [(getattr(note, first, None), getattr(note, f"{first}2", None)) for first in ("x", "y")]
        where = [f"at {low}" if high is None else f"from {low} to {high}" for low, high in ends if low is not None]
        if isinstance(note, PointNote | TextNote):
            where = [f"at {note.x}, {note.y}"]
        found.append(f"{note.text.replace(chr(10), ' ')} {' and '.join(where)}")
    return found


def _sentence(text: str) -> str:
    text = text.strip()
    return text if not text or text[-1] in ".!?…" else text + "."


def listing(names: Sequence[str], most: int = 6) -> str:
    """a, b and c; with their number where there are many."""
    if not names:
        return ""
    if len(names) > most:
        return f"{', '.join(names[:most])} and {len(names) - most} more"
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
