"""The drawing version: raised whenever the same spec would give other pixels. It is part of every content key."""

from __future__ import annotations

DRAWING_VERSION = 3
