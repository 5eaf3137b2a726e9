"""Bodies: what a client sends, read within limits, as strict JSON, with every wrong field named at its pointer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Final, TypeVar

from django.http import HttpRequest
from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from renderer.api.problems import ApiProblem
from renderer.jobs import tags
from renderer.spec import LIMITS, BodyTooLarge, Problem, SpecError, strict_json
from renderer.spec.errors import any_of, did_you_mean, listed, pointer, show, suggest
from renderer.spec.text import TextError, clean_text

MAX_BYTES: Final = LIMITS.body_bytes
MAX_DEPTH: Final = LIMITS.json_depth + 1
"""A chart spec may be as deep as the language allows, and stands one level deep in what is sent."""
MAX_UPLOAD: Final = LIMITS.upload_bytes
UPLOADS: Final = frozenset({("POST", "datasets"), ("PUT", "dataset")})
"""The operations whose body is a file."""
METHODS: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_READ: Final = "figpress.body"


class Body(BaseModel):
    """What a client may send. No field is passed over in silence, and no type is guessed."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class Nothing(Body):
    """The body of a verb that takes none: what is sent all the same is named as unknown."""


B = TypeVar("B", bound=Body)


def _name(text: str) -> str:
    try:
        return clean_text(text, limit=200)
    except TextError as error:
        raise ValueError(str(error)) from None


Name = Annotated[str, AfterValidator(_name)]
"""What a person calls it: one line of printable text."""


def _tag(text: str) -> str:
    try:
        return tags.cleaned(text)
    except TextError as error:
        raise ValueError(str(error)) from None


def _once(names: list[str]) -> list[str]:
    return sorted(set(names))


Tags = Annotated[
    list[Annotated[str, AfterValidator(_tag)]],
    Field(max_length=tags.MOST, description="Words to find it by; kept in small letters."),
    AfterValidator(_once),
]
"""Short words, each once."""


def _text(value: object) -> object:
    """Times are sent as text: a bare number would be guessed to be seconds, or milliseconds."""
    if not isinstance(value, str):
        raise ValueError("must be a time with its zone, such as 2030-01-31T12:00:00Z")
    return value


def in_utc(value: datetime) -> datetime:
    """The same moment in UTC: PostgreSQL knows offsets up to 15:59 only, and ISO 8601 allows 23:59."""
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise ValueError("must be a time in the years 1 to 9999, in UTC, too") from None


Moment = Annotated[AwareDatetime, Field(strict=False), BeforeValidator(_text), AfterValidator(in_utc)]
"""A time with its zone."""


def refuse(request: HttpRequest) -> None:
    """Raise an ApiProblem for a body that is not worth reading, by its headers alone."""
    if request.method not in METHODS:
        return
    length = _length(request)
    if length == 0 and "chunked" not in request.headers.get("Transfer-Encoding", "").lower():
        return
    if _is_upload(request):  # a file, of another size and other types
        if length > MAX_UPLOAD:
            raise too_large(MAX_UPLOAD)
        return
    if length > MAX_BYTES:
        raise too_large()
    _refuse_type(request)


def _is_upload(request: HttpRequest) -> bool:
    match = request.resolver_match
    return match is not None and (request.method, match.url_name) in UPLOADS


def _refuse_type(request: HttpRequest) -> None:
    if request.headers.get("Content-Encoding", "identity").strip().lower() not in ("", "identity"):
        raise ApiProblem("encoded_body", headers={"Accept-Encoding": "identity"})
    if request.content_type != "application/json":
        sent = show(request.content_type) if request.content_type else "nothing"
        raise ApiProblem("not_json", f"The body must be application/json; its Content-Type says {sent}.")


def too_large(most: int = MAX_BYTES) -> ApiProblem:
    """413, with the limit."""
    return ApiProblem("body_too_large", f"The body may have {most:,} bytes.", limit_bytes=str(most))


def read(request: HttpRequest, model: type[B]) -> B:
    """The request's body as ``model``. No body at all is an empty object, whose missing fields are then named.

    Raises ApiProblem (413) and SpecError (422).
    """
    found, problems = check(document(request), model)
    if found is None:
        raise SpecError(problems)
    return found


