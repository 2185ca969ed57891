"""Items: what somebody said, and what becomes of it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import DatabaseError, IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from feedback import blocks, earlier, queries, reading, terms
from feedback.enums import Channel, ItemState, Participation, Visibility
from feedback.models import FeedbackItem, FeedbackWindow
from feedback.notices import moderation as moderation_notices
from feedback.reaching import token_of
from feedback.services import appeals, blocking, judging, steps, storing, telling
from taskforce.audit import log
from taskforce.core import keyed, prepared, tokens
from taskforce.core.errors import Conflict, Invalid, Refused, TooOften
from taskforce.core.text import clean_name, digest
from taskforce.questions.forms import Answer
from taskforce.timeline import gates
from taskforce.timeline import services as timeline
from taskforce.timeline.enums import Capability

# Shorter words ("Yes.", "I agree.") may be two people's at one device.
OWN_WORDS = 20


@dataclass(frozen=True)
class Receipt:
    """An item that is stored, and the secret of the link to it; `was_sent` if an earlier form had brought it."""

    item: FeedbackItem
    token: str
    was_sent: bool = False


class OtherText(Conflict):
    """A form that was accepted came again with other fields: the first text stands, `receipt` leads to it."""

    title = gettext_lazy("This form was sent before")

    def __init__(self, receipt: Receipt) -> None:
        super().__init__(_("You have sent this form before, with another text. The first text stands."))
        self.receipt = receipt


class OtherAccount(Conflict):
    """A form that was accepted came again from another account: nothing of the first one is shown to it."""

    title = gettext_lazy("This form was sent from another account")

    def __init__(self) -> None:
        super().__init__(
            _("This form was sent from another account before. Your text is still here: please send it again.")
        )


class OverButSent(Refused):
    """Nothing can be said any more, but these words were: `receipt` leads to them."""

    def __init__(self, refusal: Refused, receipt: Receipt) -> None:
        super().__init__(refusal.message, facts=refusal.facts)
        self.receipt = receipt


def submit(
    window_id: int,
    *,
    form_key: gates.FormKey,
    language: str,
    visibility: str,
    name: str,
    answers: Iterable[Answer],
    suspected: bool = False,
    filled_in: timedelta | None = None,
    sender: str | None = None,
    sent: Collection[str] = (),
    unit_id: int | None = None,
    read_language: str = "",
    author_id: int | None = None,
    account_id: int | None = None,
    place: queries.Place | None = None,
) -> Receipt:
    """Store what was said, if the window is open; the same form with the same fields is the same receipt. Where the
    window asks for a mail address it is `Refused`: `confirming.send_to_confirm` takes it there.

    `sent` are references that this browser has a receipt of: the same words on the same revision in another form
    are the text that is there already (somebody went back and pressed "Send" again), and lead to its receipt.
    What looks like a machine's (`suspects`; `suspected` is its first sign, `filled_in` how long the form was on a
    screen, None: not judged) is stored all the same and held: people read it before anybody else can. Slight signs are
    noted; where many come to a window at once, all of these are held. In a window that says so everything is.

    Raises `Refused` when the window is not open (`OverButSent` for words that are there already), `TooOften` when the
    address `sender` (None: not counted) has sent too much that is held (`HELD_FEEDBACK`), and `OtherText` when the
    form was accepted with other fields; a form that was accepted before keeps its receipt, whatever else has changed,
    but for its own account alone: `OtherAccount` for another.
    The fields come from a valid form. `unit_id` is the paragraph that it is about (None: the whole text); `Invalid`
    for one that the window's text never had. `author_id` is the account of whoever is signed in: kept only where the
    window asks for one, and there it is `Refused` without. `read_language` is the language of the page with the form
    ("": not known). `account_id` is whoever is signed in, to be asked whether they are blocked, and kept nowhere:
    `blocks.Blocked` for whoever is. `place` is that of this form and paragraph, where it is known (None: it is asked).
    """
    answered = [answer for answer in answers if answer.is_given]
    item = new_item(
        window_id, form_key.nonce, answered, language=language, visibility=visibility, name=name, unit_id=unit_id
    )
    item.read_language = read_language
    place = place or queries.place(window_id, form_key.issued_at, form_key.nonce, unit_id)
    item.terms = terms.version(place.own_terms)
    item.author_id = _author_in(place, author_id)
    stored = _brought_before(place, form_key.nonce)
    if stored is None:
        is_said_often = judging.judge(item, answered, is_trapped=suspected, filled_in=filled_in, is_compared_later=True)
        who = _note_around(item, place, sender, author_id or account_id)
        stored = _stored_once(item, _Act(answered, form_key, sender, sent, place, who, is_said_often))
    return _receipt(item, stored)


def _brought_before(place: queries.Place, nonce: str) -> FeedbackItem | None:
    """What the same form has brought already, as far as that is known before the gate."""
    if place.item_id:
        return FeedbackItem.objects.get(pk=place.item_id)
    # Another window of the phase, which asks for a mail address, may have had the form.
    waiting = earlier.unconfirmed(nonce) if place.waits else None
    return earlier.item_of(waiting) if waiting else None


def _note_around(item: FeedbackItem, place: queries.Place, sender: str | None, user_id: int | None) -> blocks.Poster:
    """Note what was read, whether people read it first, and from where it came; whoever posts it."""
    note_what_was_read(item, place)
    if place.is_read_first:
        item.state = ItemState.HELD
    if item.author_id is None:
        item.poster = blocks.network(sender, place.task_force_id)
    return blocks.poster(user_id, item.poster)


def _receipt(item: FeedbackItem, stored: FeedbackItem) -> Receipt:
    """That of what is stored, for whoever sent `item`: none for another account, and with other fields a refusal."""
    if stored.author_id != item.author_id:
        raise OtherAccount
    receipt = Receipt(stored, token_of(stored.form_key), was_sent=stored.form_key != item.form_key)
    if stored.fields_digest != item.fields_digest:
        raise OtherText(receipt)
    return receipt


def new_item(
    window_id: int,
    nonce: str,
    answered: list[Answer],
    *,
    language: str,
    visibility: str,
    name: str,
    unit_id: int | None,
    mailbox: str = "",
) -> FeedbackItem:
    """What a form has brought, not stored: of the fields that make it the same form, `mailbox` is one where there is
    one."""
    item = FeedbackItem(
        window_id=window_id,
        form_key=nonce,
        token_hash=tokens.hashed(token_of(nonce)),
        reference=tokens.new_reference("F"),
        unit_id=unit_id,
        language=language,
        channel=Channel.WEB,
        visibility=visibility,
        # A name that nobody is to read is better not kept at all.
        name="" if visibility == Visibility.NAMELESS else clean_name(name),
        state=ItemState.PUBLISHED,
    )
    item.fields_digest = _fields_digest(item, name, answered, mailbox)
    return item


def _author_in(place: queries.Place, author_id: int | None) -> int | None:
    """The account that is kept with an item: none where nobody needs one, so that nothing leads to whoever has one."""
    if place.participation == Participation.ANYBODY:
        return None
    if place.participation == Participation.MAIL:
        raise Refused(_("This window asks for a mail address: load it again and send your text from there."))
    if author_id is None:
        raise Refused(_("You need an account to say something here: sign in first."))
    return author_id


def own_link(item: FeedbackItem) -> str:
    """The secret of the link to an item, for its author alone."""
    return token_of(item.form_key)


def note_what_was_read(item: FeedbackItem, place: queries.Place) -> None:
    """Note the revision that stood when the form was shown, and how it stood in the reader's language. All that is of
    the past and does not change, so it is asked for before the gate."""
    item.revision_id = place.revision_id
    item.read_state, item.read_percent = reading.read(place.revision_id, item.read_language, item.unit_id)


# A statement and its values.
Asked = tuple[str, list[Any]]


class _NotCompared(Exception):
    """On the way to the gate it could not be found out what a text is like: that is asked for itself, and it is sent
    again."""


@dataclass(frozen=True)
class _Act:
    """What comes with an item that is to be stored: see `submit`."""

    answers: list[Answer]
    form_key: gates.FormKey
    sender: str | None
    sent: Collection[str]
    place: queries.Place
    who: blocks.Poster
    is_said_often: bool
    to_compare: Asked | None = None


def _stored_once(item: FeedbackItem, act: _Act) -> FeedbackItem:
    """The item as stored now, or the one that the same form made in the meantime."""
    gates.plan()
    storing.plan(len(act.answers))
    act = replace(act, to_compare=judging.to_compare(item))
    try:
        return _begun_anew(item, act)
    except blocks.Blocked:
        raise
    except Refused as refusal:
        before = _waited_for(item.window_id, act.form_key)
        if before is None:
            again = _said_before(item, act)
            raise (OverButSent(refusal, Receipt(again, token_of(again.form_key))) if again else refusal) from None
    except (IntegrityError, TooOften):
        # No lock here: the insert, or the sender's counter, has waited for the first post already.
        before = queries.item_by_form(act.form_key.nonce)
        if before is None:
            raise
    return before


def _begun_anew(item: FeedbackItem, act: _Act) -> FeedbackItem:
    try:
        return _compared(item, act)
    except prepared.Lost:
        return _compared(item, act)


def _compared(item: FeedbackItem, act: _Act) -> FeedbackItem:
    try:
        return _store(item, act)
    except _NotCompared:
        judging.compare(item)
        return _store(item, replace(act, to_compare=None))


@transaction.atomic
def _store(item: FeedbackItem, act: _Act) -> FeedbackItem:
    """Gate, count, row under its unique form key, answers, audit row; `IntegrityError` if the form came before.

    The count stands and falls with the answer that people get: nothing that was refused counts, and parallel
    posts of one sender wait for each other at the counter, so that never more rows are stored than its limit.
    """
    place = act.place
    if not place.has_unit:
        raise Invalid(_("This paragraph is not one of the text that the window is about."))
    passed = _enter(act)
    judging.note_alike(item, passed.found)
    item.received_at, item.in_grace = passed.at, passed.in_grace
    sender = act.sender
    if act.is_said_often:
        judging.hold_few_words(item, task_force_id=place.task_force_id, at=passed.at)
    if act.sent or not judging.counts_with_it(item):
        judging.count(item, sender, task_force_id=place.task_force_id, at=passed.at)
        before = _said_before(item, act)
        if before:
            return before
        sender = None
    store(item, act.answers, at=passed.at, task_force_id=place.task_force_id, who=act.who, sender=sender)
    if passed.fills and item.state == ItemState.PUBLISHED:
        timeline.close_full(passed)
    return item


def _enter(act: _Act) -> gates.Pass:
    """The gate of the window's phase; what the text is like is asked on the way, before the lock."""
    try:
        return gates.enter(
            act.place.phase_id,
            Capability.FEEDBACK,
            form_key=act.form_key,
            taken=partial(queries.taken, act.place.phase_id),
            has_cap=act.place.has_cap,
            is_planned=True,
            first=act.to_compare,
        )
    except DatabaseError as error:
        code = getattr(error.__cause__, "pgcode", None)
        # The look waits for no lock, and without a code there is nobody left to ask.
        if act.to_compare is None or code in (None, _WAITED_FOR_A_LOCK):
            raise
        raise _NotCompared from error


