"""One unit translated by one person: never over somebody else's text, never into the source."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from proposals import queries
from proposals.differences.tokens import beginning
from proposals.enums import UnitKind
from proposals.models import Proposal, Revision, Unit, UnitText
from proposals.rendering import plain_text
from proposals.rules import as_of_now, may_translate
from proposals.services.keeping import taken_over
from proposals.services.revisions import hold
from proposals.services.texts import LONGEST_TEXT, checked_summary, save_translations
from proposals.services.typed import Gone, Typed
from taskforce.accounts.models import User
from taskforce.core.errors import Conflict, Invalid, Refused
from taskforce.core.text import clean, may_fit

# So many characters, as readers see them, name a paragraph.
_FIRST_WORDS = 60


class Overtaken(Conflict):
    """Somebody else has saved this unit meanwhile; their text stands, and so does what was typed."""

    title = gettext_lazy("Somebody else has saved this paragraph meanwhile")


@transaction.atomic
def translate(proposal_id: int, language: str, typed: Typed, *, editor: User, at: datetime) -> Revision | None:
    """Save one unit's translation as a revision; None where it says the same already. What was kept of it is gone.

    Without a summary the revision names the unit. What was made from an older source than there is now is outdated at
    once. Raises `Refused` for who may not, `Gone` for a unit that the text no longer has, `Overtaken` where the
    translation is another than the one that was typed on, `Invalid` for a text that cannot be stored and in the
    unit's own language.
    """
    hold(proposal_id)
    proposal = Proposal.objects.select_related("task_force").get(pk=proposal_id)
    allowed, why = may_translate(as_of_now(editor), proposal, language)
    if not allowed:
        raise Refused(why)
    units = queries.live_units(proposal)
    number, unit = next(((n, one) for n, one in enumerate(units, start=1) if one.pk == typed.unit_id), (0, None))
    if unit is None:
        raise Gone(_("The text has changed: this paragraph was taken out. Your text was not saved; copy it from here."))
    if unit.source_language == language:
        raise Invalid(_("This paragraph is written in this language, so there is nothing to translate."))
    texts = {row.language: row for row in unit.texts.filter(language__in=[language, unit.source_language])}
    if _is_overtaken(texts.get(language), typed):
        raise Overtaken(_("Nothing was overwritten: both texts stand below. Change yours, and save it once more."))
    source = texts.get(unit.source_language)
    revision = save_translations(
        proposal_id,
        language,
        {unit.pk: typed.text},
        editor=editor,
        at=at,
        summary=checked_summary(typed.summary) or _summary(unit, number, source, language),
        seen={unit.pk: typed.source_version},
    )
    taken_over(unit, language, typed, editor=editor)
    return revision


def _is_overtaken(stored: UnitText | None, typed: Typed) -> bool:
    """Whether there is another text than the one that was typed on; the same words twice are no conflict."""
    if stored is None or stored.version == typed.version:
        return False
    return not may_fit(typed.text, LONGEST_TEXT) or stored.text != clean(typed.text).strip()


def _summary(unit: Unit, number: int, source: UnitText | None, language: str) -> str:
    """What was translated, in the language that it was translated into."""
    with override(language):
        names = {"kind": str(UnitKind(unit.kind).label), "number": number}
        if source is None:
            return _("Translated: %(kind)s %(number)d") % names
        return _("Translated: %(kind)s %(number)d, “%(words)s”") % {
            **names,
            "words": beginning(plain_text(source.html), _FIRST_WORDS),
        }
