"""Deliveries: sent until they have arrived, at least once, and never by two workers at the same time.

An attempt holds its delivery by a guarded UPDATE that moves ``next_attempt_at`` beyond the attempt's own end. If its
worker dies, the delivery comes due again as soon as that is noticed; the receiver may then hear of an event twice, with
the same id. Who is slow or away is asked again, ever later, for about a day, and not before the time that it names; who
is away for days, or says 410, is not asked any more.

Of one owner only so many are under way that hands are left for the others: a receiver that never answers holds up its
own events, and nobody else's. What comes beyond that stays due. The end of an attempt calls the owner's next one.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final, cast
from uuid import UUID

from django.db import transaction
from django.db.models import F, QuerySet, Window
from django.db.models.functions import Coalesce, RowNumber
from django.utils import timezone

from renderer.data.fetch import Answer, Caps, Fetcher, FetchError
from renderer.models import Delivery, Webhook, Worker
from renderer.models.delivery import DeliveryStatus
from renderer.models.job import Queue
from renderer.models.webhook import Event
from renderer.models.worker import LOST_AFTER, Names
from renderer.sources import urls
from renderer.webhooks import keys, messages, signing

CAPS: Final = Caps(seconds=10, redirects=0)
LEASE: Final = timedelta(seconds=90)
"""So long an attempt holds its delivery: past a worker's hard time limit."""
DELAYS: Final = tuple(
    map(lambda minutes: timedelta(minutes=minutes), (1 / 6, 1, 5, 30, 120, 300, 480, 540))  # noqa: C417
)
"""Between an attempt and the next one: nine attempts, in 24 and a half hours."""
PATIENCE: Final = DELAYS[-1]
"""So long a receiver may ask us to wait: longer than we do by ourselves, an event would be given up for nothing."""
BUSY: Final = (429, 503)
"""The answers whose ``Retry-After`` is heeded."""
OFF_AFTER: Final = 20
OFF_FOR: Final = timedelta(days=3)
"""A webhook whose attempts failed so often in a row, and for so long, is switched off."""
GONE: Final = 410
BATCH: Final = 100
KEPT_FOR: Final = timedelta(days=30)
BUDGET: Final = 20.0
"""Seconds that one run of :func:`forget` may take."""
OFF: Final = "The webhook is off."
LOST: Final = "The worker that delivered it died."
KEY_LOST: Final = "Its secret was lost when the installation's SECRET_KEY changed: rotate it, then switch it on."

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to attempt a delivery: good as long as the row shows this moment."""

    delivery: Delivery
    until: datetime
    is_last: bool
    """Whether its owner may have no other one under way."""

    @property
    def rows(self) -> QuerySet[Delivery]:
        """The guard."""
        waiting = Delivery.objects.filter(pk=self.delivery.pk, status=DeliveryStatus.WAITING)
        return waiting.filter(next_attempt_at=self.until)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an attempt."""

    arrived: bool
    message: str
    status: int | None = None
    wait: timedelta = timedelta()
    """How long the receiver asks to be left alone."""


def delay(attempts: int) -> timedelta | None:
    """How long to wait after so many attempts, a fifth more or less; None if no attempt is left."""
    return DELAYS[attempts - 1] * random.uniform(0.8, 1.2) if attempts <= len(DELAYS) else None


def attempt(
    delivery_id: UUID,
    *,
    worker: str = "",
    clock: Callable[[], datetime] = timezone.now,
    fetcher: Fetcher | None = None,
) -> bool:
    """Try to deliver. Returns whether it arrived; False also if it is not due, somebody else is at it, or as many of
    its owner's are under way as may be."""
    claim = _claim(delivery_id, worker, clock())
    if claim is None:
        return False
    arrived = _attempt(claim, clock, fetcher or urls.fetcher())
    if claim.is_last:
        _call_next(claim.delivery.webhook.owner_id, clock())
    return arrived


