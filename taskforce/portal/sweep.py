"""One pass of every due thing; called by beat's task and by `manage.py sweep`, and safe to run any number of times."""

import logging
from collections.abc import Callable
from datetime import datetime

from django.core.cache import cache

from feedback import services as feedback
from feedback.services import sheets, summaries
from proposals.services import keeping
from recruitment import services as recruitment
from taskforce.accounts import services as accounts
from taskforce.core import locks
from taskforce.core.clock import app_now, real_now
from taskforce.limits import services as limits
from taskforce.notifications import expansion
from taskforce.portal import numbers
from taskforce.timeline import services as timeline

logger = logging.getLogger(__name__)
Step = Callable[[datetime], int]
# When a pass last came to its end, in the cache that lies in the database: a small flag, for the health page.
_LAST = "sweep.last"


def _events(at: datetime) -> int:
    return timeline.notice_due(at, numbers.final)


def _mailings(at: datetime) -> int:
    return expansion.expand_due()


def _counters(at: datetime) -> int:
    return limits.forget_old()


def _sign_ins(at: datetime) -> int:
    return accounts.forget_sign_ins()


def _taken_back(at: datetime) -> int:
    return expansion.clear_superseded()


# In this order: what one step causes, the next finds.
STEPS: tuple[tuple[str, Step], ...] = (
    ("events noticed", _events),
    ("summaries reminded of", summaries.remind),
    ("applicants reminded of drafts", recruitment.remind),
    ("daily mails written", timeline.send_digests),
    ("mails taken back", _taken_back),
    ("mails queued", _mailings),
    ("unanswered questions forgotten", timeline.forget_unanswered),
    ("old counters forgotten", _counters),
    ("ended invitations forgotten", accounts.forget_invitations),
    ("old unsaved translations forgotten", keeping.forget_old),
    ("old drafts of feedback forgotten", feedback.forget_drafts),
    ("feedback that nobody confirmed forgotten", feedback.forget_unconfirmed),
    ("addresses of authors forgotten", feedback.forget_told),
    ("codes of who posted feedback forgotten", feedback.forget_posters),
    ("who reported feedback forgotten", feedback.forget_reports),
    ("ended sign-ins forgotten", _sign_ins),
    ("unconfirmed accounts forgotten", accounts.forget_unconfirmed),
    ("lines of tables entered", sheets.enter_due),
    ("old tables forgotten", sheets.forget_old),
)


def run() -> dict[str, int | None]:
    """Do what is due now; returns how much of each was done, in order, None for a step that failed (see the log).

    No step holds up another. A step that another pass is at, is left to it: that only saves work, what must happen
    once is made sure by each step itself.
    """
    done: dict[str, int | None] = {}
    for number, (name, step) in enumerate(STEPS, start=1):
        with locks.alone(locks.Kind.SWEEP, number) as mine:
            done[name] = _do(name, step) if mine else 0
    cache.set(_LAST, real_now().isoformat(), timeout=None)
    return done


def last_pass() -> datetime | None:
    """When a pass last came to its end (real time); None where nobody knows."""
    noted = cache.get(_LAST)
    return datetime.fromisoformat(noted) if noted else None


def _do(name: str, step: Step) -> int | None:
    try:
        return step(app_now())
    except Exception:
        logger.exception("a step of the sweep failed", extra={"step": name})
        return None
