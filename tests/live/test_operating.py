"""What an operator does with an installation that runs: looks deep into it, loads it, and fills its disk."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command

from project import local
from project.inspection import problem_with
from renderer import readiness
from renderer.health import PARTS
from renderer.jobs import charts, executor
from renderer.management import trials
from renderer.models import Chart, RenderJob, Rendition
from renderer.models.job import Status, Trigger
from tests import disk
from tests.live.steps import ask_spec, assert_sound, ends, files, status

if TYPE_CHECKING:
    from tests.live.installation import Live

pytestmark = pytest.mark.live


@pytest.fixture
def small_disk(live: Live) -> Iterator[Path]:
    """The installation's pictures lie on a disk of two megabytes."""
    with disk.small(live.folder / "media") as media:
        yield media
        live.stop()  # its processes have files there


def doctor(*options: str) -> tuple[int, dict[str, Any]]:
    out = StringIO()
    code = 0
    try:
        call_command("doctor", "--deep", "--json", *options, stdout=out)
    except SystemExit as end:
        code = int(end.code or 0)
    return code, {part["name"]: part for part in json.loads(out.getvalue())["parts"]}


def test_a_disk_that_is_full_holds_up_and_breaks_nothing(live: Live, small_disk: Path) -> None:
    live.start_worker(concurrency=1)
    assert ends(live, ask_spec(live, "Fruit")).status == Status.SUCCEEDED
    chart = Chart.objects.get()
    before = {path: path.read_bytes() for path in files(live)}

    # There is room for everything, and the deep look says so.
    _, parts = doctor()
    assert list(parts) == [*PARTS, *trials.DEEP, "drawing"]
    worker = live.workers[0]
    assert f"#{worker.pid} drew a chart" in parts["drawing"]["says"]
    for name in ("rows", "redis", "messages", "files", "room", "pictures", "outside", "releases", "drawing"):
        assert parts[name]["well"], parts[name]
    assert (User.objects.filter(username__startswith="doctor").count(), Chart.objects.count()) == (0, 1)
    assert (RenderJob.objects.count(), Rendition.objects.asked_for().count()) == (1, 1), "nothing is left of it"
    assert {path: path.read_bytes() for path in files(live)} == before

    # A load on it is measured, drawn, and taken away again.
    picture = live.folder / "load.png"
    command = ["manage.py", "loadtest", "--seconds", "1", "--rate", "8", "--duplicates", "30", "--kinds", "bar,line"]
    told = subprocess.run(  # a process of its own: its threads would not know this one's database
        [sys.executable, *command, "--report", str(picture), "--json"],
        cwd=local.ROOT, env=live.env, capture_output=True, text=True, timeout=200, check=True,
    )  # fmt: skip
    load = json.loads(told.stdout)
    assert (load["asked"], load["answers"], load["failed"]) == (8, {"202": 8}, {})
    assert load["drawn"] + load["joined"] == 8
    assert load["workers"] == {f"test0@localhost#{worker.pid}": load["drawn"]}
    assert problem_with(picture.read_bytes(), "png") == ""
    live.wait_for(lambda: {*files(live)} == {*before}, what="the end of its files")
    assert (User.objects.count(), Chart.objects.count()) == (1, 1)

    # And now there is none: down to the last byte.
    filler = disk.fill(small_disk)
    job = charts.render(chart, trigger=Trigger.API, force=True).job
    live.wait_for(lambda: status(job) == Status.QUEUED and job.message == executor.FULL, what="the first attempt's end")
    code, parts = doctor("--patience", "0")
    assert code == 1
    for name in ("storage", "files", "room"):
        assert not parts[name]["well"], parts[name]
        assert "Make room" in parts[name]["todo"]
    assert parts["storage"]["says"].endswith("is full: no picture can be stored")
    readiness._good_until.pop("storage", None)
    assert readiness.examine().get("storage") == readiness.FULL
    live.wait_for(lambda: {*files(live)} == {filler, *before}, what="no half file, of pictures or of trials")
    assert all(path.read_bytes() == content for path, content in before.items()), "the old picture is whole"
    assert "no room left" in charts_page(chart)

    filler.unlink()
    assert ends(live, job).status == Status.SUCCEEDED
    assert job.attempt > 1
    assert_sound(live)


def charts_page(chart: Chart) -> str:
    """What its owner reads about a job that waits, on the page of the chart's last job."""
    from django.test import Client

    client = Client()
    client.force_login(chart.owner)
    job = RenderJob.objects.filter(target_id=str(chart.pk)).first()
    assert job is not None
    return client.get(f"/jobs/{job.pk}/", headers={"host": "localhost"}).content.decode()
