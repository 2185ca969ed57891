"""The applicant's side: one's own application, and applications as answered questions."""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC
from operator import itemgetter
from typing import Any, NamedTuple

from django.db.models import Model, OuterRef, QuerySet, Subquery, prefetch_related_objects
from django.http import Http404
from django.utils.crypto import salted_hmac
from django.utils.safestring import SafeString

from recruitment import groups
from recruitment.enums import ApplicationState, DecisionState, Group
from recruitment.models import (
    ApplicantDemographics,
    ApplicantIdentity,
    ApplicantProfile,
    Application,
    ApplicationAnswers,
    Call,
    Decision,
    Snapshot,
)
from taskforce.accounts.enums import DeletionState
from taskforce.accounts.models import DeletionRequest
from taskforce.core import languages, zones
from taskforce.core.text import canonical, digest
from taskforce.questions import describe
from taskforce.questions.models import Question
from taskforce.questions.queries import questions

Content = list[dict[str, Any]]
Drafted = ApplicantIdentity | ApplicantDemographics | ApplicantProfile | ApplicationAnswers

# How the bytes are made that a fingerprint is the sum of; the first form had no number.
FORMAT = 2
# What is no part of what was submitted of a group.
_NOT_SUBMITTED = frozenset({"id", "application", "typed", "version", "saved_at", "submitted_digest"})

# The table of each group.
GROUP_OF: Mapping[type[Drafted], Group] = {
    ApplicantIdentity: Group.IDENTITY,
    ApplicantProfile: Group.PROFILE,
    ApplicationAnswers: Group.ANSWERS,
    ApplicantDemographics: Group.DEMOGRAPHICS,
}


def with_groups(applications: QuerySet[Application]) -> QuerySet[Application]:
    """The same, each with the rows of its groups and whether its outcome was told, in the same statement."""
    released = Decision.objects.filter(application=OuterRef("pk"), state=DecisionState.RELEASED)
    read = applications.annotate(told_id=Subquery(released.values("pk")[:1]))
    return read.select_related(*(str(group) for group in Group))


def locked(applications: QuerySet[Application]) -> QuerySet[Application]:
    """As `with_groups`, with all of these rows locked: of a row that is not, whoever waits for the application would
    read what stood in it before."""
    names = [str(group) for group in Group]
    # Each has a row in every table; without saying so the joins would be outer ones, which the database cannot lock.
    there = applications.filter(**{f"{name}__isnull": False for name in names})
    return with_groups(there).select_for_update(of=("self", *names))


def row_of(application: Application, group: Group) -> Drafted:
    """The row of a group."""
    row: Drafted = getattr(application, group)
    return row


def typed(application: Application) -> dict[Group, groups.Fields]:
    """What was typed in each group, as it is stored."""
    return {group: row_of(application, group).typed for group in Group}


def typed_digest(fields: groups.Fields) -> str:
    """What makes two texts of a group the same."""
    return digest({name: list(values) for name, values in fields.items()})


def begun(user: Any) -> dict[Group, groups.Fields]:
    """What stands in the form of a newcomer: what the account knows of them. Its zone is UTC where nobody chose one."""
    known = {"name": [user.name], "profile-zone": [user.zone if user.zone != zones.UTC else ""]}
    return dict(groups.by_group(known.items()))


def begun_in(call: Call, user: Any) -> str:
    """In which language an application is begun whose page does not say it: the account's, if that is offered."""
    offered = languages_of(call)
    return user.language if user.language in offered else offered[0]


def languages_of(call: Call) -> Sequence[str]:
    """The languages of the portal in which one may apply to this call."""
    chosen: Sequence[str] = getattr(call, "languages", None) or ()
    return [code for code in languages.CODES if code in chosen] or list(languages.CODES)


def is_changed(application: Application) -> bool:
    """Whether anything was typed since it was submitted last, and not submitted again."""
    rows = [row_of(application, group) for group in Group]
    return any(row.version > 0 and row.submitted_digest != typed_digest(row.typed) for row in rows)


def own_application(call: Call, user: Any) -> Application | None:
    """The user's application to this call: the live one, else of those that were withdrawn the last one that had been
    submitted, else the last one, else None."""
    return meant(list(with_groups(Application.objects.filter(call=call, applicant=user)).order_by("-pk")))


def live(call: Call, user: Any) -> QuerySet[Application]:
    """The user's live application to this call (the database allows one at most)."""
    return Application.objects.filter(call=call, applicant=user).exclude(state=ApplicationState.WITHDRAWN)


def has_applied(call: Call, user_id: int) -> bool:
    """Whether somebody has an application to this call, in whatever state."""
    return Application.objects.filter(call=call, applicant=user_id).exists()


def own_by_reference(call: Call, user: Any, reference: str) -> Application | None:
    """The user's application to this call with this reference (any text), withdrawn or not."""
    return Application.objects.filter(call=call, applicant=user, reference=reference).first()


def call_of_application_or_404(application_id: int, user: Any) -> Call:
    """The call of one of the user's own applications; what is another's is not there."""
    calls = Call.objects.select_related("phase__task_force")
    found = calls.filter(applications__pk=application_id, applications__applicant=user).first()
    if found is None:
        raise Http404
    return found


