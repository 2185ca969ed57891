"""What applicants take back: their application, and until the close of the call also its withdrawal."""

from datetime import datetime
from functools import partial

from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext as _

from recruitment import mailboxes, queries
from recruitment.enums import ApplicationState, Group
from recruitment.models import Application
from recruitment.notices import applying as notices
from recruitment.services import storing
from recruitment.transitions import APPLICATION
from taskforce.accounts.models import User
from taskforce.core import locks, states
from taskforce.core.errors import Conflict, Refused
from taskforce.timeline import gates
from taskforce.timeline import services as timeline
from taskforce.timeline.enums import Capability


@transaction.atomic
def withdraw(application_id: int, applicant: User, *, at: datetime) -> Application:
    """Take one's application back; possible until its outcome is told, also after the close. A mail says so.

    Another person's application is not there (`Http404`). Doing it twice changes nothing.
    """
    application = _own_locked(application_id, applicant)
    if application.state == ApplicationState.WITHDRAWN:
        return application
    _refuse_if_told(application)
    application.state = states.step(APPLICATION, ApplicationState(application.state), "withdraw")
    application.withdrawn_at = at
    application.save(update_fields=["state", "withdrawn_at"])
    storing.record("application.withdrawn", application, application.call, at)
    notices.withdrawn(application, application.call, applicant, at=at)
    return application


@mailboxes.one_each()
@transaction.atomic
def take_back(application_id: int, applicant: User, form_key: gates.FormKey) -> Application:
    """Take one's withdrawal back while the call is open: the same application, number and reference, with all that was
    submitted and saved. A mail says so.

    What was submitted takes its place again, where places are counted. What they have typed since without submitting
    it becomes the draft of this one, and takes its place among what is withdrawn. Doing it twice changes nothing.
    Another person's application is not there (`Http404`); raises `Refused` where the call is not open (in the grace a
    form from before the close still passes) or another account has applied from the same mailbox, `Conflict` where they
    have applied anew meanwhile.
    """
    call = queries.call_of_application_or_404(application_id, applicant)
    taken = partial(queries.taken_by_others, call, applicant)
    passed = gates.enter(call.phase_id, Capability.APPLY, form_key=form_key, taken=taken)
    # Whoever begins a new application takes this lock too: one of the two comes first, and the other sees it.
    locks.take(locks.Kind.CALL, call.pk)
    application = _own_locked(application_id, applicant)
    if application.state != ApplicationState.WITHDRAWN:
        return application
    _give_way(application, applicant, passed.at)
    counts = application.submitted_at is not None
    application.state = states.step(APPLICATION, ApplicationState.WITHDRAWN, "count again" if counts else "go on")
    application.withdrawn_at = None
    application.save(update_fields=["state", "withdrawn_at"])
    storing.record("application.taken-back", application, call, passed.at, in_grace=passed.in_grace)
    notices.taken_back(application, call, applicant, at=passed.at)
    if passed.fills and counts:
        timeline.close_full(passed)
    return application


def _give_way(application: Application, applicant: User, at: datetime) -> None:
    """A later application that was never submitted gives way to the one that is taken back; `Conflict` where it was."""
    later = queries.locked(queries.live(application.call, applicant)).first()
    if later is None:
        return
    if later.submitted_at is not None:
        raise Conflict(_("You have applied anew meanwhile, so the application that you withdrew stays withdrawn."))
    _exchange(application, later, at)
    later.state = states.step(APPLICATION, ApplicationState(later.state), "withdraw")
    later.withdrawn_at = at
    later.save(update_fields=["state", "withdrawn_at"])
    storing.record("application.withdrawn", later, application.call, at)


def _exchange(application: Application, later: Application, at: datetime) -> None:
    """What was typed later stands in the draft now, over what was there, which the later one keeps: nothing is lost."""
    begun = queries.begun(application.applicant)
    for group in Group:
        first, second = queries.row_of(application, group), queries.row_of(later, group)
        typed = {name: said for name, said in second.typed.items() if said != begun[group].get(name)}
        both = {**first.typed, **typed}
        if both == first.typed:
            continue
        second.typed, first.typed = first.typed, both
        for row in (first, second):
            row.version, row.saved_at = row.version + 1, at
            row.save(update_fields=["typed", "version", "saved_at"])
        application.version, application.saved_at = application.version + 1, at
    application.save(update_fields=["version", "saved_at"])


def _own_locked(application_id: int, applicant: User) -> Application:
    found = (
        Application.objects.select_for_update(of=("self",))
        .select_related("call__phase__task_force")
        .filter(pk=application_id, applicant=applicant)
        .first()
    )
    if found is None:
        raise Http404
    return found


def _refuse_if_told(application: Application) -> None:
    decision = queries.told(application)
    if decision is not None and decision.released_at is not None:
        raise Refused(
            _("The outcome of this application has been told, so it can no longer be changed."),
            facts=[(_("Told"), decision.released_at)],
        )
