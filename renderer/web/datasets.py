"""Datasets: the tables of a person, what each holds, and how one comes in."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any, Final
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db.models import Count, Func, IntegerField, Q
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from renderer import registry, storage
from renderer.api import exports
from renderer.api.links import link
from renderer.api.requests import request_id
from renderer.data.uploads.formats import Format, bare_name, of_content_type, of_file_name
from renderer.jobs import datasets as verbs
from renderer.models import ChartDataset, Dataset, DatasetVersion
from renderer.models.dataset import VersionStatus
from renderer.models.membership import Role
from renderer.sources import databases
from renderer.spec.limits import LIMITS
from renderer.spec.scalars import SOURCE_NAME
from renderer.web import words
from renderer.web.access import SignedInRequest, fragment, signed_in
from renderer.web.charts import uuid_or_none
from renderer.web.columns import KINDS, cell, column_of
from renderer.web.live import Live
from renderer.web.words import State

A_PAGE = 50
PREVIEW_ROWS: Final = 20
PREVIEW_COLUMNS: Final = 40
PICTURED: Final = 24
"""Columns that get a picture; of a table of a thousand the others are named."""
SHOWN_CHARTS: Final = 20
ACCEPTED: Final = ".csv,.tsv,.tab,.txt,.json,.ndjson,.jsonl,.parquet,.arrow,.arrows,.feather,.gz,.zip"
PROBLEM: Final = "application/problem+json"


class UploadForm(forms.Form):
    """A new table: a file, or one that is pasted."""

    file = forms.FileField(
        required=False,
        label="File",
        help_text="CSV, TSV, JSON, NDJSON, Parquet or Arrow, also as .gz or .zip. The first line names the columns.",
        widget=forms.FileInput({"accept": ACCEPTED}),
    )
    text = forms.CharField(
        required=False,
        strip=False,
        label="Pasted rows",
        max_length=5_000_000,
        help_text="From a spreadsheet or a text; the first line names the columns.",
        widget=forms.Textarea(
            {"rows": 7, "class": "code", "spellcheck": "false", "autocomplete": "off", "autocapitalize": "off"}
        ),
    )
    name = forms.CharField(
        required=False,
        max_length=100,
        label="Name",
        help_text="What charts call it: small letters, digits and _. Without one, it is called as the file is.",
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"}),
    )

    def clean_file(self) -> Any:
        """Not larger than uploads may be."""
        file = self.cleaned_data["file"]
        if file and (file.size or 0) > LIMITS.upload_bytes:
            most = LIMITS.upload_bytes >> 20
            raise forms.ValidationError(f"It has {file.size >> 20:,} MB; at most {most:,} MB are taken.")
        return file

    def clean(self) -> None:
        """One of the two, and a name that charts can say."""
        file, text = self.cleaned_data.get("file"), self.cleaned_data.get("text", "").strip()
        if "file" not in self.errors and not file and not text:
            self.add_error("file", "Choose a file, or paste rows.")
        if file and text:
            self.add_error("text", "Either a file or pasted rows: take one of them away.")
        if "name" not in self.fields or "name" in self.errors:
            return
        name = self.cleaned_data.get("name", "") or (name_of(file.name or "") if file else "")
        if not name and (file or text):
            self.add_error("name", "Give it a name, such as orders.")
        elif name and (not SOURCE_NAME.fullmatch(name) or "." in name):
            self.add_error("name", "Only small letters, digits and _, with a letter first, such as orders_2026.")
        self.cleaned_data["name"] = name

    def sent(self) -> tuple[IO[bytes], int, Format | None, str]:
        """The bytes, how many they are, their format as far as it is known, and what the file was called."""
        file = self.cleaned_data["file"]
        if file:
            called = bare_name(file.name or "")
            return file.file, file.size, of_file_name(called) or of_content_type(file.content_type or ""), called
        content = self.cleaned_data["text"].strip("\r\n").encode(errors="replace")
        return io.BytesIO(content), len(content), "json" if content.lstrip()[:1] in (b"[", b"{") else "csv", ""


class ReplaceForm(UploadForm):
    """The next version of a table."""

    name = None  # type: ignore[assignment]  # how Django leaves out a field of a form's parent
    draws = forms.BooleanField(
        required=False, initial=True, label="Draw the charts that read it again when it is ready"
    )


class ChangeForm(forms.Form):
    """What people call it."""

    title = forms.CharField(max_length=200, required=False, widget=forms.TextInput({"autocomplete": "off"}))
    description = forms.CharField(max_length=2000, required=False, widget=forms.Textarea({"rows": 3}))


def name_of(file_name: str) -> str:
    """A name for charts from that of a file: ``Sales 2026 (final).csv.gz`` is ``sales_2026_final``."""
    stem = re.sub(r"(\.(gz|gzip|zip))?$", "", bare_name(file_name).lower())
    stem = re.sub(r"\.[a-z0-9]{1,8}$", "", stem)
    name = re.sub(r"[^a-z0-9]+", "_", stem).strip("_")
    return (f"t_{name}" if name[:1].isdigit() else name)[:100].strip("_")


class _Length(Func):
    """How many items a JSON list has, without fetching them."""

    function = "JSON_ARRAY_LENGTH"
    output_field = IntegerField()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, function="JSONB_ARRAY_LENGTH", **context)


@dataclass(frozen=True, slots=True)
class Line:
    """One dataset in the list."""

    dataset: Dataset
    newest: DatasetVersion | None
    columns: int
    readers: int

    @property
    def state(self) -> State:
        """How its newest upload stands."""
        return words.state_of_version(self.newest) if self.newest else State("none", "Empty")

    @property
    def is_reading(self) -> bool:
        """Whether something still changes."""
        return bool(self.newest and self.newest.status == VersionStatus.READING)


@require_GET
@signed_in
def datasets(request: SignedInRequest) -> HttpResponse:
    """All datasets of a person, the newest first."""
    live = _list(request)
    context = {
        "live": live.html(request),
        "is_empty": not live.context["lines"] and live.context["is_first"] and not live.context["query"],
        "query": live.context["query"],
        "functions": registry.all_datasets(),
        "databases": _databases(request),
    }
    return render(request, "renderer/datasets.html", context)


@require_GET
@fragment
def datasets_live(request: SignedInRequest) -> HttpResponse:
    """The list, while one of them is being read."""
    return _list(request).answer(request)


def _list(request: SignedInRequest) -> Live:
    rows = Dataset.objects.for_user(request.account).select_related("current").defer("current__columns")
    query = request.GET.get("q", "").strip()[:100]
    if query:
        rows = rows.filter(Q(name__icontains=query) | Q(title__icontains=query))
    before = uuid_or_none(request.GET.get("before", ""))
    if before:
        rows = rows.filter(pk__lt=before)
    found = list(rows.annotate(column_count=_Length("current__columns"))[: A_PAGE + 1])
    lines = _lines(request, found[:A_PAGE])
    asked = ({"q": query} if query else {}) | ({"before": str(before)} if before else {})
    reading = any(line.is_reading for line in lines)
    return Live(
        name="datasets",
        template="renderer/_datasets.html",
        url=reverse("datasets-live", query=asked),
        every=2 if reading else 0,
        has_news=False,
        context={
            "lines": lines,
            "query": query,
            "older": lines[-1].dataset.pk if len(found) > A_PAGE else None,
            "is_first": not before,
            "no_worker": words.no_worker(timezone.now()) if reading else None,
        },
    )


def _lines(request: SignedInRequest, rows: Sequence[Dataset]) -> list[Line]:
    """Each with its newest upload and how many charts read it, in two queries."""
    newest = {}
    for version in DatasetVersion.objects.filter(dataset__in=rows).defer("columns", "notes").order_by("number"):
        newest[version.dataset_id] = version
    mine = ChartDataset.objects.filter(chart__owner=request.account, name__in=[row.name for row in rows])
    readers = dict(mine.values_list("name").annotate(n=Count("pk")))
    return [
        Line(row, newest.get(row.pk), getattr(row, "column_count", None) or 0, readers.get(row.name, 0)) for row in rows
    ]


def _databases(request: SignedInRequest) -> list[str]:
    """Those whose SQL this person may write, by name: everything else about them is the operator's."""
    if not databases.may_write_sql(request.account):
        return []
    return sorted(name for name, one in databases.configured().items() if one.is_open_to(request.account))


