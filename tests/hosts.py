"""Three hosts, and a fourth: charts are drawn on two, one of which is cut off in the middle of a job and comes back.

    make hosts                         # some minutes, and a table of what came of it
    python -m tests.hosts --short      # the same with fewer jobs, and a shorter cut

Host a has the web server, PostgreSQL and Redis; b, c and, later, d have a worker each. They are network namespaces with
files and a name of their own (``tests/network.py``); what they share is one folder of pictures, mounted on each, as NFS
would be. Ends with 1 if a job was lost, doubled or stuck, if a picture is bad, or if a file is left that no row names.
"""

from __future__ import annotations

import argparse
import logging
import os
import secrets
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from project import local
from tests import alone
from tests.live import environment
from tests.network import Network, network
from tests.postgres import Postgres

if TYPE_CHECKING:
    from renderer.models import RenderJob
    from tests.live.installation import Live

HANDS = 2
"""Of each worker."""
NAP = 0.4
"""Seconds that a job of the load waits, as if for somebody else's answer: this machine has too few cores to show by
arithmetic what a machine more brings."""
LINE = 16
"""Jobs that wait at any time while the pace is taken."""
AWAY = 60
"""Seconds that the host is cut off in the long form: by then all its connections have failed, and it makes new ones."""
PATIENCE = 120


