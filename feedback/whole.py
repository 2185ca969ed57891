"""All that everybody may read of what was said in a task force, as open data has it: read part by part, and whether any
of it has changed."""

from collections.abc import Collection, Iterator

from django.db import connection

from feedback import comments, queries
from feedback.enums import FOR_EVERYBODY, ItemState
from feedback.models import FeedbackAnswer, FeedbackItem
from proposals.models import Revision
from taskforce.core.text import digest
from taskforce.questions.models import Question
from taskforce.timeline.models import TaskForce


class Said:
    """What everybody may read of what was said in a task force, so many at once and never all of it in memory.

    Each item comes with its window, the text of that and its revision, which are read once for all of them.
    """

    def __init__(self, task_force: TaskForce) -> None:
        self._ids = list(queries.said_in(task_force).values_list("pk", flat=True))
        self._windows = {one.pk: one for one in queries.windows_of(task_force)}
        self._revisions: dict[int, Revision] = {}

    def parts(self, size: int) -> Iterator[list[FeedbackItem]]:
        """In their order; one that everybody may read no longer when its part is read is left out."""
        for start in range(0, len(self._ids), size):
            some = self._ids[start : start + size]
            found = (
                queries.for_everybody()
                .order_by()
                .filter(pk__in=some)
                .defer("search_text", "translated_text", "fingerprint")
                .in_bulk()
            )
            yield [self._whole(found[pk]) for pk in some if pk in found]

    def _whole(self, item: FeedbackItem) -> FeedbackItem:
        item.window = self._windows[item.window_id]
        if item.revision_id is not None:
            if item.revision_id not in self._revisions:
                self._revisions |= Revision.objects.filter(proposal=item.window.proposal_id).in_bulk()
            item.revision = self._revisions[item.revision_id]
        return item


# Each row is known by its number and by the transaction that wrote it; and by its place, since a transaction that reads
# what it has written sees more than its last word. Whatever changes is written anew by a later one, and of what a
# transaction wrote of one row the others see the last alone: so two moments with the same of these have the same rows,
# whichever transaction commits first, for one that is a part of another, for rows that leave what is asked for and come
# back, and where a table is written anew (then it is a version too many). Numbers of transactions begin again after 2³²
# of them, in a cluster that is restored or made anew, and where one is brought back to an earlier moment: so the
# cluster, its timeline and the turn of the numbers belong to it.
_HISTORY = """
SELECT 'history', (SELECT system_identifier FROM pg_control_system()),
    pg_snapshot_xmin(pg_current_snapshot())::text::bigint >> 32
UNION ALL SELECT 'timeline', 0, CASE
    WHEN pg_is_in_recovery() THEN -1 ELSE ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::bigint END
UNION ALL SELECT 'database', 0, oid::bigint FROM pg_database WHERE datname = current_database()
"""
_ROWS = """
SELECT '{0}', count(*), bit_xor(hashtidextended(one.ctid, hashint8extended(one.id, one.xmin::text::bigint)))
FROM {0} AS one WHERE {1}
"""
_MADE_OF = {
    "timeline_phase": "one.id IN (SELECT phase_id FROM asked)",
    "feedback_feedbackwindow": "one.id IN (SELECT id FROM asked)",
    "proposals_proposal": "one.id IN (SELECT proposal_id FROM asked)",
    "feedback_feedbackitem": "one.id IN (SELECT id FROM said)",
    "feedback_feedbackanswer": "one.item_id IN (SELECT id FROM said)",
    # What is sorted into a theme that nothing is answered of yet is nobody's to know: not even that it changes.
    "feedback_themeditem": "one.item_id IN (SELECT id FROM said) AND one.theme_id IN (SELECT id FROM shown)",
    "feedback_theme": "one.id IN (SELECT id FROM shown)",
    "feedback_release": "one.window_id IN (SELECT id FROM asked)",
    # Those of a window are released together, and none of them changes afterwards without another one.
    "feedback_disposition": (
        "one.release_id IN (SELECT id FROM feedback_release WHERE window_id IN (SELECT id FROM asked))"
    ),
    "feedback_feedbackreply": "one.item_id IN (SELECT id FROM said)",
    "feedback_feedbacktranslation": "one.item_id IN (SELECT id FROM said)",
    "questions_question": "true",
    "questions_choice": "true",
    "questions_questionset": "true",
    "questions_questionsetversion": "true",
}
_VERSION = """
WITH asked AS MATERIALIZED (
    SELECT feedback.id, feedback.phase_id, feedback.proposal_id
    FROM feedback_feedbackwindow AS feedback JOIN timeline_phase AS phase ON phase.id = feedback.phase_id
    WHERE phase.task_force_id = %s AND feedback.published_at IS NOT NULL AND phase.published_at IS NOT NULL
), said AS MATERIALIZED (
    SELECT item.id FROM feedback_feedbackitem AS item
    WHERE item.window_id IN (SELECT id FROM asked) AND item.state = %s AND item.visibility = ANY(%s)
), shown AS MATERIALIZED (
    SELECT theme.id FROM feedback_theme AS theme WHERE theme.window_id IN (SELECT id FROM asked) AND (
        EXISTS (SELECT FROM feedback_disposition AS own WHERE own.theme_id = theme.id AND own.stands)
        OR EXISTS (
            SELECT FROM feedback_themeditem AS themed JOIN feedback_disposition AS own ON own.item_id = themed.item_id
            WHERE themed.theme_id = theme.id AND own.stands
        )
    )
)
""" + " UNION ALL ".join((_HISTORY, *(_ROWS.format(*each) for each in _MADE_OF.items())))  # noqa: S608 - own names


def version(task_force: TaskForce) -> str:
    """A digest that changes with everything that the open data of a task force's feedback is made of; one query."""
    with connection.cursor() as cursor:
        cursor.execute(_VERSION, [task_force.pk, ItemState.PUBLISHED, sorted(FOR_EVERYBODY)])
        return digest(sorted(list(map(str, row)) for row in cursor.fetchall()))


def questions(task_force: TaskForce) -> dict[int, Question]:
    """{id: question} of all that answers in a task force can belong to, with their sets and choices; three queries."""
    asked = FeedbackAnswer.objects.filter(item__window__phase__task_force=task_force).values("question__version")
    found = Question.objects.filter(version__in=asked).select_related("version__question_set")
    return found.prefetch_related("choices").in_bulk()


def answers(items: Collection[FeedbackItem]) -> dict[int, list[FeedbackAnswer]]:
    """{id of an item: its answers in the order of the questions}, without the questions; one query."""
    found: dict[int, list[FeedbackAnswer]] = {}
    for answer in FeedbackAnswer.objects.filter(item__in=items).order_by(comments.IN_ORDER) if items else ():
        found.setdefault(answer.item_id, []).append(answer)
    return found
