"""OpenAPI: what the description of the API says beyond what ninja finds out by itself: headers, problems, streams."""

from __future__ import annotations

from typing import Any, Final

from renderer.api.problems import KINDS

PROBLEM: Final[dict[str, Any]] = {
    "title": "Problem",
    "description": "What went wrong (RFC 9457). `GET /problems` lists the codes.",
    "type": "object",
    "required": ["type", "title", "status", "detail", "code", "request_id"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string", "enum": sorted(KINDS)},
        "request_id": {"type": "string"},
        "job_status": {"type": "string", "description": "Of the job that is in the way."},
        "limit_bytes": {"type": "string", "description": "Of a body that is too large."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "message", "in"],
                "properties": {
                    "pointer": {"type": "string", "format": "json-pointer"},
                    "message": {"type": "string"},
                    "in": {"enum": ["body", "query"]},
                },
            },
        },
    },
}
EVENT: Final[dict[str, Any]] = {
    "title": "Event",
    "description": "The `data` of one frame of an event stream; its name is what happened.",
    "type": "object",
    "required": ["job", "chart", "status", "stage", "attempt", "reason"],
    "properties": {
        "job": {"type": "string", "format": "uuid"},
        "chart": {"anyOf": [{"type": "string", "format": "uuid"}, {"type": "null"}]},
        "status": {"enum": ["queued", "running", "succeeded", "failed", "cancelled", "expired"]},
        "stage": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "attempt": {"type": "integer"},
        "reason": {"anyOf": [{"type": "string"}, {"type": "null"}]},
    },
}


def _header(name: str, description: str, **schema: Any) -> dict[str, Any]:
    return {
        "in": "header",
        "name": name,
        "required": False,
        "description": description,
        "schema": {"type": "string", **schema},
    }


PARAMETERS: Final[dict[str, dict[str, Any]]] = {
    "RequestId": _header("X-Request-ID", "Comes back in the answer, and stands in the log.", maxLength=64),
    "IfNoneMatch": _header("If-None-Match", "The `ETag` of what you have: 304 if that is how it still is."),
    "Prefer": _header(
        "Prefer",
        "`wait=N`: hold the answer back until the job has ended, N seconds at the most, and 30. `respond-async`: 202 "
        "rather than waiting; with `wait=N`, after that time.",
        examples=["respond-async, wait=10"],
    ),
    "IdempotencyKey": _header(
        "Idempotency-Key",
        "Of your own making, such as a UUID: sent again with the same key, an ask does nothing twice, and is answered "
        "as the first time.",
        maxLength=257,
    ),
    "LastEventId": _header("Last-Event-ID", "The `id` of the last event you have seen. Browsers send it themselves."),
}
HEADERS: Final[dict[str, dict[str, Any]]] = {
    "RequestId": {"description": "The request's id.", "schema": {"type": "string"}},
    "ETag": {"description": "Of this content.", "schema": {"type": "string"}},
    "Location": {"description": "Where it is, or will be.", "schema": {"type": "string", "format": "uri-reference"}},
    "RetryAfter": {"description": "Seconds.", "schema": {"type": "integer", "minimum": 1}},
    "PreferenceApplied": {"description": "What of `Prefer` was heeded.", "schema": {"type": "string"}},
}
WAITS: Final[dict[str, Any]] = {"parameters": [{"$ref": "#/components/parameters/Prefer"}]}
"""The ``openapi_extra`` of an operation that heeds ``Prefer``."""

ONCE: Final[dict[str, Any]] = {"parameters": [{"$ref": "#/components/parameters/IdempotencyKey"}]}
"""The ``openapi_extra`` of an operation that heeds ``Idempotency-Key``. Every POST and PUT that waits does."""

_ASKED: Final = "Asked"
"""The shape that says which chart and which job came of an ask."""
_LINKS: Final[dict[str, dict[str, Any]]] = {
    "job": {
        "operationId": "get_job",
        "parameters": {"job_id": "$response.body#/job/id"},
        "description": "How far it is.",
    },
    "cancel": {
        "operationId": "cancel_job",
        "parameters": {"job_id": "$response.body#/job/id"},
        "description": "Let it be, while it has not ended.",
    },
    "chart": {
        "operationId": "get_chart",
        "parameters": {"chart_id": "$response.body#/chart/id"},
        "description": "What was asked for.",
    },
}
"""Where to go from there."""

