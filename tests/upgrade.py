"""An upgrade without a pause: the release before this one, and this one, side by side on the new tables.

    make upgrade-test                                   # the last tag, else the commit before the newest migration
    python -m tests.upgrade --old v1.2.0 --jobs 40

The old web server and an old worker run while the new migrations are applied, and go on. Then a new worker joins them,
the web server is replaced, and at last the old worker goes: the order of docs/operations.md, with a worker that takes
its time. Webhooks of the old and of the new web server are told of all of it. Ends with 1 if a job is lost, doubled or
fails, a webhook is told in vain, or a request is not answered; with 3, and the reason, where there is no old release to
be had.
"""

from __future__ import annotations

import argparse
import io
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.live.installation import Live

MIGRATIONS = "renderer/migrations"
LEFT_OUT = 3


class NoHistory(Exception):
    """The old release is not to be had. The message says why."""


def git(*command: str) -> bytes:
    from project import local

    try:
        done = subprocess.run(["git", *command], cwd=local.ROOT, capture_output=True, check=False, timeout=60)
    except FileNotFoundError:
        raise NoHistory("git is not installed") from None
    if done.returncode:
        raise NoHistory(f"git {command[0]}: {done.stderr.decode().strip().splitlines()[0]}")
    return done.stdout


def last_release() -> str:
    """The last tag before this commit, or the commit before the newest migration came."""
    try:
        return git("describe", "--tags", "--abbrev=0", "HEAD^").decode().strip()
    except NoHistory:
        newest = git("log", "-1", "--format=%H", "--diff-filter=A", "--first-parent", "-m", "--", MIGRATIONS)
        if not newest.strip():
            raise NoHistory("the history does not tell when the newest migration came (a shallow clone?)") from None
        return git("rev-parse", f"{newest.decode().strip()}^1").decode().strip()


def unpack(release: str, into: Path) -> None:
    with tarfile.open(fileobj=io.BytesIO(git("archive", "--format=tar", release)), mode="r:") as archive:
        archive.extractall(into, filter="data")


def numbers(folder: Path) -> list[str]:
    """Its migrations."""
    return sorted(path.stem for path in folder.glob("[0-9]*.py"))


