"""What somebody types of a translation and has not saved yet: kept for them alone, until they save or discard it.

Nobody else reads it, so the log has nothing of it either: it would say who types what, and when.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from proposals.models import Proposal, TranslationDraft, Unit, UnitText
from proposals.rules import may_translate
from proposals.services.texts import LONGEST_TEXT, checked_summary
from proposals.services.typed import Gone, Typed
from taskforce.accounts.models import User
from taskforce.core import languages
from taskforce.core.errors import Conflict, Invalid, PortalError, Refused
from taskforce.core.text import clean, is_blank

# For so long it is kept after somebody last typed in it.
KEPT_FOR = timedelta(days=180)


class KeptElsewhere(Conflict):
    """The same person has kept another text of the unit since, in another tab or on another device: `kept`."""

    title = gettext_lazy("You have kept another text of this paragraph meanwhile")

    def __init__(self, kept: TranslationDraft) -> None:
        super().__init__(
            _(
                "It comes from another tab or another device. Nothing was overwritten: both texts stand below. Change "
                "yours, and save it once more."
            )
        )
        self.kept = kept


class Kept(NamedTuple):
    """What became of each unit that somebody typed in: what is kept of it now (not among them: nothing is), or why it
    cannot be."""

    drafts: dict[int, TranslationDraft]
    refused: dict[int, PortalError]


def keep(proposal_id: int, language: str, typed: Typed, *, editor: User, at: datetime) -> TranslationDraft | None:
    """As `keep_all`, of one unit; None where there is nothing to keep. Raises what refuses it."""
    kept = keep_all(proposal_id, language, [typed], editor=editor, at=at)
    for error in kept.refused.values():
        raise error
    return kept.drafts.get(typed.unit_id)


@transaction.atomic
def keep_all(proposal_id: int, language: str, typed: Sequence[Typed], *, editor: User, at: datetime) -> Kept:
    """Keep what was typed, each over what its form had seen kept (`Typed.draft`); as many queries for one as for all.

    Where there is nothing to keep, nothing is kept any more: an empty field, or what is saved already, without an edit
    summary of one's own. One that is refused keeps no other from being kept: `Gone` for a unit that the text no longer
    has, `KeptElsewhere` where something else has been kept since, `Invalid` for what could never be saved. Raises
    `Refused` for who may not translate, `Invalid` for a language that is not offered.
    """
    proposal = Proposal.objects.select_related("task_force").get(pk=proposal_id)
    _alone(editor, proposal, language)
    if not languages.is_offered(language):
        raise Invalid(_("“%(code)s” is not a language of this portal.") % {"code": language})
    stands = _standing(proposal, language, [one.unit_id for one in typed], editor)
    kept, fresh, done = Kept({}, {}), list[TranslationDraft](), list[int]()
    for one in typed:
        before = stands.drafts.get(one.unit_id)
        try:
            text, summary = _checked(one, stands.units.get(one.unit_id), language)
            if before and (before.text, before.summary) == (text, summary):
                kept.drafts[one.unit_id] = before
                continue
            _require_seen(before, one.draft)
        except (Conflict, Invalid) as error:
            kept.refused[one.unit_id] = error
            continue
        is_saved = is_blank(text) or text.strip() == stands.saved.get(one.unit_id)
        if is_saved and is_blank(summary):
            done.append(one.unit_id)
        else:
            fresh.append(_draft(one, text, summary, language, editor, at))
    _write(fresh)
    TranslationDraft.objects.filter(unit__in=done, language=language, user=editor).delete()
    kept.drafts.update((draft.unit_id, draft) for draft in fresh)
    return kept


class _Standing(NamedTuple):
    """By unit: what the text has, what its translator has kept, what is saved."""

    units: dict[int, Unit]
    drafts: dict[int, TranslationDraft]
    saved: dict[int, str]


def _standing(proposal: Proposal, language: str, ids: Sequence[int], editor: User) -> _Standing:
    units = Unit.objects.filter(pk__in=ids, proposal=proposal, removed_in=None)
    drafts = TranslationDraft.objects.filter(unit__in=ids, language=language, user=editor)
    saved = UnitText.objects.filter(unit__in=ids, language=language).values_list("unit", "text")
    return _Standing({unit.pk: unit for unit in units}, {draft.unit_id: draft for draft in drafts}, dict(saved))


def _checked(typed: Typed, unit: Unit | None, language: str) -> tuple[str, str]:
    """The text and its edit summary, clean; the unit must be there, and written in another language."""
    if unit is None:
        raise Gone(_("The text has changed: this paragraph was taken out. Your text was not saved; copy it from here."))
    if unit.source_language == language:
        raise Invalid(_("This paragraph is written in this language, so there is nothing to translate."))
    summary, text = checked_summary(typed.summary), clean(typed.text, most=LONGEST_TEXT)
    if len(text) > LONGEST_TEXT:
        raise Invalid(_("The text is too long: at most %(count)d characters.") % {"count": LONGEST_TEXT})
    return text, summary


def _draft(typed: Typed, text: str, summary: str, language: str, editor: User, at: datetime) -> TranslationDraft:
    return TranslationDraft(
        unit_id=typed.unit_id,
        language=language,
        user=editor,
        text=text,
        summary=summary,
        version=typed.version,
        source_version=typed.source_version,
        token=secrets.token_hex(8),
        kept_at=at,
    )


def _write(drafts: Sequence[TranslationDraft]) -> None:
    """Each in the place of what was kept of its unit before."""
    TranslationDraft.objects.bulk_create(
        drafts,
        update_conflicts=True,
        unique_fields=["unit", "language", "user"],
        update_fields=["text", "summary", "version", "source_version", "token", "kept_at"],
    )


@transaction.atomic
def discard(proposal_id: int, language: str, unit_id: int, token: str, *, editor: User) -> None:
    """Throw away what is kept, also of a unit that has gone; twice is once. `KeptElsewhere` where it is something else
    than what was shown.

    It is theirs: whoever may not translate any more may still throw it away.
    """
    _hold(editor)
    kept = TranslationDraft.objects.filter(
        unit=unit_id, unit__proposal=proposal_id, language=language, user=editor
    ).first()
    if kept:
        _require_seen(kept, token)
        kept.delete()


def forget_old(at: datetime) -> int:
    """Drop what nobody has typed in for `KEPT_FOR`; returns how many."""
    return TranslationDraft.objects.filter(kept_at__lt=at - KEPT_FOR).delete()[0]


def taken_over(unit: Unit, language: str, typed: Typed, *, editor: User) -> None:
    """The translation is saved: what was kept of it is done with. What the form has not seen stays, unless it says the
    same."""
    kept = TranslationDraft.objects.filter(unit=unit, language=language, user=editor).first()
    if kept and (kept.token == typed.draft or kept.text.strip() == clean(typed.text).strip()):
        kept.delete()


def _require_seen(kept: TranslationDraft | None, token: str) -> None:
    if kept and kept.token != token:
        raise KeptElsewhere(kept)


def _alone(editor: User, proposal: Proposal, language: str) -> None:
    """As `_hold`; `Refused` unless they may translate, by their roles now."""
    allowed, why = may_translate(_hold(editor), proposal, language)
    if not allowed:
        raise Refused(why)


def _hold(editor: User) -> User | None:
    """Let nothing else of this person be kept until the transaction ends; the account as it is now."""
    return User.objects.select_for_update(no_key=True).filter(pk=editor.pk).first()
