"""A PostgreSQL of the tests' own: a cluster in a folder, on a free port of loopback, ended by its own pid."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from project import local

OWNER, PASSWORD = "owner", "not-a-secret"


def binaries() -> Path | None:
    """The folder with initdb and postgres: on PATH, or where Debian puts the newest."""
    found = shutil.which("initdb")
    candidates = [Path(found).resolve().parent] if found else []
    candidates += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: -int(path.parent.name))
    return next(
        (folder for folder in candidates if (folder / "initdb").exists() and (folder / "postgres").exists()), None
    )


@dataclass(frozen=True)
class Postgres:
    """A running server."""

    port: int

    def dsn(self, user: str = OWNER, password: str = PASSWORD, name: str = "postgres") -> str:
        """How somebody connects to a database of it."""
        return f"postgresql://{user}:{password}@{local.LOOPBACK}:{self.port}/{name}"

    def run(self, *statements: str, name: str = "postgres") -> None:
        """Run statements as the superuser, each for itself."""
        with psycopg.connect(self.dsn(name=name), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())


def serve() -> Iterator[Postgres]:
    """Start a server, and end it. PostgreSQL refuses to run as root: then it runs as nobody."""
    tools = binaries()
    if tools is None:
        pytest.skip("PostgreSQL's server is not installed (Debian's package postgresql)")
    as_root = os.getuid() == 0
    if as_root and shutil.which("setpriv") is None:
        pytest.skip("PostgreSQL does not run as root, and there is no setpriv to become somebody else with")
    drop = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if as_root else []
    # Not below pytest's own folders, into which nobody but their owner may look.
    with tempfile.TemporaryDirectory(prefix="figpress-postgres-") as folder:
        home, secret = Path(folder) / "data", Path(folder) / "password"
        home.mkdir(mode=0o700)
        secret.write_text(PASSWORD)
        if as_root:
            for path in (Path(folder), home, secret):
                os.chown(path, 65534, 65534)
        yield from _run(tools, home, secret, drop)


def _run(tools: Path, home: Path, secret: Path, drop: list[str]) -> Iterator[Postgres]:
    env = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}
    initdb = [*drop, str(tools / "initdb"), "--pgdata", str(home), "--username", OWNER, "--pwfile", str(secret)]
    options = ["--auth", "scram-sha-256", "--encoding", "UTF8", "--no-sync"]
    made = subprocess.run(
        [*initdb, *options], env=env, capture_output=True, text=True, timeout=120, cwd=home, check=False
    )
    assert made.returncode == 0, made.stderr
    port = local.free_port()
    command = [*drop, str(tools / "postgres"), "-D", str(home), "-p", str(port), "-h", local.LOOPBACK, "-k", ""]
    # Nothing of it outlives the tests: no need to wait for the disk.
    command += ["-c", "fsync=off", "-c", "max_connections=20", "-c", "shared_buffers=16MB"]
    with (home.parent / "log").open("wb") as log:
        server = subprocess.Popen(command, env=env, stdout=log, stderr=log, cwd=home)
    try:
        started = Postgres(port)

        def answers() -> bool:
            if server.poll() is not None:
                raise RuntimeError((home.parent / "log").read_text()[-2000:])
            try:
                psycopg.connect(started.dsn(), connect_timeout=5).close()
            except psycopg.OperationalError:
                return False
            return True

        local.wait_for(answers, deadline=60, what="PostgreSQL")
        yield started
    finally:
        server.send_signal(2)  # fast shutdown: it ends the sessions that are open
        server.wait(timeout=30)
