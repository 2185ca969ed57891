"""A summary in other languages: by who translates into them, compared by a second person, public with a version."""

import re
import threading
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import IntegrityError, connection

from feedback import counting, summaries
from feedback.models import FeedbackWindow, Summary, SummaryDraft
from feedback.services import summaries as services
from taskforce.accounts.enums import Role
from taskforce.accounts.models import RoleGrant, User
from taskforce.accounts.services import grant_role
from taskforce.audit.models import Entry
from taskforce.core import clock
from taskforce.core.errors import Conflict, Invalid, PortalError, Refused
from taskforce.notifications import kinds
from taskforce.notifications.models import OutboxMessage
from taskforce.timeline import gates
from tests.clients import Client, note_sign_in
from tests.feedback.conftest import OPENS
from tests.feedback.pages import address, main_form
from tests.feedback.test_summaries import TEXTS, kept, published
from tests.feedback.test_summaries import closed as closed
from tests.feedback.test_summing_up import page
from tests.meeting import Both

People = dict[str, User]
ARABIC = "من {total} نصًا."


def translated(window: FeedbackWindow, actor: User, text: str, language: str = "ar", seen: str = "") -> SummaryDraft:
    draft = summaries.draft_of(window)
    assert draft
    return services.translate(window.pk, language, text, seen=seen or summaries.stamp(draft, language), actor=actor)


def reviewed(window: FeedbackWindow, actor: User, language: str = "ar", seen: str = "") -> SummaryDraft:
    draft = summaries.draft_of(window)
    assert draft
    return services.review(window.pk, language, seen=seen or summaries.stamp(draft, language), actor=actor)


def draft_of(window: FeedbackWindow) -> SummaryDraft:
    found = summaries.draft_of(window)
    assert found
    return found


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    if user.is_staff:
        note_sign_in(client, user, second_factor=True)
    return client


def at(language: str = "ar") -> str:
    return f"{address(language)}summary/translate/"


@pytest.fixture
def written(closed: FeedbackWindow, people: People) -> FeedbackWindow:
    """A closed window with a summary in English alone, and two who translate into Arabic, one into German too."""
    for name, role, codes in (("translator", Role.TRANSLATOR, ["ar"]), ("facilitator", Role.FACILITATOR, ["ar", "de"])):
        for code in codes:
            grant_role(
                people[name], role, at=OPENS, actor_id=None, task_force_id=closed.phase.task_force_id,
                language=code, tell=False,
            )  # fmt: skip
    kept(closed, people["coordinator"], {"en": TEXTS["en"]})
    return closed


def test_who_translates_is_no_coordinator_and_it_is_public_with_a_version(
    written: FeedbackWindow, people: People
) -> None:
    published(written, people["coordinator"])
    assert 'lang="en" dir="ltr"' in page("ar")
    draft = translated(written, people["translator"], ARABIC)
    assert summaries.outdated(draft) == []
    assert "من 20 نصًا." not in page("ar")
    assert Entry.objects.get(action="summary.translated").actor_id == people["translator"].pk
    later = published(written, people["coordinator"])
    assert "Only translations have changed: العربية" in later.changes["en"]
    assert len(later.changes) == 12
    assert "من 20 نصًا." in page("ar")
    assert 'class="pt-text" lang="ar" dir="rtl"' in page("ar")
    assert "Only translations have changed" in page()


def test_who_may(written: FeedbackWindow, people: People) -> None:
    for name in ("moderator", "observer", "member"):
        with pytest.raises(Refused):
            translated(written, people[name], ARABIC)
    with pytest.raises(Refused):
        translated(written, people["translator"], "Hallo", "de")
    with pytest.raises(Invalid):
        translated(written, people["coordinator"], "Hello", "en")
    with pytest.raises(Invalid):
        translated(written, people["coordinator"], "Dag", "nl")
    with pytest.raises(Invalid):
        translated(written, people["translator"], "x" * 50_001)
    SummaryDraft.objects.all().delete()
    with pytest.raises(Refused):
        services.translate(written.pk, "ar", ARABIC, seen="", actor=people["translator"])


