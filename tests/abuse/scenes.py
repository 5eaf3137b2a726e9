"""Cases of the corpus that are more than one request: what happens, as a small scene, and what must hold.

A scene raises AssertionError where the system does something else. Those in LONG are left out of the short run.
"""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from io import BytesIO
from secrets import token_urlsafe
from urllib.parse import urlsplit

from django.contrib.auth.models import Permission
from django.utils import timezone
from PIL import Image

from project import local
from project.celery import app as celery_app
from renderer.jobs import charts
from renderer.models import Chart, Dataset, Delivery, RenderJob, Rendition, Schedule, Worker
from renderer.models.job import ACTIVE
from renderer.recipe import Recipe
from tests.abuse.stage import SPEC, Browser, Stage
from tests.abuse.tries import Spec
from tests.live import steps
from tests.web_servers import Receiver, answer

SCENES: dict[str, Callable[[Stage], None]] = {}
LONG = {
    "func-002", "worker-001", "worker-003", "worker-005", "worker-007", "worker-015", "worker-017", "schedule-002",
    "share-005", "deploy-002", "webhook-003", "url-025", "upload-017",
}  # fmt: skip
"""They kill processes, or wait until a limit is reached."""


def scene(*cases: str) -> Callable[[Callable[[Stage], None]], Callable[[Stage], None]]:
    """A decorator: the function is what happens in these cases."""

    def register(play: Callable[[Stage], None]) -> Callable[[Stage], None]:
        SCENES.update(dict.fromkeys(cases, play))
        return play

    return register


# --- Pictures -------------------------------------------------------------------------------------------------

ELEMENTS = {
    "svg", "g", "path", "defs", "use", "clipPath", "rect", "style", "metadata", "image", "text", "tspan", "title",
    "desc", "circle", "line", "polyline", "polygon", "linearGradient", "stop", "symbol",
}  # fmt: skip
TITLES = (
    "--><script>alert(1)</script><!--", "$\\foo$", "$$", "你好 😀", "{{7*7}} {% include 'x' %} ${7*7}", "cafe\u0301",
    "]]><!ENTITY x SYSTEM 'file:///etc/passwd'>", "\" onload=\"alert(1)",
)  # fmt: skip


def svg(stage: Stage, title: str) -> bytes:
    """The picture of a chart with this title. It is well-formed, and holds nothing that acts."""
    chart = stage.draw(title=title, image={"format": "svg"})
    got = stage.call("GET", f"charts/{chart['id']}/image.svg")
    assert got.status == 200
    assert got.headers["Content-Type"].startswith("image/svg+xml")
    assert "sandbox" in got.headers["Content-Security-Policy"]
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    for element in ET.fromstring(got.body).iter():
        assert str(element.tag).rpartition("}")[2] in ELEMENTS, element.tag
        for name, value in element.attrib.items():
            assert not name.startswith("on"), name
            assert "href" not in name or value.startswith(("#", "data:image/")), value
    return got.body


@scene("svg-002")
def comment(stage: Stage) -> None:
    assert b"<script" not in svg(stage, TITLES[0])


@scene("svg-008", "svg-010")
def every_title(stage: Stage) -> None:
    for title in TITLES if stage.full else TITLES[:3]:
        svg(stage, title)


@scene("style-023")
def working_directory(stage: Stage) -> None:
    log = stage.folder / "told.jsonl"
    assert stage.figure("tells", log=str(log)).status == "succeeded"
    assert json.loads(log.read_text().splitlines()[-1])["folder"] == []


@scene("storage-001")
def id_as_path(stage: Stage) -> None:
    for path in (
        "../../etc/passwd",
        "..%2f..%2fetc/passwd",
        "%2e%2e/%2e%2e/etc/passwd",
        "%00",
        "//",
        "0/image.png%00.svg",
    ):
        for place in (f"/api/v1/charts/{path}/image", f"/api/v1/charts/{path}", f"/s/{path}.png", f"/static/{path}"):
            got = stage.call("GET", place)
            assert got.status in (400, 404, 422), (place, got.status)
            assert b"root:" not in got.body


