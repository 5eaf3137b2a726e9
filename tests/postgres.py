"""A PostgreSQL of the tests' own: the fixture ``postgres``, and a part of the suite once more on it.

python -m tests.postgres                        # what is about rows: jobs, the API, the models
python -m tests.postgres tests/unit/jobs -x     # or any of it: these are pytest's arguments
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg

from project import local

SUITE = ("tests/unit/jobs", "tests/unit/workers", "tests/unit/commands", "tests/api")
USER = "figpress"
# What is in it need not outlive the machine; but a server that is killed keeps what was committed.
OPTIONS = {"fsync": "off", "full_page_writes": "off", "max_connections": "60"}


def find_programs() -> Path | None:
    """The folder of ``initdb`` and ``postgres``, the newest where there is more than one."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    return debian[-1].parent if debian else None


class Postgres:
    """A server on loopback with a folder of its own. Raises LocalError where PostgreSQL is not installed."""

    def __init__(self) -> None:
        programs = find_programs()
        if programs is None:
            raise local.LocalError("PostgreSQL is not installed (for example: apt-get install postgresql)")
        self._programs = programs
        self.port = local.free_port()
        self.folder = Path(tempfile.mkdtemp(prefix="figpress-postgres-"))
        self._as_user: list[str] = []
        if os.geteuid() == 0:  # it refuses to run as root
            user = self._unprivileged()
            os.chown(self.folder, user.pw_uid, user.pw_gid)
            self._as_user = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
        data = self.folder / "data"
        options = ["--auth=trust", "--no-sync", f"--username={USER}", "--encoding=UTF8", "--locale=C.UTF-8"]
        subprocess.run(
            [*self._as_user, str(programs / "initdb"), *options, str(data)],
            check=True, capture_output=True, cwd=self.folder, timeout=60,
        )  # fmt: skip
        self.start()

    @staticmethod
    def _unprivileged() -> pwd.struct_passwd:
        try:
            return pwd.getpwnam("postgres")
        except KeyError:
            return pwd.getpwnam("nobody")

    def start(self) -> None:
        """Start it, at the same port as before, and wait until it answers."""
        settings = OPTIONS | {"listen_addresses": local.LOOPBACK, "port": str(self.port), "unix_socket_directories": ""}
        self.process = local.Process(
            "PostgreSQL",
            [*self._as_user, str(self._programs / "postgres"), "-D", str(self.folder / "data"),
             *(f"--{name}={value}" for name, value in settings.items())],
            log=self.folder / "log" / "postgres.log", cwd=self.folder,
        )  # fmt: skip
        self.process.wait_until(self._answers)

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url("postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def url(self, database: str) -> str:
        """The address of one of its databases, as in DATABASE_URL."""
        return f"postgres://{USER}@{local.LOOPBACK}:{self.port}/{database}"

    def create(self, database: str) -> str:
        """Make an empty database. Returns its address."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{database}"')
        return self.url(database)

    def kill(self) -> None:
        """SIGKILL, as when its machine goes. It keeps what was committed: ``start`` recovers it."""
        self.process.kill()

    def stop(self) -> None:
        """End it, and remove its folder."""
        self.process.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


def main(arguments: list[str]) -> int:
    """Run pytest on a PostgreSQL of its own."""
    try:
        server = Postgres()
    except local.LocalError as error:
        sys.stdout.write(f"Left out, the tests on PostgreSQL: {error}\n")
        return 0
    try:
        # Named, for `project` has set the environment for the installation.
        command = [sys.executable, "-m", "pytest", "-n", "auto", "-q", "--ds=tests.settings", *(arguments or SUITE)]
        env = {**os.environ, "DATABASE_URL": server.url("postgres")}
        return subprocess.run(command, env=env, check=False).returncode
    finally:
        server.stop()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