class Story:
    """The hosts, what has happened on them, and how long it took."""

    def __init__(self, net: Network, live: Live, folder: Path, options: argparse.Namespace) -> None:
        self.net = net
        self.live = live
        self.folder = folder
        self.options = options
        self.numbers = count(1)
        self.start = time.monotonic()
        self.facts: list[tuple[str, str]] = []
        self.wrong: list[str] = []

    def say(self, what: str) -> None:
        """What happens, and when."""
        write(f"{time.monotonic() - self.start:6.1f} s  {what}")

    def check(self, holds: bool, otherwise: str) -> None:
        """It is wrong if this does not hold."""
        if not holds:
            self.wrong.append(otherwise)

    def tell(self) -> None:
        """All of it."""
        self.draw_on_both()
        cut, job = self.cut_off()
        self.come_back(cut, job)
        self.add_a_host()
        self.judge()

    def start_worker(self, host: str) -> None:
        """A host's own files, with the pictures of host a mounted among them, and a worker."""
        own = self.folder / host
        for name in ("media", "here"):
            (own / name).mkdir(parents=True)
        os.mkfifo(own / "here" / "gate")
        mounts = {self.folder / "a" / "media": own / "media", own / "here": self.folder / "here"}
        environment = {
            "FIGPRESS_VAR_DIR": str(own),
            "WORKER_CONCURRENCY": str(HANDS),
            "WORKER_QUEUES": "upkeep,interactive",
        }
        command = self.net.command(host, local.command("worker"), mounts)
        worker = self.live.start(f"worker-{host}", command, **environment)
        worker.wait_until(lambda: "ready." in worker.output(), deadline=90)
        self.live.workers.append(worker)

    def draw_on_both(self) -> None:
        """Charts asked of host a are drawn on b and on c, and shown by a."""
        jobs = self.ask_until(lambda: self.drawn_on("b") > 0 and self.drawn_on("c") > 0, self.options.charts)
        self.say(f"{len(jobs)} charts asked over HTTP: {self.drawn_on('b')} drawn on b, {self.drawn_on('c')} on c")
        from project.inspection import problem_with

        for job in jobs:
            answer = self.live.call("GET", f"/api/v1/charts/{job.target_id}/image.png")
            problem = problem_with(answer.body, "png") if answer.status == 200 else f"status {answer.status}"
            self.check(not problem, f"host a does not show what {job.worker} drew: {problem}")

    def cut_off(self) -> tuple[str, RenderJob]:
        """The host that draws a job is cut off; the job is drawn by the other one."""
        from tests.live.steps import ask, is_drawing, status

        # In the long form the host leaves behind a transaction that has locked the row of its job.
        hazard = "gated" if self.options.short else "holds"
        job = ask(self.live, hazard, gate=str(self.folder / "here" / "gate")).job
        self.wait(lambda: is_drawing(job) and (self.options.short or self.is_locked(job)), "somebody to begin the job")
        cut = job.worker.partition("@host-")[2][0]
        other = "c" if cut == "b" else "b"
        self.net.cut(cut)
        moment = time.monotonic()
        self.say(f"{cut} is cut off, while it draws" + ("" if self.options.short else ", and holds a lock on its job"))
        jobs = self.ask_charts(self.options.charts)
        self.wait(lambda: is_drawing(job, 2), "the second attempt")
        self.took("from the cut to the job's next attempt", moment)
        job.refresh_from_db()
        self.check(f"@host-{other}#" in job.worker, f"the second attempt is not on {other}, but on {job.worker}")
        self.say(f"{other} begins the job anew")
        self.open_gate(other)
        self.wait(lambda: status(job) == "succeeded" and self.drawn(jobs), "the charts asked meanwhile")
        self.took("from the cut until the job, and what was asked after it, is drawn", moment)
        self.say(f"{other} has drawn it, and the {len(jobs)} charts that were asked meanwhile")
        self.wait(lambda: time.monotonic() - moment > self.options.away, f"{cut} to be away for as long as it should")
        return cut, job

    def come_back(self, host: str, job: RenderJob) -> None:
        """The host is reached again. It takes work by itself; what it had begun is refused."""
        from django.utils import timezone

        from renderer.models import Worker
        from renderer.models.worker import State

        def works() -> bool:
            now = timezone.now()
            return any(worker.state(now) == State.ALIVE for worker in Worker.objects.filter(name__contains=on(host)))

        shown = list(job.renditions.values_list("file", flat=True))
        self.net.heal(host)
        moment = time.monotonic()
        self.say(f"{host} is reached again")
        self.wait(works, f"{host} to live")
        self.took(f"from the healing until {host} is alive, and listens", moment)
        self.open_gate(host)
        before = self.drawn_on(host)
        self.ask_until(lambda: self.drawn_on(host) > before)
        self.took(f"from the healing until {host} has drawn again", moment)
        self.say(f"{host} draws again")
        outcomes = list(job.attempts.order_by("number").values_list("outcome", flat=True))
        self.check(outcomes == ["worker lost", "succeeded"], f"the job's attempts ended as {outcomes}")
        self.check(
            shown == list(job.renditions.values_list("file", flat=True)), "the late result took the other's place"
        )

    def add_a_host(self) -> None:
        """A host more, under load."""
        two = self.pace()
        self.net.add("d")
        self.start_worker("d")
        self.say("d begins to work")
        self.load(lambda: self.drawn_on("d") > 0)
        three = self.pace()
        self.say(f"jobs that wait {NAP} s for an answer: {two:.1f} a second on b and c, {three:.1f} with d")
        self.facts += [("jobs a second on two hosts", f"{two:.1f}"), ("jobs a second on three", f"{three:.1f}")]

    def judge(self) -> None:
        """What came of all of them."""
        from django.db.models import Q

        from renderer.models import RenderJob
        from renderer.models.job import ACTIVE, Status
        from tests.live.steps import unsound

        try:
            self.wait(lambda: not RenderJob.objects.filter(status__in=ACTIVE).exists(), "every job's end")
            self.wait(lambda: not unsound(self.live), "soundness")  # files go after the commit
        except TimeoutError:
            self.say("not all of it has come to an end")
        found = unsound(self.live)
        asked, stuck = RenderJob.objects.count(), RenderJob.objects.filter(status__in=ACTIVE).count()
        lost = RenderJob.objects.filter(~Q(status=Status.SUCCEEDED) & ~Q(status__in=ACTIVE)).count()
        write("")
        for what, value in [("jobs asked", str(asked)), *((f"  drawn on {h}", str(self.drawn_on(h))) for h in "bcd")]:
            line(what, value)
        for what, value in self.facts:
            line(what, value)
        line("lost", str(lost))
        line("doubled", str(sum("was won" in one or "rows" in one for one in found)))
        line("stuck", str(stuck))
        line("orphan files", str(sum("orphan" in one for one in found)))
        self.wrong += found
        self.check(not lost, f"{lost} jobs were lost")
        self.check(not stuck, f"{stuck} jobs are stuck")
        self.check(asked > 0, "nothing was asked")

    def ask_charts(self, number: int) -> list[RenderJob]:
        """Over HTTP, as people do."""
        from renderer.models import RenderJob
        from tests.live.steps import SPEC

        found = []
        for _ in range(number):
            spec = SPEC | {"title": f"Chart {next(self.numbers)}"}
            answer = self.live.call("POST", "/api/v1/charts", {"spec": spec})
            if answer.status != 202:
                raise RuntimeError(f"host a answered {answer.status}: {answer.body[:300]!r}")
            found.append(RenderJob.objects.get(pk=answer.json()["job"]["id"]))
        return found

    def ask_until(self, enough: Callable[[], bool], number: int = 4) -> list[RenderJob]:
        """So many charts, and more of them until it is enough. All are drawn by then."""
        jobs: list[RenderJob] = []
        while not (jobs and enough()):
            jobs += self.ask_charts(number)
            self.wait(partial(self.drawn, jobs), "charts")
        return jobs

    def drawn(self, jobs: list[RenderJob]) -> bool:
        """Whether all of these are."""
        from renderer.models import RenderJob
        from renderer.models.job import Status

        return RenderJob.objects.filter(pk__in=[j.pk for j in jobs], status=Status.SUCCEEDED).count() == len(jobs)

    def is_locked(self, job: RenderJob) -> bool:
        """Whether a transaction has locked its row."""
        from django.db import OperationalError, transaction

        from renderer.models import RenderJob

        try:
            with transaction.atomic():
                RenderJob.objects.select_for_update(nowait=True).get(pk=job.pk)
        except OperationalError:
            return True
        return False

    def drawn_on(self, host: str) -> int:
        """How many were drawn by a host."""
        from renderer.models import Attempt

        return Attempt.objects.filter(outcome="succeeded", worker__contains=on(host)).count()

    def pace(self) -> float:
        """Jobs a second, under load."""
        from renderer.models import RenderJob
        from renderer.models.job import Status

        done = RenderJob.objects.filter(status=Status.SUCCEEDED)
        start, before = time.monotonic(), done.count()
        self.load(lambda: time.monotonic() - start > self.options.seconds)
        return float((done.count() - before) / (time.monotonic() - start))

    def load(self, until: Callable[[], bool]) -> None:
        """There is always more to do than hands to do it."""
        from django.utils import timezone

        from renderer.jobs import line as queue
        from tests.live.steps import ask

        def enough() -> bool:
            for _ in range(LINE - queue.waiting("interactive", timezone.now()).count()):
                ask(self.live, "naps", seconds=NAP, number=next(self.numbers))
            return until()

        self.wait(enough, "the load")

    def open_gate(self, host: str) -> None:
        """Let the job go on that waits at the gate of this host."""
        gate = self.folder / host / "here" / "gate"

        def opens() -> bool:
            try:
                pipe = os.open(gate, os.O_WRONLY | os.O_NONBLOCK)  # an error as long as nobody reads
            except OSError:
                return False
            with os.fdopen(pipe, "wb") as word:
                word.write(b"go")
            return True

        self.wait(opens, f"the job at the gate of {host}")

    def took(self, what: str, since: float) -> None:
        """A line of the table."""
        self.facts.append((what, f"{time.monotonic() - since:.1f} s"))

    def wait(self, condition: Callable[[], Any], what: str) -> None:
        """With the ends of all logs, if it does not come."""
        self.live.wait_for(condition, deadline=PATIENCE, what=what)


