"""What a posted form needs to know of its window, before it is stored."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.http import Http404

from feedback import terms
from feedback.enums import ItemState
from feedback.models import FeedbackItem, FeedbackWindow
from proposals.models import Unit
from taskforce.core import prepared
from taskforce.questions import queries as asking
from taskforce.questions.models import Question
from taskforce.timeline.gates import FormKey


class Place(NamedTuple):
    """Ids of what an item belongs to, no revision where the text has none; who can say something there, and whether its
    places are counted. `has_unit`: the text has, or had, the paragraph that it is about, if it is about one. `item_id`
    is what the same form has brought already, if it has; `waits`: for a mail."""

    phase_id: int
    task_force_id: int
    revision_id: int | None
    participation: str
    is_read_first: bool
    own_terms: Sequence[str | None]
    has_cap: bool
    has_unit: bool
    item_id: int | None
    waits: bool


class Door(NamedTuple):
    """A published window as far as a posted form needs it, its address, and the moment: `asked` are the questions as
    they stand, and `digest` says whether they stand so still (`questions.queries.known`). `place` is that of what the
    form brings, if it has a key."""

    pk: int
    phase_id: int
    questions_id: int
    proposal_id: int
    task_force: str
    slug: str
    participation: str
    asked: Sequence[Question]
    digest: str | None
    at: datetime
    place: Place | None


# Written out, since every submission in the last minute before a close asks them.
_OF_PLACE = f"""
phase.id, phase.task_force_id, COALESCE(
    (SELECT id FROM proposals_revision WHERE proposal_id = feedback.proposal_id AND at <= %s::timestamptz
        ORDER BY number DESC LIMIT 1),
    (SELECT id FROM proposals_revision WHERE proposal_id = feedback.proposal_id ORDER BY number DESC LIMIT 1)
), feedback.participation, feedback.is_read_first, {terms.TEXTS_SQL}, phase.cap IS NOT NULL,
    %s::bigint IS NULL OR EXISTS (
        SELECT FROM proposals_unit WHERE id = %s::bigint AND proposal_id = feedback.proposal_id
    ),
    (SELECT id FROM feedback_feedbackitem WHERE form_key = %s),
    EXISTS (SELECT 1 FROM feedback_feedbackunconfirmed WHERE form_key = %s)
"""  # noqa: S608 - names of columns
_PLACE = f"""
SELECT {_OF_PLACE}
FROM feedback_feedbackwindow AS feedback JOIN timeline_phase AS phase ON phase.id = feedback.phase_id
WHERE feedback.id = %s AND feedback.published_at IS NOT NULL
"""  # noqa: S608 - names of columns
_DOOR = f"""
SELECT feedback.id, feedback.questions_id, feedback.proposal_id,
    {asking.DIGEST.format(version="feedback.questions_id")}, app_now(), {_OF_PLACE}
FROM feedback_feedbackwindow AS feedback
JOIN timeline_phase AS phase ON phase.id = feedback.phase_id
JOIN timeline_taskforce AS task_force ON task_force.id = phase.task_force_id
WHERE task_force.slug = %s AND feedback.slug = %s
    AND feedback.published_at IS NOT NULL AND phase.published_at IS NOT NULL
"""  # noqa: S608 - a name of a column


def door_or_404(task_force: str, slug: str, form_key: FormKey | None = None, unit: str = "") -> Door:
    """The published window of an address without its texts, which make up most of what reading one costs; with the
    place of what comes by a form with this key about this `unit`, as the form names it."""
    shown_at, nonce = (form_key.issued_at, form_key.nonce) if form_key else (None, "")
    row = prepared.row(_DOOR, [*_for_place(shown_at, nonce, _id_of(unit)), task_force, slug])
    if row is None:
        raise Http404
    pk, questions_id, proposal_id, questions, at, *of_place = row
    place = Place(*of_place)
    return Door(
        pk,
        place.phase_id,
        questions_id,
        proposal_id,
        task_force,
        slug,
        place.participation,
        asking.known(questions_id, questions),
        questions,
        at.astimezone(UTC),
        place if form_key else None,
    )


def place(window_id: int, shown_at: datetime, nonce: str = "", unit_id: int | None = None) -> Place:
    """Where an item belongs that was written on this form, shown at `shown_at`; `Http404` without such a window.

    The revision is the one that stood when the form was shown, which is what was read; where every revision
    is younger (a page imported with its own, later minute) it is the last one.
    """
    row = prepared.row(_PLACE, [*_for_place(shown_at, nonce, unit_id), window_id])
    if row is None:
        raise Http404
    return Place(*row)


def _for_place(shown_at: datetime | None, nonce: str, unit_id: int | None) -> list[Any]:
    """What stands in the places of `_OF_PLACE`."""
    return [shown_at, unit_id, unit_id, nonce, nonce]


# More digits no id has.
_LONGEST_ID = 18


def unit_of(proposal_id: int, given: str) -> Unit | None:
    """The unit that an address or a form names by its id, if the text has it or had it; no query for other words."""
    unit_id = _id_of(given)
    if unit_id is None:
        return None
    found = Unit.objects.select_related("section", "proposal__task_force")
    return found.filter(proposal=proposal_id, pk=unit_id).first()


def _id_of(given: str) -> int | None:
    return int(given) if given.isascii() and given.isdecimal() and len(given) <= _LONGEST_ID else None


def is_of_window(window_id: int, unit_id: int) -> bool:
    """Whether the window's text has, or had, this unit."""
    return FeedbackWindow.objects.filter(pk=window_id, proposal__units=unit_id).exists()


def taken(phase_id: int) -> int:
    """How many items of the windows of a phase stand: what its cap, if it has one, counts.

    What is held or hidden takes nobody's place, else one machine could fill a window.
    """
    return FeedbackItem.objects.filter(window__phase=phase_id, state=ItemState.PUBLISHED).count()


def item_by_form(nonce: str) -> FeedbackItem | None:
    """The item that came by this form, if it was sent before."""
    return FeedbackItem.objects.filter(form_key=nonce).order_by().first()


def same_again(item: FeedbackItem, references: Collection[str]) -> FeedbackItem | None:
    """The first of the items with these references that says the same as `item`, about the same revision, from the same
    account or (where the window asks for none) from none.

    One that was withdrawn, or changed since, no longer says it. No statement where there are no references.
    """
    if not references:
        return None
    said = FeedbackItem.objects.filter(
        reference__in=references, window=item.window_id, revision=item.revision_id, author=item.author_id
    )
    found = said.filter(fields_digest=item.fields_digest, edits=0).exclude(state=ItemState.WITHDRAWN)
    return found.order_by("id").first()
