"""What traces tell, and what they cost where nobody asked for them. How they travel is seen in tests/live."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from renderer import tracing

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
THEIRS = "00-" + "a" * 32 + "-" + "b" * 16 + "-01"


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    """Spans that have ended."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(tracing, "_make", lambda: provider)
    monkeypatch.setattr(tracing, "_own", None)
    yield exporter
    provider.shutdown()


def test_without_a_collector_nothing_is_told() -> None:
    with tracing.span("request", begins=True):
        assert (tracing.traceparent(), tracing.trace_id()) == ("", "")
        tracing.note({"a": 1})
    tracing.past("wait", NOW, NOW, of=THEIRS)
    tracing.end()


def test_what_is_around_leads_to_what_is_inside(told: InMemorySpanExporter) -> None:
    with tracing.span("nobody asked"):
        assert tracing.traceparent() == ""
    with tracing.span("request", kind="server", begins=True, linked="junk"):
        with tracing.span("enqueue", begins=True):
            row = tracing.traceparent()
        assert tracing.trace_id() in row
    tracing.past("wait", NOW, NOW - timedelta(seconds=1), {"figpress.attempt": 1}, of=row)
    with tracing.span("render", of=row, begins=True):
        tracing.note({"figpress.outcome": "succeeded"}, name="drawn", failed=True)
    tracing.past("wait", NOW, NOW, of="")
    with tracing.span("begun anew", of="junk"):
        pass
    enqueue, request, wait, render, anew = told.get_finished_spans()
    assert [span.name for span in (enqueue, request, wait, render, anew)] == [
        "enqueue", "request", "wait", "drawn", "begun anew",
    ]  # fmt: skip
    assert enqueue.context
    assert enqueue.parent == request.context
    for span in (wait, render):
        assert span.parent
        assert (span.parent.trace_id, span.parent.span_id) == (enqueue.context.trace_id, enqueue.context.span_id)
    assert wait.start_time == wait.end_time, "clocks of two machines may differ, and nothing ends before it begins"
    assert not request.links
    assert render.attributes == {"figpress.outcome": "succeeded"}
    assert not render.status.is_ok
    assert anew.parent is None


def test_an_error_is_told_by_its_kind_and_not_by_its_words(told: InMemorySpanExporter) -> None:
    def fail() -> None:
        with tracing.span("render", begins=True, linked=THEIRS):
            raise ValueError("hush")

    with pytest.raises(ValueError, match="hush"):
        fail()
    (span,) = told.get_finished_spans()
    assert span.attributes == {"error.type": "ValueError"}
    assert [f"{link.context.trace_id:032x}" for link in span.links] == ["a" * 32]
    assert "hush" not in span.to_json()


def test_each_process_has_its_own(told: InMemorySpanExporter, monkeypatch: pytest.MonkeyPatch) -> None:
    made = []

    def make() -> TracerProvider:
        made.append(os.getpid())
        return TracerProvider(shutdown_on_exit=False)

    monkeypatch.setattr(tracing, "_make", make)
    tracing.begin()
    tracing.begin()
    assert made == [os.getpid()]
    monkeypatch.setattr(os, "getpid", lambda: made[0] + 1)  # as after a fork
    tracing.end()  # is its parent's, and stays
    tracing.begin()
    assert len(made) == 2
    tracing.end()
    tracing.begin()
    assert len(made) == 3
    tracing.end()
