"""The one gate that every submission and every change of a phase passes (DESIGN 4, The gate).

A submission holds a *shared* transaction lock on the phase, a change of the phase the *exclusive* one: so
"closed" and "submitted" cannot interleave, and writers do not queue behind each other. Everything slow
happens before.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from secrets import token_urlsafe

from django.core import signing
from django.http import Http404
from django.utils.translation import gettext as _

from taskforce.core import clock, locks
from taskforce.core.errors import Invalid, Refused
from taskforce.timeline import describe, windows
from taskforce.timeline.enums import TaskForceState
from taskforce.timeline.models import Phase

_SIGNER = signing.Signer(salt="taskforce.timeline.form-key")
_KEY_LENGTH = 300
_OVER = frozenset({TaskForceState.ENDED, TaskForceState.CANCELLED})


@dataclass(frozen=True)
class Pass:
    """The phase as it is under the lock, and the moment of the act on the portal's clock (UTC)."""

    phase: Phase
    at: datetime


@dataclass(frozen=True)
class FormKey:
    """What makes one form one form: rows store `nonce`; `issued_at` is when the form was shown (UTC)."""

    nonce: str
    issued_at: datetime


def enter(phase_id: int, capability: str) -> Pass:
    """Let one act pass that needs an open phase with this capability; call it first in the transaction.

    Raises `Refused` with reason and instants if it is not open, RuntimeError outside a transaction.
    """
    locks.share(locks.Kind.PHASE, phase_id)
    passed = _look(phase_id)
    phase, at = passed.phase, passed.at
    if phase.task_force.state in _OVER:
        raise Refused(_("This task force has ended, so nothing more can be sent."), facts=describe.facts(phase, at))
    if capability not in phase.capabilities:
        raise Refused(_("This phase is not for what you want to send."), facts=describe.facts(phase, at))
    if not windows.is_open(phase, at):
        raise Refused(describe.closed_reason(phase, at), facts=describe.facts(phase, at))
    return passed


def enter_exclusively(phase_id: int) -> Pass:
    """Let one change of the phase itself pass, open or not: waits for acts under way, holds off new ones."""
    locks.take(locks.Kind.PHASE, phase_id)
    return _look(phase_id)


def _look(phase_id: int) -> Pass:
    """The phase, in a statement of its own: so it sees what was committed while the lock waited."""
    phase = Phase.objects.select_related("task_force").filter(pk=phase_id, published_at__isnull=False).first()
    if phase is None:
        raise Http404
    return Pass(phase, clock.app_now())


def new_form_key(at: datetime) -> str:
    """A signed key for a form that is shown at this moment."""
    return _SIGNER.sign_object([token_urlsafe(16), at.astimezone(UTC).isoformat()])


def read_form_key(raw: str) -> FormKey:
    """The key that came back with a form; forged, damaged or too long: `Invalid`."""
    try:
        if len(raw) > _KEY_LENGTH:
            raise signing.BadSignature
        nonce, issued_at = _SIGNER.unsign_object(raw)
        return FormKey(nonce, datetime.fromisoformat(issued_at))
    except (signing.BadSignature, ValueError, TypeError):
        raise Invalid(_("The form's key is missing or damaged. Load the form again and send it once more.")) from None
