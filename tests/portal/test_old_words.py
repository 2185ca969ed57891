"""The list of what still says a former name: exact, in each language, and worked off one by one."""

import re
import time
from datetime import date
from typing import Any

import pgtrigger
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from modeltranslation.translator import translator
from modeltranslation.utils import build_localized_fieldname

from feedback.models import FeedbackWindow
from proposals import working
from proposals.drafting.acts import write
from proposals.drafting.copies import Copy
from proposals.models import Proposal, Unit, UnitText
from proposals.services import drafts
from recruitment.models import Call
from taskforce.accounts.enums import Role
from taskforce.accounts.models import User
from taskforce.accounts.services import grant_role
from taskforce.audit.models import Entry
from taskforce.core import labels, languages, markdown
from taskforce.core.errors import Invalid, Refused
from taskforce.portal import old_words
from taskforce.portal.old_words import Saying, mail_texts, sayings, words_of
from taskforce.questions.models import Question
from taskforce.timeline import services
from taskforce.timeline.models import OldWord, Phase, StaysAsItIs, TaskForce
from taskforce.timeline.services import bulletins
from tests.clients import Client
from tests.portal.making import AT, make_text, make_window
from tests.portal.making import words as words_in

OLD, NEW = "Leadership Development Task Force", "Leadership Development Working Group"


@pytest.fixture
def renamed(tf: TaskForce, people: dict[str, User]) -> TaskForce:
    """It was called a task force in English and Chinese, and in Arabic it still is."""
    TaskForce.objects.filter(pk=tf.pk).update(name_en=OLD, name_zh_hant="領導力發展專案組", name_ar="فرقة العمل")
    names = {"en": NEW, "zh-hant": "領導力發展工作小組"}
    services.rename(tf.pk, names=names, reason="It sounds military.", actor=people["coordinator"])
    tf.refresh_from_db()
    return tf


@pytest.fixture
def text(renamed: TaskForce) -> Proposal:
    return make_text(renamed, "definition")


def put(text: Proposal, position: int, language: str, words: str) -> Unit:
    """A unit's text in a language, in Markdown."""
    unit = Unit.objects.get(proposal=text, position=position)
    row = {"text": words, "html": markdown.render_inline(words)}
    UnitText.objects.update_or_create(unit=unit, language=language, defaults=row)
    return unit


def said_then(question: Question, **labels: str) -> None:
    """What the question says since before the database let nobody change it."""
    with pgtrigger.ignore("questions.Question:words_only"):
        Question.objects.filter(pk=question.pk).update(**labels)


def listed(task_force: TaskForce) -> list[Saying]:
    return sayings(task_force, words_of(task_force))


def places(task_force: TaskForce) -> list[tuple[str, str]]:
    return [(one.place, one.language) for one in listed(task_force)]


def test_nothing_is_listed_before_there_is_a_former_name(tf: TaskForce) -> None:
    assert places(tf) == []


def test_the_list_is_exact(text: Proposal, renamed: TaskForce, window: FeedbackWindow, call: Call) -> None:
    unit = put(text, 1, "en", f"The **Leadership** Development\nTask\u00ad Force; not the {NEW}.")
    put(text, 1, "de", f"Die {OLD} tagt.")
    put(text, 1, "ar", "فرقة العمل")  # its name there, still
    put(text, 2, "en", f"{OLD}s, [a link](https://example.org/Leadership-Development-Task-Force)")
    chinese = put(text, 2, "zh-hant", "由領導力\n發展專案組提出")
    gone = put(text, 3, "en", OLD)
    Unit.objects.filter(pk=gone.pk).update(removed_in=1)
    phase = Phase.objects.filter(task_force=renamed).first()
    assert phase is not None
    Phase.objects.filter(pk=phase.pk).update(text_fr=f"Le {OLD}")
    question = window.questions.questions.get()
    said_then(question, help_text_en=f"About the {OLD}")
    criterion = call.criteria.order_by("pk")[0]
    type(criterion).objects.filter(pk=criterion.pk).update(label_en=f"Fit for the {OLD}")
    assert sorted(places(renamed)) == sorted([
        (f"unit:{unit.pk}", "en"), (f"unit:{unit.pk}", "de"), (f"unit:{chinese.pk}", "zh-hant"),
        (f"label:timeline.phase:{phase.pk}:text", "fr"),
        (f"label:questions.question:{question.pk}:help_text", "en"),
        (f"label:recruitment.criterion:{criterion.pk}:label", "en"),
    ])  # fmt: skip


