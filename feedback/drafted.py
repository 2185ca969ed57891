"""Whether what a drafted answer is about is still what staff had before them when they wrote it."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

from django.db.models import F, Q

from feedback import answering
from feedback.enums import ItemState
from feedback.models import Disposition, FeedbackItem, FeedbackWindow, ThemedItem
from proposals.models import Revision


class Since(NamedTuple):
    """What has changed under a draft: the items that say something else now, each with how often it had been changed
    then; those that have come into its theme; how many have gone out of it; and, where it names a revision and there is
    a newer one now, which was the newest then and which is now."""

    draft: Disposition
    changed: Sequence[tuple[FeedbackItem, int]]
    joined: Sequence[FeedbackItem]
    gone: int
    newest_then: int | None
    newest_now: int | None


def seen(items: Iterable[FeedbackItem], newest: int | None) -> dict[str, Any]:
    """What a draft keeps of what it is about (`Disposition.seen`): how often each item had been changed, and which was
    the newest revision of the text."""
    return {"items": {str(item.pk): item.edits for item in items}, "newest": newest}


def newest(window: FeedbackWindow) -> int | None:
    """The number of the newest revision of a window's text; None where it has none."""
    numbers = Revision.objects.filter(proposal=window.proposal_id).order_by("-number").values_list("number", flat=True)
    return numbers.first()


def since(window: FeedbackWindow) -> list[Since]:
    """The drafts of a window under which something has changed since they were written, the first first; three queries.
    Of those that were written before that was kept nobody knows."""
    drafts = [row for row in answering.drafts(window).select_related("item", "theme") if row.seen]
    about, last = now(drafts), newest(window)
    found = [_since(row, about[row.pk], last) for row in drafts]
    return [one for one in found if one.changed or one.joined or one.gone or one.newest_now]


def now(drafts: Collection[Disposition]) -> dict[int, list[FeedbackItem]]:
    """{id of a draft: what it is about now}: its item, or the published items of its theme that have no answer of their
    own; one query besides that of the drafts with their items."""
    of_themes: dict[int, list[FeedbackItem]] = {}
    has_none = Q(item__standing=None) | Q(item__standing__item=None) | Q(item__standing__joins=F("theme"))
    themed = ThemedItem.objects.filter(has_none, theme__in={row.theme_id for row in drafts if row.theme_id})
    themed = themed.filter(item__state=ItemState.PUBLISHED).select_related("item").order_by("item")
    for row in themed.defer("item__search_text", "item__translated_text", "item__fingerprint"):
        of_themes.setdefault(row.theme_id, []).append(row.item)
    return {row.pk: [row.item] if row.item else of_themes.get(row.theme_id or 0, []) for row in drafts}


def _since(draft: Disposition, about: Sequence[FeedbackItem], newest: int | None) -> Since:
    before: dict[str, int] = draft.seen["items"]
    changed = [(item, before[str(item.pk)]) for item in about if before.get(str(item.pk), item.edits) != item.edits]
    joined = [item for item in about if str(item.pk) not in before]
    gone = len(before.keys() - {str(item.pk) for item in about})
    then = draft.seen["newest"]
    is_later = draft.revision_id is not None and newest is not None and then is not None and newest > then
    return Since(draft, changed, joined, gone, then if is_later else None, newest if is_later else None)
