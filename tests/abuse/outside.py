"""Requests of the corpus that lead elsewhere: to a URL, to a database, to a file that is uploaded."""

from __future__ import annotations

import gzip
import io
import random
import socket
import zipfile
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tests.abuse.bodies import chart, noise
from tests.abuse.tries import DRAWN, REFUSED, Spec, Try, drawn, either, fails, refused
from tests.web_servers import Server, answer

DICE = random.Random(11)
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
        *fails("url-021", where, at("redirect")),
        *fails("url-027", where, at("endless"), at("bomb"), at("headers"), at("long_header")),
        *fails("url-029", where, at("page"), at("nan")),
        *fails("url-031", where, at("closed?token=hush")),
    ]


def queries() -> list[Try]:
    """Area sql."""

    def asked(query: str, database: str = "warehouse", **data: Any) -> Spec:
        return chart(data={"database": database, "query": query, **data})

    where = "/spec/data"
    numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000000) "
    injected = "SELECT day AS x, sold AS y FROM sales WHERE day = :day"
    return [
        *fails("sql-006", where, asked("SELECT zeroblob(900000000) AS x, 1 AS y", "shop")),
        *fails("sql-004", where, asked("ATTACH '/etc/passwd' AS p", "shop")),
        *fails("sql-004", where, asked("SELECT load_extension('x')", "shop")),
        *fails("sql-008", where, asked(numbers + "SELECT i AS x, i AS y FROM n", "shop")),
        *fails("sql-010", "/spec/", asked(injected, "shop", params={"day": "x' or 1=1 --"})),
        *drawn("sql-010", asked(injected, "shop", params={"day": "Mon"})),
            *fails("sql-002", where, asked("set statement_timeout=0; select pg_sleep(60)")),
            *fails(
            "sql-004", where,
            *(
                asked(f"SELECT {call}::text AS x, 1 AS y")
                for call in ("pg_read_file('/etc/passwd')", "lo_import('/etc/passwd')", "pg_ls_dir('/')",
                             "dblink('x')", "xp_cmdshell('id')", "LOAD_FILE('/etc/passwd')")
            ),
            asked("COPY (SELECT 1) TO PROGRAM 'id'"), asked("SELECT 1 INTO OUTFILE '/tmp/x'"),
        ),
        *fails("sql-008", where, asked("SELECT n AS x, n AS y FROM generate_series(1, 100000000) n")),
        *either("sql-012", where, asked("SELECT pg_advisory_lock(1)::text || 'a' AS x, 1 AS y"),
                asked("SELECT pg_advisory_lock(1)::text || 'b' AS x, 1 AS y")),
        *fails("sql-014", where, asked("SELECT 1 AS x, 2 AS y", "wrong")),
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


def needs_postgres(sent: Try) -> bool:
    """Whether a try asks a PostgreSQL."""
    data = sent.body["spec"]["data"]
    return data.get("database") in ("warehouse", "wrong")