def test_a_changed_source_makes_it_outdated_to_translators_and_readers(written: FeedbackWindow, people: People) -> None:
    translated(written, people["translator"], ARABIC)
    reviewed(written, people["facilitator"])
    published(written, people["coordinator"])
    assert re.search("رُوجعت: قارن|Reviewed: a second person", page("ar"))
    kept(written, people["coordinator"], {"en": "Otherwise: {total}.", "ar": ARABIC})
    assert summaries.outdated(draft_of(written)) == ["ar"]
    assert summaries.reviewed(draft_of(written)) == []
    shown = signed_in(people["translator"]).get(at()).content.decode()
    assert "Otherwise: {total}." in shown
    assert re.search("تغيّر النص الأصلي|The source has changed", shown)
    last = published(written, people["coordinator"], changes={"en": "It was wrong."})
    assert (last.outdated, last.reviewed) == (["ar"], [])
    assert re.search("أُعدّت هذه الترجمة|made from an earlier version", page("ar"))
    # Saved as it is, it is said to fit.
    translated(written, people["translator"], ARABIC)
    assert summaries.outdated(draft_of(written)) == []


def test_a_second_person_reviews_and_never_who_wrote_it(written: FeedbackWindow, people: People) -> None:
    translated(written, people["translator"], "x")
    translated(written, people["facilitator"], ARABIC)
    for name in ("translator", "facilitator"):
        with pytest.raises(Refused):
            reviewed(written, people[name])
    with pytest.raises(Refused):
        reviewed(written, people["moderator"])
    stale = summaries.stamp(draft_of(written), "ar")
    assert summaries.reviewed(reviewed(written, people["coordinator"])) == ["ar"]
    assert reviewed(written, people["coordinator"]).version == draft_of(written).version
    assert Entry.objects.filter(action="summary.reviewed").count() == 1
    translated(written, people["translator"], "y")
    assert summaries.reviewed(draft_of(written)) == []
    with pytest.raises(Conflict):
        reviewed(written, people["deputy"], seen=stale)
    translated(written, people["translator"], "")
    with pytest.raises(Conflict):
        reviewed(written, people["deputy"])
    assert draft_of(written).hands == {}


def test_a_review_alone_is_a_version_too(written: FeedbackWindow, people: People) -> None:
    translated(written, people["translator"], ARABIC)
    published(written, people["coordinator"])
    assert summaries.waiting(draft_of(written), summaries.published(written)[0]) == []
    reviewed(written, people["facilitator"])
    assert summaries.waiting(draft_of(written), summaries.published(written)[0]) == ["ar"]
    later = published(written, people["coordinator"])
    assert later.reviewed == ["ar"]
    with pytest.raises(Invalid):
        published(written, people["coordinator"])


def test_the_page_saves_gives_back_and_reviews(written: FeedbackWindow, people: People) -> None:
    translator, second = signed_in(people["translator"]), signed_in(people["facilitator"])
    fields = main_form(translator, at())
    other = main_form(second, at())
    assert translator.post(at(), fields | {"text": ARABIC}).status_code == 303
    refused = second.post(at(), other | {"text": "نص آخر"})
    assert refused.status_code == 409
    shown = refused.content.decode()
    assert "نص آخر" in shown
    assert ARABIC in shown
    assert 'name="review"' in second.get(at()).content.decode()
    assert 'name="review"' not in translator.get(at()).content.decode()
    changed = second.post(at(), main_form(second, at()) | {"text": "غيره", "review": "1"})
    assert "غيره" in changed.content.decode()
    assert summaries.reviewed(draft_of(written)) == []
    second.post(at(), main_form(second, at()) | {"review": "1"})
    assert summaries.reviewed(draft_of(written)) == ["ar"]


