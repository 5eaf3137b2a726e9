"""Pictures and datasets in S3-compatible storage: everything that files on a disk do, by one variable."""

from __future__ import annotations

import hashlib
import io
import os
import urllib.error
import urllib.request
import warnings
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from zipfile import ZipFile

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone
from pytest_django import Settings

from project import local, parts
from renderer import health, readiness
from renderer.bucket import Bucket, BucketError
from renderer.jobs import charts, orphans
from renderer.models import Chart, Rendition
from renderer.models.job import Status, Trigger
from renderer.recipe import Recipe
from tests.live.installation import Answer, Live
from tests.live.steps import SPEC
from tests.s3 import BUCKET, S3

pytestmark = pytest.mark.live


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3]:
    server = S3(tmp_path_factory.mktemp("s3"))
    yield server
    server.stop()


@pytest.fixture
def in_bucket(s3: S3, settings: Settings) -> Iterator[Bucket]:
    """This process keeps its files in the bucket, too."""
    entry, _ = parts.storage(s3.url)
    settings.STORAGES = {**settings.STORAGES, "default": entry}
    storage: Any = default_storage  # a lazy object, which now is one
    yield storage
    storage.connection.meta.client.close()
    for name in s3.names():
        s3.client.delete_object(Bucket=BUCKET, Key=name)


def _get(address: str, **headers: str) -> Answer:
    try:
        with urllib.request.urlopen(urllib.request.Request(address, headers=headers), timeout=20) as answer:
            return Answer(answer.status, answer.headers, answer.read())
    except urllib.error.HTTPError as answer:
        with answer:
            return Answer(answer.code, answer.headers, answer.read())


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any) -> None:
        return None


def _stay(live: Live, path: str, *, token: str = "", **headers: str) -> Answer:
    """Ask without following where one is sent."""
    given = {"Authorization": f"Bearer {token or live.token}", "Accept": "image/*", **headers}
    try:
        request = urllib.request.Request(live.web_url + path, headers=given)
        with urllib.request.build_opener(_Stay).open(request, timeout=20) as answer:
            return Answer(answer.status, answer.headers, answer.read())
    except urllib.error.HTTPError as answer:
        with answer:
            return Answer(answer.code, answer.headers, answer.read())


