"""Backup and restore: jobs are asked for and drawn, a backup is made in the middle of it, everything is destroyed, and
brought back.

    make restore-test                                              # 300 jobs on SQLite, 300 on PostgreSQL
    python -m tests.restore --jobs 40 --on sqlite

Ends with 1 if a chart of the backup lacks its bytes, a job is lost, doubled or stuck, a file is left that no row
names, a receiver of webhooks hears of a new event where there is none, or a schedule runs more often than it may.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import json
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.live.installation import Live
    from tests.postgres import Postgres

FORMATS = ("png", "svg", "pdf")
LINE = 12
"""Jobs that wait or are drawn, at most, while it is backed up."""


class Receiver:
    """Hears of the ends of jobs, and keeps the ids of events and jobs."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, str]] = []
        heard = self.heard

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                heard.append((self.headers["webhook-id"], body["data"]["job"]))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Nothing: it would be in the middle of the table."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()


def run(options: argparse.Namespace, live: Live, receiver: Receiver, server: Postgres | None) -> bool:
    """Draw, back up, destroy, restore, draw, and judge. Returns whether the promises held."""
    from django.core.management import call_command
    from django.db import connections
    from django.utils import timezone

    from project import local
    from renderer.jobs import charts, schedules
    from renderer.models import Chart, RenderJob, Rendition, Run, Schedule
    from renderer.models.job import ACTIVE, FINAL, Status, Trigger
    from renderer.models.webhook import Event
    from renderer.recipe import Recipe
    from renderer.webhooks import hooks
    from tests.live.steps import SPEC, ask_spec, unsound

    backup = live.folder.parent / "backup"
    hooks.create(live.user(), f"http://{receiver.address}/", events=[Event.RENDER_SUCCEEDED])
    plan, _ = charts.create(live.user(), Recipe.from_spec(SPEC | {"title": "On a schedule"}))
    schedules.create(live.user(), plan, cron="* * * * *", skip_unchanged=False)
    live.start_worker(concurrency=2)

    drawn = RenderJob.objects.filter(status=Status.SUCCEEDED)
    backed_up = threading.Event()

    def load() -> None:
        """Asks, asks again and deletes, so that pictures come and go until the backup is made; there is always
        something to draw, and never much."""
        try:
            for n in itertools.count():
                if n >= options.jobs and backed_up.is_set():
                    return
                ask_spec(live, f"Chart {n}", FORMATS if n % 3 == 0 else None)
                if n % 5 == 1:
                    charts.render(Chart.objects.order_by("?")[0], trigger=Trigger.CODE, force=True)
                unwanted = Chart.objects.filter(drawn_by__isnull=False, schedules=None).order_by("?")
                if n % 8 == 5 and (chart := unwanted.first()):
                    charts.delete(chart)
                local.wait_for(lambda: RenderJob.objects.filter(status__in=ACTIVE).count() < LINE, deadline=300)
        finally:
            connections.close_all()

    asker = threading.Thread(target=load)
    asker.start()
    third = options.jobs // 3
    live.wait_for(lambda: drawn.count() > third or not asker.is_alive(), deadline=300, what="a third of the jobs")
    start, at_first = time.monotonic(), drawn.count()
    said = StringIO()
    call_command("backup", str(backup), stdout=said, no_color=True)
    took, meanwhile = time.monotonic() - start, drawn.count() - at_first
    backed_up.set()
    asker.join()
    lines = [line.partition("  ") for line in (backup / "SHA256SUMS").read_text().splitlines()]
    sums = {path: digest for digest, _, path in lines}
    live.wait_for(lambda: len(receiver.heard) > options.jobs // 2, deadline=300, what="half of the news")
    before = list(receiver.heard)

    say("  everything is destroyed: workers, broker, database, files")
    destroy(live, server)

    start = time.monotonic()
    told = manage(live, "restore", str(backup))
    restored = time.monotonic() - start
    for line in (*said.getvalue().splitlines(), "", *told.splitlines()):
        say(f"  | {line}")

    in_backup = {str(job.pk): job.status for job in RenderJob.objects.defer("recipe")}
    waiting = sum(status in ACTIVE for status in in_backup.values())
    wrong_bytes = [
        str(row.file)
        for row in Rendition.objects.all()
        if hashlib.sha256((live.folder / "media" / str(row.file)).read_bytes()).hexdigest() != row.sha256
        or sums[f"files/0/{row.file}"] != row.sha256
    ]
    shown = [chart for chart in Chart.objects.exclude(image="") if not Path(chart.image.path).is_file()]
    # As if it had been away for three hours: the schedule was due 180 times meanwhile, and may run once.
    Schedule.objects.update(next_due_at=timezone.now() - timedelta(hours=3))
    runs = Run.objects.count()
    live.start_worker(concurrency=2)
    live.wait_for(lambda: schedules.tick(timezone.now()) >= 0 and not _open(RenderJob, ACTIVE), deadline=300)
    schedules.tick(timezone.now())
    live.wait_for(lambda: not _open(RenderJob, ACTIVE) and not unsound(live), deadline=60, what="soundness")
    missed = Run.objects.count() - runs
    ends = RenderJob.objects.filter(status__in=FINAL)
    promised = {str(job.pk) for job in ends.filter(status=Status.SUCCEEDED)}
    live.wait_for(lambda: promised <= {job for _, job in receiver.heard}, deadline=60, what="the news of all")
    ids: dict[str, set[str]] = {}
    for event, job in receiver.heard:
        ids.setdefault(job, set()).add(event)
    twice = {job for _, job in before} & {job for _, job in receiver.heard[len(before) :]}
    wrong = unsound(live)
    undrawn = ends.exclude(status=Status.SUCCEEDED)
    verdict = {
        "backed up while nothing was to be drawn": not waiting,
        "charts without their bytes": len(wrong_bytes) + len(shown),
        "jobs lost": len(in_backup.keys() - set(map(str, RenderJob.objects.values_list("pk", flat=True)))),
        "jobs not drawn": undrawn.count(),
        "doubled": sum("won" in line or "rows" in line for line in wrong),
        "orphan files": sum("orphan" in line for line in wrong),
        "bad or lost pictures": sum("bad" in line or "lost file" in line or "chart" in line for line in wrong),
        "events that are new, and should not be": sum(len(events) > 1 for events in ids.values()),
        "runs of the schedule too many": max(0, missed - 2),  # one that was missed, one of this minute
    }
    say("")
    for what, figure in {
        "jobs drawn while it was backed up": meanwhile,
        "jobs in the backup": len(in_backup),
        "  waiting or being drawn then": waiting,
        "files in the backup": len(sums) - 1,
        "seconds to back up, under load": f"{took:.1f}",
        "seconds to restore": f"{restored:.1f}",
        "pictures after all": Rendition.objects.count(),
        "events told again, with the same id": len(twice),
        "runs missed for three hours, made up for": missed,
        **verdict,
    }.items():
        say(f"  {what:<44}{figure:>8}")
    why = [f"{job}: {job.reason} {job.message}" for job in undrawn[:5]]
    for line in [*wrong_bytes[:5], *map(str, shown[:5]), *why, *wrong[:20]]:
        say(f"  {line}")
    shutil.rmtree(backup)
    return not any(verdict.values())


def _open(jobs: Any, active: Any) -> bool:
    return bool(jobs.objects.filter(status__in=active).exists())


def manage(live: Live, *command: str) -> str:
    """One of the installation's commands, as an operator calls it."""
    from project import local

    done = subprocess.run(
        [sys.executable, "manage.py", *command], cwd=local.ROOT, env=live.env, capture_output=True, text=True,
        timeout=600, check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"manage.py {command[0]} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout.rstrip()


def say(line: str) -> None:
    sys.stdout.write(line.rstrip() + "\n")
    sys.stdout.flush()


def main() -> int:
    """Each kind of database in a process and an installation of its own."""
    parser = argparse.ArgumentParser(prog="python -m tests.restore", description=(__doc__ or "").partition("\n\n")[0])
    parser.add_argument("--jobs", type=int, default=300)
    parser.add_argument("--on", choices=["sqlite", "postgresql"], help="only one kind of database")
    options = parser.parse_args()
    if options.on:
        return one(options)
    command = [sys.executable, "-m", "tests.restore", "--jobs", str(options.jobs), "--on"]
    return max(subprocess.run([*command, kind], check=False).returncode for kind in ("sqlite", "postgresql"))


def one(options: argparse.Namespace) -> int:
    """An installation, and its end."""
    from project import local
    from tests import alone
    from tests.live import environment as environments
    from tests.postgres import Postgres

    folder = Path(tempfile.mkdtemp(prefix="figpress-restore-"))
    var = folder / "var"
    receiver, redis = Receiver(), local.Redis(folder / "redis")
    server: Postgres | None = None
    more = {"REDIS_URL": redis.url, "LOG_LEVEL": "WARNING", "FIGPRESS_FETCH_INTERNAL": receiver.address}
    try:
        if options.on == "postgresql":
            server = Postgres()
            server.run("CREATE DATABASE figpress")
            more["DATABASE_URL"] = server.dsn(name="figpress")
        env = alone.prepare(var, **more)
        from tests.live.installation import Live

        environments.migrate(env)
        live = Live(var, env, redis)
        say(f"{options.on}: {options.jobs} charts, many of them drawn again, a backup in the middle of it")
        try:
            held = run(options, live, receiver, server)
        finally:
            live.stop()
    finally:
        receiver.stop()
        redis.stop(grace=3)
        if server:
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)
    say("All of it came back." if held else "Something did not come back.")
    return not held


def destroy(live: Live, server: Postgres | None) -> None:
    """Workers, broker, database, files."""
    from django.db import connections

    for worker in list(live.workers):
        live.kill_worker(worker)
    connections.close_all()
    shutil.rmtree(live.folder / "media")
    if server:
        server.run("DROP DATABASE figpress WITH (FORCE)", "CREATE DATABASE figpress")
    else:
        for file in live.folder.glob("figpress.sqlite3*"):
            file.unlink()
    live.restart_redis(keep=False)


if __name__ == "__main__":
    sys.exit(main())
