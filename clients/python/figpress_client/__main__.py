"""``python -m figpress_client`` is the command ``figpress``."""

from __future__ import annotations

from figpress_client.cli import run

run()