@scene("storage-003", "storage-005")
def names(stage: Stage) -> None:
    for title in ("../../x", 'a"; filename=evil.html', "chart;rm -rf .htaccess"):
        chart = stage.draw(title=title)
        got = stage.call("GET", f"charts/{chart['id']}/image")
        assert got.headers["Content-Disposition"] == f'inline; filename="chart-{chart["id"]}.png"'
        stored = Chart.objects.get(pk=chart["id"]).image.name or ""
        assert re.fullmatch(r"[\w/-]+\.png", stored), stored
    refused = stage.post("charts", {"spec": SPEC | {"title": "a\r\nSet-Cookie: x\x01"}})
    assert refused.status == 422


@scene("storage-007", "storage-011")
def headers_of_proxies(stage: Stage) -> None:
    path = f"charts/{stage.draw()['id']}/image.png"
    wants = {"X-Accel-Redirect": "/etc/passwd", "X-Sendfile": "/etc/passwd", "X-Original-URL": "/admin/"}
    plain, asked = stage.call("GET", path), stage.call("GET", path, headers=wants)
    assert asked.body == plain.body
    assert not {name.lower() for name in wants} & {name.lower() for name in asked.headers}
    head = stage.call("HEAD", path)
    assert (head.status, head.body, head.headers["ETag"]) == (200, b"", plain.headers["ETag"])
    assert stage.call("HEAD", path, who="").status == 401
    assert stage.call("HEAD", path, who="mallory").status == 404
    assert stage.call("TRACE", path).status == 405


@scene("storage-009")
def disk_full(stage: Stage) -> None:
    chart, full = stage.draw(title="Before"), stage.folder / "full"
    before = stage.call("GET", f"charts/{chart['id']}/image").body
    full.touch()
    try:
        asked = stage.call("PATCH", f"charts/{chart['id']}", {"spec": SPEC | {"title": "On a full disk"}})
        RenderJob.objects.filter(pk=asked.json()["job"]["id"]).update(max_attempts=1)
        job = stage.job(asked)
    finally:
        full.unlink()
    assert (job.status, job.reason) == ("failed", "storage_error"), (job.status, job.message)
    assert stage.call("GET", f"charts/{chart['id']}/image").body == before, "the old picture stays"


# --- Who may see what -------------------------------------------------------------------------------------------


@scene("authz-002")
def filters(stage: Stage) -> None:
    for query in ("owner=2", "user__password__startswith=p", "order_by=owner__password", "owner__username=ada"):
        for path in ("charts", "jobs", "schedules", "batches", "datasets", "webhooks"):
            got = stage.call("GET", f"{path}?{query}", who="mallory")
            assert got.status in (400, 422), (path, query, got.status)


@scene("authz-004")
def rights_taken_away(stage: Stage) -> None:
    carol, right = stage.live.user("carol"), Permission.objects.get(codename="write_sql")
    carol.user_permissions.add(right)
    query = {"database": "shop", "query": "SELECT day AS x, sold AS y FROM sales"}
    chart = stage.draw("carol", data=query)
    made = stage.post("schedules", {"chart": chart["id"], "cron": "0 0 1 1 *"}, who="carol")
    assert made.status == 201, made.body
    carol.user_permissions.remove(right)
    run = stage.post(f"schedules/{made.json()['id']}/run", who="carol")
    if run.status in (200, 201, 202):
        job = RenderJob.objects.filter(schedule=made.json()["id"]).latest("pk")
        assert job.status in (*ACTIVE, "failed")
        local.wait_for(lambda: RenderJob.objects.get(pk=job.pk).is_final, deadline=60, what="the run's end")
        job.refresh_from_db()
        assert (job.status, "may not write SQL" in job.message) == ("failed", True), (job.status, job.message)
    else:
        assert run.status in (403, 409, 422), run.body
        assert b"may not write SQL" in run.body


@scene("authz-006")
def forms_of_ids(stage: Stage) -> None:
    pk = stage.draw()["id"]
    forms = ["1", "0", "-1", "1e3", "%D9%A1", "%31", "00000000-0000-0000-0000-000000000000", pk.upper(), f"{pk}%20"]
    for form in [*forms, f"{pk}/", f"{pk}%00", pk.replace("-", "")]:
        assert stage.call("GET", f"charts/{form}").status == 404, form
    for path in (f"charts/{pk}", f"charts/{pk}/image", f"charts/{pk}/versions", f"charts/{pk}/links"):
        assert stage.call("GET", path, who="mallory").status == 404
    assert stage.call("DELETE", f"charts/{pk}", who="mallory").status == 404