# In each language: the former name, a sentence that says it, and one that only says a longer word or another form.
EVERYWHERE = {
    "en": ("Task Force", "The *task* force, at last.", "Two Task Forces and a task-forced one."),
    "de": ("Arbeitsgruppe", "Die Arbeitsgruppe-Mitglieder kamen.", "Zwei Arbeitsgruppen tagten."),
    "fr": ("Groupe de travail", "C’est le groupe\nde travail.", "Des groupes de travail."),
    "es": ("Grupo de trabajo", "¿El GRUPO de trabajo?", "Los grupos de trabajo."),
    "pt-br": ("Grupo de trabalho", "O “grupo de trabalho”.", "Os grupos de trabalho."),
    "id": ("Gugus tugas", "Rapat gugus tugas.", "Gugus tugasnya rapat."),
    "ru": ("Рабочая группа", "Это РАБОЧАЯ\u00a0группа.", "Нет рабочей группы."),
    "hi": ("कार्य बल", "यह **कार्य** बल है।", "दो कार्य बलों की बैठक।"),
    "ar": ("فريق المهمة", "اجتمع فريق المهمة.", "فرق المهمة وفريق المهمات."),
    "ja": ("作業部会", "この作業\n部会は", "この部会は"),
    "zh-hans": ("工作组", "由**工作**组提出", "由工作小组提出"),
    "zh-hant": ("專案組", "由專案\u200b組提出", "由專案小組提出"),
}


@pytest.mark.parametrize("language", languages.CODES)
def test_the_list_is_exact_in_every_language(
    language: str, tf: TaskForce, text: Proposal, people: dict[str, User]
) -> None:
    """Of a text and a label that say it, those that say another word or the new name, one that is gone."""
    word, says, other = EVERYWHERE[language]
    services.look_for_old_word(tf.pk, word=word, language=language, actor=people["coordinator"])
    said, gone = put(text, 1, language, says), put(text, 3, language, says)
    put(text, 2, language, f"{other} {NEW}")
    Unit.objects.filter(pk=gone.pk).update(removed_in=1)
    phases, field = Phase.objects.filter(task_force=tf), build_localized_fieldname("title", language)
    phases.update(**{field: other})
    first = phases.order_by("pk")[0]
    phases.filter(pk=first.pk).update(**{field: says})
    found = {place for place, code in places(tf) if code == language and not place.startswith("mail:")}
    assert found == {f"unit:{said.pk}", f"label:timeline.phase:{first.pk}:title"}


def test_drafts_of_texts_are_read_too(
    client: Client, text: Proposal, renamed: TaskForce, people: dict[str, User]
) -> None:
    """What is new in them or was changed; what nobody has changed says what is published."""
    unit = put(text, 1, "en", f"The {OLD}.")
    put(text, 2, "en", "Nothing.")
    (lead,) = working.working(text).copy.shown
    first, second = lead.shown[1:3]

    said = {second.key: f"Once {OLD}."}

    def act(copy: Copy) -> str:
        for key, words in said.items():
            write(copy, key, words)
        return ""

    drafts.change(text.pk, act, editor=people["coordinator"], at=AT)
    assert places(renamed) == [(f"unit:{unit.pk}", "en"), (f"draft:{text.pk}:{second.key}", "en")]
    assert listed(renamed)[1].url.endswith(f"/proposals/definition/edit/s/{lead.key}/#e-{second.key}")
    assert "draft" in listed(renamed)[1].where
    assert not listed(renamed)[0].is_changing
    said[first.key] = NEW
    drafts.change(text.pk, act, editor=people["coordinator"], at=AT)
    assert places(renamed) == [(f"unit:{unit.pk}", "en"), (f"draft:{text.pk}:{second.key}", "en")]
    assert [one.is_changing for one in listed(renamed)] == [True, False]
    client.force_login(people["coordinator"])
    assert "It is changed in the draft of the text" in client.get(page_of(renamed)).content.decode()


