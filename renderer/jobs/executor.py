"""Executor: one job from its claim to its picture, read as one pipeline.

    claim -> load -> draw -> encode -> store -> succeed

Each step hands its result to the next; between two of them the job's row says which step comes, the lease is renewed,
and a request to cancel is honoured. A picture that would come out as the one that is there is not drawn again: the job
succeeds, and says so. Whatever goes wrong ends in one place, as a reason and a sentence.
"""

from __future__ import annotations

import hashlib
import logging
import mmap
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID

from billiard.common import terminate_handler_fired  # type: ignore[attr-defined]  # newer than its types
from celery.exceptions import SoftTimeLimitExceeded
from django.db import transaction
from django.db.utils import InterfaceError, OperationalError

from renderer import logs, storage, tracing
from renderer.data.supply import SourceAway, SourceFailed, Supply
from renderer.drawing.encode import FigureTooLarge
from renderer.jobs import lifecycle, pictures, provenance, thumbnails
from renderer.jobs.artwork import Artwork, FigureError, Sketch, load_material
from renderer.jobs.lifecycle import Claim
from renderer.jobs.targets import Target
from renderer.models import RenderJob
from renderer.models.job import Queue, Reason, Stage
from renderer.recipe import RASTER, Recipe
from renderer.sources.supplier import OwnersSupplier
from renderer.spec.errors import SpecError
from renderer.spec.source import Source
from renderer.storage import Output, Place, StoredFile

if TYPE_CHECKING:
    from django.db.models import Model

logger = logging.getLogger(__name__)


FULL = "The picture could not be stored: there is no room left where pictures are kept."
AWAY = "The picture could not be stored: where pictures are kept does not answer, or takes no files."

A_MOMENT = 0.25
"""Seconds since the row was last written. A small chart is drawn, encoded and stored within them, and to write down
each step would cost more than to encode it. A request to cancel is seen all the same, when it would succeed."""
A_TURN = 0.25
"""Seconds for which one message draws small charts, one after the other: what a message costs a worker beside them is
as much as half a chart. Short enough that it delays nothing else, and that a time limit, which counts from the
message's beginning, is the same for the last one."""
_goes = mmap.mmap(-1, 1)
"""Whether this worker is told to go: one byte of memory that its main process, which is told, shares with the children
that it forks, which draw."""


class RenderFailed(Exception):
    """An attempt failed, and its job's row says so already.

    The task raises it so that Celery's result backend keeps the traceback for the operator. It stands for every
    error, because a MemoryError that left a task would stop the whole worker (billiard >= 4.3).
    """


class Interrupted(Exception):
    """The attempt is over before it is done: the job was cancelled, or is no longer this attempt's."""


def execute(job_id: UUID, *, worker: str, task_id: str) -> bool:
    """Draw one job, if it is still there to be claimed. Returns whether this call made it succeed, with its own picture
    or with the one that was there.

    Raises RenderFailed when the attempt failed; the job is then ``failed``, or ``queued`` for another attempt.
    """
    claim = lifecycle.claim(job_id, worker=worker, task_id=task_id)
    if claim is None:
        logger.info("job %s: nothing to do", job_id, extra={"action": "job.not_claimed", "job": str(job_id)})
        return False
    return _run(claim)


def execute_next(queues: Iterable[Queue], *, worker: str, task_id: str) -> bool | None:
    """Draw the job that is next in line in these queues. Returns as ``execute`` does, and None if none waits."""
    claim = lifecycle.claim_next(queues, worker=worker, task_id=task_id)
    return None if claim is None else _run(claim)


def begin_no_more() -> None:
    """This worker, which is told to go, ends what it draws and begins nothing more, in none of its processes."""
    _goes[0] = 1


def execute_line(queues: Iterable[Queue], *, worker: str, task_id: str) -> int:
    """Draw the job that is next in line in these queues and, while A_TURN has not passed and the worker is not told to
    go, those that come after it. Returns how many were drawn.

    Raises RenderFailed as ``execute`` does. It ends with the first that is not drawn, so that what Celery keeps of the
    message, and what it says of a child that dies, is about the message's last attempt.
    """
    queues, until, drawn = tuple(queues), time.monotonic() + A_TURN, 0
    while execute_next(queues, worker=worker, task_id=task_id):
        drawn += 1
        if time.monotonic() > until or _goes[0]:
            break
    return drawn


