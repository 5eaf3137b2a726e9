"""Everything of tests/abuse.jsonl that a chart or a dataset can be, sent to one installation with real processes.

What each case expects is prose; here stands what that is in the API's words: refused at once with the field's name and
nothing made, failed with the field's name, or drawn. Afterwards no job hangs, the worker is the one that it was, and
draws the next chart.
"""

from __future__ import annotations

import gzip
import io
import json
import random
import socket
import sqlite3
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.contrib.auth.models import Permission
from PIL import Image

from renderer.models import Chart, RenderJob
from renderer.models.job import ACTIVE, Reason, Status
from renderer.spec import LIMITS
from tests.live import steps
from tests.postgres import Postgres
from tests.web_servers import Server, answer

if TYPE_CHECKING:
    from tests.live.installation import Answer, Live

pytestmark = pytest.mark.live

CORPUS = Path(__file__).parents[1] / "abuse.jsonl"
ELSEWHERE = {
    "url-023": "tests/unit/data/test_fetch.py: it takes a resolver of one's own",
    "url-025": "tests/unit/data/test_fetch.py: the deadline of a real fetch is long",
    "upload-017": "tests/api/test_datasets.py: it takes a small quota",
    "upload-019": "tests/live/test_datasets.py: it takes a client that goes away",
}
"""Cases that ask for something else than a request with a strange body."""

SLOW = {"size-027", "sql-014"}
"""Cases that are sent first: they draw long, or are tried again, while the others pass."""

DRAWN, REFUSED, FAILED = "drawn", "refused", "failed"
THREADS = 8
Spec = dict[str, Any]


class Try(NamedTuple):
    """One request of a case: what it may end as, and which field an error names."""

    case: str
    body: Any
    ends: tuple[str, ...] = (DRAWN,)
    pointer: str = ""
    status: tuple[int, ...] = (400, 422)
    """Of a refusal."""
    headers: dict[str, str] | None = None
    method: str = "POST"
    path: str = "/api/v1/charts"


BAR: Spec = {"kind": "bar", "x": "x", "y": "y", "data": {"columns": {"x": ["a", "b"], "y": [1, 2]}}}
DEEPEST: Spec = {"panels": [{"layers": [BAR, BAR | {"kind": "line"}]}]}
"""As deep as the language goes."""
DICE = random.Random(7)


def chart(**fields: Any) -> Spec:
    """The request for an ordinary chart, but for these fields of its spec."""
    return {"spec": BAR | fields}


def columns(kind: str = "bar", **named: list[Any]) -> Spec:
    """The request for a chart of these columns."""
    return chart(kind=kind, data={"columns": named})


def literal(data: bytes) -> bytes:
    """The request for a chart whose y is this text of JSON."""
    return json.dumps(columns(x=["a"], y=["@"])).encode().replace(b'["@"]', data)


def drawn(case: str, *bodies: Any) -> list[Try]:
    return [Try(case, body) for body in bodies]


def refused(case: str, pointer: str, *bodies: Any, **options: Any) -> list[Try]:
    return [Try(case, body, (REFUSED,), pointer, **options) for body in bodies]


def judged(case: str, pointer: str, *bodies: Any) -> list[Try]:
    """Wrong, but seen only with the rows: refused, or failed."""
    return [Try(case, body, (REFUSED, FAILED), pointer) for body in bodies]


def either(case: str, pointer: str, *bodies: Any) -> list[Try]:
    """A picture or an error that names the field: both are right."""
    return [Try(case, body, (DRAWN, REFUSED, FAILED), pointer) for body in bodies]


def axes(**fields: Any) -> Spec:
    return chart(axes=fields)


def image(**fields: Any) -> Spec:
    return chart(image=fields)


def noise(count: int) -> list[float]:
    return [round(DICE.gauss(0, 1), 3) for _ in range(count)]


