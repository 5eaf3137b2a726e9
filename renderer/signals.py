"""Signals: what a project's own code, and whatever tells others, may listen to. Each is sent after its commit."""

from __future__ import annotations

from django.dispatch import Signal

schedule_paused = Signal()
"""A schedule paused by itself. ``sender`` is the model; ``schedule`` the row, ``reason`` a sentence for a person."""
