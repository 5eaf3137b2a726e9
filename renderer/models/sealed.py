"""SealedText: a column whose text is encrypted in the database, and plain in Python."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models

from renderer import vault

if TYPE_CHECKING:
    Text = models.TextField[str, str]
else:
    Text = models.TextField


class SealedText(Text):
    """A TextField under the keys of ``renderer/vault.py``. The same text is another one in each row, so that it cannot
    be searched or sorted by."""

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str | None:
        """Decrypt, where its key is there: see vault.Unreadable."""
        return None if value is None else vault.reveal(value)

    def get_prep_value(self, value: Any) -> Any:
        """Encrypt."""
        text = super().get_prep_value(value)
        return None if text is None else vault.seal(text)

    def get_lookup(self, lookup_name: str) -> Any:
        """None but whether there is one."""
        return super().get_lookup(lookup_name) if lookup_name == "isnull" else None
