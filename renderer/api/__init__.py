"""The HTTP API. ``renderer.api.urls`` brings all of it; version 1 is ``renderer.api.v1``.

Nothing is imported here: admin, which every process loads, asks parts of it for addresses, and should not build the API.
"""

from __future__ import annotations
