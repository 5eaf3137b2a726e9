"""Executor: one job from its claim to its picture, read as one pipeline.

    claim -> load -> draw -> encode -> store -> succeed

Each step hands its result to the next; between two of them the job's row says which step comes, the lease is renewed,
and a request to cancel is honoured. Whatever goes wrong ends in one place, as a reason and a sentence.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import UUID

from celery.exceptions import SoftTimeLimitExceeded
from django.db import transaction
from django.db.utils import InterfaceError, OperationalError

from renderer import logs, storage
from renderer.data.supply import SourceAway, SourceFailed
from renderer.drawing.encode import FigureTooLarge
from renderer.jobs import lifecycle, pictures
from renderer.jobs.artwork import Artwork, FigureError, load_material
from renderer.jobs.lifecycle import Claim
from renderer.jobs.targets import Target
from renderer.models.job import Queue, Reason, Stage
from renderer.recipe import RASTER, Recipe, with_data
from renderer.sources.supplier import OwnersSupplier
from renderer.spec.errors import SpecError
from renderer.storage import StoredFile

logger = logging.getLogger(__name__)


A_MOMENT = 0.25
"""Seconds since the row was last written. A small chart is drawn, encoded and stored within them, and to write down
each step would cost more than to encode it. A request to cancel is seen all the same, when it would succeed."""


class RenderFailed(Exception):
    """An attempt failed, and its job's row says so already.

    The task raises it so that Celery's result backend keeps the traceback for the operator. It stands for every
    error, because a MemoryError that left a task would stop the whole worker (billiard >= 4.3).
    """


class Interrupted(Exception):
    """The attempt is over before it is done: the job was cancelled, or is no longer this attempt's."""


def execute(job_id: UUID, *, worker: str, task_id: str) -> bool:
    """Draw one job, if it is still there to be claimed. Returns whether this call drew it.

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


def _run(claim: Claim) -> bool:
    job = claim.job
    with logs.context(job=str(job.pk), request_id=job.request_id, worker=job.worker, attempt=claim.attempt):
        return _attempt(claim)


def _attempt(claim: Claim) -> bool:
    progress = Progress(claim)
    files: list[StoredFile] = []
    try:
        _draw(progress, files)
    except Interrupted:
        _discard(files)
        lifecycle.stop(claim, lifecycle.CANCELLED)
        return False
    except Exception as error:  # every error ends here, as a reason
        _discard(files)
        _fail(progress, error)
        raise RenderFailed(f"job {claim.job.pk}, attempt {claim.attempt}, while {progress.stage.value}") from error
    return True


@dataclass(slots=True)
class Progress:
    """How far an attempt is, and how many milliseconds each stage took."""

    claim: Claim
    stage: Stage = Stage.LOADING
    written: float = field(default_factory=time.perf_counter)
    timings: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def at(self, stage: Stage) -> Iterator[None]:
        """Enter a stage. Raises Interrupted if the job is not to be drawn any further."""
        start = time.perf_counter()
        # The claim began with loading. Drawing is always written; what follows within a moment nobody would see.
        if stage is Stage.DRAWING or (stage is not Stage.LOADING and start - self.written > A_MOMENT):
            if not lifecycle.advance(self.claim, stage):
                raise Interrupted
            self.written = start = time.perf_counter()
        self.stage = stage
        yield
        self.timings[stage.value] = round((time.perf_counter() - start) * 1000, 1)


def _draw(progress: Progress, files: list[StoredFile]) -> None:
    job = progress.claim.job
    recipe, target = Recipe.from_json(job.recipe), Target.of_job(job)
    with progress.at(Stage.LOADING):
        material = load_material(recipe, OwnersSupplier(job.owner))
    with progress.at(Stage.DRAWING):
        artworks = [material.draw(theme) for theme in recipe.themes or (None,)]
    with progress.at(Stage.ENCODING):
        outputs = [
            artwork.encode(name, scale, with_data(job.content_key, material.data_key))
            for artwork in artworks
            for name in _raster_first(recipe)
            for scale in (recipe.scales if name in RASTER else ()) or (None,)
        ]
    with progress.at(Stage.STORING):
        instance = target.row().first()
        if instance is None:
            raise pictures.TargetGone
        onto = (target.image_field, instance)
        for i, output in enumerate(outputs):
            files.append(storage.store(output, job_id=job.pk, attempt=job.attempt, onto=onto if i == 0 else None))
    _succeed(progress, target, artworks, files, material.data_key)


def _succeed(
    progress: Progress, target: Target, artworks: Sequence[Artwork], files: Sequence[StoredFile], data_key: str
) -> None:
    warnings = list(dict.fromkeys(warning for artwork in artworks for warning in artwork.warnings))
    with transaction.atomic():
        if not lifecycle.succeed(progress.claim, warnings=warnings, timings=progress.timings, data_key=data_key):
            raise Interrupted
        job = progress.claim.job
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
            lifecycle.fail(
                claim, Reason.TIMEOUT, f"It was stopped while {stage.label.lower()}, because it took too long."
            )
        case OperationalError() | InterfaceError():
            lifecycle.retry(claim, Reason.INTERNAL, "The database was away.")
        case _ if stage is Stage.STORING:
            lifecycle.retry(
                claim, Reason.STORAGE_ERROR, "The picture could not be stored; the storage is full or away."
            )
        case _:
            lifecycle.fail(
                claim, Reason.INTERNAL, "Something went wrong on our side. The operator can see what it was."
            )


def _raster_first(recipe: Recipe) -> list[str]:
    return sorted(recipe.formats, key=lambda name: name != recipe.raster)


def _discard(files: Sequence[StoredFile]) -> None:
    for file in files:
        file.delete()
