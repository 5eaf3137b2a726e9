"""Sessions in the database that end: after a while without use, after a while in any case, and when their owner wants.

``SESSION_ENGINE = "renderer.accounts.sessions"``; without use they end after Django's ``SESSION_COOKIE_AGE``, in any
case after ``FIGPRESS_SESSION_LIFE`` days. The key changes when somebody signs in, and a new password ends all others:
both are Django's doing. The key itself is the browser's alone: in the database is its digest, so that a copy of that is
no way into anybody's session.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.contrib.auth import SESSION_KEY, get_user_model
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.db.models import QuerySet
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from renderer.models import Session

if TYPE_CHECKING:
    from django.contrib.auth.models import User

LIFE: Final = "FIGPRESS_SESSION_LIFE"
LIFE_DAYS: Final = 30
BEGAN: Final = "figpress_began"
AGENT: Final = "figpress_agent"
NOTED_EVERY: Final = timedelta(hours=1)
"""A session that is used is written so often, which moves its end; each click would be too often."""


def digest(key: str | None) -> str:
    """The key of a row, for the key that a browser has: of its SHA-256 as much as the column holds, 160 bits."""
    return hashlib.sha256((key or "").encode()).hexdigest()[:40]


class SessionStore(DatabaseStore):
    """Django's, with digests for keys, and with whose session it is in a column."""

    @classmethod
    def get_model_class(cls) -> type[Session]:
        """Ours."""
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        """The row of these data."""
        return _as_kept(super().create_model_instance(data), data)

    async def acreate_model_instance(self, data: dict[str, Any]) -> Any:
        """The same."""
        return _as_kept(await super().acreate_model_instance(data), data)

    def exists(self, session_key: str) -> bool:
        """Whether there is one of this key."""
        return super().exists(digest(session_key))

    async def aexists(self, session_key: str) -> bool:
        """The same."""
        return await super().aexists(digest(session_key))

    def delete(self, session_key: str | None = None) -> None:
        """Delete the one of this key, or this one."""
        if key := session_key or self.session_key:
            super().delete(digest(key))

    async def adelete(self, session_key: str | None = None) -> None:
        """The same."""
        if key := session_key or self.session_key:
            await super().adelete(digest(key))

    def _get_session_from_db(self) -> Session | None:
        return self._living(self._rows().first())

    async def _aget_session_from_db(self) -> Session | None:
        return self._living(await self._rows().afirst())

    def _rows(self) -> QuerySet[Session]:
        return Session.objects.filter(session_key=digest(self.session_key), expire_date__gt=timezone.now())

    def _living(self, row: Session | None) -> Session | None:
        now = timezone.now()
        if row is None or (row.began_at and row.began_at < now - life()):
            self._session_key = None
            return None
        if row.seen_at and row.seen_at < now - NOTED_EVERY:
            self.modified = True  # the middleware writes it, with a new end
        return row


def life() -> timedelta:
    """How long a session lasts, however often it is used."""
    return timedelta(days=float(getattr(settings, LIFE, LIFE_DAYS)))


def are_ours() -> bool:
    """Whether this installation keeps its sessions here, so that they can be shown and ended."""
    return str(settings.SESSION_ENGINE) == __name__


def of(user: User) -> QuerySet[Session]:
    """Where a person is signed in, the last used first."""
    now = timezone.now()
    return Session.objects.filter(user=user, expire_date__gt=now, began_at__gt=now - life()).order_by("-seen_at")


def end_others(user: User, current: str | None) -> int:
    """Sign a person out everywhere but in the session of this key. Returns how many ended."""
    return Session.objects.filter(user=user).exclude(session_key=digest(current)).delete()[0]


def _as_kept(row: Any, data: dict[str, Any]) -> Session:
    kept: Session = row
    kept.session_key = digest(kept.session_key)
    if data.get(SESSION_KEY):
        pk = get_user_model()._meta.pk
        assert pk is not None
        kept.user_id = pk.to_python(data[SESSION_KEY])
        began = data.get(BEGAN)
        kept.began_at = datetime.fromisoformat(began) if began else timezone.now()
        kept.agent = str(data.get(AGENT, ""))
    kept.seen_at = timezone.now()
    return kept


@receiver(user_logged_in, dispatch_uid="figpress.sessions")
def _began(sender: object, request: HttpRequest | None, **_: object) -> None:
    session = getattr(request, "session", None)
    if request is not None and session is not None:
        session[BEGAN] = timezone.now().isoformat()
        session[AGENT] = request.headers.get("User-Agent", "")[:200]