_SAFE: Final = {"get", "head"}
_DESCRIPTIONS: Final = {
    200: "Here it is.",
    201: "It is made.",
    202: "It is under way.",
    204: "Done.",
    304: "You have it.",
}


def stream(description: str) -> dict[str, Any]:
    """The ``openapi_extra`` of an operation that answers with an event stream."""
    says = f"{description} Each has an `id`, but for what is read from the row while Redis is away; comments keep the "
    says += "connection alive."
    frames = {"schema": {"type": "string"}, "itemSchema": _ref("schemas", "Event")}
    return {
        "parameters": [_ref("parameters", "LastEventId")],
        "responses": {
            200: {"description": says, "content": {"text/event-stream": frames}},
            501: _ref("responses", _name(501)),
        },
    }


def complete(schema: dict[str, Any]) -> None:
    """Add what ninja does not know."""
    components = schema["components"]
    components["schemas"] |= {"Problem": PROBLEM, "Event": EVENT}
    components["parameters"] = PARAMETERS
    components["headers"] = HEADERS
    components["responses"] = {_name(status): _problem(status) for status in sorted({k.status for k in KINDS.values()})}
    components["responses"]["Problem"] = _problem(None)
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            _complete(path, method, operation)


def _complete(path: str, method: str, operation: dict[str, Any]) -> None:
    answers: dict[Any, Any] = {status: dict(answer) for status, answer in operation["responses"].items()}
    operation["responses"] = answers
    parameters: list[dict[str, Any]] = operation.setdefault("parameters", [])
    waits = WAITS["parameters"][0] in parameters
    parameters.append(_ref("parameters", "RequestId"))
    if waits and method in ("post", "put"):
        parameters += ONCE["parameters"]
    if 304 in answers:
        parameters.append(_ref("parameters", "IfNoneMatch"))
    for status, answer in answers.items():
        if "$ref" in answer:
            continue
        if answer.get("description") in ("OK", "Created", "Accepted", "No Content", "Not Modified"):
            answer["description"] = _DESCRIPTIONS[status]
        named = {"X-Request-ID": "RequestId"}
        if 304 in answers and status in (200, 304):
            named["ETag"] = "ETag"
        if status in (201, 202) and method == "post" and "cancel" not in path:
            named["Location"] = "Location"
        if status == 202:
            named["Retry-After"] = "RetryAfter"
        if waits:
            named["Preference-Applied"] = "PreferenceApplied"
        answer["headers"] = {name: _ref("headers", of) for name, of in named.items()}
        if method == "post" and _is_asked(answer):
            answer["links"] = _LINKS
    for status in _problems(path, method, operation):
        answers.setdefault(status, _ref("responses", _name(status)))
    answers["default"] = _ref("responses", "Problem")


def _is_asked(answer: dict[str, Any]) -> bool:
    schema = answer.get("content", {}).get("application/json", {}).get("schema", {})
    return bool(schema == _ref("schemas", _ASKED))


def _problems(path: str, method: str, operation: dict[str, Any]) -> list[int]:
    found = []
    if path.endswith(("/cancel", "/retry")) or (method == "patch" and "/charts/" in path):
        found.append(409)
    if operation.get("security"):
        found += [401, 429]
        found += [403] if method not in _SAFE else []
    if "{" in path:
        found.append(404)
    if "requestBody" in operation:
        found += [413, 415, 422]
    if any(parameter.get("in") == "query" for parameter in operation["parameters"]):
        found.append(422)
    return found


def _problem(status: int | None) -> dict[str, Any]:
    codes = [f"`{code}`: {kind.meaning}" for code, kind in KINDS.items() if kind.status == status]
    return {
        "description": " ".join(codes) or "A problem. `GET /problems` lists the codes.",
        "headers": {"X-Request-ID": _ref("headers", "RequestId")}
        | ({"Retry-After": _ref("headers", "RetryAfter")} if status in (None, 429, 503) else {}),
        "content": {"application/problem+json": {"schema": _ref("schemas", "Problem")}},
    }


def _name(status: int) -> str:
    return f"Problem{status}"


def _ref(kind: str, name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/{kind}/{name}"}
