"""What staff take out of a window: who, why, how much and what of it is written down before the first line is made."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.utils.translation import gettext as _

from feedback.models import FeedbackItem, FeedbackWindow
from feedback.rules import may_export
from taskforce.accounts.models import User
from taskforce.audit import log
from taskforce.core.errors import Invalid, Refused
from taskforce.core.text import clean_text


class Taken(NamedTuple):
    """What is to be handed out: a window, and the ids of all that was said in it, in the order in which it came."""

    window: FeedbackWindow
    ids: list[int]


@transaction.atomic
def export(
    window_id: int, *, form: str, named: bool, reason: str, actor: User, at: datetime, columns: Sequence[str] = ()
) -> Taken:
    """Write down that all that was said in a window is taken out, in this `form`, with names or without, and in which
    `columns`. Nothing narrows it: it is always all.

    Raises `Refused` for those who may not, `Invalid` without a reason.
    """
    window = FeedbackWindow.objects.select_related("phase__task_force", "proposal").get(pk=window_id)
    allowed, why_not = may_export(actor, window.phase.task_force_id)
    if not allowed:
        raise Refused(why_not)
    reason = clean_text(reason)
    if not reason:
        raise Invalid(_("Please say what you need it for: the log keeps that."))
    ids = list(FeedbackItem.objects.filter(window=window).order_by("pk").values_list("pk", flat=True))
    kept: dict[str, list[str]] = {"columns": list(columns)} if columns else {}
    log.record_read(
        "feedback.exported",
        window,
        at=at,
        actor_id=actor.pk,
        task_force_id=window.phase.task_force_id,
        reason=reason,
        count=len(ids),
        named=named,
        format=form,
        **kept,
    )
    return Taken(window, ids)


def still_may(actor: User, window: FeedbackWindow) -> bool:
    """Whether who takes it out may do so at this moment: their roles are read anew."""
    found = User.objects.filter(pk=actor.pk).first()
    return found is not None and may_export(found, window.phase.task_force_id)[0]
