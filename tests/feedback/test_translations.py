"""What was said in other languages: the original first, each version kept, nothing overwritten unseen."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import IntegrityError
from django.db.utils import InternalError
from django.utils.translation import override

from feedback import opendata, queries, services, translated
from feedback.models import FeedbackAnswer, FeedbackItem, FeedbackTranslation, FeedbackWindow
from feedback.services import Words
from taskforce.accounts import services as accounts
from taskforce.accounts.enums import Role
from taskforce.accounts.models import User
from taskforce.audit.models import Entry
from taskforce.core.errors import Invalid, Refused
from taskforce.questions.forms import Answer
from taskforce.timeline import gates
from tests.clients import Client
from tests.conftest import Clock
from tests.feedback.conftest import CLOSES, OPENS
from tests.feedback.pages import address, main_form
from tests.feedback.test_agreeing import change
from tests.feedback.test_items import listed, of, page, read, say, statements
from tests.feedback.test_replay import in_parallel

SAID = "ينمو القادة حيث يوثق بهم."
MEANT = "Leaders grow where they are trusted."


@pytest.fixture
def item(window: FeedbackWindow) -> FeedbackItem:
    return say(window, SAID, language="ar")


@pytest.fixture
def translator(people: dict[str, User]) -> User:
    """Somebody who translates into English."""
    person = accounts.create_account("words@demo.example", at=OPENS, name="Wanda Words")
    accounts.grant_role(person, Role.TRANSLATOR, at=OPENS, actor_id=None, language="en")
    return person


def field(item: FeedbackItem) -> str:
    return f"text-{item.answers.get().question_id}"


def words(item: FeedbackItem, text: str = MEANT, version: int = 0, name: str = "Wanda") -> Words:
    return Words({item.answers.get().asked_id: text}, name, version, item.edits)


def saved(item: FeedbackItem, translator: User, text: str = MEANT, version: int = 0) -> FeedbackTranslation:
    made = services.translate(item.pk, "en", words(item, text, version), actor=translator, at=OPENS)
    assert made
    return made


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


# --- translating ---------------------------------------------------------------------------------------------------


def test_a_translation_stands_behind_the_original(item: FeedbackItem, translator: User) -> None:
    client, path = signed_in(translator), f"{of(item)}translate/"
    assert f'href="{path}"' in read(item)
    fields = main_form(client, path)
    # FAILS where the name of an account becomes public by itself.
    assert (fields[field(item)], fields["name"], fields["version"]) == ("", "", "0")
    response = client.post(path, {**fields, field(item): MEANT, "name": "Wanda Words"})
    assert (response.status_code, response.headers["Location"]) == (303, path)
    shown = read(item)
    assert 0 < shown.index(SAID) < shown.index(MEANT)
    assert '<div lang="en" dir="ltr"><p>' + MEANT in shown
    assert "<bdi>Wanda Words</bdi>" in shown
    assert "translator" in shown
    # Whoever reads in the language in which it was said reads that alone.
    assert MEANT not in read(item, "ar")
    assert MEANT in read(item, "fr")
    (entry,) = Entry.objects.filter(action="feedback.translated")
    assert (entry.actor_id, entry.details["language"]) == (translator.pk, "en")


def test_without_a_name_the_role_alone_is_shown(item: FeedbackItem, translator: User) -> None:
    services.translate(item.pk, "en", words(item, name=""), actor=translator, at=OPENS)
    shown = read(item)
    assert "Wanda" not in shown
    assert "translator" in shown


def test_who_may(item: FeedbackItem, translator: User, people: dict[str, User], clock: Clock) -> None:
    """Its language's translators and facilitators, whoever coordinates or administrates; also after the close."""
    path = f"{of(item)}translate/"
    facilitator = accounts.create_account("speaks@demo.example", at=OPENS)
    accounts.grant_role(
        facilitator, Role.FACILITATOR, at=OPENS, actor_id=None, language="en",
        task_force_id=item.window.phase.task_force_id,
    )  # fmt: skip
    clock.set(CLOSES + timedelta(days=9))
    for person in (translator, facilitator, people["coordinator"], people["admin"]):
        assert signed_in(person).get(path).status_code == 200
    french = path.replace("/en/", "/fr/")
    for person, where in ((people["member"], path), (people["moderator"], path), (translator, french)):
        response = signed_in(person).get(where)
        assert response.status_code == 403
        language = "fr" if where == french else "en"
        with override("en"), pytest.raises(Refused, match="translators and facilitators"):
            services.translate(item.pk, language, words(item), actor=person, at=OPENS)
    for response in (Client().get(path), Client().post(path, {field(item): MEANT})):
        assert response.status_code == 302
        assert response.headers["Location"].endswith(f"?next={path}")
    assert not FeedbackTranslation.objects.exists()


