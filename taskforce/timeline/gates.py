"""The one gate that every submission and every change of a phase passes (DESIGN 4, The gate).

A submission holds a *shared* transaction lock on the phase, a change of the phase the *exclusive* one: so
"closed" and "submitted" cannot interleave, and writers do not queue behind each other. Everything slow
happens before.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache, partial
from secrets import token_urlsafe
from typing import Any, TypeVar

from django.core import signing
from django.db import connection
from django.db.models.base import ModelState
from django.http import Http404
from django.utils.translation import gettext as _

from taskforce.core import clock, locks
from taskforce.core.errors import Invalid, Refused
from taskforce.timeline import describe, windows
from taskforce.timeline.enums import ENDED
from taskforce.timeline.models import Phase, TaskForce

_M = TypeVar("_M", Phase, TaskForce)
_SIGNER = signing.Signer(salt="taskforce.timeline.form-key")
_KEY_LENGTH = 300
# Milliseconds that a statement inside the gate may take (settings: Patience says what else ends a stuck writer).
LONGEST_STATEMENT = 4000
# What decides, read in plain statements, since everybody who sends something in the last minute before a close asks for
# it. Titles and texts in every language, most of what a phase costs to read, are loaded where a refusal quotes them.
_DECIDES = tuple(field.attname for field in Phase._meta.concrete_fields if not field.name.startswith(("title", "text")))
_PHASE = f"""
SELECT {", ".join(f"phase.{name}" for name in _DECIDES)},
    task_force.id, task_force.state, task_force.ended_at, {locks.FOUND}, app_now()
FROM timeline_phase AS phase JOIN timeline_taskforce AS task_force ON task_force.id = phase.task_force_id
WHERE phase.id = %s AND phase.published_at IS NOT NULL
"""  # noqa: S608 - names of columns
# Where in a row of it that stands which was found on the way.
_AT_FOUND = -2
_CAP = "SELECT cap FROM timeline_phase WHERE id = %s AND published_at IS NOT NULL"


@dataclass(frozen=True)
class Pass:
    """The phase as it is under the lock, and the moment of the act on the portal's clock (UTC).

    `in_grace`: the act came after the shown close, by a form from before it, and its row is to be marked. `fills`: it
    takes the last place of a phase with a cap, so that whoever writes its row has to call `services.close_full`.
    `found` is what was asked on the way, before the lock (`enter`), as text; None: nothing.
    """

    phase: Phase
    at: datetime
    in_grace: bool = False
    fills: bool = False
    found: str | None = None


@dataclass(frozen=True)
class FormKey:
    """What makes one form one form: rows store `nonce`; `issued_at` is when the form was shown (UTC).

    It is the key of one phase: a form of another one does not open this one's grace.
    """

    nonce: str
    issued_at: datetime
    phase_id: int


def plan() -> None:
    """Have planned what `enter` asks where very many come at once; before the transaction."""
    locks.plan_share(_PHASE)


def plan_first(sql: str) -> None:
    """Have planned what `enter` is to ask on the way; before the transaction. Raises the database's error."""
    locks.plan_first(sql)


def enter(
    phase_id: int,
    capability: str,
    *,
    form_key: FormKey | None = None,
    taken: Callable[[], int] | None = None,
    has_cap: bool | None = None,
    is_planned: bool = False,
    first: locks.Then | None = None,
) -> Pass:
    """Let one act pass that needs an open phase with this capability; call it first in the transaction.

    After the close, until the grace is over, only an act with the key of a form that was shown while the phase was
    open passes. An act that takes a place gives `taken`, which counts the places that others have: where the phase
    has a cap, such acts come one by one, and no more than the cap. A published cap never changes, so whoever has read
    whether there is one says so (`has_cap`; None: it is asked). `is_planned`: whoever calls has called `plan`, and
    begins anew where the database knows nothing of it (`prepared.Lost`). `first` is a look at one value that goes to
    the database on the same way, before the lock, so that nobody waits for it: `Pass.found`. Raises `Refused` with
    reason and instants if it may not pass, RuntimeError outside a transaction.
    """
    if taken is not None and has_cap is None:
        has_cap = _has_cap(phase_id)
    # Whoever is inside has little time, since a closer waits for it.
    hold = locks.take if taken is not None and has_cap else partial(locks.share, is_planned=is_planned)
    also: dict[str, Any] = {"first": first} if first else {}
    row = hold(locks.Kind.PHASE, phase_id, hurry=LONGEST_STATEMENT, then=(_PHASE, [phase_id]), **also)
    phase, at = _glance(row)
    if phase.task_force.state in ENDED:
        raise Refused(describe.dropped_reason(), facts=describe.facts(phase, at))
    if capability not in phase.capabilities:
        raise Refused(_("This phase is not for what you want to send."), facts=describe.facts(phase, at))
    count = taken() if taken is not None and phase.cap is not None else None
    if count is not None and count >= (phase.cap or 0):
        raise Refused(describe.full_reason(_look(phase_id)[0], count), facts=describe.facts(phase, at))
    in_grace = form_key is not None and _is_in_time(form_key, phase, at)
    if not in_grace and not windows.is_open(phase, at):
        raise Refused(describe.closed_reason(_look(phase_id)[0], at), facts=describe.facts(phase, at))
    found = row[_AT_FOUND] if first and row else None
    return Pass(phase, at, in_grace, fills=count is not None and count + 1 == phase.cap, found=found)