def test_each_place_is_called_what_it_is(text: Proposal, renamed: TaskForce, people: dict[str, User]) -> None:
    """The title is no paragraph, neither published nor in a draft."""
    put(text, 0, "en", OLD)
    put(text, 1, "en", OLD)
    said = [re.sub("<[^>]+>", "", one.where) for one in listed(renamed)]
    assert said == ["Proposal “definition”, 0 · title", "Proposal “definition”, paragraph 1"]
    title = working.working(text).copy.shown[0].shown[0]

    def act(copy: Copy) -> str:
        write(copy, title.key, f"{OLD} now")
        return ""

    drafts.change(text.pk, act, editor=people["coordinator"], at=AT)
    said = [re.sub("<[^>]+>", "", one.where) for one in listed(renamed) if one.place.startswith("draft")]
    assert said == ["Proposal “definition”, draft, 1 · title"]


def test_mail_texts_are_listed_exactly(renamed: TaskForce, people: dict[str, User]) -> None:
    """In each language those that say the word as a word of its own, and no other; asked another way."""
    for language, word in (("en", "task force"), ("de", "Arbeitsgruppe"), ("fr", "phase")):
        added = services.look_for_old_word(renamed.pk, word=word, language=language, actor=people["deputy"])
        found = {place.removeprefix("mail:") for place, code in places(renamed) if place.startswith("mail:")}
        plain = {name: re.sub(r"<[^>]*>|\s+", " ", text) for name, text in mail_texts(language).items()}
        expected = {name for name, text in plain.items() if re.search(rf"(?i)(?<!\w){word}(?!\w)", text)}
        assert found == expected
        services.drop_old_word(renamed.pk, word_id=added.pk, actor=people["deputy"])


def test_a_language_that_keeps_its_name_may_say_it(text: Proposal, renamed: TaskForce) -> None:
    """The Spanish name is the former English one: there it is no former name."""
    TaskForce.objects.filter(pk=renamed.pk).update(name_es=OLD)
    renamed.refresh_from_db()
    put(text, 1, "es", f"El {OLD}")
    assert places(renamed) == []


def test_the_new_name_of_another_language_may_be_said(
    text: Proposal, renamed: TaskForce, people: dict[str, User]
) -> None:
    """The former one stands inside of it; a word that staff have added for the language is found there still."""
    longer = {"en": f"Community {OLD}"}
    services.rename(renamed.pk, names=longer, reason="It is wider.", actor=people["coordinator"])
    TaskForce.objects.filter(pk=renamed.pk).update(name_de="Führungsgruppe")
    renamed.refresh_from_db()
    put(text, 1, "de", f"Die Führungsgruppe (Community {OLD}) tagt.")
    put(text, 2, "zh-hant", f"領導力發展工作小組（Community {OLD}）")
    assert places(renamed) == []
    put(text, 1, "de", f"Die Führungsgruppe (Community {OLD}, früher {OLD}) tagt.")
    assert [one.times for one in listed(renamed)] == [1]
    put(text, 1, "de", f"Die Führungsgruppe (Community {OLD}) tagt.")
    services.look_for_old_word(renamed.pk, word=OLD, language="de", actor=people["deputy"])
    assert [one.language for one in listed(renamed)] == ["de"]


@pytest.mark.long
def test_words_that_staff_add_count_in_their_language_or_in_all(
    text: Proposal, renamed: TaskForce, people: dict[str, User]
) -> None:
    put(text, 1, "en", "This task force is new. Task Forces are not.")
    put(text, 1, "de", "Die Task-Force")
    services.look_for_old_word(renamed.pk, word="Task Force", language="de", actor=people["deputy"])
    assert {one.language for one in listed(renamed)} == {"de"}
    services.look_for_old_word(renamed.pk, word="Task Force", language="", actor=people["deputy"])
    found = listed(renamed)
    units = [one for one in found if one.place.startswith("unit:")]
    assert {one.language for one in units} == {"en", "de"}
    assert [(one.said, one.times) for one in units if one.language == "en"] == [("task force", 1)]
    mails = {one.place for one in found if one.place.startswith("mail:") and one.language == "en"}
    assert "mail:phase-opened" in mails
    assert "mail:account-login-code" not in mails


