"""Datasets: named tables that charts read."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from typing import IO, Annotated, Any, Final, Literal
from uuid import UUID

from asgiref.sync import sync_to_async
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse, UnreadablePostError
from django.http.response import HttpResponseBase
from ninja import Query, Router
from pydantic import AfterValidator, Field

from renderer.api import exports, once, openapi, preferences, waiting
from renderer.api.bodies import MAX_UPLOAD, Body, Name, read, takes, too_large
from renderer.api.choosing import closed
from renderer.api.links import link
from renderer.api.paging import Cursor, Limit, Page, page
from renderer.api.problems import ApiProblem
from renderer.api.requests import is_head, request_id, user_of
from renderer.api.responses import reply, reply_or_304
from renderer.api.shapes import Shape
from renderer.data.uploads.formats import CONTENT_TYPES, Format, bare_name, of_content_type, of_file_name
from renderer.jobs import datasets
from renderer.models import Dataset, DatasetVersion
from renderer.models.dataset import VersionStatus
from renderer.spec import Problem, SpecError, strict_json
from renderer.spec.errors import pointer, show
from renderer.spec.scalars import SOURCE_NAME
from renderer.spec.source import ColumnKind
from renderer.spec.text import TextError, clean_text

router = Router(tags=["datasets"])

MULTIPART: Final = "multipart/form-data"
_BLOCK: Final = 1 << 20
_KINDS: Final = ("number", "time", "category")
_MOST_ROWS: Final = 1000
_SHOWN_CHARTS: Final = 20

Types = dict[str, ColumnKind]


class ColumnOut(Shape):
    """A column of a dataset, and what it holds."""

    name: str
    type: ColumnKind
    missing: int
    """Rows without a value."""
    distinct: int
    """Different values; of more than 100,000 rows within a few per cent."""
    min: float | str | None = None
    max: float | str | None = None
    mean: float | None = None
    median: float | str | None = None
    """The value in the middle; of more than 100,000 rows within a few per cent."""
    top: list[dict[str, Any]] | None = None
    """Of categories: the most frequent values, and how often each is there."""
    histogram: list[int] | None = None
    """Of numbers and times: how many lie in each of 20 equal parts from `min` to `max`."""


class VersionOut(Shape):
    """One upload of a dataset."""

    number: int
    status: Literal["reading", "ready", "failed"]
    message: str
    """Of one that failed: why. Of one that is being read: what it waits for."""
    notes: list[str]
    """What was done to the rows that may not be expected."""
    format: str
    source_name: str
    rows: int
    bytes: int
    created_at: datetime
    finished_at: datetime | None

    @classmethod
    def of(cls, row: DatasetVersion) -> VersionOut:
        """The shape of a row."""
        return cls(
            number=row.number,
            status=row.status,
            message=row.message,
            notes=row.notes,
            format=row.format,
            source_name=row.source_name,
            rows=row.rows,
            bytes=row.bytes,
            created_at=row.created_at,
            finished_at=row.finished_at,
        )


class DatasetLinks(Shape):
    """Where to go from a dataset."""

    self: str
    rows: str
    csv: str


class DatasetOut(Shape):
    """A named table."""

    id: UUID
    name: str
    """What charts call it: `{"data": {"dataset": name}}`."""
    title: str
    description: str
    version: int | None
    """The version whose rows charts read; null while there is none."""
    rows: int
    bytes: int
    sha256: str
    """Of the rows as they are stored: the same digest, the same rows."""
    data_at: datetime | None
    """Since when it has just these rows."""
    latest: VersionOut | None
    """The newest upload, which may still be read, or could not be."""
    created_at: datetime
    updated_at: datetime
    links: DatasetLinks


class DatasetDetail(DatasetOut):
    """A dataset with its columns."""

    columns: list[ColumnOut]
    charts: list[str]
    """The names of charts that read it, at most 20."""


class Datasets(Page):
    """One page of datasets."""

    items: list[DatasetOut]


class Rows(Shape):
    """The first rows of a dataset."""

    columns: list[str]
    rows: list[list[float | str | None]]
    total: int


class DatasetChange(Body):
    """What is to become different."""

    title: Name | None = None
    description: Annotated[str, AfterValidator(lambda text: _described(text))] | None = None
    types: Types | None = Field(
        default=None,
        description='What columns are to be read as, `{"zip": "category"}`: the rows become a new version.',
    )
    render: bool = Field(default=False, description="With types: draw the charts that read it again.")


def _described(text: str) -> str:
    try:
        return clean_text(text, limit=2000, line_breaks="keep", lines=40)
    except TextError as error:
        raise ValueError(str(error)) from None


NameOf = Annotated[str, Query(max_length=200, description="What charts call it: small letters, digits and _.")]
TypesOf = Annotated[
    str, Query(max_length=20_000, description='What columns are to be read as, as JSON: `{"zip": "category"}`.')
]
Draws = Annotated[bool, Query(description="Draw the charts that read it again when it is ready.")]

_FILE: Final[dict[str, Any]] = {"type": "string", "format": "binary"}
_TAKES: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            **{name: {"schema": _FILE} for name in CONTENT_TYPES},
            MULTIPART: {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": _FILE, "name": {"type": "string"}, "types": {"type": "string"}},
                }
            },
        },
    }
}


@router.get("", response=Datasets, url_name="datasets")
def list_datasets(request: HttpRequest, limit: Limit = 20, cursor: Cursor = "") -> HttpResponse:
    """Your datasets, newest first, without their columns."""
    closed(request, list_datasets)
    rows = Dataset.objects.for_user(user_of(request)).select_related("current").defer("current__columns")
    found, following = page(rows, cursor, limit)
    return reply_or_304(request, Datasets(items=_listed(found), next_cursor=following))


@router.post(
    "", response={201: DatasetDetail, 202: DatasetDetail}, url_name="datasets", openapi_extra=_TAKES | openapi.WAITS
)
async def create_dataset(request: HttpRequest, name: NameOf = "", types: TypesOf = "") -> HttpResponse:
    """Upload a table: the file as the body, or as the part `file` of a form. gzip, and zip of one file, are unpacked.

    202: a worker reads it; ask for it at `Location`. With `Prefer: wait=N` (at most 30 seconds) 201 when it is read,
    or 422 with what is wrong with it.
    """
    version = await sync_to_async(_upload)(request, name, types, is_new=True)
    return await _respond(request, version)


@router.put(
    "/{dataset:dataset_name}",
    response={200: DatasetDetail, 201: DatasetDetail, 202: DatasetDetail},
    url_name="dataset",
    openapi_extra=_TAKES | openapi.WAITS,
)
async def put_dataset(
    request: HttpRequest, dataset_name: str, types: TypesOf = "", render: Draws = False
) -> HttpResponse:
    """Upload a new version of a dataset, or a first one. Charts that read it are stale from the moment that it is
    ready. Until then, and for good if it cannot be read, they read the version before."""
    version = await sync_to_async(_upload)(request, dataset_name, types, draws=render)
    return await _respond(request, version)


@router.get("/{dataset:dataset_name}", response={200: DatasetDetail, 304: None}, url_name="dataset")
def get_dataset(request: HttpRequest, dataset_name: str) -> HttpResponse:
    """One dataset with its columns, and a summary of each."""
    return reply_or_304(request, _detail(_find(request, dataset_name)))


@router.get("/{dataset:dataset_name}/rows", response={200: Rows, 304: None}, url_name="dataset_rows")
def get_dataset_rows(
    request: HttpRequest, dataset_name: str, limit: Annotated[int, Query(ge=1, le=_MOST_ROWS)] = 50
) -> HttpResponse:
    """The first rows."""
    version = _ready(_find(request, dataset_name))
    columns, rows = exports.first_rows(version, limit)
    return reply_or_304(request, Rows(columns=columns, rows=rows, total=version.rows))


@router.get(
    "/{dataset:dataset_name}.csv",
    response={200: None},
    url_name="dataset_csv",
    openapi_extra={"responses": {200: {"description": "The rows.", "content": {"text/csv": {}}}}},
)
def export_dataset(request: HttpRequest, dataset_name: str) -> HttpResponseBase:
    """All rows as CSV. A text that a spreadsheet would take for a formula begins with an apostrophe."""
    version = _ready(_find(request, dataset_name))
    headers = {
        "Content-Type": "text/csv; charset=utf-8",
        "Content-Disposition": f'attachment; filename="{dataset_name}.csv"',
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-cache",
    }
    if is_head(request):
        return HttpResponse(headers=headers)
    return StreamingHttpResponse(exports.chunks(request, version), headers=headers)


@router.patch(
    "/{dataset:dataset_name}",
    response={200: DatasetDetail, 202: DatasetDetail},
    url_name="dataset",
    openapi_extra=takes(DatasetChange) | openapi.WAITS,
)
async def change_dataset(request: HttpRequest, dataset_name: str) -> HttpResponse:
    """Change the title or the description (200: the dataset), or what columns are read as (202, as an upload)."""
    changed = await sync_to_async(_change)(request, dataset_name)
    return changed if isinstance(changed, HttpResponse) else await _respond(request, changed)


@router.delete("/{dataset:dataset_name}", response={204: None}, url_name="dataset")
def delete_dataset(request: HttpRequest, dataset_name: str, force: bool = False) -> HttpResponse:
    """Delete a dataset with its versions. 409 where charts read it, unless `force`; they keep their pictures."""
    dataset = _find(request, dataset_name)
    charts = [chart.label for chart in datasets.readers(dataset).defer("spec")[:_SHOWN_CHARTS]]
    if charts and not force:
        raise ApiProblem("dataset_in_use", f"Charts read it, such as {show(charts[0])}.", charts=charts)
    datasets.delete(dataset)
    return HttpResponse(status=204)


def _upload(
    request: HttpRequest, name: str, types: str, *, is_new: bool = False, draws: bool = False
) -> DatasetVersion:
    with _sent(request) as (file, size, form):
        name = name or form.get("name", "")
        problems = [] if name else [Problem("/name", "'name' is required: what charts call it, such as 'orders'")]
        if name and not (SOURCE_NAME.fullmatch(name) and "." not in name and len(name) <= 100):
            problems.append(
                Problem("/name", f"must be a name of small letters, digits and _, such as 'orders', not {show(name)}")
            )
        found, wrong = _types(types or form.get("types", ""))
        if problems or wrong:
            raise ApiProblem("invalid", errors=[*problems, *wrong], place="query")
        content = _digest(file, form)
        # Looked for first: what is asked again is not stored again, and is over no quota that it has filled itself.
        if isinstance(before := once.answered(request, content), DatasetVersion):
            return before
        return _stored(
            lambda: datasets.upload(
                user_of(request),
                name,
                file,
                size=size,
                format=_format(form),
                source_name=bare_name(form.get("file name", "")),
                types=found,
                draws=draws,
                is_new=is_new,
                request_id=request_id(request),
                writing=lambda write: once.perform(request, content, write),
            )
        )


def _digest(file: IO[bytes], form: Mapping[str, str]) -> once.Content:
    """What was sent, whatever separates the parts of the form."""

    @cache
    def content() -> bytes:
        file.seek(0)
        digest = hashlib.file_digest(file, "sha256")  # type: ignore[arg-type]  # a file that is read in binary
        file.seek(0)
        digest.update(json.dumps(sorted(form.items())).encode())
        return digest.digest()

    return content


def _stored(upload: Any) -> DatasetVersion:
    try:
        version: DatasetVersion = upload()
    except datasets.NameTaken:
        raise ApiProblem("dataset_exists") from None
    except datasets.QuotaReached as error:
        raise ApiProblem("quota", str(error)) from None
    return version


@contextmanager
def _sent(request: HttpRequest) -> Iterator[tuple[IO[bytes], int, dict[str, str]]]:
    """The file in a request, how long it is, and what else the form says. Raises ApiProblem."""
    if request.headers.get("Content-Encoding", "identity").strip().lower() not in ("", "identity"):
        raise ApiProblem("encoded_body", headers={"Accept-Encoding": "identity"})
    kind = (request.content_type or "").lower()
    if kind == MULTIPART:
        form = {name: str(value) for name, value in request.POST.items()}  # read to disk by Django, as it comes
        part = request.FILES.get("file")
        if part is None or isinstance(part, list):
            raise SpecError.at("/file", "'file' is required: the part of the form that is the table")
        if (part.size or 0) > MAX_UPLOAD:
            raise too_large(MAX_UPLOAD)
        form |= {"file name": part.name or "", "content type": part.content_type or ""}
        yield part.file, part.size or 0, form  # type: ignore[misc]  # an uploaded file reads like a file
        return
    if of_content_type(kind) is None:
        known = ", ".join(CONTENT_TYPES)
        raise ApiProblem("not_a_table", f"The body must be one of {known}, or a form; it says {show(kind)}.")
    with tempfile.TemporaryFile() as file:
        size = 0
        while block := request.read(_BLOCK):
            size += len(block)
            if size > MAX_UPLOAD:
                raise too_large(MAX_UPLOAD)
            file.write(block)
        if size < int(request.headers.get("Content-Length") or 0):
            raise UnreadablePostError("the client went away")
        file.seek(0)
        yield file, size, {"content type": kind}


def _format(form: dict[str, str]) -> Format | None:
    """A file's name says more than the type that a browser makes up for it."""
    return of_file_name(form.get("file name", "")) or of_content_type(form.get("content type", ""))