_WAITED_FOR_A_LOCK = "55P03"


def store(
    item: FeedbackItem,
    answers: list[Answer],
    *,
    at: datetime,
    task_force_id: int,
    who: blocks.Poster | None = None,
    sender: str | None = None,
) -> None:
    """Insert an item with its answers, and its line in the log, in one statement; `Blocked` where `who` posts it is.
    Of a `sender` it counts what stands, and holds it beyond the limit (`judging.count`)."""
    item.was_public = item.state == ItemState.PUBLISHED
    item.answered = sorted(answer.question_id for answer in answers if answer.question_id)
    # In the statement that stores it: in the last minute before a close very many come at once.
    unless = blocks.places(task_force_id, who, at) if who else ()
    counted = judging.counting(sender) if sender else None
    done = storing.insert(item, answers, _record(item, at, task_force_id), unless, counted)
    if done is storing.Done.FULL:
        judging.hold_as_many(item, sender)
        item.was_public = False
        done = storing.insert(item, answers, _record(item, at, task_force_id), unless)
    if done is not storing.Done.STORED:
        blocking.require_free(task_force_id, who or blocks.Poster(), at)
        raise Conflict(_("Somebody has changed this meanwhile. Please send it again."))


def _record(item: FeedbackItem, at: datetime, task_force_id: int) -> log.Line:
    about: dict[str, Any] = {"paragraph": item.unit_id} if item.unit_id else {}
    return log.record_with(
        "feedback.submitted",
        FeedbackItem,
        at=at,
        actor_id=None,
        task_force_id=task_force_id,
        window=item.window_id,
        channel=item.channel,
        language=item.language,
        visibility=item.visibility,
        state=item.state,
        suspicion=item.suspicion,
        in_grace=item.in_grace,
        **about,
    )


