"""What applicants do: save and submit. The gate comes first, then the row lock, then everything else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Model
from django.utils.translation import gettext as _

from recruitment import groups, mailboxes, queries, terms
from recruitment.enums import ApplicationState, Group
from recruitment.models import ApplicantIdentity, Application, Call, Snapshot
from recruitment.notices import applying as notices
from recruitment.services import storing
from recruitment.transitions import APPLICATION
from taskforce.accounts.models import User
from taskforce.core import locks, states, tokens
from taskforce.core.errors import Conflict, Refused
from taskforce.core.text import digest
from taskforce.questions.forms import Answer
from taskforce.timeline import gates
from taskforce.timeline import services as timeline
from taskforce.timeline.enums import Capability


@dataclass(frozen=True)
class Said:
    """What was typed, as it is understood once it is valid: what a submission stores. None: the post had nothing of
    this group, so what was submitted of it stays.

    `profile` as a snapshot keeps it; the others are values of the columns of their tables.
    """

    answers: list[Answer]
    profile: Mapping[str, Any] | None = None
    identity: Mapping[str, Any] | None = None
    demographics: Mapping[str, Any] | None = None

    def content(self) -> queries.Content:
        """The answers as a snapshot keeps them."""
        return queries.content((one.question_id, one.text, one.choices) for one in self.answers)


@dataclass(frozen=True)
class Draft:
    """What came with one post of the form.

    `typed` are the groups that came, as they were typed; those that did not come stay as they are stored. `tokens` say
    on what each was typed; a group without one is taken to be typed on what is stored, and `read` says which version
    that was, where what did not come was taken from there. `came` is what came, without that. Only what is `said`,
    which is valid, can be submitted. `language` is the one in which it is written, None where the post does not say.
    Of the groups that are `unheard` the same form has sent something before that nobody answered: it may be what is
    stored.
    """

    form_key: gates.FormKey
    language: str | None
    typed: Mapping[Group, groups.Fields]
    tokens: Mapping[Group, groups.Token] = field(default_factory=dict)
    said: Said | None = None
    came: Mapping[Group, groups.Fields] | None = None
    read: Mapping[Group, int] = field(default_factory=dict)
    unheard: frozenset[Group] = frozenset()

    def is_untouched(self) -> bool:
        """Whether the form came back as it was shown: there is nothing in it to be saved."""
        return not self.unheard and all(
            groups.is_untouched(self.tokens.get(group), typed) for group, typed in self.typed.items()
        )

    def digest(self) -> str:
        """What makes two posts "the same fields": everything that came to be stored."""
        came = self.typed if self.came is None else self.came
        return digest({group: {name: list(values) for name, values in sent.items()} for group, sent in came.items()})


# A row, and its fields that are to be written.
Written = tuple[Model, Sequence[str]]
_SAVED = ("state", "language", "version", "saved_form_key", "saved_digest", "saved_at", "submitted_at", "mailbox_key")


class Stored(NamedTuple):
    """What stands in a group by now."""

    version: int
    typed: groups.Fields


class ChangedMeanwhile(Conflict):
    """Groups that somebody, most likely the applicant in another window, has changed since the form was shown: what is
    stored of each. Nothing was saved."""

    def __init__(self, stored: Mapping[Group, Stored]) -> None:
        super().__init__(_("This application was changed meanwhile, perhaps by you in another window."))
        self.stored = stored


class Withdrawn(Refused):
    """The application was withdrawn, and nobody has pressed a button to begin another one."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "You have withdrawn your application, so what you type is not saved by itself. To apply anew with it, "
                "press “Save draft”."
            )
        )


@transaction.atomic
def open_application(call_id: int, applicant: User, *, language: str) -> Application:
    """The applicant's live application to an open call, made empty if there is none; `Refused` if it is closed."""
    call = queries.call_or_404(call_id)
    passed = gates.enter(call.phase_id, Capability.APPLY)
    found = _own(call, applicant)
    return found or _begun(call, applicant, language, passed.at)


@transaction.atomic
def require_open(call_id: int, applicant: User, form_key: gates.FormKey) -> None:
    """For a form with errors: `Conflict` where it was submitted before, with what cannot be the same fields, and
    `Refused` with the reason and the instants if the call cannot be applied to now, in the grace neither by this
    form."""
    if Snapshot.objects.filter(form_key=form_key.nonce, application__applicant=applicant).exists():
        raise _other_text()
    gates.enter(queries.call_or_404(call_id).phase_id, Capability.APPLY, form_key=form_key)


def save_draft(call: Call | int, applicant: User, draft: Draft, *, by_itself: bool = False) -> Application:
    """Keep what was typed, valid or not; what was submitted before stays as it was submitted.

    The same form sent again changes nothing, also after the close; a form from before the close is still kept in the
    grace. What nobody asked for (`by_itself`) is not in the log, which would say when somebody types, and begins no
    application after one was withdrawn (`Withdrawn`); nor does a form that was saved before that: the withdrawn one is
    returned. Raises `Refused` if the call is not open, `ChangedMeanwhile` if what is stored of a group is newer than
    what it was typed on.
    """
    call = _read(call)
    try:
        return _save(call, applicant, draft, by_itself=by_itself)
    except Withdrawn:
        raise
    except Refused:
        known = _saved_before(call, applicant, draft)
        if known is None:
            raise
        return known


