"""A client of Figpress.

::

    with Client("http://127.0.0.1:8000", token="figp_...") as client:
        client.render(spec).wait().save("chart.png")
"""

from __future__ import annotations

from figpress_client.answers import Chart, Checked, File, Item, Job, Kind, Progress
from figpress_client.asynchronous import AsyncBatch, AsyncClient, AsyncPicture, AsyncRendering
from figpress_client.errors import FieldError, FigpressError, ProblemError, RenderFailed, Unreachable, WaitedTooLong
from figpress_client.synchronous import Batch, Client, Picture, Rendering

__all__ = [
    "AsyncBatch",
    "AsyncClient",
    "AsyncPicture",
    "AsyncRendering",
    "Batch",
    "Chart",
    "Checked",
    "Client",
    "FieldError",
    "FigpressError",
    "File",
    "Item",
    "Job",
    "Kind",
    "Picture",
    "ProblemError",
    "Progress",
    "RenderFailed",
    "Rendering",
    "Unreachable",
    "WaitedTooLong",
]
