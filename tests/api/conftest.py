"""Clients of several people, and jobs in any state, made the way they come about."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client
from django.utils import timezone

from renderer import figure, registry
from renderer.drawing.encode import Picture
from renderer.jobs import charts, lifecycle, pictures
from renderer.jobs.targets import Target
from renderer.models import ApiToken, Chart, RenderJob
from renderer.models.access import all_scopes
from renderer.models.job import Reason, Trigger
from renderer.recipe import Recipe
from renderer.storage import Output, StoredFile, place

API = "/api/v1"


@dataclass(frozen=True)
class Answer:
    """A response, read as its content type says."""

    status: int
    headers: Any
    body: Any
    content: bytes


@dataclass(frozen=True)
class Api:
    """Calls the API as somebody. Paths are below /api/v1 or, as links are, whole."""

    client: Client
    headers: dict[str, str]

    def __call__(self, method: str, path: str, body: object = None, **headers: str) -> Answer:
        sent: dict[str, Any] = {}
        if body is not None:
            sent = {"data": body if isinstance(body, bytes) else json.dumps(body), "content_type": "application/json"}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        path = path if path.startswith("/api/") else API + path
        response = self.client.generic(method, path, headers=self.headers | named, **({"content_type": ""} | sent))
        kind = response.headers.get("Content-Type", "")
        is_json = kind.startswith(("application/json", "application/problem+json")) and response.content
        packed = response.headers.get("Content-Encoding") == "gzip"
        content = gzip.decompress(response.content) if packed else response.content
        parsed = json.loads(content, parse_constant=_refuse) if is_json else None
        return Answer(response.status_code, response.headers, parsed, response.content)

    def get(self, path: str, **headers: str) -> Answer:
        return self("GET", path, **headers)

    def post(self, path: str, body: object = None, **headers: str) -> Answer:
        return self("POST", path, body, **headers)

    def patch(self, path: str, body: object, **headers: str) -> Answer:
        return self("PATCH", path, body, **headers)

    def delete(self, path: str, **headers: str) -> Answer:
        return self("DELETE", path, **headers)


def _refuse(constant: str) -> float:
    raise AssertionError(f"{constant} is not JSON")


@pytest.fixture
def spec() -> dict[str, Any]:
    """A small chart spec."""
    return {"kind": "bar", "title": "Fruit", "data": {"columns": {"x": ["a", "b"], "y": [1, 2]}}, "x": "x", "y": "y"}


@pytest.fixture(autouse=True)
def _figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """One figure function, and none of the installation's."""
    monkeypatch.setattr(registry, "_figures", {})

    @figure("test.sales")
    def sales(fig: object, *, year: int, region: str = "EU") -> None:
        """Sales of a year."""


@pytest.fixture
def ada(db: None) -> User:
    return User.objects.create_user("ada", password="correct horse")


@pytest.fixture
def bob(db: None) -> User:
    return User.objects.create_user("bob", password="battery staple")


def api_of(user: User) -> Api:
    _, secret = ApiToken.issue(user, "tests", scopes=all_scopes())
    return Api(Client(), {"Authorization": f"Bearer {secret}"})


@pytest.fixture
def api(ada: User) -> Api:
    """Ada's program."""
    return api_of(ada)


@pytest.fixture
def bobs_api(bob: User) -> Api:
    """Bob's program."""
    return api_of(bob)


@pytest.fixture
def nobody() -> Api:
    """A program without a token."""
    return Api(Client(), {})


@pytest.fixture
def browser(ada: User) -> Api:
    """Ada's browser: a session, and the CSRF token that its pages send along."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(ada)
    token = "t" * 32
    client.cookies["csrftoken"] = token
    return Api(client, {"X-CSRFToken": token})


@pytest.fixture
def chart(ada: User, spec: dict[str, Any]) -> Chart:
    """Ada's chart, never drawn."""
    return charts.create(ada, Recipe.from_spec(spec), name="Fruit")[0]


@pytest.fixture
def queued(chart: Chart) -> RenderJob:
    """A waiting job of it."""
    return charts.render(chart, trigger=Trigger.API).job


PNG = b"\x89PNG\r\n\x1a\n not really"


@pytest.fixture
def draw(media: object) -> Callable[..., RenderJob]:
    """Bring a waiting job to its end as a worker does, with pictures that are given instead of drawn."""

    def to_the_end(job: RenderJob, files: dict[str, bytes] | None = None) -> RenderJob:
        claim = lifecycle.claim(job.pk, worker="w@host#1", task_id="task-1")
        assert claim
        target = Target.of_job(job)
        row = target.row().get()
        stored: list[StoredFile] = []
        for name, data in (files or {"png": PNG}).items():
            onto = (target.image_field, row) if not stored else None
            output = Output(Picture(data, name, 80, 50), 2.0, "light")
            stored.append(place(name, job_id=job.pk, attempt=1, onto=onto).store(output))
        with transaction.atomic():
            assert pictures.swap(job, target, stored, alt="Two bars.")
            assert lifecycle.succeed(claim, warnings=["a glyph is missing"], timings={"drawing": 12.34, "storing": 1.0})
        job.refresh_from_db()
        return job

    return to_the_end


@pytest.fixture
def drawn(queued: RenderJob, draw: Callable[..., RenderJob]) -> RenderJob:
    """A job that has succeeded: its chart shows a PNG."""
    return draw(queued)


@pytest.fixture
def failed(queued: RenderJob) -> RenderJob:
    """A job that has failed."""
    claim = lifecycle.claim(queued.pk, worker="w@host#1", task_id="task-1")
    assert claim
    assert lifecycle.fail(claim, Reason.FIGURE_ERROR, "The figure function raised an error.")
    queued.refresh_from_db()
    return queued


@pytest.fixture
def expired(ada: User) -> Api:
    """A program whose token has expired."""
    _, secret = ApiToken.issue(ada, "old", expires_at=timezone.now() - timedelta(seconds=1))
    return Api(Client(), {"Authorization": f"Bearer {secret}"})
