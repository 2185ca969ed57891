"""What is looked for after a renaming, and what may go on saying it."""

from django.db import transaction
from django.utils.translation import gettext as _

from taskforce.accounts.models import User
from taskforce.audit import log
from taskforce.core import clock, languages, occurrences
from taskforce.core.errors import Conflict, Invalid, Refused
from taskforce.core.text import clean_name
from taskforce.timeline import rules
from taskforce.timeline.models import OldWord, StaysAsItIs, TaskForce
from taskforce.timeline.services.rows import hold

# More words than these are no rename's, and each is looked for in every text.
MOST_WORDS = 50
REASON_LENGTH = 500


@transaction.atomic
def look_for_old_word(task_force_id: int, *, word: str, language: str, actor: User) -> OldWord:
    """Look for one more word, in texts of a language or ("") of all; the same again is the one that is there.

    `Refused` without the role, `Invalid` for no word, a long one, one too many, or a language that is not the portal's.
    """
    task_force = _held(task_force_id, actor)
    word = clean_name(word, most=rules.NAME_LENGTH)
    if len(word) > rules.NAME_LENGTH:
        raise Invalid(_("The word is too long: at most %(count)d characters.") % {"count": rules.NAME_LENGTH})
    if not occurrences.folded(word):
        raise Invalid(_("Type the word that is to be looked for."))
    if language and not languages.is_offered(language):
        raise Invalid(_("“%(code)s” is not a language of this portal.") % {"code": language})
    known = OldWord.objects.filter(task_force=task_force, language=language, word=word).first()
    if known:
        return known
    if OldWord.objects.filter(task_force=task_force).count() >= MOST_WORDS:
        raise Invalid(_("No more than %(count)d words are looked for. Take one off first.") % {"count": MOST_WORDS})
    made = OldWord.objects.create(task_force=task_force, language=language, word=word, at=clock.app_now())
    _record("task-force.old-word-added", task_force, actor, language=language)
    return made


@transaction.atomic
def drop_old_word(task_force_id: int, *, word_id: int, actor: User) -> None:
    """Look for a word no more; one that is gone already stays gone. `Refused` without the role."""
    task_force = _held(task_force_id, actor)
    found = OldWord.objects.filter(task_force=task_force, pk=word_id).first()
    if found:
        found.delete()
        _record("task-force.old-word-dropped", task_force, actor, language=found.language)


@transaction.atomic
def keep_as_it_is(
    task_force_id: int, *, place: str, language: str, text_digest: str, reason: str, actor: User
) -> StaysAsItIs:
    """Let a text say what it says, for a reason, until it says something else.

    `text_digest` is of the text that was looked at. `Refused` without the role, `Conflict` where somebody said so
    meanwhile, `Invalid` without a reason or with a long one.
    """
    task_force = _held(task_force_id, actor)
    reason = clean_name(reason, most=REASON_LENGTH)
    if not reason:
        raise Invalid(_("Say why this text stays as it is."))
    if len(reason) > REASON_LENGTH:
        raise Invalid(_("The reason is too long: at most %(count)d characters.") % {"count": REASON_LENGTH})
    known = StaysAsItIs.objects.filter(task_force=task_force, place=place, language=language)
    if known.filter(digest=text_digest).exists():
        raise Conflict(_("Somebody has said so already: this text stays as it is."))
    known.delete()
    made = StaysAsItIs.objects.create(
        task_force=task_force,
        place=place,
        language=language,
        digest=text_digest,
        reason=reason,
        actor_id=actor.pk,
        actor_name=actor.name,
        at=clock.app_now(),
    )
    _record("task-force.text-stays", task_force, actor, reason, place=place, language=language)
    return made


@transaction.atomic
def look_once_more(task_force_id: int, *, mark_id: int, actor: User) -> None:
    """Take a text that was to stay back into the list. `Refused` without the role."""
    task_force = _held(task_force_id, actor)
    found = StaysAsItIs.objects.filter(task_force=task_force, pk=mark_id).first()
    if found:
        found.delete()
        place = {"place": found.place, "language": found.language}
        _record("task-force.text-looked-at-again", task_force, actor, **place)


def _held(task_force_id: int, actor: User) -> TaskForce:
    """The task force, locked, for whoever works off its list."""
    task_force = hold(task_force_id)
    allowed, why = rules.entitled(actor, "task-force.old-words", task_force)
    if not allowed:
        raise Refused(why)
    return task_force


def _record(action: str, task_force: TaskForce, actor: User, reason: str = "", **details: str) -> None:
    log.record(
        action,
        task_force,
        at=clock.app_now(),
        actor_id=actor.pk,
        task_force_id=task_force.pk,
        reason=reason,
        **details,
    )
