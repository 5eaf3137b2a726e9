"""What the docs tell people to type, typed into a running installation: every block of these pages, in its order.

One shell for each page, which stops at the first thing that fails. The server's address, the token and the ids that the
pages show are those of the test.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from examples.shop.models import Store
from project import local
from tests.docs.blocks import Block, blocks
from tests.web_servers import Receiver, Server

if TYPE_CHECKING:
    from tests.live.installation import Live

pytestmark = pytest.mark.live

PAGES = (
    "README.md", "docs/start.md", "docs/http.md", "docs/datasets.md", "docs/schedules.md", "docs/webhooks.md",
    "docs/clients.md", "docs/cookbook/http.md", "clients/python/README.md",
)  # fmt: skip
SPEC = {"kind": "bar", "title": "Cups", "data": {"columns": {"x": ["a", "b"], "y": [1, 2]}}, "x": "x", "y": "y"}
# A command of the client's, and curl that fails where the server refuses; of a stream without end it lets go (28: the
# time is over).
COMMANDS = """
figpress() { python -m figpress_client "$@"; }
curl() {
    case " $* " in
        *" -N "*) command curl --fail-with-body -sS --max-time 3 "$@" || [ $? = 28 ] ;;
        *) command curl --fail-with-body -sS --max-time 40 "$@" ;;
    esac
}
"""
# What the Python of a page is given: what its reader has by then.
HAS = """
import asyncio, json, os
from figpress_client import AsyncClient, Client
spec = json.load(open("spec.json"))
specs = [spec, spec | {"title": "Two"}]
server, token = os.environ["FIGPRESS_SERVER"], os.environ["FIGPRESS_TOKEN"]
client = Client(server, token=token)
"""


def test_what_the_pages_say_to_type_works_as_it_stands(live: Live, tmp_path: Path) -> None:
    for program in ("curl", "bash"):
        if not shutil.which(program):
            pytest.skip(f"there is no {program} here: install the package {program}")
    chat = Receiver()
    with Server(chat) as listening:
        live.start_web(FIGPRESS_FETCH_INTERNAL=f"127.0.0.1:{listening.port}")
        live.start_worker()
        Store.objects.create(pk=3, name="Corner", city="Lisbon")  # the one of the page on clients
        folder = _desk(live, tmp_path)
        chart = live.call("POST", "/api/v1/charts", {"spec": SPEC}, headers={"Prefer": "wait=30"})
        assert chart.status == 201, chart.body
        job = live.call("GET", chart.json()["job"]["links"]["self"])
        env = live.env | {
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), live.env["PATH"]]),
            "PYTHONPATH": os.pathsep.join([str(local.ROOT / "clients/python"), str(local.ROOT)]),
            "FIGPRESS": f"{live.web_url}/api/v1",
            "FIGPRESS_SERVER": live.web_url,
            "TOKEN": live.token,
            "FIGPRESS_TOKEN": live.token,
            "CHART": chart.json()["chart"]["id"],
            "JOB": chart.json()["job"]["id"],
            "ETAG": job.headers["ETag"],
            "LAST": "1795917889140-0",
            "CHAT_URL": f"{listening.url}/hook",
        }
        wrong = [said for page in PAGES for said in _typed(page, live, env, folder)]
    assert not wrong, "\n\n".join(wrong)
    for picture in ("chart.png", "rain.png", "release.png", "notebook.png"):
        with Image.open(folder / picture) as image:
            image.load()
    for _, body in chat.taken:
        assert json.loads(body)["text"]
    assert chat.taken, "nothing came to the chat"


def _desk(live: Live, tmp_path: Path) -> Path:
    """A folder with the files that the pages send."""
    folder = tmp_path / "desk"
    folder.mkdir()
    for name in ("manage.py", "examples"):
        (folder / name).symlink_to(local.ROOT / name)
    (folder / "spec.json").write_text(json.dumps(SPEC))
    (folder / "chart.json").write_text(json.dumps({"spec": SPEC}))
    (folder / "sales.csv").write_text("region,revenue\nNorth,31\nSouth,28\n")
    return folder


def _typed(page: str, live: Live, env: dict[str, str], folder: Path) -> list[str]:
    """Run the blocks of a page. Returns what went wrong."""
    script, programs = [COMMANDS], 0
    for block in blocks(page, "sh", "python", "json"):
        code = block.code.replace("http://127.0.0.1:8000", live.web_url).replace("figp_...", live.token)
        code = code.replace("0199c3a0-5b1e-7d4e-9f6c-3c1f4b6a8d20", env["CHART"])
        if block.file:
            (folder / block.file).parent.mkdir(parents=True, exist_ok=True)
            (folder / block.file).write_text(code)
        elif block.not_run or block.language == "json" or not _for_a_server(block):
            continue
        elif block.language == "sh":
            script.append(f"echo '--- {block}' >&2\n{code}")
        else:
            programs += 1
            name = f"block-{programs}.py"
            (folder / name).write_text(_program(code))
            script.append(f"echo '--- {block}' >&2\npython {name}")
    if len(script) == 1:
        return []
    ran = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", "\n".join(script)],
        cwd=folder, env=env, capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    return [] if ran.returncode == 0 else [f"{page} ended with {ran.returncode}:\n{ran.stdout[-1500:]}\n{ran.stderr}"]


def _for_a_server(block: Block) -> bool:
    """Whether it asks a server; what else is typed is looked at by tests/docs."""
    if block.language == "python":
        return "lient" in block.code
    return bool(re.search(r"^\s*(curl|figpress|export|\. |python \w+\.py)", block.code, re.MULTILINE))


def _program(code: str) -> str:
    """The block as a program; what it awaits is awaited."""
    if "async with" in code:
        lines = "".join(f"    {line}\n" for line in code.splitlines())
        code = f"async def main():\n{lines}\nasyncio.run(main())\n"
    return HAS + code
