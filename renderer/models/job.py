"""RenderJob: one ask to draw one figure onto one target; the row is the truth about it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q, Value
from django.utils import timezone

from renderer.models.owned import OwnedQuerySet, new_id

if TYPE_CHECKING:
    from django_celery_results.models import TaskResult


class Status(models.TextChoices):
    """Where a job is in its life. Only ``jobs/lifecycle.py`` moves it."""

    QUEUED = "queued", "Queued"
    """Waits to be claimed. Entered on enqueue, retry, release and rescue; left by claim, cancel and expiry."""
    RUNNING = "running", "Running"
    """Claimed by one worker, under a lease. Left by its worker, or by rescue when the worker is gone."""
    SUCCEEDED = "succeeded", "Succeeded"
    """The picture is on its target: its own, or, if it is ``unchanged``, the one that was there. Final."""
    FAILED = "failed", "Failed"
    """There is no picture; ``reason`` and ``message`` say why. Final."""
    CANCELLED = "cancelled", "Cancelled"
    """Somebody asked to stop it, or what it was for is gone. Final."""
    EXPIRED = "expired", "Expired"
    """Nobody claimed it before ``expires_at``. Final."""


ACTIVE = (Status.QUEUED, Status.RUNNING)
FINAL = (Status.SUCCEEDED, Status.FAILED, Status.CANCELLED, Status.EXPIRED)
WELL = ("succeeded", "unchanged")
"""The outcomes of attempts that went well. What Celery keeps of a message is never about them: it may bring several
jobs, and ends with the first that goes wrong."""


class Reason(models.TextChoices):
    """Why a job failed: a closed set that programs may switch on."""

    SPEC_ERROR = "spec_error", "The chart spec is wrong"
    DATA_ERROR = "data_error", "The data do not fit the chart"
    FIGURE_ERROR = "figure_error", "The figure function raised an error"
    TOO_LARGE = "too_large", "Too large to draw"
    TIMEOUT = "timeout", "Took too long"
    WORKER_LOST = "worker_lost", "The worker died while drawing"
    STORAGE_ERROR = "storage_error", "The picture could not be stored"
    INTERNAL = "internal", "An error of our own"


class Trigger(models.TextChoices):
    """Why a job exists."""

    API = "api", "HTTP API"
    WEB = "web", "Page"
    CODE = "code", "Python code"
    SCHEDULE = "schedule", "Schedule"
    DATA = "data", "New data"
    RETRY = "retry", "Retry"


class Queue(models.TextChoices):
    """Queues. Somebody waits for interactive work; nobody waits for the rest."""

    INTERACTIVE = "interactive", "Interactive"
    BULK = "bulk", "Bulk"
    SCHEDULED = "scheduled", "Scheduled"
    FETCH = "fetch", "Fetching"
    """Whatever reads a URL or a database: its workers reach beyond the installation, and no others need to."""
    UPKEEP = "upkeep", "Upkeep"


class Stage(models.TextChoices):
    """How far a running attempt has come."""

    LOADING = "loading", "Loading data"
    DRAWING = "drawing", "Drawing"
    ENCODING = "encoding", "Encoding"
    STORING = "storing", "Storing"


class RenderJob(models.Model):
    """One ask to draw one recipe onto one target."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="render_jobs",
        help_text="Nobody for jobs that a project's own code asked for.",
    )  # fmt: skip
    trigger = models.CharField(max_length=10, choices=Trigger)
    queue = models.CharField(max_length=12, choices=Queue, default=Queue.INTERACTIVE)
    turn = models.PositiveBigIntegerField(
        default=0, help_text="Its place in its queue's line; what comes back goes first, with 0."
    )
    request_id = models.CharField(max_length=64, blank=True, help_text="X-Request-ID of the ask.")
    traceparent = models.CharField(
        max_length=55, default="", db_default="", blank=True, editable=False,
        help_text="The trace that its ask is part of (W3C).",
    )  # fmt: skip

    recipe: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(
        help_text="What is drawn, as it was at the time of the ask."
    )
    content_key = models.CharField(max_length=64)
    data_key = models.CharField(
        max_length=64, blank=True, help_text="SHA-256 over the versions of the named data that its picture shows."
    )
    pure = models.BooleanField(help_text="Whether equal content keys mean equal pictures, whenever they are drawn.")
    forced = models.BooleanField(
        default=False, help_text="Whether it is drawn even if nothing changed since the picture that is there."
    )
    target_model = models.CharField(max_length=100, help_text="app_label.model")
    target_id = models.CharField(max_length=64)
    target_field = models.CharField(max_length=64)

    status = models.CharField(max_length=10, choices=Status, default=Status.QUEUED)
    stage = models.CharField(max_length=10, choices=Stage, blank=True)
    reason = models.CharField(max_length=14, choices=Reason, blank=True)
    message = models.CharField(max_length=500, blank=True, help_text="A sentence for a person.")
    warnings: models.JSONField[list[str], list[str]] = models.JSONField(default=list, blank=True)
    unchanged = models.BooleanField(
        default=False, help_text="Whether it succeeded by leaving the picture that was there: message says why."
    )
    digest = models.CharField(
        max_length=64, blank=True, help_text="Of all that its picture was drawn from; nothing if that is not known."
    )
    memory: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(
        default=dict, blank=True, help_text="Colours and limits of axes that the next picture of its target keeps."
    )
    drawn_with: models.JSONField[dict[str, str], dict[str, str]] = models.JSONField(
        default=dict, db_default=Value({}, models.JSONField()), blank=True,
        help_text="Which code drew its picture: versions of figpress and matplotlib, the hash of a figure function.",
    )  # fmt: skip
    attempt = models.PositiveSmallIntegerField(default=0, help_text="How often it was claimed.")
    max_attempts = models.PositiveSmallIntegerField(default=3)
    worker = models.CharField(max_length=255, blank=True, help_text="Who claimed it last.")

    created_at = models.DateTimeField(default=timezone.now, editable=False)
    available_at = models.DateTimeField(default=timezone.now, help_text="Not to be claimed before.")
    expires_at = models.DateTimeField(null=True, blank=True, help_text="Not worth drawing afterwards.")
    started_at = models.DateTimeField(null=True, blank=True, help_text="When its last attempt was claimed.")
    lease_expires_at = models.DateTimeField(null=True, blank=True)
    cancel_requested_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    timings: models.JSONField[dict[str, float], dict[str, float]] = models.JSONField(
        default=dict, blank=True, help_text="Milliseconds a stage, of the attempt that succeeded."
    )

    files: models.JSONField[list[str], list[str]] = models.JSONField(
        default=list, blank=True,
        help_text="Where its last attempt stores: known before it does, so that nothing is left of one that dies.",
    )  # fmt: skip

    schedule = models.ForeignKey(
        "renderer.Schedule", null=True, blank=True, on_delete=models.SET_NULL, related_name="jobs"
    )
    due_at = models.DateTimeField(null=True, blank=True, help_text="The moment of the schedule that it stands for.")

    objects: ClassVar[OwnedQuerySet[RenderJob]] = OwnedQuerySet.as_manager()  # type: ignore[assignment]  # as_manager's type is a Manager, used as the queryset it mirrors

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                name="job_finished_at_exactly_when_final",
                condition=Q(status__in=FINAL, finished_at__isnull=False)
                | Q(status__in=ACTIVE, finished_at__isnull=True),
            ),
            models.CheckConstraint(
                name="job_unchanged_only_when_succeeded", condition=Q(unchanged=False) | Q(status=Status.SUCCEEDED)
            ),
            models.CheckConstraint(name="job_attempt_within_max", condition=Q(attempt__lte=F("max_attempts"))),
            models.CheckConstraint(
                name="job_reason_exactly_when_failed",
                condition=(Q(status=Status.FAILED) & ~Q(reason="")) | (~Q(status=Status.FAILED) & Q(reason="")),
            ),
            models.CheckConstraint(
                name="job_lease_exactly_when_running",
                condition=Q(status=Status.RUNNING, lease_expires_at__isnull=False)
                | (~Q(status=Status.RUNNING) & Q(lease_expires_at__isnull=True)),
            ),
            # One job for one ask. A running job of a recipe that reads changing data does not count:
            # it may have read what the new ask wants to see replaced.
            models.UniqueConstraint(
                name="job_active_once_per_picture",
                fields=("target_model", "target_id", "target_field", "content_key"),
                condition=Q(status=Status.QUEUED) | Q(status=Status.RUNNING, pure=True),
            ),
            # Any number of beats makes no duplicate run.
            models.UniqueConstraint(name="job_once_per_due_time", fields=("schedule", "due_at")),
        )
        indexes = (
            models.Index(fields=("target_model", "target_id", "target_field", "-id"), name="job_by_target"),
            models.Index(fields=("owner", "-id"), name="job_by_owner"),
            # A person's jobs in one state, listed and, without a look at the rows, counted.
            models.Index(fields=("owner", "status", "-id"), name="job_by_owner_status"),
            # The same of one trigger: all of them in order, and those in one state.
            models.Index(fields=("owner", "trigger", "-id"), name="job_by_owner_trigger"),
            models.Index(fields=("owner", "trigger", "status", "-id"), name="job_by_trigger_status"),
            models.Index(
                fields=("owner", "reason", "-id"), name="job_by_owner_reason", condition=Q(status=Status.FAILED)
            ),
            # The line (jobs/line.py): who is next, how many are before somebody, an owner's last turn. Partial, so
            # that they are as long as the line and not as the table, and a finished job costs them nothing.
            models.Index(fields=("queue", "turn", "id"), name="job_in_line", condition=Q(status=Status.QUEUED)),
            models.Index(fields=("queue", "owner", "turn"), name="job_own_line", condition=Q(status=Status.QUEUED)),
            # Looked through with every heartbeat.
            models.Index(
                fields=("expires_at",), name="job_expiring", condition=Q(status=Status.QUEUED, expires_at__isnull=False)
            ),
            models.Index(fields=("lease_expires_at",), name="job_running", condition=Q(status=Status.RUNNING)),
            # For retention, and for the counters of /metrics.
            models.Index(fields=("finished_at",), name="job_finished", condition=Q(status__in=FINAL)),
        )

    def __str__(self) -> str:
        return f"{self.figure or 'chart'} onto {self.target_model} {self.target_id} ({self.status})"

    @property
    def is_final(self) -> bool:
        """Whether nothing will change any more."""
        return self.status in FINAL

    @property
    def figure(self) -> str:
        """The figure function's name, or nothing for a chart spec."""
        return str(self.recipe.get("figure", ""))

    @property
    def waited(self) -> timedelta | None:
        """From the ask to the last claim."""
        return self.started_at - self.created_at if self.started_at else None

    @property
    def took(self) -> timedelta | None:
        """From the last claim to the end."""
        return self.finished_at - self.started_at if self.started_at and self.finished_at else None