@scene("authz-008")
def huge_pages(stage: Stage) -> None:
    for query in (f"page={10**30}", f"page_size={10**9}", "offset=-1", f"limit={10**9}", f"cursor={'9' * 500}"):
        for path in ("charts", "jobs", "schedules", "batches"):
            assert stage.call("GET", f"{path}?{query}").status in (400, 422), (path, query)


@scene("token-001", "token-003")
def tokens(stage: Stage) -> None:
    stage.call("GET", "charts")
    secret = stage.tokens["ada"]
    for name in ("api_key", "token", "access_token", "Authorization"):
        assert stage.call("GET", f"charts?{name}={secret}", who="").status == 401
    bodies = set()
    for sent in (secret[:-1], secret[:9], "figp_" + "x" * 43, secret.swapcase(), secret + "x"):
        got = stage.call("GET", "charts", who="", headers={"Authorization": f"Bearer {sent}"})
        assert got.status == 401
        bodies.add(json.dumps({name: value for name, value in got.json().items() if name != "request_id"}))
    assert len(bodies) == 1, bodies


@scene("token-005")
def token_list(stage: Stage) -> None:
    browser = stage.person("dora")
    assert browser.sign_in("dora").status == 302
    sent = {"X_CSRFToken": browser.cookie("csrftoken"), "Content_Type": "application/json", "Origin": browser.url}
    made = browser.open("/api/v1/tokens", b'{"name": "new"}', **sent)
    assert made.status == 201, made.body
    listed = browser.open("/api/v1/tokens")
    assert made.json()["secret"] not in listed.body.decode()
    assert listed.json()["items"][0]["hint"]


def share(stage: Stage) -> tuple[str, str]:
    chart = stage.draw()
    made = stage.post(f"charts/{chart['id']}/links", {})
    assert made.status == 201, made.body
    return made.json()["url"], f"charts/{chart['id']}/links/{made.json()['id']}"


@scene("share-001", "share-003")
def shared(stage: Stage) -> None:
    url, link = share(stage)
    good = stage.call("GET", url, who="")
    assert good.status == 200
    age = re.findall(r"(?:max-age|stale-while-revalidate)=(\d+)", good.headers["Cache-Control"])
    assert sum(map(int, age)) <= 360
    begin, _, token = url.rpartition("_")
    other = "B" if token[0] != "B" else "C"
    for wrong in (f"{begin}_{other}{token[1:]}", url.replace(".png", ".pdf"), url + "?x=1", f"{begin}_{token.upper()}"):
        assert stage.call("GET", wrong, who="").status == 404, wrong
    assert stage.call("DELETE", link, who="mallory").status == 404
    assert stage.call("DELETE", link).status == 204
    assert stage.call("GET", url, who="").status == 404


@scene("share-005")
def another_key(stage: Stage) -> None:
    url, _ = share(stage)
    key = {"SECRET_KEY": token_urlsafe(50), "SECRET_KEY_FALLBACKS": (stage.live.folder / "secret_key").read_text()}
    before = stage.live.web, stage.live.web_url
    try:
        moved = stage.live.start_web(**stage.env | key)
        assert stage.call("GET", moved + urlsplit(url).path, who="").status == 200
        assert stage.live.web is not None
        stage.live.web.stop()
    finally:
        stage.live.web, stage.live.web_url = before


# --- Signing in and other sites ---------------------------------------------------------------------------------


@scene("login-002")
def strange_passwords(stage: Stage) -> None:
    browser = stage.person("erin")
    for password in ("x" * 1_000_000, "a\0b", "你" * 10_000):
        assert browser.sign_in("erin", password).status in (200, 400, 422)
    assert not browser.cookie("sessionid")


@scene("login-004")
def sessions(stage: Stage) -> None:
    browser = stage.person("frank")
    fixed = "f" * 32
    page = browser.open("/sign-in/", Cookie=f"sessionid={fixed}")
    assert page.status == 200
    assert browser.sign_in("frank").status == 302
    key = browser.cookie("sessionid")
    assert key not in ("", fixed)

    def signed_in() -> bool:
        return Browser(browser.url).open("/", Cookie=f"sessionid={key}").status == 200

    assert signed_in()
    out = {"csrfmiddlewaretoken": browser.cookie("csrftoken")}
    assert browser.open("/sign-out/", out, Origin=browser.url).status == 302
    assert not signed_in(), "the old key is dead"