def run(options: argparse.Namespace, live: Live, old: Path, receiver: str) -> bool:
    """Old, both, new. Returns whether nobody noticed."""
    from project import local
    from renderer.models import Attempt, Delivery, RenderJob, Worker
    from renderer.models.job import ACTIVE, Status
    from tests.live import environment
    from tests.live.steps import SPEC, unsound

    answers: Counter[str] = Counter()

    def start(name: str, cwd: Path, **env: str) -> local.Process:
        log = live.folder / "log" / f"{cwd.name}-{name}.log"
        process = local.Process(name, local.command(name), log=log, env=live.env | env, cwd=cwd)
        live.processes.append(process)
        return process

    def worker(kind: str, cwd: Path) -> local.Process:
        process = start("worker", cwd, WORKER_NAME=f"{kind}@localhost", WORKER_CONCURRENCY="1")
        process.wait_until(lambda: f"{kind}@localhost ready" in process.output(), deadline=120)
        live.workers.append(process)
        return process

    def web(cwd: Path) -> local.Process:
        port = local.free_port()
        process = start("web", cwd, PORT=str(port))
        process.wait_until(lambda: local.is_listening(port), deadline=120)
        live.web_url = f"http://{local.LOOPBACK}:{port}"
        return process

    def ask(phase: str, *, drawn_by: tuple[str, ...]) -> None:
        """So many charts over HTTP; then more of them, until each of these workers has drawn one."""
        asked = 0
        before = set(RenderJob.objects.values_list("pk", flat=True))

        def one() -> None:
            nonlocal asked
            title = f"{phase} {asked}"
            answer = live.call("POST", "/api/v1/charts", {"spec": SPEC | {"title": title}})
            answers["answered" if answer.status == 202 else f"answered {answer.status}"] += 1
            asked += 1

        def all_took_part() -> bool:
            if asked < options.jobs * 10:
                one()
            done = Attempt.objects.exclude(job__in=before).values_list("worker", flat=True)
            return all(any(name.startswith(f"{kind}@") for name in done) for kind in drawn_by)

        for _ in range(options.jobs):
            one()
        live.wait_for(all_took_part, deadline=120, what=f"a job of each of {', '.join(drawn_by)}")
        live.wait_for(lambda: not RenderJob.objects.filter(status__in=ACTIVE).exists(), deadline=120, what="all ends")
        by = Counter(
            name.partition("@")[0] for name in Attempt.objects.exclude(job__in=before).values_list("worker", flat=True)
        )
        new = RenderJob.objects.exclude(pk__in=before)
        good = new.filter(status=Status.SUCCEEDED).count()
        say(f"  {phase:<34}{asked:>6}{good:>8}{by['old']:>12}{by['new']:>12}")
        answers["lost or failed"] += asked - good

    def be_told(path: str) -> None:
        """Make a webhook, which each job from now on has a delivery for."""
        made = live.call("POST", "/api/v1/webhooks", {"url": f"{receiver}/{path}", "events": ["render.succeeded"]})
        answers["answered" if made.status == 201 else f"answered {made.status}"] += 1

    def all_told() -> bool:
        """Whether none waits but for its next attempt."""
        again = {"last_attempt_at__isnull": False, "held_until": None}
        return not Delivery.objects.filter(status="waiting").exclude(**again).exists()

    say(f"  {'':<34}{'asked':>6}{'drawn':>8}{'by old':>12}{'by new':>12}")
    old_worker, old_web = worker("old", old), web(old)
    environment.migrate(live.env)
    live.wait_for(lambda: Worker.objects.filter(name__startswith="old@").exists(), what="the old worker's heartbeat")
    be_told("old")
    ask("old web, old worker, new tables", drawn_by=("old",))
    worker("new", local.ROOT)
    ask("old web, both workers", drawn_by=("old", "new"))
    web(local.ROOT)
    old_web.stop()
    be_told("new")
    ask("new web, both workers", drawn_by=("old", "new"))
    live.stop_worker(old_worker)
    ask("new web, new worker", drawn_by=("new",))
    live.wait_for(all_told, deadline=60, what="an attempt of each delivery")
    told = Delivery.objects.filter(status="delivered", attempts=1).count()
    wrong = unsound(live)
    traces = [process.log for process in live.processes if "Traceback" in process.output()]
    say("")
    for what, figure in {
        "requests answered": answers.pop("answered"),
        "lost or failed": answers.pop("lost or failed"),
        "deliveries at the first attempt": told,
        "deliveries in vain": (vain := Delivery.objects.count() - told),
        "doubled, orphaned or bad": len(wrong),
        "processes with an error in their log": len(traces),
        **answers,
    }.items():
        say(f"  {what:<40}{figure:>8}")
    for line in [*wrong[:10], *(path.read_text()[-3000:] for path in traces)]:
        say(f"  {line}")
    good = told and not vain and not wrong and not traces and not answers
    return bool(good) and not RenderJob.objects.exclude(status=Status.SUCCEEDED).exists()


def say(line: str) -> None:
    sys.stdout.write(line.rstrip() + "\n")
    sys.stdout.flush()


def main() -> int:
    """An installation of its own, made by the old release, and its end."""
    from project import local
    from tests import alone
    from tests.web_servers import Receiver, Server

    parser = argparse.ArgumentParser(prog="python -m tests.upgrade", description=(__doc__ or "").partition("\n\n")[0])
    parser.add_argument("--old", help="a tag or a commit")
    parser.add_argument("--jobs", type=int, default=40, help="of each of the four phases")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="figpress-upgrade-"))
    old = folder / "old"
    try:
        release = options.old or last_release()
        unpack(release, old)
    except NoHistory as error:
        shutil.rmtree(folder)
        say(f"Left out: {error}")
        return LEFT_OUT
    ends = ExitStack()
    receiver = ends.enter_context(Server(Receiver()))
    var = folder / "var"
    redis = local.Redis(folder / "redis")
    # Static files of two releases are not of one folder. Only programs ask here, and they need none.
    inside = f"127.0.0.1:{receiver.port}"
    env = alone.prepare(
        var, REDIS_URL=redis.url, FIGPRESS_STATIC_DIR=str(var / "static"), FIGPRESS_FETCH_INTERNAL=inside
    )
    from tests.live.installation import Live

    live = Live(var, env, redis)
    try:
        whole = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
        subprocess.run(whole, cwd=old, env=env, check=True, timeout=300)
        before, now = numbers(old / MIGRATIONS), numbers(local.ROOT / MIGRATIONS)
        name = git("describe", "--tags", "--always", release).decode().strip()
        say(f"from {name} ({before[-1]}) to this ({now[-1]}), {len(now) - len(before)} new migrations")
        held = run(options, live, old, receiver.url)
    finally:
        live.stop()
        ends.close()
        shutil.rmtree(folder)
    say("\nNobody noticed." if held else "\nIt was noticed.")
    return not held


if __name__ == "__main__":
    sys.exit(main())