@require_http_methods(["GET", "POST"])
@signed_in(needs=Role.EDITOR)
def new(request: SignedInRequest) -> HttpResponse:
    """A table that comes in: a file, or rows that are pasted."""
    form = UploadForm()
    if request.method == "POST":
        form = UploadForm(request.POST, request.FILES)
        if form.is_valid():
            version = _take(request, form, form.cleaned_data["name"], is_new=True)
            if version:
                return _taken(request, version)
        if refused := _refused(request, form):
            return refused
    status = 422 if form.errors else 200
    context = {"form": form, "most": LIMITS.upload_bytes, "is_paste": "paste" in request.GET}
    return render(request, "renderer/new_dataset.html", context, status=status)


@require_POST
@signed_in
def replace(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """The next version of a table."""
    row = _dataset(request, pk)
    form = ReplaceForm(request.POST, request.FILES)
    if form.is_valid():
        version = _take(request, form, row.name, draws=form.cleaned_data["draws"])
        if version:
            return _taken(request, version)
    return _refused(request, form) or _page(request, row, replace_form=form, status=422)


def _take(
    request: SignedInRequest, form: UploadForm, name: str, *, is_new: bool = False, draws: bool = False
) -> DatasetVersion | None:
    """Store what was sent; None where it is refused, which the form then says."""
    file, size, format, called = form.sent()
    try:
        return verbs.upload(
            request.account,
            name,
            file,
            size=size,
            format=format,
            source_name=called,
            draws=draws,
            is_new=is_new,
            request_id=request_id(request),
        )
    except verbs.NameTaken:
        text = f"You have a dataset “{name}” already. Choose another name, or upload a new version on its page."
        form.add_error("name", text)
    except verbs.QuotaReached as error:
        form.add_error(None, str(error))
    except OSError as error:
        if not storage.is_full(error):
            raise
        form.add_error(None, storage.NO_ROOM)
    return None


def _taken(request: SignedInRequest, version: DatasetVersion) -> HttpResponse:
    """On to the page that shows how it is read."""
    address = reverse("dataset", args=[version.dataset_id])
    return JsonResponse({"url": address}, status=202) if _is_script(request) else redirect(address)


def _refused(request: SignedInRequest, form: forms.Form) -> HttpResponse | None:
    """What is wrong with a form, for the script that sent it: each problem at its field."""
    if not _is_script(request):
        return None
    errors = [
        {"pointer": "" if name == "__all__" else f"/{name}", "message": message}
        for name, found in form.errors.items()
        for message in found
    ]
    problem = {"title": "It was not taken.", "status": 422, "errors": errors}
    return JsonResponse(problem, status=422, content_type=PROBLEM)


def _is_script(request: SignedInRequest) -> bool:
    return request.headers.get("Accept", "").startswith("application/json")


@require_GET
@signed_in
def dataset(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """One dataset: what it holds, who reads it, and its versions."""
    return _page(request, _dataset(request, pk))


@require_GET
@fragment
def dataset_live(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """What it holds, while a version of it is being read."""
    return _contents(_dataset(request, pk)).answer(request)


@require_POST
@signed_in
def change(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Call it something else. Charts go on calling it by its name."""
    row = _dataset(request, pk)
    form = ChangeForm(request.POST)
    if not form.is_valid():
        return _page(request, row, change_form=form, status=422)
    row.title, row.description = form.cleaned_data["title"], form.cleaned_data["description"]
    row.save(update_fields=["title", "description", "updated_at"])
    messages.success(request, "It is changed.")
    return redirect("dataset", pk)


@require_POST
@signed_in
def retype(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Read a column as something else: the rows become a new version."""
    row = _dataset(request, pk)
    column, kind = request.POST.get("column", ""), request.POST.get("kind", "")
    if row.current is None or kind not in KINDS or column not in {one["name"] for one in row.current.columns}:
        messages.error(request, "Choose a column and what it is to be read as.")
        return redirect("dataset", pk)
    try:
        verbs.retype(row, {column: kind}, draws="draws" in request.POST, request_id=request_id(request))  # type: ignore[dict-item]  # held against KINDS above
    except verbs.QuotaReached as error:
        messages.error(request, str(error))
    except OSError as error:
        if not storage.is_full(error):
            raise
        messages.error(request, storage.NO_ROOM)
    return redirect("dataset", pk)


@require_POST
@signed_in
def delete(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Delete it with its versions; the dialog has said which charts read it, and they keep their pictures."""
    row = _dataset(request, pk)
    verbs.delete(row)
    messages.success(request, f"Deleted “{row}”.")
    return redirect("datasets")


def _dataset(request: SignedInRequest, pk: UUID) -> Dataset:
    rows = Dataset.objects.for_user(request.account).select_related("current", "owner")
    return get_object_or_404(rows, pk=pk)


def _page(
    request: SignedInRequest,
    row: Dataset,
    *,
    replace_form: ReplaceForm | None = None,
    change_form: ChangeForm | None = None,
    status: int = 200,
) -> HttpResponse:
    charts = list(verbs.readers(row).only("name", "title", "figure").order_by("-id")[: SHOWN_CHARTS + 1])
    count = len(charts) if len(charts) <= SHOWN_CHARTS else verbs.readers(row).count()
    context = {
        "dataset": row,
        "live": _contents(row).html(request),
        "charts": charts[:SHOWN_CHARTS],
        "chart_count": count,
        "more_charts": count - len(charts[:SHOWN_CHARTS]),
        "replace_form": replace_form or ReplaceForm(auto_id="replace_%s"),
        "change_form": change_form
        or ChangeForm({"title": row.title, "description": row.description}, auto_id="change_%s"),
        "columns": [column["name"] for column in row.current.columns] if row.current else [],
        "kinds": KINDS,
        "most": LIMITS.upload_bytes,
        "example": _example(row),
    }
    return render(request, "renderer/dataset.html", context, status=status)


def _contents(row: Dataset) -> Live:
    """What changes while a version is being read."""
    versions = list(row.versions.defer("columns"))
    reading = [version for version in versions if version.status == VersionStatus.READING]
    now = timezone.now()
    current = row.current
    columns = [column_of(summary, current.rows) for summary in current.columns] if current else []
    return Live(
        name="dataset",
        template="renderer/_dataset.html",
        url=reverse("dataset-live", args=[row.pk]),
        every=_pace(reading, now),
        has_news=False,
        context={
            "dataset": row,
            "current": current,
            "csv": link("dataset_csv", dataset_name=row.name),
            "newest": versions[0] if versions else None,
            "state": words.state_of_version(versions[0]) if versions else State("none", "Empty"),
            "versions": [(version, words.state_of_version(version)) for version in versions],
            "column_count": len(columns),
            "columns": columns[:PICTURED],
            "more_columns": columns[PICTURED:],
            "more_count": len(columns[PICTURED:]),
            "preview": _preview(current) if current else None,
            "no_worker": words.no_worker(now) if reading else None,
        },
    )


def _pace(reading: Iterable[DatasetVersion], now: datetime) -> int:
    ages = [(now - version.created_at).total_seconds() for version in reading]
    return 0 if not ages else 1 if min(ages) < 60 else 5


@dataclass(frozen=True, slots=True)
class Preview:
    """The first rows. Cells are texts; ``numbers`` says of each column whether it stands to the right."""

    names: Sequence[tuple[str, bool]]
    rows: Sequence[Sequence[tuple[str, bool]]]
    total: int
    hidden: int

    @property
    def more(self) -> int:
        """Rows that are not shown."""
        return self.total - len(self.rows)


def _preview(version: DatasetVersion) -> Preview | None:
    """The first rows and columns; None where the file cannot be reached."""
    try:
        names, rows = exports.first_rows(version, PREVIEW_ROWS)
    except Http404:
        return None
    numbers = [column["type"] == "number" for column in version.columns][:PREVIEW_COLUMNS]
    return Preview(
        names=list(zip(names, numbers, strict=False)),
        rows=[[(cell(value), right) for value, right in zip(row, numbers, strict=False)] for row in rows],
        total=version.rows,
        hidden=max(0, len(names) - PREVIEW_COLUMNS),
    )


def _example(row: Dataset) -> str:
    return f'{{"data": {{"dataset": "{row.name}"}}}}'