def _types(text: str) -> tuple[Types, list[Problem]]:
    if not text:
        return {}, []
    try:
        value = strict_json(text.encode(errors="surrogatepass"), max_depth=1)
    except SpecError as error:
        return {}, [Problem("/types", error.problems[0].message)]
    if not isinstance(value, dict):
        return {}, [Problem("/types", f'must be an object such as {{"zip": "category"}}, not {show(value)}')]
    wrong = [
        Problem("/types" + pointer(name), f"must be 'number', 'time' or 'category', not {show(kind)}")
        for name, kind in value.items()
        if kind not in _KINDS
    ]
    return value, wrong


async def _respond(request: HttpRequest, version: DatasetVersion) -> HttpResponse:
    wait = preferences.wait(request)
    if wait:
        rows = DatasetVersion.objects.filter(pk=version.pk, status=VersionStatus.READING)
        await waiting.watch(rows.exists, lambda reading: not reading, seconds=wait)
    return await sync_to_async(_answer)(request, version, wait)


def _answer(request: HttpRequest, version: DatasetVersion, wait: int | None) -> HttpResponse:
    row = DatasetVersion.objects.filter(pk=version.pk).select_related("dataset").first()
    if row is None:  # deleted, or replaced by so many newer ones, while it was read
        raise Http404
    if row.status == VersionStatus.FAILED:
        raise ApiProblem("invalid", errors=[Problem("", row.message)], headers=preferences.applied(request, wait))
    headers = {**preferences.applied(request, wait), "Location": link("dataset", dataset_name=row.dataset.name)}
    status = 202
    if row.status == VersionStatus.READY:
        status = 201 if row.number == 1 else 200
    else:
        headers["Retry-After"] = "1"
    return reply(_detail(row.dataset), status=status, headers=headers)