def _run(claim: Claim) -> bool:
    job = claim.job
    about: dict[str, str | int] = {
        "figpress.job": str(job.pk),
        "figpress.attempt": claim.attempt,
        "figpress.queue": str(job.queue),
    }
    if job.started_at is not None:
        since = job.created_at if claim.attempt == 1 else job.available_at
        tracing.past("wait", since, job.started_at, about, of=job.traceparent)
    with (
        tracing.span("render", about, kind="consumer", of=job.traceparent, begins=True),
        logs.context(
            job=str(job.pk), request_id=job.request_id, worker=job.worker, attempt=claim.attempt,
            trace_id=tracing.trace_id(),
        ),
    ):  # fmt: skip
        return _attempt(claim)


def _attempt(claim: Claim) -> bool:
    progress = Progress(claim)
    places: list[Place] = []
    try:
        _draw(progress, places)
    except Interrupted:
        lifecycle.stop(claim, lifecycle.CANCELLED)
        pictures.discard(places)
        return False
    except Exception as error:  # every error ends here, as a reason
        if terminate_handler_fired():
            raise  # an end that was cut short by the worker's own: the job will be given back
        try:
            _fail(progress, error)
        finally:
            pictures.discard(places)  # after the row is changed, which shows whether they are anybody's
        raise RenderFailed(f"job {claim.job.pk}, attempt {claim.attempt}, while {progress.stage.value}") from error
    return True


@dataclass(slots=True)
class Progress:
    """How far an attempt is, and how many milliseconds each stage took."""

    claim: Claim
    stage: Stage = Stage.LOADING
    written: float = field(default_factory=time.perf_counter)
    timings: dict[str, float] = field(default_factory=dict)
    data_key: str = ""

    @contextmanager
    def at(self, stage: Stage, **values: Any) -> Iterator[None]:
        """Enter a stage. Raises Interrupted if the job is not to be drawn any further."""
        start = time.perf_counter()
        # The claim began with loading. Drawing is always written; what follows within a moment nobody would see.
        if stage is Stage.DRAWING or (stage is not Stage.LOADING and start - self.written > A_MOMENT):
            if not lifecycle.advance(self.claim, stage, **values):
                raise Interrupted
            self.written = start = time.perf_counter()
        self.stage = stage
        with tracing.span(stage.value):
            yield
        self.timings[stage.value] = round((time.perf_counter() - start) * 1000, 1)


@dataclass(frozen=True, slots=True)
class Supplier:
    """Reads what a job's owner may read. Who that is is looked up when something is read."""

    job: RenderJob

    def supply(self, source: Source, at: str) -> Supply:
        """See ``renderer.data.supply.Supplier``."""
        return OwnersSupplier(self.job.owner).supply(source, at)


def _draw(progress: Progress, places: list[Place]) -> None:
    job = progress.claim.job
    recipe, target = Recipe.from_json(job.recipe), Target.of_job(job)
    with progress.at(Stage.LOADING):
        material = load_material(recipe, Supplier(job))
        instance = target.instance()
        if instance is None:
            raise pictures.TargetGone
        places += _places(job, recipe, target, instance)
        if with_thumbnail := thumbnails.wanted(instance):
            places.append(storage.place(thumbnails.FORMAT, job_id=job.pk, attempt=job.attempt))
    shown = pictures.brought(target, str(getattr(instance, target.field) or ""))
    with progress.at(Stage.DRAWING, files=[place.name for place in places]):
        sketches = [material.sketch(theme) for theme in recipe.themes or (None,)]
        digest = _digest(job, sketches)
        progress.data_key = material.data_key
        if shown is not None and _left(progress, target, shown, sketches, digest):
            return
        storage.need_room(*(place.storage for place in places))
        artworks = [sketch.draw(shown.memory if shown is not None else {}) for sketch in sketches]
    with progress.at(Stage.ENCODING):
        kinds = _kinds(recipe)
        outputs: list[Output] = []
        for artwork in artworks:
            for name, scale in kinds:
                first = with_thumbnail and not outputs
                outputs.append(artwork.encode(name, scale, job.content_key, with_thumbnail=first))
        if small := outputs[0].thumbnail:
            outputs.append(small)
    with progress.at(Stage.STORING):
        # A place may be left: that of a thumbnail which the picture is too small for.
        files = [place.store(output) for place, output in zip(places, outputs, strict=False)]
    _succeed(progress, target, artworks, files, digest)


def _kinds(recipe: Recipe) -> list[tuple[str, float | None]]:
    """The files of each theme, as formats and scales; the one for the target first."""
    formats = sorted(recipe.formats, key=lambda name: name != recipe.raster)
    return [(name, scale) for name in formats for scale in (recipe.scales if name in RASTER else ()) or (None,)]


