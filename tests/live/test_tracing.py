"""One trace from a request to its picture and to the receiver of a webhook; and collectors that are away or hang."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from project import local
from renderer.models import RenderJob
from tests.live.installation import Live
from tests.live.steps import SPEC, children
from tests.web_servers import Receiver, Server

pytestmark = pytest.mark.live

STRANGERS = "00-" + "a" * 32 + "-" + "b" * 16 + "-01"
STAGES = {"loading", "drawing", "encoding", "storing"}


class Collector:
    """An OTLP/HTTP receiver on loopback, and what it was sent."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                assert self.path == "/v1/traces"
                collector.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(200)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                return

        self._server = ThreadingHTTPServer((local.LOOPBACK, 0), Handler)
        self.port = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    def spans(self) -> list[tuple[int, Span]]:
        """Each with the process that it comes from."""
        found = []
        for body in list(self.bodies):
            for group in ExportTraceServiceRequest.FromString(body).resource_spans:
                about = {each.key: each.value for each in group.resource.attributes}
                assert about["service.name"].string_value == "figpress"
                found += [(about["process.pid"].int_value, span) for scope in group.scope_spans for span in scope.spans]
        return found

    def close(self) -> None:
        """Nobody listens any more."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()


@pytest.fixture
def collector() -> Iterator[Collector]:
    server = Collector()
    yield server
    server.close()


def _said(span: Span) -> dict[str, Any]:
    return {each.key: getattr(each.value, each.value.WhichOneof("value") or "") for each in span.attributes}


def _draw(live: Live, title: str, **headers: str) -> Any:
    answer = live.call(
        "POST", "/api/v1/charts", {"spec": {**SPEC, "title": title}}, headers={"Prefer": "wait=30", **headers}
    )
    assert answer.status == 201, answer.body
    return answer.json()


def test_one_trace_from_the_request_to_the_picture_and_collectors_that_are_away(
    live: Live, collector: Collector
) -> None:
    live.env["OTEL_EXPORTER_OTLP_ENDPOINT"] = f"http://{local.LOOPBACK}:{collector.port}"
    with Server(Receiver(["204 No Content"])) as receiver, socket.socket() as hung:
        live.env["FIGPRESS_FETCH_INTERNAL"] = f"127.0.0.1:{receiver.port}"
        live.start_web()
        worker = live.start_worker(concurrency=1)
        hook = live.call("POST", "/api/v1/webhooks", {"url": f"{receiver.url}/hook", "events": ["render.succeeded"]})
        assert hook.status == 201, hook.body
        drawn = _draw(live, "hush, a title", traceparent=STRANGERS)

        def whole() -> dict[str, tuple[int, Span]]:
            found = collector.spans()
            traces = {s.name: s.trace_id for _, s in found if s.name in ("POST api/v1/charts", "enqueue")}
            ours = {s.name: (pid, s) for pid, s in found if s.trace_id == traces.get("POST api/v1/charts")}
            return ours if {"enqueue", "publish", "wait", "render", "deliver", *STAGES} <= ours.keys() else {}

        spans = live.wait_for(whole, what="the spans of one trace")
        parents = {name: next((n for n, (_, s) in spans.items() if s.span_id == span.parent_span_id), "")
                   for name, (_, span) in spans.items()}  # fmt: skip
        request = "POST api/v1/charts"
        assert parents == {
            request: "", "enqueue": request, "publish": request, "wait": "enqueue", "render": "enqueue",
            **dict.fromkeys(STAGES, "render"), "deliver": "render",
        }  # fmt: skip
        (web,) = {pid for name, (pid, _) in spans.items() if name in (request, "enqueue", "publish")}
        (child,) = {pid for name, (pid, _) in spans.items() if name in ("wait", "render", "deliver", *STAGES)}
        assert live.web
        assert web == live.web.pid
        assert child in children(worker.pid), "each child tells its own"
        asked, wait, render = (spans[name][1] for name in (request, "wait", "render"))
        assert asked.start_time_unix_nano <= wait.start_time_unix_nano <= wait.end_time_unix_nano
        assert wait.end_time_unix_nano <= render.end_time_unix_nano
        # Who has waited is answered while the worker still closes its own.
        assert spans["storing"][1].end_time_unix_nano <= asked.end_time_unix_nano
        assert [link.trace_id.hex() for link in asked.links] == ["a" * 32], "a stranger's trace is not joined"
        assert _said(asked)["http.response.status_code"] == 201
        assert _said(render)["figpress.job"] == drawn["job"]["id"] == _said(spans["enqueue"][1])["figpress.job"]
        assert _said(render)["figpress.outcome"] == "succeeded"
        row = RenderJob.objects.get(pk=drawn["job"]["id"])
        assert row.traceparent.split("-")[1] == render.trace_id.hex()
        assert render.trace_id.hex() in worker.output(), "the log leads to it"

        # An error is told by its kind, and nothing that people wrote is told at all.
        failed = live.call(
            "POST", "/api/v1/charts", {"spec": {**SPEC, "x": "hush_column"}}, headers={"Prefer": "wait=30"}
        )
        assert failed.status in (201, 422), failed.body
        live.call("GET", f"/api/v1/jobs/{row.pk}?token=hush")
        live.wait_for(lambda: [s for _, s in collector.spans() if s.name.startswith("GET ")], what="a GET")
        told = b"".join(collector.bodies)
        for secret in (b"hush", live.token.encode(), b"Fruit"):
            assert secret not in told

        # The collector goes; then it hangs. Nobody notices but the log, and processes end as ever.
        collector.close()
        _draw(live, "away")
        live.wait_for(lambda: "the collector takes no spans" in worker.output(), what="a line in the log")
        assert live.stop_worker() == 0
        hung.bind((local.LOOPBACK, 0))
        hung.listen(1)
        live.env["OTEL_EXPORTER_OTLP_ENDPOINT"] = f"http://{local.LOOPBACK}:{hung.getsockname()[1]}"
        live.start_worker(concurrency=1)
        _draw(live, "hangs")
        assert live.stop_worker() == 0