def raw(request: HttpRequest) -> bytes:
    """The body as it came, read once."""
    known: bytes | None = request.META.get(_READ)
    if known is None:
        # One byte more than may be, and never all of it: without a Content-Length Django's own limit does not hold.
        known = request.META[_READ] = request.read(MAX_BYTES + 1)
    return known


def document(request: HttpRequest, *, depth: int = MAX_DEPTH) -> dict[str, Any]:
    """The request's body as a JSON object, whatever is in it."""
    sent = raw(request)
    if not sent:
        return {}
    _refuse_type(request)
    try:
        value = strict_json(sent, max_bytes=MAX_BYTES, max_depth=depth)
    except BodyTooLarge:
        raise too_large() from None
    if not isinstance(value, dict):
        raise SpecError.at("", f"must be a JSON object, not {show(value)}")
    return value


def check(value: Mapping[str, Any], model: type[B]) -> tuple[B | None, list[Problem]]:
    """``value`` as ``model``, or what is wrong with it."""
    try:
        return model.model_validate(value), []
    except ValidationError as error:
        return None, list(explain(error.errors(include_url=False), model.model_fields))


def explain(errors: Iterable[Mapping[str, Any]], known: Iterable[str]) -> Iterable[Problem]:
    """What pydantic found, in words for people who do not know it."""
    fields = list(known)
    # Behind the limit they are only counted: to look for what each was meant to be took seconds where all are unknown.
    return [
        Problem(pointer(*error["loc"]), _sentence(error, fields if number < LIMITS.problems else []))
        for number, error in enumerate(errors)
    ]


def takes(model: type[Body], *, required: bool = True) -> dict[str, Any]:
    """The ``openapi_extra`` of an operation that reads such a body."""
    schema = model.model_json_schema()
    return {"requestBody": {"required": required, "content": {"application/json": {"schema": schema}}}}


_TYPES: Final = {
    "bool_type": "true or false",
    "datetime_type": "a time such as 2030-01-31T12:00:00Z",
    "dict_type": "an object",
    "int_from_float": "a whole number",
    "int_type": "a whole number",
    "list_type": "a list",
    "string_type": "a text",
    "uuid_type": "an id",
    "uuid_parsing": "an id",
    "int_parsing": "a whole number",
}


def _sentence(error: Mapping[str, Any], fields: list[str]) -> str:
    name = str(error["loc"][-1]) if error["loc"] else ""
    context = error.get("ctx", {})
    match error["type"]:
        case "missing":
            return f"{show(name)} is required"
        case "extra_forbidden":
            return f"unknown field {show(name)}{did_you_mean(suggest(name, fields)) or f'; there are {listed(fields)}'}"
        case "literal_error":
            options = re.findall(r"'([^']*)'", context["expected"])
            return f"must be {any_of(options)}{_not(error)}"
        case "value_error":
            return str(context["error"])
        case kind if kind in _TYPES:
            return f"must be {_TYPES[kind]}{_not(error)}"
        case kind if kind.startswith("datetime_") or kind == "timezone_aware":
            return f"must be a time with its zone, such as 2030-01-31T12:00:00Z{_not(error)}"
        case "greater_than_equal" | "less_than_equal" as kind:
            bound = f"at least {context['ge']}" if kind == "greater_than_equal" else f"at most {context['le']}"
            return f"must be {bound}{_not(error)}"
        case "too_short" | "string_too_short":
            return "must not be empty"
        case "too_long" | "string_too_long":
            return f"is longer than {context['max_length']}"
        case _:
            return "is not valid here"


def _not(error: Mapping[str, Any]) -> str:
    """What was sent instead. Ninja leaves it out for parameters of the query."""
    return f", not {show(error['input'])}" if "input" in error else ""


def _length(request: HttpRequest) -> int:
    try:
        return int(request.headers.get("Content-Length") or 0)
    except ValueError:
        raise ApiProblem("bad_request", "Content-Length must be a number.") from None