def documents() -> list[Try]:
    """Area json."""
    deep = b"[" * 100_000 + b"]" * 100_000
    whole = json.dumps(chart()).encode()
    return [
        *refused("json-001", "", b'{"spec": {"kind": "bar", "kind": "line"}}'),
        *refused("json-003", "", literal(b"[Infinity]"), literal(b"[-Infinity]"), literal(b"[NaN]")),
        *either("json-005", "/spec/data", literal(b"[1e-999]"), literal(b"[5e-324]"), literal(b"[-0.0]")),
        *refused("json-007", "", b'{"spec": {"kind": "bar", "image": {"width": ' + b"9" * 4300 + b"}}}"),
        *refused("json-009", "", deep, b'{"spec": ' + deep + b"}"),
        *drawn("json-011", chart(transform=[{"derive": {"z": "(" * 20 + "y" + ")" * 20}}]), {"spec": DEEPEST}),
        *refused("json-013", "", {f"k{number}": 0 for number in range(100_000)}),
        *refused(
            "json-015", "/", {**chart(), "owner": 1}, {**chart(), "status": "done"}, {**chart(), "is_public": True},
            {**chart(), "id": "1"}, {**chart(), "file": "/etc/passwd"}, chart(owner=1, file="/etc/passwd"),
        ),
        *refused("json-017", "", b"[]", b'"x"', b"1", b"null", b"true"),
        *refused("json-019", "", whole + b" x"),
        *refused("json-021", "", whole.decode().encode("utf-16")),
        *refused("json-023", "", b'{"name": "a\xc0\x80b"}'),
        *refused("json-025", "/spec/title", chart(title="a\0b")),
        *refused(
            "json-027", "", gzip.compress(b" " * 20_000_000), status=(415,), headers={"Content-Encoding": "gzip"}
        ),
        *refused("json-029", "", whole.ljust(LIMITS.body_bytes + 1), status=(413,)),
        *refused("json-031", "/spec/image/width", image(width="800")),
        *refused("json-033", "/spec/image/width", image(width="1_000")),
        *refused("json-035", "", b"{}", headers={"Accept": "text/html,application/xml;q=0.9"}),
        Try("json-035", None, (REFUSED,), "", (404,), {"Accept": "text/html"}, "GET", "/api/v1/nothing"),
    ]  # fmt: skip


def texts() -> list[Try]:
    """Area text."""
    powers = {"kind": "line", "data": {"columns": {"x": [1, 2], "y": [1, 1_000_000]}}}
    return [
        *drawn("text-002", chart(title="$\\foo$")),
        *drawn("text-004", chart(title="$$")),
        *refused("text-006", "/spec/title", chart(title="$" + "x" * 10_000 + "$")),
        *drawn("text-008", chart(**powers, axes={"y": {"scale": "log"}})),
        *drawn("text-010", chart(title="W" * LIMITS.title_chars)),
        *refused("text-012", "/spec/title", chart(title="a\x01b", image={"format": "svg"})),
        *refused("text-014", "/spec/title", chart(title="a\ufeffb", image={"format": "pdf"})),
        *refused("text-016", "/spec/title", chart(title="\u2066abc")),
        *either("text-018", "/spec/title", chart(title="pay\u200bpal \U000e0041"), chart(title="pay\u200bpal")),
        *drawn("text-020", chart(title="你好 😀"), chart(title="\U00012000")),
        *either("text-022", "/spec/title", chart(title="   \t ")),
        *drawn("text-024", chart(title="{{7*7}} {% include 'x' %} ${7*7}")),
        *drawn("text-026", chart(y="sum(y)", data={"columns": {"x": ["café", "cafe\u0301"], "y": [1, 2]}})),
    ]


def sizes() -> list[Try]:
    """Area size."""
    series, points = LIMITS.legend_entries, 4_000
    most = {
        "x": list(range(points)) * series,
        "y": noise(points * series),
        "c": [f"s{number}" for number in range(series) for _ in range(points)],
    }
    largest = {"width": 4000, "height": 4000, "scale": 1}
    far = [{"kind": "text", "x": x, "y": 400, "text": "far away"} for x in (1, 400)]
    dots = {"kind": "scatter", "data": {"columns": {"x": [1, 2], "y": [1, 2]}}, "axes": {"x": {"max": 2}}}
    return [
        *refused("size-001", "/spec/image/width", image(width=0, height=600)),
        *refused("size-003", "/spec/image/width", image(width=1, height=600)),
        *refused("size-005", "/spec/image/width", image(width=2**31, height=600)),
        *refused("size-007", "/spec/image/width", image(width="100%", height=600)),
        *refused("size-009", "/spec/image", image(dpi=60_000)),
        *refused("size-011", "/spec/image", image(width=4000, height=4000, scale=4), image(scale=10)),
        *drawn("size-013", chart(**dots, annotations=far) | {"name": "far"}),
        *refused("size-015", "/spec/title_size", chart(title_size=10_000)),
        *refused("size-017", "/spec/style/width", chart(kind="line", style={"width": 1e9})),
        *refused("size-019", "/spec/style/size", chart(kind="scatter", style={"size": 1e18})),
        *refused("size-021", "/spec/style/dash", *(chart(kind="line", style={"dash": d}) for d in ([0, 0], [-1, 1]))),
        *refused("size-023", "/spec/style/marker", chart(kind="scatter", style={"marker": [10_000_000, 0, 0]})),
        *refused("size-025", "/spec/padding", chart(padding=1e6)),
        *drawn("size-027", chart(kind="line", color="c", data={"columns": most}, image=largest)),
    ]


