"""What there is to read of feedback."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import BooleanField, Count, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Left
from django.http import Http404
from django.utils.translation import get_language

from feedback import comments, terms
from feedback.enums import FOR_EVERYBODY, NEARLY_THE_SAME, ItemState, LineFault, Suspicion
from feedback.models import (
    RECEIVED_ON,
    FeedbackAnswer,
    FeedbackAppeal,
    FeedbackItem,
    FeedbackWindow,
    Release,
    Sheet,
    SheetLine,
    Summary,
)
from feedback.rules import WHO
from proposals import queries as texts
from proposals.enums import ProposalState
from proposals.models import Proposal, Unit
from taskforce.accounts.queries import task_force_ids
from taskforce.core import languages, prepared, tokens
from taskforce.core.labels import Label
from taskforce.core.together import This
from taskforce.questions import queries as asking
from taskforce.questions.enums import OTHER_LANGUAGE
from taskforce.questions.models import Question
from taskforce.timeline import windows as spans
from taskforce.timeline.enums import ENDED, Capability, PhaseState
from taskforce.timeline.gates import FormKey
from taskforce.timeline.models import Phase, TaskForce


@dataclass(frozen=True)
class WindowAt:
    """A window, where it stands at a moment, and how many items of it everybody may read."""

    window: FeedbackWindow
    phase: Phase
    state: PhaseState
    items: int


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
# So many of 16 marks: texts of which four fifths are the same share about eight, strangers' texts none or one.
NEAR = 3
# So many characters of a text say in a list what it is.
_BEGINNING = 200
# One of them is enough: each knows the first that it was like.
# A function of the database, since it is to be planned as nothing else is (migration 0032).
_NEAR_ANOTHER = "SELECT feedback_near(%s::bigint[], %s::bigint, %s::bigint, %s::text, %s::bigint)"

# What stands or is held, and what waits.
_SAME_WORDS = """
SELECT (SELECT count(*) FROM (
    SELECT FROM feedback_feedbackitem WHERE fingerprint @> %s::bigint[] AND window_id = %s::bigint AND id <> %s::bigint
        AND state <> %s::text AND (received_at > %s::timestamptz OR confirmed_at > %s::timestamptz) LIMIT %s::bigint
) AS stands) + (SELECT count(*) FROM (
    SELECT FROM feedback_feedbackunconfirmed WHERE fingerprint @> %s::bigint[] AND window_id = %s::bigint
        AND form_key <> %s::text AND sent_at > %s::timestamptz LIMIT %s::bigint
) AS waits)
"""


def _published() -> QuerySet[FeedbackWindow]:
    return FeedbackWindow.objects.filter(published_at__isnull=False, phase__published_at__isnull=False).select_related(
        "phase__task_force", "proposal__task_force"
    )


def in_phases() -> QuerySet[FeedbackWindow]:
    """The windows that visitors find, or will find once their phase is published."""
    return FeedbackWindow.objects.filter(published_at__isnull=False)


def asked_in_phases() -> QuerySet[FeedbackWindow]:
    """The same windows, each with the number of its `text` and whether that `goes_on` (`timeline.subjects`)."""
    goes_on = ExpressionWrapper(Q(proposal__state=ProposalState.PUBLISHED), BooleanField())
    return in_phases().annotate(text=F("proposal_id"), goes_on=goes_on)


def window_or_404(
    task_force: str,
    slug: str,
    also: Callable[[QuerySet[FeedbackWindow]], QuerySet[FeedbackWindow]] = lambda found: found,
) -> FeedbackWindow:
    """The published window of an address, with its phase, task force and proposal, in one statement; `also` adds to
    what that reads."""
    window = also(_published()).filter(phase__task_force__slug=task_force, slug=slug).first()
    if window is None:
        raise Http404
    return window


def window_numbered(window_id: int) -> FeedbackWindow:
    """A published window, with its phase, task force and proposal."""
    return _published().get(pk=window_id)


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


def windows(task_force: TaskForce, at: datetime) -> list[WindowAt]:
    """All windows of a task force in the order in which they open, in one statement."""
    # What else was received is printed nowhere: who takes this number from that one would have the rest.
    is_readable = Q(items__state=ItemState.PUBLISHED, items__visibility__in=sorted(FOR_EVERYBODY))
    found = with_results(_published().filter(phase__task_force=task_force))
    counted = found.annotate(readable=Count("items", filter=is_readable))
    return [
        WindowAt(window, window.phase, spans.state(window.phase, at), window.readable)
        for window in counted.order_by("phase__opens_at", "id")
    ]


def windows_on(proposal: Proposal) -> QuerySet[FeedbackWindow]:
    """The published windows on one text, in the order in which they open."""
    return _published().filter(proposal=proposal).order_by("phase__opens_at", "id")


def windows_of(task_force: TaskForce) -> QuerySet[FeedbackWindow]:
    """All published windows of a task force."""
    return _published().filter(phase__task_force=task_force)


def on_text() -> QuerySet[FeedbackWindow]:
    """The published windows on the text of a page (`proposals/current.py`), in the order in which they open, each with
    `has_items`: whether there is something to read. How much would draw the page anew with each text that comes.
    Each knows its results (`with_results`)."""
    found = FeedbackWindow.objects.filter(
        published_at__isnull=False,
        phase__published_at__isnull=False,
        proposal=This("proposal_id"),
    )
    said = for_everybody().order_by().filter(window=OuterRef("pk"))
    return with_results(found.annotate(has_items=Exists(said))).order_by("phase__opens_at", "id")


def with_results(found: QuerySet[FeedbackWindow]) -> QuerySet[FeedbackWindow]:
    """Windows, each with `has_answers`, whether answers to what was said in it are published, and `summary_at`, when
    the newest version of its summary was (None: there is none)."""
    of_window = {"window": OuterRef("pk")}
    newest = Summary.objects.filter(**of_window).order_by("-number").values("at")[:1]
    return found.annotate(has_answers=Exists(Release.objects.filter(**of_window)), summary_at=Subquery(newest))


def counts(window: FeedbackWindow) -> dict[str, int]:
    """How many items a window has: `total`, and one number per state."""
    by_state = dict(window.items.order_by().values_list("state").annotate(Count("id")))
    return {"total": sum(by_state.values()), **{state: by_state.get(state, 0) for state in ItemState.values}}


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


def paragraph_of(item: FeedbackItem) -> Unit | None:
    """The paragraph that an item is about; one query where there is one."""
    if item.unit_id is None:
        return None
    return Unit.objects.select_related("section", "proposal__task_force").get(pk=item.unit_id)


def is_of_window(window_id: int, unit_id: int) -> bool:
    """Whether the window's text has, or had, this unit."""
    return FeedbackWindow.objects.filter(pk=window_id, proposal__units=unit_id).exists()