def share(now: datetime) -> int:
    """How many deliveries of one owner may be under way: half of what the workers can do at a time, and one at least.
    Where two begin in the same moment there may be one more: what ends then calls nobody."""
    alive = Worker.objects.filter(seen_at__gt=now - LOST_AFTER).values_list("concurrency", "queues")
    return max(1, sum(hands for hands, queues in alive if Queue.FETCH in queues.split(",")) // 2)


def redeliver(delivery: Delivery) -> bool:
    """Deliver once more what has arrived or was given up. False if it waits already."""
    now = timezone.now()
    with transaction.atomic():
        ended = Delivery.objects.filter(pk=delivery.pk).exclude(status=DeliveryStatus.WAITING)
        again = ended.update(status=DeliveryStatus.WAITING, attempts=0, next_attempt_at=now, finished_at=None)
        if again:
            transaction.on_commit(lambda: messages.publish([delivery.pk]), robust=True)
    return bool(again)


def publish_due(now: datetime) -> int:
    """Tell the workers what is due: next attempts, and those whose message or whose worker was lost."""
    turn = Window(RowNumber(), partition_by=F("webhook__owner"), order_by=F("next_attempt_at").asc())
    # As many of each owner as may be under way: the rest would come in vain, and before the others' first ones.
    due = _due(now).annotate(turn=turn).filter(turn__lte=share(now)).order_by("turn", "next_attempt_at")
    ids = list(due.values_list("pk", flat=True)[:BATCH])
    return messages.publish(ids) if ids else 0


def patrol(now: datetime, lost: Names) -> None:
    """Bring back what lost workers were delivering: it held up the rest of its owner's."""
    _bring_back(_held().filter(worker__in=lost)[:BATCH], now)


def bring_back(worker: str, delivery_id: Any = None) -> None:
    """A worker died, or its child that was delivering this did."""
    held = _held().filter(worker=worker)
    _bring_back(held.filter(pk=delivery_id) if delivery_id else held, timezone.now())


def give_back(now: datetime, worker: str = "") -> int:
    """What a worker was delivering when it shut down or, after a restore, anybody: it is due at once, which costs no
    attempt, and holds up nothing else of its owner. Returns how many there were."""
    held = _held().filter(worker=worker) if worker else _held()
    return held.update(next_attempt_at=now, held_until=None, attempts=F("attempts") - 1)


def forget(now: datetime, *, budget: float = BUDGET) -> int:
    """Delete what ended long ago, in small batches. Returns how many went."""
    deadline = time.monotonic() + budget
    gone = 0
    old = Delivery.objects.filter(finished_at__lt=now - KEPT_FOR).order_by("finished_at")
    while batch := list(old.values_list("pk", flat=True)[: BATCH * 5]):
        gone += Delivery.objects.filter(pk__in=batch).delete()[0]
        if time.monotonic() > deadline:
            break
    return gone


def _held() -> QuerySet[Delivery]:
    return Delivery.objects.filter(status=DeliveryStatus.WAITING, held_until__isnull=False)


def _bring_back(deliveries: Iterable[Delivery], now: datetime) -> None:
    """Due at once: nobody knows whether it arrived. The attempt counts, or one that kills would go on for ever."""
    again = []
    for delivery in deliveries:
        claim = Claim(delivery, cast(datetime, delivery.next_attempt_at), is_last=False)
        if delivery.attempts > len(DELAYS):
            _finish(claim, Outcome(False, LOST), now)
        elif claim.rows.update(next_attempt_at=now, held_until=None, message=LOST):
            again.append(delivery.pk)
    if again:
        messages.publish(again)


def _due(now: datetime) -> QuerySet[Delivery]:
    return Delivery.objects.filter(status=DeliveryStatus.WAITING, next_attempt_at__lte=now)


def _claim(delivery_id: UUID, worker: str, now: datetime) -> Claim | None:
    delivery = _due(now).select_related("webhook__owner").filter(pk=delivery_id).first()
    if delivery is None:
        return None
    most = share(now)
    under_way = Delivery.objects.filter(webhook__owner=delivery.webhook.owner_id, held_until__gt=now).count()
    if under_way >= most:
        return None
    until = now + LEASE
    mine = _due(now).filter(pk=delivery_id, next_attempt_at=delivery.next_attempt_at)
    if not mine.update(
        next_attempt_at=until, held_until=until, worker=worker, attempts=F("attempts") + 1, last_attempt_at=now
    ):
        return None
    delivery.attempts += 1
    return Claim(delivery, until, under_way + 1 >= most)


def _call_next(owner_id: int, now: datetime) -> None:
    """What came while the owner's share was under way has had its message."""
    following = _due(now).filter(webhook__owner=owner_id).order_by("next_attempt_at").values_list("pk", flat=True)
    if (pk := following.first()) is not None:
        messages.publish([pk])


def _attempt(claim: Claim, clock: Callable[[], datetime], fetcher: Fetcher) -> bool:
    """Send what was claimed, if it is still to be sent. Returns whether it arrived."""
    hook = claim.delivery.webhook
    is_test = claim.delivery.type == Event.TEST
    # Looked at now, and not only when it was written: much may happen in a day.
    if not hook.owner.is_active or not (hook.is_active or is_test):
        _finish(claim, Outcome(False, OFF), clock())
        return False
    try:
        secrets = keys.secrets_of(hook, clock())
    except keys.KeyLost:
        with transaction.atomic():
            _finish(claim, Outcome(False, KEY_LOST), clock())
            _switch_off(hook, KEY_LOST, clock())
        return False
    started = time.monotonic()
    outcome = _send(claim.delivery, secrets, clock(), fetcher)
    ms = round((time.monotonic() - started) * 1000)
    with transaction.atomic():
        _record(claim, outcome, clock(), ms)
    return outcome.arrived


def _send(delivery: Delivery, secrets: list[bytes], now: datetime, fetcher: Fetcher) -> Outcome:
    body = delivery.payload.encode()
    headers = {"Content-Type": "application/json", **signing.headers(secrets, str(delivery.event_id), now, body)}
    try:
        answer = fetcher.fetch(
            delivery.webhook.url, method="POST", body=body, headers=headers, caps=CAPS, keep_body=False
        )
    except FetchError as error:
        return Outcome(False, f"The receiver {error}.")
    if 200 <= answer.status < 300:
        return Outcome(True, f"The receiver answered {answer.status}.", answer.status)
    redirects = ", a redirect, which is not followed" if 300 <= answer.status < 400 else ""
    wait = min(_asked(answer, now), PATIENCE) if answer.status in BUSY else timedelta()
    return Outcome(False, f"The receiver answered {answer.status}{redirects}.", answer.status, wait)


def _asked(answer: Answer, now: datetime) -> timedelta:
    """How long from now ``Retry-After`` says, in seconds or as a date (RFC 9110 10.2.3); nothing if it says neither."""
    text = answer.headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return timedelta(seconds=int(text[:9]))
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return timedelta()
    return max(timedelta(), (at if at.tzinfo else at.replace(tzinfo=UTC)) - now)


def _record(claim: Claim, outcome: Outcome, now: datetime, ms: int) -> None:
    """Write down what came of an attempt, unless it took so long that another one has begun."""
    delivery, hook = claim.delivery, claim.delivery.webhook
    is_test, gone = delivery.type == Event.TEST, outcome.status == GONE
    wait = None if outcome.arrived or is_test or gone else delay(delivery.attempts)
    if wait is None:
        changed = _finish(claim, outcome, now, ms=ms)
    else:
        changed = bool(
            claim.rows.update(
                next_attempt_at=now + max(wait, outcome.wait), held_until=None, last_ms=ms, last_status=outcome.status,
                message=outcome.message,
            )
        )  # fmt: skip
    mine = Webhook.objects.filter(pk=hook.pk)
    if outcome.arrived:
        mine.exclude(failures=0).update(failures=0, failing_since=None)
        return
    if not changed or is_test:
        return
    if outcome.wait:
        # Whatever else waits for this receiver is not what it wants to hear of now.
        others = _due(now + outcome.wait).filter(webhook=hook, held_until=None).exclude(type=Event.TEST)
        others.update(next_attempt_at=now + outcome.wait)
    mine.update(failures=F("failures") + 1, failing_since=Coalesce(F("failing_since"), now))
    if gone:
        _switch_off(hook, f"The receiver answered {GONE}: it does not want to be told any more.", now)
    elif mine.filter(failures__gte=OFF_AFTER, failing_since__lte=now - OFF_FOR).exists():
        times = mine.values_list("failures", flat=True).get()
        _switch_off(hook, f"{times} attempts in a row failed, over {OFF_FOR.days} days. {outcome.message}", now)


def _finish(claim: Claim, outcome: Outcome, now: datetime, *, ms: int | None = None) -> bool:
    status = DeliveryStatus.DELIVERED if outcome.arrived else DeliveryStatus.FAILED
    ended = claim.rows.update(
        status=status, next_attempt_at=None, held_until=None, finished_at=now, last_ms=ms, last_status=outcome.status,
        message=outcome.message,
    )  # fmt: skip
    if ended and not outcome.arrived:
        logger.warning("delivery %s: given up: %s", claim.delivery.pk, outcome.message)
    return bool(ended)


def _switch_off(hook: Webhook, reason: str, now: datetime) -> None:
    off = Webhook.objects.filter(pk=hook.pk, is_active=True)
    if off.update(is_active=False, disabled_at=now, disabled_reason=reason):
        logger.warning("webhook %s: switched off: %s", hook.pk, reason)