def test_mail_texts_are_read_as_the_catalogues_have_them() -> None:
    assert "task force" in mail_texts("en")["phase-opened"]
    assert "%(" not in " ".join(mail_texts("en").values())
    assert mail_texts("de")["phase-opened"] != mail_texts("en")["phase-opened"]


def test_what_was_sent_is_history(renamed: TaskForce, people: dict[str, User]) -> None:
    made = bulletins.draft(
        renamed, topic="updates", subjects={"en": f"The {OLD}"}, bodies={"en": "B"}, at=AT, actor=people["coordinator"]
    )
    assert places(renamed) == [(f"label:timeline.bulletin:{made.pk}:subject", "en")]
    type(made).objects.filter(pk=made.pk).update(state="dropped")
    assert places(renamed) == []


def test_every_model_with_translated_labels_is_looked_through(tf: TaskForce) -> None:
    """A new one to which no way leads is a fault here, not a gap in the list."""
    models = translator.get_registered_models(abstract=False)
    assert len(models) >= 9
    for model in models:
        assert old_words.belonging(model, tf)
    with pytest.raises(LookupError):
        old_words.belonging(User, tf)


@pytest.mark.long
def test_a_mark_holds_as_long_as_the_text_says_the_same(
    text: Proposal, renamed: TaskForce, people: dict[str, User]
) -> None:
    put(text, 1, "en", f"“{OLD}”, as it was called")
    (one,) = listed(renamed)
    told: dict[str, Any] = {
        "place": one.place,
        "language": "en",
        "text_digest": one.digest,
        "actor": people["coordinator"],
    }
    with pytest.raises(Invalid):
        services.keep_as_it_is(renamed.pk, **told, reason=" ")
    services.keep_as_it_is(renamed.pk, **told, reason="A quotation.")
    assert Entry.objects.get(action="task-force.text-stays").reason == "A quotation."
    (one,) = listed(renamed)
    assert one.mark is not None
    put(text, 1, "en", f"The {OLD} meets.")
    (one,) = listed(renamed)
    assert one.mark is None
    services.look_once_more(renamed.pk, mark_id=StaysAsItIs.objects.get().pk, actor=people["coordinator"])
    assert not StaysAsItIs.objects.exists()


def test_it_is_for_those_who_lead(renamed: TaskForce, people: dict[str, User]) -> None:
    with pytest.raises(Refused):
        services.look_for_old_word(renamed.pk, word="w", language="", actor=people["observer"])


# --- the page --------------------------------------------------------------------------------------------------------


def page_of(tf: TaskForce) -> str:
    return f"/en/admin/timeline/taskforce/{tf.pk}/old-words/"


@pytest.mark.long
def test_the_list_is_worked_off_one_by_one(
    client: Client, text: Proposal, renamed: TaskForce, people: dict[str, User]
) -> None:
    put(text, 1, "en", f"The <{OLD}>")
    other = put(text, 2, "de", f"Die {OLD}")
    client.force_login(people["coordinator"])
    shown: Any = client.get(page_of(renamed))
    assert [one["count"] for one in shown.context["counts"] if one["count"]] == [1, 1]
    html = shown.content.decode()
    assert f"<mark>{OLD}</mark>" in html
    assert "/en/tf/leadership-development/proposals/definition/edit/" in html
    german = client.get(f"{page_of(renamed)}?language=de").content.decode()
    assert f"/de/tf/leadership-development/proposals/definition/translate/{other.pk}/" in german
    (one,) = shown.context["here"]
    sent = {"action": "stays", "place": one.place, "language": one.language, "digest": one.digest}
    # Refused, with what was typed; then for a text that has changed; then done.
    assert client.post(page_of(renamed), {**sent, "reason": " "}).status_code == 400
    late = client.post(page_of(renamed), {**sent, "digest": "0", "reason": "It is quoted"})
    assert (late.status_code, 'value="It is quoted"' in late.content.decode()) == (409, True)
    done = client.post(page_of(renamed), {**sent, "reason": "It is quoted"}, follow=True)
    assert done.status_code == 200
    put(text, 2, "de", NEW)
    end = client.get(page_of(renamed) + f"?language={one.language}").content.decode()
    assert "Nothing is left to be corrected here." in end
    assert "It is quoted" in end
    back = client.post(page_of(renamed), {"action": "again", "mark": str(StaysAsItIs.objects.get().pk)})
    assert back.status_code == 303


