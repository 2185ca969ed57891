"""Drafts of phases: nobody but staff sees them, they change freely, and publishing makes their dates hold."""

from django.db import transaction
from django.db.models import ProtectedError
from django.http import Http404
from django.utils.translation import gettext as _

from taskforce.accounts.models import User
from taskforce.core import clock, labels, languages, locks
from taskforce.core.errors import Conflict, Invalid, Refused
from taskforce.core.text import clean_name, clean_text, digest
from taskforce.timeline import plan, queries, rules
from taskforce.timeline.enums import ENDED
from taskforce.timeline.models import Phase, TaskForce
from taskforce.timeline.services.phases import check_phase
from taskforce.timeline.services.rows import check_labels, hold, overlap, record, write


@transaction.atomic
def draft_phase(task_force: TaskForce, draft: plan.Draft, *, actor: User) -> Phase:
    """A new draft. `Refused` without the role, `Invalid` for dates that make no sense or no title.

    `Conflict` where the address is taken or the dates overlap a published phase that allows the same.
    """
    _allow(actor, "phase.draft", task_force)
    phase = Phase(task_force=hold(task_force.pk))
    _fill(phase, draft)
    write(phase)
    record(phase, "phase.drafted", at=clock.app_now(), actor_id=actor.pk)
    return phase


@transaction.atomic
def edit_phase(phase_id: int, draft: plan.Draft, *, actor: User, expected: str | None = None) -> Phase:
    """Change a draft; labels in the languages given and in no other.

    `expected` is what `seen()` said when the form was shown: something else meanwhile, or a draft that was published,
    is a `Conflict`. Else as `draft_phase`.
    """
    phase = _draft(phase_id, actor, "phase.edit", expected)
    columns = _fill(phase, draft)
    write(phase, columns)
    record(phase, "phase.edited", at=clock.app_now(), actor_id=actor.pk)
    return phase


@transaction.atomic
def publish_draft(phase_id: int, *, actor: User, expected: str | None = None) -> Phase:
    """Make a draft public: from now on its dates change by acts only. `Invalid` where its end has passed already,
    `Refused` where its task force has ended.
    """
    phase = _draft(phase_id, actor, "phase.publish", expected)
    if phase.task_force.state in ENDED:
        raise Refused(rules.why_dropped())
    at = clock.app_now()
    check_phase(phase)
    if phase.closes_at <= at:
        raise Invalid(_("The end of this phase has passed already. Give it a later one before you publish it."))
    phase.published_at = at
    write(phase, ["published_at"])
    record(phase, "phase.published", at=at, actor_id=actor.pk)
    return phase


@transaction.atomic
def discard_draft(phase_id: int, *, actor: User, expected: str | None = None) -> None:
    """Throw a draft away; its audit rows stay. `Refused` where something is planned for it, such as a call."""
    phase = _draft(phase_id, actor, "phase.discard", expected)
    record(phase, "phase.discarded", at=clock.app_now(), actor_id=actor.pk)
    try:
        phase.delete()
    except ProtectedError:
        raise Refused(_("Something is planned for this phase already, so the draft has to stay.")) from None


def seen(phase: Phase) -> str:
    """Everything that a draft says, as a digest to send back with what was shown of it."""
    names = [field.attname for field in Phase._meta.concrete_fields]
    return digest([[name, str(getattr(phase, name))] for name in names])


def _allow(actor: User, action: str, obj: Phase | TaskForce) -> None:
    allowed, why = rules.entitled(actor, action, obj)
    if not allowed:
        raise Refused(why)


def _draft(phase_id: int, actor: User, action: str, expected: str | None) -> Phase:
    """The draft, held with its task force, if the actor may do this to it and has seen it as it is."""
    locks.take(locks.Kind.PHASE, phase_id)
    phase = Phase.objects.select_related("task_force").filter(pk=phase_id).first()
    if phase is None:
        raise Http404
    _allow(actor, action, phase)
    if phase.published_at is not None:
        raise Conflict(_("Somebody has published this phase meanwhile: its dates change by public acts now."))
    if expected not in (None, seen(phase)):
        raise Conflict(_("Somebody has changed this draft meanwhile. Nothing was stored; look at it once more."))
    hold(phase.task_force_id)
    return phase


def _fill(phase: Phase, draft: plan.Draft) -> list[str]:
    """The draft's fields, cleaned and checked, in the phase; returns the columns."""
    titles = {code: clean_name(text) for code, text in draft.titles.items()}
    texts = {code: clean_text(text) for code, text in draft.texts.items()}
    for code in {*titles, *texts}:
        if not languages.is_offered(code):
            raise Invalid(_("“%(code)s” is not a language of this portal.") % {"code": code})
    if any(len(text) > rules.TITLE_LENGTH for text in titles.values()):
        raise Invalid(_("The title is too long: at most %(count)d characters.") % {"count": rules.TITLE_LENGTH})
    if any(len(text) > rules.TEXT_LENGTH for text in texts.values()):
        raise Invalid(_("The text is too long: at most %(count)d characters.") % {"count": rules.TEXT_LENGTH})
    columns = plan.fill(phase, draft)
    labels.assign(phase, "title", titles)
    labels.assign(phase, "text", texts)
    check_labels(phase.slug, {"": labels.label(phase, "title").text})
    check_phase(phase)
    if queries.clash(phase, phase.opens_at, phase.closes_at) is not None:
        raise overlap(phase)
    return columns
