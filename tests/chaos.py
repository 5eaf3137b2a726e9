"""Chaos: jobs are asked for while workers and Redis are killed at random; in the end every one has its picture.

    make chaos                                                     # 2,000 jobs, two minutes of blows
    python -m tests.chaos --jobs 60 --seconds 10 --blows 3 --seed 1

A seed gives the same blows at the same moments. Ends with 1 if a job was lost, doubled or stuck, if a picture is bad,
or if a file is left that no row names.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from project import local
    from tests.live.installation import Live

WORKERS = 2
FORMATS = ("png", "webp", "svg", "pdf")
PATIENCE = 120
"""After the last blow, jobs are stuck when none has ended for so many seconds: a lost worker takes 9, a lost attempt
30, an emptied broker 60. How long all of them take depends on the machine."""


class Blows:
    """What is done to an installation. Whatever is killed is started again; whatever is stopped goes on later."""

    def __init__(self, live: Live, choice: random.Random) -> None:
        self.live = live
        self.choice = choice
        self.dealt: Counter[str] = Counter()
        self.timers: list[threading.Timer] = []
        self.going: list[local.Process] = []
        self.kinds: dict[str, Callable[[], None]] = {
            "worker killed": self.kill_worker,
            "child killed": self.kill_child,
            "broker killed": self.restart_broker,
            "worker asked to go": self.stop_worker,
            "broker emptied": self.empty_broker,
            "broker hangs": self.hang_broker,
            "worker stands still": self.halt_worker,
            "worker asked to go, and killed": self.stop_and_kill_worker,
        }
        self.next: list[str] = []

    def deal(self) -> str:
        """One more; every kind comes before one comes again."""
        if not self.next:
            self.next = list(self.kinds)
            self.choice.shuffle(self.next)
        kind = self.next.pop()
        self.kinds[kind]()
        self.dealt[kind] += 1
        return kind

    def start_workers(self) -> None:
        """As a supervisor does: as many as there should be."""
        alive = [worker for worker in self.live.workers if worker.is_running and worker not in self.going]
        for _ in range(WORKERS - len(alive)):
            self.live.start_worker(wait=False)

    def a_worker(self) -> local.Process:
        return self.choice.choice([worker for worker in self.live.workers if worker.is_running])

    def kill_worker(self) -> None:
        self.live.kill_worker(self.a_worker())

    def kill_child(self) -> None:
        from tests.live.steps import children

        if pids := children(self.a_worker().pid):
            os.kill(self.choice.choice(pids), signal.SIGKILL)

    def stop_worker(self) -> None:
        worker = self.a_worker()
        self.going.append(worker)
        worker.signal(signal.SIGTERM)

    def stop_and_kill_worker(self) -> None:
        worker = self.a_worker()
        worker.signal(signal.SIGTERM)
        self.later(0.3, worker.kill)
        self.going.append(worker)

    def halt_worker(self) -> None:
        worker = self.a_worker()
        worker.signal(signal.SIGSTOP)
        self.later(12, lambda: worker.signal(signal.SIGCONT))

    def restart_broker(self) -> None:
        self.live.restart_redis()

    def empty_broker(self) -> None:
        self.live.restart_redis(keep=False)

    def hang_broker(self) -> None:
        broker = self.live.redis
        broker.signal(signal.SIGSTOP)
        self.later(3, lambda: broker.signal(signal.SIGCONT))

    def later(self, seconds: float, act: Callable[[], object]) -> None:
        timer = threading.Timer(seconds, act)
        timer.start()
        self.timers.append(timer)

    def end(self) -> None:
        """No more of it: what stands still goes on."""
        for timer in self.timers:
            timer.join()


def run(options: argparse.Namespace, live: Live) -> bool:
    """Ask, deal blows, wait, and judge. Returns whether the promises held."""
    from django.utils import timezone

    from project import local
    from renderer.models import Attempt, RenderJob
    from renderer.models.job import ACTIVE, Status
    from tests.live.steps import ask_spec, unsound

    choice = random.Random(options.seed)
    blows = Blows(live, choice)
    moments = sorted(choice.uniform(0.05, 0.95) * options.seconds for _ in range(options.blows))
    for _ in range(WORKERS):
        live.start_worker()
    say(f"seed {options.seed}: {options.jobs} jobs and {options.blows} blows in {options.seconds} s, {WORKERS} workers")
    start, asked = time.monotonic(), 0
    while asked < options.jobs or moments:
        passed = time.monotonic() - start
        if moments and passed >= moments[0]:
            moments.pop(0)
            say(f"{passed:6.1f} s  {blows.deal()}")
        blows.start_workers()
        if asked < options.jobs and passed >= asked * 0.9 * options.seconds / options.jobs:
            ask_spec(live, f"Chart {asked}", FORMATS if asked % 3 == 0 else None)
            asked += 1
        else:
            time.sleep(0.01)
    blows.end()
    blows.start_workers()
    active = RenderJob.objects.filter(status__in=ACTIVE)
    end = timezone.now()
    stuck, wrong = 0, []
    try:
        while left := active.count():
            local.wait_for(lambda: active.count() != left, deadline=PATIENCE, every=0.2)
        local.wait_for(lambda: not unsound(live), deadline=10, every=0.5)  # files go after the commit
    except TimeoutError:
        stuck, wrong = active.count(), unsound(live)
    drawn = RenderJob.objects.filter(status=Status.SUCCEEDED).count()
    verdict = {
        "lost": options.jobs - drawn - stuck,
        "doubled": sum("won" in line or "rows" in line for line in wrong),
        "stuck": stuck,
        "orphan files": sum("orphan" in line for line in wrong),
        "bad or lost pictures": sum("bad" in line or "lost file" in line or "chart" in line for line in wrong),
    }
    say("")
    for kind, times in sorted(blows.dealt.items()):
        say(f"  {kind:<32}{times:>6}")
    say(f"  {'-' * 38}")
    say(f"  {'asked':<32}{options.jobs:>6}")
    say(f"  {'drawn':<32}{drawn:>6}")
    say(f"  {'attempts that were lost':<32}{Attempt.objects.filter(outcome='worker lost').count():>6}")
    say(f"  {'attempts that were given back':<32}{Attempt.objects.filter(outcome='given back').count():>6}")
    say(f"  {'seconds until the last ended':<32}{(timezone.now() - end).total_seconds():>6.0f}")
    for what, count in verdict.items():
        say(f"  {what:<32}{count:>6}")
    for line in wrong[:20]:
        say(f"  {line}")
    for job in RenderJob.objects.exclude(status=Status.SUCCEEDED)[:20]:
        say(f"  {job.pk} {job.status} {job.reason} {[str(a.outcome) for a in job.attempts.all()]}")
    return not any(verdict.values())


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> int:
    """An installation of its own, and its end."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--jobs", type=int, default=2000)
    parser.add_argument("--seconds", type=int, default=120)
    parser.add_argument("--blows", type=int, default=32)
    parser.add_argument("--seed", type=int, default=random.randrange(1000))
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="figpress-chaos-"))

    from project import local
    from tests import alone
    from tests.live import environment as environments

    redis = local.Redis(folder / "redis")
    env = alone.prepare(folder, REDIS_URL=redis.url)

    from tests.live.installation import Live

    live = Live(folder, env, redis)
    try:
        environments.migrate(env)
        held = run(options, live)
    finally:
        live.stop()
    if held:
        shutil.rmtree(folder)
        say("All promises held.")
    else:
        say(f"A promise was broken. Logs and database: {folder}")
    return not held


if __name__ == "__main__":
    sys.exit(main())