def test_what_staff_cannot_correct_is_no_work(
    client: Client, text: Proposal, renamed: TaskForce, people: dict[str, User]
) -> None:
    """Mails say “task force” in their own right; the list ends when all that can be corrected is."""
    put(text, 1, "en", "The task force")
    services.look_for_old_word(renamed.pk, word="task force", language="en", actor=people["coordinator"])
    client.force_login(people["coordinator"])
    shown: Any = client.get(page_of(renamed))
    assert [one.place.partition(":")[0] for one in shown.context["here"]] == ["unit", "label"]
    in_mails = [one.place for one in listed(renamed) if one.place.startswith("mail:")]
    assert [one.place for one in shown.context["catalogue"]] == in_mails != []
    put(text, 1, "en", NEW)
    Phase.objects.filter(task_force=renamed).update(title_en="Work")
    done: Any = client.get(page_of(renamed))
    html = done.content.decode()
    assert (done.context["total"], done.context["here"]) == (0, [])
    assert f"Nothing of yours is left; {len(in_mails)} mail texts of the portal still say it." in words_in(html)
    assert "Mail texts, which are not corrected here" in html


def test_mail_texts_are_worked_off_too(client: Client, tf: TaskForce, people: dict[str, User]) -> None:
    """The first language that has any is shown; each may stay with a reason, and the page says when none is left."""
    services.look_for_old_word(tf.pk, word="Aufgabe", language="de", actor=people["coordinator"])
    word = next(word for text in mail_texts("de").values() for word in re.findall(r"[A-ZÄÖÜ][a-zäöü]{9,}", text))
    services.look_for_old_word(tf.pk, word=word, language="de", actor=people["coordinator"])
    client.force_login(people["coordinator"])
    shown: Any = client.get(page_of(tf))
    mails = shown.context["catalogue"]
    assert (shown.context["language"], shown.context["total"], len(mails) > 0) == ("de", 0, True)
    counted = {one["code"]: (one["count"], one["mails"]) for one in shown.context["counts"]}
    assert {code: many for code, many in counted.items() if many != (0, 0)} == {"de": (0, len(mails))}
    assert f"and {len(mails)} mail text" in words_in(shown.content.decode())
    one = mails[0]
    sent = {"action": "stays", "place": one.place, "language": "de", "digest": one.digest}
    refused = client.post(page_of(tf), {**sent, "reason": ""})
    assert (refused.status_code, "<details open>" in refused.content.decode()) == (400, True)
    for each in mails:
        again = {**sent, "place": each.place, "digest": each.digest, "reason": "Another sense"}
        assert client.post(page_of(tf), again).status_code == 303
    assert StaysAsItIs.objects.count() == len(mails)
    assert Entry.objects.filter(action="task-force.text-stays").count() == len(mails)
    assert "Nothing is left to be corrected here." in client.get(page_of(tf)).content.decode()
    client.post(page_of(tf), {"action": "again", "mark": str(StaysAsItIs.objects.order_by("pk")[0].pk)})
    assert client.get(page_of(tf)).context["total_mails"] == 1


