"""What is done with one unit, wherever its fields came from, and how they are shown again where it was refused."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.contrib import messages
from django.utils.translation import gettext as _

from proposals import forms, services, translating
from proposals.forms import TranslationForm
from proposals.models import TranslationDraft
from proposals.translating import Show, WorkUnit
from proposals.translating_views.door import LIST, UNIT, Visit, address, number
from taskforce.accounts import signed_out
from taskforce.core import clock
from taskforce.core.errors import Invalid, PortalError
from taskforce.core.http import SeeOther


class Sent(NamedTuple):
    """The fields of a unit as they came in, from its own page or from that of all units."""

    unit: int
    fields: Mapping[str, str]
    in_list: bool = False

    @property
    def action(self) -> str:
        """What its button says."""
        return self.fields.get("action", "")

    def form(self, **versions: int | str) -> TranslationForm:
        """The form as it came in, on other `versions` if they are named."""
        return TranslationForm.sent(self.unit, self.fields, in_list=self.in_list, **versions)


def read(visit: Visit, sent: Sent) -> services.Typed:
    """What was typed, if the form says into which language and on which versions."""
    form = sent.form()
    if visit.request.POST.get("language", visit.language) != visit.language:
        raise Invalid(_("This was typed for another language. Nothing was saved."))
    if not form.is_valid():
        raise Invalid(_("The form is damaged: it does not say on which version it was typed. Nothing was saved."))
    return form.typed(sent.unit)


def note_sent(visit: Visit, *sent: Sent) -> None:
    """What is sent of units in one form was kept for their page while somebody was signed out, and is no more.

    The script of the page of all units sends each to the address of the unit.
    """
    language = {"language": visit.request.POST.get("language", visit.language)}
    units = [one for one in sent if "text" in one.fields]
    for one in units:
        if not one.in_list:
            place, fields = visit.names | {"unit": one.unit}, forms.names_of(one.unit, in_list=False)
            signed_out.sent_again(visit.request, UNIT, place, fields=fields, shown_with=language)
    listed = [one.unit for one in units if one.in_list or visit.is_in_list]
    if listed:
        # At once: what waits behind the form that was shown is another one's turn.
        fields = [name for unit in listed for name in forms.names_of(unit, in_list=True)]
        signed_out.sent_again(visit.request, LIST, visit.names, fields=fields, shown_with=language)


# --- done ------------------------------------------------------------------------------------------------------------


def save(visit: Visit, sent: Sent) -> None:
    """Save what was typed."""
    typed = read(visit, sent)
    services.translate(visit.proposal.pk, visit.language, typed, editor=visit.user, at=clock.app_now())


def keep(visit: Visit, sent: Sent) -> TranslationDraft | None:
    """Keep what was typed for its translator, unfinished as it is."""
    typed = read(visit, sent)
    return services.keeping.keep(visit.proposal.pk, visit.language, typed, editor=visit.user, at=clock.app_now())


def discard(visit: Visit, sent: Sent) -> None:
    """Throw away what was kept."""
    token = sent.fields.get("draft", "")
    services.keeping.discard(visit.proposal.pk, visit.language, sent.unit, token, editor=visit.user)


def review(visit: Visit, sent: Sent) -> None:
    """Approve what somebody else has written."""
    version = number(sent.fields.get("approved", sent.fields.get("version"))) or 0
    services.review(visit.proposal.pk, visit.language, sent.unit, version, reviewer=visit.user, at=clock.app_now())


# --- and then --------------------------------------------------------------------------------------------------------


def after_saving(visit: Visit, sent: Sent) -> SeeOther:
    """On to the next unit where that was asked for, else back to this one."""
    is_next = sent.action == "next"
    places = translating.standing(visit.proposal, visit.language, visit.user).places if is_next else []
    after = translating.following(places, sent.unit, visit.show)
    if is_next and not after:
        messages.success(visit.request, _("Saved. That was the last one here."))
    return SeeOther(address(visit, after or sent.unit, saved=sent.unit))


def after_keeping(visit: Visit, sent: Sent, kept: TranslationDraft | None) -> SeeOther:
    """Back to the unit, with word of it."""
    messages.success(visit.request, told_of(kept))
    return SeeOther(address(visit, sent.unit))


def told_of(kept: TranslationDraft | None) -> str:
    """What became of what was to be kept."""
    return _("Kept for you; it is not saved yet.") if kept else _("Nothing is kept: nothing here is unsaved.")


def after_discarding(visit: Visit, sent: Sent) -> SeeOther:
    """Back to the unit, in whose field stands what is saved."""
    messages.success(visit.request, told_of_discarding())
    return SeeOther(address(visit, sent.unit))


def told_of_discarding() -> str:
    """That it is gone."""
    return _("Discarded: here is what is saved.")


def after_review(visit: Visit, sent: Sent) -> SeeOther:
    """On to the next that waits."""
    found = translating.standing(visit.proposal, visit.language, visit.user).places
    after = translating.following(found, sent.unit, Show.WAITING)
    messages.success(visit.request, _("Reviewed.") if after else _("Reviewed. Nothing else waits."))
    return SeeOther(address(visit, after or sent.unit))


# --- refused ---------------------------------------------------------------------------------------------------------


def put(unit: WorkUnit, sent: Sent, error: PortalError) -> None:
    """What was typed stands in the unit's form; after a conflict on the versions that there are now."""
    versions: dict[str, Any] = {}
    if isinstance(error, services.Overtaken) and unit.form:
        versions = {name: unit.form.initial[name] for name in ("version", "source_version")}
    if isinstance(error, services.KeptElsewhere):
        versions = {"draft": error.kept.token}
    unit.form = sent.form(**versions)
    unit.is_unsent = unit.is_refused = True
    unit.is_overtaken = isinstance(error, services.Overtaken)
    unit.elsewhere = error.kept if isinstance(error, services.KeptElsewhere) else None
    if isinstance(error, Invalid):
        unit.form.add_error("summary" if isinstance(error, services.LongSummary) else "text", error.message)