def ticks() -> list[Try]:
    """Area ticks."""
    days = [f"{1990 + i // 336}-{i // 28 % 12 + 1:02}-{i % 28 + 1:02}" for i in range(10_080)]
    daily = {"columns": {"x": days, "y": noise(len(days))}}
    return [
        *refused("ticks-002", "/spec/axes/x/tick_step", axes(x={"tick_step": 0.0002})),
        *refused("ticks-004", "/spec/axes/x/ticks", axes(x={"ticks": list(range(5000))})),
        *refused("ticks-006", "/spec/axes/x/minor", axes(x={"minor": 10_000})),
        *judged(
            "ticks-008", "/spec/axes/y",
            chart(kind="line", data={"columns": {"x": [1, 2], "y": [0, -1]}}, axes={"y": {"scale": "log"}}),
        ),
        *refused("ticks-010", "/spec/axes/y/base", *(axes(y={"scale": "log", "base": b}) for b in (1, 0, 1.0000001))),
        *refused("ticks-012", "/spec/axes/y/scale", axes(y={"scale": "logit"})),
        *drawn("ticks-014", chart(kind="line", x={"field": "x", "unit": "day"}, data=daily)),
        *drawn("ticks-016", columns("line", x=["2026-01-01"] * 2, y=[1, 2])),
        *refused("ticks-018", "/spec/axes/x", axes(x={"min": -1.7e308, "max": 1.7e308})),
    ]  # fmt: skip


def rows() -> list[Try]:
    """Area data."""
    slices = [f"s{number}" for number in range(5000)]
    outlier = [*(number / 1000 for number in range(1000)), 1e15]
    cells = [[x, y, x * y] for x in range(100) for y in range(100)]

    def pies(**named: list[Any]) -> Spec:
        return {"spec": {"kind": "pie", "label": "x", "value": "y", "data": {"columns": named}}}

    def hist(*values: float | None) -> Spec:
        return {"spec": {"kind": "histogram", "x": "x", "data": {"columns": {"x": values}}}}

    tile = {
        "kind": "heatmap",
        "x": "x",
        "y": "y",
        "color": "v",
        "labels": True,
        "data": {"header": ["x", "y", "v"], "rows": cells},
    }
    contour = {"kind": "contour", "x": "x", "y": "y", "levels": 10_000}
    dates = ["2026-02-30", "2026-01-01T24:30", "2026-01-01T00:00:60"]
    crowd = {"x": [1] * 500, "y": [1] * 500, "c": slices[:500]}
    sheet = {"width": 4000, "height": 4000, "scale": 1}
    many = {"x": list(range(100_000)), "y": noise(100_000)}
    error = {"kind": "errorbar", "margin": "e", "data": {"columns": {"x": ["a"], "y": [1], "e": [-1]}}}
    return [
        *drawn("data-002", columns(x=["a"], y=[5]), columns("line", x=[1], y=[5]), columns("scatter", x=[1], y=[5])),
        *drawn(
            "data-004", pies(x=["a", "b", "c"], y=[None, 1, 2]), hist(None, 1, 2),
            *(columns(kind, x=["a", "b", "c"], y=[None, 1, 2]) for kind in ("bar", "line", "area", "scatter", "box")),
        ),
        *drawn("data-006", columns("line", x=[1, 2], y=[1e300, -1e300]), columns(x=["a", "b"], y=[1e300, -1e300])),
        *drawn("data-008", columns("line", x=[1, 2], y=[1, 1.0000000000000002])),
        *drawn("data-010", columns("line", x=[1, 2, 3, 4], y=[7] * 4), hist(7, 7, 7, 7)),
        *either("data-012", "/spec/data", columns(x=["a"], y=[9223372036854775808])),
        *either("data-014", "/spec/", columns("line", x=[1, 2], y=["1", "2"])),
        *refused("data-016", "/spec/data", columns(x=["a", "b"], y=[[1, 2], [3]])),
        *judged("data-018", "/spec/data", columns(x=[1, 2], y=[1, 2, 3])),
        *judged("data-020", "/spec/value", pies(x=["a", "b"], y=[0, 0])),
        *judged("data-022", "/spec/label", pies(x=slices, y=[1] * 5000)),
        *judged("data-024", "/spec/color", chart(kind="line", color="c", data={"columns": crowd})),
        *drawn("data-026", chart(kind="line", data={"columns": many}, image=sheet)),
        *drawn("data-028", hist(*outlier)),
        *refused("data-030", "/spec/levels", {"spec": contour | {"data": BAR["data"]}}),
        *drawn("data-032", {"spec": tile}),
        *judged("data-034", "/spec/margin", chart(**error)),
        *either(
            "data-036", "/spec/", columns("line", x=["0001-01-01", "9999-12-31"], y=[1, 2]),
        ),
        *(case for date in dates for case in either("data-038", "/spec/", columns("line", x=[date], y=[1]))),
    ]  # fmt: skip