def for_everybody() -> QuerySet[FeedbackItem]:
    """What everybody may read, as public lists have it: the newest day first, and within a day by the references, which
    are random: between which others something came would say when, and so perhaps who."""
    found = FeedbackItem.objects.filter(state=ItemState.PUBLISHED, visibility__in=sorted(FOR_EVERYBODY))
    return found.order_by(RECEIVED_ON.desc(), "reference")


def in_language(code: str) -> Q:
    """Said in a language, or (`OTHER_LANGUAGE`) in none of the portal's."""
    return ~Q(language__in=languages.CODES) if code == OTHER_LANGUAGE else Q(language=code)


def said_about(unit: Unit) -> QuerySet[FeedbackItem]:
    """What everybody may read of what was said about a paragraph, with its windows."""
    found = for_everybody().filter(
        unit=unit, window__published_at__isnull=False, window__phase__published_at__isnull=False
    )
    return found.select_related("window__phase__task_force")


def said_in(task_force: TaskForce) -> QuerySet[FeedbackItem]:
    """What everybody may read of what was said in the windows of a task force, window by window."""
    found = for_everybody().filter(
        window__phase__task_force=task_force,
        window__published_at__isnull=False,
        window__phase__published_at__isnull=False,
    )
    return found.order_by("window", RECEIVED_ON.desc(), "reference")


def answers_of(items: Collection[FeedbackItem]) -> dict[int, list[FeedbackAnswer]]:
    """{id of an item: its answers in the order of the questions}; two queries at most."""
    found: dict[int, list[FeedbackAnswer]] = {}
    for answer in _with_questions().filter(item__in=items) if items else ():
        found.setdefault(answer.item_id, []).append(answer)
    return found


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


def near_another(window_id: int, fingerprint: list[int], item_id: int | None = None) -> int | None:
    """The first of the texts of the window (as far as they stand or wait, and without this item) that share `NEAR`
    marks or more with this fingerprint, or with another one that does; None where no text does."""
    row = prepared.row(_NEAR_ANOTHER, [fingerprint, window_id, item_id or 0, ItemState.WITHDRAWN.value, NEAR])
    return row[0] if row else None