def on(host: str) -> str:
    """What the name of a worker on this host contains."""
    return f"@host-{host}#"


def line(what: str, value: str) -> None:
    """One of the table."""
    write(f"  {what:<72}{value:>8}")


def write(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


@contextmanager
def installation(net: Network, folder: Path) -> Iterator[Live]:
    """Host a: PostgreSQL, Redis and the web server. This process is on it, too, as its operator's shell."""
    address = net.add("a")
    net.enter("a")
    own = folder / "a"
    for name in (own / "media", folder / "here"):
        name.mkdir(parents=True)
    postgres = Postgres(address)
    redis = local.Redis(own / "redis", host=address)
    try:
        env = alone.prepare(
            own,
            SECRET_KEY=secrets.token_urlsafe(50),  # each host has a folder of its own, and no other file of it
            DATABASE_URL=postgres.dsn(),
            REDIS_URL=redis.url,
            FIGPRESS_APPS="tests.live.hazards",
            # Above what the story takes: the job that is held up on the host without a network is to come back late.
            FIGPRESS_SOFT_TIME_LIMIT="290",
            FIGPRESS_TIME_LIMIT="300",
        )
        logging.disable(logging.INFO)  # of this process, whose story is to be read
        environment.migrate(env)

        from tests.live.installation import Live

        live = Live(own, env, redis)
        try:
            live.start_web()
            yield live
        finally:
            live.stop()
    finally:
        redis.stop(grace=3)
        postgres.stop()


def main() -> int:
    """The hosts, the story, and the end of the hosts."""
    parser = argparse.ArgumentParser(prog="python -m tests.hosts", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--short", action="store_true", help="fewer jobs")
    options = parser.parse_args()
    options.charts, options.seconds, options.away = (6, 3, 0) if options.short else (40, 20, AWAY)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the hosts are removed
    folder = Path(tempfile.mkdtemp(prefix="figpress-hosts-"))
    try:
        with network() as net, installation(net, folder) as live:
            story = Story(net, live, folder, options)
            for host in "bc":
                net.add(host)
                story.start_worker(host)
            story.say("web server, PostgreSQL and Redis on a; a worker on b, and one on c")
            story.tell()
    except local.LocalError as error:
        write(str(error))
        return 1
    for wrong in story.wrong[:20]:
        write(f"  {wrong}")
    if story.wrong:
        write(f"A promise was broken. Logs: {folder}")
        return 1
    shutil.rmtree(folder)
    write("Nothing was lost, and nothing drawn twice.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
