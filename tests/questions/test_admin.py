"""Sets of questions on the staff side: made, drafted, looked at and published there, without a script."""

from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from taskforce.accounts.enums import Role
from taskforce.accounts.models import User
from taskforce.accounts.services import grant_role
from taskforce.audit.models import Entry
from taskforce.questions import drafts, services
from taskforce.questions.drafts import Spec
from taskforce.questions.models import Draft, QuestionSet, QuestionSetVersion
from taskforce.questions.queries import questions
from taskforce.timeline.models import TaskForce
from tests.clients import Client
from tests.feedback.pages import parsed
from tests.questions.test_kinds import AT, LANGUAGE, LINE, REGION, SCALE, SEVERAL

pytestmark = pytest.mark.django_db
LIST = "/en/admin/questions/questionset/"
ALL = [LINE, SEVERAL, SCALE, LANGUAGE, REGION]


@pytest.fixture
def staff(client: Client, people: dict[str, User]) -> Client:
    """Signed in as a coordinator."""
    client.force_login(people["coordinator"])
    return client


@pytest.fixture
def draft(tf: TaskForce, people: dict[str, User]) -> Draft:
    """The next version of a set with every kind of question, of which the keys are their numbers."""
    made = services.create_set("every", ALL, at=AT, task_force_id=tf.pk)
    return services.begin_version(made.question_set_id, actor=people["coordinator"], at=AT)


def page_of(draft: Draft, name: str = "draft") -> str:
    return f"{LIST}{draft.question_set_id}/{name}/"


def question_of(draft: Draft, key: int, language: str = "en") -> str:
    return f"{page_of(draft)}{key}/?language={language}"


def fields_of(client: Client, address: str) -> dict[str, str]:
    response = client.get(address)
    assert response.status_code == 200
    found = parsed(response.content.decode()).fields
    assert found is not None
    return found


def stored(draft: Draft, key: int) -> Spec:
    draft.refresh_from_db()
    found = drafts.question(draft.content, key)
    assert found is not None
    return found


def test_from_nothing_to_a_version(staff: Client, tf: TaskForce) -> None:
    """A new set, two questions in two languages, one look, and it is there."""
    assert "New set of questions" in staff.get(LIST).content.decode()
    sent = {**fields_of(staff, f"{LIST}add/"), "slug": "pilot"}
    assert sent["task_force"] == str(tf.pk), "the only one is chosen"
    begun = staff.post(f"{LIST}add/", sent)
    address = begun["Location"]
    assert begun.status_code == 303
    added = staff.post(address, {**fields_of(staff, address), "act": "add", "kind": "one-choice", "asks": "Agreed?"})
    first = added["Location"].replace("language=en", "language=zh-hant")
    sent = fields_of(staff, first)
    sent |= {"labels-zh-hant": "同意嗎？", "new-1-en": "Yes", "new-1-zh-hant": "是", "new-2-en": "No", "required": "on"}
    assert staff.post(first, sent).status_code == 303
    added = staff.post(address, {**fields_of(staff, address), "act": "add", "kind": "scale", "asks": "How sure?"})
    assert added.status_code == 303
    publish = address.replace("/draft/", "/publish/")
    sent = fields_of(staff, publish)
    unsure = staff.post(publish, sent)
    assert "Tick it to confirm" in unsure.content.decode()
    done = staff.post(publish, {**sent, "confirmed": "yes"}, follow=True).content.decode()
    assert "Version 1 is published." in done
    assert '/admin/feedback/feedbackwindow/add/">Ask them in a feedback window</a>' in done
    agreed, sure = questions(QuestionSetVersion.objects.get(question_set__slug="pilot"))
    assert (agreed.label_en, agreed.label_zh_hant, agreed.required) == ("Agreed?", "同意嗎？", True)  # type: ignore[attr-defined] # columns of the translation
    assert [(one.code, one.label_en) for one in agreed.choices.all()] == [("c1", "Yes"), ("c2", "No")]  # type: ignore[attr-defined] # as above
    assert (sure.kind, sure.least, sure.most) == ("scale", 1, 5)
    assert not Draft.objects.exists()
    assert agreed.version.question_set.task_force_id == tf.pk
    assert Entry.objects.filter(action="questions.draft-begun", task_force_id=tf.pk).count() == 1


