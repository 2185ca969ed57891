"""What somebody types of a translation and has not saved yet: kept for them alone, until they save or discard it.

Nobody else reads it, so the log has nothing of it either: it would say who types what, and when.
"""

import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from proposals.models import Proposal, TranslationDraft, Unit, UnitText
from proposals.rules import may_translate
from proposals.services.texts import LONGEST_TEXT, checked_summary
from proposals.services.typed import Gone, Typed
from taskforce.accounts.models import User
from taskforce.core import languages
from taskforce.core.errors import Conflict, Invalid, Refused
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


@transaction.atomic
def keep(proposal_id: int, language: str, typed: Typed, *, editor: User, at: datetime) -> TranslationDraft | None:
    """Keep what was typed, over what the form had seen kept (`typed.draft`); None where there is nothing to keep, and
    then nothing is kept any more: an empty field, or what is saved already.

    Raises `Refused` for who may not translate, `Gone` for a unit that the text no longer has, `KeptElsewhere` where
    something else has been kept since, `Invalid` for what could never be saved.
    """
    proposal = Proposal.objects.select_related("task_force").get(pk=proposal_id)
    _alone(editor, proposal, language)
    if not languages.is_offered(language):
        raise Invalid(_("“%(code)s” is not a language of this portal.") % {"code": language})
    unit = Unit.objects.filter(pk=typed.unit_id, proposal=proposal, removed_in=None).first()
    if unit is None:
        raise Gone(_("The text has changed: this paragraph was taken out. Your text was not saved; copy it from here."))
    if unit.source_language == language:
        raise Invalid(_("This paragraph is written in this language, so there is nothing to translate."))
    text, summary = typed.text, checked_summary(typed.summary)
    text = clean(text, most=LONGEST_TEXT)
    if len(text) > LONGEST_TEXT:
        raise Invalid(_("The text is too long: at most %(count)d characters.") % {"count": LONGEST_TEXT})
    kept = TranslationDraft.objects.filter(unit=unit, language=language, user=editor).first()
    if kept and (kept.text, kept.summary) == (text, summary):
        return kept
    _require_seen(kept, typed.draft)
    saved = UnitText.objects.filter(unit=unit, language=language).values_list("text", flat=True).first()
    if is_blank(text) or text.strip() == saved:
        if kept:
            kept.delete()
        return None
    kept = kept or TranslationDraft(unit=unit, language=language, user=editor)
    kept.text, kept.summary, kept.version, kept.source_version = text, summary, typed.version, typed.source_version
    kept.token, kept.kept_at = secrets.token_hex(8), at
    kept.save()
    return kept


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