def own_applications(call: Call, user: Any) -> list[Application]:
    """All of the user's applications to this call, with what was submitted (`versions`), the last one first.

    `deletion_asked_at` is when they asked for the deletion of what is kept about them, as long as nobody has answered.
    """
    asked = DeletionRequest.objects.filter(user=OuterRef("applicant"), state=DeletionState.OPEN).values("asked_at")[:1]
    own = Application.objects.filter(call=call, applicant=user).annotate(deletion_asked_at=Subquery(asked))
    mine = list(with_groups(own).order_by("-pk"))
    prefetch_related_objects([one for one in mine if one.submitted_at is not None], "snapshots")
    return mine


def versions(application: Application) -> list[Snapshot]:
    """What was submitted, the first version before the others; nothing is asked of what never was."""
    return [] if application.submitted_at is None else list(application.snapshots.all())


def meant(every: Sequence[Application]) -> Application | None:
    """Of all of somebody's applications to a call, the last one first, the one that `own_application` finds."""
    live = (one for one in every if one.state != ApplicationState.WITHDRAWN)
    return next(live, None) or withdrawn_last(every)


def withdrawn_last(every: Iterable[Application]) -> Application | None:
    """Of somebody's applications to a call the withdrawn one that matters: one that had been submitted before one that
    had not, and the one that was withdrawn last before the others."""
    gone = [(one.submitted_at is not None, one.withdrawn_at, one.pk, one) for one in every if one.withdrawn_at]
    return max(gone, key=itemgetter(0, 1, 2))[-1] if gone else None


def own_snapshot_or_404(call: Call, user: Any, number: int, reference: str) -> Snapshot:
    """The version with this number of the user's own application with this reference ("": of the one that counts);
    what is another's is not there."""
    mine = own_by_reference(call, user, reference) if reference else own_application(call, user)
    found = None if mine is None else mine.snapshots.filter(number=number).first()
    if mine is None or found is None:
        raise Http404
    found.application = mine
    return found


def taken_by_others(call: Call, user: Any) -> int:
    """How many applications of other people are in: submitted and not withdrawn. Who is in takes no second place."""
    return Application.objects.filter(call=call, state=ApplicationState.SUBMITTED).exclude(applicant=user).count()


def latest_snapshot(application: Application) -> Snapshot | None:
    """What counts of the application: what was submitted last."""
    if application.submitted_at is None:
        return None
    return application.snapshots.order_by("-number").first()


def told(application: Application) -> Decision | None:
    """The released decision, or None: a held one is no answer to anything an applicant's page asks (DESIGN 2.7)."""
    if application.__dict__.get("told_id", True) is None:
        return None
    return Decision.objects.filter(application=application, state=DecisionState.RELEASED).first()


def content(answers: Iterable[tuple[int, str, Sequence[str]]]) -> Content:
    """Answers as plain JSON, without those left open, so that equal answers compare equal.

    The first choice stands where the only one stood before there were several: what was submitted then compares too.
    """
    return [
        {
            "question": question,
            "text": text,
            "choice": choices[0] if choices else "",
            **({"more": list(choices[1:])} if choices[1:] else {}),
        }
        for question, text, choices in answers
        if text or choices
    ]


def choices_of(answer: Mapping[str, Any]) -> list[str]:
    """The codes of what was chosen in one entry of a content."""
    return [code for code in (answer["choice"], *answer.get("more", ())) if code]


def fingerprint(snapshot: Snapshot) -> str:
    """The SHA-256 (hex) of a snapshot."""
    return digest(hashed(snapshot))


def hashed(snapshot: Snapshot) -> dict[str, Any]:
    """What the fingerprint of a snapshot is the SHA-256 of, in its canonical form (`core.text.canonical`)."""
    said: dict[str, Any] = {"number": snapshot.number, "language": snapshot.language, "answers": snapshot.answers}
    if not snapshot.bound:
        # The first form, in which nothing says whose it was: what has it keeps it.
        return {**said, "profile": snapshot.profile} if snapshot.profile else said
    application = snapshot.application
    return {
        **said,
        "format": FORMAT,
        "application": application.reference,
        "call": application.call_id,
        "submitted_at": snapshot.submitted_at.astimezone(UTC).isoformat(timespec="microseconds"),
        "in_grace": snapshot.in_grace,
        "terms": snapshot.terms,
        "profile": snapshot.profile,
        **snapshot.bound,
    }


def bound(application: Application) -> dict[str, str]:
    """What binds a new snapshot to its application: a random sign, and of who somebody is and of their background, as
    they are submitted with it, a sum under the portal's key; from none of them is anything read or guessed."""
    nonce = secrets.token_hex(16)
    of = {"identity": application.identity, "background": application.demographics}
    return {"nonce": nonce, **{name: _sum(nonce, row) for name, row in of.items()}}


def _sum(nonce: str, row: Model) -> str:
    said = {
        field.name: field.value_from_object(row)
        for field in row._meta.concrete_fields
        if field.name not in _NOT_SUBMITTED
    }
    return salted_hmac("recruitment.snapshot", nonce.encode() + canonical(said), algorithm="sha256").hexdigest()


class Answered(NamedTuple):
    """A question beside its answer, for reading: what was `chosen`, each in words, or the `text`; both empty if left
    open."""

    question: Question
    text: str
    chosen: list[SafeString]


def answered(call: Call, answers: Content, asked: Sequence[Question] | None = None) -> list[Answered]:
    """Every question of the call (`asked`, where they are at hand) with its answer, in order."""
    by_question: Mapping[int, dict[str, Any]] = {answer["question"]: answer for answer in answers}
    made = []
    for question in questions(call.questions_id) if asked is None else asked:
        given = by_question.get(question.pk, {"text": "", "choice": ""})
        made.append(Answered(question, given["text"], describe.chosen(question, choices_of(given), given["text"])))
    return made
