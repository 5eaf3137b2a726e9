"""Redis as operators have it: over TLS, and behind sentinels who choose another master when theirs dies."""

from __future__ import annotations

import ipaddress
import json
import re
import threading
import urllib.request
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import redis as client
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.utils import timezone
from pytest_django import DjangoDbBlocker, Settings

from project import local
from renderer import sentinels
from renderer.models import RenderJob
from renderer.models.job import Status
from tests.live import environment, installation
from tests.live.installation import Live
from tests.live.steps import SPEC, is_drawing, open_gate

pytestmark = pytest.mark.live

PASSWORD, SENTINELS_PASSWORD = "of-redis", "of-sentinels"


class Certificate(NamedTuple):
    """One that signs itself, so that it is its own authority; and its key."""

    path: Path
    key: Path


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    folder = tmp_path_factory.mktemp("certificate")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "redis of the tests")])
    now = timezone.now()
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(local.LOOPBACK))])
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(days=1))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    made = Certificate(folder / "redis.pem", folder / "redis.key")
    made.path.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    made.key.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )  # fmt: skip
    return made


class Node(local.Process):
    """A Redis or, with ``sentinel``, one who watches it; both listen with TLS alone."""

    def __init__(self, name: str, folder: Path, certificate: Certificate, *lines: str, sentinel: bool = False) -> None:
        folder.mkdir()
        self.port = local.free_port()
        config = folder / "node.conf"
        config.write_text("\n".join([
            f"bind {local.LOOPBACK}", "port 0", f"tls-port {self.port}", "tls-replication yes", "tls-auth-clients no",
            f"tls-cert-file {certificate.path}", f"tls-key-file {certificate.key}",
            f"tls-ca-cert-file {certificate.path}", f'dir "{folder}"', *lines, "",
        ]))  # fmt: skip
        command = [local.find_redis(), str(config), *(["--sentinel"] if sentinel else [])]
        super().__init__(name, command, log=folder / "node.log")
        try:
            self.wait_until(lambda: local.is_listening(self.port))
        except local.LocalError as error:
            if "tls" in str(error):
                pytest.skip("This Redis knows no TLS: apt-get install redis-server")
            raise


@pytest.fixture
def nodes() -> Iterator[list[Node]]:
    """Those that a test starts: they end with it."""
    started: list[Node] = []
    yield started
    for node in started:
        node.kill()


@pytest.fixture
def start(
    workspace: Path, redis: local.Redis, settings: Settings, django_db_blocker: DjangoDbBlocker
) -> Iterator[Callable[[str], Live]]:
    """An installation whose Redis has this address. The test's own process publishes nothing, but asks over HTTP."""
    settings.VAR_DIR, settings.MEDIA_ROOT = workspace, workspace / "media"
    settings.SECRET_KEY = (workspace / "secret_key").read_text()
    env = environment.environment(workspace)
    live = Live(workspace, env, redis)

    def started(url: str) -> Live:
        env["REDIS_URL"] = url
        return live

    with installation.database(env["DATABASE_URL"], django_db_blocker):
        try:
            yield started
        finally:
            live.stop()


def _draw(live: Live, title: str, prefer: str = "wait=30") -> str:
    """Ask for a chart. Returns the id of its job."""
    answer = live.call(
        "POST", "/api/v1/charts", {"spec": {**SPEC, "title": title}}, headers={"Prefer": prefer} if prefer else {}
    )
    assert answer.status == (201 if prefer else 202), answer.body
    return str(answer.json()["job"]["id"])


class Stream:
    """Somebody who listens to all events of ada's, from now on."""

    def __init__(self, live: Live) -> None:
        request = urllib.request.Request(
            f"{live.web_url}/api/v1/events",
            headers={"Authorization": f"Bearer {live.token}", "Accept": "text/event-stream"},
        )
        self._answer = urllib.request.urlopen(request, timeout=120)
        self.lines: list[str] = []
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        for line in self._answer:
            self.lines.append(line.decode())

    def heard(self, job: str, action: str) -> bool:
        """Whether this has been told of a job."""
        told = [json.loads(line[6:]) for line in list(self.lines) if line.startswith("data: {")]
        return any(job in json.dumps(event) and action in json.dumps(event) for event in told)


