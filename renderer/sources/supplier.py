"""The supplier of an installation: from what a source names to the module that reads it, for one owner."""

from __future__ import annotations

from typing import TYPE_CHECKING

from renderer.data.supply import NoSupplier, Supply
from renderer.data.survey import Unseen, survey
from renderer.sources import databases, datasets, functions, urls
from renderer.spec.errors import Problem, SpecError
from renderer.spec.model import Chart
from renderer.spec.source import Source

if TYPE_CHECKING:
    from django.contrib.auth.models import User


class OwnersSupplier:
    """Reads what one owner may read. Without an owner, a project's own code asked: it has no datasets of anybody's."""

    def __init__(self, owner: User | None) -> None:
        self.owner = owner

    def supply(self, source: Source, at: str) -> Supply:
        """See ``renderer.data.supply.Supplier``."""
        if source.url is not None:
            return urls.supply(source, at, self.owner)
        if source.database is not None:
            return databases.supply(source, at, self.owner)
        if source.dataset is not None and "." in source.dataset:
            return functions.supply(source, at, self.owner)
        if source.dataset is not None:
            return datasets.supply(source, at, self.owner)
        return NoSupplier().supply(source, at)

    def check(self, source: Source, at: str) -> None:
        """What is wrong with a source before anything is read: nothing is resolved, fetched or called here.

        Raises SpecError at a pointer inside ``at``.
        """
        if source.url is not None:
            urls.check(source, at)
        elif source.database is not None:
            databases.check(source, at, self.owner)
        elif source.dataset is not None and "." in source.dataset:
            functions.check(source, at)


class OwnersSketches:
    """What is known of an owner's sources without reading them: examples of one row."""

    def __init__(self, owner: User | None) -> None:
        self.owner = owner

    def supply(self, source: Source, at: str) -> Supply:
        """See ``renderer.data.supply.Supplier``. Raises Unseen for what only reading tells."""
        if not datasets.is_dataset(source):
            raise Unseen
        return datasets.outline(source, at, self.owner)


def check_sources(chart: Chart, owner: User | None) -> None:
    """Raise SpecError with everything that is wrong with the named sources of a chart, before anything is read."""
    supplier, problems = OwnersSupplier(owner), list[Problem]()
    for at, source in chart.located_sources.items():
        try:
            supplier.check(source, at)
        except SpecError as error:
            problems += error.problems
    if problems:
        raise SpecError(problems)
    # A project's own code may name what it will upload later; whose request it is, is told at once.
    if owner is not None and any(map(datasets.is_dataset, chart.named_sources)):
        survey(chart, OwnersSketches(owner))
