"""A set of questions is drafted, by several people at once, and becomes a version that nobody changes."""

from collections.abc import Callable
from typing import Any

import pytest

from taskforce.accounts.enums import Role
from taskforce.accounts.models import User
from taskforce.accounts.services import grant_role
from taskforce.audit.models import Entry
from taskforce.core.errors import Conflict, Invalid, Refused
from taskforce.questions import drafts, services
from taskforce.questions.drafts import Spec
from taskforce.questions.forms import QuestionsForm
from taskforce.questions.models import Draft, QuestionSet
from taskforce.questions.queries import questions
from taskforce.timeline.models import TaskForce
from tests.questions.test_kinds import AT, LANGUAGE, LINE, REGION, SCALE, SEVERAL

pytestmark = pytest.mark.django_db
ALL = [LINE, SEVERAL, SCALE, LANGUAGE, REGION]


@pytest.fixture
def actor(people: dict[str, User]) -> User:
    return people["coordinator"]


@pytest.fixture
def draft(tf: TaskForce, actor: User) -> Draft:
    """The next version of a set with every kind of question."""
    made = services.create_set("every", ALL, at=AT, task_force_id=tf.pk)
    return services.begin_version(made.question_set_id, actor=actor, at=AT)


def now(draft: Draft) -> str:
    """What a page of the draft as it is would send."""
    draft.refresh_from_db()
    return drafts.token(draft.content)


def labelled(text: str, code: str = "en") -> dict[str, Any]:
    return {f"labels-{code}": text}


def save(
    draft: Draft, key: int, typed: dict[str, Any], actor: User, *codes: str, seen: str | None = None, then: Any = dict
) -> Spec:
    draft.refresh_from_db()
    shown = seen if seen is not None else marks(draft, key, *codes)
    return services.save_question(
        draft.question_set_id, key, typed, seen=shown, codes=codes, then=then, actor=actor, at=AT
    )


def marks(draft: Draft, key: int, *codes: str) -> str:
    """With which a form of these languages is shown now."""
    draft.refresh_from_db()
    spec = drafts.question(draft.content, key)
    return drafts.marks(spec, codes) if spec else ""


def test_a_version_becomes_a_draft_and_the_same_version_again(draft: Draft, actor: User) -> None:
    first = draft.question_set.versions.get()
    second = services.publish_draft(draft.question_set_id, expected=now(draft), actor=actor, at=AT)
    assert second.number == 2
    assert not Draft.objects.exists()
    assert drafts.begun(questions(second)) == drafts.begun(questions(first))
    assert list(Entry.objects.order_by("pk").values_list("action", flat=True))[-2:] == [
        "questions.draft-begun",
        "questions.created",
    ]


def test_a_draft_is_begun_once(draft: Draft, actor: User) -> None:
    assert services.begin_version(draft.question_set_id, actor=actor, at=AT) == draft


def test_a_set_begins_empty_or_like_another(draft: Draft, tf: TaskForce, actor: User) -> None:
    like = draft.question_set.versions.get()
    empty = services.begin_set("new", task_force_id=tf.pk, actor=actor, at=AT)
    copied = services.begin_set("copied", task_force_id=tf.pk, like=like, actor=actor, at=AT)
    assert drafts.questions(empty.content) == []
    assert copied.content == draft.content
    with pytest.raises(Conflict):
        services.begin_set("new", task_force_id=tf.pk, actor=actor, at=AT)
    for wrong in ("a b", "é", "x" * 51, ""):
        with pytest.raises(Invalid):
            services.begin_set(wrong, task_force_id=tf.pk, actor=actor, at=AT)
    with pytest.raises(Invalid, match="at least one question"):
        services.publish_draft(empty.question_set_id, expected=now(empty), actor=actor, at=AT)