def test_what_was_typed_survives_a_sign_in_that_has_ended(written: FeedbackWindow, people: People) -> None:
    translator = signed_in(people["translator"])
    fields = main_form(translator, at()) | {"text": "نص " * 5_000}
    translator.cookies.pop("sessionid", None)
    translator.cookies.clear()
    gone = translator.post(at(), fields)
    assert gone.status_code == 302
    translator.force_login(people["translator"])
    note_sign_in(translator, people["translator"], second_factor=True)
    assert main_form(translator, at())["text"].strip() == ("نص " * 5_000).strip()


@pytest.mark.parametrize(
    "typed",
    ["\x00", "x" * 2_000_000, "[" * 20_000, "<script>alert(1)</script>", "\u202eabc", "[a](javascript:alert(1))"],
)
def test_hostile_translations_do_nothing_and_take_no_time(written: FeedbackWindow, people: People, typed: str) -> None:
    translator = signed_in(people["translator"])
    fields = main_form(translator, at())
    # Of this process, so that what else the machine does counts for nothing.
    begun = time.process_time()
    response = translator.post(at(), fields | {"text": typed})
    assert time.process_time() - begun < 1
    begun = time.process_time()
    shown = translator.get(at()).content.decode()
    assert time.process_time() - begun < 1
    assert response.status_code in (200, 302, 303, 400, 413)
    assert "<script>alert(1)" not in shown
    assert 'href="javascript:' not in shown
    assert len(draft_of(written).texts.get("ar", "")) <= 50_000


# --- at once ------------------------------------------------------------------------------------------------------


def _at_once(*acts: Callable[[], Any]) -> list[Any]:
    """What comes of each act, begun together; a refusal is what came of it."""
    found: list[Any] = [None] * len(acts)
    start = threading.Barrier(len(acts))

    def run(place: int, act: Callable[[], Any]) -> None:
        start.wait()
        try:
            found[place] = act()
        except (PortalError, IntegrityError) as refusal:
            found[place] = refusal
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def _meeting(patch: pytest.MonkeyPatch, where: Any, name: str) -> None:
    """Where both come between reading and writing, each waits for the other, unless a lock keeps it away."""
    both, done = Both(), getattr(where, name)

    def wait(*arguments: Any, **more: Any) -> Any:
        both.meet()
        return done(*arguments, **more)

    patch.setattr(where, name, wait)


