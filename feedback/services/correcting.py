"""Correcting what one has entered for others, as long as the window is open."""

from datetime import UTC, datetime, time

from django.db import transaction
from django.utils.translation import gettext as _

from feedback import blocks, queries, search, suspects
from feedback.enums import FOR_EVERYBODY
from feedback.models import FeedbackAnswer, FeedbackItem
from feedback.rules import visibilities
from feedback.services import blocking, editing
from feedback.services.entered import Told, check, require
from taskforce.accounts.models import User
from taskforce.audit import log
from taskforce.core.errors import Invalid, Refused
from taskforce.core.text import clean_name
from taskforce.timeline import gates

_PLAIN = ("language", "channel", "said_on", "visibility", "unit_id")


def correct(item_id: int, told: Told, *, version: int, form_key: gates.FormKey, actor: User) -> bool:
    """Let what one has entered say something else, if its window is open; whether it does now.

    `version` is how often it had been changed when the form was shown. What it said before is kept as a wording,
    without who spoke and where: whoever takes these off wants them gone. The same words are no change.

    Raises `Refused` where nothing can be entered any more, for what somebody else has entered, and for those who may
    not (in its language or the new one); `OtherCorrection` where it was changed since; `Invalid` as `enter` does, and
    where what everybody could read would be for staff only.
    """
    texts = [answer.text for answer in told.answers if answer.text]
    return _correct(item_id, told, (version, form_key), actor, suspects.fingerprint(texts), search.text_of(texts))


@transaction.atomic
def _correct(
    item_id: int, told: Told, shown: tuple[int, gates.FormKey], actor: User, marks: list[int], words: str
) -> bool:
    """Gate, rules, version, earlier wording, new words, audit row."""
    version, form_key = shown
    passed, item = editing.enter(item_id, form_key)
    task_force_id = item.window.phase.task_force_id
    if item.entered_by_id != actor.pk:
        raise Refused(_("Only who entered a text can change it."))
    for language in (item.language, told.language):
        require(actor, task_force_id, language)
    if told.visibility not in visibilities(item):
        raise Invalid(_("What everybody could read stays for everybody to read; you can take it back."))
    stored = list(FeedbackAnswer.objects.filter(item=item))
    if _says(item, stored, told):
        return False
    blocking.require_free(task_force_id, blocks.poster(actor.pk), passed.at)
    if item.edits != version:
        raise editing.OtherCorrection(item, _("Perhaps in another tab of yours."))
    editing.keep_wording(item, stored)
    are_same = editing.says_same(stored, told.answers) and item.unit_id == told.unit_id
    editing.follow_agreements(item, are_same=are_same)
    for name in _PLAIN:
        setattr(item, name, getattr(told, name))
    check(item, told, passed.phase.opens_at, passed.at)
    # As when it is entered: what stood when it was said.
    item.revision_id = queries.place(item.window_id, datetime.combine(told.said_on, time.max, UTC)).revision_id
    item.spoke, item.spoke_words = told.spoke, clean_name(told.spoke_words)
    item.place_url, item.fingerprint = told.place_url, marks
    item.search_text = words if told.visibility in FOR_EVERYBODY else ""
    item.translated_text = ""
    item.answered = editing.answered(stored, told.answers)
    item.edits, item.edited_at = item.edits + 1, passed.at
    item.save()
    editing.put(item, told.answers)
    log.record(
        "feedback.corrected",
        item,
        at=passed.at,
        actor_id=actor.pk,
        task_force_id=task_force_id,
        window=item.window_id,
        channel=item.channel,
        language=item.language,
        visibility=item.visibility,
        in_grace=passed.in_grace,
    )
    return True


def _says(item: FeedbackItem, stored: list[FeedbackAnswer], told: Told) -> bool:
    """Whether the item says all of this already."""
    names = (*_PLAIN, "spoke", "spoke_words", "place_url")
    return editing.says_same(stored, told.answers) and all(getattr(item, name) == getattr(told, name) for name in names)