def test_questions_are_added_moved_and_removed(draft: Draft, actor: User) -> None:
    pk = draft.question_set_id
    key = services.add_question(pk, "region", {"en": "From where?"}, expected=now(draft), actor=actor, at=AT)
    assert key == 6
    services.move_question(pk, key, -1, expected=now(draft), actor=actor, at=AT)
    services.remove_question(pk, 1, expected=now(draft), actor=actor, at=AT)
    # The first one stays where it is.
    services.move_question(pk, 2, -1, expected=now(draft), actor=actor, at=AT)
    draft.refresh_from_db()
    assert [one["key"] for one in drafts.questions(draft.content)] == [2, 3, 4, 6, 5]
    services.remove_question(pk, 6, expected=now(draft), actor=actor, at=AT)
    added = services.add_question(pk, "scale", {"en": "S?"}, expected=now(draft), actor=actor, at=AT)
    assert added == 7, "no key comes again"
    made = services.publish_draft(pk, expected=now(draft), actor=actor, at=AT)
    assert [one.kind for one in questions(made)] == ["several", "scale", "language", "region", "scale"]


@pytest.mark.parametrize("act", ["add", "move", "remove", "publish", "discard"])
def test_who_comes_second_is_told(draft: Draft, actor: User, act: str) -> None:
    pk = draft.question_set_id
    given: dict[str, Any] = {"expected": now(draft), "actor": actor, "at": AT}
    acts: dict[str, Callable[[], Any]] = {
        "add": lambda: services.add_question(pk, "region", {"en": "?"}, **given),
        "move": lambda: services.move_question(pk, 1, 1, **given),
        "remove": lambda: services.remove_question(pk, 1, **given),
        "publish": lambda: services.publish_draft(pk, **given),
        "discard": lambda: services.discard_draft(pk, **given),
    }
    save(draft, 1, labelled("Other?"), actor, "en")
    before = now(draft)
    with pytest.raises(Conflict):
        acts[act]()
    assert now(draft) == before
    given["expected"] = before
    acts[act]()


def test_two_people_in_two_languages_are_not_in_each_others_way(draft: Draft, actor: User) -> None:
    shown = {code: marks(draft, 3, "en", code) for code in ("ar", "es")}
    save(draft, 3, labelled("كم؟", "ar"), actor, "en", "ar", seen=shown["ar"])
    save(draft, 3, labelled("¿Cuánto?", "es"), actor, "en", "es", seen=shown["es"])
    draft.refresh_from_db()
    found = drafts.question(draft.content, 3)
    assert found is not None
    assert found["labels"] == {"en": "How much?", "ar": "كم؟", "es": "¿Cuánto?"}


def test_two_people_in_two_fields_are_not_in_each_others_way(draft: Draft, actor: User) -> None:
    """What the second one did not type into stays as the first one has stored it."""
    spec = drafts.question(draft.content, 3)
    shown, typed = marks(draft, 3, "en"), drafts.shown(spec or {}, ["en"])
    save(draft, 3, {**typed, "labels-en": "Theirs?", "required": True}, actor, "en", seen=shown)
    found = save(draft, 3, {**typed, "least_labels-en": "mine", "most": 9}, actor, "en", seen=shown)
    assert (found["labels"]["en"], found["least_labels"]["en"]) == ("Theirs?", "mine")
    assert (found["required"], found["least"], found["most"]) == (True, 1, 9)
    assert drafts.others_changed(found, {**typed, "least_labels-en": "mine", "most": 9}, shown, ["en"])
    assert not drafts.others_changed(found, drafts.shown(found, ["en"]), marks(draft, 3, "en"), ["en"])


def test_a_change_over_somebody_elses_is_refused_with_theirs(draft: Draft, actor: User) -> None:
    shown = marks(draft, 1, "en")
    save(draft, 1, labelled("Theirs?"), actor, "en")
    with pytest.raises(services.ChangedMeanwhile) as refused:
        save(draft, 1, {**labelled("Mine?"), "required": True}, actor, "en", seen=shown)
    assert refused.value.torn == ["labels-en"]
    assert refused.value.stored is not None
    assert refused.value.stored["labels"]["en"] == "Theirs?"
    # Whoever says the same, or has changed nothing, is not refused.
    for same in ("Theirs?", LINE["labels"]["en"]):
        assert save(draft, 1, labelled(same), actor, "en", seen=shown)["labels"]["en"] == "Theirs?"
    # A form that does not say what it was shown with overwrites nothing.
    with pytest.raises(services.ChangedMeanwhile):
        save(draft, 1, labelled("Mine?"), actor, "en", seen="")
    services.remove_question(draft.question_set_id, 1, expected=now(draft), actor=actor, at=AT)
    with pytest.raises(services.ChangedMeanwhile) as gone:
        save(draft, 1, labelled("Mine?"), actor, "en", seen=shown)
    assert gone.value.stored is None


