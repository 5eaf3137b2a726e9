"""Maps: the shapes of countries and states, their names, and how they are laid flat."""

from __future__ import annotations
