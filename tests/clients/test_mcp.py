"""The MCP server, asked by the client of its own library, in front of a server that draws."""

from __future__ import annotations

import asyncio
import base64
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, StdioServerParameters, stdio_client
from pytest_django.live_server_helper import LiveServer

ROOT = Path(__file__).parents[2]


@pytest.mark.django_db(transaction=True)
def test_an_assistant_draws(live_server: LiveServer, worker: None, token: str, spec: dict[str, Any]) -> None:
    """Over the standard input and output of `figpress mcp`, as an assistant's program starts it."""
    asyncio.run(_draw(live_server.url, token, spec))


async def _draw(server: str, token: str, spec: dict[str, Any]) -> None:
    command = StdioServerParameters(
        command=sys.executable,
        args=["-m", "figpress_client", "mcp"],
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT / "clients" / "python"),
            "FIGPRESS_SERVER": server,
            "FIGPRESS_TOKEN": token,
        },
    )
    async with Client(stdio_client(command)) as client:
        tools = {tool.name for tool in (await client.list_tools()).tools}
        assert tools == {"list_kinds", "describe_kind", "check_spec", "render_spec", "get_picture"}
        assert "\nbar (needs x, y" in text(await client.call_tool("list_kinds", {}))
        assert "lollipop" in text(await client.call_tool("describe_kind", {"kind": "bar"}))
        assert '"/spec/hue"' in text(await client.call_tool("check_spec", {"spec": spec | {"hue": "x"}}))

        wrong = await client.call_tool("render_spec", {"spec": spec | {"hue": "x"}})
        assert wrong.is_error
        assert "/spec/hue: unknown field 'hue'" in text(wrong)

        drawn = await client.call_tool("render_spec", {"spec": spec})
        assert not drawn.is_error, drawn
        assert picture(drawn).startswith(b"\x89PNG")
        assert f"{server}/api/v1/charts/" in text(drawn)
        chart_id = text(drawn).partition("Chart ")[2].partition(":")[0]
        assert picture(await client.call_tool("get_picture", {"chart_id": chart_id})) == picture(drawn)

        missing = await client.call_tool("get_picture", {"chart_id": "none"})
        assert missing.is_error
        assert "nothing at this path" in text(missing)


def text(result: Any) -> str:
    return "\n".join(part.text for part in result.content if part.type == "text")


def picture(result: Any) -> bytes:
    (image,) = (part for part in result.content if part.type == "image")
    assert image.mime_type == "image/png"
    return base64.b64decode(image.data)
