"""The whole way with real processes, and what happens when they die on it."""

from __future__ import annotations

import io
import os
import signal
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from PIL import Image

from renderer.jobs import charts, schedules
from renderer.models import Attempt, Chart, Rendition, RenderJob, Schedule, Worker
from renderer.models.job import Reason, Status, Trigger
from renderer.recipe import Recipe

pytestmark = pytest.mark.live

SPEC = {"kind": "bar", "title": "Fruit", "data": {"columns": {"x": ["a", "b"], "y": [1, 2]}}, "x": "x", "y": "y"}
