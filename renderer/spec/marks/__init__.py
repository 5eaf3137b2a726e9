"""The kinds of marks: each module of this package is one kind, or a family, and is found by being here.

To add a kind, add a module with a subclass of Mark whose `kind` is a Literal of its name. No other file changes.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Annotated, Any, get_args

from pydantic import Field

from renderer.spec.mark import Mark


def _discover() -> dict[str, type[Mark]]:
    found: dict[str, type[Mark]] = {}
    for module_info in sorted(pkgutil.iter_modules(__path__), key=lambda info: info.name):
        module = importlib.import_module(f"{__name__}.{module_info.name}")
        for value in vars(module).values():
            if not (isinstance(value, type) and issubclass(value, Mark) and value.__module__ == module.__name__):
                continue
            for kind in get_args(value.model_fields["kind"].annotation):
                if kind in found:
                    raise RuntimeError(f"two marks are of the kind {kind!r}: {found[kind]} and {value}")
                found[kind] = value
    return found


KINDS: dict[str, type[Mark]] = _discover()
"""The class of each kind, by its name."""

if TYPE_CHECKING:
    AnyMark = Mark
else:
    _classes: Any = reduce(or_, dict.fromkeys(KINDS.values()))
    AnyMark = Annotated[_classes, Field(discriminator="kind")]
