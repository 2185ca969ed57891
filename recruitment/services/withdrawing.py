"""What applicants take back: their application, and until the close of the call also its withdrawal."""

from datetime import datetime
from functools import partial

from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext as _

from recruitment import mailboxes, queries
from recruitment.enums import ApplicationState
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

    What was submitted takes its place again, where places are counted. Doing it twice changes nothing. Another
    person's application is not there (`Http404`); raises `Refused` where the call is not open (in the grace a form from
    before the close still passes) or another account has applied from the same mailbox, `Conflict` where they have
    applied anew meanwhile.
    """
    call = queries.call_of_application_or_404(application_id, applicant)
    taken = partial(queries.taken_by_others, call, applicant)
    passed = gates.enter(call.phase_id, Capability.APPLY, form_key=form_key, taken=taken)
    # Whoever begins a new application takes this lock too: one of the two comes first, and the other sees it.
    locks.take(locks.Kind.CALL, call.pk)
    application = _own_locked(application_id, applicant)
    if application.state != ApplicationState.WITHDRAWN:
        return application
    if queries.live(call, applicant).exists():
        raise Conflict(_("You have applied anew meanwhile, so the application that you withdrew stays withdrawn."))
    counts = application.submitted_at is not None
    application.state = states.step(APPLICATION, ApplicationState.WITHDRAWN, "count again" if counts else "go on")
    application.withdrawn_at = None
    application.save(update_fields=["state", "withdrawn_at"])
    storing.record("application.taken-back", application, call, passed.at, in_grace=passed.in_grace)
    notices.taken_back(application, call, applicant, at=passed.at)
    if passed.fills and counts:
        timeline.close_full(passed)
    return application


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
