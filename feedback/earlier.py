"""What is there besides what everybody reads: what was typed and not sent, what came from an account, and what
an item said before."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import F, Func, JSONField, Q, QuerySet
from django.http import Http404

from feedback import browsers
from feedback.enums import NEARLY_THE_SAME, ItemState, Suspicion
from feedback.models import (
    FeedbackAnswer,
    FeedbackDraft,
    FeedbackItem,
    FeedbackUnconfirmed,
    FeedbackWindow,
    FeedbackWording,
)
from feedback.queries import NEAR
from feedback.rules import WHO
from taskforce.accounts.queries import task_force_ids
from taskforce.core import sealedlinks, tokens
from taskforce.questions.models import Question

# So many drafts of other paragraphs are named.
MOST_DRAFTS = 10
# For so long after the close of its window, what was sent in time can be confirmed.
CONFIRMABLE = timedelta(days=7)
# The columns of an item that waits with it.
KEPT = (
    *("reference", "unit_id", "revision_id", "language", "read_language", "read_state", "read_percent", "channel"),
    *("visibility", "name", "state", "suspicion", "fingerprint", "alike", "search_text", "terms", "poster"),
)
_PURPOSE = "feedback.confirm"
Row = dict[str, Any]
# As `queries.near_another`, of what waits: by the marks alone first.
_NEAR_WAITING = """
WITH near AS MATERIALIZED (
    SELECT id, said, window_id, fingerprint FROM feedback_feedbackunconfirmed WHERE fingerprint && %s::bigint[]
)
SELECT COALESCE((said ->> 'alike')::bigint, -id) FROM near WHERE window_id = %s
    AND (SELECT count(*) FROM unnest(fingerprint) AS mark WHERE mark = ANY(%s::bigint[])) >= %s
