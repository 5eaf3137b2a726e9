"""Files that people have, and what becomes of them."""

from __future__ import annotations

import csv
import gzip
import io
import json
import random
import zipfile
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from renderer.data.load import load_source
from renderer.data.uploads.trouble import Unreadable
from renderer.spec import LIMITS
from renderer.spec.source import Source


def clock(year: int, month: int, day: int) -> datetime:
    """A time that names no zone."""
    return datetime(year, month, day, tzinfo=UTC).replace(tzinfo=None)


def test_a_table_of_numbers_times_and_texts(upload: Any) -> None:
    made = upload("day,city,sold,code\n2026-01-31,Bern,3,007\n2026-02-01, Ulm ,NA,010\n2026-02-02,,1e2,x\n")

    assert made.kinds == {"day": "time", "city": "category", "sold": "number", "code": "category"}
    assert made.table["day"][0] == clock(2026, 1, 31)
    assert made.table["city"] == ["Bern", "Ulm", None]
    assert made.table["sold"] == [3.0, None, 100.0]
    assert made.table["code"] == ["007", "010", "x"], "a code is no amount"
    assert (made.found.rows, made.found.format, made.found.notes) == (3, "csv", [])
    assert made.about["sold"] | {"histogram": 0} == {
        "name": "sold", "type": "number", "missing": 1, "distinct": 2, "example": 3.0, "min": 3.0, "max": 100.0,
        "mean": 51.5, "median": 51.5, "histogram": 0,
    }  # fmt: skip
    assert made.about["city"]["top"] == [{"value": "Bern", "count": 1}, {"value": "Ulm", "count": 1}]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_separators_are_found_out(upload: Any, separator: str) -> None:
    rows = [["a", "b", "c"], ["1", "x y", "2"], ["3", 'say "hi, you"', "4"]]
    text = io.StringIO()
    csv.writer(text, delimiter=separator).writerows(rows)

    made = upload(text.getvalue())

    assert made.table == {"a": [1.0, 3.0], "b": ["x y", 'say "hi, you"'], "c": [2.0, 4.0]}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "cp1252"])
def test_encodings_are_found_out(upload: Any, encoding: str) -> None:
    text = "Name,Wert\nMüller,1\nGrößer,2\nStraße,3\nÄrger über Öl,4\n"

    made = upload(text.encode(encoding))

    assert made.table["Name"] == ["Müller", "Größer", "Straße", "Ärger über Öl"]
    assert made.table["Wert"] == [1.0, 2.0, 3.0, 4.0]


def test_a_guess_that_later_rows_contradict_is_given_up(upload: Any) -> None:
    numbers = "\n".join(map(str, range(300_000)))

    assert upload(f"a\n{numbers}\n").kinds == {"a": "number"}
    made = upload(f"a\n{numbers}\nmany\n")
    assert made.kinds == {"a": "category"}
    assert (made.table["a"][0], made.table["a"][-1], made.found.rows) == ("0", "many", 300_001)
    dates = "\n".join(["2026-01-01"] * 300_000)
    made = upload(f"a\n{dates}\n2026-01-02T10:00+02:00\n")
    assert made.kinds == {"a": "time"}
    assert (made.table["a"][0], made.table["a"][-1]) == (
        datetime(2026, 1, 1, tzinfo=UTC),
        datetime(2026, 1, 2, 8, tzinfo=UTC),
    )


def test_types_are_corrected_by_the_sender(upload: Any) -> None:
    made = upload("zip,year\n1234,2020\n5678,2021\n", types={"zip": "category", "year": "time"})

    assert made.table == {"zip": ["1234", "5678"], "year": [clock(2020, 1, 1), clock(2021, 1, 1)]}


def test_texts_that_are_longer_than_labels_are_cut_and_that_is_said(upload: Any) -> None:
    made = upload(f"note,n\n{'x' * 300},1\n")

    assert made.table["note"] == ["x" * (LIMITS.label_chars - 1) + "…"]
    assert made.found.notes == ["1 long text in column 'note' is cut after 200 characters."]


