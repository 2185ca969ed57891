"""Summaries: written as a draft, published as an act, and changed only by a later version that says what and why."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.db import IntegrityError, transaction
from django.http import Http404
from django.utils import translation
from django.utils.translation import gettext as _

from feedback import counting, rules, summaries
from feedback.models import FeedbackWindow, Summary, SummaryDraft, SummaryReminder
from feedback.notices import summary as summary_notices
from feedback.notices import to_translate
from proposals.rules import as_of_now
from taskforce.accounts.models import User
from taskforce.audit import log
from taskforce.core import languages
from taskforce.core.errors import Conflict, Invalid, Refused
from taskforce.core.text import clean_text
from taskforce.timeline import gates, windows


@dataclass(frozen=True)
class Written:
    """A draft as somebody wants it: texts by language ("" takes one away), the language that the others are made from,
    the translations that fit it as they are, and after how many days the summary is expected."""

    texts: Mapping[str, str]
    source: str
    fitting: Collection[str]
    days: int


@transaction.atomic
def save(window_id: int, written: Written, *, seen: int, actor: User) -> SummaryDraft:
    """Keep a draft; `seen` is the version that the actor had before them (0: none), another one is a `Conflict`.

    A translation that is new or changed is made from the source as it now is, and so is one that is said to fit; every
    other one whose source has changed is outdated. Translators are told what there is to do. `Refused` for who may not,
    `Invalid` for what cannot be kept.
    """
    window, at = _entered(window_id, actor)
    texts = _checked(written.texts, rules.SUMMARY_LENGTH)
    if not languages.is_offered(written.source) or not texts.get(written.source):
        raise Invalid(_("The text in the language from which the others are made is missing."))
    if not 1 <= written.days <= rules.MOST_SUMMARY_DAYS:
        raise Invalid(_("The summary can be expected after 1 to %(most)d days.") % {"most": rules.MOST_SUMMARY_DAYS})
    stands = summaries.draft_of(window)
    outdated = summaries.outdated(stands) if stands else None
    draft = stands or SummaryDraft(window=window)
    if draft.version != seen:
        raise Conflict(_("Somebody has changed this text meanwhile. Nothing was stored."))
    now, before = summaries.source_digest(texts[written.source]), draft.texts
    draft.made_from = {
        code: now if code in written.fitting or text != before.get(code) else draft.made_from.get(code, "")
        for code, text in texts.items()
        if code != written.source
    }
    draft.texts, draft.source, draft.days, draft.kept_at = texts, written.source, written.days, at
    changed = sorted(code for code in {*texts, *before} if texts.get(code) != before.get(code))
    for code in {*changed, *written.fitting} - {draft.source}:
        _note_hand(draft, code, actor)
    draft.hands = {code: hand for code, hand in draft.hands.items() if code in texts and code != draft.source}
    draft.version += 1
    draft.save()
    log.record(
        "summary.saved", draft, at=at, actor_id=actor.pk, task_force_id=window.phase.task_force_id, languages=changed
    )
    to_translate.tell(draft, outdated, by_id=actor.pk, at=at)
    return draft


@transaction.atomic
def translate(window_id: int, language: str, text: str, *, seen: str, actor: User) -> SummaryDraft:
    """Put a translation into the draft ("" takes it away), made of the source as it now is; `seen` is the
    `summaries.stamp` of what the actor had before them, another one is a `Conflict`.

    What is there already, and fits its source, changes nothing. `Refused` for who may not, and where nothing is to be
    translated; `Invalid` for what cannot be kept. It is public with the next version that is published.
    """
    window, at, draft = _entered_to_translate(window_id, language, actor)
    given = _checked({language: text}, rules.SUMMARY_LENGTH).get(language, "")
    if summaries.stamp(draft, language) != seen:
        raise Conflict(_("Somebody has changed this text meanwhile. Nothing was stored."))
    now = summaries.source_digest(draft.texts[draft.source])
    if given == draft.texts.get(language, "") and draft.made_from.get(language, now) == now:
        return draft
    # In the order of the languages, as a text of all of them is kept.
    texts = {**draft.texts, language: given}
    draft.texts = {code: texts[code] for code in languages.CODES if texts.get(code)}
    draft.made_from = {code: made for code, made in {**draft.made_from, language: now}.items() if code in draft.texts}
    _note_hand(draft, language, actor)
    draft.hands = {code: hand for code, hand in draft.hands.items() if code in draft.texts}
    draft.version, draft.kept_at = draft.version + 1, at
    draft.save()
    _record("summary.translated", window, draft, language, at, actor)
    to_translate.forget_done(draft)
    return draft


@transaction.atomic
def review(window_id: int, language: str, *, seen: str, actor: User) -> SummaryDraft:
    """Say that a translation of the draft says what its source says, having read both as `seen`; twice is once.

    `Refused` for who may not translate into the language, and for whoever wrote any of it; `Conflict` where it is
    another text by now, or another source.
    """
    window, at, draft = _entered_to_translate(window_id, language, actor)
    is_current = language in draft.texts and language not in summaries.outdated(draft)
    if not is_current or summaries.stamp(draft, language) != seen:
        raise Conflict(_("The translation or its original has changed meanwhile: read it once more."))
    if actor.pk in summaries.writers(draft, language):
        raise Refused(_("You wrote this translation: somebody else must review it."))
    if summaries.is_reviewed(draft, language):
        return draft
    hand = {"writers": summaries.writers(draft, language), "reviewed_by": actor.pk, "stamp": seen}
    draft.hands = {**draft.hands, language: hand}
    draft.version, draft.kept_at = draft.version + 1, at
    draft.save()
    _record("summary.reviewed", window, draft, language, at, actor)
    return draft


def _note_hand(draft: SummaryDraft, language: str, actor: User) -> None:
    """That a translation is also the actor's work, and nobody has compared it with its source yet."""
    writers = sorted({*summaries.writers(draft, language), actor.pk})
    draft.hands = {
        **draft.hands,
        language: {"writers": writers, "reviewed_by": None, "stamp": summaries.stamp(draft, language)},
    }


