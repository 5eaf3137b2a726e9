"""Flows: what is sent, what comes next, when to try again. All of the client's logic, and no input or output.

A flow is a generator. It yields a step (a call, a pause, a stream to listen to), is sent what came of it, and returns
its result; the two clients only take the steps. A call that found no answer is thrown into it as ``Unreachable``.
"""

from __future__ import annotations

import json
import random
import time
import uuid
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final, TypeVar
from urllib.parse import quote, urljoin, urlsplit

from figpress_client.answers import Chart, Checked, File, Item, Job, Kind, Progress
from figpress_client.errors import FigpressError, ProblemError, RenderFailed, Unreachable, WaitedTooLong

API: Final = "/api/v1"
LONGEST_HOLD: Final = 30
"""Seconds that the server holds an answer back at most (`Prefer: wait`)."""
TRY_AGAIN: Final = frozenset({429, 502, 503, 504})
LONGEST_PAUSE: Final = 60.0
"""A `Retry-After` beyond it is told to the caller, who may have better things to do than to wait."""
LOOK_AGAIN: Final = 1.0

T = TypeVar("T")


@dataclass(frozen=True)
class Call:
    """One HTTP request. The answer is an Answer."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes | None = None
    held: float = 0
    """Seconds that the server was asked to hold the answer back, on top of the client's time limit."""


@dataclass(frozen=True)
class Pause:
    """Wait a while. There is no answer."""

    seconds: float


@dataclass(frozen=True)
class Listen:
    """Server-sent events until a job has ended, the stream ends or so many seconds passed. The answer: whether there
    is such a stream."""

    url: str
    seconds: float


@dataclass(frozen=True)
class Answer:
    """What came of a call."""

    status: int
    headers: Mapping[str, str]
    content: bytes


Flow = Generator[Call | Pause | Listen, Any, T]


