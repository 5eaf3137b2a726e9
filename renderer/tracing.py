"""Traces: where the time goes between a request and its picture, as spans of OpenTelemetry that lead from the web
process to the worker and on to the receiver of a webhook.

Off, and not even imported, until a project says by :func:`use` who takes the spans. The broker's messages name no job;
so the context travels with the job's row, as ``traceparent`` (W3C), and a delivery's in the head of its message.

A span says names, ids and numbers: never a path, a title, a value or an error's words.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.trace import Tracer, TracerProvider

Kind = Literal["internal", "server", "client", "producer", "consumer"]
Attributes = Mapping[str, str | int | float | bool]

HEADER: Final = "traceparent"

_make: Callable[[], TracerProvider] | None = None
_own: tuple[int, TracerProvider] | None = None
"""The process that it was made in, and who takes its spans: threads and connections do not survive a fork."""


def use(make: Callable[[], TracerProvider]) -> None:
    """Make spans, from now on. ``make`` is called once in each process, at its first span and so after every fork: a
    project with OpenTelemetry of its own gives ``opentelemetry.trace.get_tracer_provider``."""
    global _make
    _make = make


def begin() -> None:
    """Make ready now what the first span of this process would."""
    _tracer()


def end() -> None:
    """This process ends: let go of what is left to be sent."""
    global _own
    if _own is not None and _own[0] == os.getpid():
        shutdown = getattr(_own[1], "shutdown", None)  # the API's provider, which takes nothing, has none
        _own = None
        if shutdown is not None:
            shutdown()


@contextmanager
def span(
    name: str,
    attributes: Attributes | None = None,
    *,
    kind: Kind = "internal",
    of: str = "",
    linked: str = "",
    begins: bool = False,
) -> Iterator[None]:
    """What happens inside is a span: a part of ``of``, a ``traceparent``, or else of the span around it. Where there is
    neither there is none, unless it is one that ``begins`` a trace."""
    tracer = _tracer()
    if tracer is None or not (begins or of or traceparent()):
        yield
        return
    from opentelemetry import trace

    links = [trace.Link(context)] if (context := _span_context(linked)).is_valid else []
    with tracer.start_as_current_span(
        name,
        _context(of) if of else None,
        trace.SpanKind[kind.upper()],
        attributes,
        links,
        record_exception=False,  # its words are other people's
        set_status_on_exception=False,
    ) as current:
        try:
            yield
        except BaseException as error:
            current.set_attribute("error.type", type(error).__qualname__)
            current.set_status(trace.StatusCode.ERROR)
            raise


def past(name: str, since: datetime, until: datetime, attributes: Attributes | None = None, *, of: str) -> None:
    """A span that has been, between two moments; none without a trace that it is part of."""
    tracer = _tracer()
    if tracer is None or not of:
        return
    begun, ended = (round(moment.timestamp() * 1_000_000) * 1000 for moment in (since, max(since, until)))
    tracer.start_span(name, _context(of), attributes=attributes, start_time=begun).end(ended)


def note(attributes: Attributes, *, name: str = "", failed: bool = False) -> None:
    """Say more about the span that this is in: how it ended, or what it is called, now that it is known."""
    if _make is None:
        return
    from opentelemetry import trace

    current = trace.get_current_span()
    current.set_attributes(attributes)
    if name:
        current.update_name(name)
    if failed:
        current.set_status(trace.StatusCode.ERROR)


def traceparent() -> str:
    """The span that this is in, for a row or a message; empty outside of one."""
    if _make is None:
        return ""
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    carrier: dict[str, str] = {}
    TraceContextTextMapPropagator().inject(carrier)
    return carrier.get(HEADER, "")


def trace_id() -> str:
    """The id of the trace that this is in, for the log; empty outside of one."""
    parts = traceparent().split("-")
    return parts[1] if len(parts) > 1 else ""


def _tracer() -> Tracer | None:
    global _own
    if _make is None:
        return None
    if _own is None or _own[0] != os.getpid():
        _own = os.getpid(), _make()
    return _own[1].get_tracer("figpress")


def _context(of: str) -> Context:
    """Of a ``traceparent``, and of nothing else: an empty one if it is none."""
    from opentelemetry.context import Context
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    return TraceContextTextMapPropagator().extract({HEADER: of}, Context())


def _span_context(of: str) -> Any:
    from opentelemetry import trace

    return trace.get_current_span(_context(of)).get_span_context()
