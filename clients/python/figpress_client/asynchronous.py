"""The same client for asyncio."""

from __future__ import annotations

import asyncio
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


class AsyncClient:
    """Asks one server for pictures. Close it, or use it in an ``async with`` block."""

    def __init__(self, server: str, *, token: str = "", timeout: float = 30, retries: int = 4) -> None:
        """``timeout``: seconds for each answer. ``retries``: how often a call is tried again that was not answered,
        or was answered with 429 or 503; as long after as `Retry-After` says."""
        self._core = Core(server, retries=retries)
        self._timeout = timeout
        self._http = httpx.AsyncClient(headers=headers_of(token), timeout=timeout, follow_redirects=True)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close its connections."""
        await self._http.aclose()

    async def render(
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
    ) -> AsyncRendering:
        """Ask for a picture: of a chart spec, or of a figure function with its parameters.

        ``wait``: seconds that the server may take to answer with the picture already there.
        """
        more = {"name": name, "formats": formats, "scales": scales, "themes": themes, "max_age": max_age}
        body = given(spec=spec, figure=figure, params=params, **more)
        chart, job = await self._go(self._core.render(body, wait=wait))
        return AsyncRendering(self, chart, job)

    async def render_again(self, chart_id: str, *, force: bool = False) -> AsyncRendering:
        """Draw a chart anew, if something has changed; with ``force`` in any case."""
        return AsyncRendering(self, *(await self._go(self._core.render_again(chart_id, force=force))))

    async def render_all(
        self,
        charts: Sequence[Mapping[str, Any]],
        *,
        name: str | None = None,
        formats: Sequence[str] | None = None,
        scales: Sequence[float] | None = None,
        themes: Sequence[str] | None = None,
        max_age: int | None = None,
    ) -> AsyncBatch:
        """Ask for up to 1,000 pictures in one call, all or none of them: each `{"spec": ...}`, or `{"figure": ...,
        "params": ...}`, with a `name` and files of its own if need be."""
        more = {"name": name, "formats": formats, "scales": scales, "themes": themes, "max_age": max_age}
        body = given(charts=list(charts), **more)
        return AsyncBatch(self, await self._go(self._core.render_all(body)))

    async def check(self, spec: Mapping[str, Any]) -> Checked:
        """All errors and warnings of a spec; nothing is drawn."""
        return await self._go(self._core.check(spec))

    async def kinds(self) -> list[Kind]:
        """Every kind of chart."""
        return await self._go(self._core.kinds())

    async def kind(self, name: str) -> dict[str, Any]:
        """The JSON Schema of one kind."""
        return await self._go(self._core.kind(name))

    async def job(self, job_id: str) -> Job:
        """A job as it is now."""
        return await self._go(self._core.job(job_id))

    async def picture(self, chart_id: str) -> AsyncPicture:
        """The last good picture of a chart."""
        return AsyncPicture(self, await self._go(self._core.chart(chart_id)))

    def address(self, link: str) -> str:
        """Where a link that the server gives leads."""
        return self._core.url(link)

    async def _go(self, flow: Flow[T]) -> T:
        try:
            step = next(flow)
            while True:
                try:
                    came = await self._take(step)
                except Unreachable as error:
                    step = flow.throw(error)
                else:
                    step = flow.send(came)
        except StopIteration as end:
            result: T = end.value
            return result

    async def _take(self, step: Call | Pause | Listen) -> Answer | bool | None:
        match step:
            case Pause(seconds):
                await asyncio.sleep(seconds)
                return None
            case Listen(url, seconds):
                return await self._listen(url, seconds)
            case Call():
                limit = time_limit(self._timeout, step.held)
                try:
                    response = await self._http.request(
                        step.method, step.url, headers=dict(step.headers), content=step.content, timeout=limit
                    )
                except httpx.TransportError as error:
                    raise Unreachable(reason(error, step.url)) from error
                return Answer(response.status_code, response.headers, response.content)

    async def _listen(self, url: str, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        try:
            async with self._http.stream("GET", url, headers=STREAM, timeout=listening(seconds)) as response:
                if response.status_code != 200:
                    return False
                async for line in response.aiter_lines():
                    if ends(line) or time.monotonic() > deadline:
                        break
        except httpx.TransportError:
            return True  # it was cut: the job is asked for next, and says how things are
        return True


class AsyncRendering:
    """An ask for a picture: the chart, and the job that draws it."""

    def __init__(self, client: AsyncClient, chart: Chart, job: Job) -> None:
        self._client = client
        self.chart = chart
        self.job = job

    async def wait(self, timeout: float = 120) -> AsyncPicture:
        """The picture. Raises RenderFailed, or WaitedTooLong after ``timeout`` seconds."""
        return AsyncPicture(self._client, await self._client._go(self._client._core.wait(self.job, timeout)))

    async def cancel(self) -> Job:
        """Stop the job."""
        self.job = await self._client._go(self._client._core.cancel(self.job))
        return self.job


class AsyncPicture:
    """A chart's last good picture, in all its files."""

    def __init__(self, client: AsyncClient, chart: Chart) -> None:
        self._client = client
        self.chart = chart

    async def read(self, format: str | None = None, *, scale: float | None = None, theme: str | None = None) -> bytes:
        """The bytes of one file. Raises LookupError if it is not drawn so."""
        return await self._client._go(self._client._core.fetch(self.chart.file(format, scale=scale, theme=theme)))

    async def save(self, path: str | Path, *, scale: float | None = None, theme: str | None = None) -> Path:
        """Write the file whose format is the name's ending."""
        path = Path(path)
        path.write_bytes(await self.read(path.suffix[1:].lower() or None, scale=scale, theme=theme))
        return path


class AsyncBatch:
    """Many pictures, asked for in one call."""

    def __init__(self, client: AsyncClient, progress: Progress) -> None:
        self._client = client
        self.progress = progress

    async def wait(self, timeout: float = 600) -> Progress:
        """How it ended. Charts that failed raise nothing: `counts` and `items` say so. Raises WaitedTooLong."""
        self.progress = await self._client._go(self._client._core.wait_for_all(self.progress, timeout))
        return self.progress

    async def items(self) -> list[Item]:
        """Its charts, in the order in which they were sent."""
        return await self._client._go(self._client._core.items(self.progress))

    async def save(self, path: str | Path) -> Path:
        """Write what is drawn of it as one ZIP file; `manifest.json` in it says which file is which chart."""
        path = Path(path)
        path.write_bytes(await self._client._go(self._client._core.archive(self.progress)))
        return path
