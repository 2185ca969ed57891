"""Replies to what was said, answers of staff among them, and what their authors do with them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from feedback import blocks, queries, responses, rules, suspects, transitions
from feedback.enums import NEARLY_THE_SAME, SLIGHT, ItemState, Suspicion
from feedback.models import FeedbackAppeal, FeedbackItem, FeedbackReply
from feedback.notices import moderation as moderation_notices
from feedback.notices import replies as reply_notices
from feedback.services import appeals, blocking, judging, reporting, storing
from feedback.services.steps import Why
from taskforce.accounts.models import User
from taskforce.audit import log
from taskforce.core import clock, keyed, states, tokens
from taskforce.core.errors import Conflict, Refused
from taskforce.core.text import clean_name, clean_text, digest
from taskforce.limits import services as limits
from taskforce.limits import table
from taskforce.timeline import gates
from taskforce.timeline.enums import Capability


@dataclass(frozen=True)
class Reply:
    """What comes with the form of a reply; `filled_in` is how long it was on a screen, `suspected` the first sign of a
    machine, `sender` the address that it came from (None: not counted)."""

    form_key: gates.FormKey
    language: str
    text: str
    name: str
    suspected: bool = False
    filled_in: timedelta | None = None
    sender: str | None = None


class OtherReply(Conflict):
    """A form that was accepted came again with other fields: the first reply stands."""

    title = gettext_lazy("This form was sent before")

    def __init__(self, stored: FeedbackReply) -> None:
        super().__init__(_("You have sent this form before, with another text. The first text stands."))
        self.stored = stored


def reply(item_id: int, sent: Reply, *, author: User) -> FeedbackReply:
    """Store what somebody says to an item while its window is open; the same form with the same fields is one reply.

    It is judged as items are, and held where it looks like a machine's. Raises `Refused` where the window is not open
    or the item does not stand, `TooOften` (`REPLY`), and `OtherReply`.
    """
    made = _made(item_id, sent, author)
    return _once(made) or _stored(made, sent)


def answer(item_id: int, sent: Reply, *, author: User) -> FeedbackReply:
    """The same for staff who answer for those who run the process: marked as theirs, judged by no machine, and at any
    time, also when the window has closed. `Refused` for who may not."""
    made = _made(item_id, sent, author)
    return _once(made) or _answered(made)


@transaction.atomic
def withdraw_reply(reply_id: int, *, author: User, at: datetime) -> FeedbackReply:
    """Withdraw one's own reply at any time; twice is the same as once. `Refused` for anybody else's."""
    found = locked(reply_id)
    if found.author_id != author.pk:
        raise Refused(_("This reply is not yours."))
    if found.state == ItemState.WITHDRAWN:
        return found
    found.name, found.fingerprint = "", []
    # As with items: what was hidden keeps rule and reason.
    was_hidden = found.state == ItemState.HIDDEN
    change(found, "withdraw", Why(at, found.state_reason, found.rule) if was_hidden else Why(at))
    appeals.end(FeedbackAppeal.objects.filter(reply=found), at)
    reporting.end_with_reply(found, at, None)
    moderation_notices.gone(moderation_notices.of_reply(found))
    record("feedback.reply-withdrawn", found, at, actor_id=None)
    return found


def _made(item_id: int, sent: Reply, author: User) -> FeedbackReply:
    """The row of a reply before anybody has looked at it."""
    name = clean_name(sent.name)
    fields = digest([item_id, author.pk, sent.language, sent.text, name])
    return FeedbackReply(
        item_id=item_id,
        reference=tokens.new_reference("R"),
        form_key=sent.form_key.nonce,
        # Keyed, as an item's: nobody who reads the database can try texts against it.
        fields_digest=keyed.hexdigest("feedback.reply-fields", fields),
        author=author,
        name=name,
        language=sent.language,
        text=clean_text(sent.text),
        state=ItemState.PUBLISHED,
    )


def _once(made: FeedbackReply) -> FeedbackReply | None:
    """What the same form brought before, if it says the same."""
    before = responses.reply_by_form(made.form_key)
    if before is not None and before.fields_digest != made.fields_digest:
        raise OtherReply(before)
    return before


def _stored(made: FeedbackReply, sent: Reply) -> FeedbackReply:
    item = FeedbackItem.objects.select_related("window").get(pk=made.item_id)
    _judge(made, item.window_id, sent)
    if item.window.is_read_first:
        made.state = ItemState.HELD
    try:
        return _let_in(made, item.window.phase_id, sent)
    except IntegrityError:
        before = _once(made)
        if before is None:
            raise
        return before


def _judge(made: FeedbackReply, window_id: int, sent: Reply) -> None:
    """Before the gate, so that nobody who closes the phase waits for it."""
    made.fingerprint = suspects.fingerprint([made.text])
    said = suspects.Said(window_id, [made.text], made.name, sent.suspected, sent.filled_in, [])
    made.suspicion = suspects.judged(said).sign
    if made.suspicion and made.suspicion not in SLIGHT:
        made.state = ItemState.HELD
    elif made.fingerprint and responses.is_near_another(window_id, made.fingerprint):
        made.suspicion = Suspicion.FAST_REPEATED if made.suspicion else Suspicion.REPEATED


@transaction.atomic
def _let_in(made: FeedbackReply, phase_id: int, sent: Reply) -> FeedbackReply:
    """Gate, item, counts, row, audit row."""
    passed = gates.enter(phase_id, Capability.FEEDBACK, form_key=sent.form_key)
    made.item = _item(made.item_id)
    limits.hit(table.REPLY, str(made.author_id))
    if made.suspicion in SLIGHT and not _is_one_of_few(made):
        made.state = ItemState.HELD
    made.received_at, made.in_grace = passed.at, passed.in_grace
    task_force_id, who = made.item.window.phase.task_force_id, blocks.poster(made.author_id)
    unless = blocks.places(task_force_id, who, passed.at)
    counted = judging.counting(sent.sender) if sent.sender and not made.suspicion else None
    done = _insert(made, task_force_id, unless, counted)
    if done is storing.Done.FULL:
        made.suspicion, made.state = Suspicion.MANY, ItemState.HELD
        done = _insert(made, task_force_id, unless)
    if done is not storing.Done.STORED:
        blocking.require_free(task_force_id, who, passed.at)
        raise Conflict(_("Somebody has changed this meanwhile. Please send it again."))
    _count(made.item_id)
    return made


def _insert(
    made: FeedbackReply,
    task_force_id: int,
    unless: Sequence[Any],
    counted: tuple[str, list[Any]] | None = None,
) -> storing.Done:
    """The row and its line in the log, unless somebody is blocked or the limit is reached."""
    made.was_public = made.state == ItemState.PUBLISHED
    line = log.record_with(
        "feedback.replied",
        FeedbackReply,
        at=made.received_at,
        actor_id=None,
        task_force_id=task_force_id,
        window=made.item.window_id,
        language=made.language,
        state=made.state,
        suspicion=made.suspicion,
        in_grace=made.in_grace,
    )
    return storing.insert_row(made, line, unless, counted)


def _is_one_of_few(made: FeedbackReply) -> bool:
    """Count a reply with a slight sign; whether so few have it in the window that it stands."""
    sign = Suspicion.REPEATED if made.suspicion in NEARLY_THE_SAME else Suspicion.FAST
    return limits.fits(table.ODD_REPLY, f"window {made.item.window_id} replies {sign}")


@transaction.atomic
def _answered(made: FeedbackReply) -> FeedbackReply:
    """An answer of staff: no gate, since these outlive the window."""
    made.item = _item(made.item_id)
    allowed, why_not = rules.may_reply_for_staff(made.author, made.item)
    if not allowed:
        raise Refused(why_not)
    # The same form at once: the item's lock has let the first one through.
    before = _once(made)
    if before is not None:
        return before
    made.is_answer = True
    made.received_at = clock.app_now()
    made.was_public = True
    made.save(force_insert=True)
    _count(made.item_id)
    record("feedback.answered", made, made.received_at, actor_id=made.author_id)
    reply_notices.answered(made, at=made.received_at)
    return made


def _item(item_id: int) -> FeedbackItem:
    """The item, which nobody else changes or replies to until the end of the transaction, if it can be replied to."""
    item = queries.locked(item_id)
    allowed, why_not = rules.may_be_replied_to(item)
    if not allowed:
        raise Refused(why_not)
    return item


def locked(reply_id: int) -> FeedbackReply:
    """A reply with its item, both locked: first the item, as whoever replies does."""
    item = queries.locked(FeedbackReply.objects.values_list("item_id", flat=True).get(pk=reply_id))
    found = FeedbackReply.objects.select_for_update().get(pk=reply_id)
    found.item = item
    return found


def change(found: FeedbackReply, action: str, why: Why) -> None:
    """Take a locked reply one step on; `Conflict` where its state has no such step."""
    found.state = states.step(transitions.ITEM, ItemState(found.state), action)
    found.state_at, found.state_reason = why.at, why.reason
    found.rule, found.moderator_id = why.rule, why.moderator_id
    found.was_public = found.was_public or found.state == ItemState.PUBLISHED
    found.save(
        update_fields=[
            *("state", "state_at", "state_reason", "rule", "moderator", "name", "fingerprint", "was_public"),
        ]
    )
    _count(found.item_id)


def _count(item_id: int) -> None:
    """The number of replies that stand, counted anew under the item's lock, so that it never drifts."""
    standing = FeedbackReply.objects.filter(item=OuterRef("pk"), state=ItemState.PUBLISHED).order_by()
    number = standing.values("item").annotate(number=Count("pk")).values("number")
    FeedbackItem.objects.filter(pk=item_id).update(replied=Coalesce(Subquery(number), 0))


def record(action: str, found: FeedbackReply, at: datetime, *, actor_id: int | None, **details: Any) -> None:
    """A row of the log. Who replied stands in the reply alone, as with items; who acted for staff stands here."""
    item = found.item
    log.record(
        action,
        found,
        at=at,
        actor_id=actor_id,
        task_force_id=item.window.phase.task_force_id,
        window=item.window_id,
        language=found.language,
        **details,
    )