@pytest.mark.long
def test_a_published_label_is_corrected_in_its_words(
    client: Client, renamed: TaskForce, window: FeedbackWindow, people: dict[str, User]
) -> None:
    """From the list to the page of the label, in its language; a meanwhile changed one is 409 with both."""
    question = window.questions.questions.get()
    said_then(question, label_de=f"Was macht die {OLD}?")
    before = list(Phase.objects.order_by("pk").values("opens_at", "closes_at", "ends_version"))
    (one,) = listed(renamed)
    assert one.url == f"{page_of(renamed)}label:questions.question:{question.pk}:label/de/"
    client.force_login(people["coordinator"])
    shown: Any = client.get(one.url)
    assert 'lang="de"' in shown.content.decode()
    seen = shown.context["seen"]
    for text, status in (("", 200), (" \u200b", 400), ("x" * 301, 200)):
        assert client.post(one.url, {"text": text, "seen": seen}).status_code == status
    late = client.post(one.url, {"text": "Was tut sie?", "seen": "0"})
    assert late.status_code == 409
    assert all(words in late.content.decode() for words in ("Was tut sie?", OLD))
    assert client.post(one.url, {"text": f"Was macht der {NEW}?", "seen": seen}).status_code == 303
    question.refresh_from_db()
    assert labels.stored(question, "label")["de"] == f"Was macht der {NEW}?"
    assert listed(renamed) == []
    entry = Entry.objects.get(action="label.corrected")
    assert (entry.details["said"], entry.details["says"]) == (f"Was macht die {OLD}?", f"Was macht der {NEW}?")
    assert list(Phase.objects.order_by("pk").values("opens_at", "closes_at", "ends_version")) == before
    # What says no old word is not changed by this door, nor what has a form or an act of its own.
    again: Any = client.get(one.url)
    assert "says no word that is looked for" in again.content.decode()
    digest_now = again.context["seen"]
    assert client.post(one.url, {"text": "Anything", "seen": digest_now}).status_code == 403
    for place in (f"label:timeline.taskforce:{renamed.pk}:name", "label:x:1:y", "label:accounts.user:1:name", "unit:1"):
        assert client.get(f"{page_of(renamed)}{place}/en/").status_code == 404
    assert client.get(one.url.replace("/de/", "/nl/")).status_code == 404


def test_questions_of_several_task_forces_take_the_right_in_all(
    client: Client, renamed: TaskForce, window: FeedbackWindow, people: dict[str, User]
) -> None:
    other = services.create_task_force("other", {"en": "Other"}, at=AT)
    phase = services.publish_phase(
        other, slug="f", titles={"en": "F"}, capabilities=["feedback"], opens_on=date(2030, 1, 1),
        closes_on=date(2030, 2, 1), at=AT,
    )  # fmt: skip
    make_window(phase, make_text(other, "t"), window.questions, "w")
    question = window.questions.questions.get()
    said_then(question, label_de=OLD)
    (one,) = listed(renamed)
    client.force_login(people["coordinator"])
    assert client.get(one.url).status_code == 403
    grant_role(people["coordinator"], Role.COORDINATOR, at=AT, actor_id=None, task_force_id=other.pk)
    assert client.get(one.url).status_code == 200


@pytest.mark.long
def test_words_are_added_and_taken_off_on_the_page(client: Client, renamed: TaskForce, people: dict[str, User]) -> None:
    client.force_login(people["deputy"])
    for word, status in (("Circle", 303), ("\u200b", 400), ("x" * 201, 400), ("Circle", 303)):
        answer = client.post(page_of(renamed), {"action": "look-for", "word": word, "language": "fr"})
        assert answer.status_code == status
    added = OldWord.objects.get()
    assert "Circle" in client.get(page_of(renamed)).content.decode()
    for number in (str(added.pk), str(added.pk), "x", "9" * 30):
        assert client.post(page_of(renamed), {"action": "drop", "word": number}).status_code == 303
    assert not OldWord.objects.exists()


def test_words_without_end_are_refused_at_once(client: Client, renamed: TaskForce, people: dict[str, User]) -> None:
    """As many marks as a body holds; it once took twenty seconds. The page brings them back for a word and a reason."""
    marks = "\u0f40" + "\u0f73" * 400_000
    client.force_login(people["deputy"])
    began = time.process_time()
    for fields in ({"action": "look-for", "word": marks}, {"action": "stays", "place": "x", "reason": marks}):
        assert client.post(page_of(renamed), fields).status_code in (400, 409)
    assert time.process_time() - began < 2


def test_it_costs_the_same_however_much_there_is(text: Proposal, renamed: TaskForce) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as asked:
            listed(renamed)
        return len(asked)

    put(text, 1, "en", OLD)
    few = cost()
    for number in range(4):
        other = make_text(renamed, f"other-{number}")
        for code in ("en", "de", "fr"):
            put(other, 1, code, OLD)
    assert cost() == few
    assert labels.label(renamed, "name", "en").text == NEW
