"""An MCP server: tools with which an assistant draws. Errors are the server's own, with pointers and sentences."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from mcp.server.mcpserver import Image, MCPServer
from mcp.server.mcpserver.exceptions import ToolError

from figpress_client.asynchronous import AsyncClient, AsyncPicture
from figpress_client.errors import FigpressError, RenderFailed

INSTRUCTIONS = """Draws charts from JSON. list_kinds says what there is, describe_kind gives the JSON Schema of one \
kind. Check a spec with check_spec, mend what it names, then draw it with render_spec. A small one: \
{"kind": "bar", "title": "Cups sold", "data": {"columns": {"day": ["Mon", "Tue"], "cups": [31, 28]}}, \
"x": "day", "y": "cups"}"""


def server(address: str, token: str, *, timeout: float = 120) -> MCPServer[Any]:
    """The MCP server in front of the Figpress server at ``address``."""
    client = AsyncClient(address, token=token)

    @asynccontextmanager
    async def open_client(_: MCPServer[Any]) -> AsyncIterator[None]:
        async with client:
            yield

    mcp = MCPServer("figpress", instructions=INSTRUCTIONS, lifespan=open_client, log_level="WARNING")

    @mcp.tool()
    async def list_kinds() -> str:
        """List the kinds of charts: what each shows, and which fields it needs."""
        with _told():
            kinds = await client.kinds()
        return "\n".join(f"{kind.kind} (needs {', '.join(kind.required) or 'data'}): {kind.summary}" for kind in kinds)

    @mcp.tool()
    async def describe_kind(kind: str) -> dict[str, Any]:
        """The JSON Schema of all that a chart of one kind may say."""
        with _told():
            return await client.kind(kind)

    @mcp.tool()
    async def check_spec(spec: dict[str, Any]) -> dict[str, Any]:
        """Find everything that is wrong with a chart spec, with JSON pointers; nothing is drawn."""
        with _told():
            return dict((await client.check(spec)).raw)

    @mcp.tool(structured_output=False)  # a picture is no JSON
    async def render_spec(spec: dict[str, Any], name: str = "") -> list[Any]:
        """Draw a chart spec: the picture, and where the chart is. With a name it becomes a chart of its own."""
        with _told():
            asked = await client.render(spec, name=name or None, formats=["png"], wait=timeout)
            return await _shown(client, await asked.wait(timeout))

    @mcp.tool(structured_output=False)  # a picture is no JSON
    async def get_picture(chart_id: str) -> list[Any]:
        """The last good picture of a chart that was drawn before."""
        with _told():
            return await _shown(client, await client.picture(chart_id))

    return mcp


@contextmanager
def _told() -> Iterator[None]:
    """What fails is told to the assistant as it is: it mends its spec by the pointers."""
    try:
        yield
    except RenderFailed as error:
        raise ToolError(f"{error.job.reason or error.job.status}: {error}") from error
    except (FigpressError, LookupError) as error:
        raise ToolError(str(error)) from error


async def _shown(client: AsyncClient, picture: AsyncPicture) -> list[Any]:
    chart = picture.chart
    raster = next((file.format for file in chart.files if file.format in ("png", "webp")), None)
    lines = [chart.alt, f"Chart {chart.id}: {client.address(chart.url)}", f"Picture: {client.address(chart.image_url)}"]
    return [Image(data=await picture.read(raster), format=raster), "\n".join([*lines, *chart.warnings])]
