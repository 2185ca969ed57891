"""What was said elsewhere, entered by a facilitator for whoever spoke; and what they take back of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import partial
from secrets import token_urlsafe
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from feedback import blocks, elsewhere, queries, search, suspects
from feedback.enums import ELSEWHERE, FOR_EVERYBODY, Channel, ItemState, Speaker
from feedback.models import FeedbackAnswer, FeedbackAppeal, FeedbackItem
from feedback.notices import moderation as moderation_notices
from feedback.rules import days, may_enter
from feedback.services import appeals, blocking, finality, steps
from taskforce.accounts.models import User
from taskforce.audit import log
from taskforce.core import tokens
from taskforce.core.errors import Conflict, Invalid, Refused
from taskforce.core.text import clean_name, clean_text, digest
from taskforce.questions.forms import Answer
from taskforce.timeline import gates
from taskforce.timeline import services as timeline
from taskforce.timeline.enums import Capability


@dataclass(frozen=True)
class Told:
    """What somebody said elsewhere, as its facilitator enters it: `spoke` is who it was, as one of `Speaker`,
    `spoke_words` the same in words for staff, `place_url` where it is to be read ("": nowhere), `unit_id` the paragraph
    that it is about (None: the whole text)."""

    language: str
    channel: str
    said_on: date
    spoke: str
    place_url: str
    visibility: str
    answers: Sequence[Answer]
    unit_id: int | None = None
    spoke_words: str = ""

    def digest(self) -> str:
        """What makes two forms "the same fields"."""
        answers = [answer.same() for answer in self.answers if answer.is_given]
        said = [self.language, self.channel, self.said_on.isoformat(), self.spoke, self.place_url, self.visibility]
        return digest([*said, self.spoke_words, self.unit_id, answers])


@dataclass(frozen=True)
class Taken:
    """When what an item is a part of (a table) passed the gate, and whether in the grace: so did the item."""

    at: datetime
    in_grace: bool


def enter(
    window_id: int, told: Told, *, form_key: gates.FormKey, actor: User, key: str = "", taken: Taken | None = None
) -> FeedbackItem:
    """Store what was said elsewhere, if the window is open; the same form with the same fields is the same item.

    Whoever enters it says that those who spoke know of it. It stands at once: a person has read it already. `key` is by
    what it is known that it was entered before, where one form brings several ("": by the form). What was `taken`
    before as a part of something larger counts as sent then, however late its turn comes; only in a phase with a cap it
    is `Refused` where there is no place any more.

    Raises `Blocked` for whoever is, `Refused` when the window is not open (after its close, until the grace is over,
    only for a form from before it) and for those who may not, `Invalid` for a day on which it cannot have been said
    or a paragraph of another text, and `Conflict` when the form was taken with other fields.
    """
    item = _item(window_id, told, key or f"entered {form_key.nonce}", actor)
    stored = queries.item_by_form(item.form_key)
    if stored is None:
        try:
            stored = _store(item, told, form_key, actor, taken)
        except IntegrityError:
            # The insert has waited for the same form, which was first.
            stored = queries.item_by_form(item.form_key)
            if stored is None:
                raise
    if stored.fields_digest != item.fields_digest or stored.entered_by_id != actor.pk:
        raise Conflict(_("You have sent this form before, with another text. The first text stands."))
    return stored


def _item(window_id: int, told: Told, key: str, actor: User) -> FeedbackItem:
    texts = [answer.text for answer in told.answers if answer.text]
    return FeedbackItem(
        window_id=window_id,
        reference=tokens.new_reference("F"),
        form_key=key,
        fields_digest=told.digest(),
        # Of a secret that nobody was ever told: no link leads to it as to one's own.
        token_hash=tokens.hashed(token_urlsafe(32)),
        unit_id=told.unit_id,
        language=told.language,
        channel=told.channel,
        visibility=told.visibility,
        state=ItemState.PUBLISHED,
        was_public=True,
        said_on=told.said_on,
        spoke=told.spoke,
        spoke_words=clean_name(told.spoke_words),
        place_url=told.place_url,
        entered_by=actor,
        search_text=search.text_of(texts) if told.visibility in FOR_EVERYBODY else "",
        fingerprint=suspects.fingerprint(texts),
    )


@transaction.atomic
def _store(item: FeedbackItem, told: Told, form_key: gates.FormKey, actor: User, taken: Taken | None) -> FeedbackItem:
    """Gate, rules, row under its unique key, answers, audit row; `IntegrityError` if it was entered before."""
    # What stood when it was said; where every revision is younger, the last.
    place = queries.place(item.window_id, datetime.combine(told.said_on, time.max, UTC))
    item.revision_id = place.revision_id
    places = partial(queries.taken, place.phase_id)
    if taken is None:
        passed = gates.enter(place.phase_id, Capability.FEEDBACK, form_key=form_key, taken=places)
        taken = Taken(passed.at, passed.in_grace)
    else:
        passed = gates.enter_again(place.phase_id, taken=places)
        finality.hold_window(item.window_id)
    # By the roles as they are now: whoever had them when the page was shown may have lost them.
    require(actor, place.task_force_id, told.language)
    blocking.require_free(place.task_force_id, blocks.poster(actor.pk), passed.at)
    check(item, told, passed.phase.opens_at, taken.at)
    item.received_at, item.in_grace, item.consent_at = taken.at, taken.in_grace, taken.at
    item.answered = sorted(answer.question_id for answer in told.answers if answer.is_given)
    item.save(force_insert=True)
    FeedbackAnswer.objects.bulk_create(
        FeedbackAnswer(item=item, question_id=answer.question_id, text=answer.text, choices=list(answer.choices))
        for answer in told.answers
        if answer.is_given
    )
    about: dict[str, Any] = {"paragraph": item.unit_id} if item.unit_id else {}
    log.record(
        "feedback.entered",
        item,
        at=passed.at,
        actor_id=actor.pk,
        task_force_id=place.task_force_id,
        window=item.window_id,
        channel=item.channel,
        language=item.language,
        visibility=item.visibility,
        in_grace=item.in_grace,
        **about,
    )
    if passed.fills:
        timeline.close_full(passed)
    return item


def require(actor: User, task_force_id: int, language: str) -> None:
    """Raise `Refused` for those who may enter nothing in a language."""
    allowed, why_not = may_enter(User.objects.filter(pk=actor.pk).first(), task_force_id, language)
    if not allowed:
        raise Refused(why_not)


def check(item: FeedbackItem, told: Told, opens_at: datetime, at: datetime) -> None:
    """Raise `Invalid` for what no form sends at a moment; `item` says already which paragraph it is about."""
    if Channel(told.channel) not in ELSEWHERE:
        raise Invalid(_("Choose where it was said: what is said here, people send themselves."))
    first, last = days(opens_at, at)
    if not first <= told.said_on <= last:
        raise Invalid(_("On this day it cannot have been said."))
    if told.spoke not in Speaker.values:
        raise Invalid(_("Choose from the list who spoke."))
    if why_not := elsewhere.fault(told.place_url):
        raise Invalid(why_not)
    if not any(answer.is_given for answer in told.answers):
        raise Invalid(_("Please answer at least one question."))
    if item.unit_id is not None and not queries.is_of_window(item.window_id, item.unit_id):
        raise Invalid(_("This paragraph is not one of the text that the window is about."))


@transaction.atomic
def take_back(item_id: int, *, reason: str, actor: User, at: datetime) -> FeedbackItem:
    """Take back what one has entered, at any time, window open or not, with a reason that everybody can read of what
    everybody could read; twice is the same as once.

    Who spoke and where is gone from then on. Raises `Refused` for what somebody else has entered, or for those who may
    enter nothing in its language any more, and `Invalid` without a reason.
    """
    found = FeedbackItem.objects.select_related("window__phase").select_for_update(of=("self",))
    item = found.get(pk=item_id)
    task_force_id = item.window.phase.task_force_id
    if item.entered_by_id != actor.pk:
        raise Refused(_("Only who entered a text can take it back."))
    require(actor, task_force_id, item.language)
    if item.state == ItemState.WITHDRAWN:
        return item
    reason = clean_text(reason)
    if not reason:
        raise Invalid(_("Please say why you take it back."))
    item.spoke, item.spoke_words, item.place_url = "", "", ""
    item.fingerprint, item.search_text, item.translated_text = [], "", ""
    # In the place of what was hidden everybody goes on to read for which rule, and why.
    was_hidden = item.state == ItemState.HIDDEN
    steps.change(item, "withdraw", steps.Why(at, item.state_reason, item.rule) if was_hidden else steps.Why(at, reason))
    appeals.end_with(item, at)
    moderation_notices.gone(moderation_notices.of_item(item))
    log.record("feedback.taken-back", item, at=at, actor_id=actor.pk, task_force_id=task_force_id, reason=reason)
    return item


@transaction.atomic
def appeal_entered(item_id: int, *, words: str, actor: User, at: datetime) -> FeedbackAppeal:
    """Say against the hiding of what one has entered what there is to say, for whoever spoke; once, as `appeal`.

    Raises `Refused` for what somebody else has entered, and for those who may enter nothing in its language any more.
    """
    item = queries.locked(item_id)
    if item.entered_by_id != actor.pk:
        raise Refused(_("Only who entered a text can appeal for it."))
    require(actor, item.window.phase.task_force_id, item.language)
    return appeals.made_for(item, words, at=at)
