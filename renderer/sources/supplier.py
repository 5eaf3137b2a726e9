"""The supplier of an installation: from what a source names to the module that reads it, for one owner."""

from __future__ import annotations

from typing import TYPE_CHECKING

from renderer.data.supply import NoSupplier, Supply
from renderer.spec.source import Source

if TYPE_CHECKING:
    from django.contrib.auth.models import User


class OwnersSupplier:
    """Reads what one owner may read. Without an owner, a project's own code asked: it has no datasets of anybody's."""

    def __init__(self, owner: User | None) -> None:
        self.owner = owner

    def supply(self, source: Source, at: str) -> Supply:
        """See ``renderer.data.supply.Supplier``."""
        return NoSupplier().supply(source, at)
