"""What is looked at before a window is published: translations of the questions, moderators, broken questions."""

from collections.abc import Callable
from typing import Any

import pgtrigger
import pytest
from django.db import connection

from feedback import readiness, services
from feedback.models import FeedbackWindow
from feedback.services import Wanted, open_window, publish_window
from proposals import queries as proposals
from proposals import services as texts
from proposals.models import Proposal, UnitText
from taskforce.accounts.enums import Role
from taskforce.accounts.models import RoleGrant, User
from taskforce.accounts.services import create_account, grant_role, lock_account, remove_role
from taskforce.audit.models import Entry
from taskforce.core.errors import Conflict, Invalid, Refused
from taskforce.questions import readiness as asked
from taskforce.questions.models import Question, QuestionSet, QuestionSetVersion
from taskforce.questions.queries import questions, versions
from taskforce.questions.services import create_set
from taskforce.timeline.models import Phase, TaskForce
from tests.clients import Client
from tests.feedback.conftest import AT
from tests.feedback.pages import parsed
from tests.questions.test_kinds import SCALE, SEVERAL

ADD = "/en/admin/feedback/feedbackwindow/add/"
PhaseOf = Callable[[str], Phase]


@pytest.fixture
def administrator(tf: TaskForce) -> User:
    """An administrator for all task forces, of which this one has nobody else."""
    made = create_account("admin@demo.example", at=AT, name="Administrator", password="demo")
    grant_role(made, Role.ADMINISTRATOR, at=AT, actor_id=None)
    return made


@pytest.fixture
def typed(text: Proposal, version: QuestionSetVersion, phase: PhaseOf) -> dict[str, Any]:
    return {
        "phase": phase("feedback").pk,
        "text": text.pk,
        "questions": version.pk,
        "slug": "first-round",
        "title-en": "Say what you think",
    }


def wanted(typed: dict[str, Any], **changes: Any) -> Wanted:
    given = {**typed, **changes}
    return Wanted(given["phase"], given["text"], given["questions"], given["slug"], {"en": "W"}, {})