@transaction.atomic
def _save(call: Call, applicant: User, draft: Draft, *, by_itself: bool) -> Application:
    passed = gates.enter(call.phase_id, Capability.APPLY, form_key=draft.form_key)
    application, gone = _own_or_gone(call, applicant)
    if application is None:
        known = next((one for one in gone if _is_saved(one, draft)), None)
        if by_itself and gone:
            raise Withdrawn
        if known is not None:
            return known
        application = _begun(call, applicant, draft.language, passed.at, is_locked=True)
    if _is_saved(application, draft):
        return application
    _refuse_if_told(application)
    changed = _changed(application, draft, is_submitting=False, by_itself=by_itself)
    application.state = states.step(APPLICATION, ApplicationState(application.state), "save")
    written = [_written(application, group, draft.typed[group], passed.at) for group in changed]
    storing.update([*written, _noted(application, draft, passed.at)])
    if not by_itself:
        storing.record("application.saved", application, call, passed.at, in_grace=passed.in_grace)
    return application


@transaction.atomic
def _saved_before(call: Call, applicant: User, draft: Draft) -> Application | None:
    """The application that this very form has saved with these very fields, its first post awaited."""
    gates.enter_exclusively(call.phase_id)
    known = queries.with_groups(queries.live(call, applicant)).first()
    return known if known is not None and _is_saved(known, draft) else None


@mailboxes.one_each()
def submit(call: Call | int, applicant: User, draft: Draft) -> Snapshot:
    """Submit what was typed: the next numbered, hashed, immutable snapshot, and a receipt by mail.

    The same form sent again gets the same snapshot, also after the close, and where its application was withdrawn
    meanwhile, which stays so; the same form with other fields is a `Conflict`. Where the call has a cap, the last one
    that it lets in closes it. Raises `Refused` and `Conflict` as `save_draft` does; `Refused` also where another
    account has applied from the same mailbox.
    """
    if draft.said is None:
        raise ValueError("only what is valid can be submitted")
    call = _read(call)
    try:
        return _submit(call, applicant, draft, draft.said)
    except Refused:
        known = _waited_for(call, applicant, draft)
        if known is None:
            raise
        return known


@transaction.atomic
def _submit(call: Call, applicant: User, draft: Draft, said: Said) -> Snapshot:
    taken = partial(queries.taken_by_others, call, applicant)
    passed = gates.enter(
        call.phase_id, Capability.APPLY, form_key=draft.form_key, taken=taken, has_cap=call.phase.cap is not None
    )
    application = _own(call, applicant)
    if application is None:
        # The first post of this very form may be making it now.
        locks.take(locks.Kind.CALL, call.pk)
    known = _submitted_before(applicant, draft)
    if known is not None:
        return known
    application = application or _begun(call, applicant, draft.language, passed.at, is_locked=True)
    _refuse_if_told(application)
    changed = _changed(application, draft, is_submitting=True)
    application.state = states.step(APPLICATION, ApplicationState(application.state), "submit")
    last = queries.latest_snapshot(application)
    application.submitted_at = passed.at
    application.mailbox_key = mailboxes.key(applicant.email)
    written = [
        _written(application, group, typed, passed.at, said=said, is_changed=group in changed)
        for group, typed in draft.typed.items()
    ]
    snapshot = _snapshot(application, last, draft, said, passed)
    storing.update([*written, _noted(application, draft, passed.at)], beside=snapshot)
    storing.record(
        "application.submitted", application, call, passed.at, snapshot=snapshot.number, in_grace=passed.in_grace
    )
    notices.receipt(snapshot, call, applicant, at=passed.at)
    if passed.fills:
        timeline.close_full(passed)
    return snapshot


@transaction.atomic
def _waited_for(call: Call, applicant: User, draft: Draft) -> Snapshot | None:
    """The snapshot that this form made. Its first post may still be about to commit: the lock waits for that."""
    gates.enter_exclusively(call.phase_id)
    return _submitted_before(applicant, draft)


def _read(call: Call | int) -> Call:
    """A call as it is read, where only its id is known."""
    return queries.call_or_404(call) if isinstance(call, int) else call


def _own(call: Call, applicant: User) -> Application | None:
    """The live application, if there is one, its row locked; of those that were withdrawn none is, since whoever takes
    one back has the lock of the call before."""
    return queries.locked(queries.live(call, applicant)).first()


def _own_or_gone(call: Call, applicant: User) -> tuple[Application | None, list[Application]]:
    """The live application; where there is none, those that were withdrawn, and the lock of the call with them: one may
    have been taken back while its row was waited for, and is the live one then."""
    application = _own(call, applicant)
    if application is not None:
        return application, []
    locks.take(locks.Kind.CALL, call.pk)
    every = list(queries.locked(Application.objects.filter(call=call, applicant=applicant)).order_by("pk"))
    gone = [one for one in every if one.state == ApplicationState.WITHDRAWN]
    return next((one for one in every if one not in gone), None), gone