def test_into_the_language_in_which_it_was_said_nothing_is_translated(
    item: FeedbackItem, people: dict[str, User]
) -> None:
    shown = signed_in(people["coordinator"]).get(f"{of(item, 'ar')}translate/").content.decode()
    assert "data-main" not in shown
    with pytest.raises(Invalid):
        services.translate(item.pk, "ar", words(item), actor=people["coordinator"], at=OPENS)


@pytest.mark.parametrize("gone", ["held", "staff", "hidden", "withdrawn"])
def test_what_does_not_stand_is_not_translated(
    window: FeedbackWindow, people: dict[str, User], translator: User, gone: str
) -> None:
    item = say(
        window, SAID, language="ar", suspected=gone == "held", visibility="staff" if gone == "staff" else "public"
    )
    if gone == "hidden":
        services.moderate(item.pk, "hide", rule="attack", reason="It insults.", actor=people["moderator"], at=OPENS)
    if gone == "withdrawn":
        services.withdraw(item.pk, at=OPENS)
    status = 404 if gone in ("held", "staff") else 303
    assert signed_in(translator).get(f"{of(item)}translate/").status_code == status
    with pytest.raises(Refused, match="does not stand"):
        services.translate(item.pk, "en", words(item), actor=translator, at=OPENS)


@pytest.mark.parametrize("said", ["x" * 20_001, "a\x00b"], ids=["long", "NUL"])
def test_what_cannot_be_a_translation(item: FeedbackItem, translator: User, said: str) -> None:
    client, path = signed_in(translator), f"{of(item)}translate/"
    response = client.post(path, {**main_form(client, path), field(item): said})
    assert response.status_code in (200, 400)
    assert not FeedbackTranslation.objects.exists()


def test_what_is_hostile_is_harmless(item: FeedbackItem, translator: User) -> None:
    saved(item, translator, "<script>alert(1)</script> \u202e")
    assert "<script>alert(1)" not in read(item)


# --- in the list ---------------------------------------------------------------------------------------------------


def test_in_the_list_too_the_original_is_first(item: FeedbackItem, translator: User) -> None:
    """Beside it the translation, marked as one, in its own language and direction; its day alone, for the minute might
    tell who wrote what it translates."""
    saved(item, translator)
    for shown in (page(), read(item)):
        original, meant = f'<div lang="ar" dir="rtl"><p>{SAID}', f'<div lang="en" dir="ltr"><p>{MEANT}'
        assert 0 < shown.index(original) < shown.index(meant)
        assert f'<section aria-labelledby="{item.reference}-translation">' in shown
        assert "<bdi>Wanda</bdi> · translator · <time datetime=" in shown
        assert OPENS.strftime("%H:%M") not in shown.split("Translated by:")[1].split("</p>")[0]
    assert MEANT in page("", "fr")
    assert MEANT not in page("", "ar")
    change(item, "ينمو القادة حيث يخطئون.")
    assert MEANT not in page()


def test_only_of_the_answers_that_are_shown(item: FeedbackItem, translator: User) -> None:
    first, second = item.window.questions.questions.order_by("position")
    saved(item, translator)
    FeedbackAnswer.objects.create(item=item, question=second, choices=["yes"])
    FeedbackItem.objects.update(answered=[first.pk, second.pk])
    assert MEANT in page(f"?question={first.pk}")
    narrowed = page(f"?question={second.pk}")
    assert item.reference in narrowed
    assert MEANT not in narrowed
    assert "Translated by" not in narrowed


def test_whoever_agrees_or_replies_reads_it_as_well(item: FeedbackItem, translator: User) -> None:
    saved(item, translator)
    client = signed_in(translator)
    for act in ("agree", "reply"):
        assert MEANT in client.get(f"{of(item)}{act}/").content.decode()


def test_many_translations_cost_as_much_as_one(item: FeedbackItem, translator: User) -> None:
    saved(item, translator)
    asked = ["", "?q=trusted", "?sort=agreed", "?language=ar"]
    few = statements(asked)
    for _ in range(12):
        saved(say(item.window, SAID, language="ar"), translator)
    assert page().count(MEANT) == 13
    assert statements(asked) == few
    assert max(few) <= 8


# --- changing it ---------------------------------------------------------------------------------------------------


