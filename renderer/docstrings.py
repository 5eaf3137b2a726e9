"""Docstrings: what one says of each parameter, told apart from the rest.

The three ways that people write: Google's ``Args:``, NumPy's underlined ``Parameters``, Sphinx's ``:param name:``.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

_GOOGLE: Final = re.compile(r"(?:Args|Arguments|Parameters|Keyword Args|Keyword Arguments):")
_NUMPY: Final = re.compile(r"(?:Other )?Parameters")
_FIELD: Final = re.compile(r":(?:param|parameter|arg|keyword|kwarg|type)\b([^:]*):\s*(.*)")


def parted(doc: str, names: Collection[str]) -> tuple[str, dict[str, str]]:
    """A docstring, as :func:`inspect.getdoc` gives it, without what it says of these parameters; and that."""
    rest: list[str] = []
    helps: dict[str, list[str]] = {}
    lines = doc.splitlines()
    at = 0
    while at < len(lines):
        line = lines[at]
        if _GOOGLE.fullmatch(line.rstrip()) and _indent(_line(lines, at + 1)) > 0:
            at = _entries(lines, at + 1, _indent(lines[at + 1]), r"(\*{0,2}\w+)\s*(?:\([^)]*\))?\s*:\s*(.*)", helps)
        elif _NUMPY.fullmatch(line.rstrip()) and re.fullmatch(r"-{3,}\s*", _line(lines, at + 1)):
            at = _entries(lines, at + 2, 0, r"(\*{0,2}\w+(?:\s*,\s*\w+)*)\s*(?::.*)?()", helps)
        elif match := _FIELD.match(line):
            name = match[1].split()[-1] if match[1].split() else ""
            told, at = _indented(lines, at + 1, 0)
            if not line.startswith(":type"):
                helps[name] = [match[2], *told]
        else:
            rest.append(line)
            at += 1
    known = {name: " ".join(" ".join(told).split()) for name, told in helps.items() if name in names}
    return re.sub(r"\n{3,}", "\n\n", "\n".join(rest)).strip(), {name: text for name, text in known.items() if text}


def _entries(lines: list[str], at: int, indent: int, entry: str, helps: dict[str, list[str]]) -> int:
    """Read the parameters of a section. Returns the line at which it ends: where another one begins, or other text."""
    while at < len(lines):
        line = lines[at]
        if not line.strip():
            following = next((number for number in range(at, len(lines)) if lines[number].strip()), len(lines))
            if _indent(_line(lines, following)) < indent or (indent == 0 and not _is_entry(lines, following, entry)):
                return at
            at = following
            continue
        match = re.fullmatch(entry, line.strip())
        if _indent(line) != indent or not match or (indent == 0 and not _is_entry(lines, at, entry)):
            return at
        told, at = _indented(lines, at + 1, indent)
        for name in match[1].split(","):
            helps[name.strip(" *")] = [match[2], *told]
    return at


def _is_entry(lines: list[str], at: int, entry: str) -> bool:
    """Whether a parameter of NumPy's way begins here: a line that could be text, with more indented lines below it or a
    type behind it, and no underlined head of the next section."""
    line = _line(lines, at)
    below = _line(lines, at + 1)
    return bool(re.fullmatch(entry, line.strip())) and (_indent(below) > 0 or ":" in line) and below[:3] != "---"


def _indented(lines: list[str], at: int, indent: int) -> tuple[list[str], int]:
    """The lines from here on that stand deeper, and where they end."""
    end = at
    while end < len(lines) and lines[end].strip() and _indent(lines[end]) > indent:
        end += 1
    return [line.strip() for line in lines[at:end]], end


def _line(lines: list[str], at: int) -> str:
    return lines[at] if at < len(lines) else ""


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
