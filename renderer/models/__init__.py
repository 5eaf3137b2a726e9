"""The rows that Figpress keeps: one noun a file."""

from __future__ import annotations

from renderer.models.access import ApiToken
from renderer.models.chart import Chart
from renderer.models.dataset import ChartDataset, Dataset, DatasetVersion
from renderer.models.job import Attempt, RenderJob, Rendition
from renderer.models.origin import Origin
from renderer.models.queue import PausedQueue
from renderer.models.schedule import Schedule
from renderer.models.tally import Tally
from renderer.models.worker import Worker

__all__ = [
    "ApiToken",
    "Attempt",
    "Chart",
    "ChartDataset",
    "Dataset",
    "DatasetVersion",
    "Origin",
    "PausedQueue",
    "RenderJob",
    "Rendition",
    "Schedule",
    "Tally",
    "Worker",
]
