"""What every test gets."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from pathlib import Path

import hypothesis
import pytest
from pytest_django import Settings

from project.local import LocalError
from renderer.drawing import fonts
from tests import leaks
from tests.postgres import Postgres

# No deadlines: a busy machine is no reason to fail. In CI the same examples each time: a red run can be repeated.
hypothesis.settings.register_profile("figpress", deadline=None, derandomize="CI" in os.environ)
hypothesis.settings.load_profile("figpress")

DATABASE = {"db", "transactional_db", "live_server"}
"""Fixtures of tests that use Django's database."""
PURE = [Path(__file__).parent / "unit" / name for name in ("data", "drawing", "spec")]


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--database``: what a run on another database is about."""
    parser.addoption("--database", action="store_true", help="only the tests that use Django's database")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """With ``--database`` do not even import what knows nothing of Django."""
    return True if config.getoption("database") and collection_path in PURE else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With ``--database`` leave out what would do the same on any."""
    if config.getoption("database"):
        config.hook.pytest_deselected(items=[item for item in items if not _uses_database(item)])
        items[:] = [item for item in items if _uses_database(item)]


def _uses_database(item: pytest.Item) -> bool:
    fixtures = set(getattr(item, "fixturenames", ()))
    return bool(DATABASE & fixtures or item.get_closest_marker("django_db"))


def pytest_sessionstart(session: pytest.Session) -> None:
    """Make the typeface once, before any test or process waits for it."""
    if not hasattr(session.config, "workerinput"):  # in the process that starts the workers of xdist
        fonts.install(fonts.folder())


_BEFORE = pytest.StashKey[dict[str, object]]()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, None, None]:
    """Remember how all is before a test."""
    item.stash[_BEFORE] = leaks.look()
    return (yield)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, None, None]:
    """What a test leaves changed ends that test, and not one that comes after it in this process."""
    result = yield
    if left := leaks.changed(item.stash[_BEFORE]):
        pytest.fail("this test did not leave as it was:\n" + "\n".join(left), pytrace=False)
    return result


@pytest.fixture
def media(settings: Settings, tmp_path: Path) -> Path:
    """The folder where pictures go: this test's own."""
    folder = tmp_path / "media"
    settings.MEDIA_ROOT = folder
    return folder


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A real PostgreSQL, for all tests of this process; each makes its own database or schema in it. Where there is
    none, those that ask for it are left out."""
    try:
        server = Postgres()
    except LocalError as error:
        pytest.skip(str(error))
    yield server
    server.stop()


@pytest.fixture(autouse=True)
def _own_memory() -> Iterator[None]:
    """For some seconds a process remembers how fast jobs are drawn, that Redis was away, which parts were ready. In a
    test that would be the memory of the test before."""
    from renderer import rates, readiness
    from renderer.accounts import oidc
    from renderer.jobs import events, pace

    yield
    pace.forget()
    rates.forget()
    events._forget_clients()
    readiness._asked.clear()
    readiness._good_until.clear()
    oidc._documents.clear()


@pytest.fixture(autouse=True)
def _own_media(request: pytest.FixtureRequest) -> None:
    """A test that uses the database may store pictures: never where another test looks."""
    if _uses_database(request.node):
        request.getfixturevalue("media")