def test_redis_over_tls_and_two_web_processes_at_one_address(
    start: Callable[[str], Live], nodes: list[Node], certificate: Certificate, tmp_path: Path
) -> None:
    nodes.append(Node("Redis", tmp_path / "tls", certificate, f"requirepass {PASSWORD}"))
    address = f"rediss://:{PASSWORD}@{local.LOOPBACK}:{nodes[0].port}/0"
    with sentinels.connect(address) as stranger, pytest.raises(client.ConnectionError, match="CERTIFICATE_VERIFY"):
        stranger.ping()
    live = start(f"{address}?ssl_ca_certs={certificate.path}")
    counts = tmp_path / "counts"
    counts.mkdir()
    live.env |= {"PROMETHEUS_MULTIPROC_DIR": str(counts), "FIGPRESS_METRICS_TOKEN": "t", "WEB_CONCURRENCY": "2"}
    live.start_web()
    live.start_worker(concurrency=1)
    live.wait_for(lambda: live.call("GET", "/readyz").status == 200, what="a web server that is ready")
    _draw(live, "first")
    stream = Stream(live)
    job = _draw(live, "second")
    live.wait_for(lambda: stream.heard(job, "succeeded"), what="its news")

    # Whichever of the two is scraped tells of both, and of the jobs the same.
    def told() -> str:
        return live.call("GET", "/metrics", headers={"Authorization": "Bearer t"}).body.decode()

    def both() -> set[str]:
        live.call("GET", "/api/v1/charts")
        found = set(re.findall(r'figpress_http_requests_total\{[^}]*process="(\d+)"', told()))
        return found if len(found) == 2 else set()

    pids = live.wait_for(both, what="the counters of two processes")
    assert live.web
    assert pids <= set(Path(f"/proc/{live.web.pid}/task/{live.web.pid}/children").read_text().split())
    for _ in range(6):
        text = told()
        assert set(re.findall(r'figpress_http_requests_total\{[^}]*process="(\d+)"', text)) == pids
        posts = re.findall(r'requests_total\{method="POST",[^}]*route="api/v1/charts",[^}]*\} (\S+)', text)
        assert sum(map(float, posts)) == 2
        assert re.findall(r"^figpress_workers (\S+)", text, re.MULTILINE) == ["1.0"]


def test_another_master_after_the_first_was_killed(
    start: Callable[[str], Live],
    nodes: list[Node],
    certificate: Certificate,
    tmp_path: Path,
    hazards: dict[str, str],
    gate: Path,
) -> None:
    secret = (f"requirepass {PASSWORD}", f"masterauth {PASSWORD}")
    master = Node("master", tmp_path / "master", certificate, *secret)
    nodes.append(master)
    replica = Node("replica", tmp_path / "replica", certificate, *secret, f"replicaof {local.LOOPBACK} {master.port}")
    nodes.append(replica)
    watcher = Node(
        "sentinel", tmp_path / "sentinel", certificate, f"requirepass {SENTINELS_PASSWORD}",
        f"sentinel monitor figpress {local.LOOPBACK} {master.port} 1", f"sentinel auth-pass figpress {PASSWORD}",
        "sentinel down-after-milliseconds figpress 1000", "sentinel failover-timeout figpress 5000",
        sentinel=True,
    )  # fmt: skip
    nodes.append(watcher)
    # The first of the sentinels is not there: the next is asked.
    address = (
        f"sentinels://:{PASSWORD}@{local.LOOPBACK}:{local.free_port()};{local.LOOPBACK}:{watcher.port}/0"
        f"?service=figpress&sentinel_password={SENTINELS_PASSWORD}&ssl_ca_certs={certificate.path}"
    )
    live = start(address)
    live.env |= hazards

    def role(port: int) -> str:
        url = f"rediss://:{PASSWORD}@{local.LOOPBACK}:{port}/0?ssl_ca_certs={certificate.path}"
        try:
            with sentinels.connect(url) as node:
                info: Any = node.info("replication")
        except client.ConnectionError:
            return ""  # a sentinel that makes it the master closes all of its connections
        return str(info["role"]) + str(info.get("master_link_status", ""))

    live.wait_for(lambda: role(replica.port) == "slaveup", what="a replica that follows")
    live.wait_for(
        lambda: f"+slave slave {local.LOOPBACK}:{replica.port}" in watcher.output(), what="a sentinel that knows it"
    )
    live.start_web()
    live.start_worker(concurrency=1)
    live.wait_for(lambda: live.call("GET", "/readyz").status == 200, what="a web server that is ready")
    _draw(live, "before")
    stream = Stream(live)
    job = _draw(live, "heard")
    live.wait_for(lambda: stream.heard(job, "succeeded"), what="its news")

    # Killed with messages in it, and while a job is drawn whose message nobody takes back then. All are drawn.
    held = live.call("POST", "/api/v1/charts", {"figure": "hazards.gated", "params": {"gate": str(gate)}})
    assert held.status == 202, held.body
    at_gate = RenderJob.objects.get(pk=held.json()["job"]["id"])
    live.wait_for(lambda: is_drawing(at_gate), what="a job at the gate")
    jobs = [str(at_gate.pk), *(_draw(live, f"waiting {i}", prefer="") for i in range(3))]
    master.kill()
    open_gate(live, gate)
    jobs += [_draw(live, f"meanwhile {i}", prefer="") for i in range(3)]
    live.wait_for(lambda: role(replica.port) == "master", what="another master", deadline=60)
    drawn = RenderJob.objects.filter(pk__in=jobs, status=Status.SUCCEEDED, attempt=1)
    live.wait_for(lambda: drawn.count() == len(jobs), what="all of them drawn", deadline=90)

    # Who waits is told by the new one: by a long poll, and by the stream that was open all the time.
    again = [0]

    def told() -> bool:
        again[0] += 1
        job = _draw(live, f"after {again[0]}")
        return stream.heard(job, "succeeded")

    live.wait_for(told, what="news from the new master", deadline=60)
    assert live.call("GET", "/readyz").status == 200
