"""A PostgreSQL of the tests' own, and the suite once more on it.

python -m tests.postgres                        # every test that uses the database, without a browser
python -m tests.postgres --all                  # these and those in a browser
python -m tests.postgres tests/unit/jobs -x     # or any of it: these are pytest's arguments

Tests with real processes make their installations themselves, with SQLite or, where that is what they are about, with a
PostgreSQL of their own.
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

ALL = ("--database", "-m", "not live")
SUITE = ("--database", "-m", "not live and not browser")
OWNER, PASSWORD = "owner", "not-a-secret"
# What is in it need not outlive the machine; but a server that is killed keeps what was committed.
OPTIONS = {
    "fsync": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_connections": "60",
    "shared_buffers": "32MB",
}


def find_programs() -> Path | None:
    """The folder of initdb and postgres: on PATH, or where Debian puts the newest."""
    found = shutil.which("initdb")
    folders = [Path(found).resolve().parent] if found else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: -float(path.parent.name))
    return next(
        (folder for folder in folders if all((folder / name).exists() for name in ("initdb", "postgres"))), None
    )


class Postgres:
    """A server on loopback, or at another address of this machine, with a folder of its own, that asks for passwords.

    Raises LocalError where PostgreSQL is not installed.
    """

    def __init__(self, host: str = local.LOOPBACK) -> None:
        self.host = host
        programs = find_programs()
        if programs is None:
            raise local.LocalError("PostgreSQL's server is not installed (for example: apt-get install postgresql)")
        self._programs = programs
        self._as_user: list[str] = []
        self.port = local.free_port()
        # Not below pytest's own folders, into which nobody but their owner may look.
        self.folder = Path(tempfile.mkdtemp(prefix="figpress-postgres-"))
        secret = self.folder / "password"
        secret.write_text(PASSWORD)
        if os.geteuid() == 0:  # it refuses to run as root
            if shutil.which("setpriv") is None:
                raise local.LocalError("PostgreSQL does not run as root, and setpriv, to be somebody else, is missing")
            nobody = pwd.getpwnam("nobody")
            self._as_user = ["setpriv", f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups"]
            for path in (self.folder, secret):
                os.chown(path, nobody.pw_uid, nobody.pw_gid)
        options = ["--no-sync", "--encoding=UTF8", "--locale=C.UTF-8", f"--username={OWNER}"]
        secure = ["--auth=scram-sha-256", f"--pwfile={secret}"]
        subprocess.run(
            [*self._as_user, str(programs / "initdb"), *options, *secure, str(self.folder / "data")],
            check=True, capture_output=True, cwd=self.folder, timeout=120,
        )  # fmt: skip
        with (self.folder / "data" / "pg_hba.conf").open("a") as rules:
            rules.write("host all all samenet scram-sha-256\n")  # its neighbours, where it listens to them
        self.start()

    def start(self) -> None:
        """Start it, at the same port as before, and wait until it answers."""
        settings = OPTIONS | {"listen_addresses": self.host, "port": str(self.port), "unix_socket_directories": ""}
        self.process = local.Process(
            "PostgreSQL",
            [*self._as_user, str(self._programs / "postgres"), "-D", str(self.folder / "data"),
             *(f"--{name}={value}" for name, value in settings.items())],
            log=self.folder / "log" / "postgres.log", env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
            cwd=self.folder,
        )  # fmt: skip
        self.process.wait_until(self._answers, deadline=60)

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.dsn(), connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def dsn(self, user: str = OWNER, password: str = PASSWORD, name: str = "postgres") -> str:
        """How somebody connects to a database of it; also as DATABASE_URL."""
        return f"postgresql://{user}:{password}@{self.host}:{self.port}/{name}"

    def run(self, *statements: str, name: str = "postgres") -> None:
        """Run statements as the superuser, each for itself."""
        with psycopg.connect(self.dsn(name=name), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())

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
        # The settings are named, for `project` has set the environment for an installation.
        chosen = ALL if arguments == ["--all"] else arguments or SUITE
        command = [sys.executable, "-m", "pytest", "-n", "auto", "-q", "--ds=tests.settings", *chosen]
        env = {**os.environ, "DATABASE_URL": server.dsn()}
        return subprocess.run(command, env=env, check=False).returncode
    finally:
        server.stop()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