def test_what_its_author_has_taken_off_is_in_no_translation(item: FeedbackItem, translator: User) -> None:
    """Neither on a page nor in the data, the feed or the search; its translator finds it, to go through it."""
    saved(item, translator)
    feed = f"{address()}feed.atom"
    assert MEANT in Client().get(feed).content.decode()
    change(item, "ينمو القادة حيث يخطئون.")
    data = b"".join(opendata.as_json(item.window.phase.task_force)).decode()
    for shown in (read(item), page(), page("", "fr"), data, Client().get(feed).content.decode()):
        assert "يخطئون" in shown or "يخطئون".encode("unicode_escape").decode() in shown
        assert MEANT not in shown
    assert listed("?q=trusted") == []
    item.refresh_from_db()
    client, path = signed_in(translator), f"{of(item)}translate/"
    assert "Go through it and save it again." in client.get(path).content.decode()
    # The same words, looked at again, are up to date.
    assert client.post(path, main_form(client, path)).status_code == 303
    assert MEANT in read(item)
    assert listed("?q=trusted") == [item.reference]
    assert [one.number for one in translated.history(item, "en")] == [2, 1]


def test_an_answer_that_is_emptied_is_in_no_translation(item: FeedbackItem, translator: User) -> None:
    """Nor its language said as if it were one of the original's own."""
    saved(item, translator)
    first, second = item.window.questions.questions.order_by("position")
    key = gates.read_form_key(gates.new_form_key(OPENS, item.window.phase_id), item.window.phase_id)
    answers = [Answer(first.pk, ""), Answer(second.pk, "", ("yes",))]
    assert services.edit(item.pk, version=0, form_key=key, answers=answers, language="ar", visibility="public", name="")
    data = b"".join(opendata.as_json(item.window.phase.task_force)).decode()
    assert MEANT not in read(item) + page() + data
    assert listed("?q=trusted") == []


def test_nobody_overwrites_what_they_have_not_seen(
    item: FeedbackItem, translator: User, people: dict[str, User]
) -> None:
    first, second, path = signed_in(translator), signed_in(people["coordinator"]), f"{of(item)}translate/"
    forms = [main_form(client, path) for client in (first, second)]
    first.post(path, {**forms[0], field(item): MEANT})
    response = second.post(path, {**forms[1], field(item): "Leaders grow if trusted."})
    assert response.status_code == 409
    shown = response.content.decode()
    assert MEANT in shown
    assert "Leaders grow if trusted." in shown
    assert FeedbackTranslation.objects.count() == 1
    version = re.search(r'name="version" value="(\d+)"', shown)
    assert version
    again = {**forms[1], field(item): "Leaders grow if trusted.", "version": version[1]}
    assert second.post(path, again).status_code == 303
    assert "Leaders grow if trusted." in read(item)
    assert MEANT not in read(item)
    # What stood before is kept, and nothing but the script of forgetting takes it away.
    assert [one.texts for one in translated.history(item, "en")][1] == {field(item).removeprefix("text-"): MEANT}
    with pytest.raises(InternalError, match="Cannot update or delete"):
        FeedbackTranslation.objects.update(name="x")


def test_a_text_that_was_changed_meanwhile_is_a_conflict_too(item: FeedbackItem, translator: User) -> None:
    before = words(item)
    change(item, "ينمو القادة حيث يخطئون.")
    with pytest.raises(services.OtherTranslation):
        services.translate(item.pk, "en", before, actor=translator, at=OPENS)


def test_the_same_again_is_no_version_and_nothing_takes_it_off(item: FeedbackItem, translator: User) -> None:
    saved(item, translator)
    saved(item, translator, version=1)
    assert FeedbackTranslation.objects.count() == 1
    services.translate(item.pk, "en", words(item, "", 1), actor=translator, at=OPENS)
    assert MEANT not in read(item)
    assert listed("?q=trusted") == []
    assert Entry.objects.filter(action="feedback.translation-removed").count() == 1


def test_it_goes_with_what_it_translates(item: FeedbackItem, translator: User, people: dict[str, User]) -> None:
    saved(item, translator)
    services.moderate(item.pk, "hide", rule="attack", reason="It insults.", actor=people["moderator"], at=OPENS)
    assert MEANT not in read(item)
    assert listed("?q=trusted") == []
    services.withdraw(item.pk, at=OPENS)
    assert MEANT not in read(item)
    item.refresh_from_db()
    assert item.translated_text == ""


# --- finding it ----------------------------------------------------------------------------------------------------


def test_an_item_is_found_by_the_words_of_its_translations(item: FeedbackItem, translator: User) -> None:
    assert listed("?q=trusted") == []
    saved(item, translator)
    assert listed("?q=TRUSTED+grow") == [item.reference]
    assert listed("?q=trusted+القادة") == [item.reference]
    assert listed("?q=trusted+nobody") == []


def test_the_data_has_it(item: FeedbackItem, translator: User) -> None:
    saved(item, translator)
    (row,) = json.loads(b"".join(opendata.as_json(item.window.phase.task_force)))
    (said,) = row["translations"]
    assert (said["language"], said["translator"]) == ("en", "Wanda")
    assert said["texts"] == [{"question": item.answers.get().question_id, "text": MEANT}]


