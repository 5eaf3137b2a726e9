"""Datasets with a real web server and a real worker: from an upload to pictures, and what happens in between."""

from __future__ import annotations

import io
import json
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import pytest
from PIL import Image

from examples.datasets import tables
from renderer.models import Chart, Dataset, DatasetVersion, RenderJob
from renderer.spec import LIMITS
from tests.unit.drawing.test_language import EIGHT

if TYPE_CHECKING:
    from tests.live.installation import Live

pytestmark = pytest.mark.live

CSV = b"day,region,sold\n" + b"".join(
    b"2026-01-%02d,%s,%d\n" % (1 + n % 31, (b"EU", b"US", b"JP")[n % 3], n * 7 % 40) for n in range(300)
)
SPEC = {"kind": "bar", "data": {"dataset": "sales"}, "x": "region", "y": "sum(sold)"}
BAR: dict[str, Any] = {"kind": "bar", "data": {"columns": {"x": ["a"], "y": [1]}}, "x": "x", "y": "y"}
ABUSE = Path(__file__).with_name("uploads.json")


def send(live: Live, method: str, path: str, content: bytes, kind: str = "text/csv", wait: int = 30) -> Any:
    headers = {"Content-Type": kind, "Prefer": f"wait={wait}"}
    return live.call(method, f"/api/v1{path}", content, headers=headers, timeout=60)


def left_over(live: Live) -> set[Path]:
    """Files of datasets that no row names."""
    named = {name for row in DatasetVersion.objects.values_list("file", "upload") for name in row if name}
    folder = live.folder / "media"
    return {path for path in (folder / "datasets").rglob("*") if path.is_file()} - {folder / name for name in named}