def _begun(call: Call, applicant: User, language: str | None, at: datetime, *, is_locked: bool = False) -> Application:
    """A new application with the call's next candidate number, or the one that was begun meanwhile, its row locked."""
    # Numbers have no gaps and no person has two rows: making one waits for the others who make one.
    if not is_locked:
        locks.take(locks.Kind.CALL, call.pk)
    made = _made(call, applicant, language or queries.begun_in(call, applicant), at)
    return made or queries.locked(queries.live(call, applicant)).get()


def _made(call: Call, applicant: User, language: str, at: datetime) -> Application | None:
    """A new application, with what the account knows of its person; None where they have one by now."""
    made = Application(
        call=call,
        applicant=applicant,
        reference=tokens.new_reference("A"),
        language=language,
        created_at=at,
        saved_at=at,
    )
    known = queries.begun(applicant)
    rows = [table(typed=known[group]) for table, group in queries.GROUP_OF.items()]
    for row in rows:
        if isinstance(row, ApplicantIdentity):
            row.name = applicant.name
    if not storing.insert(made, rows):
        return None
    for row in rows:
        row.application = made
        setattr(made, queries.GROUP_OF[type(row)], row)
    made.told_id = None  # type: ignore[attr-defined] # as `with_groups` reads it
    storing.record("application.opened", made, call, at)
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


def _changed(application: Application, draft: Draft, *, is_submitting: bool, by_itself: bool = False) -> list[Group]:
    """The groups whose text is another than what is stored; `ChangedMeanwhile` if that is newer than what one of them
    was typed on.

    A group that came back as it was shown changes nothing, and is no reason to refuse the others; but nobody submits
    what they have not seen.
    """
    changed, clashing = [], {}
    for group, sent in draft.typed.items():
        row = queries.row_of(application, group)
        if row.typed == sent:
            continue
        seen = draft.tokens.get(group)
        if seen is None:
            was_read = draft.read.get(group, row.version)
            is_stale = application.saved_form_key == draft.form_key.nonce or was_read != row.version
        else:
            # Of what saves itself one may arrive before another; a button is the last that a form sends.
            is_own = not by_itself and _is_own(application, group, seen, draft)
            is_stale = seen.version != row.version and not is_own
            if not is_submitting and group not in draft.unheard and groups.is_untouched(seen, sent):
                continue
        if is_stale:
            clashing[group] = Stored(row.version, row.typed)
        changed.append(group)
    if clashing:
        raise ChangedMeanwhile(clashing)
    return changed


def _is_own(application: Application, group: Group, seen: groups.Token, draft: Draft) -> bool:
    """Whether what is stored of a group is what this very form has sent before without hearing that it was saved: the
    last that was saved, and next to what the group was typed on."""
    row = queries.row_of(application, group)
    is_last = application.saved_form_key == draft.form_key.nonce and application.saved_at == row.saved_at
    return group in draft.unheard and is_last and row.version == seen.version + 1


def _written(
    application: Application,
    group: Group,
    typed: groups.Fields,
    at: datetime,
    *,
    said: Said | None = None,
    is_changed: bool = True,
) -> Written:
    """What is to be written of a group: what was typed, and with `said` what is submitted of it."""
    row = queries.row_of(application, group)
    if is_changed:
        row.typed, row.version, row.saved_at = typed, row.version + 1, at
    names = ["typed", "version", "saved_at"]
    if said is not None:
        row.submitted_digest = queries.typed_digest(row.typed)
        columns = {Group.IDENTITY: said.identity, Group.DEMOGRAPHICS: said.demographics}.get(group) or {}
        for name, value in columns.items():
            setattr(row, name, value)
        names += ["submitted_digest", *columns]
    return row, names


def _noted(application: Application, draft: Draft, at: datetime) -> Written:
    """What is to be written of the application itself."""
    application.language = draft.language or application.language
    application.version += 1
    application.saved_form_key = draft.form_key.nonce
    application.saved_digest = draft.digest()
    application.saved_at = at
    return application, _SAVED


def _snapshot(
    application: Application, last: Snapshot | None, draft: Draft, said: Said, passed: gates.Pass
) -> Snapshot:
    number = last.number + 1 if last is not None else 1
    profile = said.profile if said.profile is not None else (last.profile if last is not None else {})
    answers, language = said.content(), draft.language or application.language
    made = Snapshot(
        application=application,
        number=number,
        form_key=draft.form_key.nonce,
        fields_digest=draft.digest(),
        language=language,
        answers=answers,
        profile=profile,
        terms=terms.CURRENT,
        bound=queries.bound(application),
        submitted_at=passed.at,
        in_grace=passed.in_grace,
    )
    made.sha256 = queries.fingerprint(made)
    return made
