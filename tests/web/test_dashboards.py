"""The dashboard and the alerts in deploy/ ask for metrics, labels and values that there are."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from renderer import metrics
from renderer.models.delivery import DeliveryStatus
from renderer.models.job import Queue, Reason, Status

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
VALUES = {
    "status": {*Status.values, *DeliveryStatus.values, "5.."},
    "reason": set(Reason.values),
    "queue": set(Queue.values),
}
SUFFIXES = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count"), "gauge": ("",)}


def alerts() -> list[dict[str, Any]]:
    """The rules for Prometheus."""
    (group,) = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yml").read_text())["groups"]
    rules: list[dict[str, Any]] = group["rules"]
    return rules


def panels() -> Iterator[str]:
    """What the dashboard asks."""
    for panel in json.loads((DEPLOY / "grafana" / "figpress.json").read_text())["panels"]:
        yield from (target["expr"] for target in panel["targets"])


@pytest.fixture
def known(db: None) -> dict[str, set[str]]:
    """Every metric, with its labels."""
    families: list[Any] = list(metrics.Jobs().collect())
    asked = [(family.name, family.type, family._labelnames) for family in families]
    asked += [(each._name, each._type, each._labelnames) for each in (metrics._requests, metrics._seconds)]
    return {
        f"{name}{suffix}": {*labels, *(["le"] if kind == "histogram" else [])}
        for name, kind, labels in asked
        for suffix in SUFFIXES[kind]
    }


def test_they_ask_for_what_there_is(known: dict[str, set[str]]) -> None:
    asked = [*panels(), *(rule["expr"] for rule in alerts())]
    assert len(asked) > 20
    for expression in asked:
        names = set(re.findall(r"figpress_\w+", expression))
        assert names, expression
        assert names <= known.keys(), expression
        labels = set.intersection(*(known[name] for name in names))
        grouped = {label for group in re.findall(r"(?:by|on) \(([^)]*)\)", expression) for label in group.split(", ")}
        assert grouped <= labels, expression
        for label, value in re.findall(r'(\w+)[!=]?=~?"([^"]*)"', expression):
            assert set(value.split("|")) <= VALUES[label], expression


def test_each_alert_says_what_happened() -> None:
    rules = alerts()
    assert len({rule["alert"] for rule in rules}) == len(rules)
    for rule in rules:
        assert rule["annotations"]["summary"].endswith((".", "failed")), rule["alert"]