class Attempt(models.Model):
    """One time that a worker claimed a job. Its traceback, for operators only, is in Celery's TaskResult."""

    id = models.BigAutoField(primary_key=True)
    job = models.ForeignKey(RenderJob, on_delete=models.CASCADE, related_name="attempts")
    number = models.PositiveSmallIntegerField()
    task_id = models.CharField(max_length=255, db_index=True, help_text="Celery's id of the message that brought it.")
    worker = models.CharField(max_length=255)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=200, blank=True, help_text="How it ended, in a few words.")

    class Meta:
        ordering = ("job", "number")
        constraints = (models.UniqueConstraint(name="attempt_once_per_number", fields=("job", "number")),)

    def __str__(self) -> str:
        return f"attempt {self.number} of {self.job_id}"

    @property
    def task_result(self) -> TaskResult | None:
        """What Celery's result backend kept of it: of one that went well, nothing."""
        from django_celery_results.models import TaskResult

        return None if self.outcome in WELL else TaskResult.objects.filter(task_id=self.task_id).first()


class RenditionQuerySet(models.QuerySet["Rendition"]):
    """Files of jobs."""

    def asked_for(self) -> Self:
        """Without the thumbnails."""
        return self.filter(is_thumbnail=False)


class Rendition(models.Model):
    """One output file of a job: format x scale x theme, or the thumbnail of the first of them."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    job = models.ForeignKey(RenderJob, on_delete=models.CASCADE, related_name="renditions")
    format = models.CharField(max_length=4)
    scale = models.FloatField()
    theme = models.CharField(max_length=40)
    file = models.FileField(max_length=200)
    is_thumbnail = models.BooleanField(
        default=False, db_default=False,
        help_text="Whether it is the target's picture in small, for lists, beside what was asked for.",
    )  # fmt: skip
    on_target = models.BooleanField(help_text="Whether it is the target's picture, in the storage of that field.")
    alt = models.TextField(blank=True, help_text="What it shows, in words.")
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    bytes = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)

    objects: ClassVar[RenditionQuerySet] = RenditionQuerySet.as_manager()  # type: ignore[assignment]  # as_manager's type is a Manager, used as the queryset it mirrors

    class Meta:
        constraints = (
            models.UniqueConstraint(
                name="rendition_once_per_kind", fields=("job", "format", "scale", "theme", "is_thumbnail")
            ),
        )

    def __str__(self) -> str:
        return f"{self.format} of {self.job_id}"
