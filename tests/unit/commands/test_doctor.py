"""manage.py doctor: each part well and sick, and what it says to do."""

from __future__ import annotations

import re
from datetime import timedelta
from io import StringIO
from pathlib import Path
from socket import gethostname

import pytest
from celery import current_app
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import DatabaseError, connection, connections
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone
from pytest_django import Settings

from renderer import health
from renderer.drawing import fonts
from renderer.jobs import lifecycle, queues, schedules
from renderer.models import Chart, RenderJob, Schedule, Worker
from renderer.models.dataset import QUEUE
from renderer.models.job import Queue, Trigger

pytestmark = pytest.mark.django_db


def _worker(
    name: str = "figpress@elsewhere#7", queues: str = ",".join((*Queue.values, QUEUE)), age: float = 0
) -> Worker:
    now = timezone.now()
    return Worker.objects.create(
        name=name, queues=queues, concurrency=2, started_at=now, seen_at=now - timedelta(seconds=age)
    )


def _schedule(due_in: timedelta) -> Schedule:
    owner = User.objects.create(username="ada")
    chart = Chart.objects.create(owner=owner, name="c", figure="shop.best_sellers", recipe_key="k")
    return Schedule.objects.create(owner=owner, chart=chart, cron="* * * * *", next_due_at=timezone.now() + due_in)


def _waiting_job(target: str, age: timedelta) -> RenderJob:
    return RenderJob.objects.create(
        trigger=Trigger.CODE, recipe={}, content_key="k", pure=False, target_model="a.b", target_id=target,
        target_field="image", available_at=timezone.now() - age,
    )  # fmt: skip


def _doctor(*options: str) -> tuple[int, str]:
    out = StringIO()
    try:
        call_command("doctor", *options, stdout=out, no_color=True)
    except SystemExit as end:
        return int(end.code or 0), out.getvalue()
    return 0, out.getvalue()


def test_all_is_well_where_all_is(media: Path) -> None:
    _worker()
    status, said = _doctor()
    assert status == 0, said
    assert said.endswith("\nAll is well.\n")
    assert re.findall(r"^✓ (\w+(?: \w+)?) ", said, re.MULTILINE) == list(health.PARTS)
    assert "1 alive, 2 jobs at a time" in said


def test_a_missing_worker_is_said_with_the_command_that_starts_one(media: Path) -> None:
    status, said = _doctor()
    assert status == 1
    assert re.search(r"✗ worker +none is alive\n +Start one: celery -A \w+ worker\n", said)
    assert said.endswith("\n1 of these needs attention.\n")


def test_a_dead_worker_does_not_count() -> None:
    _worker(age=60)
    assert health.look_at_workers().says == "none is alive; the last was seen 1 minute ago"


def test_who_was_lost_lately_is_named_though_others_draw() -> None:
    _worker()
    _worker("figpress@gone#9", age=40)
    _worker("figpress@long-gone#3", age=100_000)
    finding = health.look_at_workers()
    assert re.fullmatch(r"1 alive, 2 jobs at a time; lost: figpress@gone#9, 4\d s ago", finding.says)
    assert not finding.todo


def test_workers_that_take_no_work_are_no_workers() -> None:
    deaf = _worker("figpress@deaf#5")
    Worker.objects.update(listened_at=deaf.seen_at - timedelta(minutes=1))
    finding = health.look_at_workers()
    assert finding.says.endswith("; figpress@deaf#5 takes no work")
    assert finding.todo.startswith("Look at the broker first")
    _worker()
    assert not health.look_at_workers().todo


def test_jobs_over_their_time_are_counted() -> None:
    _worker()
    _waiting_job("1", timedelta())
    claim = lifecycle.claim(RenderJob.objects.get().pk, worker="figpress@elsewhere#7", task_id="t")
    assert claim
    assert "over" not in health.look_at_workers().says
    RenderJob.objects.update(started_at=timezone.now() - timedelta(seconds=50))
    assert health.look_at_workers().says.endswith("; 1 job is over the soft time limit of 45 s")


def test_jobs_that_wait_are_counted() -> None:
    _waiting_job("1", timedelta(minutes=5))
    _waiting_job("2", timedelta(seconds=5))
    assert health.look_at_workers().says == "none is alive; 1 job has been waiting for more than a minute"
    _worker()
    finding = health.look_at_workers()
    assert "1 job has been waiting" in finding.says
    assert "on another machine" in finding.todo


