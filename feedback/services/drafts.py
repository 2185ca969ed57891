"""What somebody has typed in the form of a window and not sent: kept for their browser alone.

Nobody else reads it, so the log has nothing of it either: it would say when somebody types.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from feedback import browsers, earlier
from feedback.models import FeedbackDraft, FeedbackItem, FeedbackUnconfirmed, FeedbackWindow
from proposals.models import Unit
from taskforce.core.errors import Conflict, Invalid, Refused
from taskforce.limits import services as limits
from taskforce.limits import table
from taskforce.timeline import describe
from taskforce.timeline import windows as spans

Fields = Mapping[str, Sequence[str]]
# For so long it is still there once the window has closed: what was not sent in time can be copied.
KEPT_AFTER_CLOSE = timedelta(days=30)


class KeptElsewhere(Conflict):
    """The same browser has kept something else since, in another tab: `kept`."""

    title = gettext_lazy("You have saved another draft meanwhile")

    def __init__(self, kept: FeedbackDraft) -> None:
        super().__init__(_("It comes from another tab. Nothing was overwritten: both texts stand below."))
        self.kept = kept


class NotKeptAnyMore(Conflict):
    """What a page wants to keep anew by itself was sent, or thrown away, meanwhile."""

    def __init__(self) -> None:
        super().__init__(_("This draft is not there any more: it was sent, or thrown away. Nothing was saved."))


def keep_draft(
    window_id: int,
    unit_id: int | None,
    browser_hash: str,
    fields: Fields,
    *,
    version: int,
    at: datetime,
    sender: str | None = None,
    by_itself: bool = False,
    form_key: str = "",
) -> FeedbackDraft:
    """Keep what was typed in the place of what was kept at `version` (0: nothing was).

    Raises `Refused` where the window is not open, `KeptElsewhere` where something else has been kept since,
    `NotKeptAnyMore` where nobody asked for it (`by_itself`) and what was kept at `version` is gone, or the form itself
    (`form_key`, its nonce; "": not known) was accepted meanwhile, `TooOften` where the browser has kept too much
    (`FEEDBACK_DRAFT`), or the address `sender` (None: nothing is counted) very much
    (`FIRST_DRAFT`, `DRAFTS_FROM`).
    """
    act = _Act(version, at, sender, by_itself, form_key)
    try:
        return _keep(window_id, unit_id, browser_hash, fields, act)
    except IntegrityError:
        # Another tab was first by a moment.
        kept = earlier.draft(window_id, unit_id, browser_hash)
        if kept is None:
            raise
        raise KeptElsewhere(kept) from None


@dataclass(frozen=True)
class _Act:
    """What comes with what is to be kept: see `keep_draft`."""

    version: int
    at: datetime
    sender: str | None
    by_itself: bool
    form_key: str


@transaction.atomic
def _keep(window_id: int, unit_id: int | None, browser_hash: str, fields: Fields, act: _Act) -> FeedbackDraft:
    window = _window(window_id, unit_id, act.form_key)
    if not spans.is_open(window.phase, act.at):
        raise Refused(describe.closed_reason(window.phase, act.at), facts=describe.facts(window.phase, act.at))
    if unit_id is not None and not window.has_unit:
        raise Invalid(_("This paragraph is not one of the text that the window is about."))
    said = {name: list(values) for name, values in fields.items()}
    draft = earlier.draft(window_id, unit_id, browser_hash, is_to_change=True)
    if draft is not None and draft.fields == said:
        return draft
    if draft is not None and draft.version != act.version:
        raise KeptElsewhere(draft)
    if act.by_itself and (window.was_sent or (draft is None and act.version)):
        # It was on its way when its text was sent: else the next one at this browser would read it.
        raise NotKeptAnyMore
    if act.sender:
        # Many people may be at one address; what one browser alone may do is told by what it finds its draft with.
        limits.hit(table.FEEDBACK_DRAFT, browser_hash)
        limits.hit(table.FIRST_DRAFT if draft is None else table.DRAFTS_FROM, act.sender)
    if draft is None:
        draft = FeedbackDraft(window=window, unit_id=unit_id, browser_hash=browser_hash)
    draft.fields, draft.version, draft.kept_at = said, act.version + 1, act.at
    draft.save()
    return draft


def _window(window_id: int, unit_id: int | None, form_key: str) -> Any:
    """The window, whether its text has the paragraph, and whether the form was accepted, also where it waits for its
    author's mail."""
    asked = FeedbackWindow.objects.select_related("phase__task_force").annotate(
        has_unit=Exists(Unit.objects.filter(pk=unit_id or 0, proposal=OuterRef("proposal"))),
        was_sent=Exists(FeedbackItem.objects.filter(form_key=form_key))
        | Exists(FeedbackUnconfirmed.objects.filter(form_key=form_key)),
    )
    return asked.get(pk=window_id)


def drop_draft(window_id: int, unit_id: int | None, browser_hash: str, *, version: int) -> bool:
    """Throw away what is kept, as it stood at `version`; whether it was there. What was kept since stays."""
    found = FeedbackDraft.objects.filter(window=window_id, unit=unit_id, browser_hash=browser_hash, version=version)
    return bool(found.delete()[0])


def drop_sent(window_id: int, unit_id: int | None, browser_hash: str, fields: Fields, *, version: int) -> None:
    """Throw away what is kept of what was just sent: as it stood at `version`, and whatever says exactly the same,
    which was on its way meanwhile."""
    if not browser_hash:
        return
    said = {name: list(values) for name, values in fields.items()}
    found = FeedbackDraft.objects.filter(window=window_id, unit=unit_id, browser_hash=browser_hash)
    found.filter(Q(version=version) | Q(fields=said)).delete()


def kept_until(draft: FeedbackDraft) -> datetime:
    """From when it is there no more, if nothing of it is kept anew; its window has its phase."""
    return min(draft.kept_at + browsers.KEPT_FOR, draft.window.phase.closes_at + KEPT_AFTER_CLOSE)


def forget_drafts(at: datetime) -> int:
    """Drop what no browser finds any more, and what was for a window that has long closed; returns how many."""
    old = FeedbackDraft.objects.filter(kept_at__lt=at - browsers.KEPT_FOR)
    closed = FeedbackDraft.objects.filter(window__phase__closes_at__lt=at - KEPT_AFTER_CLOSE)
    return old.delete()[0] + closed.delete()[0]
