"""Changing what one has said, as long as the window is open."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from feedback import blocks, comments, queries, reading, terms, transitions
from feedback.enums import SLIGHT, ItemState, Visibility
from feedback.models import FeedbackAgreement, FeedbackAnswer, FeedbackItem, FeedbackWording
from feedback.rules import may_be_edited, visibilities
from feedback.services import blocking, judging, storing
from taskforce.audit import log
from taskforce.core import states
from taskforce.core.errors import Conflict, Invalid, Refused
from taskforce.core.text import clean_name
from taskforce.limits import services as limits
from taskforce.limits import table
from taskforce.questions.enums import PARAGRAPH
from taskforce.questions.forms import Answer
from taskforce.timeline import gates
from taskforce.timeline.enums import Capability


class OtherWording(Conflict):
    """Somebody with the same link has changed the item since the form was shown: `item` is what stands now."""

    title = gettext_lazy("Your text was changed meanwhile")

    def __init__(self, item: FeedbackItem, message: str = "") -> None:
        super().__init__(
            message or _("It was changed by its link, perhaps in another tab or on another device of yours.")
        )
        self.item = item


class OtherCorrection(OtherWording):
    """The same of what a facilitator has entered, which are not their own words."""

    title = gettext_lazy("It was changed meanwhile")


@dataclass(frozen=True)
class _Act:
    """What comes with a change: see `edit`."""

    answers: Sequence[Answer]
    version: int
    form_key: gates.FormKey
    sender: str | None
    account_id: int | None
    is_said_often: bool


def edit(
    item_id: int,
    *,
    version: int,
    form_key: gates.FormKey,
    language: str,
    visibility: str,
    name: str,
    answers: Iterable[Answer],
    suspected: bool = False,
    unit_id: int | None = None,
    sender: str | None = None,
    now: FeedbackItem | None = None,
    account_id: int | None = None,
) -> bool:
    """Let an item say something else, if its window is open; whether it does now. The same words are no change.

    `version` is how often it had been changed when the form was shown. What it said before is kept as a wording. New
    words are judged as if they had just come (`suspects`), but for how fast: what looks like a machine's is held. What
    is held stays so until people have read it, whatever it says then. Of `answers` all that the form asks for are
    given, also those left open; answers to what it does not ask stay. `now` is the item as it was read a moment ago,
    `account_id` whoever is signed in, to be asked whether they are blocked, and kept nowhere.

    Raises `Refused` where nothing can be said any more, or the item is hidden or withdrawn, `OtherWording` where it was
    changed since, `TooOften` when the address `sender` (None: not counted) has changed too much (`EDITED_FEEDBACK`).
    """
    answered = list(answers)
    now = now or FeedbackItem.objects.select_related("window").get(pk=item_id)
    wanted = FeedbackItem(
        pk=now.pk,
        window_id=now.window_id,
        language=language,
        visibility=visibility,
        name="" if visibility == Visibility.NAMELESS else clean_name(name),
        unit_id=unit_id,
        state=ItemState.PUBLISHED,
        read_state=now.read_state,
        read_percent=now.read_percent,
    )
    is_said_often = judging.judge(wanted, answered, is_trapped=suspected)
    if now.window.is_read_first:
        wanted.state = ItemState.HELD
    if unit_id != now.unit_id:
        wanted.read_state, wanted.read_percent = reading.read(now.revision_id, now.read_language, unit_id)
    return _edit(wanted, _Act(answered, version, form_key, sender, account_id, is_said_often), now.window.phase_id)


@transaction.atomic
def require_editable(item_id: int, form_key: gates.FormKey | None) -> None:
    """For a form with errors: raise `Refused` where no change could be sent now."""
    enter(item_id, form_key)


@transaction.atomic
def _edit(wanted: FeedbackItem, act: _Act, phase_id: int) -> bool:
    """Gate, version, count, earlier wording, new words, audit row."""
    passed, item = enter(wanted.pk, act.form_key, phase_id)
    if wanted.unit_id not in (None, item.unit_id):
        raise Invalid(_("This paragraph is not the one that your text is about."))
    if wanted.visibility not in visibilities(item):
        raise Invalid(_("What everybody could read stays for everybody to read; you can withdraw it."))
    stored = list(FeedbackAnswer.objects.filter(item=item))
    if _says(item, stored, wanted, act.answers):
        return False
    if item.edits != act.version:
        raise OtherWording(item)
    task_force_id = item.window.phase.task_force_id
    # Whoever is blocked says nothing more under what they have said; their text they can withdraw.
    blocking.require_free(task_force_id, _author_of(item, act), passed.at)
    if act.sender:
        limits.hit(table.EDITED_FEEDBACK, act.sender)
    if item.state == ItemState.PUBLISHED and wanted.suspicion in SLIGHT:
        judging.count_odd(wanted, task_force_id=task_force_id, at=passed.at)
    if item.state == ItemState.PUBLISHED and act.is_said_often:
        judging.hold_few_words(wanted, task_force_id=task_force_id, at=passed.at)
    before, was = item.state, wording(item, stored)
    item.answered = answered(stored, act.answers)
    follow_agreements(item, are_same=says_same(stored, act.answers) and item.unit_id == wanted.unit_id)
    _let_say(item, wanted, passed)
    put(item, act.answers, stored)
    line = log.record_with(
        "feedback.edited",
        FeedbackItem,
        at=passed.at,
        actor_id=None,
        task_force_id=task_force_id,
        window=item.window_id,
        language=item.language,
        visibility=item.visibility,
        before=before,
        state=item.state,
        suspicion=item.suspicion,
        in_grace=passed.in_grace,
    )
    storing.insert_row(was, line, about=item.pk)
    return True


def enter(item_id: int, form_key: gates.FormKey | None, phase_id: int | None = None) -> tuple[gates.Pass, FeedbackItem]:
    """The phase (whoever knows which it is says so), then the item, locked, if it can be changed."""
    if phase_id is None:
        phase_id = FeedbackItem.objects.values_list("window__phase_id", flat=True).get(pk=item_id)
    passed = gates.enter(phase_id, Capability.FEEDBACK, form_key=form_key)
    item = queries.locked(item_id)
    allowed, why_not = may_be_edited(item)
    if not allowed:
        raise Refused(why_not)
    return passed, item


def _author_of(item: FeedbackItem, act: _Act) -> blocks.Poster:
    """Whoever changes an item by its link, as far as anything is known of them: its author, who has the link, or where
    none is kept whoever is signed in here."""
    here = blocks.network(act.sender, item.window.phase.task_force_id) if item.author_id is None else ""
    return blocks.poster(item.author_id or act.account_id, item.poster, here)


def _says(
    item: FeedbackItem, stored: Iterable[FeedbackAnswer], wanted: FeedbackItem, answers: Iterable[Answer]
) -> bool:
    """Whether the item says all of this already."""
    return says_same(stored, answers) and all(
        getattr(item, field) == getattr(wanted, field) for field in ("language", "visibility", "name", "unit_id")
    )


def says_same(stored: Iterable[FeedbackAnswer], answers: Iterable[Answer]) -> bool:
    """Whether all of these answers are stored already."""
    said = {one.asked_id: (one.text, tuple(one.choices)) for one in stored}
    return all(said.get(one.question_id, ("", ())) == (one.text, tuple(one.choices)) for one in answers)


def follow_agreements(item: FeedbackItem, *, are_same: bool) -> None:
    """Of a locked item that is about to change: who agreed with the same words goes on to agree; with others nobody
    has agreed yet."""
    if are_same:
        FeedbackAgreement.objects.filter(item=item, edits=item.edits).update(edits=item.edits + 1)
    else:
        item.agreed = 0


def keep_wording(item: FeedbackItem, stored: Iterable[FeedbackAnswer]) -> None:
    """Keep what an item says that is about to say something else."""
    wording(item, stored).save(force_insert=True)


def wording(item: FeedbackItem, stored: Iterable[FeedbackAnswer]) -> FeedbackWording:
    """What an item says, not stored."""
    return FeedbackWording(
        item=item,
        number=item.edits + 1,
        said_at=item.edited_at or item.received_at,
        language=item.language,
        visibility=item.visibility,
        unit_id=item.unit_id,
        answers=[{"question": one.question_id, "text": one.text, "choices": one.choices} for one in stored],
    )


def _let_say(item: FeedbackItem, wanted: FeedbackItem, passed: gates.Pass) -> None:
    """The new words but for the answers; and what becomes of the item by them."""
    was_for_staff = item.visibility == Visibility.STAFF
    if item.state == ItemState.PUBLISHED and wanted.state == ItemState.HELD:
        item.state = states.step(transitions.ITEM, ItemState.PUBLISHED, "hold")
        item.state_at, item.state_reason, item.moderator_id = passed.at, "", None
    for field in ("language", "visibility", "name", "unit_id", "fingerprint", "alike", "search_text"):
        setattr(item, field, getattr(wanted, field))
    item.read_state, item.read_percent = wanted.read_state, wanted.read_percent
    # Why something is held is still to be seen by whoever decides about it.
    item.suspicion = wanted.suspicion or (item.suspicion if item.state == ItemState.HELD else "")
    # What only staff could read has no reference that others may know.
    item.was_public = (item.was_public and not was_for_staff) or item.state == ItemState.PUBLISHED
    # Nobody finds it by words that may be the ones taken off; once it is translated anew by those.
    item.translated_text = ""
    item.terms = terms.version(getattr(item.window, column) for column in terms.COLUMNS)
    item.edits, item.edited_at = item.edits + 1, passed.at
    item.save()


def answered(stored: Iterable[FeedbackAnswer], answers: Iterable[Answer]) -> list[int]:
    """The questions that it answers from now on: those that were not asked now stay as they were."""
    given = {answer.question_id: answer.is_given for answer in answers}
    return sorted(
        {one.question_id for one in stored if one.question_id and one.question_id not in given}
        | {pk for pk in given if pk and given[pk]}
    )


def put(item: FeedbackItem, answers: Iterable[Answer], stored: Iterable[FeedbackAnswer] | None = None) -> None:
    """Store the answers under the rows that there are (`stored`, where that is known); what is left open now is no
    answer any more."""
    asked: dict[bool, list[Any]] = {True: [], False: []}
    for answer in answers:
        asked[answer.is_given].append(answer)
    left_open = {one.question_id for one in asked[False]}
    gone = Q(question__in=left_open - {PARAGRAPH})
    if stored is None or any((one.question_id or PARAGRAPH) in left_open for one in stored):
        FeedbackAnswer.objects.filter(gone | Q(question=None) if PARAGRAPH in left_open else gone, item=item).delete()
    FeedbackAnswer.objects.bulk_create(
        [
            FeedbackAnswer(
                item=item, question_id=comments.stored(one.question_id), text=one.text, choices=list(one.choices)
            )
            for one in asked[True]
        ],
        update_conflicts=True,
        unique_fields=["item", "question"],
        update_fields=["text", "choices"],
    )
