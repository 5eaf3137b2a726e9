"""Provenance: which code a picture was drawn by, as far as it decides what the picture looks like."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from typing import Any

from renderer import registry
from renderer.release import VERSION


def programs(recipe: Mapping[str, Any]) -> dict[str, str]:
    """By name: the versions of Figpress and matplotlib and, of a figure function, the hash of its source."""
    figure = recipe.get("figure")
    return _versions() | ({"function": registry.get(figure).code} if figure else {})


@cache
def _versions() -> dict[str, str]:
    return {"figpress": VERSION, "matplotlib": version("matplotlib")}
