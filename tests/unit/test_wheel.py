"""The wheel holds every package: setuptools takes the list in pyproject.toml by its word."""

from __future__ import annotations

import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_package_is_in_the_list() -> None:
    setuptools = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
    homes = {"tasks": "figpress.tasks", "workers": "figpress.workers", "renderer": "renderer"}
    found = {
        ".".join([homes[top], *file.parent.relative_to(ROOT / top).parts])
        for top in homes
        for file in (ROOT / top).rglob("__init__.py")
    }
    assert found == set(setuptools["packages"])
    assert setuptools["packages"] == sorted(setuptools["packages"])
