"""The second step of signing in: codes from an app (RFC 6238) and recovery codes. The only writer of both.

The rows are django-allauth's, which asks for a code at sign-in; which code counts, and that it counts once, is decided
here.
"""

import math
import unicodedata
from datetime import datetime
from typing import NamedTuple

from allauth.account.authentication import get_authentication_records
from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa import app_settings
from allauth.mfa.base.internal.flows import post_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _

from taskforce.accounts import notices, sealing
from taskforce.accounts.models import User
from taskforce.audit import log
from taskforce.core.errors import Conflict, Refused

_APP, _RECOVERY = Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES


# --- who has one, which session has passed it ------------------------------------------------------------------------


def has(user: User) -> bool:
    """Whether signing in asks this person for a second step."""
    return bool(Authenticator.objects.filter(user_id=user.pk, type=_APP).exists())


def is_due(user: User) -> bool:
    """Whether this person's roles want a second step that they have not set up yet.

    Till then whoever knows the password, and no more, could set up theirs and be staff; so it proves nothing.
    """
    return user.is_staff and not has(user)


def counted_as(user: User) -> str:
    """The key under which allauth's limits count the attempts at a person's codes."""
    return f"mfa-auth-user-{user.pk}"


def last_passed(request: HttpRequest) -> float | None:
    """When this session last passed a second step that its person still has: seconds since 1970, None for never.

    A second step that was removed counts no more, in no session, also if another has been set up since.
    """
    user = request.user
    records = [one for one in get_authentication_records(request, user) if one.get("method") == "mfa"]
    if not records:
        return None
    there = set(Authenticator.objects.filter(user_id=user.pk).values_list("pk", flat=True))
    return max((one["at"] for one in records if one.get("id") in there), default=None)


def note_passed(request: HttpRequest, passed: Authenticator) -> None:
    """This session has just passed it; with what it may do, the session's id changes."""
    post_authentication(request, passed)
    request.session.cycle_key()


# --- codes -----------------------------------------------------------------------------------------------------------


def step_of(secret: str, code: str) -> int | None:
    """The step of time (30 seconds, counted from 1970) whose code this is: now, or one before or after; else None."""
    typed = _in_ascii_digits(code)
    for step in totp.yield_hotp_counters_from_time():
        if compare_user_code(actual=typed, expected=totp.format_hotp_value(totp.hotp_value(secret, step))):
            return int(step)
    return None


def secret_of(user: User) -> str:
    """The secret of this person's app; "" where there is none, or none that can be read."""
    row = Authenticator.objects.filter(user_id=user.pk, type=_APP).first()
    try:
        return sealing.unseal(row.data["secret"]) if row else ""
    except sealing.Unreadable:
        return ""


class Shown(NamedTuple):
    """A code of an app that `use` would take; "" where all are used up, and the seconds until there is one."""

    code: str
    is_next: bool
    seconds: int