def test_a_choice_is_not_removed_over_what_somebody_wrote_into_it(draft: Draft, actor: User) -> None:
    shown = marks(draft, 2, "en")
    save(draft, 2, {"choice-a-en": "Pears"}, actor, "en")
    with pytest.raises(services.ChangedMeanwhile) as refused:
        save(draft, 2, {"choice-a-en": None}, actor, "en", seen=shown)
    assert refused.value.torn == ["choice-a-en"]
    save(draft, 2, {"choice-b-en": None}, actor, "en", seen=shown, then=lambda one: drafts.without_choice(one, "b"))
    # What was typed into one that is gone is not lost; what was not typed is nobody's.
    with pytest.raises(services.ChangedMeanwhile) as late:
        save(draft, 2, {"choice-b-en": "Rye"}, actor, "en", seen=shown)
    assert late.value.torn == ["choice-b-en"]
    assert save(draft, 2, {"choice-b-en": "Bread"}, actor, "en", seen=shown)["choices"][0][1]["en"] == "Pears"


def test_a_question_becomes_one_of_another_kind_and_the_same_again(draft: Draft, actor: User) -> None:
    """What the other kind does not have is kept, and not published with it."""
    before = drafts.question(draft.content, 2) or {}
    found = save(draft, 2, {"kind": "scale"}, actor, "en")
    assert (found["kind"], found["least"], found["most"]) == ("scale", 1, 5)
    assert not drafts.problems([found])
    assert drafts.missing([found], "ar") == 1
    assert drafts.to_publish({"questions": [found]})[0]["choices"] == []
    back = save(draft, 2, {"kind": "several"}, actor, "en")
    assert back["choices"] == before["choices"]
    assert (back["least"], back["most"]) == (0, 0)
    save(draft, 2, {"kind": "region"}, actor, "en")
    made = services.publish_draft(draft.question_set_id, expected=now(draft), actor=actor, at=AT)
    asked = questions(made)[1]
    assert (asked.kind, asked.choices.count()) == ("region", 0)


def test_a_draft_is_written_in_the_language_of_its_questions_or_a_chosen_one(
    draft: Draft, tf: TaskForce, actor: User
) -> None:
    assert drafts.source(draft.content) == "en"
    assert drafts.source({}) == "en"
    in_arabic = [{"kind": "region", "labels": {"ar": "من أين؟"}}]
    other = services.create_set("arabic", in_arabic, at=AT, task_force_id=tf.pk)
    assert drafts.source(services.begin_version(other.question_set_id, actor=actor, at=AT).content) == "ar"
    begun = services.begin_set("hindi", task_force_id=tf.pk, source="hi", actor=actor, at=AT)
    assert drafts.source(begun.content) == "hi"
    services.write_in(begun.question_set_id, "es", expected=now(begun), actor=actor, at=AT)
    begun.refresh_from_db()
    assert drafts.source(begun.content) == "es"
    services.add_question(begun.question_set_id, "region", {"es": "?"}, expected=now(begun), actor=actor, at=AT)
    begun.refresh_from_db()
    assert drafts.source(begun.content) == "es"
    with pytest.raises(Invalid):
        services.write_in(begun.question_set_id, "tlh", expected=now(begun), actor=actor, at=AT)


def test_what_can_not_be_kept_or_published_is_said(draft: Draft, actor: User) -> None:
    with pytest.raises(Invalid):
        save(draft, 1, labelled("x" * 301), actor, "en")
    with pytest.raises(Invalid):
        save(draft, 1, {}, actor, "en", then=lambda one: {**one, "labels": {"tlh": "x"}})
    save(draft, 3, {"least": 7}, actor, "en")
    draft.refresh_from_db()
    assert list(drafts.problems(drafts.questions(draft.content))) == [3]
    with pytest.raises(Invalid, match="Question 3"):
        services.publish_draft(draft.question_set_id, expected=now(draft), actor=actor, at=AT)
    assert Draft.objects.exists()


