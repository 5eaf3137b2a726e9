"""Donuts: pies with a hole. Channels: label (categories), value (numbers)."""

from __future__ import annotations

from renderer.drawing.kinds.pie import DonutKind

KIND = DonutKind
