"""Version 1 of the API: its routers, its documentation, and ninja's ways where ours differ."""

from __future__ import annotations

from typing import Any

from django.urls import URLPattern, URLResolver, re_path
from ninja import NinjaAPI, Swagger
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation

# The path converters have to be known before any router names them.
import renderer.api.converters  # noqa: F401
from renderer.api import (
    audit,
    batches,
    charts,
    check,
    datasets,
    figures,
    images,
    jobs,
    listening,
    openapi,
    reference,
    render,
    schedules,
    shares,
    tokens,
    versions,
    webhooks,
)
from renderer.api.answers import answer
from renderer.api.auth import SessionAuth, TokenAuth, signed_in
from renderer.api.boundary import bounded, missing
from renderer.api.links import VERSION
from renderer.api.short import View, short

SHORT: dict[str, dict[str, View]] = {"job": {"GET": jobs.poll}, "charts": {"POST": charts.create_at_once}}
"""The calls that come most often, by the name of their path."""


class Api(NinjaAPI):
    """NinjaAPI, inside the boundary."""

    @property
    def urls(self) -> tuple[list[URLResolver | URLPattern], str, str]:
        """Every view inside the boundary, and a view for every path that is none."""
        patterns, app, namespace = super().urls
        for pattern in patterns:
            if isinstance(pattern, URLPattern):
                view: Any = bounded(pattern.callback)
                if twins := SHORT.get(pattern.name or ""):
                    view.short, view.short_methods = bounded(short(twins)), frozenset(twins)
                pattern.callback = view
        patterns.append(re_path(r"", bounded(missing), name="missing"))
        return patterns, app, namespace

    def set_default_exception_handlers(self) -> None:
        """One for all."""
        self.add_exception_handler(Exception, answer)

    def get_openapi_operation_id(self, operation: Operation) -> str:
        """The function's name: generated clients are named after it."""
        return str(operation.view_func.__name__)

    def get_openapi_schema(self, **parts: Any) -> OpenAPISchema:
        """Ninja's, with what it does not know."""
        schema = super().get_openapi_schema(**parts)
        openapi.complete(schema)
        return schema


api = Api(
    title="Figpress",
    version=VERSION,
    description="Charts drawn off the request path: send a chart spec or name a figure function, watch the job, fetch "
    "the picture. Errors are `application/problem+json`. Every response carries `X-Request-ID`.",
    auth=[TokenAuth(), SessionAuth()],
    # The validator is somebody else's server, which would be asked at each visit.
    docs=Swagger(settings={"persistAuthorization": False, "validatorUrl": None}),
    docs_decorator=signed_in,
)
api.add_router("/charts", charts.router)
api.add_router("/charts", images.router)
api.add_router("/charts", versions.router)
api.add_router("/datasets", datasets.router)
api.add_router("/charts", shares.router)
api.add_router("/render", render.router)
api.add_router("/jobs", jobs.router)
api.add_router("", listening.router)
api.add_router("/batches", batches.router)
api.add_router("/figures", figures.router)
api.add_router("/schedules", schedules.router)
api.add_router("/tokens", tokens.router)
api.add_router("/audit", audit.router)
api.add_router("/webhooks", webhooks.router)
api.add_router("/spec", check.router)
api.add_router("", reference.router)