def formats() -> list[Try]:
    """Area format."""

    def formatted(*formats: str) -> Iterator[Spec]:
        return (axes(y={"format": text}) for text in formats)

    where = "/spec/axes/y/format"
    return [
        *refused("format-002", where, *formatted("{x.__init__.__globals__[SECRET_KEY]}")),
        *refused("format-004", where, *formatted("{x:.999999999f}", ".999999999f")),
        *refused("format-006", where, *formatted("%s %s", "%(x)s")),
        *refused("format-008", where, *formatted("%c" * 500_000)),
        *refused("format-010", where, *formatted("%-d %s %E %Q %999999Y", "%-d", "%Q")),
        *drawn("format-012", chart(x="(a+)+$", data={"columns": {"(a+)+$": ["a" * 40], "y": [1]}})),
    ]


INSIDE = {
    "url-001": "http://169.254.169.254/latest/meta-data/",
    "url-003": "http://[64:ff9b::a9fe:a9fe]/",
    "url-005": "http://[::127.0.0.1]/",
    "url-007": "http://224.0.0.1/",
    "url-009": "http://168.63.129.16/",
    "url-011": "http://localhost:6379/",
    "url-013": "file:///etc/passwd",
    "url-015": "http://a.com\\@127.0.0.1/",
    "url-017": "http://host:22/",
    "url-019": "http://①②⑦.0.0.1/",
}


def misleading(server: Server) -> Callable[[socket.socket, str], None]:
    """Answers that are not what was asked for, by the path that is asked for."""
    bomb = gzip.compress(b"x,y\n" + b"a,1\n" * 20_000_000)

    def endless(connection: socket.socket, _: str) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\n\r\nx,y\n")
        while not server.over.is_set():
            connection.sendall(b"a,1\n" * 16_384)

    def headers(connection: socket.socket, _: str) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 10_000 + b"\r\n")

    def long_header(connection: socket.socket, _: str) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nX-A: " + b"b" * 10_000_000 + b"\r\n\r\n")

    scripts = {
        "redirect": answer(b"", "302 Found", Location="http://169.254.169.254/"),
        "endless": endless,
        "bomb": answer(bomb, Content_Encoding="gzip", Content_Type="text/csv"),
        "headers": headers,
        "long_header": long_header,
        "page": answer(b"<html><body>secret banner</body></html>", Content_Type="text/csv"),
        "nan": answer(b'{"x": ["a"], "y": [NaN]}', Content_Type="application/json"),
        "closed": answer(b"secret banner", "403 Forbidden"),
    }
    return lambda connection, head: scripts[head.split(" ")[1].strip("/").partition("?")[0]](connection, head)


def addresses(server: Server) -> list[Try]:
    """Area url."""

    def at(path: str) -> Spec:
        return chart(data={"url": f"{server.url}/{path}"})

    where = "/spec/data/url"
    return [
        *(case for name, url in INSIDE.items() for case in refused(name, where, chart(data={"url": url}))),
        *judged("url-021", where, at("redirect")),
        *judged("url-027", where, at("endless"), at("bomb"), at("headers"), at("long_header")),
        *judged("url-029", where, at("page"), at("nan")),
        *judged("url-031", where, at("closed?token=hush")),
    ]