def _said_before(item: FeedbackItem, act: _Act) -> FeedbackItem | None:
    """The item of an earlier form of this browser with the same words.

    Choices and short words tell nobody apart: on a device that goes round the table many people may say the same.
    """
    is_own = any(len(answer.text) >= OWN_WORDS for answer in act.answers)
    return queries.same_again(item, act.sent) if is_own else None


@transaction.atomic
def _waited_for(window_id: int, form_key: gates.FormKey) -> FeedbackItem | None:
    """The item that this form made. Its first post may still be about to commit: the lock waits for that."""
    gates.enter_exclusively(FeedbackWindow.objects.values_list("phase_id", flat=True).get(pk=window_id))
    return queries.item_by_form(form_key.nonce)


@transaction.atomic
def require_new(phase_id: int, form_key: gates.FormKey | None, author_id: int | None = None) -> None:
    """For a form of this phase with errors: raise `OtherText` where it was accepted before, with what cannot be the
    same fields (`OtherAccount` where that was from an account, and not from this one), and `Refused` with reason and
    instants where nothing can be said in the window now, in the grace neither by this form."""
    before = queries.item_by_form(form_key.nonce) if form_key else None
    if before and before.author_id not in (None, author_id):
        raise OtherAccount
    if form_key and before:
        raise OtherText(Receipt(before, token_of(before.form_key)))
    gates.enter(phase_id, Capability.FEEDBACK, form_key=form_key)


