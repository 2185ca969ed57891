"""What speaks against publishing a call as it stands: each finding with the place where it is mended.

`findings` is a pure function of `Facts`; `of` reads these for a call. What blocks is refused by the service too, under
its lock; of what is only warned, whoever publishes has to have read it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from recruitment import queries
from recruitment.enums import Part
from recruitment.models import Call
from recruitment.models.calls import WHOLE
from recruitment.plan import FIELDS, SCORES, Line, Texts
from recruitment.rules import WHO
from taskforce.accounts.models import RoleGrant
from taskforce.core import labels, languages
from taskforce.core.text import digest
from taskforce.notifications import kinds, written
from taskforce.questions.models import Question, QuestionSetVersion
from taskforce.questions.queries import is_for, questions
from taskforce.questions.readiness import broken, missing
from taskforce.timeline import describe, wanted
from taskforce.timeline.enums import Capability
from taskforce.timeline.models import Phase

# As the form calls them (`forms.calling.CallWordsForm`), so that they are found there.
NAMES = {
    "title": gettext_lazy("Title"),
    "purpose": gettext_lazy("What the members will do"),
    "eligibility": gettext_lazy("Who may apply"),
    "term": gettext_lazy("Term of office"),
    "hours": gettext_lazy("Hours per week"),
    "allowance": gettext_lazy("Allowance"),
    "publication": gettext_lazy("What becomes public, and about whom"),
    "criteria_introduction": gettext_lazy("Above the criteria"),
}
# Without these nobody could know what they apply for, and what becomes of what they say; of the others there is a word.
_NEEDED = ("title", "purpose", "publication")
_EXPECTED = ("eligibility", "term", "hours", "allowance")


class Finding(NamedTuple):
    """Something that the call lacks, in a sentence; `blocks`: it is not published like this.

    `code` names it, `part` says where it is mended; `language` and `row` (a criterion, a question and answer) where
    it is about one.
    """

    code: str
    blocks: bool
    text: str
    part: Part
    language: str = ""
    row: int | None = None


@dataclass(frozen=True)
class Facts:
    """All that a call is judged by. `review` and `work` are the phases that belong to it; `wanted` is {language:
    whether nothing is published without it}; `untold` are (mail, language) of mails without a text."""

    texts: Mapping[str, Texts]
    seats: int
    panel_size: int
    languages: Sequence[str]
    rubric: Sequence[Line]
    clarifications: Sequence[tuple[int, Texts, Texts]]
    questions: Sequence[Question]
    is_asked_here: bool
    is_newest: bool
    phase: Phase
    review: Phase | None
    work: Phase | None
    reviewers: int
    wanted: Mapping[str, bool]
    untold: Sequence[tuple[str, str]]
    is_published: bool
    at: datetime


def of(call: Call, at: datetime) -> list[Finding]:
    """How the call stands at the moment; as many queries for a large one as for a small one."""
    return findings(facts(call, at))


def blocking(found: Sequence[Finding]) -> list[Finding]:
    """Those with which it is not published."""
    return [one for one in found if one.blocks]


def warnings(found: Sequence[Finding]) -> list[Finding]:
    """Those that have to be read."""
    return [one for one in found if not one.blocks]


def seen(found: Sequence[Finding]) -> str:
    """Another one as soon as something else speaks against it; the same in every language."""
    return digest([[one.code, one.blocks, one.language, one.row] for one in found])


def facts(call: Call, at: datetime) -> Facts:
    """Everything that `findings` asks for."""
    phase = call.phase
    version = QuestionSetVersion.objects.select_related("question_set").get(pk=call.questions_id)
    wished = wanted.languages_of(phase.task_force_id)
    newer = QuestionSetVersion.objects.filter(question_set=version.question_set_id, number__gt=version.number)
    return Facts(
        texts={name: labels.stored(call, name) for name in FIELDS},
        seats=call.seats,
        panel_size=call.panel_size,
        languages=call.languages,
        rubric=queries.rubric(call),
        clarifications=[
            (one.pk, labels.stored(one, "question"), labels.stored(one, "answer"))
            for one in queries.clarifications(call)
        ],
        questions=questions(version),
        is_asked_here=is_for(version, phase.task_force_id),
        is_newest=not newer.exists(),
        phase=phase,
        review=_belonging(phase, Capability.REVIEW),
        work=_belonging(phase, Capability.WORK),
        reviewers=reviewers(phase.task_force_id),
        wanted=wished,
        untold=untold(_told_in(call, wished)),
        is_published=call.published_at is not None,
        at=at,
    )


def reviewers(task_force_id: int) -> int:
    """How many people can review the applications of a task force."""
    held = RoleGrant.objects.filter(Q(task_force_id=task_force_id) | Q(task_force_id=None), user__is_active=True)
    return held.filter(role__in=WHO["review.write"].roles).values("user").distinct().count()


def _belonging(phase: Phase, capability: str) -> Phase | None:
    """The phase of this kind that belongs to a call's: the first that opens no earlier, drafts too.

    Where none follows it is the last that lies before it, unless that belongs to an earlier call, also to one that was
    cancelled: out of order, it would be nobody's.
    """
    every = phase.task_force.phases
    found = every.filter(capabilities__contains=[capability], cancelled_at=None).exclude(pk=phase.pk)
    following = found.filter(opens_at__gte=phase.opens_at).order_by("opens_at", "pk").first()
    if following is not None:
        return following
    calls = every.filter(capabilities__contains=[Capability.APPLY], opens_at__lte=OuterRef("opens_at"))
    return found.filter(~Exists(calls.exclude(pk=phase.pk))).order_by("-opens_at", "pk").first()


# --- mails ------------------------------------------------------------------------------------------------------------


def draw_mails(call: Call) -> None:
    """Draw all its mails, which takes a while for the first time in a process."""
    untold(_told_in(call, wanted.languages_of(call.phase.task_force_id)))


def _told_in(call: Call, wished: Iterable[str]) -> list[str]:
    """The languages in which its mails must have their texts: those in which one may apply, and those wanted."""
    said = {*(call.languages or languages.CODES), *wished}
    return [code for code in languages.CODES if code in said]


def untold(codes: Sequence[str]) -> list[tuple[str, str]]:
    """(mail, language) of the mails of recruitment whose subject or body is missing in one of these languages."""
    ours = [kind for kind in kinds.all_kinds() if kind.sample.__module__.startswith("recruitment.")]
    return [(kind.name, code) for kind in ours for code in codes if not _is_written(kind.name, code)]


@lru_cache(maxsize=1024)
def _is_written(name: str, code: str) -> bool:
    """Once for each process: templates and catalogues are those that it began with."""
    return written.is_written(kinds.get(name), code)


# --- what is found ----------------------------------------------------------------------------------------------------


def findings(given: Facts) -> list[Finding]:
    """Everything that speaks against it, what blocks first."""
    found = [one for check in _CHECKS for one in check(given)]
    return [*blocking(found), *warnings(found)]


def _blocks(code: str, text: str, part: Part, language: str = "") -> Finding:
    return Finding(code, blocks=True, text=text, part=part, language=language)


def _warns(code: str, text: str, part: Part, language: str = "", row: int | None = None) -> Finding:
    return Finding(code, blocks=False, text=text, part=part, language=language, row=row)


def _words(given: Facts) -> Iterator[Finding]:
    for name in (*_NEEDED, *_EXPECTED):
        if not any(given.texts.get(name, {}).values()):
            said = _("The call says nothing of this: %(name)s.") % {"name": NAMES[name]}
            yield Finding(f"no-{name}", name in _NEEDED, said, Part.DETAILS)


def _rubric(given: Facts) -> Iterator[Finding]:
    total = sum(one.weight for one in given.rubric)
    if not given.rubric:
        yield _blocks("no-criterion", _("There is no criterion to score by."), Part.RUBRIC)
    elif total != WHOLE or any(one.weight < 1 for one in given.rubric):
        said = _("The weights of the criteria add up to %(total)s, not to 100.") % {"total": total}
        yield _blocks("weights", said, Part.RUBRIC)
    for number, one in enumerate(given.rubric, start=1):
        told = sum(any(one.meanings.get(score, {}).values()) for score in SCORES)
        if told < len(SCORES):
            words = _("Criterion %(number)d: what a score means is said of %(told)d of %(all)d scores.")
            said = words % {"number": number, "told": told, "all": len(SCORES)}
            yield _warns("scores-without-meaning", said, Part.RUBRIC, row=one.criterion_id)


def _asked(given: Facts) -> Iterator[Finding]:
    if not given.is_asked_here:
        said = _("These questions belong to another task force than the phase.")
        yield _blocks("questions-of-others", said, Part.QUESTIONS)
    if not given.questions:
        yield _blocks("no-question", _("The form asks nothing: choose other questions."), Part.QUESTIONS)
        return
    for number, problem in broken(given.questions):
        said = _("Question %(number)d: %(problem)s") % {"number": number, "problem": problem}
        yield _blocks("broken-question", said, Part.QUESTIONS)
    if not given.is_newest and not given.is_published:
        said = _("There is a newer version of these questions than the one that the call asks.")
        yield _warns("older-questions", said, Part.QUESTIONS)


def _phase(given: Facts) -> Iterator[Finding]:
    phase = given.phase
    if Capability.APPLY not in phase.capabilities:
        said = _("A call needs a phase in which people can apply.")
        yield _blocks("phase-without-capability", said, Part.PHASES)
    if phase.published_at is None:
        said = _(
            "The phase of the call is not published yet. Whether it takes only so many applications is said there, and "
            "stays as it is from then on."
        )
        yield _blocks("phase-is-a-draft", said, Part.PHASES)
    if phase.cap is not None and phase.cap < given.seats:
        words = _("The phase takes fewer applications (%(cap)d) than there are seats (%(seats)d): some stay empty.")
        yield _warns("cap-below-seats", words % {"cap": phase.cap, "seats": given.seats}, Part.PHASES)
    if phase.cancelled_at is not None:
        yield _blocks("phase-cancelled", _("The phase of the call was cancelled."), Part.PHASES)
    if phase.dropped_at is not None:
        yield _blocks("task-force-ended", _("The task force has ended: nobody could apply."), Part.PHASES)
    if phase.closes_at <= given.at and not given.is_published:
        yield _blocks("phase-over", _("The end of the phase has passed: nobody could apply."), Part.PHASES)


def _dates(given: Facts) -> Iterator[Finding]:
    phase, review, work = given.phase, given.review, given.work
    if review is None:
        said = _("No phase for reviews follows: nobody could score the applications.")
        yield _warns("no-review", said, Part.PHASES)
    elif review.opens_at < phase.closes_at:
        words = _("Reviews begin before the call closes: %(review)s opens %(opens)s, the call closes %(closes)s.")
        said = words % {**_named("review", review), "closes": describe.closes_rule(phase)}
        yield _blocks("review-before-close", said, Part.PHASES)
    # What decides is over last, also where the reviews lie wrong.
    ends = max((review or phase, phase), key=lambda one: one.closes_at)
    if work is None:
        yield _warns("no-work", _("No phase follows in which the members work."), Part.PHASES)
    elif work.opens_at < ends.closes_at:
        words = _("Work begins before it is known who works: %(work)s opens %(opens)s, %(before)s closes %(closes)s.")
        before = labels.label(ends, "title").text
        said = words % {**_named("work", work), "before": before, "closes": describe.closes_rule(ends)}
        yield _blocks("work-before-decision", said, Part.PHASES)


def _named(name: str, phase: Phase) -> dict[str, str]:
    return {name: labels.label(phase, "title").text, "opens": describe.opens_rule(phase)}


def _people(given: Facts) -> Iterator[Finding]:
    if not given.panel_size:
        yield _blocks("no-panel", _("It is not said how many people review."), Part.DETAILS)
    if given.reviewers < max(given.panel_size, 1):
        words = ngettext(
            "%(count)d person can review for this task force, and the panel is to have %(wanted)d: appoint more.",
            "%(count)d people can review for this task force, and the panel is to have %(wanted)d: appoint more.",
            given.reviewers,
        )
        said = words % {"count": given.reviewers, "wanted": max(given.panel_size, 1)}
        yield _blocks("too-few-reviewers", said, Part.PEOPLE)


def _mails(given: Facts) -> Iterator[Finding]:
    for name, code in given.untold:
        said = _("The mail “%(name)s” has no text in %(language)s.") % {"name": name, "language": _language(code)}
        yield _blocks("mail-without-text", said, Part.MAILS, code)


def _applying(given: Facts) -> Iterator[Finding]:
    for code in given.languages:
        if not languages.is_offered(code):
            said = _("“%(code)s” is not a language of this portal.") % {"code": code}
            yield _blocks("language-not-offered", said, Part.DETAILS, code)


def _translations(given: Facts) -> Iterator[Finding]:
    """What is wanted in a language and missing: of the call's own words part by part, of the form's as a number."""
    for code, refuses in given.wanted.items():
        for part, row, lack in _lacking(given, code):
            said = _("%(language)s: missing of what is wanted in it: %(what)s.")
            text = said % {"language": _language(code), "what": lack}
            yield Finding("priority-translation", refuses, text, part, code, row)
    for code in given.languages:
        if languages.is_offered(code) and code not in given.wanted and not given.texts.get("purpose", {}).get(code):
            said = _("One may apply in %(language)s, and the call does not say in it what for.")
            yield _warns("apply-untranslated", said % {"language": _language(code)}, Part.DETAILS, code)


def _lacking(given: Facts, code: str) -> Iterator[tuple[Part, int | None, str]]:
    names = [str(NAMES[name]) for name in FIELDS if _lacks(given.texts.get(name, {}), code)]
    if names:
        yield Part.DETAILS, None, ", ".join(names)
    for number, one in enumerate(given.rubric, start=1):
        if any(_lacks(texts, code) for texts in (one.labels, one.help_texts, *one.meanings.values())):
            yield Part.RUBRIC, one.criterion_id, _("criterion %(number)d") % {"number": number}
    for number, (row, question, answer) in enumerate(given.clarifications, start=1):
        if _lacks(question, code) or _lacks(answer, code):
            yield Part.CLARIFICATIONS, row, _("question and answer %(number)d") % {"number": number}
    short = missing(given.questions, code)
    if short:
        words = ngettext("%(count)d text of the form", "%(count)d texts of the form", short)
        yield Part.QUESTIONS, None, words % {"count": short}


def _lacks(texts: Texts, code: str) -> bool:
    return any(texts.values()) and not texts.get(code)


def _language(code: str) -> str:
    return languages.OWN_NAMES[code]


_CHECKS: tuple[Callable[[Facts], Iterator[Finding]], ...] = (
    _words,
    _rubric,
    _asked,
    _phase,
    _dates,
    _people,
    _applying,
    _mails,
    _translations,
)
