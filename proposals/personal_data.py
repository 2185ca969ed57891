"""What a text's history keeps about people."""

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from proposals.models import Revision, TranslationDraft, UnitText
from taskforce.accounts.enums import Role
from taskforce.core import personal
from taskforce.core.personal import ANYBODY, ONESELF, Erasure, Mailboxes, Place, Purpose, Row

PURPOSE = Purpose(
    "texts",
    _("Who wrote which version of a text"),
    _("So that everybody can see how a text came about, as on a wiki."),
)


def register() -> None:
    """Fill the map."""
    _register_revisions()
    _register_structure()
    _register_translations()
    personal.give(personal.Collection("revisions", _("Versions of texts that you saved"), own_revisions))
    personal.give(
        personal.Collection("translation-drafts", _("Translations that you have not saved yet"), own_translation_drafts)
    )
    personal.give(personal.Collection("paragraphs", _("Paragraphs that you wrote or reviewed"), own_paragraphs))


def _register_revisions() -> None:
    """What was done to a text, and by whom; and what is done to it and not published yet."""
    personal.register(
        Row(
            PURPOSE, "proposals.Revision", ("editor_id", "editor_name", "summary"),
            _("the name under which you edited, when, and your summary of the edit"),
            _("for good: the history of a text is public"),
            frozenset({ANYBODY}),
            frozenset({Place.PUBLIC, Place.STAFF, Place.OWN}), Erasure.KEEP,
        ),
        Row(
            PURPOSE, "proposals.Draft", ("editor_id",),
            _("that you were the last to change a draft that is not published yet, and when"),
            _("until the draft is published or discarded"),
            frozenset({Role.COORDINATOR, Role.DEPUTY, Role.ADMINISTRATOR}),
            frozenset({Place.STAFF}), Erasure.KEEP,
        ),
    )  # fmt: skip
    personal.impersonal("proposals.Revision", "id", "proposal", "number", "language", "at")
    personal.impersonal("proposals.RevisionContent", "id", "revision", "language", "units", "sha256")
    personal.impersonal("proposals.Wording", "id", "revision", "unit", "language", "version")
    personal.impersonal(
        "proposals.Passage", "id", "revision", "kind", "source", "target", "source_version", "target_version"
    )
    personal.impersonal("proposals.Draft", "id", "proposal", "content", "saved_at")


def _register_structure() -> None:
    """What a text consists of: it says nothing about anybody."""
    personal.impersonal(
        "proposals.Proposal", "id", "task_force", "slug", "kind", "state", "created_at", "ended_at", "ended_reasons",
        "unanswered",
        "successor",
    )  # fmt: skip
    personal.impersonal("proposals.Section", "id", "proposal", "position", "kind", "phases_after", "was_at")
    personal.impersonal(
        "proposals.Unit", "id", "proposal", "section", "position", "kind", "depth", "ordered", "number",
        "source_language", "removed_in",
    )  # fmt: skip


def _register_translations() -> None:
    """What the paragraphs say in each language, who wrote it, and what somebody has typed of it."""
    personal.register(
        Row(
            PURPOSE, "proposals.UnitText", ("author_id", "co_author_ids", "confirmer_id", "reviewer_id"),
            _("that you wrote, confirmed or reviewed a paragraph as it stands"),
            _("until somebody writes it anew"),
            frozenset({ONESELF}),
            frozenset({Place.OWN}), Erasure.KEEP,
        ),
        Row(
            PURPOSE, "proposals.TranslationDraft", ("user", "text", "summary", "kept_at"),
            _("what was typed of a translation and not saved yet, and when it was kept"),
            _(
                "until you save the paragraph or discard what you typed, also when you translate no more; at most half "
                "a year after you last typed in it"
            ),
            frozenset({ONESELF}),
            frozenset({Place.OWN}), Erasure.DELETE,
        ),
    )  # fmt: skip
    personal.impersonal(
        "proposals.UnitText", "id", "unit", "language", "text", "html", "version", "source_version",
        "minor_since", "reviewed_version",
    )  # fmt: skip
    personal.impersonal("proposals.TranslationDraft", "id", "unit", "language", "version", "source_version", "token")
    personal.impersonal(
        "proposals.TranslationGoal", "id", "proposal", "language", "percent", "reason", "wants_review", "refuses"
    )


def own_revisions(user: Any, mailboxes: Mailboxes) -> list[dict[str, Any]]:
    """The versions that the account saved."""
    found = Revision.objects.filter(editor_id=user.pk).order_by("id")
    return personal.plain(found.values("proposal__slug", "number", "language", "editor_name", "at", "summary"))


def own_translation_drafts(user: Any, mailboxes: Mailboxes) -> list[dict[str, Any]]:
    """What the account has typed and not saved."""
    found = TranslationDraft.objects.filter(user=user).order_by("id")
    return personal.plain(found.values("unit__proposal__slug", "unit_id", "language", "text", "summary", "kept_at"))


def own_paragraphs(user: Any, mailboxes: Mailboxes) -> list[dict[str, Any]]:
    """The paragraphs that say what the account wrote, and what it confirmed or approved."""
    own = Q(author_id=user.pk) | Q(co_author_ids__contains=[user.pk]) | Q(confirmer_id=user.pk) | Q(reviewer_id=user.pk)
    found = UnitText.objects.filter(own).order_by("unit", "language")
    return [
        {
            "text": row.unit.proposal.slug,
            "paragraph": row.unit_id,
            "language": row.language,
            "wrote": user.pk == row.author_id or user.pk in row.co_author_ids,
            "confirmed": row.confirmer_id == user.pk,
            "reviewed": row.reviewer_id == user.pk,
        }
        for row in found.select_related("unit__proposal")
    ]
