"""Bodies of answers to tables: by type, name and look; broken ones are said in words that echo nothing."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from renderer.data.body import BodyError, read
from renderer.data.load import Supplied
from renderer.data.supply import Supply
from renderer.spec.limits import LIMITS, Limits

NOW = datetime(2026, 1, 31, tzinfo=UTC)


def parquet(**columns: Any) -> bytes:
    file = io.BytesIO()
    pq.write_table(pa.table(columns), file)
    return file.getvalue()


def load(body: bytes, content_type: str = "", name: str = "", limits: Limits = LIMITS) -> Supply:
    return read(body, content_type=content_type, name=name, as_of=NOW, limits=limits)


@pytest.mark.parametrize(
    ("body", "content_type", "name"),
    [
        (b"day,sold\n2026-01-01,3\n2026-01-02,\n", "text/csv; charset=utf-8", ""),
        (b"\xef\xbb\xbfday;sold\r\n2026-01-01;3\r\n2026-01-02;\r\n", "text/csv", ""),
        (b"day,sold\n2026-01-01,3\n2026-01-02,\n", "application/octet-stream", "/a.csv"),
        (b"day,sold\n2026-01-01,3\n2026-01-02,\n", "text/plain", "/raw"),
        (b"day\tsold\n2026-01-01\t3\n2026-01-02\t\n", "text/tab-separated-values", ""),
        (b"day\tsold\n2026-01-01\t3\n2026-01-02\t\n", "", "/a.tsv"),
        (b'[{"day": "2026-01-01", "sold": 3}, {"day": "2026-01-02", "sold": null}]', "application/json", ""),
        (b'[{"day": "2026-01-01", "sold": 3}, {"day": "2026-01-02"}]', "text/plain", "/raw"),
        (b'{"day": ["2026-01-01", "2026-01-02"], "sold": [3, null]}', "application/vnd.api+json", ""),
        (b'[["day", "sold"], ["2026-01-01", 3], ["2026-01-02", null]]', "", "/a.json"),
        (b'{"day": "2026-01-01", "sold": 3}\n\n{"day": "2026-01-02"}\r\n', "application/x-ndjson", ""),
        (b'{"day": "2026-01-01", "sold": 3}\n{"day": "2026-01-02"}', "", "/a.jsonl"),
        (parquet(day=["2026-01-01", "2026-01-02"], sold=[3, None]), "application/vnd.apache.parquet", ""),
        (parquet(day=["2026-01-01", "2026-01-02"], sold=[3, None]), "application/octet-stream", ""),
        ("day,sold\n2026-01-01,3\n2026-01-02,\n".encode("utf-16"), "text/csv", ""),
    ],
)
def test_the_same_table_in_every_dress(body: bytes, content_type: str, name: str) -> None:
    supply = load(body, content_type, name)
    assert (list(supply.columns), supply.length, supply.as_of) == (["day", "sold"], 2, NOW)
    day, sold = supply.columns["day"](), supply.columns["sold"]()
    assert (day.type, day.clock, list(sold.missing), sold.values[0]) == ("time", True, [False, True], 3)


def test_the_version_is_that_of_the_bytes() -> None:
    assert load(b"a\n1\n").version == load(b"a\n1\n").version != load(b"a\n1\n\n").version


def test_texts_in_other_encodings() -> None:
    body = "Stadt,n\nZürich,1\n"
    for encoding, said in (("utf-8", ""), ("iso-8859-1", "; charset=ISO-8859-1"), ("windows-1252", "")):
        assert load(body.encode(encoding), f"text/csv{said}").columns["Stadt"]().values[0] == "Zürich"


def test_clock_times_are_read_on_the_charts_clock() -> None:
    supply = load(b"at,utc\n2026-07-01T12:00,2026-07-01T12:00Z\n", "text/csv")
    table = Supplied(supply, "/data", types={}, zone="Europe/Berlin", limits=LIMITS)
    assert table.column("at").values[0] == np.datetime64("2026-07-01T10:00")
    assert table.column("utc").values[0] == np.datetime64("2026-07-01T12:00")
    assert not table.column("at").clock


SMALL = Limits(values=100, columns=5)


@pytest.mark.parametrize(
    ("body", "content_type", "message"),
    [
        (b"<html>secret</html>", "text/csv", "is a page or XML"),
        (b"\n <?xml version='1.0'?><secret/>", "application/json", "is a page or XML"),
        (b"secret", "text/html", "by its content type"),
        (b"secret", "image/png", "by its content type"),
        (b'[{"secret": NaN}]', "application/json", "is no JSON that can be read"),
        (b'{"secret": 1, "b": 2}', "application/json", "is JSON of another shape"),
        (b'"secret"', "application/json", "is JSON of another shape"),
        (b"[[1, 2], [3, 4]]", "application/json", "no list of different column names"),
        (b'[["a", "b"], [3]]', "application/json", "row 1 has other cells"),
        (b'{"a": 1}\nsecret\n', "application/x-ndjson", "is no NDJSON that can be read"),
        (b"[" * 1000, "application/json", "is no JSON that can be read"),
        (b"a,b\n1\n", "text/csv", "line 2 has 1 cell where the header has 2"),
        (b'a\n"secret', "text/csv", "is no CSV that can be read: line"),
        (b"", "text/csv", "is empty"),
        (b"a\n" + b"1\n" * 101, "text/csv", "at most 100 are allowed"),
        (b"a,b,c,d,e,f\n1,2,3,4,5,6\n", "text/csv", "has 6 columns"),
        (b"PAR1 secret PAR1", "", "is Parquet that cannot be read"),
        (b"secret", "application/vnd.apache.parquet", "is Parquet that cannot be read"),
        (parquet(a=[1] * 101), "", "more than 100 values"),
        (parquet(**{f"c{n}": [1] for n in range(6)}), "", "more than 5 columns"),
    ],
)
def test_what_is_no_table_is_said(body: bytes, content_type: str, message: str) -> None:
    with pytest.raises(BodyError) as caught:
        load(body, content_type, limits=SMALL)
    assert message in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_parquet_bomb_is_refused_by_its_rows() -> None:
    bomb = parquet(a=pa.DictionaryArray.from_arrays(pa.array([0] * 3_000_000, pa.int32()), pa.array(["x" * 1000])))
    assert len(bomb) < 500_000
    with pytest.raises(BodyError, match="more than 2,000,000 values"):
        load(bomb)