def queries() -> list[Try]:
    """Area sql."""

    def asked(query: str, database: str = "warehouse", **data: Any) -> Spec:
        return chart(data={"database": database, "query": query, **data})

    where = "/spec/data"
    numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000000) "
    injected = "SELECT day AS x, sold AS y FROM sales WHERE day = :day"
    return [
        *judged("sql-006", where, asked("SELECT zeroblob(900000000) AS x, 1 AS y", "shop")),
        *judged("sql-004", where, asked("ATTACH '/etc/passwd' AS p", "shop")),
        *judged("sql-004", where, asked("SELECT load_extension('x')", "shop")),
        *judged("sql-008", where, asked(numbers + "SELECT i AS x, i AS y FROM n", "shop")),
        *judged("sql-010", "/spec/", asked(injected, "shop", params={"day": "x' or 1=1 --"})),
        *drawn("sql-010", asked(injected, "shop", params={"day": "Mon"})),
            *judged("sql-002", where, asked("set statement_timeout=0; select pg_sleep(60)")),
            *judged(
            "sql-004", where,
            *(
                asked(f"SELECT {call}::text AS x, 1 AS y")
                for call in ("pg_read_file('/etc/passwd')", "lo_import('/etc/passwd')", "pg_ls_dir('/')",
                             "dblink('x')", "xp_cmdshell('id')", "LOAD_FILE('/etc/passwd')")
            ),
            asked("COPY (SELECT 1) TO PROGRAM 'id'"), asked("SELECT 1 INTO OUTFILE '/tmp/x'"),
        ),
        *judged("sql-008", where, asked("SELECT n AS x, n AS y FROM generate_series(1, 100000000) n")),
        *either("sql-012", where, asked("SELECT pg_advisory_lock(1)::text || 'a' AS x, 1 AS y"),
                asked("SELECT pg_advisory_lock(1)::text || 'b' AS x, 1 AS y")),
        *judged("sql-014", where, asked("SELECT 1 AS x, 2 AS y", "wrong")),
    ]  # fmt: skip


def uploads() -> list[Try]:
    """Area upload."""

    def table(case: str, content: bytes, ends: str, kind: str = "text/csv") -> Try:
        path = f"/api/v1/datasets/{case.replace('-', '_')}"
        return Try(case, content, (ends,), "", headers={"Content-Type": kind}, method="PUT", path=path)

    def parquet(columns: dict[str, Any]) -> bytes:
        file = io.BytesIO()
        pq.write_table(pa.table(columns), file)
        return file.getvalue()

    def constant(groups: int, rows: int) -> bytes:
        file, block = io.BytesIO(), pa.table({"x": pa.nulls(rows, pa.int8()).fill_null(1)})
        with pq.ParquetWriter(file, block.schema) as writer:
            for _ in range(groups):
                writer.write_table(block)
        return file.getvalue()

    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("../../evil", "x,y\na,1\n")
    damaged = bytearray(parquet({"x": list(range(5000)), "y": noise(5000)}))
    for _ in range(300):
        damaged[DICE.randrange(len(damaged))] ^= 1 << DICE.randrange(8)
    binary = "application/vnd.apache.parquet"
    return [
        table("upload-001", gzip.compress(b"x,y\n" + b"a" * 200_000_000), REFUSED),
        table("upload-003", zipped.getvalue(), DRAWN),
        table("upload-005", b",".join([b"a"] * 20_000) + b"\n", REFUSED),
        table("upload-007", b'x,y\na,"b\n' + b"c,1\n" * 10_000, REFUSED),
        table("upload-009", b"x,y\n=cmd|' /C calc'!A0,1\n@SUM(1),2\n+1,3\n-1,4\n", DRAWN),
        table("upload-011", constant(100, 1_000_000), REFUSED, binary),
        table("upload-013", bytes(damaged), REFUSED, binary),
        table("upload-015", parquet({"x": [[{"a": 1}]]}), REFUSED, binary),
    ]


def send(live: Live, sent: Try) -> Answer:
    # Whoever uploads waits for what comes of it: that is how these errors are told. Charts are asked for without.
    headers = {"Prefer": "wait=30"} if sent.method == "PUT" else {}
    return live.call(sent.method, sent.path, sent.body, headers=headers | (sent.headers or {}), timeout=60)


