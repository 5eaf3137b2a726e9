"""The client for ordinary programs."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx

from figpress_client.answers import Chart, Checked, Item, Job, Kind, Progress
from figpress_client.errors import Unreachable
from figpress_client.flows import Answer, Call, Core, Flow, Listen, Pause, ends, given
from figpress_client.transport import STREAM, headers_of, listening, reason, time_limit

T = TypeVar("T")


class Client:
    """Asks one server for pictures. Threads may share it; close it, or use it in a ``with`` block."""

    def __init__(self, server: str, *, token: str = "", timeout: float = 30, retries: int = 4) -> None:
        """``timeout``: seconds for each answer. ``retries``: how often a call is tried again that was not answered,
        or was answered with 429 or 503; as long after as `Retry-After` says."""
        self._core = Core(server, retries=retries)
        self._timeout = timeout
        self._http = httpx.Client(headers=headers_of(token), timeout=timeout, follow_redirects=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close its connections."""
        self._http.close()

    def render(
        self,
        spec: Mapping[str, Any] | None = None,
        *,
        figure: str | None = None,
        params: Mapping[str, Any] | None = None,
        name: str | None = None,
        formats: Sequence[str] | None = None,
        scales: Sequence[float] | None = None,
        themes: Sequence[str] | None = None,
        max_age: int | None = None,
        wait: float = 0,
    ) -> Rendering:
        """Ask for a picture: of a chart spec, or of a figure function with its parameters.

        ``wait``: seconds that the server may take to answer with the picture already there.
        """
        more = {"name": name, "formats": formats, "scales": scales, "themes": themes, "max_age": max_age}
        body = given(spec=spec, figure=figure, params=params, **more)
        chart, job = self._go(self._core.render(body, wait=wait))
        return Rendering(self, chart, job)

    def render_again(self, chart_id: str, *, force: bool = False) -> Rendering:
        """Draw a chart anew, if something has changed; with ``force`` in any case."""
        return Rendering(self, *self._go(self._core.render_again(chart_id, force=force)))

    def render_all(
        self,
        charts: Sequence[Mapping[str, Any]],
        *,
        name: str | None = None,
        formats: Sequence[str] | None = None,
        scales: Sequence[float] | None = None,
        themes: Sequence[str] | None = None,
        max_age: int | None = None,
    ) -> Batch:
        """Ask for up to 1,000 pictures in one call, all or none of them: each `{"spec": ...}`, or `{"figure": ...,
        "params": ...}`, with a `name` and files of its own if need be."""
        more = {"name": name, "formats": formats, "scales": scales, "themes": themes, "max_age": max_age}
        body = given(charts=list(charts), **more)
        return Batch(self, self._go(self._core.render_all(body)))

    def check(self, spec: Mapping[str, Any]) -> Checked:
        """All errors and warnings of a spec; nothing is drawn."""
        return self._go(self._core.check(spec))

    def kinds(self) -> list[Kind]:
        """Every kind of chart."""
        return self._go(self._core.kinds())

    def kind(self, name: str) -> dict[str, Any]:
        """The JSON Schema of one kind."""
        return self._go(self._core.kind(name))

    def job(self, job_id: str) -> Job:
        """A job as it is now."""
        return self._go(self._core.job(job_id))

    def picture(self, chart_id: str) -> Picture:
        """The last good picture of a chart."""
        return Picture(self, self._go(self._core.chart(chart_id)))

    def address(self, link: str) -> str:
        """Where a link that the server gives leads."""
        return self._core.url(link)

    def _go(self, flow: Flow[T]) -> T:
        try:
            step = next(flow)
            while True:
                try:
                    came = self._take(step)
                except Unreachable as error:
                    step = flow.throw(error)
                else:
                    step = flow.send(came)
        except StopIteration as end:
            result: T = end.value
            return result

    def _take(self, step: Call | Pause | Listen) -> Answer | bool | None:
        match step:
            case Pause(seconds):
                time.sleep(seconds)
                return None
            case Listen(url, seconds):
                return self._listen(url, seconds)
            case Call():
                limit = time_limit(self._timeout, step.held)
                try:
                    response = self._http.request(
                        step.method, step.url, headers=dict(step.headers), content=step.content, timeout=limit
                    )
                except httpx.TransportError as error:
                    raise Unreachable(reason(error, step.url)) from error
                return Answer(response.status_code, response.headers, response.content)

    def _listen(self, url: str, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        try:
            with self._http.stream("GET", url, headers=STREAM, timeout=listening(seconds)) as response:
                if response.status_code != 200:
                    return False
                for line in response.iter_lines():
                    if ends(line) or time.monotonic() > deadline:
                        break
        except httpx.TransportError:
            return True  # it was cut: the job is asked for next, and says how things are
        return True


class Rendering:
    """An ask for a picture: the chart, and the job that draws it."""

    def __init__(self, client: Client, chart: Chart, job: Job) -> None:
        self._client = client
        self.chart = chart
        self.job = job

    def wait(self, timeout: float = 120) -> Picture:
        """The picture. Raises RenderFailed, or WaitedTooLong after ``timeout`` seconds."""
        return Picture(self._client, self._client._go(self._client._core.wait(self.job, timeout)))

    def cancel(self) -> Job:
        """Stop the job."""
        self.job = self._client._go(self._client._core.cancel(self.job))
        return self.job


class Picture:
    """A chart's last good picture, in all its files."""

    def __init__(self, client: Client, chart: Chart) -> None:
        self._client = client
        self.chart = chart

    def read(self, format: str | None = None, *, scale: float | None = None, theme: str | None = None) -> bytes:
        """The bytes of one file. Raises LookupError if it is not drawn so."""
        return self._client._go(self._client._core.fetch(self.chart.file(format, scale=scale, theme=theme)))

    def save(self, path: str | Path, *, scale: float | None = None, theme: str | None = None) -> Path:
        """Write the file whose format is the name's ending."""
        path = Path(path)
        path.write_bytes(self.read(path.suffix[1:].lower() or None, scale=scale, theme=theme))
        return path


class Batch:
    """Many pictures, asked for in one call."""

    def __init__(self, client: Client, progress: Progress) -> None:
        self._client = client
        self.progress = progress

    def wait(self, timeout: float = 600) -> Progress:
        """How it ended. Charts that failed raise nothing: `counts` and `items` say so. Raises WaitedTooLong."""
        self.progress = self._client._go(self._client._core.wait_for_all(self.progress, timeout))
        return self.progress

    def items(self) -> list[Item]:
        """Its charts, in the order in which they were sent."""
        return self._client._go(self._client._core.items(self.progress))

    def save(self, path: str | Path) -> Path:
        """Write what is drawn of it as one ZIP file; `manifest.json` in it says which file is which chart."""
        path = Path(path)
        path.write_bytes(self._client._go(self._client._core.archive(self.progress)))
        return path
