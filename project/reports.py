"""Reports of errors, to Sentry or to what speaks as it does. Off, and not even imported, unless SENTRY_DSN is set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from renderer.logs import redact

DROPPED: Final = ("user", "breadcrumbs", "server_name", "modules")
"""Parts of a report that say who somebody was, or what he did before."""
KEPT_OF_REQUEST: Final = ("method", "url")


def start(dsn: str, *, release: str) -> None:
    """Send what is logged as an error, and what no view or task caught, with its traceback and nothing of people's."""
    if not dsn:
        return
    import sentry_sdk

    sentry_sdk.init(
        dsn=dsn,
        release=release,
        send_default_pii=False,
        include_local_variables=False,  # in them stands what people sent
        include_source_context=True,
        max_request_body_size="never",
        max_breadcrumbs=0,
        traces_sample_rate=None,
        before_send=clean,  # type: ignore[arg-type]  # its type of an event is a private one
        shutdown_timeout=2,
    )


def clean(event: dict[str, Any], hint: Mapping[str, Any]) -> dict[str, Any]:
    """The report as the log would tell it: without secrets, and of a request only what was asked for."""
    for name in DROPPED:
        event.pop(name, None)
    if request := event.get("request"):
        event["request"] = {name: request[name] for name in KEPT_OF_REQUEST if name in request}
    cleaned: dict[str, Any] = _cleaned(event)
    return cleaned


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, Mapping):
        return {name: _cleaned(item) for name, item in value.items()}
    if isinstance(value, Sequence):
        return [_cleaned(item) for item in value]
    return value
