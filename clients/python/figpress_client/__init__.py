"""A client of Figpress.

::

    with Client("http://127.0.0.1:8000", token="figp_...") as client:
        client.render(spec).wait().save("chart.png")
"""

from __future__ import annotations

from figpress_client.answers import Chart, Checked, File, Job, Kind
from figpress_client.asynchronous import AsyncClient, AsyncPicture, AsyncRendering
from figpress_client.errors import FieldError, FigpressError, ProblemError, RenderFailed, Unreachable, WaitedTooLong
from figpress_client.synchronous import Client, Picture, Rendering

__all__ = [
    "AsyncClient",
    "AsyncPicture",
    "AsyncRendering",
    "Chart",
    "Checked",
    "Client",
    "FieldError",
    "FigpressError",
    "File",
    "Job",
    "Kind",
    "Picture",
    "ProblemError",
    "RenderFailed",
    "Rendering",
    "Unreachable",
    "WaitedTooLong",
]