def shown(client: Client, typed: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    html = client.post(ADD, typed).content.decode()
    fields = parsed(html).fields
    assert fields is not None
    return html, fields


def test_without_a_moderator_it_takes_a_reason(
    administrator: User, client: Client, typed: dict[str, Any], tf: TaskForce
) -> None:
    """An administrator could look at what is held, and somebody for all task forces; nobody of another one."""
    other = create_account("other@demo.example", at=AT, name="Other", password="demo")
    RoleGrant.objects.create(user=other, role=Role.MODERATOR, task_force_id=tf.pk + 1, granted_at=AT)
    client.force_login(administrator)
    html, fields = shown(client, typed)
    assert 'id="nobody"' in html
    assert 'href="/en/admin/accounts/rolegrant/give/"' in html
    refused = client.post(ADD, {**fields, "confirmed": "yes"}).content.decode()
    assert "although nobody of the task force moderates" in refused
    with pytest.raises(Refused, match="Nobody of the task force moderates"):
        open_window(wanted(typed), actor=administrator)
    assert not FeedbackWindow.objects.exists()
    told = {**fields, "confirmed": "yes", "override": "They are appointed tomorrow."}
    assert client.post(ADD, told).status_code == 302
    assert Entry.objects.get(action="feedback.window-published").reason == "They are appointed tomorrow."


def test_whoever_moderates_is_somebody_of_the_task_force(administrator: User, tf: TaskForce) -> None:
    assert not readiness.is_moderated(tf.pk)
    for role, place in ((Role.MODERATOR, tf), (Role.DEPUTY, None)):
        person = create_account(f"{role}@demo.example", at=AT, name="Somebody", password="demo")
        grant_role(person, role, at=AT, actor_id=None, task_force_id=place.pk if place else None)
        assert readiness.is_moderated(tf.pk)
        person.is_active = False
        person.save(update_fields=["is_active"])
        assert not readiness.is_moderated(tf.pk)


def test_the_moment_between_the_look_and_the_act(
    people: dict[str, User], client: Client, typed: dict[str, Any], text: Proposal
) -> None:
    """What has come up since is not published over, on the page or past it."""
    client.force_login(people["coordinator"])
    _html, fields = shown(client, typed)
    goal = texts.Wanted("de", 1, "Many read it", refuses=True)
    texts.set_goal(text.pk, goal, actor=people["coordinator"], at=AT)
    again = client.post(ADD, {**fields, "confirmed": "yes"}).content.decode()
    assert "This is not what you were shown before" in again
    assert "6 texts of the questions are missing" in again
    made = QuestionSetVersion.objects.get(pk=typed["questions"])
    assert f'href="/en/admin/questions/questionset/{made.question_set_id}/change/?language=de"' in again
    assert 'href="/de/tf/leadership-development/proposals/proposal/translate/"' in again
    with pytest.raises(Refused):
        open_window(wanted(typed), actor=people["coordinator"])


@pytest.mark.parametrize(
    ("spec", "column", "value"),
    [(SEVERAL, "least", 3), (SCALE, "least", 5), (SCALE, "label_en", "\u200b\u2060"), (SCALE, "kind", "essay")],
)
def test_a_broken_question_is_never_published(
    people: dict[str, User], client: Client, typed: dict[str, Any], spec: dict[str, Any], column: str, value: Any
) -> None:
    """None can be made; an earlier version of the portal may have made one."""
    made = create_set("broken", [SCALE, {**spec, "most": 2 if spec is SEVERAL else 5}], at=AT)
    pk = Question.objects.get(version=made, position=2).pk
    with pgtrigger.ignore("questions.Question:words_only"), connection.cursor() as cursor:
        cursor.execute(f"UPDATE questions_question SET {column} = %s WHERE id = %s", [value, pk])  # noqa: S608 - ours
    assert [one.number for one in asked.broken(questions(made))] == [2]
    client.force_login(people["coordinator"])
    html, fields = shown(client, {**typed, "questions": made.pk})
    assert "Question <bdi>2</bdi>: " in html
    refused = client.post(ADD, {**fields, "confirmed": "yes", "override": "All the same."})
    assert "choose other ones" in refused.content.decode()
    with pytest.raises(Invalid, match="Question 2: "):
        open_window(wanted(typed, questions=made.pk), actor=people["coordinator"], override="All the same.")
    assert not FeedbackWindow.objects.exists()


ONE = {"kind": "one-choice", "labels": {"en": "Agreed?"}, "choices": [("yes", {"en": "Yes"}), ("no", {"en": "No"})]}
LONG = {"kind": "long-text", "labels": {"en": "Why?"}}
ITS = "UPDATE questions_question SET {} WHERE id = %s"
CHOICE = "UPDATE questions_choice SET {} WHERE question_id = %s AND code = 'no'"
BROKEN = [
    (ONE, ITS.format("kind = 'essay'"), "its kind is unknown"),
    (ONE, ITS.format("label_en = ''"), "need a text"),
    (ONE, CHOICE.format("label_en = '\u200b'"), "need a text"),
    (ONE, "DELETE FROM questions_choice WHERE question_id = %s AND code = 'no'", "two or more choices"),
    (ONE, CHOICE.format("code = ''"), "two or more choices"),
    (SEVERAL, ITS.format("least = 3, most = 2"), "how many may be chosen"),
    (SEVERAL, ITS.format("most = 9"), "how many may be chosen"),
    (SCALE, ITS.format("least = 5, most = 5"), "its scale must go"),
    (SCALE, ITS.format("most = 11"), "its scale must go"),
    (LONG, ITS.format("max_length = 20000"), "its longest answer"),
    (LONG, ITS.format("kind = 'scale'"), "its scale must go"),
    (LONG, ITS.format("kind = 'several'"), "two or more choices"),
]


@pytest.mark.parametrize(("spec", "damage", "why"), BROKEN)
def test_whatever_is_broken_is_told_and_refused(
    people: dict[str, User], client: Client, typed: dict[str, Any], spec: dict[str, Any], damage: str, why: str
) -> None:
    """After it was looked at, too: on the page with its number, past it, and with any reason."""
    made = create_set("broken", [LONG, spec], at=AT)
    client.force_login(people["coordinator"])
    _html, fields = shown(client, {**typed, "questions": made.pk})
    rows = ("questions.Question:words_only", "questions.Choice:words_only", "questions.Choice:nothing_is_deleted")
    with pgtrigger.ignore(*rows), connection.cursor() as cursor:
        cursor.execute(damage, [Question.objects.get(version=made, position=2).pk])
    sent = {**fields, "confirmed": "yes", "override": "All the same."}
    again = client.post(ADD, sent).content.decode()
    assert "This is not what you were shown before" in again
    assert "Question <bdi>2</bdi>: " in again
    assert why in again
    assert "choose other ones" in client.post(ADD, {**sent, **(parsed(again).fields or {})}).content.decode()
    with pytest.raises(Invalid, match="Question 2: "):
        open_window(wanted(typed, questions=made.pk), actor=people["coordinator"], override="All the same.")
    assert not FeedbackWindow.objects.exists()


def test_a_set_that_asks_nothing_is_refused(people: dict[str, User], typed: dict[str, Any]) -> None:
    made = QuestionSetVersion.objects.create(
        question_set=QuestionSet.objects.create(slug="empty"), number=1, created_at=AT
    )
    with pytest.raises(Invalid):
        open_window(wanted(typed, questions=made.pk), actor=people["coordinator"], override="All the same.")
    assert not FeedbackWindow.objects.exists()


def _role(person: User, tf: TaskForce) -> None:
    grant = RoleGrant.objects.get(user=person, task_force_id=tf.pk)
    remove_role(grant.pk, at=AT, actor_id=None)


def _account(person: User, tf: TaskForce) -> None:
    lock_account(person.pk, "Gone.", at=AT)


@pytest.mark.parametrize("ends", [_role, _account])
def test_the_only_moderator_goes_after_the_look(
    administrator: User, client: Client, typed: dict[str, Any], tf: TaskForce, ends: Callable[[User, TaskForce], None]
) -> None:
    """By their role or their account; a reason for something else does not cover it."""
    moderator = create_account("moderator2@demo.example", at=AT, name="M", password="demo")
    grant_role(moderator, Role.MODERATOR, at=AT, actor_id=None, task_force_id=tf.pk)
    client.force_login(administrator)
    html, fields = shown(client, typed)
    assert 'id="nobody"' not in html
    ends(moderator, tf)
    assert not readiness.is_moderated(tf.pk)
    again = client.post(ADD, {**fields, "confirmed": "yes", "override": "A reason."}).content.decode()
    assert "This is not what you were shown before" in again
    assert 'id="nobody"' in again
    assert not FeedbackWindow.objects.exists()


def test_a_translation_that_goes_missing_after_the_look(
    people: dict[str, User], client: Client, typed: dict[str, Any], text: Proposal
) -> None:
    """Nothing refuses when it is looked at; then the text is not translated any more, and it does."""
    client.force_login(people["coordinator"])
    made = create_set("in-two", [{**LONG, "labels": {"en": "Why?", "zh-hant": "為什麼？"}}], at=AT)
    code = next(code for code in ("zh-hant", "en") if proposals.percent(text)[code] == 100)
    texts.set_goal(text.pk, texts.Wanted(code, 100, "Many read it", refuses=True), actor=people["coordinator"], at=AT)
    html, fields = shown(client, {**typed, "questions": made.pk})
    assert 'name="override"' not in html
    UnitText.objects.filter(unit__proposal=text, language=code).update(text="", html="")
    assert proposals.percent(text)[code] < 100
    again = client.post(ADD, {**fields, "confirmed": "yes"}).content.decode()
    assert "This is not what you were shown before" in again
    assert 'name="override"' in again
    with pytest.raises(Refused):
        open_window(wanted(typed, questions=made.pk), actor=people["coordinator"])
    assert not FeedbackWindow.objects.exists()


def _between(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Let something happen between the page's last look and the act."""
    real = services.open_window

    def later(*args: Any, **given: Any) -> FeedbackWindow:
        act()
        return real(*args, **given)

    monkeypatch.setattr(services, "open_window", later)


def test_a_reason_covers_what_was_seen_and_nothing_else(
    administrator: User,
    client: Client,
    typed: dict[str, Any],
    text: Proposal,
    tf: TaskForce,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A language comes to be wanted in the moment between the page's look and the act, for which a reason is given
    that is about something else. The failing twin is whoever says nothing of what they saw: a script."""
    client.force_login(administrator)
    _html, fields = shown(client, typed)
    goal = texts.Wanted("de", 80, "Many read it", refuses=True)
    _between(monkeypatch, lambda: texts.set_goal(text.pk, goal, actor=administrator, at=AT))
    told = {**fields, "confirmed": "yes", "override": "A moderator is appointed tomorrow."}
    refused = client.post(ADD, told)
    assert refused.status_code == 409
    html = refused.content.decode()
    assert "What speaks against it has changed since you looked" in html
    assert "A moderator is appointed tomorrow." in html
    assert not FeedbackWindow.objects.exists()
    monkeypatch.undo()
    assert open_window(wanted(typed), actor=administrator, override="A moderator is appointed tomorrow.").pk


def test_a_number_of_questions_costs_no_more(people: dict[str, User], version: QuestionSetVersion) -> None:
    few, many = (create_set(f"s{count}", [SEVERAL, SCALE] * count, at=AT) for count in (1, 10))
    assert asked.missing(questions(few), "ar") * 10 == asked.missing(questions(many), "ar")
    assert asked.broken(questions(many)) == []


def test_a_set_is_asked_where_it_belongs(tf: TaskForce, text: Proposal, phase: PhaseOf) -> None:
    own, others = (
        create_set(slug, [SCALE], at=AT, task_force_id=pk) for slug, pk in (("own", tf.pk), ("o", tf.pk + 1))
    )
    of_all = create_set("all", [SCALE], at=AT)
    assert set(versions({tf.pk})) == {own, of_all}
    assert set(versions()) == {own, others, of_all}
    with pytest.raises(Conflict):
        create_set("own", [SEVERAL], at=AT)
    assert create_set("own", [SEVERAL], at=AT, task_force_id=tf.pk).number == 2
    given: dict[str, Any] = {"titles": {"en": "W"}, "introductions": {}, "at": AT}
    with pytest.raises(Invalid, match="another task force"):
        publish_window(phase("feedback"), text, others, slug="others", **given)
    for version in (own, of_all):
        publish_window(phase("feedback"), text, version, slug=version.question_set.slug, **given)


def test_questions_of_others_are_not_offered(
    people: dict[str, User], client: Client, typed: dict[str, Any], administrator: User, tf: TaskForce
) -> None:
    """Whoever publishes everywhere finds them all, and is told where they belong."""
    others = create_set("of-others", [SCALE], at=AT, task_force_id=tf.pk + 1)
    create_set("own", [SCALE], at=AT, task_force_id=tf.pk)
    client.force_login(people["coordinator"])
    page = client.get(ADD).content.decode()
    assert ('label="own"' in page, 'label="of-others"' in page) == (True, False)
    assert "Please choose one of the list." in client.post(ADD, {**typed, "questions": others.pk}).content.decode()
    client.force_login(administrator)
    said = client.post(ADD, {**typed, "questions": others.pk}).content.decode()
    assert "These questions belong to another task force than the phase." in said
