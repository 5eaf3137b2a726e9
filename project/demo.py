"""``make demo``: the whole way of real charts, without a person and without leaving anything running.

Starts an installation of its own in a temporary folder (Redis, web, worker, beat, on free ports), posts the example
specs over HTTP, waits as a client would, has the example shop drawn, checks every picture, and keeps them under
``var/demo/``. Ends with 0 only if all are good.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from project import local, run, samples
from project.inspection import problem_with

if TYPE_CHECKING:
    from django.db.models.fields.files import ImageFieldFile

    from renderer.models import RenderJob

FORMATS = ("png", "webp", "svg", "pdf")
PATIENCE = 60
"""Seconds until a job that has not ended counts as lost."""


def main(only: Sequence[str] = ()) -> int:
    """Run the demo, of all examples or of these only. Returns 0 if every picture is good."""
    folder = Path(os.environ.get("FIGPRESS_VAR_DIR", local.ROOT / "var")).resolve() / "demo"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    report = Report(folder)
    started = time.monotonic()
    try:
        with ExitStack() as stack:
            var = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="figpress-demo-")))
            client = stack.enter_context(_installation(var, folder.parent))
            report.head()
            for name, document in samples.specs():
                if not only or name in only:
                    _draw_spec(client, report, name, document)
            _draw_shop(report)
    except (local.LocalError, TimeoutError, urllib.error.URLError) as error:
        report.bad.append(str(error))
    report.tail(time.monotonic() - started)
    return 1 if report.bad or not report.good else 0


@dataclass
class Report:
    """What is told on the terminal."""

    folder: Path
    good: int = 0
    bad: list[str] = field(default_factory=list)

    def head(self) -> None:
        """The names of the columns."""
        _say(_dim(f"\n  {'':<34} {'ms queued':>9} {'ms drawn':>9}   {'bytes of each file':<20}"))

    def chart(self, name: str, timings: Mapping[str, float], files: Mapping[str, tuple[bytes, str]]) -> None:
        """One chart: its files, by format, each with what is wrong with it. They are kept, and told of on a line."""
        good = not any(problem for _, problem in files.values())
        for suffix, (data, problem) in files.items():
            (self.folder / f"{name}.{suffix}").write_bytes(data)
            self.good += not problem
            if problem:
                self.wrong(f"{name}.{suffix}: {problem}")
        drawn = sum(ms for stage, ms in timings.items() if stage not in ("queued", "total"))
        sizes = "  ".join(f"{_dim(suffix)} {len(data):>7,}" for suffix, (data, _) in files.items())
        mark = _green("✓") if good else _red("✗")
        _say(f"{mark} {name:<34} {timings.get('queued', 0):>9,.0f} {drawn:>9,.0f}   {sizes}")

    def wrong(self, problem: str) -> None:
        """Something is not as it should be."""
        self.bad.append(problem)

    def tail(self, seconds: float) -> None:
        """How it went."""
        for problem in self.bad:
            _say(_red(f"✗ {problem}"))
        count = f"{self.good} good pictures in {seconds:.0f} s"
        _say(f"\n{_red(f'{len(self.bad)} wrong, ') if self.bad else ''}{count}: {_relative(self.folder)}/\n")


@dataclass
class Client:
    """A program that uses the HTTP API."""

    url: str
    token: str = ""

    def call(self, method: str, path: str, body: object = None, **headers: str) -> tuple[Any, bytes]:
        """One request: its JSON, if it is that, and its bytes. Raises LocalError with the answer if it is refused."""
        request = urllib.request.Request(  # noqa: S310 - to the server that we started
            self.url + path,
            method=method,
            data=json.dumps(body).encode() if body is not None else None,
            headers={"Authorization": f"Bearer {self.token}", "Content-Type": "application/json", **headers},
        )
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # nosec B310 # noqa: S310 - as above
                data = answer.read()
                return (json.loads(data) if "json" in answer.headers["Content-Type"] else None), data
        except urllib.error.HTTPError as error:
            with error:
                raise local.LocalError(f"{method} {path}: {error.code} {error.read().decode()[:500]}") from None

    def wait(self, job: dict[str, Any]) -> dict[str, Any]:
        """Poll a job until it has ended, letting the server hold each answer back."""
        end = time.monotonic() + PATIENCE
        while job["finished_at"] is None:
            if time.monotonic() > end:
                raise TimeoutError(f"job {job['id']} is {job['status']} after {PATIENCE} s")
            job, _ = self.call("GET", job["links"]["self"], Prefer="wait=10")
        return job


@contextmanager
def _installation(var: Path, kept: Path) -> Iterator[Client]:
    """Everything started, and stopped again; a client with a user's token. What takes long to make and is the same for
    every installation of this source, the typeface and the static files, is taken from the folder ``kept``."""
    for name in ("REDIS_URL", "DATABASE_URL", "SECRET_KEY"):  # of an installation that this one must not touch
        os.environ.pop(name, None)
    port = local.free_port()
    env = local.environment(
        var,
        PORT=str(port),
        FIGPRESS_EXAMPLES="1",
        FIGPRESS_FONTS_DIR=os.environ.get("FIGPRESS_FONTS_DIR", str(kept / "fonts")),
        FIGPRESS_STATIC_DIR=str(kept / "static"),
    )
    with ExitStack() as stack:
        redis = _step(stack, "redis", lambda: local.Redis(var / "redis"))
        env["REDIS_URL"] = redis.url
        _timed("tables, typeface, static files", lambda: run.prepare(env))

        def start(name: str, ready: Callable[[local.Process], bool]) -> None:
            def go() -> local.Process:
                process = local.Process(name, local.command(name), log=var / f"{name}.log", env=env)
                process.wait_until(lambda: ready(process), deadline=PATIENCE)
                return process

            _step(stack, name, go)

        start("web", lambda _: local.is_listening(port))
        start("worker", lambda worker: " ready" in worker.output())
        start("beat", lambda beat: "Starting" in beat.output())
        yield Client(f"http://{local.LOOPBACK}:{port}", _token())


def _step(stack: ExitStack, name: str, start: Callable[[], local.Process]) -> Any:
    process = _timed(name, start)
    stack.callback(process.stop, grace=5)
    return process


def _timed(name: str, action: Callable[[], Any]) -> Any:
    started = time.monotonic()
    result = action()
    _say(f"{_green('✓')} {name:<34} {_dim(f'ready in {time.monotonic() - started:.1f} s')}")
    return result


def _token() -> str:
    from django.contrib.auth.models import User

    from renderer.models import ApiToken

    return ApiToken.issue(User.objects.create_user("demo"), "make demo")[1]


def _draw_spec(client: Client, report: Report, name: str, document: dict[str, Any]) -> None:
    """The HTTP way: post, poll, fetch each file."""
    asked, _ = client.call("POST", "/api/v1/charts", {"spec": document, "formats": list(FORMATS)})
    job = client.wait(asked["job"])
    if job["status"] != "succeeded":
        report.wrong(f"{name}: {job['status']}, {job['message']}")
        return
    chart, _ = client.call("GET", asked["chart"]["links"]["self"])
    files = {file["format"]: file for file in chart["picture"]["files"]}
    size = _asked_size(document)
    fetched = {suffix: client.call("GET", files[suffix]["url"])[1] for suffix in FORMATS}
    report.chart(
        name,
        job["timings"],
        {suffix: (data, problem_with(data, suffix, size)) for suffix, data in fetched.items()},
    )


def _asked_size(document: dict[str, Any]) -> tuple[int, int]:
    """Pixels, as the spec asks for them."""
    from renderer import spec

    image = spec.parse(document).image
    return round(image.width * image.scale), round(image.height * image.scale)


def _draw_shop(report: Report) -> None:
    """The Django way: fields of the shop's own models, drawn by its own functions from its own tables."""
    from examples.shop import selling
    from examples.shop.charts import draw_report
    from examples.shop.models import Report as ShopReport
    from examples.shop.models import Store

    selling.seed()
    for store in Store.objects.all():
        _keep(
            report, f"shop-{store.name.lower().replace(' ', '-')}", store.revenue_chart.render(), store, "revenue_chart"
        )
    for page in ShopReport.objects.all():
        _keep(report, "shop-best-sellers", draw_report(page), page, "image")


