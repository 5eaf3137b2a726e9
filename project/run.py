"""``make run``: everything on this machine, in one terminal, until Ctrl-C.

Prepares what is missing (secret key, tables, static files, typeface), then hands the Procfile to honcho. Who signs in
and what there is to see at the first start is said by ``project.welcome``, once the web server answers.
"""

from __future__ import annotations

import fcntl
import logging
import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from project import local


def main() -> int:
    """Run until stopped. Returns the exit status: 0 after Ctrl-C."""
    var = Path(os.environ.get("FIGPRESS_VAR_DIR", local.ROOT / "var")).resolve()
    host, port = os.environ.get("HOST", local.LOOPBACK), int(os.environ.get("PORT", "8000"))
    try:
        with _only_one(var, f"http://{host}:{port}"):
            if local.is_listening(port, host):
                raise local.LocalError(f"Port {port} is taken by another program. Choose one: PORT=8001 make run")
            env = local.environment(var, HOST=host, PORT=str(port), **_defaults(var))
            with _redis(var, env):
                prepare(env)
                return _run(env)
    except local.LocalError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:  # before everything was up
        return 130


def prepare(env: dict[str, str]) -> None:
    """Bring an installation up to date: tables, static files, typeface. Quick where nothing is to be done."""
    local.secret_key(Path(env["FIGPRESS_VAR_DIR"]))
    os.environ.update(env)
    import django

    django.setup()
    logging.disable(logging.INFO)
    from django.core.management import call_command

    from renderer.drawing import fonts

    call_command("migrate", verbosity=0)
    _collect_static_files()
    fonts.install(Path(env[fonts.ENVIRONMENT]))
    logging.disable(logging.NOTSET)


def _collect_static_files() -> None:
    """Collect and compress them, which takes seconds, unless they are as they were the last time."""
    from django.conf import settings
    from django.contrib.staticfiles.finders import get_finders
    from django.core.management import call_command

    sources = sorted(storage.path(name) for finder in get_finders() for name, storage in finder.list([]))
    states = [(path, Path(path).stat()) for path in sources]
    state = "".join(f"{path} {found.st_mtime_ns} {found.st_size}\n" for path, found in states)
    stamp = Path(settings.STATIC_ROOT) / ".collected"
    if not stamp.exists() or stamp.read_text() != state:
        call_command("collectstatic", interactive=False, verbosity=0)
        stamp.write_text(state)


def _defaults(var: Path) -> dict[str, str]:
    """What `make run` chooses where the environment says nothing."""
    chosen = {
        "LOG_TIMES": "0",
        "LOG_FORMAT": "text",
        "FIGPRESS_EXAMPLES": "1",
        "FIGPRESS_FONTS_DIR": str(var / "fonts"),
    }
    return {name: os.environ.get(name, value) for name, value in chosen.items()}


@contextmanager
def _only_one(var: Path, address: str) -> Iterator[None]:
    """Hold the installation's lock. Raises LocalError if somebody else runs it."""
    var.mkdir(parents=True, exist_ok=True)
    with (var / "run.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise local.LocalError(
                f"Figpress runs here already: {lock.read().strip() or 'it is just starting'}. "
                "Stop it with Ctrl-C in its terminal first. "
                "For a second one beside it: FIGPRESS_VAR_DIR=/another/folder PORT=8001 make run"
            ) from None
        lock.truncate(0)
        lock.write(f"{address}, process {os.getpid()}")
        lock.flush()
        yield
        lock.truncate(0)


@contextmanager
def _redis(var: Path, env: dict[str, str]) -> Iterator[None]:
    """Decide which Redis: the one of REDIS_URL, or one of our own. Its address is kept in a file while we run, so that
    ``manage.py doctor`` in another terminal asks the same one."""
    if os.environ.get("REDIS_URL"):
        yield
        return
    folder, address = var / "redis", var / "redis_url"
    env["REDIS_SERVER"] = local.find_redis()
    env["REDIS_URL"] = local.configure_redis(folder, port=local.free_port(), password=secrets.token_urlsafe(24))
    address.touch(mode=0o600)
    address.write_text(env["REDIS_URL"])
    try:
        yield
    finally:
        address.unlink(missing_ok=True)


def _run(env: dict[str, str]) -> int:
    """Start the Procfile's processes and wait for them. When one ends, or at Ctrl-C, all end."""
    from honcho.manager import Manager
    from honcho.printer import Printer

    manager = Manager(Printer(_Terminal(), time_format="%H:%M:%S"))
    for name in ("redis", "web", "worker", "beat"):
        if name != "redis" or "REDIS_SERVER" in env:
            manager.add_process(name, local.command(name)[-1], env=env, cwd=str(local.ROOT))
    # honcho ends everything at SIGINT and SIGTERM; a closed terminal shall do the same.
    signal.signal(signal.SIGHUP, lambda *_: os.kill(os.getpid(), signal.SIGTERM))
    welcome = subprocess.Popen([sys.executable, "-m", "project.welcome"], env=env, cwd=local.ROOT)
    try:
        manager.loop()
    finally:
        welcome.terminate()
        welcome.wait()
    stopped_by_a_person = manager.returncode in (130, 143)
    return 0 if stopped_by_a_person else int(manager.returncode or 1)


class _Terminal:
    """Standard output that may go away: with the terminal closed there is nobody to write to, and all the more reason
    to go on and end the processes properly."""

    def write(self, text: str) -> None:
        with suppress(OSError):
            sys.stdout.write(text)

    def flush(self) -> None:
        with suppress(OSError):
            sys.stdout.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(sys.stdout, name)


if __name__ == "__main__":
    sys.exit(main())
