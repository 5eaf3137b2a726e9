"""Once: ``Idempotency-Key``. An ask whose answer was lost is sent again with the same key, and does nothing twice.

The key, what is asked for and the answer are written in one transaction. A second request with the key that comes
meanwhile waits for that transaction, in the database, and then finds the answer: nothing is half done, ever, and there
is no lock that a crash could leave behind. What fails keeps nothing: the same key may try again.

The same ask is the same method, address and body. Of an upload it is the same form and the same file: what separates
the parts of a form is made up anew by each attempt.
"""

from __future__ import annotations

import hashlib
import inspect
import re
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, Final, ParamSpec, TypeVar

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from renderer import vault
from renderer.api.bodies import raw
from renderer.api.problems import ApiProblem
from renderer.api.requests import user_of
from renderer.jobs.enqueue import Enqueued
from renderer.models import Batch, DatasetVersion, KeptAnswer, RenderJob
from renderer.models.answer import KEPT_FOR

HEADER: Final = "Idempotency-Key"
REPLAYED: Final = "Idempotent-Replayed"
_KEY: Final = re.compile(r'"[\x20\x21\x23-\x5b\x5d-\x7e]{1,255}"|[\x21\x23-\x7e]{1,255}')
"""A string of RFC 9651, as the draft says, or, as most clients send it, without its quotes."""

P = ParamSpec("P")
M = TypeVar("M", Batch, DatasetVersion, RenderJob)
R = TypeVar("R", Enqueued, Batch, DatasetVersion, HttpResponse)
Kept = Enqueued | Batch | DatasetVersion | HttpResponse
Content = Callable[[], bytes]
"""What tells one body from another; asked for only if there is a key."""


def once(act: Callable[Concatenate[HttpRequest, P], R]) -> Callable[Concatenate[HttpRequest, P], R]:
    """A decorator for what changes something: with a key it is done once."""

    @wraps(act)
    def acting(request: HttpRequest, /, *args: P.args, **parts: P.kwargs) -> R:
        return perform(request, lambda: raw(request), lambda: act(request, *args, **parts))

    # Ninja would look for the names in the annotations here, and not where act was written.
    acting.__signature__ = inspect.signature(act, eval_str=True)  # type: ignore[attr-defined]  # inspect's own way
    return acting


def perform(request: HttpRequest, content: Content, act: Callable[[], R]) -> R:
    """Act or, if it was done with this key before, answer as then."""
    key = _key(request)
    if key is None:
        return act()
    fingerprint = _fingerprint(request, content)
    with transaction.atomic():
        row, is_new = _row(request, key, fingerprint)
        if not is_new:
            return _again(request, row, fingerprint)  # type: ignore[return-value]  # the kind that act has returned
        answered = act()
        _keep(row, answered)
        return answered


def answered(request: HttpRequest, content: Content) -> Kept | None:
    """What was answered to the same ask before, for those who have much to do before they can act."""
    key = _key(request)
    row = KeptAnswer.objects.filter(owner=user_of(request), key=key).first() if key else None
    if row is None or row.created_at < timezone.now() - KEPT_FOR:
        return None
    return _again(request, row, _fingerprint(request, content))


def _key(request: HttpRequest) -> str | None:
    sent = request.headers.get(HEADER)
    if sent is None:
        return None
    if not _KEY.fullmatch(sent):
        raise ApiProblem("bad_request", f"{HEADER} must have 1 to 255 printable ASCII characters, such as a UUID.")
    return sent.strip('"')


def _fingerprint(request: HttpRequest, content: Content) -> str:
    digest = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    digest.update(content())
    return digest.hexdigest()


def _row(request: HttpRequest, key: str, fingerprint: str) -> tuple[KeptAnswer, bool]:
    """The key's row, and whether it was made just now. Waits for another request that is making it."""
    owner = user_of(request)
    now = timezone.now()
    KeptAnswer.objects.filter(owner=owner, key=key, created_at__lt=now - KEPT_FOR).delete()
    try:
        with transaction.atomic():
            return KeptAnswer.objects.create(owner=owner, key=key, fingerprint=fingerprint, created_at=now), True
    except IntegrityError:
        return KeptAnswer.objects.get(owner=owner, key=key), False


def _keep(row: KeptAnswer, answered: Kept) -> None:
    if isinstance(answered, Enqueued):
        row.job_id, row.made_job = answered.job.pk, answered.created
    elif isinstance(answered, Batch):
        row.batch_id = answered.pk
    elif isinstance(answered, DatasetVersion):
        row.version_id = answered.pk
    else:
        row.status, row.location = answered.status_code, answered.get("Location", "")
        row.body = answered.content.decode()
    row.save(update_fields=["job_id", "made_job", "batch_id", "version_id", "status", "location", "body"])


def _again(request: HttpRequest, row: KeptAnswer, fingerprint: str) -> Kept:
    if row.fingerprint != fingerprint:
        raise ApiProblem("idempotency_key_reused")
    request.META[REPLAYED] = True
    user = user_of(request)
    if row.batch_id is not None:
        return _or_gone(Batch.objects.for_user(user).filter(pk=row.batch_id).first())
    if row.version_id is not None:
        versions = DatasetVersion.objects.filter(dataset__owner=user).select_related("dataset")
        return _or_gone(versions.filter(pk=row.version_id).first())
    if row.job_id is None:
        return _said(row)
    job = RenderJob.objects.for_user(user).select_related("owner").filter(pk=row.job_id).first()
    return Enqueued(_or_gone(job), row.made_job)


def _said(row: KeptAnswer) -> HttpResponse:
    try:
        body = vault.known(row.body)
    except vault.KeyMissing:
        raise ApiProblem(
            "not_found", "It was done with this key; what was answered then cannot be read any more."
        ) from None
    # There may be a secret in it.
    headers = {"Cache-Control": "no-store"} | ({"Location": row.location} if row.location else {})
    return HttpResponse(body, status=row.status, content_type="application/json", headers=headers)


def _or_gone(found: M | None) -> M:
    if found is None:
        raise ApiProblem("not_found", "What was asked for with this key has been deleted since.")
    return found
