"""A whole installation for one test: its own folder, database, Redis and processes, ended by their own pids."""

from __future__ import annotations

import json
import shutil
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.db import connections
from django.db.utils import load_backend
from environs import Env
from pytest_django import DjangoDbBlocker

from project import local
from project.celery import app as celery_app
from renderer.models import ApiToken
from renderer.models.access import Scope


@dataclass(frozen=True)
class Answer:
    """What the web server said."""

    status: int
    headers: Message
    body: bytes

    def json(self) -> Any:
        """The body, read as JSON."""
        return json.loads(self.body)


@dataclass
class Live:
    """One installation. The test's own process uses the same database, files and broker as the processes it starts."""

    folder: Path
    env: dict[str, str]
    redis: local.Redis
    web: local.Process | None = None
    web_url: str = ""
    token: str = ""
    processes: list[local.Process] = field(default_factory=list)
    workers: list[local.Process] = field(default_factory=list)

    def start(self, name: str, command: list[str], **env: str) -> local.Process:
        """Start any process of ours in this installation; it ends with the test."""
        log = self.folder / "log" / f"{name}-{len(self.processes) + 1}.log"
        process = local.Process(name, command, log=log, env=self.env | env)
        self.processes.append(process)
        return process

    def start_worker(
        self, *options: str, concurrency: int = 2, queues: str = "", wait: bool = True, **env: Any
    ) -> local.Process:
        """Start a worker, for all queues or for these, with more of Celery's options, and wait until it takes work."""
        name = f"test{len(self.processes)}@localhost"
        env = {"WORKER_NAME": name, "WORKER_CONCURRENCY": str(concurrency), "WORKER_QUEUES": queues, **env}
        shell, flag, line = local.command("worker")
        worker = self.start("worker", [shell, flag, " ".join([line, *options])], **env)
        if wait:
            worker.wait_until(lambda: f"{name} ready" in worker.output(), deadline=60)
        self.workers.append(worker)
        return worker

    def kill_worker(self, worker: local.Process | None = None) -> None:
        """SIGKILL for a worker and its children, at once. Without one: the one started last."""
        worker = worker or self.workers[-1]
        worker.kill()
        self.workers.remove(worker)

    def stop_worker(self, worker: local.Process | None = None, *, grace: float = 30) -> int:
        """SIGTERM for a worker: it ends what it is drawing. Returns what it ended with."""
        worker = worker or self.workers[-1]
        self.workers.remove(worker)
        return worker.stop(grace=grace)

    def start_web(self, **env: str) -> str:
        """Start the web server, and wait until it answers. Returns its address."""
        port = local.free_port()
        self.web = self.start("web", local.command("web"), PORT=str(port), **env)
        self.web.wait_until(lambda: local.is_listening(port), deadline=60)
        self.web_url = f"http://{local.LOOPBACK}:{port}"
        return self.web_url

    def start_beat(self, **env: str) -> local.Process:
        """Start the ticker of the schedules."""
        beat = self.start("beat", local.command("beat"), **env)
        beat.wait_until(lambda: "beat: Starting" in beat.output(), deadline=60)
        return beat

    def restart_redis(self, *, keep: bool = True) -> None:
        """Kill Redis and start it again at the same address; with keep=False it comes back empty."""
        self.redis.kill()
        if not keep:
            shutil.rmtree(self.redis.folder / "appendonlydir", ignore_errors=True)
            (self.redis.folder / "appendonly.aof").unlink(missing_ok=True)
        self.redis = local.Redis(self.redis.folder, port=self.redis.port, password=self.redis.password)

    def user(self, name: str = "ada", **fields: Any) -> User:
        """This user; made at the first ask."""
        return User.objects.get_or_create(username=name, defaults={"email": f"{name}@example.org", **fields})[0]

    def call(
        self, method: str, path: str, body: Any = None, *, headers: dict[str, str] | None = None, timeout: float = 40
    ) -> Answer:
        """Ask the web server, with a token of the user 'ada'. Any status is an answer."""
        if not self.token:
            self.token = ApiToken.issue(self.user(), "live test", scopes=Scope.values)[1]
        request = urllib.request.Request(
            path if path.startswith("http") else self.web_url + path,
            method=method,
            data=body if isinstance(body, bytes) or body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json", "Authorization": f"Bearer {self.token}", **(headers or {})},
        )
        try:
            with urllib.request.urlopen(request, timeout=timeout) as answer:
                return Answer(answer.status, answer.headers, answer.read())
        except urllib.error.HTTPError as answer:
            with answer:
                return Answer(answer.code, answer.headers, answer.read())

    def wait_for(self, condition: Callable[[], Any], *, deadline: float = 30, what: str = "the condition") -> Any:
        """Like the fixture of this name, and with the ends of all logs in the error."""
        try:
            return local.wait_for(condition, deadline=deadline, what=what)
        except TimeoutError as error:
            logs = "\n".join(f"--- {p.log.name} (pid {p.pid})\n{p.output()[-3000:]}" for p in self.processes)
            raise TimeoutError(f"{error}\n{logs}") from None

    def stop(self) -> None:
        """End all that was started, the newest first, and Redis last."""
        for process in reversed(self.processes):
            process.stop(grace=5)
        self.redis.stop(grace=3)


@contextmanager
def database(address: str, blocker: DjangoDbBlocker) -> Iterator[None]:
    """Let this process use that database, as the processes of the installation do.

    A connection of its own, and not the test database's with another name: that one may live in memory, and would
    lose its tables when it is closed.
    """
    tests = connections.settings["default"]
    tables = {**tests, **Env().dj_db_url("NO_SUCH_VARIABLE", default=address)}
    if tables["ENGINE"] != tests["ENGINE"]:
        tables["OPTIONS"] = {}
    ours = load_backend(tables["ENGINE"]).DatabaseWrapper(tables, "default")
    with blocker.unblock():
        before = connections["default"]
        connections["default"] = ours
        try:
            yield
        finally:
            ours.close()
            connections["default"] = before


@contextmanager
def broker(url: str) -> Iterator[None]:
    """Let this process publish to that broker."""
    app: Any = celery_app  # its types know neither the settings' setters nor the pool's methods
    before = app.conf.broker_url
    try:
        app.conf.broker_url = url
        app._after_fork()  # forgets the connections to another broker; the app has no public name for it
        yield
    finally:
        app.pool.force_close_all()
        app.conf.broker_url = before
        app._after_fork()