@pytest.mark.parametrize(
    ("content", "options", "said"),
    [
        ("", {}, "the file is empty"),
        ("a,b\n", {}, "there are no rows"),
        ("\n\n", {}, "the file is empty: its first line names the columns"),
        ('a,b\n1,"x\n2,y\n3,z\n', {}, "line 2: a quotation mark is opened here and never closed"),
        ("a,b\n1,x\n2\n3,z\n", {}, "line 3 has 1 cell where the header has 2"),
        ('a,b\n1,"x\ny"\n2,b,c\n', {}, "line 4 has 3 cells where the header has 2"),
        (",".join(["a"] * 900) + "\n1\n", {}, "the header names 'a' twice"),
        (",".join(f"c{n}" for n in range(20_000)) + "\n", {}, "has 20,000 columns; at most 1,000 are allowed"),
        ("a,\n1,2\n", {}, "column 2 has no name"),
        ("a\n1\n", {"types": {"b": "number"}}, "types: no column 'b'"),
        ("amount\n1\n", {"types": {"amuont": "number"}}, "types: no column 'amuont'; did you mean 'amount'?"),
        ("a,b\n1,2\nx,3\n", {"types": {"a": "number"}}, "line 3, column 'a': 'x' is not a number"),
        ('a,b\n1,"p\nq"\n2,r\nx,3\n', {"types": {"a": "number"}}, "line 5, column 'a': 'x' is not a number"),
        ("a\n2026-02-30\n", {"types": {"a": "time"}}, "line 2, column 'a': '2026-02-30' is not a date that exists"),
        ("a\nx\x07y\n", {}, "line 2, column 'a': holds the character U+0007"),
        (b"\x00\x01\x02\x03" * 9, {}, "this is no text"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", {}, "this is no text"),
        ("a\n1\n", {"format": "parquet"}, "this is no Parquet file"),
        (b"PAR1" + b"x" * 40, {}, "the file is damaged, or cut off"),
        (b"ARROW1\x00\x00" + b"x" * 40, {}, "the file is damaged, or cut off"),
        ("3", {"format": "json"}, "a table in JSON is a list of objects"),
        ('[{"a":1},{"a":NaN}]', {"format": "json"}, "this is not JSON"),
        ('[{"a":1},\n{"a":', {"format": "json"}, "this is not JSON: a value is not whole in line 2"),
        ('[{"a":1}] x', {"format": "json"}, "this is not JSON: nothing is expected after the end"),
        ('[{"a":[1]}]', {"format": "json"}, "row 1, column 'a': must be a number, a text, true, false or null"),
        ('[{"a":1}, 7]', {"format": "json"}, "row 2 must be an object, not 7"),
        ('{"a":[1],"b":[1,2]}', {"format": "json"}, "all columns must have the same length"),
        ('{"rows":[[1,2],[3]],"header":["a","b"]}', {"format": "json"}, "row 2 has 1 cell where the header has 2"),
        ("[" * 100_000, {"format": "json"}, "nested too deeply"),
        ('{"a":1}\n{"a"\n', {"format": "ndjson"}, "line 2 is not JSON"),
        ('{"a":1}\n[1]\n', {"format": "ndjson"}, "line 2 must be an object, not a list"),
        ('{"a":1e999}\n', {"format": "ndjson"}, "must be between -1e+300 and 1e+300"),
        ('{"a\\u0000":1}\n', {"format": "ndjson"}, "the column name"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(upload: Any, content: Any, options: Any, said: str) -> None:
    with pytest.raises(Unreadable) as error:
        upload(content, **options)
    assert said in str(error.value)
    assert len(str(error.value)) < 300


def test_json_in_all_its_shapes(upload: Any) -> None:
    table = {"a": [1.0, 2.5], "b": ["x", None]}
    rows = [{"a": 1, "b": "x"}, {"a": 2.5}]
    shapes = [
        rows,
        {"values": rows},
        {"a": [1, 2.5], "b": ["x", None]},
        {"columns": {"a": [1, 2.5], "b": ["x", None]}},
        {"header": ["a", "b"], "rows": [[1, "x"], [2.5, None]]},
    ]

    for shape in shapes:
        assert upload(json.dumps(shape, indent=1), format="json").table == table, shape
    assert upload("\n".join(map(json.dumps, rows)), format="ndjson").table == table


def test_json_is_read_piece_by_piece(upload: Any) -> None:
    rows = [{"n": n, "text": f"é{n % 7}" * 3, "late": None} for n in range(60_000)]
    rows[-1]["late"] = "2026-01-01"
    rows[-1]["new"] = True

    made = upload(json.dumps(rows, ensure_ascii=False), format="json")

    assert made.kinds == {"n": "number", "text": "category", "late": "time", "new": "category"}
    assert (made.found.rows, made.table["n"][59_999], made.table["new"][-1]) == (60_000, 59_999.0, "true")


def test_archives_of_one_file(upload: Any) -> None:
    text = b"a,b\n1,x\n"
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../../evil.tsv", "a\tb\n1\tx\n")

    assert upload(gzip.compress(text)).table == {"a": [1.0], "b": ["x"]}
    assert upload(packed.getvalue()).table == {"a": [1.0], "b": ["x"]}, "its name is what it is, and no path"


def test_archives_that_are_bombs_or_broken(upload: Any) -> None:
    limits = type(LIMITS)(unpacked_bytes=1 << 20)
    bomb = gzip.compress(b"a\n" + b"1\n" * (2 << 20))
    two = io.BytesIO()
    with zipfile.ZipFile(two, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", "a\n" + "1\n" * (2 << 20))
    more = io.BytesIO()
    with zipfile.ZipFile(more, "w") as archive:
        archive.writestr("a.csv", "a\n1\n")
        archive.writestr("b.csv", "a\n1\n")
    sheet = io.BytesIO()
    with zipfile.ZipFile(sheet, "w") as archive:
        archive.writestr("[Content_Types].xml", "<x/>")

    for content, said in [
        (bomb, "unpacks to more than 1 MB"),
        (two.getvalue(), "unpacks to more than 1 MB"),
        (bomb[:100], "damaged, or cut off"),
        (more.getvalue(), "holds 2 files; send one table"),
        (more.getvalue()[:60], "cannot be read"),
        (sheet.getvalue(), "this is a spreadsheet: save its table as CSV"),
    ]:
        with pytest.raises(Unreadable, match=said):
            upload(content, limits=limits)


def _parquet(table: Any, **options: Any) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.table(table), sink, **options)
    return sink.getvalue()


def test_parquet_and_arrow(upload: Any) -> None:
    when = datetime(2026, 1, 31, 12, tzinfo=UTC)
    table = pa.table(
        {
            "whole": pa.array([1, None, 3], pa.int32()),
            "ratio": pa.array([1.5, float("nan"), float("inf")]),
            "yes": pa.array([True, False, None]),
            "at": pa.array([when, None, when], pa.timestamp("ns", "Europe/Berlin")),
            "day": pa.array([when.date(), None, None], pa.date32()),
            "text": pa.array(["2026-01-31", "007", ""]),
            "word": pa.array(["x", "y", "x"]).dictionary_encode(),
            "none": pa.nulls(3),
        }
    )
    stream, file = io.BytesIO(), io.BytesIO()
    with pa.ipc.new_stream(stream, table.schema) as writer:
        writer.write_table(table)
    with pa.ipc.new_file(file, table.schema) as writer:
        writer.write_table(table)

    for content in (_parquet(table), stream.getvalue(), file.getvalue()):
        made = upload(content)
        assert made.table == {
            "whole": [1.0, None, 3.0],
            "ratio": [1.5, None, None],
            "yes": ["true", "false", None],
            "at": [when, None, when],
            "day": [clock(2026, 1, 31), None, None],
            "text": ["2026-01-31", "007", None],
            "word": ["x", "y", "x"],
            "none": [None, None, None],
        }
        assert made.kinds["text"] == "category", "a text of a typed file is a text"
    again = upload(_parquet(table), types={"text": "category", "whole": "category"})
    assert again.table["whole"] == ["1", None, "3"]


def test_parquet_that_is_no_table_or_far_too_large(upload: Any) -> None:
    with pytest.raises(Unreadable, match=r"column 'a' holds 'list<.*'; a table holds numbers"):
        upload(_parquet({"a": [[1], [2]]}))
    with pytest.raises(Unreadable, match="column 'a' holds 'binary'"):
        upload(_parquet({"a": [b"x"]}))
    many = _parquet({"a": pa.array(["same"] * 3_000_000).dictionary_encode()})
    assert len(many) < 100_000
    with pytest.raises(Unreadable, match="has 3,000,000 rows or more; at most 1,000,000 are allowed"):
        upload(many, limits=type(LIMITS)(dataset_rows=1_000_000))


def test_a_summary_that_needs_too_much_memory_is_a_matter_of_memory(upload: Any) -> None:
    with pytest.raises(MemoryError, match="MiB of memory"):
        upload(_parquet({"a": [f"text {n}" for n in range(100_000)]}), limits=type(LIMITS)(transform_bytes=1 << 20))


def test_damaged_parquet_is_refused_and_never_more(upload: Any) -> None:
    dice = random.Random(4)
    whole = _parquet({"a": list(range(500)), "b": [f"text {n % 9}" for n in range(500)]})
    for _ in range(60):
        damaged = bytearray(whole)
        damaged[dice.randrange(len(damaged))] ^= 1 << dice.randrange(8)
        try:
            upload(bytes(damaged))
        except (Unreadable, MemoryError):
            continue
    for length in (4, 11, len(whole) // 2, len(whole) - 1):
        with pytest.raises(Unreadable):
            upload(whole[:length])


def test_rows_mean_the_same_as_rows_that_come_with_a_chart(upload: Any) -> None:
    cells = ["1", "+2", "3.", ".5", "1e3", "NA", " 4 ", "-0", "n/a", "01", "2026-01-31", "2026-01-31T10:00",
             "2026-02-01T10:00:00.5", "true", "inf", "0x1", "1,5", "2026-01", "x  y", "٣"]  # fmt: skip
    dice = random.Random(11)
    for _ in range(120):
        column = [dice.choice(cells[: dice.choice((7, 10, 13, len(cells)))]) for _ in range(dice.randint(1, 5))]
        text = io.StringIO()
        csv.writer(text).writerows([["n", "a"], *([str(n), cell] for n, cell in enumerate(column))])
        inline = load_source(Source(csv=text.getvalue()), "/data").column("a")

        made = upload(text.getvalue())

        assert made.kinds["a"] == inline.type, column
        expected = [
            None if missing else value for missing, value in zip(inline.missing, inline.values.tolist(), strict=True)
        ]
        assert made.table["a"] == expected, column