# --- what is to be done --------------------------------------------------------------------------------------------


def test_what_nobody_has_translated_yet(item: FeedbackItem, translator: User) -> None:
    english, french = say(item.window, MEANT), say(item.window, "Les chefs grandissent.", language="fr")
    say(item.window, SAID, language="ar", suspected=True)
    chosen = say(item.window, language="ar", answers=[])
    client, path = signed_in(translator), f"{address()}translate/"

    def to_do(query: str = "") -> list[str]:
        shown = client.get(f"{path}{query}").content.decode()
        return re.findall(r'<article class="pt-said" id="([^"]+)"', shown)

    assert sorted(to_do()) == sorted([item.reference, french.reference])
    assert to_do("?from=ar") == [item.reference]
    assert to_do("?from=ja") == []
    assert {english.reference, chosen.reference}.isdisjoint(to_do())
    saved(item, translator)
    assert to_do() == [french.reference]
    change(item, "ينمو القادة حيث يخطئون.")
    assert sorted(to_do()) == sorted([item.reference, french.reference])
    FeedbackItem.objects.exclude(pk=english.pk).update(visibility="staff")
    assert to_do() == []
    assert "Nothing is left to translate" in client.get(path).content.decode()
    assert client.get(path.replace("/en/", "/fr/")).status_code == 403
    assert f'href="{path}"' in client.get("/en/accounts/email/").content.decode()
    assert Client().get(path).status_code == 302


# --- at once -------------------------------------------------------------------------------------------------------


def not_locked() -> Callable[[int], FeedbackItem]:
    """An item that both have read before one of them writes: what the test below must be able to catch."""
    both = Barrier(2, timeout=20)

    def read_by_both(item_id: int) -> FeedbackItem:
        found = FeedbackItem.objects.select_related("window__phase").get(pk=item_id)
        both.wait()
        return found

    return read_by_both


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_locked", [True, False], ids=["locked", "not locked"])
def test_two_at_once_are_one_version_and_a_conflict(
    committed: None, item: FeedbackItem, translator: User, monkeypatch: pytest.MonkeyPatch, *, is_locked: bool
) -> None:
    """The twin: without the lock both write the same version, which the database alone refuses, with an error."""
    told: list[str] = []
    question = FeedbackAnswer.objects.get(item=item).asked_id
    if not is_locked:
        monkeypatch.setattr(queries, "locked", not_locked())

    def once(turn: int) -> int:
        try:
            sent = Words({question: f"{MEANT} {turn}"}, "", 0, 0)
            services.translate(item.pk, "en", sent, actor=translator, at=OPENS)
        except services.OtherTranslation:
            told.append("conflict")
        except IntegrityError:
            told.append("error")
        else:
            told.append("saved")
        return 0

    in_parallel(2, once)
    assert sorted(told) == (["conflict", "saved"] if is_locked else ["error", "saved"])
    assert FeedbackTranslation.objects.count() == 1


def test_a_translation_into_what_its_author_says_is_the_language_stands_beside_it_no_more(
    window: FeedbackWindow, item: FeedbackItem, translator: User
) -> None:
    """FAILS where a text and its translation are in the same language."""
    saved(item, translator)
    assert MEANT in read(item)
    assert listed("?q=trusted")
    answer = item.answers.get()
    key = gates.read_form_key(gates.new_form_key(OPENS, window.phase_id), window.phase_id)
    services.edit(
        item.pk, version=0, form_key=key, answers=[Answer(answer.asked_id, SAID)], language="en",
        visibility="public", name="",
    )  # fmt: skip
    row = json.loads(b"".join(opendata.as_json(window.phase.task_force)))[0]
    assert row["translations"] == []
    assert MEANT not in read(item)
    assert listed("?q=trusted") == []


def test_an_empty_translation_is_refused_and_after_a_real_one_the_next_is_offered(
    item: FeedbackItem, translator: User
) -> None:
    client, path = signed_in(translator), f"{of(item)}translate/"
    empty = client.post(path, main_form(client, path))
    assert empty.status_code == 200
    assert "Nothing was saved: write a translation first." in empty.content.decode()
    assert not FeedbackTranslation.objects.exists()
    other = say(item.window, "ثقة أخرى.", language="ar")
    assert "Translate the next text" not in client.get(path).content.decode()
    client.post(path, {**main_form(client, path), field(item): MEANT})
    assert f'href="{of(other)}translate/">Translate the next text</a>' in client.get(path).content.decode()
    off = client.post(path, {**main_form(client, path), field(item): ""}, follow=True).content.decode()
    assert "The translation is taken off." in off
    assert "stands beside the original" not in off
