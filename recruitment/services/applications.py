"""What applicants do: save and submit. The gate comes first, then the row lock, then everything else."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from recruitment import queries
from recruitment.enums import ApplicationState
from recruitment.models import ApplicantIdentity, Application, ApplicationAnswer, Call, Snapshot
from recruitment.notices import applying as notices
from recruitment.transitions import APPLICATION
from taskforce.accounts.models import User
from taskforce.audit import log
from taskforce.core import locks, states, tokens
from taskforce.core.errors import Conflict, Refused
from taskforce.core.text import clean_name, digest
from taskforce.questions.forms import Answer
from taskforce.timeline import gates
from taskforce.timeline import services as timeline
from taskforce.timeline.enums import Capability


@dataclass(frozen=True)
class Draft:
    """What came with one post of the form, already validated.

    `name` None: the post had no name, so the stored one stays, and with it the consent to publish it. `version`
    None: the post does not say on which version it was typed, so it is taken as the current one.
    """

    form_key: gates.FormKey
    language: str
    answers: list[Answer]
    name: str | None = None
    publish_name: bool = False
    version: int | None = None

    def content(self) -> queries.Content:
        """The answers as a snapshot keeps them."""
        return queries.content((one.question_id, one.text, one.choices) for one in self.answers)

    def digest(self) -> str:
        """What makes two posts "the same fields": everything that would be stored."""
        return digest([self.content(), self.name, self.publish_name])


@transaction.atomic
def open_application(call_id: int, applicant: User, *, language: str) -> Application:
    """The applicant's live application to an open call, made empty if there is none; `Refused` if it is closed."""
    call = queries.call_or_404(call_id)
    passed = gates.enter(call.phase_id, Capability.APPLY)
    return _live(call, applicant, language, passed.at)


@transaction.atomic
def require_open(call_id: int, applicant: User, form_key: gates.FormKey) -> None:
    """For a form with errors: `Conflict` where it was submitted before, with what cannot be the same fields, and
    `Refused` with the reason and the instants if the call cannot be applied to now, in the grace neither by this
    form."""
    if Snapshot.objects.filter(form_key=form_key.nonce, application__applicant=applicant).exists():
        raise _other_text()
    gates.enter(queries.call_or_404(call_id).phase_id, Capability.APPLY, form_key=form_key)


def save_draft(call_id: int, applicant: User, draft: Draft) -> Application:
    """Keep what was typed, complete or not; what was submitted before stays as it was submitted.

    The same form sent again changes nothing, also after the close; a form from before the close is still kept in the
    grace. Raises `Refused` if the call is not open, `Conflict` if the stored text is newer than the one that `draft`
    was typed on.
    """
    call = queries.call_or_404(call_id)
    try:
        return _save(call, applicant, draft)
    except Refused:
        known = _saved_before(call, applicant, draft)
        if known is None:
            raise
        return known


@transaction.atomic
def _save(call: Call, applicant: User, draft: Draft) -> Application:
    passed = gates.enter(call.phase_id, Capability.APPLY, form_key=draft.form_key)
    application = _live(call, applicant, draft.language, passed.at)
    if _is_saved(application, draft):
        return application
    _refuse_if_told(application)
    _refuse_if_stale(application, draft)
    application.state = states.step(APPLICATION, ApplicationState(application.state), "save")
    _store(application, draft, passed.at)
    _record("application.saved", application, call, passed.at, in_grace=passed.in_grace)
    return application


@transaction.atomic
def _saved_before(call: Call, applicant: User, draft: Draft) -> Application | None:
    """The application that this very form has saved, its first post awaited; `Conflict` if it saved other fields."""
    gates.enter_exclusively(call.phase_id)
    known = queries.live(call, applicant).first()
    if known is None or known.saved_form_key != draft.form_key.nonce:
        return None
    if not _is_saved(known, draft):
        raise Conflict(_("This form was already saved, with other text. What was saved stands."))
    return known


def submit(call_id: int, applicant: User, draft: Draft) -> Snapshot:
    """Submit what was typed: the next numbered, hashed, immutable snapshot, and a receipt by mail.

    The same form sent again gets the same snapshot, also after the close; the same form with other fields is a
    `Conflict`. Where the call has a cap, the last one that it lets in closes it. Raises `Refused` and `Conflict` as
    `save_draft` does.
    """
    call = queries.call_or_404(call_id)
    try:
        return _submit(call, applicant, draft)
    except Refused:
        known = _waited_for(call, applicant, draft)
        if known is None:
            raise
        return known