def test_a_bucket_behaves_as_a_folder_does(in_bucket: Bucket, s3: S3) -> None:
    name = in_bucket.save("charts/a.png", ContentFile(b"picture"))
    assert name == "charts/a.png"
    assert s3.names() == ["charts/charts/a.png"], "below the folder that the address names"
    with in_bucket.open(name) as file:
        assert file.read() == b"picture"
    assert in_bucket.exists(name)
    assert in_bucket.size(name) == 7
    assert in_bucket.listdir("charts") == ([], ["a.png"])
    assert in_bucket.listdir("") == (["charts"], [])
    assert timezone.now() - in_bucket.get_modified_time(name) < timedelta(minutes=1)

    # Another process has connections of its own.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        parents = in_bucket.connection
        child = os.fork()
    if child == 0:
        ok = in_bucket.connection is not parents and in_bucket.exists(name)
        os._exit(0 if ok else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert in_bucket.connection is parents

    # Signed addresses are; all others are refused, unless somebody has made the bucket public.
    signed = in_bucket.signed(name, {"Content-Type": "image/png", "Cache-Control": "private"})
    assert _get(signed).headers["Content-Type"] == "image/png"
    assert not in_bucket.is_public(name)
    assert health.look_at_storage().says == f"the bucket {BUCKET} keeps files"
    readiness.look_at_storage()
    s3.client.put_bucket_policy(Bucket=BUCKET, Policy=_everybody())
    s3.client.put_object_acl(Bucket=BUCKET, Key=f"charts/{name}", ACL="public-read")
    assert in_bucket.is_public(name)

    in_bucket.delete(name)
    in_bucket.delete(name)  # is no error
    assert not in_bucket.exists(name)
    for ask in (in_bucket.open, in_bucket.size, in_bucket.get_modified_time):
        with pytest.raises(FileNotFoundError):
            ask(name)
    assert s3.names() == []
    s3.client.delete_bucket_policy(Bucket=BUCKET)


def _everybody() -> str:
    return (
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", '
        f'"Resource": "arn:aws:s3:::{BUCKET}/*"}}]}}'
    )


def test_a_store_that_is_away_or_refuses_is_an_error_of_files(s3: S3) -> None:
    for address in (
        f"s3+http://k:s@{local.LOOPBACK}:{local.free_port()}/{BUCKET}",
        f"s3+http://k:s@{local.LOOPBACK}:{s3.port}/no-such-bucket",
    ):
        options = parts.storage(address)[0]["OPTIONS"]
        away = Bucket(**options)
        with pytest.raises(BucketError):
            away.save("a.png", ContentFile(b"x"))
        with pytest.raises(OSError):  # noqa: PT011 - whichever: it is one of files
            away.open("a.png")
        away.connection.meta.client.close()


def test_the_way_of_a_chart_through_a_bucket(live: Live, in_bucket: Bucket, s3: S3) -> None:
    live.env["STORAGE_URL"] = s3.url
    live.start_worker(concurrency=1)
    live.start_web()
    live.wait_for(
        lambda: live.call("GET", "/readyz").json()["parts"]["storage"] == "ready", what="a bucket that answers"
    )
    sent = live.call("POST", "/api/v1/charts", {"spec": SPEC, "formats": ["png", "svg"]}, headers={"Prefer": "wait=30"})
    assert sent.status == 201, sent.body
    chart = Chart.objects.get(pk=sent.json()["chart"]["id"])
    file = Rendition.objects.get(job=chart.drawn_by_id, format="png")
    assert f"charts/{file.file.name}" in s3.names()

    # Its owner is sent to an address that is good for a minute; the type and the name are ours.
    path = f"/api/v1/charts/{chart.pk}/image.png"
    answer = _stay(live, path)
    assert (answer.status, answer.body) == (302, b"")
    assert answer.headers["Cache-Control"] == "private, no-store"
    address = answer.headers["Location"]
    asked = parse_qs(urlsplit(address).query)
    assert address.startswith(f"{s3.endpoint}/{BUCKET}/charts/")
    assert asked["X-Amz-Expires"] == ["60"]
    picture = _get(address)
    assert hashlib.sha256(picture.body).hexdigest() == file.sha256
    assert picture.headers["Content-Type"] == "image/png"
    assert picture.headers["Content-Disposition"] == f'inline; filename="chart-{chart.pk}.png"'
    part = _get(address, Range="bytes=1-3")
    assert (part.status, part.body) == (206, b"PNG")
    assert _get(address.partition("?")[0]).status == 403
    assert "svg" in _get(_stay(live, path.replace(".png", ".svg")).headers["Location"]).headers["Content-Type"]

    # ETags are ours, and who has the picture is sent nowhere; nor is anybody who only asks.
    etag = answer.headers["ETag"]
    assert etag == f'"{file.sha256}"'
    assert _stay(live, path, **{"If-None-Match": etag}).status == 304
    assert _stay(live, f"{path}?v={file.sha256[:16]}").headers["Cache-Control"] == "private, max-age=30"
    head = live.call("HEAD", path)
    assert (head.status, head.headers["Content-Length"]) == (200, str(file.bytes))
    assert _stay(live, path, token="figp_of_nobody").status == 401
    page = live.call("GET", "/sign-in/")
    assert s3.endpoint in page.headers["Content-Security-Policy"], "so that pages may show what is there"

    # A dataset, which its worker reads from a copy.
    rows = b"x,y\na,1\nb,2\n"
    upload = live.call("PUT", "/api/v1/datasets/fruit", rows, headers={"Content-Type": "text/csv", "Prefer": "wait=30"})
    assert upload.status in (200, 201, 202), upload.body
    live.wait_for(lambda: live.call("GET", "/api/v1/datasets/fruit").json().get("rows") == 2, what="the dataset's rows")
    of_dataset = {**SPEC, "data": {"dataset": "fruit"}}
    drawn = live.call("POST", "/api/v1/charts", {"spec": of_dataset}, headers={"Prefer": "wait=30"})
    assert drawn.status == 201, drawn.body

    # A batch as one ZIP file; a share link, whose bytes come through us.
    batch = live.call("POST", "/api/v1/batches", {"charts": [{"spec": {**SPEC, "title": n}} for n in "ab"]}).json()
    batch_path = f"/api/v1/batches/{batch['id']}"
    live.wait_for(lambda: live.call("GET", batch_path).json()["finished_at"], what="the batch")
    archive = ZipFile(io.BytesIO(live.call("GET", f"{batch_path}/zip").body))
    assert sorted(archive.namelist()) == ["a.png", "b.png", "manifest.json"]
    assert archive.read("a.png").startswith(b"\x89PNG")
    share = live.call("POST", f"/api/v1/charts/{chart.pk}/links", {"format": "png"}).json()
    assert _get(live.web_url + urlsplit(share["url"]).path).body == picture.body

    # What no row names goes at night; what lost its file is drawn again; what is deleted is gone.
    stray = in_bucket.save(f"renditions/{file.job_id}-9-0badcafe.png", ContentFile(b"x"))
    gone = Rendition.objects.get(job=chart.drawn_by_id, format="png").file.name
    s3.client.delete_object(Bucket=BUCKET, Key=f"charts/{gone}")
    report = orphans.sweep(timezone.now() + timedelta(days=1))
    assert (report.deleted, report.missing, report.redrawn) == (1, 1, 1)
    assert not in_bucket.exists(stray)
    live.wait_for(lambda: Chart.objects.get(pk=chart.pk).drawn_by_id != chart.drawn_by_id, what="it is drawn again")
    job = charts.render(charts.create(live.user(), Recipe.from_spec(SPEC))[0], trigger=Trigger.CODE).job
    live.wait_for(lambda: type(job).objects.get(pk=job.pk).status == Status.SUCCEEDED, what="one more")
    for one in Chart.objects.all():
        assert live.call("DELETE", f"/api/v1/charts/{one.pk}").status == 204
    live.wait_for(lambda: not [n for n in s3.names() if n.endswith((".png", ".svg"))], what="an empty bucket")


def test_without_redirects_the_bytes_come_through_us(s3: S3) -> None:
    entry, origin = parts.storage(f"{s3.url}&redirect=0")
    assert origin == ""
    assert Bucket(**entry["OPTIONS"]).signed("charts/a.png", {"Content-Type": "image/png"}) == ""