def enter_again(phase_id: int, *, taken: Callable[[], int]) -> Pass:
    """Let pass what has passed as a part of something larger that was taken whole (the line of a table): whether the
    phase is open still is not asked again, whether it has a place is. `Pass.at` is now, not then; else as `enter`."""
    hold = locks.take if _has_cap(phase_id) else locks.share
    phase, at = _glance(hold(locks.Kind.PHASE, phase_id, hurry=LONGEST_STATEMENT, then=(_PHASE, [phase_id])))
    count = taken() if phase.cap is not None else None
    if count is not None and count >= (phase.cap or 0):
        raise Refused(describe.full_reason(_look(phase_id)[0], count), facts=describe.facts(phase, at))
    fills = count is not None and count + 1 == phase.cap and windows.is_open(phase, at)
    return Pass(phase, at, fills=fills)


def _has_cap(phase_id: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_CAP, [phase_id])
        return (cursor.fetchone() or [None])[0] is not None


def _is_in_time(form_key: FormKey, phase: Phase, at: datetime) -> bool:
    """Whether it is the grace now, and this form was shown while the phase was open."""
    was_open = windows.is_open(phase, form_key.issued_at)
    return form_key.phase_id == phase.pk and was_open and windows.is_in_grace(phase, at)


def enter_exclusively(phase_id: int) -> Pass:
    """Let one change of the phase itself pass, open or not: waits for acts under way, holds off new ones."""
    locks.take(locks.Kind.PHASE, phase_id)
    return Pass(*_look(phase_id))


def _look(phase_id: int) -> tuple[Phase, datetime]:
    """The phase, in a statement of its own: so it sees what was committed while the lock waited; and the moment."""
    phase = Phase.objects.select_related("task_force").filter(pk=phase_id, published_at__isnull=False).first()
    if phase is None:
        raise Http404
    return phase, clock.app_now()


def _glance(row: locks.Row | None) -> tuple[Phase, datetime]:
    """As `_look` from what `_PHASE` found, which came with the lock; of its texts nothing is read as long as nobody
    asks."""
    if row is None:
        raise Http404
    phase = _made(Phase, _DECIDES, row[: len(_DECIDES)])
    *of_task_force, _found, at = row[len(_DECIDES) :]
    phase.task_force = _made(TaskForce, ("id", "state", "ended_at"), of_task_force)
    return phase, at.astimezone(UTC)


def _made(model: type[_M], names: Sequence[str], values: Sequence[Any]) -> _M:
    """As `from_db`, which goes through all that it was not given too: more than half of the fields of a phase."""
    made = model.__new__(model)
    made.__dict__.update(zip(names, values, strict=True))
    made._state = ModelState()
    made._state.adding, made._state.db = False, connection.alias
    return made


def new_form_key(at: datetime, phase_id: int) -> str:
    """A signed key for a form of this phase that is shown at this moment."""
    return _SIGNER.sign_object([token_urlsafe(16), at.astimezone(UTC).isoformat(), phase_id])


def read_form_key(raw: str, phase_id: int) -> FormKey:
    """The key that came back with a form of this phase; forged, damaged, too long or of another phase: `Invalid`."""
    key = key_of_form(raw)
    if key is None or key.phase_id != phase_id:
        raise Invalid(_("The form's key is missing or damaged. Load the form again and send it once more."))
    return key


def phase_of_form(raw: str) -> int | None:
    """The id of the phase whose form came back with this key; None where the key is none of ours."""
    key = key_of_form(raw)
    return key.phase_id if key else None


def key_of_form(raw: str) -> FormKey | None:
    """The key that came back with a form of whatever phase; None where it is none of ours."""
    return _key(raw) if len(raw) <= _KEY_LENGTH else None


# Who finds the window asks for it, and then the form does.
@lru_cache(maxsize=64)
def _key(raw: str) -> FormKey | None:
    try:
        nonce, issued_at, phase_id = _SIGNER.unsign_object(raw)
        return FormKey(nonce, datetime.fromisoformat(issued_at), phase_id)
    except (signing.BadSignature, ValueError, TypeError):
        return None