ORDER BY id LIMIT 1
"""


def draft(
    window_id: int, unit_id: int | None, browser_hash: str, *, is_to_change: bool = False
) -> FeedbackDraft | None:
    """What a browser has kept of the form of a window, opened by this paragraph or (None) by none; no statement for a
    browser without a secret."""
    if not browser_hash:
        return None
    found = FeedbackDraft.objects.filter(window=window_id, unit=unit_id, browser_hash=browser_hash)
    return (found.select_for_update() if is_to_change else found).first()


def other_drafts(window_id: int, unit_id: int | None, browser_hash: str) -> list[FeedbackDraft]:
    """What a browser has kept of the same window besides, of other paragraphs or the whole text, the newest first."""
    if not browser_hash:
        return []
    found = FeedbackDraft.objects.filter(window=window_id, browser_hash=browser_hash)
    besides = found.exclude(unit=unit_id) if unit_id else found.exclude(unit=None)
    return list(besides.order_by("-kept_at", "-pk")[:MOST_DRAFTS])


def all_drafts(secret: str) -> list[FeedbackDraft]:
    """What a browser has kept in any window, the newest first, with the windows; two statements, none without a
    secret."""
    if not secret:
        return []
    # Nothing stored says which drafts of several windows are one person's: the browser alone does.
    hashes = [browsers.hashed(secret, pk) for pk in FeedbackWindow.objects.values_list("pk", flat=True)]
    found = FeedbackDraft.objects.filter(browser_hash__in=hashes).select_related("window__phase__task_force")
    return list(found.order_by("-kept_at", "-pk"))


def said_by(user_id: int) -> list[FeedbackItem]:
    """What came from an account, the newest first, with its windows."""
    found = FeedbackItem.objects.filter(author=user_id).select_related("window__phase__task_force")
    return list(found.order_by("-id"))


def wordings(item: FeedbackItem) -> list[tuple[FeedbackWording, list[FeedbackAnswer]]]:
    """What an item said before its author changed it, the last first, each with its answers in the order of the
    questions; three queries at most."""
    found = list(item.wordings.order_by("-number")) if item.edits else []
    in_order = _in_order(answer for wording in found for answer in wording.answers)
    return [(wording, _answers(wording.answers, in_order, item=item)) for wording in found]


def wording_seen(item: FeedbackItem, seen: str) -> tuple[FeedbackWording, list[FeedbackAnswer]] | None:
    """What a moderator had before them (`undecided.version`; any text), where it says something else now."""
    edits = seen.split("-")[0]
    return next((one for one in wordings(item) if str(one[0].number - 1) == edits), None)


def _in_order(answers: Iterable[Row]) -> list[Question | None]:
    """The questions that these answer, the place of a comment (None) first; two statements at most."""
    asked = {answer["question"] for answer in answers} - {None}
    questions = Question.objects.filter(pk__in=asked).order_by("position", "pk").prefetch_related("choices")
    return [None, *(questions if asked else ())]


def _answers(answers: Iterable[Row], asked: Iterable[Question | None], **of: Any) -> list[FeedbackAnswer]:
    """What was kept of answers, as answers in the order of what was asked."""
    said = {answer["question"]: answer for answer in answers}
    places = [(one, said[key]) for one in asked if (key := one.pk if one else None) in said]
    return [FeedbackAnswer(question=one, text=row["text"], choices=row["choices"], **of) for one, row in places]


def unconfirmed(nonce: str) -> FeedbackUnconfirmed | None:
    """What waits that came by this form."""
    return _waiting().filter(form_key=nonce).first()


def unconfirmed_to_change(row_id: int) -> FeedbackUnconfirmed | None:
    """The same by its id, which nobody else confirms until the end of the transaction."""
    return _waiting().select_for_update(of=("self",)).filter(pk=row_id).first()


def unconfirmed_by_token(window: FeedbackWindow, token: str) -> FeedbackUnconfirmed | None:
    """What waits, by the token of the link on its receipt (any text)."""
    return _waiting().filter(window=window, token_hash=tokens.hashed(token)).first()


def count_unconfirmed(user: Any) -> int:
    """How much waits in the task forces whose feedback a staff member reads; what it says nobody reads."""
    everywhere, ids = task_force_ids(user, WHO["feedback.read"])
    found = FeedbackUnconfirmed.objects.all()
    return (found if everywhere else found.filter(window__phase__task_force__in=ids)).count()


def first_of_browser(item: FeedbackItem, references: Collection[str]) -> str:
    """The form by which the first came that waits for the same mailbox as `item`, of these that its browser has sent;
    "" for none."""
    if not (references and item.poster):
        return ""
    found = FeedbackUnconfirmed.objects.filter(
        window=item.window_id, said__reference__in=list(references), said__poster=item.poster
    )
    row = found.order_by("pk").first()
    return (row.together or row.form_key) if row else ""


def is_confirmed_mailbox(item: FeedbackItem, references: Collection[str]) -> bool:
    """Whether the mailbox of `item` has confirmed one of these that its browser has sent."""
    if not (references and item.poster):
        return False
    return FeedbackItem.objects.filter(window=item.window_id, reference__in=references, poster=item.poster).exists()


def together_with(row: FeedbackUnconfirmed) -> list[FeedbackUnconfirmed]:
    """What else waits that a mail for this one confirms, the first first."""
    first = row.together or row.form_key
    found = _waiting().filter(Q(together=first) | Q(form_key=first), window=row.window_id).exclude(pk=row.pk)
    return list(found.order_by("pk"))


def near_waiting(window_id: int, fingerprint: list[int]) -> int | None:
    """What the first of the texts that wait in the window and share `NEAR` marks or more with this fingerprint is like:
    an item, or (below zero) one that waits; None where no text does."""
    with connection.cursor() as cursor:
        cursor.execute(_NEAR_WAITING, [fingerprint, window_id, fingerprint, NEAR])
        row = cursor.fetchone()
    return row[0] if row else None


def waiting_alike_since(item: FeedbackItem, since: datetime) -> list[int]:
    """As `queries.alike_since`, of what waits. The first goes with the others: nobody has read it yet."""
    first = -item.alike if item.alike is not None and item.alike < 0 else 0
    return _to_hold(_waiting_since(item, since).filter(Q(said__alike=item.alike) | Q(pk=first)))


def waiting_odd_since(item: FeedbackItem, since: datetime) -> list[int]:
    """As `queries.odd_since`, of what waits."""
    is_near = item.suspicion in NEARLY_THE_SAME
    alike = NEARLY_THE_SAME if is_near else {Suspicion.FAST, Suspicion.FAST_REPEATED}
    waiting = _waiting_since(item, since)
    found = _to_hold(waiting.filter(said__suspicion__in=sorted(alike)))
    near = waiting.filter(fingerprint__overlap=item.fingerprint) if is_near else waiting.none()
    marks = {*item.fingerprint}
    return found + _to_hold(waiting.filter(pk__in=[one.pk for one in near if len({*one.fingerprint} & marks) >= NEAR]))


def waiting_same_words_since(item: FeedbackItem, since: datetime) -> list[int]:
    """As `queries.same_words_since`, of what waits."""
    return _to_hold(_waiting_since(item, since).filter(fingerprint__contains=item.fingerprint))


def _waiting_since(item: FeedbackItem, since: datetime) -> QuerySet[FeedbackUnconfirmed]:
    waiting = FeedbackUnconfirmed.objects.filter(window=item.window_id, sent_at__gt=since)
    return waiting.filter(said__state=ItemState.PUBLISHED.value).exclude(form_key=item.form_key)


def _to_hold(found: QuerySet[FeedbackUnconfirmed]) -> list[int]:
    """Locked; what its author confirms at this moment is judged there."""
    return list(found.order_by("pk").select_for_update(skip_locked=True).values_list("pk", flat=True))


def as_held() -> Func:
    """What an item says of itself while it waits, but that people read it before anybody else can."""
    return Func(F("said"), template="jsonb_set(%(expressions)s, '{state}', '\"held\"')", output_field=JSONField())


def confirm_token(row: FeedbackUnconfirmed, mailbox: str = "") -> str:
    """What stands in the link of the mail to `mailbox`: whoever follows it may want to be told there, and the link
    alone says where that is."""
    return sealedlinks.seal([row.form_key, *([mailbox] if mailbox else [])], _PURPOSE)


def mailbox_of(token: str) -> str:
    """Where the mail with this link went; "" for one that does not say so."""
    try:
        _nonce, mailbox = sealedlinks.unseal(token, _PURPOSE)
    except (sealedlinks.NoToken, TypeError, ValueError):
        return ""
    return str(mailbox)


def to_confirm(window: FeedbackWindow, token: str) -> FeedbackUnconfirmed | FeedbackItem:
    """What waits by the token of its mail, or the item that it has become; `Http404` without one."""
    try:
        nonce, *_mailbox = sealedlinks.unseal(token, _PURPOSE)
    except (sealedlinks.NoToken, TypeError, ValueError):
        raise Http404 from None
    waits = _waiting().filter(window=window, form_key=nonce).first()
    found = waits or FeedbackItem.objects.filter(window=window, form_key=nonce).order_by().first()
    if found is None:
        raise Http404
    return found


def confirmable_until(window: FeedbackWindow) -> datetime:
    """Until when what was sent in a window can be confirmed."""
    return window.phase.closes_at + CONFIRMABLE


def item_of(row: FeedbackUnconfirmed) -> FeedbackItem:
    """The item that it becomes, not stored."""
    return FeedbackItem(
        window=row.window,
        form_key=row.form_key,
        fields_digest=row.fields_digest,
        token_hash=row.token_hash,
        received_at=row.sent_at,
        in_grace=row.in_grace,
        **row.said,
    )


def answers_waiting(row: FeedbackUnconfirmed) -> list[FeedbackAnswer]:
    """What it answers, in the order of the questions; two statements."""
    return _answers(row.answers, _in_order(row.answers))


def _waiting() -> QuerySet[FeedbackUnconfirmed]:
    return FeedbackUnconfirmed.objects.select_related("window__phase__task_force", "window__proposal")