def _record(action: str, window: FeedbackWindow, draft: SummaryDraft, language: str, at: datetime, actor: User) -> None:
    log.record(action, draft, at=at, actor_id=actor.pk, task_force_id=window.phase.task_force_id, language=language)


@transaction.atomic
def publish(
    window_id: int, *, version: int, number: int, changes: Mapping[str, str], recount: bool, actor: User
) -> Summary:
    """Publish the draft of that version as the summary's version `number`; followers are told of the first, once.

    What is counted is kept with it; a later version keeps what the one before it counted, unless it is to `recount`.
    `Refused` for who may not and before the window is over; `Conflict` where the draft or what is published is another
    one meanwhile; `Invalid` for a later version that does not say what changed or changes nothing, and for a text that
    names a number which is not there. Where nothing but translations has changed, that is said by itself.
    """
    window, at = _entered(window_id, actor)
    if not windows.is_over(window.phase, at):
        raise Refused(_("The feedback can still come in. The summary is published once it has closed."))
    draft, before = summaries.draft_of(window), next(iter(summaries.published(window)), None)
    if draft is None or draft.version != version or number != (before.number if before else 0) + 1:
        raise Conflict(_("Somebody has changed this text meanwhile. Nothing was published."))
    tally = summaries.tally_of(before) if before and not recount else counting.tally(window)
    made = Summary(
        window=window,
        number=number,
        source=draft.source,
        texts=draft.texts,
        outdated=summaries.outdated(draft),
        reviewed=summaries.reviewed(draft),
        changes=_checked(changes, rules.REASON_LENGTH) if before else {},
        tally=tally.as_json(),
        counted_at=before.counted_at if before and not recount else at,
        at=at,
    )
    if before and not made.changes:
        made.changes = _of_translations(made, before)
    _require_sound(made, before)
    made.save()
    log.record(
        "summary.published",
        made,
        at=at,
        actor_id=actor.pk,
        task_force_id=window.phase.task_force_id,
        number=number,
        languages=sorted(made.texts),
    )
    if before is None:
        summary_notices.published(made, at=at)
    return made


