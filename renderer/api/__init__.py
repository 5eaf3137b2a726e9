"""The HTTP API. Version 1 is ``renderer.api.api``; ``renderer.api.urls`` brings all of it."""

from __future__ import annotations

from renderer.api.v1 import api

__all__ = ["api"]
