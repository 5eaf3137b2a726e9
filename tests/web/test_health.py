"""Health: what staff see, what anybody sees, and what is said where something is missing; the pictures of a day."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from renderer import readiness
from renderer.jobs import executor, lifecycle, overviews, queues
from renderer.jobs.schedules import TICKER
from renderer.models import Beat, Chart, Overview, RenderJob, Worker
from renderer.models.dataset import QUEUE
from renderer.models.job import Queue, Status

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _ask_anew() -> Iterator[None]:
    """What another test has seen holds for nothing here, nor does this for another."""
    readiness._good_until.clear()
    yield
    readiness._good_until.clear()


def _worker(name: str = "figpress@host#1", age: float = 0) -> Worker:
    seen = timezone.now() - timedelta(seconds=age)
    return Worker.objects.create(
        name=name, queues=",".join((*Queue.values, QUEUE)), concurrency=2, started_at=seen, seen_at=seen,
        memory=300 << 20, version="1.2.3",
    )  # fmt: skip


def test_staff_see_workers_queues_and_pace(client: Client, staff: User, drawn: Chart, job: RenderJob) -> None:
    _worker("w@host#1")
    Beat.objects.create(name=TICKER, seen_at=timezone.now())
    RenderJob.objects.filter(pk=job.pk).update(available_at=timezone.now())
    queues.pause(Queue.BULK)
    client.force_login(staff)
    text = client.get("/health/").content.decode()
    plain = " ".join(re.sub(r"<[^>]+>", " ", text).split())
    assert "w@host#1" in plain
    assert "Release 1.2.3" in plain
    assert "1, 0.0 a minute" in plain
    assert "bulk is paused" in plain
    assert re.search(r"w@host#1.*Alive Nothing 300.0 MB 1 ", plain)
    assert 'aria-current="page">Health' in text


def test_a_job_of_somebody_elses_is_no_link(client: Client, staff: User, job: RenderJob) -> None:
    _worker("w@host#1")
    assert lifecycle.claim(job.pk, worker="w@host#1", task_id="t")
    client.force_login(staff)
    text = client.get("/health/").content.decode()
    assert "Reading the data" in text
    assert str(job.pk) not in text


def test_a_missing_worker_is_said_with_the_command_that_starts_one(
    client: Client, staff: User, signed_in: Client
) -> None:
    _worker(age=180)
    other = Client()
    other.force_login(staff)
    text = other.get("/health/").content.decode()
    assert "none is alive; the last was seen 3 minutes ago" in text
    assert "celery -A project worker" in text
    plain = signed_in.get("/health/").content.decode()
    assert "No worker has been seen for 3 minutes." in plain
    assert "figpress@host" not in plain
    assert "celery" not in plain


def test_a_broker_that_is_away_or_hangs_is_said_in_words(
    client: Client, staff: User, ada: User, monkeypatch: pytest.MonkeyPatch, media: Path
) -> None:
    def away() -> None:
        raise ConnectionError("redis://:hunter2@10.1.2.3 refused")

    monkeypatch.setitem(readiness.PARTS, "broker", (away, readiness.PARTS["broker"][1]))
    client.force_login(staff)
    text = client.get("/health/").content.decode()
    assert "does not answer; jobs are kept and published later" in text
    assert "Start it (redis-server)" in text
    client.force_login(ada)
    plain = client.get("/health/live/").content.decode()
    assert "New charts reach the workers late at present." in plain
    assert "hunter2" not in text + plain
    assert str(media) not in plain


def test_people_without_a_role_have_no_link_but_a_page(signed_in: Client) -> None:
    text = signed_in.get("/").content.decode()
    assert 'href="/health/"' not in text
    assert signed_in.get("/health/").status_code == 200


def test_its_queries_do_not_grow(client: Client, staff: User) -> None:
    client.force_login(staff)
    client.get("/health/")
    found = []
    for number in range(2):
        for n in range(4):
            _worker(f"w{number}-{n}@host#1")
        with CaptureQueriesContext(connection) as queries:
            client.get("/health/")
        found.append(len(queries))
    assert found[0] == found[1]


def test_the_day_is_drawn_for_those_who_look(
    client: Client, ada: User, eve: User, drawn: Chart, execute: Callable[[RenderJob], RenderJob]
) -> None:
    now = timezone.now()
    assert overviews.draw_due(now) == 0, "nobody looks"
    client.force_login(ada)
    assert "Not drawn yet." in client.get("/jobs/").content.decode()
    assert RenderJob.objects.count() == 1, "a look asks for nothing itself"

    assert overviews.draw_due(now + timedelta(seconds=1)) == 2
    assert overviews.draw_due(now + timedelta(seconds=2)) == 0, "not so soon again"
    made = list(RenderJob.objects.filter(target_model="renderer.overview"))
    assert {(job.owner, job.queue) for job in made} == {(None, Queue.UPKEEP)}
    for job in made:
        assert execute(job).status == Status.SUCCEEDED, job.message

    text = client.get("/jobs/").content.decode()
    assert text.count('class="cell-name"') == 1, "no job of one's own"
    addresses = re.findall(r'(?:src|srcset)="(/overviews/[^"]+)"', text)
    assert len(addresses) == 4
    assert 'alt="Jobs an hour. Bar chart' in text
    for address in addresses:
        answer = client.get(address)
        assert answer.content[:4] == b"\x89PNG"
    client.force_login(eve)
    assert client.get(addresses[0]).status_code == 404


def test_a_picture_of_everybody_is_for_staff(client: Client, staff: User, ada: User, drawn: Chart) -> None:
    client.force_login(staff)
    client.get("/health/")
    assert overviews.draw_due(timezone.now() + timedelta(seconds=1)) == 2
    staff.is_staff = False
    staff.save()
    assert overviews.draw_due(timezone.now() + timedelta(minutes=10)) == 0, "nothing of others any more"
    overview = Overview.objects.filter(everyone=True).first()
    assert overview
    assert client.get(f"/overviews/{overview.pk}/light/").status_code == 404


def test_pictures_that_nobody_looks_at_are_let_go(client: Client, ada: User, drawn: Chart) -> None:
    overviews.look(ada, timezone.now())
    overviews.draw_due(timezone.now() + timedelta(seconds=1))
    for job in RenderJob.objects.filter(target_model="renderer.overview"):
        executor.execute(job.pk, worker="w", task_id=f"{job.pk}")
    assert overviews.draw_due(timezone.now() + timedelta(days=8)) == 0
    assert not Overview.objects.exists()
    assert not RenderJob.objects.filter(target_model="renderer.overview").exists()


def test_ids_of_a_moment(job: RenderJob) -> None:
    assert overviews.first_id(job.created_at - timedelta(seconds=1)) < job.pk
    assert overviews.first_id(job.created_at + timedelta(seconds=1)) > job.pk
