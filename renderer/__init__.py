"""Figpress: charts drawn off the request path. These few names are what a project imports.

::

    from renderer import figure          # registers a figure function, in an app's figures.py
    from renderer import dataset         # registers a dataset function, there too
    from renderer import FigureField     # an image field that draws itself
    from renderer import enqueue         # draws onto any image field
    from renderer import charts          # builds chart specs, with types
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from renderer.fields import FigureField as FigureField
    from renderer.jobs.code import enqueue as enqueue
    from renderer.registry import dataset as dataset
    from renderer.registry import figure as figure
    from renderer.spec.errors import SpecError as SpecError

_HOMES = {
    "FigureField": "renderer.fields",
    "SpecError": "renderer.spec.errors",
    "dataset": "renderer.registry",
    "enqueue": "renderer.jobs.code",
    "figure": "renderer.registry",
}
__all__ = ["FigureField", "SpecError", "dataset", "enqueue", "figure"]  # found by __getattr__


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used: models may not be imported before Django has loaded its apps, and
    the pure parts (spec, data, drawing) work without Django."""
    if name not in _HOMES:
        raise AttributeError(f"module 'renderer' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
