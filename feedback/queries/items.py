"""What was said, as everybody may read it, and its answers."""

from collections.abc import Collection, Sequence

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Left
from django.http import Http404

from feedback import comments
from feedback.enums import FOR_EVERYBODY, ItemState
from feedback.models import RECEIVED_ON, FeedbackAnswer, FeedbackAppeal, FeedbackItem, FeedbackWindow
from proposals.models import Unit
from taskforce.core import languages, tokens
from taskforce.questions.enums import OTHER_LANGUAGE
from taskforce.timeline.models import TaskForce

# So many characters of a text say in a list what it is.
_BEGINNING = 200


def paragraph_of(item: FeedbackItem) -> Unit | None:
    """The paragraph that an item is about; one query where there is one."""
    if item.unit_id is None:
        return None
    return Unit.objects.select_related("section", "proposal__task_force").get(pk=item.unit_id)


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


def locked(item_id: int) -> FeedbackItem:
    """An item that nobody else changes until the end of the transaction, with its window and phase."""
    found = FeedbackItem.objects.select_related("window__phase").select_for_update(of=("self",))
    return found.get(pk=item_id)


def item_or_404(window: FeedbackWindow, token: str) -> FeedbackItem:
    """One's own item by the token of its link (any text)."""
    item = FeedbackItem.objects.filter(window=window, token_hash=tokens.hashed(token)).first()
    if item is None:
        raise Http404
    item.window = window
    return item


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
