"""The HTTP API. ``renderer.api.urls`` brings all of it; version 1 is ``renderer.api.v1``.

Nothing is imported here: every process loads admin, which asks a part of this for addresses and needs no API for it.
"""

from __future__ import annotations
