"""The supplier of an installation: from what a source names to the module that reads it, for one owner."""

from __future__ import annotations

from typing import TYPE_CHECKING

from renderer.data.supply import NoSupplier, Supply
from renderer.data.survey import Unseen
from renderer.sources import datasets
from renderer.spec.source import Source

if TYPE_CHECKING:
    from django.contrib.auth.models import User


class OwnersSupplier:
    """Reads what one owner may read. Without an owner, a project's own code asked: it has no datasets of anybody's."""

    def __init__(self, owner: User | None) -> None:
        self.owner = owner

    def supply(self, source: Source, at: str) -> Supply:
        """See ``renderer.data.supply.Supplier``."""
        if datasets.is_dataset(source):
            return datasets.supply(self.owner, source, at)
        return NoSupplier().supply(source, at)


class OwnersSketches:
    """What is known of an owner's sources without reading them: examples of one row."""

    def __init__(self, owner: User | None) -> None:
        self.owner = owner

    def supply(self, source: Source, at: str) -> Supply:
        """See ``renderer.data.supply.Supplier``. Raises Unseen for what only reading tells."""
        if not datasets.is_dataset(source):
            raise Unseen
        return datasets.outline(self.owner, source, at)
