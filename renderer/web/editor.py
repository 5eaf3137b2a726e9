"""What the editor asks while somebody types: what is wrong with the text."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from typing import Any, NamedTuple, get_args

from django.http import HttpResponse, JsonResponse
from django.views.decorators.http import require_POST

from renderer.data.forecast import forecast
from renderer.data.resolve import load
from renderer.models import Dataset
from renderer.recipe import Recipe
from renderer.spec.channel import ColorChannel
from renderer.spec.errors import SpecError
from renderer.spec.json import BodyTooLarge, strict_json
from renderer.spec.marks import KINDS
from renderer.web.access import SignedInRequest, signed_in
from renderer.web.pointers import Located, locate

MOST_COLUMNS = 200
LEGENDS: tuple[str, ...] = get_args(ColorChannel.model_fields["legend"].annotation)


class Field(NamedTuple):
    """One of the common options beside the text. ``choices`` that are empty come from the language's schema."""

    path: str
    label: str
    empty: str = ""
    choices: Sequence[str] | None = None
    is_channel: bool = False
    is_number: bool = False


FIELDS = (
    Field("title", "Title"),
    Field("subtitle", "Subtitle"),
    Field("kind", "Kind", "–", choices=sorted(KINDS)),
    Field("x", "x", is_channel=True),
    Field("y", "y", is_channel=True),
    Field("color", "Colour", is_channel=True),
    Field("stack", "Stack", "as usual", ()),
    Field("color.legend", "Legend", "as usual", LEGENDS),
    Field("palette", "Palette", "as usual", ()),
    Field("theme", "Theme", "as usual", ()),
    Field("image.width", "Width", "800", is_number=True),
    Field("image.height", "Height", "500", is_number=True),
)


@require_POST
@signed_in
def check(request: SignedInRequest) -> HttpResponse:
    """What is wrong with the text in the body, with the characters to be marked; its data's columns if it is JSON."""
    text = _text(request)
    answer: dict[str, Any] = {"problems": [], "warnings": [], "columns": None}
    try:
        document = _document(text)
        answer["columns"] = _columns(request, document)
        answer["warnings"] = _warnings(Recipe.from_spec(document, owner=request.account))
    except SpecError as error:
        answer["problems"] = _problems(error, text)
    return JsonResponse(answer)


def _text(request: SignedInRequest) -> str:
    return request.body.decode(errors="replace")


def _document(text: str) -> Any:
    """The value of the text. Raises SpecError."""
    try:
        return strict_json(text.encode())
    except BodyTooLarge as error:
        raise SpecError.at("", str(error)) from None


def _warnings(recipe: Recipe) -> list[str]:
    """What would be drawn, but perhaps not as it was meant. Of rows from elsewhere the drawing tells."""
    chart = recipe.chart
    if chart is None or chart.named_sources:
        return []
    try:
        return list(forecast(load(chart)))
    except SpecError as error:  # it bears to have no rows, or it would have been refused
        return [f"{found.message}." for found in error.problems]


def _problems(error: SpecError, text: str) -> list[dict[str, Any]]:
    """The problems with their places: characters as browsers count them, in UTF-16."""
    ascii_only = text.isascii()

    def units(at: int) -> int:
        return at if ascii_only else len(text[:at].encode("utf-16-le", errors="surrogatepass")) // 2

    return [
        {
            "pointer": found.pointer,
            "message": found.message,
            "line": found.line,
            "from": units(found.start),
            "to": units(found.end),
        }
        for found in (_syntax(problem, text) for problem in locate(error.problems, text))
    ]


def _syntax(problem: Located, text: str) -> Located:
    """A problem of the whole text, with the character at which it ceases to be JSON, if it does."""
    if problem.line is not None:
        return problem
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        start = min(error.pos, max(0, len(text.rstrip()) - 1))
        return Located("", problem.message, text.count("\n", 0, start) + 1, start, start + 1)
    except (RecursionError, ValueError):
        pass  # nested too deeply, or a number of too many digits: the first character stands for the whole
    return Located(problem.pointer, problem.message, 1, 0, 1)


def _columns(request: SignedInRequest, document: Any) -> list[str]:
    """The columns of the data that a spec has or names, as far as they can be told without reading it."""
    data = document.get("data") if isinstance(document, dict) else None
    if not isinstance(data, dict):
        return []
    match data:
        case {"columns": dict() as columns}:
            found = list(columns)
        case {"values": list() as rows}:
            found = list(dict.fromkeys(name for row in rows[:100] if isinstance(row, dict) for name in row))
        case {"header": list() as header}:
            found = [name for name in header if isinstance(name, str)]
        case {"csv": str() as text}:
            found = next(csv.reader(text[:10_000].splitlines()[:1]), [])
        case {"dataset": str() as name, **rest} if "query" not in rest:
            found = dataset_columns(request, name)
        case _:
            found = []
    return found[:MOST_COLUMNS]


def dataset_columns(request: SignedInRequest, name: str) -> list[str]:
    """The columns of a dataset as it is now."""
    row = Dataset.objects.for_user(request.account).select_related("current").filter(name=name[:100]).first()
    return [column["name"] for column in row.current.columns] if row and row.current else []