@scene("csrf-001")
def another_site(stage: Stage) -> None:
    browser = stage.person("grace")
    assert browser.sign_in("grace").status == 302
    before = Chart.objects.count()
    for kind in ("text/plain", "application/x-www-form-urlencoded", "application/json"):
        got = browser.open(
            "/api/v1/charts", json.dumps({"spec": SPEC}).encode(), Content_Type=kind, Origin="https://evil.example"
        )
        assert got.status in (403, 415), (kind, got.status)
    assert Chart.objects.count() == before


@scene("csrf-003")
def another_host(stage: Stage) -> None:
    assert stage.call("GET", "charts", headers={"Host": "evil.example"}).status == 400
    spec = SPEC | {"title": "For another host"}
    made = stage.post("charts", {"spec": spec}, headers={"X-Forwarded-Host": "evil.example"})
    assert made.status == 202
    assert b"evil.example" not in made.body + str(made.headers).encode()
    stage.job(made)


@scene("ui-002")
def frames(stage: Stage) -> None:
    page = stage.call("GET", "/sign-in/", who="")
    assert page.headers["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]


@scene("deploy-002")
def checks(stage: Stage) -> None:
    # As an operator would have it: HTTPS, a host of its own, a Redis with a password.
    production = {"FIGPRESS_HTTPS": "1", "ALLOWED_HOSTS": "charts.example.org", "DEBUG": "0"}
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    env = stage.live.env | production | {"FIGPRESS_EXAMPLES": "0"}
    done = subprocess.run(command, cwd=local.ROOT, env=env, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


# --- Too much of it ---------------------------------------------------------------------------------------------


@scene("rate-002")
def flood(stage: Stage) -> None:
    """50,000 asks of one owner: as many are taken as may wait, and the others' charts are drawn all the same."""
    most = int(stage.env["FIGPRESS_MAX_WAITING"])
    taken, refused, each = [], 0, min(most, 1000)
    for wave in range(50_000 // each if stage.full else 4):
        asks = [{"spec": SPEC | {"title": f"Flood {wave}.{number}"}} for number in range(each)]
        got = stage.post("batches", {"charts": asks}, who="mallory")
        if got.status in (201, 202):
            taken.append(got.json()["id"])
        else:
            assert got.status == 429, (got.status, got.body[:300])
            assert int(got.headers["Retry-After"]) > 0
            refused += 1
    try:
        assert refused, "nothing was refused"
        waiting = RenderJob.objects.filter(owner__username="mallory", status__in=ACTIVE).count()
        assert waiting <= most + 2
        stage.draw(title="Amid the flood")
        left = RenderJob.objects.filter(owner__username="mallory", status__in=ACTIVE).count()
        assert left, "somebody else did not have to wait for all of them"
    finally:
        for batch in taken:
            stage.post(f"batches/{batch}/cancel", who="mallory")
    over = RenderJob.objects.filter(owner__username="mallory", status__in=ACTIVE)
    local.wait_for(lambda: not over.exists(), deadline=120, what="the end of the flood")


@scene("rate-004")
def poll_storm(stage: Stage) -> None:
    """Clients that ask again and again: 304 from the row alone, then 429 with a time; others notice nothing."""
    made = stage.post("charts", {"spec": SPEC | {"title": "Polled"}}, who="heidi")
    path, quota = f"jobs/{made.json()['job']['id']}", int(stage.env["FIGPRESS_RATE_TOKEN"])
    stage.job(made)
    tag = stage.call("GET", path, who="heidi").headers["ETag"]

    def poll(_: int) -> tuple[int, str]:
        got = stage.call("GET", path, who="heidi", headers={"If-None-Match": tag})
        return got.status, got.headers.get("Retry-After", "")

    with ThreadPoolExecutor(50 if stage.full else 16) as clients:
        found = list(clients.map(poll, range(3 * quota if stage.full else 2 * quota + 50)))
    told = {status for status, _ in found}
    assert told == {304, 429}, told
    assert all(int(after) > 0 for status, after in found if status == 429)
    assert sum(status == 304 for status, _ in found) <= 2 * quota, "the storm may meet two windows"
    stage.draw(title="In the storm")


@scene("http-002")
def slowloris(stage: Stage) -> None:
    """200 connections whose heads and bodies never end: the others are served."""
    at = urlsplit(stage.live.web_url)
    head = f"POST /api/v1/charts HTTP/1.1\r\nHost: {at.netloc}\r\n"
    body = f"{head}Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{{"
    with ExitStack() as open_ones:
        drips = [
            open_ones.enter_context(socket.create_connection((str(at.hostname), at.port or 80), timeout=10))
            for _ in range(200)
        ]
        for number, drip in enumerate(drips):
            drip.sendall((head if number % 2 else body).encode())
        stage.draw(title="Among slow ones")
        for drip in drips:
            drip.sendall(b" ")
        stage.draw(title="Still among slow ones")


@scene("upload-017")
def many_uploads(stage: Stage) -> None:
    most = int(stage.env["FIGPRESS_DATASETS"])
    statuses = []
    for number in range(most + 3):
        got = stage.call(
            "PUT", f"datasets/small_{number}", b"a,b\nx,1\n", who="ivan", headers={"Content-Type": "text/csv"}
        )
        statuses.append(got.status)
    assert statuses[-1] in (413, 429), statuses
    assert Dataset.objects.filter(owner__username="ivan").count() <= most


@scene("upload-019")
def cut_off(stage: Stage) -> None:
    before, at = Dataset.objects.count(), urlsplit(stage.live.web_url)
    stage.call("GET", "charts")
    with socket.create_connection((str(at.hostname), at.port or 80)) as client:
        token = f"Authorization: Bearer {stage.tokens['ada']}"
        head = f"PUT /api/v1/datasets/half HTTP/1.1\r\nHost: {at.netloc}\r\n{token}\r\n"
        client.sendall(f"{head}Content-Type: text/csv\r\nContent-Length: 1000\r\n\r\na,b\n1,2\n".encode())
    stage.draw()
    assert Dataset.objects.count() == before
    assert stage.call("GET", "datasets/half").status == 404


@scene("url-025")
def slow_drip(stage: Stage) -> None:
    stage.server.script = lambda connection, _: drip(stage, connection)
    url = f"{stage.server.url}/drip.csv"
    job = stage.job(stage.post("charts", {"spec": SPEC | {"data": {"url": url}}}))
    assert (job.status, job.reason) == ("failed", "data_error"), (job.status, job.reason, job.message)


def drip(stage: Stage, connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\n\r\nx,y\n")
    while not stage.server.over.wait(0.3):
        connection.sendall(b"a")


# --- Processes --------------------------------------------------------------------------------------------------


@scene("func-002")
def quits(stage: Stage) -> None:
    job = stage.figure("quits")
    assert (job.status, job.reason) == ("failed", "figure_error"), (job.status, job.reason, job.message)
    wrong = stage.post("figures/hazards.tells/render", {"params": {"log": 5, "megabytes": "x"}})
    assert wrong.status == 422
    assert {error["pointer"] for error in wrong.json()["errors"]} == {"/params/log", "/params/megabytes"}


@scene("worker-001")
def out_of_memory(stage: Stage) -> None:
    job = stage.figure("memory")
    assert (job.status, job.reason) == ("failed", "too_large"), (job.status, job.reason, job.message)


@scene("worker-003")
def segmentation_fault(stage: Stage) -> None:
    job = stage.figure("segfault")
    assert (job.status, job.reason) == ("failed", "worker_lost"), (job.status, job.reason, job.message)
    assert job.attempt == job.max_attempts, "not for ever"


@scene("worker-005", "worker-007")
def no_end(stage: Stage) -> None:
    for hazard in ("spin", "swallows"):
        job = stage.figure(hazard)
        assert (job.status, job.reason) == ("failed", "timeout"), (job.status, job.reason, job.message)


@scene("worker-009")
def pickled(stage: Stage) -> None:
    """A message whose reading runs code is not read."""
    marker = stage.folder / "pickled"
    body = f"cos\nsystem\n(S'touch {marker}'\ntR.".encode()
    with celery_app.connection_for_write() as connection:
        producer = connection.Producer()
        producer.publish(
            body, routing_key="interactive", exchange="", headers={"task": "x", "id": "y"},
            content_type="application/x-python-serialize", content_encoding="binary",
        )  # fmt: skip
    stage.draw(title="After a pickle")
    assert not marker.exists()


@scene("worker-011")
def remote_control(stage: Stage) -> None:
    celery_app.control.broadcast("shutdown")
    stage.draw(title="After a shutdown by strangers")
    assert all(worker.is_running for worker in stage.live.workers)


@scene("worker-013")
def deleted_meanwhile(stage: Stage) -> None:
    for number in range(5):
        made = stage.post("charts", {"spec": SPEC | {"title": f"Deleted {number}"}}).json()["chart"]["id"]
        assert stage.call("DELETE", f"charts/{made}").status == 204
    local.wait_for(lambda: not RenderJob.objects.filter(status__in=ACTIVE).exists(), deadline=60, what="all ends")

    def orphans() -> set[str]:
        there = {str(path.relative_to(stage.live.folder / "media")) for path in steps.files(stage.live)}
        return there - set(Rendition.objects.values_list("file", flat=True))

    local.wait_for(lambda: not orphans(), deadline=60, what="the end of files that nothing names")


@scene("worker-015")
def no_broker(stage: Stage) -> None:
    stage.live.redis.kill()
    try:
        asked = stage.post("charts", {"spec": SPEC | {"title": "Without a broker"}})
    finally:
        stage.live.restart_redis()
    assert asked.status == 202
    assert stage.job(asked).status == "succeeded"


@scene("worker-017", "schedule-002")
def many_schedules(stage: Stage) -> None:
    """Very many schedules at one moment, and two beats that tick: one run each, and the others do not wait."""
    owner = stage.live.user("judy")
    count, recipe = 300, Recipe.from_spec(SPEC)
    mine = [charts.create(owner, recipe, name=f"Night {number}")[0] for number in range(count)]
    due = timezone.now()
    Schedule.objects.bulk_create(
        Schedule(owner=owner, chart=chart, cron="0 0 1 1 *", timezone="UTC", next_due_at=due) for chart in mine
    )
    beats = [stage.live.start_beat(**stage.env) for _ in range(2)]
    runs = RenderJob.objects.filter(schedule__owner=owner)
    try:
        local.wait_for(lambda: runs.count() == count, deadline=90, every=0.5, what="the runs of all schedules")
        stage.draw(title="At midnight")
        assert Worker.objects.filter(seen_at__gt=timezone.now() - timedelta(seconds=30)).exists()
    finally:
        for beat in beats:
            beat.stop()
    assert runs.count() == count, "no schedule runs twice"
    for pk in runs.filter(status__in=ACTIVE).values_list("pk", flat=True):
        stage.post(f"jobs/{pk}/cancel", who="judy")
    local.wait_for(lambda: not runs.filter(status__in=ACTIVE).exists(), deadline=120, what="the end of the night")


@scene("schedule-004")
def zones(stage: Stage) -> None:
    chart = stage.draw()["id"]
    for zone in ("Mars/Base", "../../etc/passwd", "localtime", 1e9):
        got = stage.post("schedules", {"chart": chart, "cron": "0 7 * * *", "timezone": zone})
        assert got.status == 422, (zone, got.status)
        assert [error["pointer"] for error in got.json()["errors"]] == ["/timezone"]


# --- Logs, keys, webhooks ---------------------------------------------------------------------------------------


@scene("log-001")
def forged_lines(stage: Stage) -> None:
    title = "x\n[INFO] admin logged in"
    assert stage.post("charts", {"spec": SPEC | {"title": title + "\x1b[31m"}}).status == 422
    got = stage.post("charts", {"spec": SPEC | {"title": title, "data": {"url": f"{stage.server.url}/a\nb"}}})
    assert got.status == 422
    stage.draw(title=title)
    lines = stage.logs().splitlines()
    assert not [line for line in lines if line.startswith("[INFO] admin") or "\x1b[31m" in line]


@scene("log-003")
def echoes(stage: Stage) -> None:
    got = stage.post("charts", {"spec": SPEC | {"style": {"color": "x" * 5_000_000}}})
    assert got.status == 422
    assert len(got.body) < 2_000


@scene("cache-002")
def same_names(stage: Stage) -> None:
    seen = []
    for who, content in (("ada", b"x,y\nhers,1\n"), ("mallory", b"x,y\nhis,2\nelse,3\n")):
        headers = {"Content-Type": "text/csv", "Prefer": "wait=30"}
        put = stage.call("PUT", "datasets/same_name", content, who=who, headers=headers)
        assert put.status in (200, 201), put.body
        chart = stage.draw(who, data={"dataset": "same_name"})
        assert (
            stage.call("GET", f"charts/{chart['id']}/image", who="ada" if who == "mallory" else "mallory").status == 404
        )
        seen.append(stage.call("GET", f"charts/{chart['id']}/image", who=who).body)
    assert seen[0] != seen[1]


@scene("cache-004")
def canonical(stage: Stage) -> None:
    def key(spec: Spec) -> str:
        got = stage.post("charts", {"spec": spec | {"title": "Canonical"}}, headers={"Prefer": "wait=30"}).json()
        assert "chart" in got, got
        return str(RenderJob.objects.filter(target_id=got["chart"]["id"]).latest("pk").content_key)

    def amounts(*values: object) -> Spec:
        return SPEC | {"data": {"columns": {"x": ["a", "b"], "y": list(values)}}}

    assert key(SPEC) == key(dict(reversed(SPEC.items())))
    refused = stage.post("charts", {"spec": amounts("1", "2")})
    assert refused.status == 422, "numbers that are written as texts are none"
    keys = [key(amounts(*values)) for values in ((1, 2), (1, 3), (-0.0, 1), (0.5, 1), (1.0000000000000002, 2))]
    assert len(set(keys)) == len(keys)


@scene("webhook-001")
def hooks_inside(stage: Stage) -> None:
    for url in (
        "http://127.0.0.1:6379/",
        "http://169.254.169.254/",
        "http://[::1]/",
        "file:///etc/passwd",
        "http://a@b.c/",
    ):
        got = stage.post("webhooks", {"url": url})
        assert got.status == 422, (url, got.status)
        assert [error["pointer"] for error in got.json()["errors"]] == ["/url"]
    stage.server.script = answer(b"", "302 Found", Location="http://169.254.169.254/")
    sent = attempted(stage)
    assert (sent.last_status, sent.status != "delivered") == (302, True)


@scene("webhook-003")
def slow_receiver(stage: Stage) -> None:
    stage.server.script = lambda connection, _: drip(stage, connection)
    begun = time.monotonic()
    sent = attempted(stage)
    assert sent.last_status in (200, None)
    assert time.monotonic() - begun < 60, "it has a deadline"


@scene("webhook-005")
def secrets(stage: Stage) -> None:
    stage.server.script = Receiver()
    made = stage.post("webhooks", {"url": f"{stage.server.url}/hook"}).json()
    assert made["secret"] not in stage.call("GET", f"webhooks/{made['id']}").body.decode()
    turned = stage.post(f"webhooks/{made['id']}/rotate").json()
    assert turned["secret"] != made["secret"]
    assert turned["previous_secret_until"]
    assert stage.call("GET", f"webhooks/{made['id']}", who="mallory").status == 404
    assert stage.call("DELETE", f"webhooks/{made['id']}").status == 204


def attempted(stage: Stage) -> Delivery:
    """A test delivery, after its attempt."""
    made = stage.post("webhooks", {"url": f"{stage.server.url}/hook"})
    assert made.status == 201, made.body
    sent = stage.post(f"webhooks/{made.json()['id']}/test").json()["id"]
    over = Delivery.objects.filter(pk=sent, last_attempt_at__isnull=False, last_ms__isnull=False)
    local.wait_for(over.exists, deadline=60, what="the attempt of a delivery")
    found = over.get()
    stage.call("DELETE", f"webhooks/{made.json()['id']}")
    return found


def first_picture(body: bytes) -> tuple[int, int]:
    """The size of a picture."""
    with Image.open(BytesIO(body), formats=["PNG"]) as opened:
        return opened.size


@scene("size-013")
def far_away(stage: Stage) -> None:
    """What lies far away makes no picture larger."""
    far: list[Spec] = [{"kind": "text", "x": x, "y": 400, "text": "far away"} for x in (1, 400)]
    near: Spec = {"kind": "scatter", "data": {"columns": {"x": [1, 2], "y": [1, 2]}}, "axes": {"x": {"max": 2}}}
    sizes = [
        first_picture(stage.call("GET", f"charts/{stage.draw(**near, **more)['id']}/image").body)
        for more in (Spec(), Spec(annotations=far))
    ]
    assert sizes[0] == sizes[1], sizes
