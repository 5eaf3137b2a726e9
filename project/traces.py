"""Traces, to a collector of OpenTelemetry's. Off, and not even imported, unless OTEL_EXPORTER_OTLP_ENDPOINT is set."""

from __future__ import annotations

import atexit
import logging
import os
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from renderer import tracing

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
    from opentelemetry.sdk.trace.export import SpanExportResult

DEFAULTS: Final = {
    "OTEL_SERVICE_NAME": "figpress",
    # What a worker's child has drawn is told before the child may be gone.
    "OTEL_BSP_SCHEDULE_DELAY": "1000",
    "OTEL_EXPORTER_OTLP_TIMEOUT": "2",
}
"""Of OpenTelemetry's own variables, where they are not set."""
REST: Final = 30.0
"""Seconds after an error in which spans are thrown away, so that a collector that is away costs nothing but a line."""
PATIENCE: Final = 1000
"""Milliseconds that the end of a process waits for its last spans."""

logger = logging.getLogger(__name__)


def start(endpoint: str) -> None:
    """Send spans there, from a thread of each process that has any. Imports what that takes, so that a worker's
    children have it already."""
    if not endpoint:
        return
    from opentelemetry.exporter.otlp.proto.http import trace_exporter
    from opentelemetry.sdk.trace import export

    for name, value in DEFAULTS.items():
        os.environ.setdefault(name, value)
    logging.getLogger(trace_exporter.__name__).setLevel(logging.CRITICAL)  # we say it, once

    class Calm(export.SpanExporter):
        """An exporter that rests after an error."""

        def __init__(self) -> None:
            self._exporter = trace_exporter.OTLPSpanExporter()
            self._rest_until = 0.0

        def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
            if time.monotonic() < self._rest_until:
                return export.SpanExportResult.FAILURE
            result = self._exporter.export(spans)
            if result is not export.SpanExportResult.SUCCESS:
                self._rest_until = time.monotonic() + REST
                logger.warning("traces: the collector takes no spans; the next are sent in %d s", REST)
            return result

        def shutdown(self) -> None:
            self._exporter.shutdown()  # type: ignore[no-untyped-call]  # it has no types

    class Batches(export.BatchSpanProcessor):
        """Batches whose end does not wait for half a minute."""

        def shutdown(self) -> None:
            self._batch_processor.shutdown(timeout_millis=PATIENCE)

    def provider() -> TracerProvider:
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider

        made = TracerProvider(
            resource=Resource.create({"process.pid": os.getpid()}),
            shutdown_on_exit=False,  # by end, which knows whose it is
        )
        made.add_span_processor(Batches(Calm()))
        atexit.register(tracing.end)
        return made

    tracing.use(provider)