def test_a_question_sent_as_it_is_shown_changes_nothing(staff: Client, draft: Draft) -> None:
    for key in range(1, len(ALL) + 1):
        for language in ("en", "ar"):
            address = question_of(draft, key, language)
            assert staff.post(address, fields_of(staff, address)).status_code == 303
    draft.refresh_from_db()
    assert draft.content == drafts.begun(questions(draft.question_set.versions.get()))


@pytest.mark.parametrize(
    ("act", "expected"),
    [("up:c", ["a", "c", "b"]), ("down:a", ["b", "a", "c"]), ("drop:b", ["a", "c"]), ("up:a", ["a", "b", "c"])],
)
def test_a_button_of_a_choice_saves_what_was_typed(staff: Client, draft: Draft, act: str, expected: list[str]) -> None:
    address = question_of(draft, 2)
    sent = {**fields_of(staff, address), "labels-en": "Which ones?", "act": act}
    assert staff.post(address, sent).status_code == 303
    found = stored(draft, 2)
    assert found["labels"]["en"] == "Which ones?"
    assert [code for code, _said in found["choices"]] == expected


def test_going_to_another_language_saves(staff: Client, draft: Draft) -> None:
    address = question_of(draft, 3, "ar")
    sent = {**fields_of(staff, address), "least_labels-ar": "أبدا", "go": "es"}
    assert staff.post(address, sent)["Location"] == question_of(draft, 3, "es")
    assert stored(draft, 3)["least_labels"] == {"en": "not at all", "ar": "أبدا"}
    sent = {**fields_of(staff, address), "go": "list"}
    assert staff.post(address, sent)["Location"] == f"{page_of(draft)}?language=ar#q-3"


def test_looking_stores_nothing_and_shows_what_was_typed(staff: Client, draft: Draft) -> None:
    """As readers of that language find it: its words, its direction, the rest by the chain."""
    address = question_of(draft, 2, "ar")
    sent = {**fields_of(staff, address), "labels-ar": "أيها؟", "new-1-ar": "تمر", "act": "look"}
    answer = staff.post(address, sent)
    page = answer.content.decode()
    assert answer.status_code == 200
    shown = page.partition("data-as-readers")[2]
    assert 'lang="ar" dir="rtl"' in shown
    assert "أيها؟" in shown
    assert "تمر" in shown
    assert '<span lang="en" dir="ltr">Apples</span>' in shown
    assert stored(draft, 2)["labels"] == {"en": "Which?"}
    fields = parsed(page).fields or {}
    assert fields["new-1-ar"] == "تمر"
    # The look is no way past whoever has saved meanwhile.
    theirs = {**stored(draft, 2), "labels": {"en": "Which?", "ar": "من؟"}}
    Draft.objects.update(content=drafts.replaced(draft.content, theirs))
    looked = parsed(staff.post(address, {**fields, "act": "look"}).content.decode()).fields or {}
    assert looked["seen"] == fields["seen"]
    assert staff.post(address, looked).status_code == 409


def test_whoever_comes_second_sees_both_and_loses_nothing(staff: Client, draft: Draft, people: dict[str, User]) -> None:
    address = question_of(draft, 2, "ar")
    mine = {**fields_of(staff, address), "labels-en": "Mine?", "choice-a-ar": "تفاح", "new-1-en": "Eggs"}
    other = Client()
    other.force_login(people["deputy"])
    theirs = {**fields_of(other, address), "labels-en": "Theirs?", "help_texts-en": "Any", "new-1-en": "Dates"}
    assert other.post(address, theirs).status_code == 303
    answer = staff.post(address, mine)
    page = answer.content.decode()
    assert answer.status_code == 409
    both = page.partition('id="both"')[2].partition("</section>")[0]
    # Of what only one of them has typed nobody must choose.
    shown = [words in both for words in ("Theirs?", "Mine?", "تفاح", "Dates", "Any", "Eggs")]
    assert shown == [True, True, False, False, False, False]
    again = parsed(page).fields or {}
    assert (again["labels-en"], again["choice-a-ar"], again["choice-c1-en"]) == ("Mine?", "تفاح", "Dates")
    assert (again["help_texts-en"], again["new-1-en"]) == ("Any", "Eggs")
    assert stored(draft, 2)["labels"]["en"] == "Theirs?"
    assert staff.post(address, again).status_code == 303
    found = stored(draft, 2)
    assert found["labels"]["en"] == "Mine?"
    assert [said.get("en") for _code, said in found["choices"]] == ["Apples", "Bread", "Cheese", "Dates", "Eggs"]