def _places(job: RenderJob, recipe: Recipe, target: Target, instance: Model) -> list[Place]:
    """Where the files go, in the order in which they are made: the first onto the target, the others beside it."""
    onto = (target.image_field, instance)
    formats = [name for _ in recipe.themes or (None,) for name, _ in _kinds(recipe)]
    return [
        storage.place(name, job_id=job.pk, attempt=job.attempt, onto=None if i else onto)
        for i, name in enumerate(formats)
    ]


def _digest(job: RenderJob, sketches: Sequence[Sketch]) -> str:
    """Of all that decides the picture; "" if that is not known. It is as long as a content key."""
    if not all(sketch.digest for sketch in sketches):
        return ""
    return hashlib.sha256("\n".join([job.content_key, *(sketch.digest for sketch in sketches)]).encode()).hexdigest()


def _left(progress: Progress, target: Target, shown: RenderJob, sketches: Sequence[Sketch], digest: str) -> bool:
    """Succeed without drawing, if the picture that is there is to stay: nothing changed, or there are no rows."""
    job = progress.claim.job
    empty = any(sketch.keeps for sketch in sketches)
    when = f"{shown.finished_at:%Y-%m-%d %H:%M} UTC"
    if empty:
        message = f"There were no rows; the picture of {when} stays."
    elif digest and digest == shown.digest and not job.forced and pictures.is_there(target, shown):
        message = f"Nothing changed; the picture of {when} is still right."
    else:
        return False
    with transaction.atomic():
        left = pictures.stays(job, target, shown, right=not empty) and lifecycle.leave(
            progress.claim,
            message,
            digest="" if empty else digest,
            data_key=progress.data_key,
            timings=progress.timings,
            even_forced=empty,
        )
        if not left:  # another picture has come, or somebody wants this one in any case
            transaction.set_rollback(True)
    return left


def _succeed(
    progress: Progress, target: Target, artworks: Sequence[Artwork], files: Sequence[StoredFile], digest: str
) -> None:
    warnings = list(dict.fromkeys(warning for artwork in artworks for warning in artwork.warnings))
    job = progress.claim.job
    with transaction.atomic():
        if not lifecycle.succeed(
            progress.claim,
            warnings=warnings,
            timings=progress.timings,
            digest=digest,
            data_key=progress.data_key,
            memory=artworks[0].memory,
            drawn_with=provenance.programs(job.recipe),
        ):
            raise Interrupted
        if not pictures.swap(job, target, files, alt=artworks[0].alt):
            for file in files:
                file.delete_on_commit()  # a newer picture is there


def _fail(progress: Progress, error: Exception) -> None:
    claim, stage = progress.claim, progress.stage
    match error:
        case pictures.TargetGone():
            lifecycle.stop(claim, f"The {claim.job.target_model} that it was for is gone.")
        case FigureError():
            lifecycle.fail(claim, Reason.FIGURE_ERROR, str(error))
        case SpecError():
            reason = Reason.DATA_ERROR if stage is Stage.LOADING else Reason.SPEC_ERROR
            lifecycle.fail(claim, reason, str(error))
        case SourceAway():
            lifecycle.retry(claim, Reason.DATA_ERROR, str(error))
        case SourceFailed():
            lifecycle.fail(claim, Reason.DATA_ERROR, str(error))
        case FigureTooLarge():
            lifecycle.fail(claim, Reason.TOO_LARGE, str(error))
        case MemoryError():
            lifecycle.fail(claim, Reason.TOO_LARGE, "Drawing it needs more memory than a worker has.")
        case SoftTimeLimitExceeded():
            lifecycle.overrun(claim, f"It was stopped while {stage.label.lower()}, because it took too long.")
        case OperationalError() | InterfaceError():
            lifecycle.retry(claim, Reason.INTERNAL, "The database was away.")
        case OSError() if storage.is_full(error):
            logger.error("job %s: there is no room: %s", claim.job.pk, error)
            lifecycle.wait_for_room(claim, FULL)
        case _ if stage is Stage.STORING or isinstance(error, pictures.StorageAway):
            logger.error("job %s: the storage takes no files: %s", claim.job.pk, error)
            lifecycle.retry(claim, Reason.STORAGE_ERROR, AWAY)
        case _:
            logger.error("job %s: an error of ours", claim.job.pk, exc_info=error)
            lifecycle.fail(
                claim, Reason.INTERNAL, "Something went wrong on our side. The operator can see what it was."
            )