def alike_since(item: FeedbackItem, since: datetime, apart: timedelta) -> list[int]:
    """What came to the window since and stands as it came, of those that say nearly the same as an item. The first of
    them stays where it had no sign itself and no copy followed it within `apart`: nobody takes a text off the page by
    copying it, and a flood is held with the text that it began with. Locked as `odd_since`."""
    is_first = Q(pk=item.alike) & (~Q(suspicion="") | _is_copied_within(apart))
    return list(_locked(_standing_since(item, since).filter(Q(alike=item.alike) | is_first)))


def odd_since(item: FeedbackItem, since: datetime, apart: timedelta) -> list[int]:
    """What came to the window since and stands as it came, with the item's slight sign; for a text that came before
    also what has nearly the same words and came fast, or was followed by a copy within `apart`.

    Locked for who holds it; what somebody else decides about at this moment is theirs.
    """
    standing = _standing_since(item, since)
    alike = NEARLY_THE_SAME if item.suspicion in NEARLY_THE_SAME else {Suspicion.FAST, Suspicion.FAST_REPEATED}
    found = list(_locked(standing.filter(suspicion__in=alike)))
    if item.suspicion in NEARLY_THE_SAME:
        is_near = Q(suspicion=Suspicion.FAST) | Q(suspicion="") & _is_copied_within(apart)
        near = standing.filter(is_near, fingerprint__overlap=item.fingerprint)
        found += [pk for pk, marks in _locked(near, "fingerprint") if len({*marks} & {*item.fingerprint}) >= NEAR]
    return found


def same_words_since(item: FeedbackItem, since: datetime) -> list[int]:
    """What came to the window since and stands as it came, of those that say the same few words. Locked as
    `odd_since`."""
    return list(_locked(_standing_since(item, since).filter(fingerprint__contains=item.fingerprint)))


def count_same_words(item: FeedbackItem, since: datetime, most: int) -> int:
    """How many came to the window since with the same few words, or wait for a mail, whatever became of them but for
    what was withdrawn; each counted no further than `most`. One statement."""
    values = [item.fingerprint, item.window_id, item.pk or 0, ItemState.WITHDRAWN.value, since, since, most]
    row = prepared.row(_SAME_WORDS, [*values, item.fingerprint, item.window_id, item.form_key, since, most])
    return int(row[0]) if row else 0


def _standing_since(item: FeedbackItem, since: datetime) -> QuerySet[FeedbackItem]:
    """What came to the item's window since, or was confirmed since, and stands as it came."""
    came = Q(received_at__gt=since) | Q(confirmed_at__gt=since)
    return FeedbackItem.objects.filter(came, window=item.window_id, state=ItemState.PUBLISHED, state_at=None)


def _is_copied_within(apart: timedelta) -> Q:
    """Of an item: another one that says nearly the same came, or was confirmed, so soon after it."""
    copies = FeedbackItem.objects.filter(window=OuterRef("window"), alike=OuterRef("pk"))
    soon = Q(received_at__lte=OuterRef("received_at") + apart) | Q(confirmed_at__lte=OuterRef("confirmed_at") + apart)
    return Q(Exists(copies.filter(soon)))


def locked(item_id: int) -> FeedbackItem:
    """An item that nobody else changes until the end of the transaction, with its window and phase."""
    found = FeedbackItem.objects.select_related("window__phase").select_for_update(of=("self",))
    return found.get(pk=item_id)


def _locked(found: QuerySet[FeedbackItem], *columns: str) -> QuerySet[FeedbackItem, Any]:
    """Ids, or rows of the id and these columns, each locked in the order of the ids."""
    rows = found.order_by("pk").select_for_update(skip_locked=True)
    return rows.values_list("pk", *columns) if columns else rows.values_list("pk", flat=True)


def item_or_404(window: FeedbackWindow, token: str) -> FeedbackItem:
    """One's own item by the token of its link (any text)."""
    item = FeedbackItem.objects.filter(window=window, token_hash=tokens.hashed(token)).first()
    if item is None:
        raise Http404
    item.window = window
    return item


def sheets_of(user: Any, window: FeedbackWindow) -> QuerySet[Sheet]:
    """The tables that somebody has pasted for a window, the newest first, each with how many lines it has, and how many
    of them were `entered` and `failed`."""
    found = Sheet.objects.filter(window=window, pasted_by=user).order_by("-id")
    return found.annotate(
        total=Count("lines"),
        entered=Count("lines", filter=Q(lines__item__isnull=False)),
        failed=Count("lines", filter=Q(lines__fault__in=LineFault.values)),
    )


def lines_failed(sheet: Sheet) -> list[SheetLine]:
    """The lines of a table that were not entered, in their order."""
    return list(sheet.lines.exclude(fault="").order_by("number"))


