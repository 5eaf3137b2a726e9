"""make run: one terminal, everything up, Ctrl-C and nothing is left."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from project import local

pytestmark = pytest.mark.live


@pytest.fixture
def env(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A folder and a port of its own. Static files are collected once for all: that takes seconds."""
    static = tmp_path_factory.getbasetemp() / "static"
    others = ("REDIS_URL", "DATABASE_URL", "SECRET_KEY", "DJANGO_SETTINGS_MODULE", "FIGPRESS_EXAMPLES")
    kept = {name: value for name, value in os.environ.items() if name not in others}
    own = {"FIGPRESS_VAR_DIR": str(tmp_path / "var"), "FIGPRESS_STATIC_DIR": str(static)}
    return {**kept, **own, "PORT": str(local.free_port())}


@pytest.fixture
def running(env: dict[str, str], tmp_path: Path) -> Iterator[local.Process]:
    """`make run` that has said its welcome."""
    process = local.Process("run", [sys.executable, "-m", "project.run"], log=tmp_path / "run.log", env=env)
    family: list[psutil.Process] = []
    try:
        process.wait_until(lambda: "Ctrl-C stops everything" in process.output(), deadline=90)
        family = psutil.Process(process.pid).children(recursive=True)
        yield process
    finally:
        process.stop(grace=20)
        _gone, alive = psutil.wait_procs(family, timeout=10)
        for child in alive:  # honcho gives each a session of its own, so they do not go with their parent's group
            child.kill()


def _get(env: dict[str, str], path: str) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{env['PORT']}{path}", timeout=20) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def _manage(env: dict[str, str], *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *command], cwd=local.ROOT, env=env, capture_output=True, text=True, timeout=60
    )


def test_everything_runs_says_so_and_ends(running: local.Process, env: dict[str, str], tmp_path: Path) -> None:
    said = running.output()
    assert f"Figpress is ready: http://127.0.0.1:{env['PORT']}" in said
    assert len(re.findall(r"Sign in as +figpress +with the password +\S{12} ", said)) == 1
    assert _get(env, "/admin/login/")[0] == 200

    var = tmp_path / "var"
    for name in ("secret_key", "redis_url", "redis/redis.conf"):
        assert (var / name).stat().st_mode & 0o077 == 0, f"{name} is for its owner alone"

    def well() -> bool:
        return _manage({**env, "FIGPRESS_EXAMPLES": "1"}, "doctor").returncode == 0

    local.wait_for(well, deadline=40, every=1, what="doctor to find all well")
    second = subprocess.run(
        [sys.executable, "-m", "project.run"], cwd=local.ROOT, env=env, capture_output=True, text=True, timeout=30
    )
    assert second.returncode == 1
    assert f"runs here already: http://127.0.0.1:{env['PORT']}" in second.stderr

    family = psutil.Process(running.pid).children(recursive=True)
    assert len(family) >= 8, "redis, web, worker with two children, beat, and who watches them"
    running.signal(signal.SIGINT)  # Ctrl-C
    _gone, alive = psutil.wait_procs(family, timeout=20)
    assert alive == []
    assert running.wait(20) == 0
    assert not (var / "redis_url").exists()


def test_a_taken_port_is_named_with_the_way_out(env: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", int(env["PORT"]))):
        done = subprocess.run(
            [sys.executable, "-m", "project.run"], cwd=local.ROOT, env=env, capture_output=True, text=True, timeout=30
        )
    assert done.returncode == 1
    assert done.stderr == f"Port {env['PORT']} is taken by another program. Choose one: PORT=8001 make run\n"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP], ids=["SIGTERM", "closed terminal"])
def test_it_ends_as_well_without_a_keyboard(running: local.Process, number: signal.Signals) -> None:
    family = psutil.Process(running.pid).children(recursive=True)
    running.signal(number)
    _gone, alive = psutil.wait_procs(family, timeout=20)
    assert alive == []
    assert running.wait(20) == 0
