"""Sessions in the database that end: after a while without use, after a while in any case, and when their owner wants.

``SESSION_ENGINE = "renderer.accounts.sessions"``; without use they end after Django's ``SESSION_COOKIE_AGE``, in any
case after ``FIGPRESS_SESSION_LIFE`` days. The key changes when somebody signs in, and a new password ends all others:
both are Django's doing.
"""

from __future__ import annotations

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


class SessionStore(DatabaseStore):
    """Django's, with whose session it is in a column."""

    @classmethod
    def get_model_class(cls) -> type[Session]:
        """Ours."""
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        """The row of these data."""
        row: Any = super().create_model_instance(data)
        return _with_owner(row, data)

    async def acreate_model_instance(self, data: dict[str, Any]) -> Any:
        """The same."""
        row: Any = await super().acreate_model_instance(data)
        return _with_owner(row, data)

    def _get_session_from_db(self) -> Any:
        return self._living(super()._get_session_from_db())  # type: ignore[misc]  # not in the stubs

    async def _aget_session_from_db(self) -> Any:
        return self._living(await super()._aget_session_from_db())  # type: ignore[misc]  # not in the stubs

    def _living(self, row: Session | None) -> Session | None:
        if row is None:
            return None
        now = timezone.now()
        if row.began_at and row.began_at < now - life():
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
    """Sign a person out everywhere but in one session. Returns how many ended."""
    return Session.objects.filter(user=user).exclude(session_key=current or "").delete()[0]


def _with_owner(row: Session, data: dict[str, Any]) -> Session:
    if data.get(SESSION_KEY):
        pk = get_user_model()._meta.pk
        assert pk is not None
        row.user_id = pk.to_python(data[SESSION_KEY])
        began = data.get(BEGAN)
        row.began_at = datetime.fromisoformat(began) if began else timezone.now()
        row.agent = str(data.get(AGENT, ""))
    row.seen_at = timezone.now()
    return row


@receiver(user_logged_in, dispatch_uid="figpress.sessions")
def _began(sender: object, request: HttpRequest | None, **_: object) -> None:
    session = getattr(request, "session", None)
    if request is not None and session is not None:
        session[BEGAN] = timezone.now().isoformat()
        session[AGENT] = request.headers.get("User-Agent", "")[:200]
