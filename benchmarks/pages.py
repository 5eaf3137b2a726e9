"""What the lists cost the server: with ten charts and a hundred jobs, and with 10,000 and 100,000.

CPU time of one request to Django, without a network; the goal is less than 50 ms for each. (That they make as many
statements with long lists as with short ones, a test holds.) Run it with ``make bench``.
"""

from __future__ import annotations

import statistics
import time
from datetime import timedelta
from typing import TYPE_CHECKING

from benchmarks.pipeline import installation, owner

if TYPE_CHECKING:
    from django.test import Client

CHARTS, JOBS = 10_000, 100_000
LOOKS = 20
GOAL_MS = 50
PAGES = (
    "/", "/?q=chart+99", "/?kind=line&sort=name", "/?state=failed", "/jobs/", "/jobs/?status=failed",
    "/jobs/?trigger=web", "/jobs/?reason=timeout",
    "/schedules/", "/batches/", "/datasets/", "/health/",
)  # fmt: skip


def fill(charts: int, jobs: int) -> None:
    """So many charts, and jobs of all states over a month."""
    from django.utils import timezone

    from renderer.models import Chart, RenderJob
    from renderer.models.job import Reason, Status, Trigger
    from renderer.models.owned import new_id

    person = owner()
    spec = {"kind": "line", "data": {"columns": {"x": [1, 2], "y": [1, 2]}}, "x": "x", "y": "y"}
    made = Chart.objects.bulk_create(
        [
            Chart(owner=person, name=f"Chart {n}", spec=spec, kind="line", recipe_key=new_id().hex)
            for n in range(charts)
        ],
        batch_size=1000,
    )
    ends = (Status.SUCCEEDED, Status.SUCCEEDED, Status.SUCCEEDED, Status.FAILED, Status.CANCELLED)
    now = timezone.now()
    rows = []
    for n in range(jobs):
        status, at = ends[n % len(ends)], now - timedelta(seconds=26 * n)
        chart = made[n % charts]
        rows.append(
            RenderJob(
                owner=person, target_model="renderer.chart", target_id=str(chart.pk), target_field="image", pure=True,
                recipe={"spec": spec}, content_key=chart.recipe_key, status=status, trigger=Trigger.API, attempt=1,
                reason=Reason.DATA_ERROR if status == Status.FAILED else "", created_at=at, started_at=at,
                finished_at=at + timedelta(milliseconds=30), timings={"drawing": 9.0},
            )
        )  # fmt: skip
    RenderJob.objects.bulk_create(rows, batch_size=1000)
    failed = {row.target_id for row in rows if row.status == Status.FAILED}
    for chart in made:
        chart.failed_at = now if str(chart.pk) in failed else None
    Chart.objects.bulk_update(made, ["failed_at"], batch_size=1000)


def look(client: Client, path: str) -> float:
    """Median CPU ms of one look at a page."""
    assert client.get(path).status_code == 200, path
    spent = []
    for _ in range(LOOKS):
        start = time.process_time()
        client.get(path)
        spent.append((time.process_time() - start) * 1000)
    return statistics.median(spent)


def main() -> None:
    """Print the table."""
    with installation(full=True):
        from django.test import Client

        client = Client(headers={"host": "localhost"})
        client.force_login(owner())
        fill(10, 100)
        short = {path: look(client, path) for path in PAGES}
        fill(CHARTS, JOBS)
        print(f"{'page':<26} {'10 / 100':>14} {'10,000 / 100,000':>18}   goal < {GOAL_MS} ms")
        for path in PAGES:
            print(f"{path:<26} {short[path]:11.1f} ms {look(client, path):15.1f} ms", flush=True)


if __name__ == "__main__":
    main()