def _change(request: HttpRequest, name: str) -> DatasetVersion | HttpResponse:
    dataset = _find(request, name)
    body = read(request, DatasetChange)
    changed = {field: getattr(body, field) for field in ("title", "description") if getattr(body, field) is not None}
    for field, value in changed.items():
        setattr(dataset, field, value)
    if changed:
        dataset.save(update_fields=[*changed, "updated_at"])
    if body.types is None:
        return reply(_detail(dataset))
    types = body.types
    _ready(dataset)
    return _stored(lambda: datasets.retype(dataset, types, draws=body.render, request_id=request_id(request)))


def _find(request: HttpRequest, name: str) -> Dataset:
    """The user's own, whoever else has one of this name."""
    row = Dataset.objects.filter(owner=user_of(request), name=name).select_related("current", "owner").first()
    if row is None:
        raise Http404
    return row


def _ready(dataset: Dataset) -> DatasetVersion:
    if dataset.current is None:
        raise ApiProblem("no_rows")
    return dataset.current


def _listed(rows: list[Dataset]) -> list[DatasetOut]:
    newest: dict[UUID, DatasetVersion] = {}
    for version in DatasetVersion.objects.filter(dataset__in=rows).defer("columns").order_by("number"):
        newest[version.dataset_id] = version
    return [DatasetOut(**_fields(row, newest.get(row.pk))) for row in rows]


