"""What of it people take along. Part of the room `personal_data`."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from feedback.enums import ItemState
from feedback.models import (
    FeedbackAgreement,
    FeedbackAppeal,
    FeedbackBlock,
    FeedbackItem,
    FeedbackReply,
    FeedbackReport,
    FeedbackTranslation,
    SheetLine,
    SummaryDraft,
)
from taskforce.core import personal
from taskforce.core.personal import Mailboxes


def given() -> None:
    """Each kind of it under its name."""
    personal.give(personal.Collection("entered", _("What you entered for others"), own_entered))
    personal.give(personal.Collection("tables", _("Tables that you pasted, until they are entered"), own_tables))
    personal.give(personal.Collection("blocks", _("Blocks"), own_blocks))
    personal.give(personal.Collection("feedback", _("What you said"), own_items))
    personal.give(personal.Collection("agreements", _("What you agree with"), own_agreements))
    personal.give(personal.Collection("replies", _("What you replied"), own_replies))
    personal.give(personal.Collection("reports", _("What you reported"), own_reports))
    personal.give(personal.Collection("translations-of-feedback", _("What you translated of it"), own_translations))


def own_blocks(user: Any, mailboxes: Mailboxes) -> list[dict[str, Any]]:
    """What keeps them, or kept them, from posting."""
    found = FeedbackBlock.objects.filter(user=user).order_by("id")
    return personal.plain(found.values("task_force__slug", "rule", "reason", "made_at", "until", "lifted_at"))


def own_reports(user: Any, mailboxes: Mailboxes) -> list[dict[str, Any]]:
    """What they reported of what others said, until it is forgotten that it was they."""
    found = FeedbackReport.objects.filter(reporter=user).order_by("id")
    return personal.plain(found.values("item__reference", "reply__reference", "rule", "words", "at", "outcome"))


def own_entered(user: Any, mailboxes: Mailboxes) -> list[dict[str, Any]]:
    """What a facilitator has entered: under which reference, what it was and whom it was of, without the words."""
    found = FeedbackItem.objects.filter(entered_by=user).order_by("id")
    return personal.plain(
        found.values(
            "reference",
            "state",
            "language",
            "channel",
            "said_on",
            "spoke",
            "spoke_words",
            "place_url",
            "consent_at",
            "received_at",
        )
    )


def own_tables(user: Any, mailboxes: Mailboxes) -> list[dict[str, Any]]:
    """The lines of a facilitator's tables that are not entered, each with the names of its columns."""
    found = SheetLine.objects.filter(sheet__pasted_by=user, item=None).order_by("sheet", "number")
    rows = found.values_list("sheet__pasted_at", "sheet__shown_at", "sheet__names", "number", "cells", "fault")
    names = ("pasted_at", "shown_at", "names", "number", "cells", "fault")
    return [dict(zip(names, row, strict=True)) for row in rows]


def own_items(user: Any, mailboxes: Mailboxes) -> list[dict[str, Any]]:
    """What came from the account, as it stands now; of what was withdrawn, that it was."""
    found = FeedbackItem.objects.filter(author=user).order_by("id").prefetch_related("answers")
    about = ("reference", "window__slug", "received_at", "language", "visibility", "name", "state")
    rows = found.values(*about, "state_reason", "rule")
    appeals = FeedbackAppeal.objects.filter(item__author=user)
    appealed = _by_reference(appeals, "item__reference")
    answers: dict[str, list[dict[str, Any]]] = {}
    for item in found.exclude(state=ItemState.WITHDRAWN):
        answers[item.reference] = [
            {"question": one.question_id, "text": one.text, "choices": one.choices} for one in item.answers.all()
        ]
    return [
        {**row, "answers": answers.get(row["reference"], []), "appeals": appealed.get(row["reference"], [])}
        for row in personal.plain(rows)
    ]


def _by_reference(appeals: QuerySet[FeedbackAppeal], reference: str) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for one in personal.plain(appeals.order_by("id").values(reference, "made_at", "words", "outcome", "reason")):
        found.setdefault(one[reference], []).append(one)
    return found


def own_agreements(user: Any, mailboxes: Mailboxes) -> list[dict[str, Any]]:
    """What of others they agree with."""
    found = FeedbackAgreement.objects.filter(user=user).order_by("id")
    return [
        {"item": one.item.reference, "window": one.item.window.slug, "edits": one.edits, "at": one.at}
        for one in found.select_related("item__window")
    ]


def own_replies(user: Any, mailboxes: Mailboxes) -> list[dict[str, Any]]:
    """What they replied to what others said; of what was withdrawn, that it was."""
    found = FeedbackReply.objects.filter(author=user).order_by("id").select_related("item__window")
    appeals = FeedbackAppeal.objects.filter(reply__author=user)
    appealed = _by_reference(appeals, "reply__reference")
    return [
        {
            "reference": one.reference,
            "item": one.item.reference,
            "window": one.item.window.slug,
            "received_at": one.received_at,
            "language": one.language,
            "name": one.name,
            "state": one.state,
            "state_reason": one.state_reason,
            "rule": one.rule,
            "appeals": appealed.get(one.reference, []),
            "text": "" if one.state == ItemState.WITHDRAWN else one.text,
        }
        for one in found
    ]


def own_translations(user: Any, mailboxes: Mailboxes) -> list[dict[str, Any]]:
    """What of others they translated, and of summaries."""
    summaries = [
        {
            "summary_of": draft.window.slug,
            "language": code,
            "wrote": user.pk in hand["writers"],
            "reviewed": hand["reviewed_by"] == user.pk,
        }
        for draft in SummaryDraft.objects.exclude(hands={}).order_by("id").select_related("window")
        for code, hand in draft.hands.items()
        if user.pk in (*hand["writers"], hand["reviewed_by"])
    ]
    return summaries + _own_translations(user)


def _own_translations(user: Any) -> list[dict[str, Any]]:
    found = FeedbackTranslation.objects.filter(translator=user).order_by("id").select_related("item__window")
    return [
        {
            "item": one.item.reference,
            "window": one.item.window.slug,
            "language": one.language,
            "number": one.number,
            "role": one.role,
            "name": one.name,
            "texts": one.texts,
            "at": one.at,
        }
        for one in found
    ]