def test_there_is_an_end_to_questions_and_choices(draft: Draft, actor: User) -> None:
    for _turn in range(drafts.MOST_QUESTIONS - len(ALL)):
        services.add_question(draft.question_set_id, "region", {"en": "?"}, expected=now(draft), actor=actor, at=AT)
    with pytest.raises(Invalid):
        services.add_question(draft.question_set_id, "region", {}, expected=now(draft), actor=actor, at=AT)

    def many(spec: Spec) -> Spec:
        for _turn in range(drafts.MOST_CHOICES):
            spec = drafts.with_choice(spec, {"en": "One more"})
        return spec

    with pytest.raises(Invalid):
        save(draft, 2, {}, actor, "en", then=many)


def test_no_code_comes_again_in_a_draft(draft: Draft) -> None:
    spec = drafts.question(draft.content, 2)
    assert spec is not None
    spec = drafts.with_choice(drafts.with_choice(spec, {"en": "X"}), {"en": "Y"})
    spec = drafts.with_choice(drafts.without_choice(spec, "c2"), {"en": "Z"})
    assert [code for code, _said in spec["choices"]] == ["a", "b", "c", "c1", "c3"]
    assert [code for code, _said in drafts.with_choice_moved(spec, "c3", -1)["choices"]][-2:] == ["c3", "c1"]
    assert drafts.with_choice_moved(spec, "a", -1) == drafts.with_choice_moved(spec, "zz", 1) == spec


def test_what_is_missing_is_counted(draft: Draft) -> None:
    specs = drafts.questions(draft.content)
    assert drafts.missing(specs, "en") == 0
    assert drafts.is_complete(specs, "en")
    assert drafts.missing(specs, "ar") == 5 + 3 + 2 - 2
    assert not drafts.is_complete([], "en")


def test_questions_that_are_stored_nowhere_are_asked_like_those_that_are(
    draft: Draft, django_assert_num_queries: Any
) -> None:
    stored = QuestionsForm(draft.question_set.versions.get())
    with django_assert_num_queries(0):
        form = QuestionsForm(drafts.as_questions(drafts.questions(draft.content)))
        drawn = [str(form[name]) for name in form.fields]
    by_key = {f"q-{one.pk}": f"q-{place}" for place, one in enumerate(stored.questions, start=1)}
    of_stored = [str(stored[name]) for name in stored.fields]
    for name, other in sorted(by_key.items(), reverse=True):
        of_stored = [html.replace(f"{name}_", f"{other}_").replace(f'{name}"', f'{other}"') for html in of_stored]
        of_stored = [html.replace(f"{name}-other", f"{other}-other") for html in of_stored]
    assert drawn == of_stored


@pytest.mark.parametrize("who", ["observer", "moderator"])
def test_who_may_not(draft: Draft, people: dict[str, User], who: str) -> None:
    with pytest.raises(Refused):
        services.discard_draft(draft.question_set_id, expected=now(draft), actor=people[who], at=AT)


def test_sets_for_all_belong_to_whoever_leads_all(draft: Draft, tf: TaskForce, people: dict[str, User]) -> None:
    of_all = services.create_set("for-all", [LINE], at=AT).question_set_id
    everywhere = User.objects.create(email="all@demo.example", name="All Demo")
    grant_role(everywhere, Role.ADMINISTRATOR, at=AT, actor_id=None)
    elsewhere = QuestionSet.objects.create(slug="elsewhere", task_force_id=tf.pk + 1).pk
    for pk in (of_all, elsewhere):
        with pytest.raises(Refused):
            services.begin_version(pk, actor=people["coordinator"], at=AT)
        assert services.begin_version(pk, actor=everywhere, at=AT).question_set_id == pk
    with pytest.raises(Refused):
        services.begin_set("mine", task_force_id=None, actor=people["coordinator"], at=AT)
