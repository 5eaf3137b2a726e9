"""The kinds of charts. A module in here is a kind: ``kinds/bar.py`` draws marks of kind "bar". No list of them is
kept.
"""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module
from typing import Any

from renderer.drawing.kind import Kind


@cache
def names() -> tuple[str, ...]:
    """The kinds that can be drawn."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_")))


@cache
def kind_of(name: str) -> type[Kind[Any]]:
    """The class that draws a kind; raises KeyError for one that does not exist."""
    if name not in names():
        raise KeyError(name)
    found: type[Kind[Any]] = import_module(f"{__name__}.{name}").KIND
    return found
