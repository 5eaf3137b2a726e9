"""The rows that Figpress keeps: one noun a file."""

from __future__ import annotations

from renderer.models.access import ApiToken
from renderer.models.answer import KeptAnswer
from renderer.models.audit import AuditEntry
from renderer.models.batch import Batch, BatchItem
from renderer.models.beat import Beat
from renderer.models.chart import Chart
from renderer.models.dataset import ChartDataset, Dataset, DatasetVersion
from renderer.models.delivery import Delivery
from renderer.models.export import Export
from renderer.models.factor import Identity, SecondFactor
from renderer.models.job import Attempt, RenderJob, Rendition
from renderer.models.membership import Membership
from renderer.models.origin import Origin
from renderer.models.overview import Overview
from renderer.models.queue import PausedQueue
from renderer.models.run import Run
from renderer.models.schedule import Schedule
from renderer.models.session import Session
from renderer.models.share import ShareLink
from renderer.models.tag import Tag
from renderer.models.tally import Tally
from renderer.models.variant import Variant
from renderer.models.webhook import Webhook
from renderer.models.worker import Worker
from renderer.models.workspace import Workspace

__all__ = [
    "ApiToken",
    "Attempt",
    "AuditEntry",
    "Batch",
    "BatchItem",
    "Beat",
    "Chart",
    "ChartDataset",
    "Dataset",
    "DatasetVersion",
    "Delivery",
    "Export",
    "Identity",
    "KeptAnswer",
    "Membership",
    "Origin",
    "Overview",
    "PausedQueue",
    "RenderJob",
    "Rendition",
    "Run",
    "Schedule",
    "SecondFactor",
    "Session",
    "ShareLink",
    "Tag",
    "Tally",
    "Variant",
    "Webhook",
    "Worker",
    "Workspace",
]
