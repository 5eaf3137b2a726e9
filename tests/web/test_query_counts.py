"""How many queries each page takes, with several rows in every list."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from renderer.jobs import charts
from renderer.models import ApiToken
from renderer.models.job import Trigger
from renderer.recipe import Recipe
from tests import query_counts
from tests.web.test_access import FRAGMENTS, LIST_FRAGMENTS, LISTS, PAGES, address

__all__ = ["address"]


def test_pages_take_as_many_queries_as_they_did(
    signed_in: Client, ada: User, spec: dict[str, Any], address: dict[str, str]
) -> None:
    for number in range(3):
        charts.render(charts.create(ada, Recipe.from_spec({**spec, "title": str(number)}))[0], trigger=Trigger.WEB)
        ApiToken.issue(ada, str(number))

    found = {}
    for name in sorted(LISTS | LIST_FRAGMENTS | PAGES | FRAGMENTS):
        first = signed_in.get(address[name])
        if first.streaming:
            first.getvalue()  # a download holds its file until it is read
        with CaptureQueriesContext(connection) as queries:
            response = signed_in.get(address[name])
        if response.streaming:
            response.getvalue()  # a download holds its file until it is read
        assert response.status_code in (200, 204), name
        found[name] = len(queries)
    query_counts.compare("pages", found)
