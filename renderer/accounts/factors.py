"""The verbs of a SecondFactor: begin, confirm, check a code, new recovery codes, switch off.

Tries are counted in the row, in the transaction that looks at the code, and not in Redis, without which nobody would
be limited: who has come so far knows the password, and six digits are soon guessed.
"""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Final

from django.db import transaction
from django.utils import timezone

from renderer import audit, vault
from renderer.accounts import totp
from renderer.models import SecondFactor
from renderer.models.audit import Action

if TYPE_CHECKING:
    from django.contrib.auth.models import User

clock: Final = time.time
TRIES: Final = 10
WINDOW: Final = 300
"""Ten codes in five minutes: who guesses day and night needs months, and leaves a line in the log each time."""


class TooMany(Exception):
    """No more codes are looked at for a while."""

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = seconds


def of(user: User) -> SecondFactor | None:
    """The second factor of a person, if they have confirmed one."""
    return SecondFactor.objects.filter(user=user, confirmed_at__isnull=False).first()


def begin(user: User) -> SecondFactor:
    """A secret for the app, which counts for nothing until it is confirmed. Again the same until then."""
    return SecondFactor.objects.get_or_create(user=user, defaults={"secret": totp.new_secret()})[0]


def confirm(user: User, code: str) -> list[str] | None:
    """Switch it on with a first code of the app. Returns the recovery codes, shown now and never again; None if the
    code is wrong. Raises TooMany."""
    with transaction.atomic():
        factor = _locked(user)
        if factor is None or factor.confirmed_at or not _is_right(factor, code, recovery=False):
            return None
        factor.confirmed_at = timezone.now()
        codes = _fill(factor)
        audit.note(Action.FACTOR_ON, user)
    return codes


def check(user: User, code: str) -> bool:
    """Whether a code is good: the app's of this moment, or a recovery code. It is good once. Raises TooMany."""
    with transaction.atomic():
        factor = _locked(user)
        return factor is not None and factor.confirmed_at is not None and _is_right(factor, code, recovery=True)


def renew(user: User) -> list[str]:
    """New recovery codes instead of those that are left. They are shown now and never again."""
    with transaction.atomic():
        factor = SecondFactor.objects.select_for_update().get(user=user, confirmed_at__isnull=False)
        codes = _fill(factor)
        audit.note(Action.CODES_MADE, user)
    return codes


def switch_off(user: User) -> bool:
    """Sign in with the password alone again. False if there was none."""
    with transaction.atomic():
        gone = bool(SecondFactor.objects.filter(user=user).delete()[0])
        if gone:
            audit.note(Action.FACTOR_OFF, user)
    return gone


def codes_left(factor: SecondFactor) -> int:
    """How many recovery codes are left."""
    return len(_codes(factor))


def _is_right(factor: SecondFactor, code: str, *, recovery: bool) -> bool:
    vault.known(factor.secret)  # an empty secret would be one that everybody knows
    now = int(clock())
    window = now // WINDOW
    tries = factor.tries if factor.window == window else 0
    if tries >= TRIES:
        raise TooMany(WINDOW - now % WINDOW)
    typed = totp.cleaned(code[:40])
    right = _spend_app_code(factor, typed, now) or (recovery and _spend_recovery_code(factor, typed))
    # A right code gives back no tries: else who knows one could go on guessing.
    factor.tries, factor.window = tries + (not right), window
    factor.save(update_fields=["tries", "window", "last_step", "codes"])
    return right


def _spend_app_code(factor: SecondFactor, code: str, now: int) -> bool:
    step = totp.step_of(factor.secret, code, now)
    if step is None or step <= factor.last_step:
        return False
    factor.last_step = step
    return True


def _spend_recovery_code(factor: SecondFactor, code: str) -> bool:
    left = _codes(factor)
    if (spent := totp.digest(code)) not in left:
        return False
    left.remove(spent)
    factor.codes = json.dumps(left)
    audit.note(Action.CODE_USED, factor.user, f"{len(left)} left", actor=factor.user)
    return True


def _fill(factor: SecondFactor) -> list[str]:
    codes = totp.new_codes()
    factor.codes = json.dumps([totp.digest(code) for code in codes])
    factor.save(update_fields=["codes", "confirmed_at"])
    return codes


def _codes(factor: SecondFactor) -> list[str]:
    found: list[str] = json.loads(factor.codes or "[]")
    return found


def _locked(user: User) -> SecondFactor | None:
    return SecondFactor.objects.select_for_update(of=("self",)).filter(user=user).select_related("user").first()