@transaction.atomic
def withdraw(item_id: int, *, at: datetime) -> FeedbackItem:
    """Withdraw one's own text, at any time, window open or not; twice is the same as once.

    What was hidden keeps rule and reason. The name is gone from then on, the marks of similar texts, by what it was
    found and where its author was told; the answers stay in the database, where no page shows them. By what whoever
    posted it is told apart stays for its time: nobody gets out of a block by withdrawing what it would be for.
    """
    item = queries.locked(item_id)
    if item.state == ItemState.WITHDRAWN:
        return item
    item.name, item.fingerprint, item.search_text, item.translated_text = "", [], "", ""
    # In the place of what was hidden everybody reads for which rule, also once it is withdrawn.
    was_hidden = item.state == ItemState.HIDDEN
    steps.change(item, "withdraw", steps.Why(at, item.state_reason, item.rule) if was_hidden else steps.Why(at))
    appeals.end_with(item, at)
    moderation_notices.gone(moderation_notices.of_item(item))
    telling.forget(item)
    log.record("feedback.withdrawn", item, at=at, actor_id=None, task_force_id=item.window.phase.task_force_id)
    return item


def _fields_digest(item: FeedbackItem, name: str, answers: list[Answer], mailbox: str) -> str:
    """What "the same fields" means: everything that was sent but CSRF token and honeypot.

    Keyed, since `name` may be one that is not kept: whoever reads the database cannot try names against it.
    """
    given = [answer.same() for answer in answers]
    about: list[Any] = [] if item.unit_id is None else [item.unit_id]
    of_mail = [mailbox] if mailbox else []
    sent = digest([item.window_id, item.language, item.visibility, name, given, *about, *of_mail])
    return keyed.hexdigest("feedback.fields", sent)
