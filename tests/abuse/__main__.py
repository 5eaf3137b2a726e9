"""Abuse: the whole of tests/abuse.jsonl, sent over HTTP to an installation with real processes; and what came of it.

    make abuse                                        # all cases, one after the other, an ordinary chart after each
    make abuse ARGS="--short"                         # what CI runs: some of each group, several at a time
    make abuse ARGS="--only rate-002,http-002"        # these

Ends with 1 if a case is answered with 5xx, is stuck, or comes to anything but what is expected of it or another safe
end; if the ordinary chart after it is not drawn; if a worker is not the one that it was, or a secret stands in a log.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sqlite3
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from tests.abuse.stage import Stage
    from tests.abuse.tries import Try, Verdict
    from tests.live.installation import Live
    from tests.postgres import Postgres

CORPUS = Path(__file__).parents[1] / "abuse.jsonl"
ELSEWHERE = {"url-023": "takes a name server of its own: tests/unit/data/test_fetch.py"}
SAMPLE = 4
"""So many cases of each group are in the short run."""
THREADS = 4
PASSED = ("expected", "other but safe")
GROUPS = {
    "json": "documents", "text": "texts", "svg": "vector pictures", "size": "sizes", "ticks": "ticks", "data": "data",
    "style": "styles", "format": "formats", "func": "figure functions", "upload": "uploads", "url": "URLs",
    "sql": "databases", "storage": "files", "authz": "rights", "token": "tokens", "share": "share links",
    "login": "signing in", "csrf": "other sites", "rate": "floods", "worker": "workers", "log": "logs",
    "cache": "content keys", "webhook": "webhooks", "schedule": "schedules", "deploy": "settings", "ui": "pages",
    "http": "connections",
}  # fmt: skip


class Result(NamedTuple):
    """What came of a case: the worst of its tries."""

    case: str
    kind: str
    says: str
    seconds: float


class Heaviest:
    """The most memory that one process of ours had, looked at all the time."""

    def __init__(self, live: Live) -> None:
        self.live = live
        self.over = threading.Event()
        self.most = 0

    @contextmanager
    def watched(self) -> Iterator[None]:
        thread = threading.Thread(target=self._watch, daemon=True)
        thread.start()
        try:
            yield
        finally:
            self.over.set()
            thread.join()

    def taken(self) -> int:
        """Megabytes since the last time that somebody asked."""
        most, self.most = self.most, 0
        return most

    def _watch(self) -> None:
        while not self.over.wait(0.2):
            for process in list(self.live.processes):
                for pid in (process.pid, *_children(process.pid)):
                    self.most = max(self.most, _megabytes(pid))


def _children(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:  # it has ended in this moment
        return []


def _megabytes(pid: int) -> int:
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE") >> 20


def corpus() -> list[dict[str, str]]:
    """The cases, in order."""
    return [json.loads(line) for line in CORPUS.read_text(encoding="utf-8").splitlines()]


def chosen(options: argparse.Namespace) -> list[str]:
    """The names of the cases that are run."""
    from tests.abuse.scenes import LONG

    names = [case["id"] for case in corpus()]
    if options.only:
        wanted: list[str] = options.only.split(",")
        if unknown := set(wanted) - set(names):
            sys.exit(f"no case {sorted(unknown)[0]!r} in {CORPUS}")
        return wanted
    if not options.short:
        return names
    taken: Counter[str] = Counter()
    found = []
    for name in names:
        group = name.partition("-")[0]
        if name not in LONG | ELSEWHERE.keys() | {"size-027", "data-026"} and taken[group] < SAMPLE:
            taken[group] += 1
            found.append(name)
    return found


class Run:
    """The cases of a run, and what came of them."""

    def __init__(self, stage: Stage, names: Sequence[str], tries: Sequence[Try], *, threads: int) -> None:
        from tests.abuse.scenes import SCENES

        self.stage, self.names, self.threads = stage, names, threads
        self.tries: dict[str, list[Try]] = {}
        for sent in tries:
            self.tries.setdefault(sent.case, []).append(sent)
        self.scenes = SCENES
        self.played: dict[Callable[[Stage], None], Verdict] = {}

    def group(self, name: str) -> list[Result]:
        """All chosen cases of a group; after each, or after all of them where several run at a time, an ordinary
        chart."""
        mine = [case for case in self.names if case.partition("-")[0] == name]
        if self.threads == 1:
            return [self._and_then(self.case(case)) for case in mine]
        plain = [case for case in mine if case not in self.scenes]
        with ThreadPoolExecutor(self.threads) as threads:
            found = list(threads.map(self._one, plain))
        found += [self.case(case) for case in mine if case in self.scenes]
        return [*found[:-1], self._and_then(found[-1])] if found else []

    def _one(self, name: str) -> Result:
        from django.db import connections

        try:
            return self.case(name)
        finally:
            connections.close_all()

    def case(self, name: str) -> Result:
        """One case."""
        from tests.abuse.tries import send

        begun = time.monotonic()
        if name in ELSEWHERE:
            return Result(name, "elsewhere", ELSEWHERE[name], 0.0)
        verdicts = [send(self.stage.live, sent) for sent in self.tries.get(name, ())]
        if play := self.scenes.get(name):
            verdicts.append(self._play(play))
        if not verdicts:
            return Result(name, "left out", "PostgreSQL's server is not installed", 0.0)
        order = ("5xx", "stuck", "missed", "other but safe", "expected")
        worst = min(verdicts, key=lambda verdict: order.index(verdict.kind))
        return Result(name, worst.kind, worst.says, time.monotonic() - begun)

    def _play(self, play: Callable[[Stage], None]) -> Verdict:
        from tests.abuse.stage import Broken
        from tests.abuse.tries import ERROR, EXPECTED, MISSED, STUCK, Verdict

        if play not in self.played:
            try:
                play(self.stage)
            except Broken as error:
                verdict = Verdict(ERROR, str(error))
            except TimeoutError as error:
                verdict = Verdict(STUCK, str(error))
            except Exception as error:  # noqa: BLE001 - whatever it is, it is told in the table, and the run goes on
                verdict = Verdict(MISSED, f"{type(error).__name__} {error}" if str(error) else _where(error))
            else:
                verdict = Verdict(EXPECTED)
            self.played[play] = verdict
        return self.played[play]

    def _and_then(self, result: Result) -> Result:
        after = self._ordinary(result.case)
        return (
            result if after is None or result.kind not in PASSED else result._replace(kind=after.kind, says=after.says)
        )

    def _ordinary(self, case: str) -> Verdict | None:
        from tests.abuse.tries import ERROR, STUCK, Verdict

        try:
            self.stage.draw(title=f"After {case}")
        except TimeoutError as error:
            return Verdict(STUCK, f"the ordinary chart after it: {error}")
        except Exception as error:  # noqa: BLE001 - as above
            return Verdict(ERROR, f"the ordinary chart after it: {error}")
        return None


def _where(error: BaseException) -> str:
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return f"{type(error).__name__} in line {trace.tb_lineno} of {trace.tb_frame.f_code.co_name}" if trace else ""


HEAD = (
    f"{'group':<18}{'cases':>6}{'expected':>10}{'safe':>6}{'5xx':>5}{'stuck':>7}{'missed':>8}"
    f"{'slowest':>9}  {'':<13}{'memory':>7}"
)


def line(title: str, results: Sequence[Result], megabytes: int) -> str:
    """A group in one line."""
    count = Counter(result.kind for result in results)
    slowest = max(results, key=lambda result: result.seconds)
    numbers = [count["expected"], count["other but safe"], count["5xx"], count["stuck"], count["missed"]]
    cells = "".join(f"{number or '·':>{width}}" for number, width in zip(numbers, (10, 6, 5, 7, 8), strict=True))
    return f"{title:<18}{len(results):>6}{cells}{slowest.seconds:>7.1f} s  {slowest.case:<13}{megabytes:>4} MB"


def run(options: argparse.Namespace, live: Live, postgres: Postgres | None, folder: Path) -> bool:
    """Start the processes, play all groups, and print the table. Returns whether everything held."""
    from django.contrib.auth.models import Permission

    from tests.abuse import bodies, outside
    from tests.abuse.stage import Stage
    from tests.web_servers import Server, answer

    with closing(sqlite3.connect(folder / "shop.sqlite3")) as connection, connection:
        connection.execute("CREATE TABLE sales (day TEXT, sold REAL)")
        connection.execute("INSERT INTO sales VALUES ('Mon', 3), ('Tue', 5)")
    databases: dict[str, Any] = {"shop": {"dsn": f"sqlite:///{folder}/shop.sqlite3", "timeout": 2}}
    if postgres is not None:
        postgres.run("CREATE ROLE abuse_reader LOGIN PASSWORD 'not-a-secret'")
        databases["warehouse"] = {"dsn": postgres.dsn("abuse_reader"), "timeout": 2}
        databases["wrong"] = postgres.dsn("abuse_reader").replace("abuse_reader", "abuse_nobody:hunter2")
    names = chosen(options)
    with Server(answer()) as server, Server(answer()) as scenes_server:
        server.script = outside.misleading(server)
        env: dict[str, Any] = {
            "FIGPRESS_APPS": "tests.live.hazards",
            "FIGPRESS_DATABASES": json.dumps(databases),
            "FIGPRESS_DATASETS": "40",
            "FIGPRESS_FETCH_INTERNAL": f"127.0.0.1:{server.port},127.0.0.1:{scenes_server.port}",
            "FIGPRESS_MAX_WAITING": "100" if options.short else "2000",
            "FIGPRESS_RATE_TOKEN": "900",
            "FIGPRESS_SOFT_TIME_LIMIT": "30",
            "FIGPRESS_TIME_LIMIT": "35",
            "LOG_FORMAT": "json",
            "DJANGO_SETTINGS_MODULE": "tests.abuse.settings",
            "HAZARDS_FULL": str(folder / "full"),
        }
        worker = live.start_worker(concurrency=2, **env)
        live.start_web(**env)
        live.user().user_permissions.add(Permission.objects.get(codename="write_sql"))
        live.call("GET", "/api/v1/charts")  # makes the token, before there are threads
        stage = Stage(live, scenes_server, folder, env, full=not options.short)
        made = (
            bodies.documents, bodies.texts, bodies.vectors, bodies.sizes, bodies.ticks, bodies.rows, bodies.styles,
            bodies.formats, outside.uploads,
        )  # fmt: skip
        tries = [sent for make in made for sent in make()] + outside.addresses(server)
        tries += [sent for sent in outside.queries() if postgres is not None or not outside.needs_postgres(sent)]
        played = Run(stage, names, tries, threads=THREADS if options.short else 1)
        missing = {case["id"] for case in corpus()} - {*played.tries, *played.scenes, *ELSEWHERE}
        assert postgres is None or not missing, f"nothing is known of {sorted(missing)}"

        cases = f"{len(names)} of the {len(corpus())} cases of {CORPUS.name}"
        say(f"{cases}, against a web server, Redis and 2 processes that draw")
        say("")
        say(HEAD)
        results: list[Result] = []
        heaviest = Heaviest(live)
        begun = time.monotonic()
        with heaviest.watched():
            for group, title in GROUPS.items():
                if found := played.group(group):
                    results += found
                    say(line(title, found, heaviest.taken()))
        say("-" * len(HEAD))
        say(line("all", results, 0).removesuffix("   0 MB"))
        return told(results, live, worker, time.monotonic() - begun)


def told(results: Sequence[Result], live: Live, worker: Any, seconds: float) -> bool:
    """What is to be said below the table. Returns whether everything held."""
    say("")
    for result in results:
        if result.kind != "expected":
            say(f"{result.case:<14}{result.kind}: {' '.join(result.says.split())[:220]}")
    wrong = []
    if live.workers != [worker] or not worker.is_running:
        wrong.append("the worker is not the one that it was")
    logs = "".join(process.output() for process in live.processes)
    hidden = ("hunter2", "hush", "secret banner", "root:x:")
    wrong += [f"{secret!r} stands in a log" for secret in hidden if secret in logs]
    wrong += _unsound(live)
    for line_ in wrong:
        say(line_)
    say("")
    bad = [result for result in results if result.kind in ("5xx", "stuck", "missed")]
    if bad or wrong:
        say(f"{len(bad)} of {len(results)} cases came to something else, in {seconds:.0f} s.")
        return False
    say(f"No 5xx, no stuck job, and an ordinary chart after each: {len(results)} cases in {seconds:.0f} s.")
    return True


def _unsound(live: Live) -> list[str]:
    from project import local
    from tests.live.steps import unsound

    try:
        local.wait_for(lambda: not unsound(live), deadline=20, every=0.5)
    except TimeoutError:
        return unsound(live)[:10]
    return []


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main() -> int:
    """An installation of its own, and its end."""
    parser = argparse.ArgumentParser(prog="python -m tests.abuse", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--short", action="store_true", help="some cases of each group, several at a time")
    parser.add_argument("--only", default="", metavar="CASES", help="these cases, with commas")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="figpress-abuse-"))

    from project import local
    from tests import alone
    from tests.live import environment as environments

    redis = local.Redis(folder / "redis")
    env = alone.prepare(folder, REDIS_URL=redis.url)

    from tests.live.installation import Live
    from tests.postgres import Postgres

    live = Live(folder, env, redis)
    with ExitStack() as ends:
        ends.callback(live.stop)
        postgres: Postgres | None = None
        try:
            postgres = Postgres()
            ends.callback(postgres.stop)
        except local.LocalError as error:
            say(f"Left out: databases. {error}")
        environments.migrate(env)
        held = run(options, live, postgres, folder)
    if held:
        shutil.rmtree(folder)
    else:
        say(f"Logs and database: {folder}")
    return not held


if __name__ == "__main__":
    sys.exit(main())
