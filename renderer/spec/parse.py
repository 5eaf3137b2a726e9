"""From a JSON document to a Chart, or to all that is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import Any, Final

from pydantic import ValidationError

from renderer.spec.errors import Problem, SpecError, pointer, show
from renderer.spec.explain import Path, explain
from renderer.spec.limits import LIMITS, Limits
from renderer.spec.model import Chart

_CHART_ONLY: Final = frozenset(Chart.model_fields) - {"layers"}


def parse(document: object, *, limits: Limits = LIMITS) -> Chart:
    """The Chart that a JSON document (as json.loads gives it) describes.

    Raises SpecError with all problems, each located in the document as it was sent. The data is only taken along
    here: renderer.data reads it, against the channels that use it.
    """
    if isinstance(document, Mapping):
        document = dict(document)  # a copy of its top: what is built in Python is a mapping, too
    if not isinstance(document, dict):
        raise SpecError.at("", f"a chart is a JSON object, not {show(document)}")
    problems: list[Problem] = []
    sent: dict[str, Any] = _without_nulls(document, [], problems, limits)
    whole = next((name for name in ("layers", "panels") if name in sent), None)
    if "kind" in sent and whole:
        problems.append(Problem("/kind", f"give 'kind' for a chart of one layer, or {show(whole)}, not both"))
        sent = {name: value for name, value in sent.items() if name in Chart.model_fields}
    flat = whole is None
    try:
        # The picture's default size is held against the limits as well: they may have been made smaller.
        written = {"image": {}, **(_spread(sent) if flat else sent)}
        chart = Chart.model_validate(written, context=limits)
    except ValidationError as error:
        found = error.errors(include_url=False)
        seen = {problem.pointer for problem in problems}
        # A document of 100,000 unknown fields gets its answer at once: the rest is only counted.
        explained = list(islice(explain(found, sent, flat=flat), limits.problems))
        problems += [problem for problem in explained if problem.pointer not in seen]
        if len(found) > limits.problems:
            problems.append(Problem("", f"and about {len(found) - limits.problems} more problems"))
        raise SpecError(problems, limit=limits.problems + 1) from None
    if problems:
        raise SpecError(problems, limit=limits.problems)
    chart._flat = flat
    return chart


def _spread(document: dict[str, Any]) -> dict[str, Any]:
    """The short form, written out: what is not of the chart belongs to its one layer."""
    chart: dict[str, Any] = {}
    layer: dict[str, Any] = {}
    for name, value in document.items():
        (chart if name in _CHART_ONLY else layer)[name] = value
    return {**chart, "layers": [layer]}


def _without_nulls(node: Any, path: Path, problems: list[Problem], limits: Limits, *, deep: bool = True) -> Any:
    """`node` without the fields that are null, each of which is a problem: to say "nothing", leave a field out.

    The rows of data are left as they are: there, null is a missing value. Nothing is copied where there is nothing to
    drop.
    """
    if len(path) > limits.json_depth or len(problems) > limits.problems:
        return node
    if isinstance(node, list):
        items = [
            _without_nulls(item, [*path, place], problems, limits) if isinstance(item, dict | list) else item
            for place, item in enumerate(node)
        ]
        return items if any(new is not old for new, old in zip(items, node, strict=True)) else node
    changed: dict[str, Any] = {}
    for name, value in node.items():
        if value is None:
            problems.append(Problem(pointer(*path, name), f"null is no value; leave {show(name)} out"))
            changed[name] = None
        elif deep and (isinstance(value, dict) or (isinstance(value, list) and name != "data")):
            new = _without_nulls(value, [*path, name], problems, limits, deep=name != "data")
            if new is not value:
                changed[name] = new
    if not changed:
        return node
    merged = node | changed
    return {name: value for name, value in merged.items() if value is not None}
