"""The check of a chart spec: everything that asking for its picture would find out, and nothing is queued."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import Field

from renderer.api.auth import SessionAuth, TokenAuth
from renderer.api.bodies import Body, check, document, takes
from renderer.api.charts import Spec
from renderer.api.requests import user_of
from renderer.api.responses import reply
from renderer.api.shapes import Shape
from renderer.data.forecast import forecast
from renderer.data.resolve import load
from renderer.drawing.cost import estimate
from renderer.models.access import Scope
from renderer.models.membership import Role
from renderer.sources.supplier import check_sources
from renderer.spec import Problem, SpecError, parse
from renderer.spec.errors import listed, show

if TYPE_CHECKING:
    from django.contrib.auth.models import User

router = Router(tags=["charts"], auth=[TokenAuth(Scope.READ), SessionAuth(Role.VIEWER)])


class CheckIn(Body):
    """A chart spec."""

    spec: Spec = None


class Wrong(Shape):
    """Something that is wrong with a spec."""

    pointer: str
    """Where: a JSON pointer into what was sent."""
    message: str


class Cost(Shape):
    """What drawing it would take."""

    rows: int
    """Rows that are read."""
    marks: int
    """Bars, points and vertices of lines that are drawn, after transforms and aggregates."""
    milliseconds: float
    """CPU time of a worker, about: from what was measured for layers of each kind, their marks, rows and pixels."""


class Checked(Shape):
    """What there is to say of a spec."""

    ok: bool
    """Whether it would be drawn."""
    errors: list[Wrong]
    warnings: list[str]
    """What is drawn may not be what was meant: rows without a value are left out."""
    cost: Cost | None = Field(description="Null where it cannot be known: of a wrong spec, and of rows from elsewhere.")


@router.post("/check", response=Checked, url_name="check_spec", openapi_extra=takes(CheckIn))
def check_spec(request: HttpRequest) -> HttpResponse:
    """Check a chart spec against its data, without drawing it.

    Of data that it names (a dataset, a URL, a database) only the names are checked, and the rights to them. The answer
    is 200 also for a spec that is wrong: finding that out is what was asked for. 422 is for a body that is no question.
    """
    sent = document(request)
    body, problems = check(sent, CheckIn)
    if body is None or "spec" not in sent:
        raise SpecError(problems or [Problem("/spec", "'spec' is required")])
    return reply(_checked(body.spec, user_of(request)))


def _checked(spec: Any, user: User) -> Checked:
    try:
        chart = parse(spec)
        if named := chart.named_sources:  # their rows are for the worker: a request waits for nothing outside
            check_sources(chart, user)
            names = listed(dict.fromkeys(show(source.dataset or source.database or source.url) for source in named))
            return Checked(
                ok=True, errors=[], warnings=[f"The rows of {names} are read when the chart is drawn."], cost=None
            )
        loaded = load(chart)
    except SpecError as error:
        if error.empty and parse(spec).bears(error):  # it can be parsed: what is missing are rows
            return Checked(ok=True, errors=[], warnings=[f"{found}." for found in error.problems], cost=None)
        errors = [Wrong(pointer="/spec" + found.pointer, message=found.message) for found in error.problems]
        return Checked(ok=False, errors=errors, warnings=[], cost=None)
    found = estimate(loaded)
    cost = Cost(rows=found.rows, marks=found.marks, milliseconds=found.milliseconds)
    return Checked(ok=True, errors=[], warnings=list(forecast(loaded)), cost=cost)
