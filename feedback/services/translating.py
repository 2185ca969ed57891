"""Translations of what was said, by whoever may: every version is kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from feedback import blocks, queries, rules, translated
from feedback.models import FeedbackItem, FeedbackTranslation
from feedback.services import blocking
from taskforce.accounts.models import User
from taskforce.audit import log
from taskforce.core import languages
from taskforce.core.errors import Conflict, Invalid, Refused
from taskforce.core.text import clean_name, clean_text


@dataclass(frozen=True)
class Words:
    """What comes with the form of a translation: {id of a question: text}, the name to show, the version and how often
    the item had been changed when the form was shown."""

    texts: Mapping[int, str]
    name: str
    version: int
    edits: int


class OtherTranslation(Conflict):
    """Somebody has translated the item, or its author has changed it, since the form was shown: `item` and `stands` are
    what is there now."""

    title = gettext_lazy("This was changed meanwhile")

    def __init__(self, item: FeedbackItem, stands: FeedbackTranslation | None) -> None:
        super().__init__(
            _("Somebody has translated this text, or its author has changed it, since you opened the form.")
        )
        self.item, self.stands = item, stands


@transaction.atomic
def translate(item_id: int, language: str, words: Words, *, actor: User, at: datetime) -> FeedbackTranslation | None:
    """Add a version of an item in a language, whether its window is open or not; the same texts as there are now are
    none. Without texts there is no translation any more.

    Raises `Blocked` for who is, `Refused` for who may not and for an item that does not stand, `Invalid` for the
    language in which it was said, and `OtherTranslation`.
    """
    blocking.hold(FeedbackItem.objects.values_list("window__phase", flat=True).get(pk=item_id))
    item = queries.locked(item_id)
    task_force_id = item.window.phase.task_force_id
    for allowed, why_not in (
        rules.may_translate(actor, task_force_id, language),
        rules.may_be_replied_to(item),
    ):
        if not allowed:
            raise Refused(why_not)
    blocking.require_free(task_force_id, blocks.poster(actor.pk), at)
    if language == item.language or not languages.is_offered(language):
        raise Invalid(_("A translation is in another language than the text."))
    stands = translated.current(item, language)
    if (stands.number if stands else 0, item.edits) != (words.version, words.edits):
        raise OtherTranslation(item, stands)
    said = {str(one.asked_id) for one in translated.in_words(item)}
    texts = {str(pk): text for pk, given in words.texts.items() if (text := clean_text(given)) and str(pk) in said}
    name = clean_name(words.name)
    before = (stands.texts, stands.name, stands.edits) if stands else ({}, name, item.edits)
    if before == (texts, name, item.edits):
        return stands
    made = FeedbackTranslation.objects.create(
        item=item,
        language=language,
        number=words.version + 1,
        texts=texts,
        edits=item.edits,
        translator=actor,
        role=rules.translates_as(actor, task_force_id, language),
        name=name if texts else "",
        at=at,
    )
    _note_words(item)
    log.record(
        "feedback.translated" if texts else "feedback.translation-removed",
        item,
        at=at,
        actor_id=actor.pk,
        task_force_id=task_force_id,
        language=language,
        number=made.number,
    )
    return made


def _note_words(item: FeedbackItem) -> None:
    """By what its translations are found."""
    FeedbackItem.objects.filter(pk=item.pk).update(translated_text=translated.searched(item))
