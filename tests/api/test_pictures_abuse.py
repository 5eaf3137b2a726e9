"""Pictures and those who want more of them than they may have: other files, other headers, other names."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from renderer.jobs import charts, executor
from renderer.models import Chart, RenderJob
from renderer.models.job import Trigger
from renderer.recipe import Recipe


@pytest.mark.parametrize(
    "path",
    [
        "../../etc/passwd",
        "..%2f..%2fetc/passwd",
        "%2e%2e/%2e%2e/etc/passwd",
        "%00",
        "/",
        "\\..\\..\\secret_key",
        "0/image.png%00.svg",
    ],
)
def test_an_id_is_no_path(api: Any, path: str) -> None:
    for place in (f"/charts/{path}/image", f"/charts/{path}/image.png", f"/charts/{path}"):
        assert api.get(place).status in (404, 422)


@pytest.mark.parametrize("title", ["../../x", 'a"; filename=evil.html', "chart;rm -rf .htaccess", "x" * 400])
def test_no_name_is_made_of_what_a_user_wrote(title: str, ada: Any, api: Any, spec: Any, media: Path) -> None:
    chart, _ = charts.create(ada, Recipe.from_spec(spec | {"title": title}), name=title[:100])
    job = charts.render(chart, trigger=Trigger.API).job
    assert executor.execute(job.pk, worker="w@host#1", task_id="t")

    (stored,) = (path for path in media.rglob("*") if path.is_file())
    assert stored.name.startswith(f"{job.pk}-1-")
    assert stored.suffix == ".png"
    answer = api.get(f"/charts/{chart.pk}/image")
    assert answer.headers["Content-Disposition"] == f'inline; filename="chart-{chart.pk}.png"'


def test_a_client_cannot_ask_the_proxy_for_a_file(api: Any, drawn: RenderJob) -> None:
    wants = {"X-Accel-Redirect": "/etc/passwd", "X-Sendfile": "/etc/passwd", "X-Original-URL": "/admin/"}
    plain = api.get(f"/charts/{drawn.target_id}/image")
    asked = api("GET", f"/charts/{drawn.target_id}/image", **{name.replace("-", "_"): at for name, at in wants.items()})
    assert (asked.status, asked.content) == (plain.status, plain.content)
    assert not {name.lower() for name in wants} & {name.lower() for name in asked.headers}


def test_head_says_what_get_says_to_those_who_may_see_it(
    api: Any, drawn: RenderJob, chart: Chart, expired: Any, draw: Callable[..., RenderJob]
) -> None:
    path = f"/charts/{drawn.target_id}/image.png"
    head, whole = api("HEAD", path), api.get(path)
    assert (head.status, head.content) == (whole.status, b"")
    assert head.headers["ETag"] == whole.headers["ETag"]
    assert expired("HEAD", path).status == expired.get(path).status == 401
    assert api("TRACE", path).status == 405
