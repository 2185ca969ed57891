"""The applicant's side: one's own application, and applications as answered questions."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.http import Http404
from django.utils.safestring import SafeString

from recruitment.enums import ApplicationState, DecisionState
from recruitment.models import Application, Call, Decision, Snapshot
from taskforce.core.text import digest
from taskforce.questions import describe
from taskforce.questions.models import Question
from taskforce.questions.queries import questions

Content = list[dict[str, Any]]


def own_application(call: Call, user: Any) -> Application | None:
    """The user's application to this call: the live one, else the one withdrawn last, else None."""
    mine = Application.objects.filter(call=call, applicant=user).select_related("identity")
    live = mine.exclude(state=ApplicationState.WITHDRAWN).first()
    return live or mine.order_by("-pk").first()


def live(call: Call, user: Any) -> QuerySet[Application]:
    """The user's live application to this call (the database allows one at most)."""
    return Application.objects.filter(call=call, applicant=user).exclude(state=ApplicationState.WITHDRAWN)


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
    """All of the user's applications to this call, with what was submitted, the last one first."""
    mine = Application.objects.filter(call=call, applicant=user).select_related("identity")
    return list(mine.prefetch_related("snapshots").order_by("-pk"))


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
    return application.snapshots.order_by("-number").first()


def told(application: Application) -> Decision | None:
    """The released decision, or None: a held one is no answer to anything an applicant's page asks (DESIGN 2.7)."""
    return Decision.objects.filter(application=application, state=DecisionState.RELEASED).first()


def draft_content(application: Application) -> Content:
    """The draft's answers in the form that a snapshot keeps: one entry per question that was answered."""
    rows = application.answers.order_by("question__position").values_list("question_id", "text", "choices")
    return content(rows)


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


def content_digest(number: int, language: str, answers: Content) -> str:
    """The SHA-256 (hex) of a snapshot: its number, its language and every answer."""
    return digest({"number": number, "language": language, "answers": answers})


def hashed(snapshot: Snapshot) -> dict[str, Any]:
    """What the fingerprint of a snapshot is the SHA-256 of, in its canonical form (`core.text.canonical`)."""
    return {"number": snapshot.number, "language": snapshot.language, "answers": snapshot.answers}


class Answered(NamedTuple):
    """A question beside its answer, for reading: what was `chosen`, each in words, or the `text`; both empty if left
    open."""

    question: Question
    text: str
    chosen: list[SafeString]


def answered(call: Call, answers: Content) -> list[Answered]:
    """Every question of the call with its answer, in order, in two statements."""
    by_question: Mapping[int, dict[str, Any]] = {answer["question"]: answer for answer in answers}
    made = []
    for question in questions(call.questions_id):
        given = by_question.get(question.pk, {"text": "", "choice": ""})
        made.append(Answered(question, given["text"], describe.chosen(question, choices_of(given), given["text"])))
    return made
