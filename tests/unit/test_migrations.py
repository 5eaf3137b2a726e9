"""New migrations leave the release before them working: its processes run on the new tables until they are replaced.

They expand. What contracts comes a release later, and its migration says so: ``CONTRACTS = "unused since 1.2"``.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.db.models.fields import NOT_PROVIDED

RULES_SINCE = "0015_workspace"


def problems(operation: Operation, state: ProjectState) -> Iterator[str]:
    """Why the release before would fail after it. ``state`` is that of before."""
    match operation:
        case migrations.RemoveField() | migrations.RenameField() | migrations.RenameModel() | migrations.DeleteModel():
            yield f"{operation.describe()}: the release before still uses it"
        case migrations.AlterModelTable() | migrations.RunSQL():
            yield f"{operation.describe()}: nobody can tell what the release before makes of it"
        case migrations.AddField(field=field) if _asks_for_a_value(field):
            yield f"{operation.describe()}: the release before inserts rows without it; give it a db_default"
        case migrations.AlterField(field=field, model_name=model, name=name):
            before = state.models["renderer", model.lower()].fields[name]
            if before.null and _asks_for_a_value(field):
                yield f"{operation.describe()}: the release before leaves it empty; give it a db_default"
            if before.db_default is not NOT_PROVIDED and field.db_default is NOT_PROVIDED and not field.null:
                yield f"{operation.describe()}: the release before that one inserts rows without it"


def _asks_for_a_value(field: Any) -> bool:
    generated = isinstance(field, models.GeneratedField) or field.many_to_many
    return not field.null and not generated and field.db_default is NOT_PROVIDED


def test_new_migrations_only_expand() -> None:
    loader = MigrationLoader(None)
    state = loader.project_state(("renderer", RULES_SINCE))
    found = []
    made: set[str] = set()
    for app, name in sorted(key for key in loader.disk_migrations if key[0] == "renderer" and key[1] > RULES_SINCE):
        migration = loader.disk_migrations[app, name]
        marked = getattr(import_module(migration.__module__), "CONTRACTS", "")
        for operation in migration.operations:
            if isinstance(operation, migrations.CreateModel):
                made.add(operation.name_lower)
            on = getattr(operation, "model_name", "").lower()
            if not marked and on not in made:
                found += [f"{name}: {problem}" for problem in problems(operation, state)]
            operation.state_forwards("renderer", state)
    assert found == []


@pytest.mark.parametrize(
    ("operation", "says"),
    [
        (migrations.RemoveField("chart", "kind"), "still uses it"),
        (migrations.AddField("chart", "weight", models.IntegerField(default=0)), "give it a db_default"),
        (migrations.AlterField("worker", "memory", models.BigIntegerField()), "leaves it empty"),
        (migrations.RunSQL("DROP TABLE renderer_chart"), "nobody can tell"),
        (migrations.AddField("chart", "weight", models.IntegerField(default=0, db_default=0)), ""),
        (migrations.AddField("chart", "weight", models.IntegerField(null=True)), ""),
        (migrations.AlterField("worker", "memory", models.BigIntegerField(null=True)), ""),
    ],
)
def test_the_rules_catch_what_they_are_for(operation: Operation, says: str) -> None:
    state = MigrationLoader(None).project_state(("renderer", RULES_SINCE))
    found = "".join(problems(operation, state))
    assert (says in found) if says else not found
