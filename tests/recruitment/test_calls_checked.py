"""What speaks against publishing a call: each finding by its name, whether it blocks, and where it is mended."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from proposals.models import Proposal, TranslationGoal
from recruitment import readiness, services
from recruitment.enums import Part
from recruitment.forms.calling import CallWordsForm
from recruitment.models import Call
from recruitment.readiness import Facts
from taskforce.accounts.models import RoleGrant, User
from taskforce.accounts.services import lock_account
from taskforce.core import labels, languages
from taskforce.notifications import kinds, written
from taskforce.notifications.enums import MailClass
from taskforce.portal.scenarios import builder
from taskforce.questions.models import QuestionSetVersion
from taskforce.questions.services import create_set
from taskforce.timeline import wanted
from taskforce.timeline.models import Phase, TaskForce
from tests.conftest import Clock
from tests.recruitment.calling import details, drafted, line
from tests.recruitment.conftest import AT, CLOSES, OPEN, QUESTIONS

Phases = Callable[[str], Phase]


@pytest.fixture
def draft(phase: Phases, version: QuestionSetVersion, people: dict[str, User]) -> Call:
    """A draft that lacks nothing."""
    for name in ("reviewer1", "reviewer2"):
        assert people[name].pk
    return drafted(phase("recruitment"), version, people["coordinator"])


@pytest.fixture
def given(draft: Call) -> Facts:
    """What it is judged by."""
    return readiness.facts(draft, AT)


def named(found: list[readiness.Finding]) -> set[tuple[str, bool]]:
    """The findings by name, and whether they block."""
    return {(one.code, one.blocks) for one in found}


def test_of_a_call_that_lacks_nothing_nothing_is_found(given: Facts) -> None:
    assert readiness.findings(given) == []


def _phase(given: Facts, name: str, **changes: Any) -> Facts:
    """The facts with a phase that differs."""
    was = getattr(given, name)
    other = Phase(**{field.attname: getattr(was, field.attname) for field in Phase._meta.concrete_fields} | changes)
    other.task_force = was.task_force
    made: dict[str, Any] = {name: other}
    return replace(given, **made)


CASES: list[tuple[str, Callable[[Facts], Facts], str, bool, Part]] = [
    ("title", lambda one: replace(one, texts={**one.texts, "title": {}}), "no-title", True, Part.DETAILS),
    ("purpose", lambda one: replace(one, texts={**one.texts, "purpose": {}}), "no-purpose", True, Part.DETAILS),
    ("who", lambda one: replace(one, texts={**one.texts, "publication": {}}), "no-publication", True, Part.DETAILS),
    ("term", lambda one: replace(one, texts={**one.texts, "term": {}}), "no-term", False, Part.DETAILS),
    ("hours", lambda one: replace(one, texts={**one.texts, "hours": {}}), "no-hours", False, Part.DETAILS),
    ("who", lambda one: replace(one, texts={**one.texts, "eligibility": {}}), "no-eligibility", False, Part.DETAILS),
    ("pay", lambda one: replace(one, texts={**one.texts, "allowance": {}}), "no-allowance", False, Part.DETAILS),
    ("no rubric", lambda one: replace(one, rubric=[]), "no-criterion", True, Part.RUBRIC),
    ("99", lambda one: replace(one, rubric=[line(weight=99)]), "weights", True, Part.RUBRIC),
    ("0 and 100", lambda one: replace(one, rubric=[line(weight=100), line(weight=0)]), "weights", True, Part.RUBRIC),
    (
        "anchors",
        lambda one: replace(one, rubric=[line(weight=100, meanings={1: {"en": "Low"}})]),
        "scores-without-meaning",
        False,
        Part.RUBRIC,
    ),
    ("others' questions", lambda one: replace(one, is_asked_here=False), "questions-of-others", True, Part.QUESTIONS),
    ("nothing asked", lambda one: replace(one, questions=[]), "no-question", True, Part.QUESTIONS),
    ("old questions", lambda one: replace(one, is_newest=False), "older-questions", False, Part.QUESTIONS),
    (
        "no capability",
        lambda one: _phase(one, "phase", capabilities=["work"]),
        "phase-without-capability",
        True,
        Part.PHASES,
    ),
    ("draft phase", lambda one: _phase(one, "phase", published_at=None), "phase-is-a-draft", True, Part.PHASES),
    ("cancelled", lambda one: _phase(one, "phase", cancelled_at=AT), "phase-cancelled", True, Part.PHASES),
    ("over", lambda one: replace(one, at=CLOSES), "phase-over", True, Part.PHASES),
    ("no review", lambda one: replace(one, review=None), "no-review", False, Part.PHASES),
    (
        "review too early",
        lambda one: _phase(one, "review", opens_at=CLOSES - timedelta(microseconds=1)),
        "review-before-close",
        True,
        Part.PHASES,
    ),
    ("no work", lambda one: replace(one, work=None), "no-work", False, Part.PHASES),
    ("work too early", lambda one: _phase(one, "work", opens_at=CLOSES), "work-before-decision", True, Part.PHASES),
    ("no panel", lambda one: replace(one, panel_size=0), "no-panel", True, Part.DETAILS),
    ("few reviewers", lambda one: replace(one, reviewers=1), "too-few-reviewers", True, Part.PEOPLE),
    ("nobody", lambda one: replace(one, reviewers=0, panel_size=1), "too-few-reviewers", True, Part.PEOPLE),
    ("a language of nobody", lambda one: replace(one, languages=["tlh"]), "language-not-offered", True, Part.DETAILS),
    ("apply in it", lambda one: replace(one, languages=["en", "ja"]), "apply-untranslated", False, Part.DETAILS),
]


@pytest.mark.parametrize(
    ("change", "code", "blocks", "part"), [one[1:] for one in CASES], ids=[one[0] for one in CASES]
)
def test_each_lack_is_found_by_its_name(
    given: Facts, change: Callable[[Facts], Facts], code: str, part: Part, *, blocks: bool
) -> None:
    found = [one for one in readiness.findings(change(given)) if one.code == code]
    assert [(one.blocks, one.part) for one in found[:1]] == [(blocks, part)]
    assert found[0].text


def test_a_task_force_that_has_ended_and_a_call_that_is_published(given: Facts) -> None:
    ended = _phase(given, "phase")
    ended.phase.task_force = TaskForce(state="ended", ended_at=AT)
    assert ("task-force-ended", True) in named(readiness.findings(ended))
    # Of a published call nobody says that it is too late, or that newer questions could be asked.
    late = replace(given, at=CLOSES, is_newest=False, is_published=True)
    assert readiness.findings(late) == []


def test_a_language_that_is_wanted_blocks_or_warns_as_its_goal_says(given: Facts) -> None:
    for refuses in (True, False):
        found = readiness.findings(replace(given, wanted={"ar": refuses}))
        assert named(found) == {("priority-translation", refuses)}
        assert {one.part for one in found} == {Part.DETAILS, Part.RUBRIC, Part.CLARIFICATIONS, Part.QUESTIONS}
        assert {one.language for one in found} == {"ar"}
    # English is what all is written in.
    assert readiness.findings(replace(given, wanted={"en": True})) == []
    # The questions have parts in Traditional Chinese, so what is asked there is less.
    found = readiness.findings(replace(given, wanted={"zh-hant": True}))
    assert "of the form" in next(one.text for one in found if one.part == Part.QUESTIONS)


def test_what_is_wanted_of_the_texts_of_the_task_force_is_wanted_of_its_call(
    draft: Call, text: Proposal, tf: TaskForce
) -> None:
    Proposal.objects.filter(pk=text.pk).update(task_force=tf)
    assert wanted.languages_of(tf.pk) == {}
    TranslationGoal.objects.create(proposal=text, language="ar", percent=50, reason="Many", refuses=True)
    TranslationGoal.objects.create(proposal=text, language="es", percent=50, reason="Many", refuses=False)
    assert wanted.languages_of(tf.pk) == {"ar": True, "es": False}
    assert {(one.language, one.blocks) for one in readiness.of(draft, AT)} == {("ar", True), ("es", False)}
    Proposal.objects.filter(pk=text.pk).update(state="withdrawn", ended_at=AT, ended_reasons={"en": "No more."})
    assert wanted.languages_of(tf.pk) == {}


def test_who_is_gone_reviews_nothing_and_who_has_two_roles_is_one(
    draft: Call, people: dict[str, User], tf: TaskForce
) -> None:
    assert readiness.reviewers(tf.pk) == 2
    RoleGrant.objects.create(user=people["reviewer1"], role="reviewer", task_force_id=None, granted_at=AT)
    assert readiness.reviewers(tf.pk) == 2
    lock_account(people["reviewer2"].pk, "Away.", at=AT)
    assert readiness.reviewers(tf.pk) == 1
    assert readiness.reviewers(tf.pk + 1) == 1


def test_the_phase_that_follows_is_the_next_one_and_none_that_ran_before(draft: Call, phase: Phases) -> None:
    facts = readiness.facts(draft, AT)
    assert facts.review is not None
    assert facts.work is not None
    assert (facts.review.slug, facts.work.slug) == ("review", "work")


def test_every_mail_of_recruitment_says_something_in_every_language() -> None:
    assert readiness.untold(languages.CODES) == []
    ours = [kind.name for kind in kinds.all_kinds() if kind.sample.__module__.startswith("recruitment.")]
    assert {"application-receipt", "decision-accept"} & set(ours)


def test_a_mail_without_a_template_is_found() -> None:
    """What it says in English instead, or not at all, is seen with the command and the page (`test_calls_refused`)."""
    missing = kinds.MailKind(name="no-such-mail", mail_class=MailClass.TRANSACTIONAL)
    assert not written.is_written(missing, "en")
    for code in ("en", "ja"):
        assert written.is_written(kinds.get("application-receipt"), code)


def test_a_large_call_asks_no_more_of_the_database(draft: Call, people: dict[str, User]) -> None:
    with CaptureQueriesContext(
        connection,
    ) as small:
        readiness.of(draft, AT)
    for number in range(6):
        services.add_criterion(draft.pk, line(f"C{number}", 1), actor=people["coordinator"])
        services.add_clarification(draft.pk, {"en": f"Q{number}"}, {"en": "A"}, actor=people["coordinator"])
    with CaptureQueriesContext(connection) as large:
        readiness.of(draft, AT)
    assert len(small) == len(large) <= 12


@pytest.mark.long
def test_of_the_call_of_the_model_case_nothing_blocks_until_its_phase_is_over(db: None) -> None:
    builder.load("recruitment-last-hour", reset=True)
    assert "Ready: nothing found." in _checked("leadership-development")
    call = Call.objects.get()
    assert (call.seats, call.panel_size, call.languages) == (12, 6, [])
    assert call.clarifications.count() == 3
    for criterion in call.criteria.all():
        for meaning in criterion.meanings.all():
            assert {"en", "zh-hant", "ar"} <= set(labels.stored(meaning, "text"))


@pytest.mark.long
def test_the_case_ends_with_fifteen_seats_and_says_why(db: None) -> None:
    builder.load("announced", reset=True)
    change = Call.objects.get().changes.get()
    assert (change.old_seats, change.new_seats) == (12, 15)
    assert {"en", "zh-hant", "ar"} == set(labels.stored(change, "reason"))


# --- the command ------------------------------------------------------------------------------------------------------


def _checked(*arguments: str) -> str:
    out = StringIO()
    call_command("check_call", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_says_what_it_checks_and_ends_well_where_nothing_blocks(
    draft: Call, tf: TaskForce, people: dict[str, User], clock: Clock
) -> None:
    clock.set(AT)
    assert "Ready: nothing found." in _checked(tf.slug)
    assert "Become a member (recruitment, a draft, closes" in _checked(tf.slug)
    services.edit_call(draft.pk, details(panel_size=3), actor=people["coordinator"])
    out = StringIO()
    with pytest.raises(CommandError, match="1 of 1 findings block"):
        call_command("check_call", tf.slug, stdout=out)
    assert "blocks  too-few-reviewers  2 people can review" in out.getvalue()
    assert "[people and their roles]" in out.getvalue()


def test_the_command_fails_where_there_is_no_such_call(tf: TaskForce) -> None:
    for arguments in (("nobody",), (tf.slug,), (tf.slug, "--phase", "work")):
        with pytest.raises(CommandError, match=r"no task force|has no call"):
            _checked(*arguments)


def test_of_several_calls_the_one_that_runs_is_checked(
    call: Call, tf: TaskForce, phase: Phases, people: dict[str, User], clock: Clock
) -> None:
    later = Phase.objects.get(slug="work", task_force=tf)
    names = ("opens_on", "closes_on", "zone", "opens_at", "closes_at")
    second = Phase(task_force=tf, slug="again", capabilities=["apply"], **{one: getattr(later, one) for one in names})
    labels.assign(second, "title", {"en": "Again"})
    second.save()
    version = create_set("again", QUESTIONS, at=AT, task_force_id=tf.pk)
    services.draft_call(
        second.pk, version.pk, details(texts={"title": {"en": "Second call"}}), actor=people["coordinator"]
    )
    for moment, which in ((OPEN, "recruitment"), (CLOSES, "again"), (later.closes_at, "again")):
        clock.set(moment)
        out = StringIO()
        with pytest.raises(CommandError, match="Not ready"):
            call_command("check_call", tf.slug, stdout=out)
        first = out.getvalue().splitlines()[0]
        assert f"({which}, " in first
        assert "one of 2 calls" in first
    out = StringIO()
    with pytest.raises(CommandError):
        call_command("check_call", tf.slug, "--phase", "recruitment", stdout=out)
    assert "(recruitment, published" in out.getvalue()


def test_the_check_calls_texts_as_their_form_does() -> None:
    for said in CallWordsForm.said:
        assert str(said.called) == f"{readiness.NAMES[said.name]} (%(language)s)"