def _detail(dataset: Dataset) -> DatasetDetail:
    current = dataset.current
    columns = [
        ColumnOut(**{key: value for key, value in column.items() if key in ColumnOut.model_fields})
        for column in (current.columns if current else ())
    ]
    charts = [chart.label for chart in datasets.readers(dataset).defer("spec")[:_SHOWN_CHARTS]]
    return DatasetDetail(**_fields(dataset, dataset.versions.first()), columns=columns, charts=charts)


def _fields(dataset: Dataset, newest: DatasetVersion | None) -> dict[str, Any]:
    current = dataset.current
    return {
        "id": dataset.pk,
        "name": dataset.name,
        "title": dataset.title,
        "description": dataset.description,
        "version": current.number if current else None,
        "rows": current.rows if current else 0,
        "bytes": current.bytes if current else 0,
        "sha256": current.sha256 if current else "",
        "data_at": current.data_at if current else None,
        "latest": VersionOut.of(newest) if newest else None,
        "created_at": dataset.created_at,
        "updated_at": dataset.updated_at,
        "links": DatasetLinks(
            self=link("dataset", dataset_name=dataset.name),
            rows=link("dataset_rows", dataset_name=dataset.name),
            csv=link("dataset_csv", dataset_name=dataset.name),
        ),
    }
