"""What is sent in a window that asks for a mail address: it waits until its author follows the link in the mail."""

from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import IntegrityError, transaction
from django.http import Http404
from django.utils.translation import gettext as _

from feedback import blocks, comments, earlier, queries, reaching, terms
from feedback.enums import ItemState
from feedback.models import FeedbackItem, FeedbackUnconfirmed, FeedbackWindow
from feedback.notices import items as notices
from feedback.services import blocking, finality, items, judging, storing, telling
from feedback.services.items import OtherText, Receipt
from taskforce.audit import log
from taskforce.core.errors import Invalid, Refused
from taskforce.limits import mailboxes
from taskforce.questions.enums import PARAGRAPH
from taskforce.questions.forms import Answer
from taskforce.timeline import gates, windows
from taskforce.timeline import services as timeline
from taskforce.timeline.enums import Capability

# A mailbox that is told what becomes of a text, and the language in which.
Told = tuple[str, str]


def send_to_confirm(
    window_id: int,
    mailbox: str,
    *,
    form_key: gates.FormKey,
    language: str,
    visibility: str,
    name: str,
    answers: Iterable[Answer],
    suspected: bool = False,
    filled_in: timedelta | None = None,
    sender: str | None = None,
    unit_id: int | None = None,
    read_language: str = "",
    sent: Collection[str] = (),
    account_id: int | None = None,
    place: queries.Place | None = None,
) -> Receipt:
    """Keep what was said, and send a mail with the link that confirms it; raises what `submit` does. `account_id` as
    there: whoever is signed in, kept nowhere; `place` as there.

    It is judged now as if it were an item. Where the mailbox has had its mails of the day none goes out, and nothing
    tells so. `language` is that of the text, the mail is in `read_language`.

    `sent` are references that this browser has a receipt of: where the mailbox has confirmed one of these, this text
    needs no mail any more and is an item at once; where some wait for it, the mail for any of them confirms them all.
    """
    answered = [answer for answer in answers if answer.is_given]
    item = items.new_item(
        window_id,
        form_key.nonce,
        answered,
        language=language,
        visibility=visibility,
        name=name,
        unit_id=unit_id,
        mailbox=mailbox.lower(),
    )
    item.read_language = read_language
    place = place or queries.place(window_id, form_key.issued_at, form_key.nonce, unit_id)
    item.terms = terms.version(place.own_terms)
    if place.item_id:
        stored = FeedbackItem.objects.get(pk=place.item_id)
    elif place.waits and (found := earlier.unconfirmed(form_key.nonce)) is not None:
        stored = earlier.item_of(found)
    else:
        is_said_often = judging.judge(item, answered, is_trapped=suspected, filled_in=filled_in, waits=True)
        items.note_what_was_read(item, place)
        item.poster = blocks.mailbox(mailbox, place.task_force_id)
        if place.is_read_first:
            item.state = ItemState.HELD
        # For the mail, and before the gate.
        item.window = queries.window_numbered(window_id)
        keep = _store if earlier.is_confirmed_mailbox(item, sent) else partial(_keep, mailbox=mailbox)
        act = _Act(form_key, place, sender, sent, account_id, is_said_often)
        stored = _kept_once(partial(keep, item, answered, act), item)
    receipt = Receipt(stored, reaching.token_of(stored.form_key))
    if stored.fields_digest != item.fields_digest:
        raise OtherText(receipt)
    return receipt


@dataclass(frozen=True)
class _Act:
    """What comes with what is sent: see `send_to_confirm`."""

    form_key: gates.FormKey
    place: queries.Place
    sender: str | None
    sent: Collection[str]
    account_id: int | None
    is_said_often: bool


def _kept_once(keep: Callable[[], None], item: FeedbackItem) -> FeedbackItem:
    try:
        keep()
    except IntegrityError:
        # The same form was faster by a moment.
        if (stored := queries.item_by_form(item.form_key)) is not None:
            return stored
        found = earlier.unconfirmed(item.form_key)
        if found is None:
            raise
        return earlier.item_of(found)
    return item


