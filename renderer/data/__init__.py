"""Data: the rows of a chart, typed, and resolved against the channels that draw them. Knows no Django."""

from __future__ import annotations

from renderer.data.resolve import LoadedChart, LoadedPanel, Resolved, load

__all__ = ["LoadedChart", "LoadedPanel", "Resolved", "load"]
