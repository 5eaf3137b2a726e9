"""What the processes of the service do not import: it would be memory of each worker's child, and of each start."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from project import local

WORKER = """
from celery import signals
from celery.concurrency.prefork import TaskPool
from project.celery import app

app.loader.import_default_modules()
worker = type("Worker", (), {"app": app, "pool_cls": TaskPool})
signals.worker_init.send(sender=worker)
had = set(sys.modules)
# What a child does before its first job, and what its first job asks the database.
from billiard.util import set_pdeathsig
from renderer.models import RenderJob
set_pdeathsig(0)
app.backend
str(RenderJob.objects.all().query)
print(*(set(sys.modules) - had))
"""
WEB = """
import project.asgi
import project.urls
print()
"""
UNUSED = {
    "another way to draw": {"matplotlib.pyplot", "scipy", "pandas"},
    "only for what an installation may not have": {"boto3", "sentry_sdk", "opentelemetry.exporter"},
}
TABLES = {"pyarrow.parquet", "pyarrow.compute", "duckdb"}
"""In a worker all of it, before its children's memory is limited; in the web only for whoever sends a table."""
DRAWING = {"matplotlib", "contourpy", "fontTools", "renderer.drawing.draw"}
PAGES = {"renderer.api.v1", "renderer.web.urls", "renderer.web.gallery", "uvicorn", "project.urls"}


@pytest.mark.parametrize(
    ("program", "needs", "without"),
    [
        (WORKER, TABLES | {"renderer.drawing.draw"}, PAGES | {"fontTools.subset"}),
        (WEB, {"renderer.api.v1"}, DRAWING | TABLES),
    ],
    ids=["worker", "web"],
)
def test_a_process_imports_what_it_needs(program: str, needs: set[str], without: set[str], tmp_path: Path) -> None:
    env = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "project.settings",
        "DATABASE_URL": f"sqlite:///{tmp_path / 'none.sqlite3'}",
        "SECRET_KEY": "a-key-that-is-only-for-this-test-but-long-enough-to-be-taken",
        "FIGPRESS_EXAMPLES": "1",
    }
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", f"import sys\n{program}\nprint(*sys.modules)"],
        cwd=local.ROOT, env=env, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    late, loaded = (set(line.split()) for line in ran.stdout.splitlines()[-2:])
    assert needs <= loaded
    assert late == set(), "each child would import these for itself"
    assert loaded & without.union(*UNUSED.values()) == set()
