"""Provenance: which code a picture was drawn by, as far as it decides what the picture looks like."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from renderer import registry


def programs(recipe: Mapping[str, Any]) -> dict[str, str]:
    """By name: the versions of Figpress and matplotlib and, of a figure function, the hash of its source."""
    figure = recipe.get("figure")
    return _versions() | ({"function": registry.get(figure).code} if figure else {})


@cache
def _versions() -> dict[str, str]:
    return {"figpress": release(), "matplotlib": version("matplotlib")}


def release() -> str:
    """The release of Figpress that runs here; nothing where it is not installed as a package."""
    try:
        return version("figpress")
    except PackageNotFoundError:
        return ""
