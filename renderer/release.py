"""The release: for the wheel, and for who runs from a clone, where no package is installed to ask."""

from __future__ import annotations

VERSION = "0.1.0"