def test_new_rows_come_into_the_picture(live: Live) -> None:
    live.start_worker()
    live.start_web()

    made = send(live, "POST", "/datasets?name=sales", CSV)
    assert made.status == 201, made.body
    assert [column["type"] for column in made.json()["columns"]] == ["time", "category", "number"]
    asked = live.call("POST", "/api/v1/charts", {"spec": SPEC}, headers={"Prefer": "wait=30"})
    assert asked.status == 201, asked.body
    chart = asked.json()["chart"]
    first = live.call("GET", chart["links"]["image"])
    assert live.call("POST", "/api/v1/charts", {"spec": SPEC}).status == 200, "nothing new: the picture is there"

    again = send(live, "PUT", "/datasets/sales?render=true", CSV + b"2026-01-31,EU,4000\n")
    assert (again.status, again.json()["version"]) == (200, 2), again.body
    job = live.wait_for(lambda: RenderJob.objects.filter(trigger="data", status="succeeded").first(), what="the job")
    assert (job.queue, job.warnings) == ("bulk", [])
    second = live.call("GET", chart["links"]["image"])
    assert second.headers["ETag"] != first.headers["ETag"]
    assert live.call("GET", chart["links"]["self"]).json()["is_stale"] is False

    # By the owner's SQL, over all of their tables.
    send(live, "PUT", "/datasets/goals", b"region,goal\nEU,5000\nUS,2000\n")
    query = "select region, sum(sold) / any_value(goal) as reached from sales join goals using (region) group by region"
    spec = SPEC | {"data": {"dataset": "goals", "query": query}, "y": "reached"}
    by_sql = live.call("POST", "/api/v1/charts", {"spec": spec}, headers={"Prefer": "wait=30"})
    assert by_sql.status == 201, by_sql.body

    # A large one is streamed to disk by whoever is known, and by nobody else.
    large = b"n,word\n" + b"1234567.5,abcdefgh\n" * (LIMITS.body_bytes // 18 + 1000)
    assert len(large) > LIMITS.body_bytes
    assert send(live, "PUT", "/datasets/large", large).json()["rows"] > 500_000
    token, live.token = live.token, "figp_nobody"
    assert send(live, "PUT", "/datasets/large", large).status == 413
    live.token = token

    # Cut off half way: nothing is left of it.
    before = Dataset.objects.count()
    address = urlsplit(live.web_url)
    with socket.create_connection((address.hostname, address.port)) as client:
        head = f"PUT /api/v1/datasets/half HTTP/1.1\r\nHost: {address.netloc}\r\nAuthorization: Bearer {live.token}\r\n"
        client.sendall(f"{head}Content-Type: text/csv\r\nContent-Length: 1000\r\n\r\na,b\n1,2\n".encode())
    assert send(live, "PUT", "/datasets/goals", b"region,goal\nEU,5000\n").status == 200
    assert Dataset.objects.count() == before

    for item in json.loads(ABUSE.read_text()):
        content = item["text"].encode() * item.get("times", 1)
        answer = send(live, "PUT", "/datasets/abuse", content, item.get("type", "text/csv"))
        assert answer.status == item["status"], (item["id"], answer.body)
        assert item["said"] in answer.json().get("detail", ""), (item["id"], answer.body)
    done = live.call("POST", "/api/v1/charts", {"spec": BAR}, headers={"Prefer": "wait=30"})
    assert done.status == 201, "the next job works"
    live.wait_for(lambda: not left_over(live), what="the files that nothing names")


def test_the_eight_charts_of_the_language_over_http(live: Live) -> None:
    live.start_worker()
    live.start_web()
    for name, text in tables().items():
        types = ""
        if name == "life_expectancy":  # whose chart compares years as numbers
            text, types = text.replace("-01-01", ""), "&types=" + quote('{"year": "number"}')
        made = send(live, "POST", f"/datasets?name={name}{types}", text.encode())
        assert made.status == 201, (name, made.body)
    for name, written in EIGHT.items():
        asked = live.call("POST", "/api/v1/charts", {"spec": json.loads(written)}, headers={"Prefer": "wait=30"})
        assert asked.status == 201, (name, asked.body)
        picture = live.call("GET", asked.json()["chart"]["links"]["image"])
        with Image.open(io.BytesIO(picture.body), formats=["PNG"]) as image:
            image.load()
            size = json.loads(written).get("image", {"width": 800, "height": 500})
            assert image.size == (2 * size["width"], 2 * size["height"]), name


def test_a_dataset_that_is_deleted_under_a_waiting_job_and_a_broker_that_is_away(live: Live) -> None:
    live.start_web()
    live.redis.kill()
    made = send(live, "PUT", "/datasets/sales", CSV, wait=0)
    assert made.status == 202, "the row is there, and the message comes later"
    live.restart_redis(keep=False)
    live.start_worker()
    live.wait_for(lambda: DatasetVersion.objects.filter(status="ready").exists(), what="the upload")
    asked = live.call("POST", "/api/v1/charts", {"spec": SPEC}, headers={"Prefer": "wait=30"})
    assert asked.status == 201, asked.body
    path = asked.json()["chart"]["links"]
    first = live.call("GET", path["image"])
    live.stop_worker()

    waiting = live.call("POST", path["render"], {"force": True})
    assert waiting.status == 202
    refused = live.call("DELETE", "/api/v1/datasets/sales")
    assert refused.status == 409
    assert live.call("DELETE", "/api/v1/datasets/sales?force=true").status == 204
    live.start_worker()

    job = live.call("GET", waiting.headers["Location"], headers={"Prefer": "wait=30"})
    live.wait_for(lambda: RenderJob.objects.filter(status="failed").exists(), what="the end of the job")
    job = live.call("GET", waiting.headers["Location"])
    assert (job.json()["reason"], job.json()["message"]) == ("data_error", "/data/dataset: no dataset 'sales' of yours")
    assert live.call("GET", path["image"]).body == first.body, "the old picture stays"
    assert Chart.objects.get().image
    live.wait_for(lambda: not left_over(live), what="the files that nothing names")