def lines_waiting(most: int) -> list[int]:
    """The next lines that wait, of whatever tables, the oldest first."""
    found = SheetLine.objects.filter(item=None, fault="").order_by("sheet", "number")
    return list(found.values_list("pk", flat=True)[:most])


def to_enter_in(task_force_ids: Collection[int | None]) -> list[FeedbackWindow]:
    """The published windows of these task forces (None: of all), the newest first: what was said elsewhere belongs to
    one of them. One query."""
    found = _published().order_by("-phase__opens_at", "-id")
    return list(found if None in task_force_ids else found.filter(phase__task_force__in=task_force_ids))


def units_to_choose(proposal_id: int) -> list[int]:
    """The ids of the units that a text has, in its order."""
    found = Unit.objects.filter(proposal=proposal_id, removed_in=None).order_by("position")
    return list(found.values_list("pk", flat=True))


def entered_by(user: Any, window: FeedbackWindow) -> QuerySet[FeedbackItem]:
    """What somebody has entered in a window for those who spoke elsewhere, the newest first."""
    found = FeedbackItem.objects.filter(window=window, entered_by=user).prefetch_related("appeals")
    return found.order_by("-id")


def appeal_of(item: FeedbackItem) -> FeedbackAppeal | None:
    """The last appeal of an item's author, whatever came of it; one query."""
    appeal = FeedbackAppeal.objects.filter(item=item).order_by("-id").first()
    if appeal is not None:
        appeal.item = item
    return appeal


def answers(item: FeedbackItem) -> Sequence[FeedbackAnswer]:
    """The answers of an item in the order of the questions, with what they name."""
    return list(_with_questions().filter(item=item))


def beginning() -> Subquery:
    """Of items: the beginning of the first answer in words; None where there is none."""
    found = FeedbackAnswer.objects.filter(item=OuterRef("pk")).exclude(text="").order_by(comments.IN_ORDER)
    return Subquery(found.annotate(start=Left("text", _BEGINNING)).values("start")[:1])


def _with_questions() -> QuerySet[FeedbackAnswer]:
    found = FeedbackAnswer.objects.select_related("question").prefetch_related("question__choices")
    return found.order_by(comments.IN_ORDER)


def title_of(proposal: Proposal) -> Label:
    """The title of a text for a reader of the active language, by the chain; empty where it has none."""
    return texts.title_of(proposal, get_language() or "en")


def visible_windows(user: Any) -> QuerySet[FeedbackWindow]:
    """The windows of the task forces whose feedback a staff member reads, with the number `received`."""
    everywhere, ids = task_force_ids(user, WHO["feedback.read"])
    found = FeedbackWindow.objects.select_related("phase__task_force", "proposal")
    found = found.annotate(received=Count("items"))
    return found if everywhere else found.filter(phase__task_force_id__in=ids)


def phases_to_ask_in(user: Any, at: datetime) -> list[Phase]:
    """The published phases for feedback, not over at the moment, for which the user may publish a window; none of a
    task force that has ended.
    """
    everywhere, ids = task_force_ids(user, WHO["window.publish"])
    found = Phase.objects.filter(
        capabilities__contains=[Capability.FEEDBACK], published_at__isnull=False, cancelled_at=None, closes_at__gt=at
    )
    found = found.exclude(task_force__state__in=ENDED)
    found = found.select_related("task_force").order_by("task_force_id", "opens_at", "id")
    return list(found if everywhere else found.filter(task_force_id__in=ids))


def texts_to_ask_about(user: Any) -> list[Proposal]:
    """The published texts that have not ended, for which the user may publish a window."""
    everywhere, ids = task_force_ids(user, WHO["window.publish"])
    found = Proposal.objects.filter(state=ProposalState.PUBLISHED).select_related("task_force")
    found = found.order_by("task_force_id", "id")
    return list(found if everywhere else found.filter(task_force_id__in=ids))


def windows_in(phase: Phase) -> list[FeedbackWindow]:
    """The published windows of a phase, in the order in which they were made."""
    return list(_published().filter(phase=phase).order_by("id"))


def window_called(task_force_id: int, slug: str) -> FeedbackWindow | None:
    """The window of a task force that has this address."""
    return FeedbackWindow.objects.filter(phase__task_force=task_force_id, slug=slug).first()


def visible_to(user: Any) -> QuerySet[FeedbackItem]:
    """The items that a staff member reads; everybody else none."""
    everywhere, ids = task_force_ids(user, WHO["feedback.read"])
    found = FeedbackItem.objects.select_related("window__phase__task_force", "revision", "unit", "entered_by")
    return found if everywhere else found.filter(window__phase__task_force_id__in=ids)