def _require_sound(made: Summary, before: Summary | None) -> None:
    """`Invalid` for what cannot be published."""
    tally = summaries.tally_of(made)
    if missing := summaries.unfilled(made.texts, tally):
        known = [place for place, _count in summaries.places(tally)]
        raise Invalid(
            _(
                "There is no number for %(places)s: it is mistyped, nothing was said there, or too little to be told. "
                "These places have one: %(known)s"
            )
            % {"places": " · ".join(missing), "known": " · ".join(known)}
        )
    if before is None:
        return
    same = ("texts", "outdated", "reviewed", "tally", "source")
    if all(getattr(made, name) == getattr(before, name) for name in same):
        raise Invalid(_("This is what is published already."))
    if not made.changes:
        raise Invalid(_("Say what has changed, and why; everybody will read it."))


def _of_translations(made: Summary, before: Summary) -> dict[str, str]:
    """What has changed, in every language, where only translations have; nothing where anything else has."""
    source = made.source
    if source != before.source or made.texts[source] != before.texts.get(source) or made.tally != before.tally:
        return {}
    changed = [
        languages.OWN_NAMES[code]
        for code in languages.CODES
        if made.texts.get(code) != before.texts.get(code)
        or (code in made.reviewed) != (code in before.reviewed)
        or (code in made.outdated) != (code in before.outdated)
    ]
    found = {}
    for code in languages.CODES if changed else ():
        with translation.override(code):
            found[code] = _("Only translations have changed: %(languages)s") % {"languages": " · ".join(changed)}
    return found


def remind(at: datetime) -> int:
    """Remind staff of each summary that is due and not there, once for each end of its phase; returns of how many."""
    return sum(_remind(window_id, at) for window_id in summaries.to_remind_of(at))


def _remind(window_id: int, at: datetime) -> bool:
    """False where another sweep has done it, or it is not due any more."""
    with transaction.atomic():
        window = summaries.due(at).filter(pk=window_id).first()
        if window is None:
            return False
        try:
            with transaction.atomic():
                SummaryReminder.objects.create(window=window, ends_version=window.phase.ends_version, at=at)
        except IntegrityError as error:
            if "one_summary_reminder" not in str(error):
                raise
            return False
        summary_notices.due(window, at=at)
        log.record("summary.reminded", window, at=at, actor_id=None, task_force_id=window.phase.task_force_id)
    return True


def _entered(window_id: int, actor: User, language: str = "") -> tuple[FeedbackWindow, datetime]:
    """The window and the moment, with acts on its phase and on its summary kept away; for who may write the summary, or
    translate it into a `language`."""
    phase_id = FeedbackWindow.objects.filter(pk=window_id, published_at__isnull=False).values_list("phase", flat=True)
    found = phase_id.first()
    if found is None:
        raise Http404
    passed = gates.enter_exclusively(found)
    window = FeedbackWindow.objects.select_related("phase__task_force").get(pk=window_id)
    ask = rules.may_summarize if not language else partial(rules.may_translate, language=language)
    allowed, why = ask(as_of_now(actor), window.phase.task_force_id)
    if not allowed:
        raise Refused(why)
    return window, passed.at


def _entered_to_translate(window_id: int, language: str, actor: User) -> tuple[FeedbackWindow, datetime, SummaryDraft]:
    """The same with the draft, which is in another language."""
    if not languages.is_offered(language):
        raise Invalid(_("“%(code)s” is not a language of this portal.") % {"code": language})
    window, at = _entered(window_id, actor, language)
    draft = summaries.draft_of(window)
    if draft is None:
        raise Refused(_("There is no text to translate yet."))
    if language == draft.source:
        raise Invalid(_("A translation is in another language than the text."))
    return window, at, draft


def _checked(given: Mapping[str, str], most: int) -> dict[str, str]:
    """{language: text} of those that say something, cleaned."""
    if foreign := next((code for code in given if not languages.is_offered(code)), None):
        raise Invalid(_("“%(code)s” is not a language of this portal.") % {"code": foreign})
    found = {code: clean_text(text, most=most) for code, text in given.items()}
    if any(len(text) > most for text in found.values()):
        raise Invalid(_("The text is too long: at most %(count)d characters.") % {"count": most})
    return {code: found[code] for code in languages.CODES if found.get(code)}
