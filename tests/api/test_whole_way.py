"""The whole way of one chart over HTTP, drawn for real; only the broker's message is missing."""

from __future__ import annotations

import hashlib
import io
import xml.etree.ElementTree as ET
from typing import Any
from uuid import UUID

from PIL import Image

from renderer.jobs import executor


def test_from_a_spec_to_its_pictures(api: Any, spec: dict[str, Any]) -> None:
    image = {"width": 400, "height": 300, "scale": 2}
    asked = api.post("/charts", {"spec": spec | {"image": image}, "formats": ["png", "webp", "svg", "pdf"]})
    assert asked.status == 202

    executor.execute(UUID(asked.body["job"]["id"]), worker="w@host#1", task_id="task-1")

    job = api.get(asked.headers["Location"]).body
    assert (job["status"], job["message"], job["warnings"]) == ("succeeded", "", [])
    assert job["timings"].keys() == {"queued", "loading", "drawing", "encoding", "storing", "total"}
    picture = api.get(job["links"]["chart"]).body["picture"]
    assert "Fruit" in picture["alt"]
    files = {file["format"]: file for file in picture["files"]}
    assert files.keys() == {"png", "webp", "svg", "pdf"}
    content = {name: api.get(file["url"]) for name, file in files.items()}
    for name, file in files.items():
        assert hashlib.sha256(content[name].content).hexdigest() == file["sha256"]
        assert "immutable" in content[name].headers["Cache-Control"]
    for name in ("png", "webp"):
        with Image.open(io.BytesIO(content[name].content), formats=[name.upper()]) as decoded:
            assert decoded.size == (800, 600) == (files[name]["width"], files[name]["height"])
    assert ET.fromstring(content["svg"].content).tag == "{http://www.w3.org/2000/svg}svg"
    assert content["pdf"].content.startswith(b"%PDF-")
    assert (
        api.post("/charts", {"spec": spec | {"image": image}, "formats": ["png", "webp", "svg", "pdf"]}).status == 200
    )