def _entered(item: FeedbackItem, act: _Act) -> gates.Pass:
    """The gate, the block of an account (of a mailbox only whoever reads it is told), and the count of what looks like
    a machine's."""
    place = act.place
    if not place.has_unit:
        raise Invalid(_("This paragraph is not one of the text that the window is about."))
    passed = gates.enter(
        place.phase_id,
        Capability.FEEDBACK,
        form_key=act.form_key,
        taken=partial(queries.taken, place.phase_id),
        has_cap=place.has_cap,
    )
    blocking.require_free(place.task_force_id, blocks.poster(act.account_id), passed.at)
    if act.is_said_often:
        judging.hold_few_words(item, task_force_id=place.task_force_id, at=passed.at)
    judging.count(item, act.sender, task_force_id=place.task_force_id, at=passed.at)
    item.received_at, item.in_grace = passed.at, passed.in_grace
    return passed


@transaction.atomic
def _store(item: FeedbackItem, answered: list[Answer], act: _Act) -> None:
    """An item at once: the mailbox has confirmed what came from this browser a moment ago. Who asked to be told of that
    is told of this."""
    passed = _entered(item, act)
    who = blocks.poster(act.account_id, item.poster)
    items.store(item, answered, at=passed.at, task_force_id=act.place.task_force_id, who=who)
    if (told := reaching.told_of_browser(item, act.sent)) is not None:
        telling.keep(item, *told)
    if passed.fills and item.state == ItemState.PUBLISHED:
        timeline.close_full(passed)


@transaction.atomic
def _keep(item: FeedbackItem, answered: list[Answer], act: _Act, *, mailbox: str) -> None:
    """Gate, count, row, mail, audit row. What waits takes nobody's place."""
    passed = _entered(item, act)
    row = FeedbackUnconfirmed(
        window=item.window,
        form_key=item.form_key,
        fields_digest=item.fields_digest,
        token_hash=item.token_hash,
        said={name: getattr(item, name) for name in earlier.KEPT},
        answers=[
            {"question": comments.stored(one.question_id), "text": one.text, "choices": list(one.choices)}
            for one in answered
        ],
        sent_at=passed.at,
        in_grace=passed.in_grace,
        together=earlier.first_of_browser(item, act.sent),
        fingerprint=item.fingerprint,
    )
    line = log.record_with(
        "feedback.unconfirmed",
        FeedbackUnconfirmed,
        at=passed.at,
        actor_id=None,
        task_force_id=act.place.task_force_id,
        window=item.window_id,
        language=item.language,
        visibility=item.visibility,
    )
    storing.insert_row(row, line)
    # By what the portal allows any of its forms, of which this one asks nobody to prove anything first.
    if mailboxes.may_ask(mailbox, sender=act.sender, has_code=True):
        notices.confirm(row, mailbox, item.read_language or "en", at=passed.at)


@transaction.atomic
def send_again(row_id: int, mailbox: str, *, language: str, at: datetime, sender: str | None) -> None:
    """Send the mail with the link that confirms what waits once more, if it was sent with this `mailbox`.

    Counted as every mail that somebody who may be anybody asks for, whether it is the right one or not: nothing tells,
    neither by what is said nor by `TooOften`, whether it is, nor whether it has had its mails of the day. `Http404`
    where nothing waits any more, `Refused` where it has waited too long.
    """
    row = earlier.unconfirmed_to_change(row_id)
    if row is None:
        raise Http404
    if at >= earlier.confirmable_until(row.window):
        raise Refused(_too_late())
    may_go = mailboxes.may_ask(mailbox, sender=sender, has_code=True)
    if may_go and blocks.mailbox(mailbox, row.window.phase.task_force_id) == row.said.get("poster"):
        notices.confirm(row, mailbox, language, at=at)


def _too_late() -> str:
    return _("This link worked until %(days)d days after the close.") % {"days": earlier.CONFIRMABLE.days}