class Core:
    """The flows of one client."""

    def __init__(self, server: str, *, retries: int) -> None:
        parts = urlsplit(server)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise ValueError(f"not the address of a server: {server!r}; say for example http://127.0.0.1:8000")
        self.server = server.rstrip("/").removesuffix(API)
        self.retries = retries
        self.streams = True
        """Whether streams are worth an attempt: not after the server has refused one."""

    def render(self, body: Mapping[str, Any], *, wait: float) -> Flow[tuple[Chart, Job]]:
        """Ask for a picture. POST /charts does so for specs and for figure functions."""
        held = _held(wait)
        headers = {"Prefer": f"wait={held}"} if held else {}
        asked = yield from self._json("POST", f"{API}/charts", body, headers=headers, held=held)
        return Chart.of(asked["chart"]), Job.of(asked["job"])

    def render_again(self, chart_id: str, *, force: bool) -> Flow[tuple[Chart, Job]]:
        """Draw a chart anew, if something has changed."""
        asked = yield from self._json("POST", f"{API}/charts/{quote(chart_id, '')}/render", {"force": force})
        return Chart.of(asked["chart"]), Job.of(asked["job"])

    def wait(self, job: Job, timeout: float) -> Flow[Chart]:
        """The chart, once its job has ended well. Listens to the job's events, or else lets the server hold back the
        answer, or else asks as often as it says."""
        deadline = time.monotonic() + timeout
        while not job.is_final:
            left = deadline - time.monotonic()
            if left <= 0:
                raise WaitedTooLong(f"The job {job.id} is still {job.status}.")
            if self.streams:
                self.streams = yield Listen(self.url(f"{job.url}/events"), left)
            # Also after a stream: it may have been cut. The row says how things are.
            job = yield from self._look(job.url, Job.of, lambda now: now.is_final, deadline)
        if job.status != "succeeded" or job.chart_url is None:
            raise RenderFailed(job)
        return Chart.of((yield from self._json("GET", job.chart_url)))

    def render_all(self, body: Mapping[str, Any]) -> Flow[Progress]:
        """Ask for many pictures in one call."""
        return Progress.of((yield from self._json("POST", f"{API}/batches", body)))

    def wait_for_all(self, batch: Progress, timeout: float) -> Flow[Progress]:
        """The batch, once nothing of it will change any more, however its charts ended."""
        deadline = time.monotonic() + timeout
        while not batch.is_done:
            if time.monotonic() >= deadline:
                raise WaitedTooLong(f"{batch.finished} of the {batch.total} charts of batch {batch.id} have ended.")
            batch = yield from self._look(batch.url, Progress.of, lambda now: now.is_done, deadline)
        return batch

    def items(self, batch: Progress) -> Flow[list[Item]]:
        """All charts of a batch, in the order in which they were sent."""
        found: list[Item] = []
        cursor = ""
        while True:
            more = f"&cursor={quote(cursor, '')}" if cursor else ""
            page = yield from self._json("GET", f"{batch.url}?limit=100{more}")
            found += [Item.of(item) for item in page["items"]]
            cursor = page["next_cursor"] or ""
            if not cursor:
                return found

    def archive(self, batch: Progress) -> Flow[bytes]:
        """The pictures of a batch as one ZIP file."""
        answer = yield from self.send("GET", f"{batch.url}/zip")
        return answer.content

    def cancel(self, job: Job) -> Flow[Job]:
        """Stop a job."""
        return Job.of((yield from self._json("POST", f"{job.url}/cancel")))

    def job(self, job_id: str) -> Flow[Job]:
        """A job as it is now."""
        return Job.of((yield from self._json("GET", f"{API}/jobs/{quote(job_id, '')}")))

    def chart(self, chart_id: str) -> Flow[Chart]:
        """A chart with its picture."""
        return Chart.of((yield from self._json("GET", f"{API}/charts/{quote(chart_id, '')}")))

    def fetch(self, file: File) -> Flow[bytes]:
        """The bytes of a file."""
        answer = yield from self.send("GET", file.url)
        return answer.content

    def check(self, spec: Mapping[str, Any]) -> Flow[Checked]:
        """All errors of a spec; nothing is drawn."""
        return Checked.of((yield from self._json("POST", f"{API}/spec/check", {"spec": spec})))

    def kinds(self) -> Flow[list[Kind]]:
        """Every kind of chart."""
        answer = yield from self._json("GET", f"{API}/spec/kinds")
        return [Kind.of(kind) for kind in answer["items"]]

    def kind(self, name: str) -> Flow[dict[str, Any]]:
        """The JSON Schema of one kind."""
        schema: dict[str, Any] = yield from self._json("GET", f"{API}/spec/kinds/{quote(name, '')}.json")
        return schema

    def send(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        headers: Mapping[str, str] | None = None,
        held: float = 0,
    ) -> Flow[Answer]:
        """One answer that is good. What may be over in a moment is tried again.

        A POST carries one `Idempotency-Key` through all its attempts: the server does it once, however often the
        answer was lost.
        """
        sent = {"Accept": "application/json, */*;q=0.5", **(headers or {})}
        content = None
        if body is not None:
            content = json.dumps(body, allow_nan=False).encode()
            sent["Content-Type"] = "application/json"
        if method == "POST":
            sent["Idempotency-Key"] = str(uuid.uuid4())
        call = Call(method, self.url(path), sent, content, held)
        for attempt in range(self.retries + 1):
            pause = 0.5 * 2**attempt * random.uniform(0.5, 1)
            try:
                answer: Answer = yield call
            except Unreachable:
                if attempt == self.retries:
                    raise
            else:
                if 200 <= answer.status < 300:
                    return answer
                told = retry_after(answer)
                # 409 with Retry-After: the same request is being answered at this moment.
                again = answer.status in TRY_AGAIN or (answer.status == 409 and told is not None)
                if not again or attempt == self.retries or (told or 0) > LONGEST_PAUSE:
                    raise ProblemError.of(answer.status, answer.content, told)
                pause = max(pause, told or 0)
            yield Pause(pause)
        raise AssertionError("the last attempt returns or raises")

    def _json(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        headers: Mapping[str, str] | None = None,
        held: float = 0,
    ) -> Flow[Any]:
        return _read((yield from self.send(method, path, body, headers=headers, held=held)))

    def _look(
        self, path: str, of: Callable[[Mapping[str, Any]], T], is_over: Callable[[T], bool], deadline: float
    ) -> Flow[T]:
        """How things stand: held back by the server until the end; if it does not hold, after a pause as it says."""
        held = _held(deadline - time.monotonic())
        answer = yield from self.send("GET", path, headers={"Prefer": f"wait={held}"} if held else {}, held=held)
        now = of(_read(answer))
        if not is_over(now) and "preference-applied" not in answer.headers:
            pause = retry_after(answer) or LOOK_AGAIN
            yield Pause(max(0.0, min(pause, deadline - time.monotonic())))
        return now

    def url(self, link: str) -> str:
        """Where a link of the server's leads. The token goes to no other server."""
        url = f"{self.server}{link}" if link.startswith(f"{API}/") else urljoin(self.server, link)
        if urlsplit(url)[:2] != urlsplit(self.server)[:2]:
            raise FigpressError(f"The server names an address of another one: {url}")
        return url


def retry_after(answer: Answer) -> float | None:
    """Seconds of the `Retry-After` header, which may also be a date."""
    told = answer.headers.get("retry-after", "")
    if told.isascii() and told.isdigit():
        return float(told)
    try:
        at = parsedate_to_datetime(told)
    except ValueError:
        return None
    # A date without a zone is in UTC, as all dates of HTTP are.
    return max(0.0, (at.replace(tzinfo=at.tzinfo or UTC) - datetime.now(UTC)).total_seconds())


def ends(line: str) -> bool:
    """Whether a line of an event stream says that the job has ended, or is gone."""
    if line.startswith("event:"):
        return line[6:].strip() == "deleted"
    if not line.startswith("data:"):
        return False
    try:
        data = json.loads(line[5:])
    except ValueError:
        return False
    return isinstance(data, dict) and data.get("status") in ("succeeded", "failed", "cancelled", "expired")


def given(**fields: object) -> dict[str, Any]:
    """The body of an ask: what was given, and nothing else, so that the server's defaults hold."""
    return {name: value for name, value in fields.items() if value is not None}


def _held(seconds: float) -> int:
    return max(0, min(LONGEST_HOLD, int(seconds)))


def _read(answer: Answer) -> Any:
    try:
        return json.loads(answer.content)
    except ValueError:
        raise FigpressError("The answer is not JSON: is this the address of a Figpress server?") from None