def test_what_two_people_type_into_different_fields_is_saved_and_said(
    staff: Client, draft: Draft, people: dict[str, User]
) -> None:
    address = question_of(draft, 2, "ar")
    mine = {**fields_of(staff, address), "choice-a-ar": "تفاح"}
    other = Client()
    other.force_login(people["deputy"])
    theirs = {**fields_of(other, address), "labels-en": "Theirs?", "required": "on"}
    assert other.post(address, theirs).status_code == 303
    answer = staff.post(address, mine, follow=True)
    assert "Somebody else has changed other fields" in answer.content.decode()
    found = stored(draft, 2)
    assert (found["labels"]["en"], found["required"]) == ("Theirs?", True)
    assert found["choices"][0] == ["a", {"en": "Apples", "ar": "تفاح"}]
    again = staff.post(address, fields_of(staff, address), follow=True)
    assert "Somebody else" not in again.content.decode()


def test_a_question_becomes_one_of_another_kind(staff: Client, draft: Draft, people: dict[str, User]) -> None:
    """What was typed on the same page is kept; whoever writes in the former kind's fields meanwhile is told."""
    address = question_of(draft, 2, "ar")
    before = fields_of(staff, address)
    sent = {**before, "kind": "scale", "labels-ar": "كم؟"}
    looked = staff.post(address, {**sent, "act": "look"}).content.decode().partition("data-as-readers")[2]
    assert looked.count('type="radio"') >= 5
    assert staff.post(address, sent).status_code == 303
    assert stored(draft, 2)["labels"] == {"en": "Which?", "ar": "كم؟"}
    assert "least_labels-ar" in fields_of(staff, address)
    assert not [name for name in fields_of(staff, address) if name.startswith(("choice-", "new-"))]
    late = staff.post(address, {**before, "choice-a-ar": "تفاح", "new-1-en": "Dates"})
    page = late.content.decode()
    assert late.status_code == 409
    assert "تفاح" in page
    assert "Dates" in page
    assert staff.post(address, {**fields_of(staff, address), "kind": "several"}).status_code == 303
    assert "choice-a-ar" in fields_of(staff, address)
    assert staff.post(address, {**fields_of(staff, address), "kind": "x"}).status_code == 200


def test_a_draft_is_written_in_a_chosen_language(staff: Client, draft: Draft) -> None:
    """It stands first on every page of the draft, whatever the page is in; a form that was open before still fits."""
    address = f"{page_of(draft)}2/"
    before = fields_of(staff, f"{address}?language=ar")
    sent = {**fields_of(staff, page_of(draft)), "act": "source", "source": "hi"}
    assert staff.post(page_of(draft), sent)["Location"] == page_of(draft)
    assert "labels-hi" in fields_of(staff, address)
    assert "labels-en" not in fields_of(staff, address)
    assert {"labels-hi", "labels-ar"} <= set(fields_of(staff, f"{address}?language=ar"))
    assert staff.post(address, {**before, "labels-en": "Which ones?"}).status_code == 303
    assert stored(draft, 2)["labels"] == {"en": "Which ones?"}
    assert staff.post(page_of(draft), {**sent, "source": "tlh"}).status_code in (400, 409)
    begun = {**fields_of(staff, "/ar/admin/questions/questionset/add/"), "slug": "in-arabic"}
    assert begun["source"] == "ar"
    assert staff.post(f"{LIST}add/", begun).status_code == 303
    assert drafts.source(Draft.objects.get(question_set__slug="in-arabic").content) == "ar"


def test_what_is_typed_into_a_choice_that_is_gone_is_shown(staff: Client, draft: Draft) -> None:
    """Also where nothing else was typed."""
    address = question_of(draft, 2, "ar")
    sent = {**fields_of(staff, address), "choice-b-ar": "خبز طازج"}
    theirs = {**fields_of(staff, address), "act": "drop:b"}
    assert staff.post(address, theirs).status_code == 303
    answer = staff.post(address, sent)
    assert answer.status_code == 409
    assert "خبز طازج" in answer.content.decode()
    assert staff.post(address, parsed(answer.content.decode()).fields or {}).status_code == 303


