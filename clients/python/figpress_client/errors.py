"""Errors: what the server said, as it said it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from figpress_client.answers import Job


class FieldError(NamedTuple):
    """One wrong field."""

    pointer: str
    """Where: a JSON pointer into what was sent."""
    message: str

    def __str__(self) -> str:
        return f"{self.pointer}: {self.message}" if self.pointer else self.message


class FigpressError(Exception):
    """Whatever this package raises of its own."""


class Unreachable(FigpressError):
    """The server did not answer: the network, or the time limit."""


class ProblemError(FigpressError):
    """The server refused: its ``application/problem+json`` (RFC 9457)."""

    def __init__(self, status: int, problem: Mapping[str, Any], *, retry_after: float | None = None) -> None:
        self.status = status
        self.code: str = str(problem.get("code", ""))
        """What a program may switch on; the server lists all at /api/v1/problems."""
        self.title: str = str(problem.get("title", ""))
        self.detail: str = str(problem.get("detail", ""))
        self.request_id: str = str(problem.get("request_id", ""))
        self.retry_after = retry_after
        self.errors = tuple(
            FieldError(str(found.get("pointer", "")), str(found.get("message", "")))
            for found in problem.get("errors") or ()
        )
        super().__init__(status, self.detail)

    def __str__(self) -> str:
        """Every wrong field on a line of its own; without any, the server's sentence."""
        lines = [str(error) for error in self.errors]
        return "\n".join(lines) or self.detail or self.title or f"The server answered {self.status}."

    @classmethod
    def of(cls, status: int, content: bytes, retry_after: float | None) -> ProblemError:
        """What a refusal says. A proxy in between may answer in HTML: then there is only the status."""
        try:
            problem = json.loads(content)
        except ValueError:
            problem = None
        return cls(status, problem if isinstance(problem, dict) else {}, retry_after=retry_after)


class RenderFailed(FigpressError):
    """The job ended without a picture."""

    def __init__(self, job: Job) -> None:
        self.job = job
        super().__init__(job.message or f"The job has {job.status}.")


class WaitedTooLong(FigpressError):
    """The job, or the batch, had not ended in the time given. It goes on: wait again, or cancel it."""
