"""Reports of errors, as a service that speaks Sentry's protocol receives them."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import brotli
import pytest

from project.local import LOOPBACK, ROOT

UNPACKED = {"": bytes, "gzip": gzip.decompress, "br": brotli.decompress}

PROGRAM = """
import logging, django
django.setup()
from django.test import Client
# There is no table: the view fails.
Client(raise_request_exception=False, headers={"Authorization": "Bearer figp_hush1"}).get(
    "/api/v1/charts?email=ada@example.org&token=hush2", HTTP_COOKIE="sessionid=hush3"
)
secret = "hush4"
try:
    raise ValueError("no answer from redis://:hush5@redis:6379/0")
except ValueError:
    logging.getLogger("figpress").exception("the broker is away")
"""


@pytest.fixture
def received() -> Iterator[tuple[str, list[str]]]:
    """An address for reports, and those that came."""
    reports: list[str] = []

    class Ingest(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            packed = self.headers.get("Content-Encoding", "")
            reports.append(UNPACKED[packed](body).decode())
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer((LOOPBACK, 0), Ingest)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://key@{LOOPBACK}:{server.server_port}/1", reports
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("on", [True, False])
def test_what_is_told_of_an_error(received: tuple[str, list[str]], on: bool, tmp_path: Path) -> None:
    dsn, reports = received
    env = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "SENTRY_DSN")}
    env |= {
        "DJANGO_SETTINGS_MODULE": "project.settings", "FIGPRESS_VAR_DIR": str(tmp_path), "SECRET_KEY": "k" * 50,
        "ALLOWED_HOSTS": "testserver", "DEBUG": "0",
    }  # fmt: skip
    if on:
        env["SENTRY_DSN"] = dsn
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, env=env, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    told = "\n".join(reports)
    if not on:
        assert told == ""
        return
    assert "the broker is away" in told
    assert "no answer from redis://:[hidden]@redis" in told
    assert "no such table" in told
    for hidden in ("hush1", "hush2", "hush3", "hush5", "ada@example.org"):
        assert hidden not in told
    assert '"vars"' not in told, "what variables held"
