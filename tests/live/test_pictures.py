"""Addresses that are pictures, on a real installation: the first look already sees the picture."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image

pytestmark = pytest.mark.live

SPEC = {"kind": "bar", "title": "Fruit", "data": {"columns": {"x": ["a", "b"], "y": [1, 2]}}, "x": "x", "y": "y"}
NOBODY = {"Authorization": ""}


def test_the_first_look_waits_for_the_picture(live: Any) -> None:
    live.start_worker()
    live.start_web()

    made = live.call("POST", "/api/v1/render/url", {"spec": SPEC, "width": 320})
    assert made.status == 201
    seen = live.call("GET", made.json()["url"], headers=NOBODY)
    assert (seen.status, seen.headers["Content-Type"]) == (200, "image/png")
    assert seen.headers["Cache-Control"].startswith("public, max-age=86400")
    with Image.open(io.BytesIO(seen.body), formats=["PNG"]) as picture:
        assert picture.width == 320

    asked = live.call("POST", "/api/v1/charts", {"spec": SPEC, "name": "Mine"}, headers={"Prefer": "wait=30"})
    assert asked.status == 201
    look = {"format": "webp", "width": 640, "theme": "dark"}
    link = live.call("POST", f"{asked.json()['chart']['links']['self']}/links", look).json()
    shared = live.call("GET", link["url"], headers=NOBODY)
    assert (shared.status, shared.headers["Content-Type"]) == (200, "image/webp")
    assert shared.headers["Cache-Control"] == "public, max-age=60, stale-while-revalidate=300"
    assert shared.headers["Set-Cookie"] is None
    assert "Cookie" not in (shared.headers["Vary"] or "")
    again = live.call("GET", link["url"], headers=NOBODY | {"If-None-Match": shared.headers["ETag"]})
    assert (again.status, again.body) == (304, b"")
    gone = live.call("GET", link["url"].replace(".webp", ".png"), headers=NOBODY)
    assert (gone.status, gone.headers["Content-Type"]) == (404, "image/png")

    secret = link["url"].rpartition("/")[2].removesuffix(".webp")
    assert secret not in "".join(process.output() for process in live.processes)
