"""Reports of readers: made by whoever reads, and closed by a decision of moderators. They do nothing by themselves."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from feedback import blocks, queries, reporting, rules
from feedback.enums import BrokenRule, ReportOutcome, Suspicion
from feedback.models import FeedbackItem, FeedbackReply, FeedbackReport
from feedback.services import as_read, blocking
from feedback.suspects import FASTEST
from taskforce.accounts.models import User
from taskforce.audit import log
from taskforce.core.errors import Conflict, Invalid, Refused
from taskforce.core.text import clean_text
from taskforce.limits import services as limits
from taskforce.limits import table
from taskforce.timeline import gates


@dataclass(frozen=True)
class Report:
    """What comes with the form of a report; `browser` is the secret that the browser sends its forms with ("": none),
    the rest as with a `Reply`."""

    form_key: gates.FormKey
    rule: str
    words: str = ""
    suspected: bool = False
    filled_in: timedelta | None = None
    browser: str = ""
    sender: str | None = None


def report(
    item_id: int, sent: Report, *, reporter: User | None, at: datetime, reply_id: int | None = None
) -> FeedbackReport:
    """Keep that somebody reports an item, or a reply to it, at any time; a second time is the first one.

    What the trap has caught is kept and brings nobody to look. Raises `Refused` for what nobody reads any more,
    `Blocked` for whoever is, `Invalid` for no rule or too many words, and `TooOften` (`REPORT`).
    """
    if sent.rule not in BrokenRule.values:
        raise Invalid(_("Please say which rule it breaks."))
    words = clean_text(sent.words, most=rules.REPORT_LENGTH)
    if len(words) > rules.REPORT_LENGTH:
        raise Invalid(_("Please use at most %(count)d characters.") % {"count": rules.REPORT_LENGTH})
    made = FeedbackReport(
        item_id=item_id,
        reply_id=reply_id,
        form_key=sent.form_key.nonce,
        rule=sent.rule,
        words=words,
        suspicion=_suspicion(sent),
        reporter=reporter,
        browser_hash="" if reporter else reporting.browser(sent.browser, item_id),
        at=at,
    )
    try:
        return _keep(made, sent.sender)
    except IntegrityError:
        # The same form, or the same person, at the same moment.
        before = _before(made)
        if before is None:
            raise
        return before


def _suspicion(sent: Report) -> str:
    if sent.suspected:
        return Suspicion.TRAP
    is_fast = sent.filled_in is not None and timedelta(0) <= sent.filled_in < FASTEST
    return Suspicion.FAST if is_fast else ""


@transaction.atomic
def _keep(made: FeedbackReport, sender: str | None) -> FeedbackReport:
    """Locks, block, count, row, audit row; under the lock of the item, so that no report waits for what is decided."""
    blocking.hold(FeedbackItem.objects.values_list("window__phase_id", flat=True).get(pk=made.item_id))
    item = queries.locked(made.item_id)
    reply = FeedbackReply.objects.filter(pk=made.reply_id, item=item).first() if made.reply_id else None
    before = _before(made)
    if before is not None:
        return before
    allowed, why_not = rules.may_be_reported(item, reply)
    if not allowed or (made.reply_id and reply is None):
        raise Refused(why_not)
    task_force_id = item.window.phase.task_force_id
    code = "" if made.reporter_id else blocks.network(sender, task_force_id)
    blocking.require_free(task_force_id, blocks.poster(made.reporter_id, code), made.at)
    if sender:
        limits.hit(table.REPORT, sender)
    made.save(force_insert=True)
    _record("feedback.reported", item, reply, made.at, rule=made.rule, suspicion=made.suspicion)
    return made


def _before(made: FeedbackReport) -> FeedbackReport | None:
    """What the same form, or the same person, has reported already."""
    about = FeedbackReport.objects.filter(item=made.item_id, reply=made.reply_id)
    found = FeedbackReport.objects.filter(form_key=made.form_key).first()
    if found is None and made.reporter_id:
        found = about.filter(reporter=made.reporter_id).first()
    if found is None and made.browser_hash:
        found = about.filter(browser_hash=made.browser_hash).first()
    return found


@transaction.atomic
def leave(
    item_id: int, *, note: str, actor: User, at: datetime, reply_id: int | None = None, seen: str | None = None
) -> int:
    """Let an item, or a reply to it, stand that was reported, with a `note` for staff if there is something to say;
    returns how many reports that closes.

    Hiding is another act (`moderate`, `moderate_reply`) and closes them too. Raises `Refused` for those who may not,
    `Conflict` where none waits any more, `OtherWords` as `moderate`.
    """
    item = queries.locked(item_id)
    reply = (
        FeedbackReply.objects.select_related("item__window__phase").get(pk=reply_id, item=item) if reply_id else None
    )
    allowed, why_not = rules.may_moderate(actor, reply or item, at)
    if not allowed:
        raise Refused(why_not)
    as_read.check(reply or item, seen)
    note = clean_text(note, most=rules.MODERATION_LENGTH)
    many = _close(reporting.open_of(item, reply), ReportOutcome.LEFT, at, actor.pk, note)
    if not many:
        raise Conflict(_("Nothing waits here any more: somebody has decided, or the text was withdrawn."))
    _record("feedback.reports-left", item, reply, at, actor_id=actor.pk, reason=note, count=many)
    return many


def end_with(item: FeedbackItem, at: datetime, by_id: int | None) -> None:
    """Close what waits of an item whose state was changed; of one that is withdrawn also what waits of its replies."""
    outcome = reporting.outcome_of(item.state)
    found = FeedbackReport.objects.filter(item=item, outcome="")
    if outcome:
        _close(found if outcome == ReportOutcome.GONE else found.filter(reply=None), outcome, at, by_id)


def end_with_reply(reply: FeedbackReply, at: datetime, by_id: int | None) -> None:
    """The same of a reply."""
    if outcome := reporting.outcome_of(reply.state):
        _close(FeedbackReport.objects.filter(reply=reply, outcome=""), outcome, at, by_id)


def forget_reports(at: datetime) -> int:
    """Forget who made reports, and in which words, that were closed long ago; returns how many."""
    old = FeedbackReport.objects.filter(closed_at__lte=at - reporting.KEPT)
    told = old.exclude(reporter=None, browser_hash="", words="")
    return told.update(reporter=None, browser_hash="", words="")


def _close(found: Any, outcome: str, at: datetime, by_id: int | None, note: str = "") -> int:
    by_id = None if outcome == ReportOutcome.GONE else by_id
    closed: int = found.update(outcome=outcome, closed_at=at, closed_by=by_id, note=note)
    return closed


def _record(
    action: str,
    item: FeedbackItem,
    reply: FeedbackReply | None,
    at: datetime,
    *,
    actor_id: int | None = None,
    **details: Any,
) -> None:
    """Without whoever reported: that stands in the row alone, and goes with it."""
    details = {name: value for name, value in details.items() if value}
    log.record(
        action,
        reply or item,
        at=at,
        actor_id=actor_id,
        task_force_id=item.window.phase.task_force_id,
        window=item.window_id,
        **details,
    )