@transaction.atomic
def _submit(call: Call, applicant: User, draft: Draft) -> Snapshot:
    taken = partial(queries.taken_by_others, call, applicant)
    passed = gates.enter(call.phase_id, Capability.APPLY, form_key=draft.form_key, taken=taken)
    application = _live(call, applicant, draft.language, passed.at)
    known = _submitted_before(applicant, draft)
    if known is not None:
        return known
    _refuse_if_told(application)
    _refuse_if_stale(application, draft)
    application.state = states.step(APPLICATION, ApplicationState(application.state), "submit")
    application.submitted_at = passed.at
    _store(application, draft, passed.at)
    snapshot = _snapshot(application, draft, passed)
    _record("application.submitted", application, call, passed.at, snapshot=snapshot.number, in_grace=passed.in_grace)
    notices.receipt(snapshot, call, applicant, at=passed.at)
    if passed.fills:
        timeline.close_full(passed)
    return snapshot


@transaction.atomic
def _waited_for(call: Call, applicant: User, draft: Draft) -> Snapshot | None:
    """The snapshot that this form made. Its first post may still be about to commit: the lock waits for that."""
    gates.enter_exclusively(call.phase_id)
    return _submitted_before(applicant, draft)


def _live(call: Call, applicant: User, language: str, at: datetime) -> Application:
    """The live application, its row locked; a new one gets the call's next candidate number."""
    found = queries.live(call, applicant).select_for_update().first()
    if found is not None:
        return found
    # Numbers have no gaps and no person has two rows: making one waits for the others who make one.
    locks.take(locks.Kind.CALL, call.pk)
    found = queries.live(call, applicant).select_for_update().first()
    if found is not None:
        return found
    last = Application.objects.filter(call=call).aggregate(last=Max("number"))["last"] or 0
    made = Application.objects.create(
        call=call,
        applicant=applicant,
        number=last + 1,
        reference=tokens.new_reference("A"),
        language=language,
        created_at=at,
        saved_at=at,
    )
    ApplicantIdentity.objects.create(application=made, name=applicant.name)
    _record("application.opened", made, call, at)
    return made


def _submitted_before(applicant: User, draft: Draft) -> Snapshot | None:
    """The snapshot that this very form has made; `Conflict` if it made one of other fields."""
    snapshot = Snapshot.objects.select_related("application").filter(form_key=draft.form_key.nonce).first()
    if snapshot is None:
        return None
    if snapshot.application.applicant_id != applicant.pk or snapshot.fields_digest != draft.digest():
        raise _other_text()
    return snapshot


def _other_text() -> Conflict:
    return Conflict(_("This form was already submitted, with other text. What was submitted stands."))


def _is_saved(application: Application, draft: Draft) -> bool:
    """Whether the last save was of this very form with these fields."""
    return application.saved_form_key == draft.form_key.nonce and application.saved_digest == draft.digest()


def _refuse_if_told(application: Application) -> None:
    decision = queries.told(application)
    if decision is not None and decision.released_at is not None:
        raise Refused(
            _("The outcome of this application has been told, so it can no longer be changed."),
            facts=[(_("Told"), decision.released_at)],
        )


def _refuse_if_stale(application: Application, draft: Draft) -> None:
    """409 if the stored draft is another than the one typed on, unless both say the same."""
    if draft.version is None:
        stale = application.saved_form_key == draft.form_key.nonce
    else:
        stale = draft.version != application.version
    if stale and not _says_the_same(application, draft):
        raise Conflict(_("This application was changed meanwhile, perhaps by you in another window."))


def _says_the_same(application: Application, draft: Draft) -> bool:
    if queries.draft_content(application) != draft.content():
        return False
    identity = application.identity
    return draft.name is None or (identity.name, identity.publish_name) == (draft.name, draft.publish_name)


def _store(application: Application, draft: Draft, at: datetime) -> None:
    """Write answers, identity and the application itself; the version rises."""
    ApplicationAnswer.objects.bulk_create(
        [
            ApplicationAnswer(
                application=application,
                question_id=answer.question_id,
                text=answer.text,
                choices=list(answer.choices),
            )
            for answer in draft.answers
        ],
        update_conflicts=True,
        unique_fields=["application", "question"],
        update_fields=["text", "choices"],
    )
    if draft.name is not None:
        ApplicantIdentity.objects.filter(application=application).update(
            name=clean_name(draft.name), publish_name=draft.publish_name
        )
    application.language = draft.language
    application.version += 1
    application.saved_form_key = draft.form_key.nonce
    application.saved_digest = draft.digest()
    application.saved_at = at
    application.save()


def _snapshot(application: Application, draft: Draft, passed: gates.Pass) -> Snapshot:
    last = application.snapshots.aggregate(last=Max("number"))["last"] or 0
    answers = draft.content()
    return Snapshot.objects.create(
        application=application,
        number=last + 1,
        form_key=draft.form_key.nonce,
        fields_digest=draft.digest(),
        language=draft.language,
        answers=answers,
        sha256=queries.content_digest(last + 1, draft.language, answers),
        submitted_at=passed.at,
        in_grace=passed.in_grace,
    )


def _record(action: str, application: Application, call: Call, at: datetime, **details: Any) -> None:
    log.record(
        action,
        application,
        at=at,
        actor_id=application.applicant_id,
        task_force_id=call.phase.task_force_id,
        **details,
    )
