"""Webhooks: addresses that are told what became of your jobs and schedules."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, Literal, Self
from uuid import UUID

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from ninja import Router, Status
from pydantic import Field

from renderer.api import openapi
from renderer.api.auth import SessionAuth, TokenAuth
from renderer.api.bodies import Body, Nothing, read, takes
from renderer.api.choosing import closed
from renderer.api.links import link
from renderer.api.once import once
from renderer.api.paging import Cursor, Limit, Page, page
from renderer.api.problems import ApiProblem
from renderer.api.requests import user_of
from renderer.api.responses import reply
from renderer.api.shapes import Shape
from renderer.models import Delivery, Webhook
from renderer.models.membership import Role
from renderer.models.webhook import SUBSCRIBABLE
from renderer.webhooks import deliveries, hooks

router = Router(tags=["webhooks"], auth=[TokenAuth(), SessionAuth(Role.OWNER)])

_EVENTS = "Of: " + ", ".join(event.value for event in SUBSCRIBABLE) + ". All of them, if it is left out."


class WebhookLinks(Shape):
    """Where to go from a webhook."""

    self: str
    deliveries: str
    rotate: str
    test: str


class WebhookOut(Shape):
    """A webhook, without its secret."""

    id: UUID
    name: str
    url: str
    events: list[str]
    is_active: bool
    failures: int
    """Attempts that failed in a row, up to the last."""
    failing_since: datetime | None
    disabled_at: datetime | None
    disabled_reason: str | None
    """Why it was switched off by itself."""
    previous_secret_until: datetime | None
    """So long the secret before the last rotation signs, too."""
    created_at: datetime
    links: WebhookLinks

    @classmethod
    def of(cls, row: Webhook, **more: str) -> Self:
        """The shape of a row."""
        return cls(
            id=row.pk,
            name=row.name,
            url=row.url,
            events=row.events,
            is_active=row.is_active,
            failures=row.failures,
            failing_since=row.failing_since,
            disabled_at=row.disabled_at,
            disabled_reason=row.disabled_reason or None,
            previous_secret_until=row.previous_until,
            created_at=row.created_at,
            links=WebhookLinks(
                self=link("webhook", webhook_id=row.pk),
                deliveries=link("deliveries", webhook_id=row.pk),
                rotate=link("rotate_webhook", webhook_id=row.pk),
                test=link("test_webhook", webhook_id=row.pk),
            ),
            **more,
        )


class NewWebhook(WebhookOut):
    """A webhook with a new secret."""

    secret: str
    """Shown now and never again."""


class Webhooks(Page):
    """One page of webhooks."""

    items: list[WebhookOut]


class DeliveryLinks(Shape):
    """Where to go from a delivery."""

    webhook: str
    redeliver: str


class DeliveryOut(Shape):
    """One event on its way to a webhook."""

    id: UUID
    event_id: UUID
    """What the header `webhook-id` says: the same in every attempt."""
    type: str
    status: Literal["waiting", "delivered", "failed"]
    attempts: int
    next_attempt_at: datetime | None
    last_attempt_at: datetime | None
    last_ms: int | None
    """How many milliseconds the last attempt took."""
    last_status: int | None
    """What the receiver answered last."""
    message: str
    """What came of the last attempt."""
    created_at: datetime
    finished_at: datetime | None
    payload: dict[str, Any]
    links: DeliveryLinks

    @classmethod
    def of(cls, row: Delivery) -> DeliveryOut:
        """The shape of a row."""
        return cls(
            id=row.pk,
            event_id=row.event_id,
            type=row.type,
            status=row.status,
            attempts=row.attempts,
            next_attempt_at=row.next_attempt_at,
            last_attempt_at=row.last_attempt_at,
            last_ms=row.last_ms,
            last_status=row.last_status,
            message=row.message,
            created_at=row.created_at,
            finished_at=row.finished_at,
            payload=json.loads(row.payload),
            links=DeliveryLinks(
                webhook=link("webhook", webhook_id=row.webhook_id),
                redeliver=link("redeliver", webhook_id=row.webhook_id, delivery_id=row.pk),
            ),
        )


class Deliveries(Page):
    """One page of deliveries."""

    items: list[DeliveryOut]


class WebhookIn(Body):
    """A new webhook."""

    url: str
    name: str = ""
    events: list[str] | None = Field(default=None, description=_EVENTS)


class WebhookChange(Body):
    """What is to become different."""

    url: str | None = None
    name: str | None = None
    events: list[str] | None = None
    is_active: bool | None = Field(default=None, description="False switches it off; true on again.")


@router.get("", response=Webhooks, url_name="webhooks")
def list_webhooks(request: HttpRequest, limit: Limit = 20, cursor: Cursor = "") -> HttpResponse:
    """Your webhooks, newest first, without their secrets."""
    closed(request, list_webhooks)
    found, following = page(Webhook.objects.for_user(user_of(request)), cursor, limit)
    return reply(Webhooks(items=[WebhookOut.of(row) for row in found], next_cursor=following))


@router.post("", response={201: NewWebhook}, url_name="webhooks", openapi_extra=takes(WebhookIn) | openapi.ONCE)
@once
def create_webhook(request: HttpRequest) -> HttpResponse:
    """Make a webhook. Its secret is in this answer, and nowhere else."""
    body = read(request, WebhookIn)
    row, secret = hooks.create(user_of(request), body.url, name=body.name, events=body.events)
    headers = {"Location": link("webhook", webhook_id=row.pk), "Cache-Control": "no-store"}
    return reply(NewWebhook.of(row, secret=secret), status=201, headers=headers)


@router.get("/{uuid:webhook_id}", response=WebhookOut, url_name="webhook")
def get_webhook(request: HttpRequest, webhook_id: UUID) -> HttpResponse:
    """One webhook."""
    return reply(WebhookOut.of(_find(request, webhook_id)))


@router.patch("/{uuid:webhook_id}", response=WebhookOut, url_name="webhook", openapi_extra=takes(WebhookChange))
def change_webhook(request: HttpRequest, webhook_id: UUID) -> HttpResponse:
    """Change a webhook, switch it off or on."""
    row = _find(request, webhook_id)
    body = read(request, WebhookChange)
    with transaction.atomic():
        hooks.change(row, url=body.url, name=body.name, events=body.events)
        if body.is_active is not None and body.is_active != row.is_active:
            (hooks.switch_on if body.is_active else hooks.switch_off)(row)
    return reply(WebhookOut.of(row))


@router.delete("/{uuid:webhook_id}", response={204: None}, url_name="webhook")
def delete_webhook(request: HttpRequest, webhook_id: UUID) -> Status[None]:
    """Delete a webhook, with what waits for it."""
    hooks.delete(_find(request, webhook_id))
    return Status(204, None)


@router.post(
    "/{uuid:webhook_id}/rotate",
    response=NewWebhook,
    url_name="rotate_webhook",
    openapi_extra=takes(Nothing, required=False) | openapi.ONCE,
)
@once
def rotate_webhook(request: HttpRequest, webhook_id: UUID) -> HttpResponse:
    """Give it a new secret, which is in this answer and nowhere else. For a day, the old one signs, too."""
    row = _find(request, webhook_id)
    read(request, Nothing)
    secret = hooks.rotate(row)
    return reply(NewWebhook.of(row, secret=secret), headers={"Cache-Control": "no-store"})


@router.post(
    "/{uuid:webhook_id}/test",
    response={202: DeliveryOut},
    url_name="test_webhook",
    openapi_extra=takes(Nothing, required=False) | openapi.ONCE,
)
@once
def test_webhook(request: HttpRequest, webhook_id: UUID) -> HttpResponse:
    """Send it a `webhook.test`, once, also while it is off."""
    row = _find(request, webhook_id)
    read(request, Nothing)
    return reply(DeliveryOut.of(hooks.send_test(row)), status=202)


@router.get("/{uuid:webhook_id}/deliveries", response=Deliveries, url_name="deliveries")
def list_deliveries(request: HttpRequest, webhook_id: UUID, limit: Limit = 20, cursor: Cursor = "") -> HttpResponse:
    """What was sent to it, or waits to be, newest first."""
    closed(request, list_deliveries)
    found, following = page(_find(request, webhook_id).deliveries.all(), cursor, limit)
    return reply(Deliveries(items=[DeliveryOut.of(row) for row in found], next_cursor=following))


@router.post(
    "/{uuid:webhook_id}/deliveries/{uuid:delivery_id}/redeliver",
    response={202: DeliveryOut},
    url_name="redeliver",
    openapi_extra=takes(Nothing, required=False) | openapi.ONCE,
)
@once
def redeliver(request: HttpRequest, webhook_id: UUID, delivery_id: UUID) -> HttpResponse:
    """Send once more what has arrived or was given up, under the same `webhook-id`."""
    row = _find(request, webhook_id).deliveries.filter(pk=delivery_id).first()
    if row is None:
        raise Http404
    read(request, Nothing)
    if not deliveries.redeliver(row):
        raise ApiProblem("delivery_waits")
    row.refresh_from_db()
    return reply(DeliveryOut.of(row), status=202)


def _find(request: HttpRequest, webhook_id: UUID) -> Webhook:
    row = Webhook.objects.for_user(user_of(request)).filter(pk=webhook_id).first()
    if row is None:
        raise Http404
    return row