def shown(user: User, secret: str, *, at: datetime) -> Shown:
    """What somebody whose app has this secret can type: the code of now or, once that is used, the next one."""
    row = Authenticator.objects.filter(user_id=user.pk, type=_APP).first()
    last = row.data.get("last_step", -1) if row else -1
    steps = sorted(totp.yield_hotp_counters_from_time())
    now = steps[len(steps) // 2]
    left = [step for step in steps if step >= now and step > last]
    if left:
        return Shown(str(totp.format_hotp_value(totp.hotp_value(secret, left[0]))), left[0] != now, 0)
    works_from = (last + 1 - app_settings.TOTP_TOLERANCE) * app_settings.TOTP_PERIOD
    return Shown("", is_next=True, seconds=max(1, math.ceil(works_from - at.timestamp())))


def _in_ascii_digits(code: str) -> str:
    """The code as the app shows it, whichever digits the reader's keyboard has."""
    return "".join(str(unicodedata.decimal(sign, sign)) for sign in code)


@transaction.atomic
def use(user: User, code: str, *, at: datetime) -> Authenticator | None:
    """Use up a code from the app or a recovery code; None if it is neither, or was used before.

    Under the lock of the rows, so that one code opens one session whoever comes at once. Of the app's codes each must
    be later than the one before, so that none that somebody has seen works again while it is still shown.
    """
    rows = {row.type: row for row in Authenticator.objects.select_for_update().filter(user_id=user.pk).order_by("pk")}
    if _APP in rows and _use_step(rows[_APP], code):
        return rows[_APP]
    if _APP in rows and _RECOVERY in rows and _use_recovery_code(rows[_RECOVERY], code):
        log.record("second-factor.recovery-code-used", user, at=at, actor_id=user.pk)
        notices.recovery_code_used(user, left=_left(rows[_RECOVERY]), at=at)
        return rows[_RECOVERY]
    return None


def _use_step(row: Authenticator, code: str) -> bool:
    try:
        step = step_of(sealing.unseal(row.data["secret"]), code)
    except sealing.Unreadable:
        return False
    if step is None or step <= row.data.get("last_step", -1):
        return False
    row.data["last_step"] = step
    row.save(update_fields=["data"])
    return True


def _use_recovery_code(row: Authenticator, code: str) -> bool:
    codes = RecoveryCodes(row)
    try:
        found: bool = codes.validate_code(_in_ascii_digits(code))
    except sealing.Unreadable:
        return False
    row.data = codes.instance.data
    return found


def recovery_codes(user: User) -> list[str]:
    """Those that have not been used; empty where there are none, or none that can be read."""
    row = Authenticator.objects.filter(user_id=user.pk, type=_RECOVERY).first()
    try:
        return list(RecoveryCodes(row).get_unused_codes()) if row else []
    except sealing.Unreadable:
        return []


def codes_of(seed: str) -> list[str]:
    """The recovery codes that are made from a seed."""
    return list(RecoveryCodes(Authenticator(type=_RECOVERY, data=_recovery_data(seed))).generate_codes())


def recovery_codes_left(user: User) -> int:
    """How many have not been used."""
    row = Authenticator.objects.filter(user_id=user.pk, type=_RECOVERY).first()
    return _left(row) if row else 0


def _left(row: Authenticator) -> int:
    count: int = app_settings.RECOVERY_CODE_COUNT
    return count - int(row.data["used_mask"]).bit_count()


# --- changes ---------------------------------------------------------------------------------------------------------


@transaction.atomic
def activate(user_id: int, secret: str, *, step: int, at: datetime) -> Authenticator:
    """From now on signing in asks for a code of the app that has this secret; `step` is that of the code just typed.

    Makes recovery codes too, and tells the person by mail. Raises Conflict where there is one already.
    """
    user = User.objects.select_for_update().get(pk=user_id)
    if has(user):
        raise Conflict(_("Two-step sign-in is on already. To use another app, turn it off first."))
    row = _write(user, secret, RecoveryCodes.generate_seed(), step)
    log.record("second-factor.activated", user, at=at, actor_id=user.pk)
    notices.factor_on(user, at=at)
    return row


@transaction.atomic
def remove(user_id: int, *, at: datetime, actor_id: int | None) -> bool:
    """Signing in asks for no second step any more; tells the person by mail. False where there was none.

    What sessions have passed counts no more, so staff are outside the staff side with their next page.
    """
    user = User.objects.select_for_update().get(pk=user_id)
    gone, _by_model = Authenticator.objects.filter(user_id=user.pk).delete()
    if gone:
        log.record("second-factor.removed", user, at=at, actor_id=actor_id)
        notices.factor_off(user, at=at)
    return bool(gone)


@transaction.atomic
def renew_recovery_codes(user_id: int, *, at: datetime) -> Authenticator:
    """New recovery codes in place of all older ones; tells the person by mail. Raises Refused without an app."""
    user = User.objects.select_for_update().get(pk=user_id)
    if not has(user):
        raise Refused(_("Recovery codes belong to two-step sign-in. Turn it on first."))
    Authenticator.objects.filter(user_id=user.pk, type=_RECOVERY).delete()
    row = Authenticator.objects.create(user=user, type=_RECOVERY, data=_recovery_data(RecoveryCodes.generate_seed()))
    log.record("second-factor.recovery-codes", user, at=at, actor_id=user.pk)
    notices.recovery_codes_made(user, at=at)
    return row


@transaction.atomic
def give(user: User, secret: str, seed: str, *, at: datetime) -> Authenticator:
    """A second step with a known secret and known recovery codes, as the scenarios need it; no mail tells of it.

    One that the person has already stays.
    """
    there = Authenticator.objects.filter(user_id=user.pk, type=_APP).first()
    if there is not None:
        return there
    log.record("second-factor.activated", user, at=at, actor_id=None)
    return _write(user, secret, seed, -1)


def _write(user: User, secret: str, seed: str, step: int) -> Authenticator:
    data = {"secret": sealing.seal(secret), "last_step": step}
    app = Authenticator(user=user, type=_APP, data=data)
    Authenticator.objects.bulk_create([app, Authenticator(user=user, type=_RECOVERY, data=_recovery_data(seed))])
    return app


def _recovery_data(seed: str) -> dict[str, str | int]:
    return {"seed": sealing.seal(seed), "used_mask": 0}