def _keep(report: Report, name: str, job: RenderJob, row: Any, image: str) -> None:
    """Wait for a job of ours, and keep the picture that it left on the row's field."""
    from renderer.drawing.figures import SCALE, SIZE

    def ended() -> bool:
        job.refresh_from_db()
        return job.is_final

    local.wait_for(ended, deadline=PATIENCE, what=f"{name} to be drawn")
    row.refresh_from_db()
    picture: ImageFieldFile = getattr(row, image)
    if not picture:
        report.wrong(f"{name}: {job.status}, {job.message}")
        return
    with picture.open() as file:
        data = file.read()
    queued = job.waited.total_seconds() * 1000 if job.waited else 0.0
    size = round(SIZE[0] * SCALE), round(SIZE[1] * SCALE)
    report.chart(name, {"queued": queued, **job.timings}, {"png": (data, problem_with(data, "png", size))})


def _relative(path: Path) -> str:
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _colored(code: int, text: str) -> str:
    return f"\033[{code}m{text}\033[0m" if sys.stdout.isatty() and not os.environ.get("NO_COLOR") else text


def _green(text: str) -> str:
    return _colored(32, text)


def _red(text: str) -> str:
    return _colored(31, text)


def _dim(text: str) -> str:
    return _colored(2, text)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
