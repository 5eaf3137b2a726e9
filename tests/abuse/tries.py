"""A try: one request of a case, what it may end as, and what came of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from project import local
from renderer.models import RenderJob
from renderer.models.job import Reason, Status

if TYPE_CHECKING:
    from tests.live.installation import Answer, Live

DRAWN, REFUSED, FAILED = "drawn", "refused", "failed"
EXPECTED, SAFE, ERROR, STUCK, MISSED = "expected", "other but safe", "5xx", "stuck", "missed"
OURS = (Reason.INTERNAL, Reason.WORKER_LOST)
LONGEST_ANSWER = 100_000
"""Bytes: what was sent is not sent back."""
PATIENCE = 150
"""Seconds in which a job ends, whatever it is: after that it is stuck."""
Spec = dict[str, Any]


class Try(NamedTuple):
    """One request of a case: what it may end as, and which field an error names."""

    case: str
    body: Any
    ends: tuple[str, ...] = (DRAWN,)
    pointer: str = ""
    status: tuple[int, ...] = (400, 422)
    """Of a refusal."""
    headers: dict[str, str] | None = None
    method: str = "POST"
    path: str = "/api/v1/charts"
    safe: tuple[str, ...] = ()
    """What it may end as, too, though the corpus asks for something else."""


class Verdict(NamedTuple):
    """What came of a try or a scene, and, where it is not what is expected, in which words."""

    kind: str
    says: str = ""


Scene = Callable[..., None]


def drawn(case: str, *bodies: Any) -> list[Try]:
    return [Try(case, body) for body in bodies]


def refused(case: str, pointer: str, *bodies: Any, **options: Any) -> list[Try]:
    return [Try(case, body, (REFUSED,), pointer, **options) for body in bodies]


def judged(case: str, pointer: str, *bodies: Any) -> list[Try]:
    """To be refused; a job that fails and names the field is safe, too."""
    return [Try(case, body, (REFUSED,), pointer, safe=(FAILED,)) for body in bodies]


def fails(case: str, pointer: str, *bodies: Any) -> list[Try]:
    """Wrong, but seen only by who goes there, which is a worker: refused, or failed."""
    return [Try(case, body, (REFUSED, FAILED), pointer) for body in bodies]


def either(case: str, pointer: str, *bodies: Any) -> list[Try]:
    """A picture or an error that names the field: both are right."""
    return [Try(case, body, (DRAWN, REFUSED, FAILED), pointer) for body in bodies]


def send(live: Live, sent: Try) -> Verdict:
    """Send it, and wait until it has come to its end."""
    headers = {"Prefer": "wait=30"} | (sent.headers or {})
    answer = live.call(sent.method, sent.path, sent.body, headers=headers, timeout=90)
    if answer.status >= 500:
        return Verdict(ERROR, f"{answer.status} {answer.body[:200]!r}")
    try:
        end, pointers, says = _end(answer)
    except TimeoutError as error:
        return Verdict(STUCK, str(error))
    if end == "ours":
        return Verdict(MISSED, says)
    if len(answer.body) > LONGEST_ANSWER:
        return Verdict(MISSED, f"the answer has {len(answer.body):,} bytes")
    named = end == DRAWN or any(pointer.startswith(sent.pointer) for pointer in pointers or [""])
    known = end != REFUSED or answer.status in sent.status
    if not named or not known or end not in (*sent.ends, *sent.safe):
        return Verdict(MISSED, f"{end} {pointers} {says[:200]}; to be {' or '.join(sent.ends)} at {sent.pointer!r}")
    return Verdict(EXPECTED if end in sent.ends else SAFE, f"{end}: {says[:200]}")


def _end(answer: Answer) -> tuple[str, list[str], str]:
    said = answer.json()
    if answer.status in (200, 201, 202) and "job" not in said:
        return DRAWN, [], ""
    if answer.status in (200, 201, 202):
        job = ended(said["job"]["id"])
        field, _, _ = job.message.partition(": ")
        message = f"{job.status} {job.reason}: {job.message}"
        if job.reason in OURS:
            return "ours", [], message
        return (DRAWN if job.status == Status.SUCCEEDED else FAILED), ["/spec" + field], message
    if answer.headers["Content-Type"] != "application/problem+json":
        return "ours", [], f"{answer.status} as {answer.headers['Content-Type']}"
    return REFUSED, [error["pointer"] for error in said.get("errors", [])], f"{answer.status} {said['detail']}"


def ended(pk: str) -> RenderJob:
    """A job at its end. Raises TimeoutError if it is stuck."""
    job = RenderJob.objects.get(pk=pk)

    def is_over() -> bool:
        job.refresh_from_db()
        return job.is_final

    local.wait_for(is_over, deadline=PATIENCE, every=0.2, what=f"the end of job {pk}, which is {job.status}")
    return job
