"""The rows of a chart: a table of the first ones, and all of them as CSV."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET

from renderer.api.exports import Cell, csv_chunks
from renderer.web.access import SignedInRequest, either, is_piece, signed_in
from renderer.web.charts import find
from renderer.web.tables import tables

FIRST: Final = 100
MOST: Final = 1_000_000
"""Rows of one CSV file: what a spreadsheet opens."""
_NOT_IN_NAMES: Final = str.maketrans(dict.fromkeys('/\\:*?"<>|', "-"))


@require_GET
@either
def data(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """The first rows of what a chart shows."""
    row = find(request, pk)
    found = []
    for number, table in enumerate(tables(row)):
        rows = table.first(FIRST)
        found.append((number, table, _heads(table.names, rows), rows, table.total > FIRST))
    template = "renderer/_chart_data.html" if is_piece(request) else "renderer/chart_data.html"
    return render(request, template, {"chart": row, "tables": found, "first": FIRST, "is_page": not is_piece(request)})


def _heads(names: Sequence[str], rows: Sequence[Sequence[Cell]]) -> list[tuple[str, bool]]:
    """The names of the columns, and whether numbers stand below them."""
    return [(name, any(isinstance(row[place], float) for row in rows)) for place, name in enumerate(names)]


@require_GET
@signed_in
def data_csv(request: SignedInRequest, pk: UUID) -> HttpResponseBase:
    """One of its tables as CSV."""
    row = find(request, pk)
    number = request.GET.get("table", "0")
    found = tables(row)
    if not (number.isdecimal() and number.isascii()) or int(number) >= len(found) or not found[int(number)].is_here:
        raise Http404
    table = found[int(number)]
    label = "".join(letter for letter in row.label if letter.isprintable()).translate(_NOT_IN_NAMES).strip(" .")
    name = f"{label[:100] or 'chart'}{f' {int(number) + 1}' if len(found) > 1 else ''}.csv"
    headers = {
        "Content-Type": "text/csv; charset=utf-8",
        "Content-Disposition": content_disposition_header(True, name) or "attachment",
        "X-Content-Type-Options": "nosniff",
    }
    return StreamingHttpResponse(csv_chunks(request, table.names, table.batches(MOST)), headers=headers)
