"""People, figure functions and charts in any state, for the pages' tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from enum import Enum
from typing import Annotated, Any, Literal

import pytest
from django.contrib.auth.models import User
from django.test import Client
from matplotlib.figure import Figure
from pydantic import Field

from renderer import registry
from renderer.jobs import charts, executor, lifecycle
from renderer.models import Chart, RenderJob
from renderer.models.job import Reason, Stage, Status, Trigger
from renderer.recipe import Recipe
from tests.web.provider import Provider

PASSWORD = "correct horse battery"


class Palette(Enum):
    """An enum of a figure function."""

    WARM = "warm"
    COOL = "cool"


def revenue(
    fig: Figure,
    *,
    store_id: Annotated[int, Field(ge=1, description="The number on the door.")],
    year: int = 2026,
    since: date = date(2026, 1, 1),
    goal: float | None = None,
    palette: Palette = Palette.WARM,
    mode: Literal["total", "per_head"] = "total",
    stacked: bool = False,
    note: Annotated[str, Field(max_length=80)] = "",
) -> None:
    """Revenue by month.

    Args:
        store_id: Not what the field says of itself.
        year: Of which the months are shown.
        palette: In which colours
            it is printed.
    """
    fig.subplots().bar([1, 2, 3], [store_id, 2, 3])


def broken(fig: Figure) -> None:
    """Fails."""
    raise KeyError("secret-detail")


@pytest.fixture
def figures(monkeypatch: pytest.MonkeyPatch) -> dict[str, registry.Figure]:
    """Two figure functions, and no others."""
    registered: dict[str, registry.Figure] = {}
    monkeypatch.setattr(registry, "_figures", registered)
    registry.figure("tests.revenue", title="Revenue of a store")(revenue)
    registry.figure("tests.broken")(broken)
    return registered


@pytest.fixture
def ada(db: None) -> User:
    return User.objects.create_user("ada", password=PASSWORD)


@pytest.fixture
def eve(db: None) -> User:
    """Somebody else."""
    return User.objects.create_user("eve", password=PASSWORD)


@pytest.fixture
def staff(db: None) -> User:
    return User.objects.create_superuser("root", password=PASSWORD)


@pytest.fixture
def signed_in(client: Client, ada: User) -> Client:
    """Ada's browser."""
    client.force_login(ada)
    return client


@pytest.fixture
def spec() -> dict[str, Any]:
    """A small chart spec."""
    return {
        "kind": "line",
        "title": "Fruit & <nuts>",
        "data": {"columns": {"day": [1, 2, 3], "sold": [1, 4, 2]}},
        "x": "day",
        "y": "sold",
        "image": {"width": 640, "height": 400},
    }


@pytest.fixture
def chart(ada: User, spec: dict[str, Any]) -> Chart:
    """Ada's chart, never asked for."""
    return charts.create(ada, Recipe.from_spec(spec, ["png", "svg"]))[0]


@pytest.fixture
def job(chart: Chart) -> RenderJob:
    """A queued job of Ada's chart."""
    return charts.render(chart, trigger=Trigger.WEB).job


@pytest.fixture
def execute() -> Callable[[RenderJob], RenderJob]:
    """Draw a job as a worker would, in this process."""

    def run(job: RenderJob) -> RenderJob:
        executor.execute(job.pk, worker="w@host#1", task_id=f"task-{job.pk}")
        job.refresh_from_db()
        return job

    return run


@pytest.fixture
def drawn(chart: Chart, job: RenderJob, execute: Callable[[RenderJob], RenderJob]) -> Chart:
    """Ada's chart with its picture."""
    assert execute(job).status == Status.SUCCEEDED
    chart.refresh_from_db()
    return chart


@pytest.fixture
def ended() -> Callable[[RenderJob, Status], RenderJob]:
    """Bring a queued job to another status, the way it comes about."""

    def bring(job: RenderJob, status: Status) -> RenderJob:
        if status is Status.CANCELLED:
            assert lifecycle.cancel(job)
        else:
            claim = lifecycle.claim(job.pk, worker="w@host#1", task_id=f"task-{job.pk}")
            assert claim
            if status is Status.RUNNING:
                assert lifecycle.advance(claim, Stage.DRAWING)
            elif status is Status.FAILED:
                assert lifecycle.fail(claim, Reason.DATA_ERROR, "There are no rows.")
            else:
                assert lifecycle.succeed(claim, warnings=[], timings={"drawing": 12.0, "encoding": 30.0})
        job.refresh_from_db()
        assert job.status == status
        return job

    return bring


@pytest.fixture
def provider(settings: Any) -> Iterator[Provider]:
    server = Provider()
    settings.FIGPRESS_OIDC = {
        "issuer": server.issuer, "client_id": "figpress", "client_secret": "s3cret", "name": "Example",
    }  # fmt: skip
    yield server
    server.stop()
