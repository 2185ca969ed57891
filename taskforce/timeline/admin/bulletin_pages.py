"""What the page of a mail to followers shows and does; its frame is in `bulletins.py`."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from taskforce.accounts.models import User
from taskforce.core import side_by_side
from taskforce.core.clock import app_now
from taskforce.core.errors import Conflict, PortalError, Refused
from taskforce.notifications import kinds, previews
from taskforce.notifications.enums import MailingState, MessageState
from taskforce.notifications.models import Mailing
from taskforce.notifications.queries import is_held
from taskforce.timeline import bulletin_rules as rules
from taskforce.timeline.admin import kept
from taskforce.timeline.bulletin_forms import ActForm, SendForm, TestForm
from taskforce.timeline.enums import BulletinState
from taskforce.timeline.models import Bulletin
from taskforce.timeline.notices import bulletins as notices
from taskforce.timeline.queries import bulletins as queries
from taskforce.timeline.queries import reach
from taskforce.timeline.queries.brake import can_be_stopped
from taskforce.timeline.queries.reach import Reach
from taskforce.timeline.services import bulletins as services
from taskforce.timeline.transitions import BULLETIN

GONE = frozenset({BulletinState.SENT, BulletinState.STOPPED})


class Forms(NamedTuple):
    """The forms of the page; the ones of the act that was sent are bound."""

    act: ActForm
    test: TestForm
    send: SendForm


class Done(NamedTuple):
    """An act that succeeded: on which bulletin the reader goes on, and what to say."""

    act: str
    bulletin: Bulletin
    message: Any


def can(bulletin: Bulletin, action: str) -> bool:
    """Whether its state has this step."""
    state = bulletin.state
    if action == "leave-out" and not services.copied(bulletin):
        return False
    if action == "edit" and state == BulletinState.OFFERED:
        return True  # It is taken back first.
    return (state, action) in BULLETIN


def followers_of(bulletin: Bulletin) -> int:
    """How many followers the second person sent it to."""
    return (bulletin.followers_at_once or 0) + (bulletin.followers_daily or 0)


def mailing_of(bulletin: Bulletin) -> Mailing | None:
    """What its sending has made."""
    return Mailing.objects.filter(pk=bulletin.mailing_id).first() if bulletin.mailing_id else None


# --- acts ------------------------------------------------------------------------------------------------------------


def forms(bulletin: Bulletin, language: str, data: Any = None) -> Forms:
    """The forms, with what was sent (`data`) where something was."""
    act = (data or {}).get("act", "")
    count, readers = _counts(bulletin) if can(bulletin, "send") else (0, None)
    test = TestForm(data) if act == "test" else TestForm(initial={"language": language})
    return Forms(ActForm(data), test, SendForm(count, data if act == "send" else None, readers))


def _counts(bulletin: Bulletin) -> tuple[int, int | None]:
    """How many follow; for a correction also how many of them know what it corrects."""
    at = app_now()
    count = services.readers_now(bulletin, at, everybody=True).total
    return count, services.readers_now(bulletin, at, everybody=False).total if notices.readers_of(bulletin) else None


def act(user: User, bulletin: Bulletin, sent: Forms) -> tuple[Done | None, PortalError | None]:
    """Do what was sent; a refusal comes back to be shown on the page, (None, None) means an error at a field."""
    if not sent.act.is_valid():
        return None, _out_of_date()
    name = sent.act.cleaned_data["act"]
    try:
        return _ACTS[name](user, bulletin, sent), None
    except _FieldError:
        return None, None
    except Refused:
        raise
    except PortalError as refusal:
        return None, refusal


def needs_proof(data: Any) -> bool:
    """Whether what was sent goes out to people, so that it wants a fresh proof of who sends it."""
    return bool(data.get("act") == "send")


def _out_of_date() -> Conflict:
    return Conflict(_("This page is out of date. Nothing was done; look once more."))


class _FieldError(Exception):
    """Something is wrong at a field; the form says what."""


def _test(user: User, bulletin: Bulletin, sent: Forms) -> Done:
    if not sent.test.is_valid():
        raise _FieldError
    language = sent.test.cleaned_data["language"]
    made = services.test(bulletin.pk, language=language, actor=user, version=_version(sent))
    return Done("test", made, _("The test goes to %(mailbox)s.") % {"mailbox": user.email})


def _send(user: User, bulletin: Bulletin, sent: Forms) -> Done:
    if not sent.send.is_valid():
        allowed, why = rules.may(user, "send", bulletin)
        if not allowed:
            raise Refused(why)
        if sent.send.is_damaged:
            raise _out_of_date()
        raise _FieldError
    made = services.send(bulletin.pk, actor=user, version=_version(sent), **sent.send.chosen())
    message = _("The mail is on its way. While it is, it can be stopped here.")
    if is_held():
        message = _("The mail waits, since all mail is on hold. While it does, it can be stopped here.")
    return Done("send", made, message)


def _offer(user: User, bulletin: Bulletin, sent: Forms) -> Done:
    made = services.offer(bulletin.pk, actor=user, version=_version(sent))
    return Done("offer", made, _("The mail waits for a second person, who reads and sends it."))


def _leave_out(user: User, bulletin: Bulletin, sent: Forms) -> Done:
    made = services.leave_out(bulletin.pk, actor=user, version=_version(sent))
    return Done("leave-out", made, _("These languages are left out."))


def _simple(name: str, service: Callable[..., Bulletin], message: Any) -> Callable[[User, Bulletin, Forms], Done]:
    """An act that needs nothing but its actor."""
    return lambda user, bulletin, _sent: Done(name, service(bulletin.pk, actor=user), message)


def _version(sent: Forms) -> int:
    found: int = sent.act.cleaned_data["version"]
    return found


_ACTS: dict[str, Callable[[User, Bulletin, Forms], Done]] = {
    "leave-out": _leave_out,
    "test": _test,
    "offer": _offer,
    "send": _send,
    "take-back": _simple("take-back", services.take_back, gettext_lazy("The mail is a draft again.")),
    "stop": _simple("stop", services.stop, gettext_lazy("The mail is stopped: no more of it is begun.")),
    "correct": _simple("correct", services.correct, gettext_lazy("This is the draft of the correction.")),
    "drop": _simple("drop", services.drop, gettext_lazy("The mail is dropped.")),
}


# --- what is shown ---------------------------------------------------------------------------------------------------


def context(user: Any, bulletin: Bulletin, language: str) -> dict[str, Any]:
    """Everything that the page says, for this reader at this moment."""
    mailing, made, at = mailing_of(bulletin), partial(notices.mail_context, bulletin), app_now()
    found = reach.of(mailing, at) if mailing else None
    stoppable = mailing is not None and can_be_stopped(mailing, at, found)
    preview = previews.of_text(mailing, kinds.get(notices.BULLETIN), made, language, bulletin.topic)
    shown: dict[str, Any] = {
        "mail": preview.mail,
        "kept_note": kept.note(mailing, preview, at) if mailing else "",
        "may": {
            action.replace("-", "_"): _is_open(user, bulletin, action, stoppable=stoppable) for action in rules.ACTIONS
        },
        "why_not_send": _why_not(user, bulletin, "send"),
        "why_not_offer": _why_not(user, bulletin, "offer"),
        "is_tested": services.is_tested(bulletin, user),
        "tests": notices.tests_of(bulletin),
        "is_sendable": services.is_sendable(bulletin),
        "corrections": bulletin.corrections.all(),
        "mailbox": user.email,
    }
    return shown | (_progress(bulletin, found) if bulletin.state in GONE else _readers(bulletin, at))


def _readers(bulletin: Bulletin, at: datetime) -> dict[str, Any]:
    """Who would get it, in which language and at which pace; a correction beside all who follow."""
    readers = services.readers_now(bulletin, at, everybody=False)
    followers = services.readers_now(bulletin, at, everybody=True) if bulletin.corrects else readers
    rows = side_by_side.readers(bulletin, services.HEAD, readers.by_language, bulletin.corrects)
    for row in rows:
        row["at_once"], row["daily"] = readers.at_once[row["code"]], readers.daily[row["code"]]
        row["all"] = followers.by_language.get(row["code"], 0)
    fallback = [row for row in rows if row["followers"] and not row["complete"] and not row["copied"]]
    return {
        "copied": [row for row in rows if row["copied"]],
        "readers": rows,
        "totals": {"at_once": readers.at_once.total(), "daily": readers.daily.total(), "all": followers.total},
        "fallback": fallback,
        "fallback_total": sum(row["followers"] for row in fallback),
    }


def _is_open(user: Any, bulletin: Bulletin, action: str, *, stoppable: bool) -> bool:
    if action == "correct" and services.open_correction(bulletin) is not None:
        return False
    if action == "stop" and not stoppable:
        return False
    return can(bulletin, action) and rules.may(user, action, bulletin)[0]


def _why_not(user: Any, bulletin: Bulletin, action: str) -> str:
    """Why this reader may not do what the state would allow; "" where they may, or where it does not arise."""
    return rules.may(user, action, bulletin)[1] if can(bulletin, action) else ""


def _progress(bulletin: Bulletin, found: Reach | None) -> dict[str, Any]:
    """What became of its mails, by state and language."""
    progress = queries.progress(bulletin.mailing_id or 0)
    mailing = mailing_of(bulletin)
    states = [state for state in MessageState if progress.by_state[state]]
    written = progress.by_state.total()
    return {
        "progress": progress,
        "states": [(state.label, progress.by_state[state]) for state in states],
        "by_language": [
            (side_by_side.own_name(code), [(state.label, counted[state]) for state in states], counted.total())
            for code, counted in progress.by_language.items()
        ],
        "written": written,
        "gone": progress.of(MessageState.SENT),
        "stopped": progress.of(MessageState.SUPERSEDED),
        "unknown": progress.of(MessageState.UNKNOWN),
        "under_way": progress.of(MessageState.SENDING),
        "failed": progress.of(MessageState.FAILED, MessageState.EXPIRED),
        # A mailing that was stopped while its mails were being written has none for the others.
        "never_written": max(0, (bulletin.followers_at_once or 0) - written),
        "is_writing": mailing is not None and mailing.state == MailingState.QUEUED,
        "reach": found,
    }
