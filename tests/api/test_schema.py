"""The API against its own OpenAPI: whatever the schema lets through, and what it does not, is answered as it says."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from uuid import UUID

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode, checks
from schemathesis.core.result import Ok
from schemathesis.specs.openapi import checks as openapi_checks

from renderer.models import (
    ApiToken,
    Chart,
    Dataset,
    Delivery,
    RenderJob,
    Schedule,
    ShareLink,
    Webhook,
)
from tests.api.test_auth import mine

__all__ = ["mine"]
Parts = dict[str, UUID | str]
Holds = Callable[[Any], None]
OF_NOBODY = {"name", "code", "kind", "image_format"}
"""Parts of paths that belong to no owner."""
EXAMPLES = 4
"""For each operation and each mode: most of what it finds, it finds at once."""
CHECKS: list[Any] = [
    checks.not_a_server_error,
    openapi_checks.status_code_conformance,
    openapi_checks.content_type_conformance,
    openapi_checks.response_schema_conformance,
]


@pytest.fixture(autouse=True)
def _one_connection() -> Iterator[None]:
    """The application is called in the test's own transaction, as Django's client does."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


def schema_of(api: Any) -> Any:
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app=get_wsgi_application(), headers=api.headers)


def calm(examples: int, **more: Any) -> settings:
    return settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        **more,
    )


def call_each(operations: list[Any], mode: GenerationMode, examples: int, parts: Parts, holds: Holds) -> None:
    """Let ``holds`` call each operation with what its schema lets through or, in the other mode, does not."""
    wrong: list[str] = []
    for operation in operations:

        @calm(examples)
        @given(case=operation.as_strategy(generation_mode=mode))
        def called(case: Any) -> None:
            case.path_parameters = {
                name: str(parts.get(name, value)) for name, value in (case.path_parameters or {}).items()
            }
            holds(case)

        try:
            called()
        except Unsatisfiable:
            continue  # nothing that it takes can be wrong
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told with the others
            wrong.append(f"{operation.method.upper()} {operation.path}: {error}")
    assert not wrong, "\n\n".join(wrong)


@pytest.fixture
def operations(api: Any) -> list[Any]:
    """All but streams of events: those never end, and this application is called as by a server that keeps no
    connections open. What deletes comes last: before, there is something to be found."""
    found = [found.ok() for found in schema_of(api).get_all_operations() if isinstance(found, Ok)]
    lasting = [operation for operation in found if not operation.path.endswith("/events")]
    return sorted(lasting, key=lambda operation: operation.method.upper() == "DELETE")


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=lambda mode: mode.value)
def test_every_operation_answers_as_its_schema_says(
    api: Any, operations: list[Any], mine: Parts, mode: GenerationMode
) -> None:
    def holds(case: Any) -> None:
        response = case.call(headers=api.headers | {"Accept-Encoding": "identity"})
        case.validate_response(response, checks=CHECKS)

    call_each(operations, mode, EXAMPLES, mine, holds)


def test_another_owners_token_gets_no_byte_of_hers(bobs_api: Any, operations: list[Any], mine: Parts) -> None:
    hers = {str(value) for name, value in mine.items() if name not in OF_NOBODY} | {"Fruit", "example.org"}
    rows = (ApiToken, Chart, Dataset, Delivery, RenderJob, Schedule, ShareLink, Webhook)
    before = {model: {row["id"]: row for row in model.objects.values()} for model in rows}

    def holds(case: Any) -> None:
        response = case.call(headers=bobs_api.headers | {"Accept-Encoding": "identity"})
        sent = {*case.path_parameters.values()}
        told = response.content.decode(errors="replace")
        assert not [word for word in hers - sent if re.search(rf"\b{re.escape(word)}\b", told)], told
        if case.path_parameters.keys() & set(mine) - OF_NOBODY:
            assert 400 <= response.status_code < 500, told

    # A PUT makes a dataset of his own, of the same name.
    inside = [
        each
        for each in operations
        if each.method.upper() != "PUT" and ("{" in each.path or each.method.upper() == "GET")
    ]
    call_each(inside, GenerationMode.POSITIVE, 1, mine, holds)
    for model in rows:
        after = {row["id"]: row for row in model.objects.values()}
        changed = [row for pk, row in before[model].items() if _still(after.get(pk)) != _still(row)]
        assert not changed, model


def _still(row: Mapping[str, object] | None) -> dict[str, object]:
    """Without what a token's own use changes."""
    return {name: value for name, value in (row or {}).items() if name != "last_used_at"}


def test_the_ways_that_answers_link_to(api: Any, mine: Parts, spec: dict[str, Any]) -> None:
    """An ask, its job, its chart, and a cancellation, in any order, as the links of the OpenAPI lead."""
    asks = {
        "create_chart": {"spec": spec},
        "render_chart": {"force": True},
        "render_figure": {"params": {"year": 2026}},
    }
    schema = schema_of(api).include(operation_id=[*asks, "get_job", "cancel_job", "get_chart"])
    told: set[str] = set()
    followed: list[str] = []

    class Ways(schema.as_state_machine()):  # type: ignore[misc]  # made of the schema
        def setup(self) -> None:
            """Each scenario begins where the others did: else the same choices would lead elsewhere."""
            super().setup()
            told.clear()
            self.begun = transaction.savepoint()

        def teardown(self) -> None:
            transaction.savepoint_rollback(self.begun)
            super().teardown()

        def before_call(self, case: Any) -> None:
            """What comes from no link is what there is: nobody guesses an id, and hardly a spec."""
            name_of = case.operation.definition.raw["operationId"]
            for name, value in (case.path_parameters or {}).items():
                if value in told:
                    followed.append(name_of)
                else:
                    case.path_parameters[name] = str(mine.get(name, value))
            case.headers = {}  # the test above tries any
            if name_of in asks:
                case.body = asks[name_of]

        def get_call_kwargs(self, case: Any) -> dict[str, Any]:
            return {"headers": api.headers | {"Accept-Encoding": "identity"}}

        def validate_response(self, response: Any, case: Any, *_: Any, **__: Any) -> None:
            case.validate_response(response, checks=CHECKS)
            if case.operation.definition.raw["operationId"] in asks and response.status_code < 300:
                found = response.json()
                told.update((found["job"]["id"], found["chart"]["id"]))
            elif told.intersection((case.path_parameters or {}).values()):
                # A body that was made up for a request without one may be refused; that nothing is there may not.
                assert response.status_code not in (403, 404), "a link led nowhere"

    Ways.run(settings=calm(5, stateful_step_count=6))
    assert {"get_job", "get_chart"} <= set(followed)
