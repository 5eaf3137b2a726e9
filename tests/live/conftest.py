"""What tests with real processes get: an installation of their own, and steps to take in it."""

from __future__ import annotations

import os
import secrets
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from pytest_django import DjangoDbBlocker, Settings

from project import local
from renderer import registry
from tests.live import environment, installation
from tests.live.installation import Live
from tests.postgres import Postgres


@pytest.fixture
def wait_for() -> Callable[..., Any]:
    """``wait_for(condition, deadline=30)``: ask until the answer is true, and return it; TimeoutError after that."""
    return local.wait_for


@pytest.fixture
def hazards(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The environment of a worker that knows the hazards. The test's own process, which asks for them, does too, as
    long as the test takes."""
    monkeypatch.setattr(registry, "_figures", dict(registry._figures))
    sys.modules.pop("tests.live.hazards.figures", None)  # they register when they are imported
    import_module("tests.live.hazards.figures")
    return {"FIGPRESS_APPS": "tests.live.hazards"}


@pytest.fixture
def gate(tmp_path: Path) -> Path:
    """A pipe that holds up hazards.gated until somebody writes into it."""
    path = tmp_path / "gate"
    os.mkfifo(path)
    return path


@pytest.fixture(scope="session")
def _migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what every installation starts from: a secret key and migrated tables. Static files lie beside."""
    folder = tmp_path_factory.mktemp("installation")
    (folder / "secret_key").write_text(secrets.token_urlsafe(50))
    environment.prepare(environment.environment(folder))
    return folder


@pytest.fixture
def workspace(_migrated: Path, tmp_path: Path) -> Path:
    """A var folder of its own, migrated."""
    return Path(shutil.copytree(_migrated, tmp_path / "var"))


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[local.Redis]:
    """A real Redis on a free port."""
    server = local.Redis(tmp_path / "redis")
    yield server
    server.stop(grace=3)


@pytest.fixture
def live(workspace: Path, redis: local.Redis, settings: Settings, django_db_blocker: DjangoDbBlocker) -> Iterator[Live]:
    """An installation without processes but Redis: the test starts the ones it needs."""
    env = environment.environment(workspace) | {"REDIS_URL": redis.url}
    with _live(Live(workspace, env, redis), settings, django_db_blocker) as running:
        yield running


@pytest.fixture
def own_postgres() -> Iterator[Postgres]:
    """A PostgreSQL that nobody else uses: it may be killed."""
    try:
        server = Postgres()
    except local.LocalError as error:
        pytest.skip(str(error))
    yield server
    server.stop()


@pytest.fixture
def live_on_postgres(
    own_postgres: Postgres, workspace: Path, redis: local.Redis, settings: Settings, django_db_blocker: DjangoDbBlocker
) -> Iterator[Live]:
    """The same with a database of its own in PostgreSQL."""
    env = environment.environment(workspace) | {"REDIS_URL": redis.url, "DATABASE_URL": own_postgres.dsn()}
    environment.migrate(env)
    with _live(Live(workspace, env, redis), settings, django_db_blocker) as running:
        yield running


@contextmanager
def _live(live: Live, settings: Settings, blocker: DjangoDbBlocker) -> Iterator[Live]:
    workspace = live.folder
    settings.VAR_DIR = workspace
    settings.MEDIA_ROOT = workspace / "media"
    settings.SECRET_KEY = (workspace / "secret_key").read_text()
    with installation.database(live.env["DATABASE_URL"], blocker), installation.broker(live.env["REDIS_URL"]):
        try:
            yield live
        finally:
            live.stop()
