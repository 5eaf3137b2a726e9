"""The pages: thin views over ``renderer.jobs``, server-rendered, kept live by htmx."""

from __future__ import annotations