def _without_lock(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(gates, "enter_exclusively", lambda _phase: SimpleNamespace(at=clock.app_now()))


def _publish_twice(window: FeedbackWindow, people: People) -> list[Any]:
    draft = draft_of(window)

    def act(name: str) -> Callable[[], Any]:
        return lambda: services.publish(
            window.pk, version=draft.version, number=1, changes={}, recount=False, actor=people[name]
        )

    return _at_once(act("coordinator"), act("deputy"))


def test_two_who_publish_at_once_publish_one(
    committed: None, written: FeedbackWindow, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    _meeting(monkeypatch, counting, "tally")
    found = _publish_twice(written, people)
    assert sorted(type(one).__name__ for one in found) == ["Conflict", "Summary"]
    assert Summary.objects.count() == 1


def test_without_the_lock_the_second_breaks(
    committed: None, written: FeedbackWindow, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    _meeting(monkeypatch, counting, "tally")
    _without_lock(monkeypatch)
    assert any(isinstance(one, IntegrityError) for one in _publish_twice(written, people))


def _publish_and_change(window: FeedbackWindow, people: People) -> list[Any]:
    """One publishes what they saw while another puts a translation into it."""
    draft = draft_of(window)
    return _at_once(
        lambda: services.publish(
            window.pk, version=draft.version, number=1, changes={}, recount=False, actor=people["coordinator"]
        ),
        lambda: services.translate(
            window.pk, "ar", ARABIC, seen=summaries.stamp(draft, "ar"), actor=people["translator"]
        ),
    )


def test_what_is_published_is_what_was_seen(committed: None, written: FeedbackWindow, people: People) -> None:
    made, _draft = _publish_and_change(written, people)
    if isinstance(made, Summary):
        assert "ar" not in made.texts
    else:
        assert isinstance(made, Conflict)
        assert not Summary.objects.exists()
    assert draft_of(written).texts["ar"] == ARABIC


def _translate_twice(window: FeedbackWindow, people: People) -> None:
    draft = draft_of(window)

    def act(name: str, code: str) -> Callable[[], Any]:
        seen = summaries.stamp(draft, code)
        return lambda: services.translate(window.pk, code, "…", seen=seen, actor=people[name])

    _at_once(act("translator", "ar"), act("facilitator", "de"))


def test_two_languages_at_once_are_both_kept(
    committed: None, written: FeedbackWindow, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    _meeting(monkeypatch, summaries, "source_digest")
    _translate_twice(written, people)
    assert draft_of(written).texts.keys() == {"en", "ar", "de"}


def test_without_the_lock_one_is_lost(
    committed: None, written: FeedbackWindow, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    _meeting(monkeypatch, summaries, "source_digest")
    _without_lock(monkeypatch)
    _translate_twice(written, people)
    assert draft_of(written).texts.keys() < {"en", "ar", "de"}


# --- before it is published ---------------------------------------------------------------------------------------


def test_no_word_of_a_draft_is_public_and_none_says_whose_it_is(written: FeedbackWindow, people: People) -> None:
    """Not to anybody, nor to who has no part in it; those who translate read it on their page."""
    published(written, people["coordinator"])
    kept(written, people["coordinator"], {"en": "knryone", "ar": "knrytwo"})
    translated(written, people["translator"], "knrythree")
    reviewed(written, people["facilitator"])
    task_force = "/en/tf/leadership-development/"
    places = [
        "/en/", task_force, f"{task_force}process/", f"{task_force}proposals/proposal/", address(), address("ar"),
        f"{address()}summary/", f"{address('ar')}summary/", f"{address()}items/", f"{address()}feed.atom",
        "/open-data/leadership-development/summaries.json", "/open-data/leadership-development/summaries.csv",
        at(), f"/en/admin/feedback/feedbackwindow/{written.pk}/summary/",
    ]  # fmt: skip
    for client in (Client(), signed_in(people["member"]), signed_in(people["moderator"])):
        for path in places:
            assert "knry" not in client.get(path).content.decode(), path
    assert "knrythree" in signed_in(people["translator"]).get(at()).content.decode()
    made = published(written, people["coordinator"], changes={"en": "Anew."})
    names = [people[name].name for name in ("translator", "facilitator")]
    for path in places[:-2]:
        body = Client().get(path).content.decode()
        assert not any(name in body for name in names), path
    assert made.reviewed == ["ar"]


ENGLISH = {"en": TEXTS["en"]}


# --- who is told ---------------------------------------------------------------------------------------------------


def told(kind: str) -> list[tuple[str, str]]:
    """(language that is to be translated into, mailbox) of the mails that wait."""
    found = OutboxMessage.objects.filter(kind=kind, state="queued").order_by("mailbox")
    return sorted((mail.context["about"][1], mail.mailbox) for mail in found)


@pytest.fixture
def arabic(people: People) -> list[str]:
    """The mailboxes of those who translate into Arabic, in this task force or in all."""
    for name, role in (("translator", Role.TRANSLATOR), ("facilitator", Role.FACILITATOR)):
        grant_role(people[name], role, at=OPENS, actor_id=None, language="ar")
    return sorted(people[name].email for name in ("translator", "facilitator"))


def test_translators_are_told_once_that_a_summary_waits(
    closed: FeedbackWindow, people: People, arabic: list[str]
) -> None:
    """Those of each language that it lacks, in their own language; whoever leads is not, nor when it is saved again."""
    assert arabic
    lead = people["coordinator"]
    kept(closed, lead, texts=ENGLISH)
    waits = told("summary-to-translate")
    assert [mailbox for code, mailbox in waits if code == "ar"] == arabic
    assert "en" not in {code for code, _mailbox in waits}
    assert lead.email not in {mailbox for _code, mailbox in waits}
    mail = OutboxMessage.objects.filter(kind="summary-to-translate", mailbox=arabic[0]).earliest("pk")
    assert mail.context["url"].endswith(f"/ar{address('en')[3:]}summary/translate/")
    assert mail.language == User.objects.get(email=arabic[0]).language
    assert mail.not_before > mail.created_at
    kept(closed, lead, texts={"en": "Other words: {total}."})
    assert told("summary-to-translate") == waits
    # Once it is translated nobody is told that has not been.
    translated(closed, people["translator"], ARABIC)
    assert "ar" not in {code for code, _mailbox in told("summary-to-translate")}


def test_translators_are_told_once_that_the_original_has_changed(
    closed: FeedbackWindow, people: People, arabic: list[str]
) -> None:
    lead = people["coordinator"]
    kept(closed, lead, texts=ENGLISH)
    translated(closed, people["translator"], ARABIC)
    assert not told("summary-outdated")

    def change(words: str) -> list[tuple[str, str]]:
        texts = {**draft_of(closed).texts, "en": words}
        kept(closed, lead, texts=texts)
        return [one for one in told("summary-outdated") if one[0] == "ar"]

    first = change("Others: {total}.")
    assert [mailbox for _code, mailbox in first] == arabic
    assert change("And others: {total}.") == first
    assert OutboxMessage.objects.filter(kind="summary-outdated", mailbox=arabic[0]).count() == 1
    # Brought up to date it is not told any more, and the next change is another.
    translated(closed, people["translator"], f"{ARABIC} .")
    assert "ar" not in {code for code, _mailbox in told("summary-outdated")}
    assert [mailbox for _code, mailbox in change("Once more: {total}.")] == arabic
    # Who translates no more is told nothing when it is about to go.
    mail = OutboxMessage.objects.filter(kind="summary-outdated", state="queued", mailbox=arabic[0]).latest("pk")
    fresh = kinds.get(mail.kind).freshened
    assert fresh
    assert fresh(mail.context, mail.mailbox, at=clock.app_now(), is_true=lambda mailing: True) == mail.context
    RoleGrant.objects.filter(user__email=arabic[0]).delete()
    assert fresh(mail.context, mail.mailbox, at=clock.app_now(), is_true=lambda mailing: True) is None


def test_a_translation_that_comes_later_waits_on_the_first_page_and_is_published_without_a_reason(
    written: FeedbackWindow, people: People
) -> None:
    published(written, people["coordinator"])
    staff, overview = signed_in(people["coordinator"]), "/en/admin/"
    way = f"/en/admin/feedback/feedbackwindow/{written.pk}/summary/publish/"
    assert way not in staff.get(overview).content.decode()
    translated(written, people["translator"], ARABIC)
    shown = staff.get(overview).content.decode()
    assert "1 translation of a summary waits." in shown
    assert way in shown
    assert way not in signed_in(people["moderator"]).get(overview).content.decode()
    asked = staff.get(way).content.decode()
    assert "Nothing but translations has changed" in asked
    assert "Publish the translations" in asked
    assert staff.post(way, {**main_form(staff, way), "confirmed": "yes"}).status_code == 302
    assert Summary.objects.get(number=2).texts["ar"] == ARABIC
    assert way not in staff.get(overview).content.decode()
    draft = draft_of(written)
    kept(written, people["coordinator"], {**draft.texts, "en": "Other words.", "ar": "غير ذلك"})
    assert way not in staff.get(overview).content.decode(), "this needs a reason, and who wrote it knows"
    assert "Publish the translations" not in staff.get(way).content.decode()
