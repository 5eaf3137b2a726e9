"""The chart language: a typed model of charts, and errors that say where, what and what instead. Knows no Django."""

from __future__ import annotations

from renderer.spec.errors import Problem, SpecError
from renderer.spec.json import BodyTooLarge, strict_json
from renderer.spec.limits import LIMITS, Limits
from renderer.spec.model import Chart
from renderer.spec.parse import parse
from renderer.spec.schema import json_schema

__all__ = ["LIMITS", "BodyTooLarge", "Chart", "Limits", "Problem", "SpecError", "json_schema", "parse", "strict_json"]