def test_what_is_typed_into_a_question_that_is_gone_is_given_back(
    staff: Client, draft: Draft, people: dict[str, User]
) -> None:
    address = question_of(draft, 2)
    sent = {**fields_of(staff, address), "labels-en": "Very long work"}
    shown = drafts.token(draft.content)
    services.discard_draft(draft.question_set_id, expected=shown, actor=people["deputy"], at=AT)
    answer = staff.post(address, sent)
    assert answer.status_code == 409
    assert "Very long work" in answer.content.decode()
    assert "Copy what you need" in answer.content.decode()
    assert staff.get(address).status_code == 404
    assert staff.get(page_of(draft))["Location"] == page_of(draft, "change")


def test_an_old_page_of_the_list_does_nothing(staff: Client, draft: Draft) -> None:
    sent = fields_of(staff, page_of(draft))
    assert staff.post(page_of(draft), {**sent, "act": "down:1"})["Location"] == f"{page_of(draft)}?language=en#q-1"
    for act in ("down:1", "remove:1", "discard"):
        answer = staff.post(page_of(draft), {**sent, "act": act})
        assert answer.status_code == 409
        assert "Somebody else has changed the draft" in answer.content.decode()
    typed = {**sent, "act": "add", "kind": "region", "asks": "From where?"}
    answer = staff.post(page_of(draft), typed)
    assert (parsed(answer.content.decode()).fields or {})["asks"] == "From where?"
    assert answer.status_code == 409
    draft.refresh_from_db()
    assert [one["key"] for one in drafts.questions(draft.content)] == [2, 1, 3, 4, 5]
    publish = page_of(draft, "publish")
    assert staff.post(publish, {"version": sent["version"], "confirmed": "yes"}).status_code == 409
    assert Draft.objects.exists()


def test_what_can_not_be_answered_is_not_published(staff: Client, draft: Draft) -> None:
    address = question_of(draft, 3)
    sent = {**fields_of(staff, address), "least": "7", "most": "3"}
    assert staff.post(address, sent).status_code == 303
    said = "its scale must go from a number to a higher one"
    for page in (page_of(draft), page_of(draft, "publish"), address):
        assert said in staff.get(page).content.decode()
    publish = page_of(draft, "publish")
    page = staff.get(publish).content.decode()
    assert "Publish the version" not in page
    answer = staff.post(publish, {**(parsed(page).fields or {}), "confirmed": "yes"})
    assert answer.status_code == 400
    assert "Question 3" in answer.content.decode()


