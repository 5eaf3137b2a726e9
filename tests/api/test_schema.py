"""The API against its own OpenAPI: whatever the schema lets through, and what it does not, is answered as it says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode, checks
from schemathesis.core.result import Ok
from schemathesis.specs.openapi import checks as openapi_checks

from tests.api.test_auth import mine

__all__ = ["mine"]
EXAMPLES = 6
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


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=lambda mode: mode.value)
def test_every_operation_answers_as_its_schema_says(
    api: Any, mine: dict[str, UUID | str], mode: GenerationMode
) -> None:
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app=get_wsgi_application(), headers=api.headers)
    found = [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]
    # Streams of events never end, and this application is called as by a server that keeps no connections open.
    operations: list[Any] = [operation for operation in found if not operation.path.endswith("/events")]
    # What deletes comes last: before, there is something to be found.
    operations.sort(key=lambda operation: operation.method.upper() == "DELETE")
    wrong: list[str] = []
    for operation in operations:

        @settings(
            max_examples=EXAMPLES,
            derandomize=True,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def holds(case: Any) -> None:
            case.path_parameters = {
                name: str(mine.get(name, value)) for name, value in (case.path_parameters or {}).items()
            }
            response = case.call(headers=api.headers | {"Accept-Encoding": "identity"})
            case.validate_response(response, checks=CHECKS)

        try:
            holds()
        except Unsatisfiable:
            continue  # nothing that it takes can be wrong
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told with the others
            wrong.append(f"{operation.method.upper()} {operation.path}: {error}")
    assert not wrong, "\n\n".join(wrong)