def judge(sent: Try, answer: Answer) -> tuple[str, list[str], str]:
    """What came of a request: its end, the fields that it names, and what it says."""
    said = answer.json()
    if answer.status in (200, 201, 202) and "job" not in said:
        return DRAWN, [], ""
    if answer.status in (200, 201, 202):
        job = RenderJob.objects.get(pk=said["job"]["id"])
        field, _, _ = job.message.partition(": ")
        message = f"{job.status} {job.reason}: {job.message}"
        return (DRAWN if job.status == Status.SUCCEEDED else FAILED), ["/spec" + field], message
    assert answer.headers["Content-Type"] == "application/problem+json"
    return REFUSED, [error["pointer"] for error in said.get("errors", [])], f"{answer.status} {said['detail']}"


def test_everything_of_the_corpus_and_then_an_ordinary_chart(live: Live, postgres: Postgres, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "shop.sqlite3")) as connection, connection:
        connection.execute("CREATE TABLE sales (day TEXT, sold REAL)")
        connection.execute("INSERT INTO sales VALUES ('Mon', 3), ('Tue', 5)")
    postgres.run("CREATE ROLE abuse_reader LOGIN PASSWORD 'not-a-secret'")
    databases = {
        "shop": {"dsn": f"sqlite:///{tmp_path}/shop.sqlite3", "timeout": 2},
        "warehouse": {"dsn": postgres.dsn("abuse_reader"), "timeout": 2},
        "wrong": postgres.dsn("abuse_reader").replace("abuse_reader", "abuse_nobody:hunter2"),
    }
    server = Server(answer())
    server.script = misleading(server)
    with server:
        env: Any = {
            "FIGPRESS_DATABASES": json.dumps(databases),
            "FIGPRESS_FETCH_INTERNAL": f"127.0.0.1:{server.port}",
            "FIGPRESS_RATE_TOKEN": "0",
            "FIGPRESS_RATE_OWNER": "0",
        }
        worker = live.start_worker(concurrency=2, **env)
        live.start_web(**env)
        live.user().user_permissions.add(Permission.objects.get(codename="write_sql"))
        live.call("GET", "/api/v1/charts")  # makes the token, before there are threads

        tries = [
            *documents(),
            *texts(),
            *sizes(),
            *ticks(),
            *rows(),
            *formats(),
            *addresses(server),
            *queries(),
            *uploads(),
        ]
        assert {sent.case for sent in tries} | ELSEWHERE.keys() == {case["id"] for case in corpus()}

        tries.sort(key=lambda sent: sent.case not in SLOW)

        with ThreadPoolExecutor(THREADS) as threads:
            answers = list(threads.map(lambda sent: send(live, sent), tries))
        live.wait_for(
            lambda: not RenderJob.objects.filter(status__in=ACTIVE).exists(), deadline=240, what="every job's end"
        )

    wrong = []
    for sent, answered in zip(tries, answers, strict=True):
        end, pointers, said = judge(sent, answered)
        named = end == DRAWN or any(pointer.startswith(sent.pointer) for pointer in pointers or [""])
        known = end != REFUSED or answered.status in sent.status
        if end not in sent.ends or not named or not known or len(answered.body) > 100_000:
            wrong.append(f"{sent.case}: {end}, {pointers}, {said[:300]}; expected {sent.ends} at {sent.pointer!r}")
    assert not wrong, "\n".join(wrong)
    made = sum(answered.status in (200, 201, 202) and b'"job"' in answered.body for answered in answers)
    assert Chart.objects.count() <= made, "what is refused makes nothing"
    ours = RenderJob.objects.filter(reason__in=[Reason.INTERNAL, Reason.WORKER_LOST])
    assert list(ours.values_list("message", flat=True)) == []
    logs = "".join(process.output() for process in live.processes)
    assert [secret for secret in ("hunter2", "hush", "secret banner", "root:") if secret in logs] == []

    assert worker.is_running
    assert live.workers == [worker]
    done = live.call("POST", "/api/v1/charts", chart(title="Afterwards"), headers={"Prefer": "wait=30"})
    assert done.status == 201, done.body
    shown = Chart.objects.get(pk=done.json()["chart"]["id"])
    assert "Afterwards" in shown.alt
    sizes_of = []
    for picture in (shown, Chart.objects.get(name="far")):
        with Image.open(picture.image.path, formats=["PNG"]) as opened:
            sizes_of.append(opened.size)
    assert sizes_of[0] == sizes_of[1], "what lies far away makes no picture larger"
    steps.assert_sound(live)


def corpus() -> list[dict[str, str]]:
    return [json.loads(line) for line in CORPUS.read_text().splitlines()]