def test_a_queue_that_nobody_serves_is_named() -> None:
    _worker(queues="interactive,upkeep")
    finding = health.look_at_workers()
    assert finding.says == "nobody draws from bulk, scheduled, fetch, data"
    assert finding.todo.endswith("-Q bulk,scheduled,fetch,data")


@pytest.mark.parametrize(("name", "status"), [(f"figpress@{gethostname()}#7", 0), ("figpress@elsewhere#7", 1)])
def test_a_container_asks_for_its_own_worker(name: str, status: int) -> None:
    _worker(name)
    assert _doctor("--only", "worker", "--here")[0] == status


def test_beat_is_known_by_what_is_late() -> None:
    assert not health.look_at_beat().todo
    schedule = _schedule(timedelta(hours=1))
    assert health.look_at_beat().says == "1 scheduled chart, none is late; no tick has come yet"
    Schedule.objects.filter(pk=schedule.pk).update(next_due_at=timezone.now() - timedelta(minutes=3))
    finding = health.look_at_beat()
    assert finding.says == "1 of 1 scheduled charts is late; no tick has come yet"
    assert "beat" in finding.todo


def test_beat_is_known_by_its_last_tick() -> None:
    schedules.tick(timezone.now() - timedelta(minutes=3))
    finding = health.look_at_beat()
    assert finding.says == "is silent: the last tick came 3 minutes ago"
    assert "beat" in finding.todo
    schedules.tick(timezone.now())
    assert health.look_at_beat().says == "no chart is on a schedule; the last tick came less than a minute ago"


def test_missing_migrations_are_counted() -> None:
    MigrationRecorder.Migration.objects.filter(app="renderer").delete()
    finding = health.look_at_database()
    assert re.search(r"lacks \d+ migrations?$", finding.says)
    assert finding.todo == "Run: python manage.py migrate"


def test_sqlite_that_cannot_stand_two_writers(monkeypatch: pytest.MonkeyPatch) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("about SQLite")
    assert not health.look_at_database().todo
    monkeypatch.setattr(connections["default"], "transaction_mode", None)
    assert "OPTIONS" in health.look_at_database().todo


def test_a_database_that_is_away_hides_what_is_read_from_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> None:
        raise DatabaseError("could not connect\nto the server")

    monkeypatch.setattr(health, "MigrationExecutor", away)
    findings = {finding.name: finding for finding in health.examine(list(health.PARTS))}
    assert findings["database"].says == "does not answer: could not connect to the server"
    assert "worker" not in findings
    assert "beat" not in findings


def test_a_broker_that_is_away_is_named_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    away = current_app.connection("redis://:secret@127.0.0.1:1/0", connect_timeout=1)
    monkeypatch.setattr(current_app, "connection_for_write", lambda: away)
    finding = health.look_at_broker()
    assert finding.says.startswith("redis://:**@127.0.0.1:1/0 does not answer")
    assert "secret" not in finding.says + finding.todo
    assert "redis-server" in finding.todo


def test_a_storage_that_takes_nothing(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    settings.MEDIA_ROOT = tmp_path / "file"
    finding = health.look_at_storage()
    assert "takes no files" in finding.says
    assert "MEDIA_ROOT" in finding.todo


def test_the_storage_is_left_as_it_was(media: Path) -> None:
    assert not health.look_at_storage().todo
    assert list(media.iterdir()) == []


def test_static_files_that_were_not_collected(settings: Settings, tmp_path: Path) -> None:
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
    }
    assert health.look_at_static_files().todo == "Run: python manage.py collectstatic"


def test_a_typeface_that_cannot_be_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "ensure", lambda: False)
    finding = health.look_at_typeface()
    assert "DejaVu Sans" in finding.says
    assert "Charts are drawn all the same" in finding.todo


def test_a_paused_queue_is_said_and_is_no_fault(media: Path) -> None:
    _worker()
    _waiting_job("1", timedelta(minutes=5))
    assert queues.pause(Queue.INTERACTIVE)
    status, said = _doctor()
    assert status == 0, said
    assert re.search(r"✓ queues +interactive is paused; what waits is kept", said)