def confirm_all(
    row_id: int, *, upto: int, at: datetime, told: Told | None = None, account_id: int | None = None
) -> FeedbackItem:
    """Confirm what waits, and what else from the same browser waits for the same mailbox, as far as it was shown: up to
    the row `upto`. Raises what `confirm` does for the first; of the others what cannot be confirmed waits on. Of
    all of it `told` hears."""
    row = FeedbackUnconfirmed.objects.filter(pk=row_id).select_related("window").first()
    others = [one.pk for one in earlier.together_with(row) if one.pk <= upto] if row else []
    item = confirm(row_id, at=at, told=told, account_id=account_id)
    for other in others:
        with suppress(Http404, Refused):
            confirm(other, at=at, told=told, account_id=account_id)
    return item


@transaction.atomic
def confirm(row_id: int, *, at: datetime, told: Told | None = None, account_id: int | None = None) -> FeedbackItem:
    """Make an item of what waits, received when it was sent, and judged once more (`judging.judge_confirmed`). `told`
    are the mailbox where its author wants to hear what becomes of it, and the language of that.

    `account_id` is whoever is signed in where the link was followed, to be asked whether they are blocked.

    Raises `Http404` where nothing waits any more, `OtherText` where its form has brought an item elsewhere, `Refused`
    where it has waited too long, `Blocked` for whoever is. As staff may let stand more than the cap of a phase, so may
    its authors; one that takes the last place closes it.
    """
    window_id = FeedbackUnconfirmed.objects.values_list("window", flat=True).filter(pk=row_id).first()
    passed = _held(window_id) if window_id is not None else None
    if window_id is not None:
        # Not while somebody calls the text final, who counts what is public and what may still come.
        finality.hold_window(window_id)
    row = earlier.unconfirmed_to_change(row_id)
    if row is None:
        raise Http404
    if at >= earlier.confirmable_until(row.window):
        raise Refused(_too_late())
    if (before := queries.item_by_form(row.form_key)) is not None:
        # Sent to two windows in the same moment: what stands has the key, and what waits is not thrown away for it.
        raise OtherText(Receipt(before, reaching.token_of(before.form_key)))
    item = earlier.item_of(row)
    # Told here alone, to whoever reads the mailbox: who only types its address learns nothing about it.
    blocking.require_free(row.window.phase.task_force_id, blocks.poster(account_id, item.poster), at)
    answers = [Answer(one["question"] or PARAGRAPH, one["text"], tuple(one["choices"])) for one in row.answers]
    judging.judge_confirmed(item, answers, task_force_id=row.window.phase.task_force_id, at=at)
    row.delete()
    items.store(item, answers, at=at, task_force_id=row.window.phase.task_force_id)
    if told is not None:
        telling.keep(item, *told)
    is_full = passed and (passed.phase.cap or 0) <= queries.taken(passed.phase.pk)
    if passed and is_full and windows.is_open(passed.phase, passed.at):
        timeline.close_full(passed)
    return item


def _held(window_id: int) -> gates.Pass | None:
    """The window's phase, held so that nobody is blocked meanwhile; where it has a cap, so that nobody else takes a
    place in it: else None."""
    phase_id, cap = FeedbackWindow.objects.values_list("phase_id", "phase__cap").get(pk=window_id)
    if cap is not None:
        return gates.enter_exclusively(phase_id)
    blocking.hold(phase_id)
    return None


def drop_unconfirmed(row_id: int) -> bool:
    """Throw away what waits, by its author; whether it was there."""
    return bool(FeedbackUnconfirmed.objects.filter(pk=row_id).delete()[0])


def forget_unconfirmed(at: datetime) -> int:
    """Drop what nobody can confirm any more; returns how many."""
    old: Any = FeedbackUnconfirmed.objects.filter(window__phase__closes_at__lte=at - earlier.CONFIRMABLE)
    return int(old.delete()[0])
