"""Dataset functions as sources: rows that the operator's Python returns, taken as if a stranger had sent them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from celery.exceptions import SoftTimeLimitExceeded
from django.db.utils import InterfaceError, OperationalError

from renderer import registry
from renderer.data.shapes import ShapeError, supply_of
from renderer.data.supply import SourceAway, SourceFailed, Supply
from renderer.spec.errors import Problem, SpecError
from renderer.spec.source import Source

if TYPE_CHECKING:
    from django.contrib.auth.models import User


def check(source: Source, at: str) -> tuple[registry.Dataset, dict[str, Any]]:
    """The function that a source names, and its parameters. Raises SpecError at ``at``/dataset and ``at``/params/..."""
    try:
        function = registry.get_dataset(source.dataset or "")
        return function, function.validate(source.params or {})
    except SpecError as error:
        raise SpecError(Problem(at + found.pointer, found.message) for found in error.problems) from None


def supply(source: Source, at: str, owner: User | None) -> Supply:
    """The rows that the function returns for this owner."""
    function, params = check(source, at)
    try:
        return supply_of(function.call(owner, params))
    except (SoftTimeLimitExceeded, MemoryError, OperationalError, InterfaceError, SourceAway):
        raise  # a limit, or something that is away: not what the function means to say
    except ShapeError as error:
        raise SourceFailed(f"The dataset function {function.name} {error}.") from error
    except (Exception, SystemExit, KeyboardInterrupt) as error:
        raise SourceFailed(f"The dataset function {function.name} raised {type(error).__name__}.") from error