@pytest.mark.parametrize("raw", ["x" * 301, "a\x00b", "\ud800", "[" * 20_000])
def test_hostile_words_are_an_error_at_their_field(staff: Client, draft: Draft, raw: str) -> None:
    address = question_of(draft, 2)
    sent = {**fields_of(staff, address), "labels-en": raw, "help_texts-en": "kept"}
    body = urlencode({name: text.encode("utf-8", "surrogatepass") for name, text in sent.items()})
    answer = staff.post(address, body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code in (200, 400)
    if answer.status_code == 200:
        assert (parsed(answer.content.decode()).fields or {})["help_texts-en"] == "kept"
    assert stored(draft, 2)["labels"] == {"en": "Which?"}


def test_html_is_harmless(staff: Client, draft: Draft) -> None:
    address = question_of(draft, 2)
    sent = {
        **fields_of(staff, address),
        "labels-en": "<script>x</script>",
        "choice-a-en": "<b>",
        "help_texts-en": "<i>",
    }
    assert staff.post(address, sent).status_code == 303
    for page in (address, page_of(draft), page_of(draft, "preview"), page_of(draft, "publish")):
        html = staff.get(page).content.decode()
        assert "<script>x" not in html
        assert "<b>" not in html
        assert "<i>" not in html


def test_the_preview_in_every_language(staff: Client, draft: Draft) -> None:
    page = staff.get(f"{page_of(draft, 'preview')}?language=ar").content.decode()
    assert "الألمانية" in page
    assert "كثيرا" in page
    assert 'lang="ar" dir="rtl"' in page
    number = draft.question_set.versions.get().number
    version = staff.get(f"{page_of(draft, 'preview')}?language=ar&version={number}").content.decode()
    assert "كثيرا" in version
    for wrong in ("0", "9", "x", "٣", "9" * 40):
        assert staff.get(f"{page_of(draft, 'preview')}?version={wrong}").status_code == 404


def test_whose_sets_one_finds(staff: Client, tf: TaskForce, people: dict[str, User]) -> None:
    """Of their own task force to change, those for all to read, those of others not at all."""
    own = services.create_set("own", [LINE], at=AT, task_force_id=tf.pk)
    of_all = services.create_set("of-all", [LINE], at=AT)
    others = services.create_set("of-others", [LINE], at=AT, task_force_id=tf.pk + 1)
    page = staff.get(LIST).content.decode()
    assert [slug in page for slug in (">own<", ">of-all<", ">of-others<")] == [True, True, False]
    answers = {
        version: (
            staff.get(f"{LIST}{version.question_set_id}/change/").status_code,
            staff.post(f"{LIST}{version.question_set_id}/change/", {"act": "begin"}).status_code,
        )
        for version in (own, of_all, others)
    }
    assert answers == {own: (200, 303), of_all: (200, 403), others: (404, 404)}
    assert staff.get(f"{LIST}{of_all.question_set_id}/draft/").status_code == 403
    page = staff.get(f"{LIST}{of_all.question_set_id}/change/").content.decode()
    assert f"/add/?like={of_all.pk}" in page
    copied = {**fields_of(staff, f"{LIST}add/?like={of_all.pk}"), "slug": "like-that"}
    assert copied["like"] == str(of_all.pk)
    assert staff.post(f"{LIST}add/", copied).status_code == 303
    made = QuestionSet.objects.get(slug="like-that")
    assert (made.task_force_id, len(drafts.questions(made.draft.content))) == (tf.pk, 1)
    for choice in ("like", "task_force"):
        wrong = {**copied, "slug": "other", choice: "all" if choice == "task_force" else str(others.pk)}
        assert staff.post(f"{LIST}add/", wrong).status_code == 200
    assert not QuestionSet.objects.filter(slug="other").exists()
    taken = staff.post(f"{LIST}add/", {**copied, "slug": "own"})
    assert taken.status_code == 409
    assert (parsed(taken.content.decode()).fields or {})["like"] == str(of_all.pk)


def test_whoever_leads_all_makes_sets_for_all(client: Client, tf: TaskForce) -> None:
    everywhere = User.objects.create(email="all@demo.example", name="All Demo", is_staff=True)
    grant_role(everywhere, Role.ADMINISTRATOR, at=AT, actor_id=None)
    client.force_login(everywhere)
    sent = {**fields_of(client, f"{LIST}add/"), "slug": "for-all", "task_force": "all"}
    assert client.post(f"{LIST}add/", sent).status_code == 303
    assert QuestionSet.objects.get().task_force_id is None


def test_a_list_costs_the_same_at_any_length(staff: Client, draft: Draft, tf: TaskForce) -> None:
    def counted() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert staff.get(LIST).status_code == 200
        return len(captured)

    few = counted()
    for number in range(8):
        services.create_set(f"more-{number}", ALL, at=AT, task_force_id=tf.pk if number % 2 else None)
    assert counted() == few


def test_a_draft_costs_the_same_at_any_length(staff: Client, draft: Draft) -> None:
    def counted() -> dict[str, int]:
        found = {}
        pages = {"draft": page_of(draft), "preview": page_of(draft, "preview"), "publish": page_of(draft, "publish")}
        for name, address in {**pages, "question": question_of(draft, 2)}.items():
            with CaptureQueriesContext(connection) as captured:
                assert staff.get(address).status_code == 200
            found[name] = len(captured)
        return found

    few = counted()
    content: Any = draft.content
    for _turn in range(20):
        content = drafts.added(content, "region", {"en": "?"})
    Draft.objects.update(content=content)
    assert counted() == few


def test_a_sign_in_that_has_ended_costs_no_words(staff: Client, draft: Draft, people: dict[str, User]) -> None:
    address = question_of(draft, 2, "ar")
    sent = {**fields_of(staff, address), "labels-ar": "أيها؟", "new-1-ar": "تمر"}
    staff.logout()
    away = staff.post(address, sent)
    assert away.status_code == 302
    assert "/login/" in away["Location"]
    staff.force_login(people["coordinator"])
    back = staff.get(f"{page_of(draft)}2/")
    fields = parsed(back.content.decode()).fields or {}
    assert (fields["labels-ar"], fields["new-1-ar"], fields["language"]) == ("أيها؟", "تمر", "ar")
    assert staff.post(address, fields).status_code == 303
    assert stored(draft, 2)["labels"]["ar"] == "أيها؟"
