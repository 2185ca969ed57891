"""The summary of a window: written, published with what was counted, changed openly, expected and reminded of."""

import re
import time
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from feedback import counting, summaries
from feedback.models import FeedbackWindow, Summary
from feedback.services import summaries as services
from taskforce.accounts.models import User
from taskforce.audit.models import Entry
from taskforce.core.errors import Conflict, Invalid, PortalError, Refused
from taskforce.notifications import kinds
from taskforce.notifications.models import Mailing, OutboxMessage
from taskforce.timeline import services as timeline
from tests.clients import Client, note_sign_in
from tests.conftest import Clock
from tests.feedback.conftest import CLOSES, HARD_CLOSES
from tests.feedback.pages import main_form
from tests.feedback.test_summing_up import page, said

TEXTS = {"en": "Of {total} texts {language:en} were in English. **Most** agree.", "ar": "من {total} نصًا."}
EDIT = "/en/admin/feedback/feedbackwindow/{}/summary/"


def written(texts: dict[str, str] | None = None, **changes: Any) -> services.Written:
    return services.Written(**{"texts": texts or TEXTS, "source": "en", "fitting": (), "days": 14, **changes})


def kept(window: FeedbackWindow, actor: User, texts: dict[str, str] | None = None, **changes: Any) -> Any:
    draft = summaries.draft_of(window)
    return services.save(window.pk, written(texts, **changes), seen=draft.version if draft else 0, actor=actor)


def published(window: FeedbackWindow, actor: User, **changes: Any) -> Summary:
    draft, number = summaries.draft_of(window), len(summaries.published(window)) + 1
    given = {"version": draft.version if draft else 0, "number": number, "changes": {}, "recount": False, **changes}
    return services.publish(window.pk, actor=actor, **given)


@pytest.fixture
def closed(window: FeedbackWindow, clock: Clock) -> FeedbackWindow:
    """A window that has closed, with twelve texts in English and eight in Arabic."""
    said(window, 12)
    said(window, 8, language="ar", day=3)
    clock.set(HARD_CLOSES)
    return window


def test_the_numbers_are_those_of_the_publication(
    closed: FeedbackWindow, people: dict[str, User], clock: Clock
) -> None:
    kept(closed, people["coordinator"])
    assert "There is no summary yet" in page()
    assert "15 March 2022" in page()
    published(closed, people["coordinator"])
    said(closed, 30, language="fr")
    shown = page()
    assert "Of 20 texts 12 were in English. <strong>Most</strong> agree." in shown
    assert "20 texts that everybody may read" in shown
    assert "French" not in shown
    assert shown.index("By language") < shown.index("By where it was said")
    assert "Counted:" in shown
    assert "من 20 نصًا." in page("ar")
    other = page("ja")
    assert 'class="pt-text" lang="en" dir="ltr"' in other
    assert "Of 20 texts" in other


def test_a_summary_is_told_once_in_the_readers_language(closed: FeedbackWindow, people: dict[str, User]) -> None:
    kept(closed, people["coordinator"])
    made = published(closed, people["coordinator"])
    assert Entry.objects.get(action="summary.published").actor_id == people["coordinator"].pk
    kept(closed, people["deputy"], {"en": "Other words."})
    published(closed, people["deputy"], changes={"en": "A word was wrong."})
    mailing = Mailing.objects.get(kind="summary-published")
    context = kinds.get(mailing.kind).context
    assert context
    assert context(mailing.params, "zh-hant")["url"].endswith("/feedback/responsibilities/summary/")
    assert made.number == 1


def test_no_later_version_without_saying_what_changed(closed: FeedbackWindow, people: dict[str, User]) -> None:
    actor = people["coordinator"]
    kept(closed, actor)
    published(closed, actor)
    said(closed, 10, language="fr")
    with pytest.raises(Invalid):
        published(closed, actor, changes={"en": "Nothing."})
    kept(closed, actor, {"en": "Of {total} texts some say otherwise."})
    with pytest.raises(Invalid):
        published(closed, actor, changes={"en": " \u200b"})
    later = published(closed, actor, changes={"en": "It left out those who disagree.", "ar": "سقط رأي."})
    assert counting.from_json(later.tally).total == 20
    shown = page()
    assert "What has changed since" in shown
    assert "It left out those who disagree." in shown
    assert "سقط رأي." in page("ar")
    recounted = published(closed, actor, changes={"en": "Counted anew."}, recount=True)
    assert counting.from_json(recounted.tally).total == 30
    assert "Of 30 texts" in page()
    with pytest.raises(DatabaseError), transaction.atomic():
        Summary.objects.filter(pk=later.pk).update(texts={})
    row = {name: getattr(later, name) for name in ("window", "source", "texts", "tally", "counted_at", "at")}
    with pytest.raises(DatabaseError), transaction.atomic():
        Summary.objects.create(number=4, **row)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"version": 7}, Conflict),
        ({"number": 2}, Conflict),
    ],
)
def test_what_somebody_else_changed_is_not_published(
    closed: FeedbackWindow, people: dict[str, User], changes: dict[str, Any], refusal: type[PortalError]
) -> None:
    kept(closed, people["coordinator"])
    with pytest.raises(refusal):
        published(closed, people["coordinator"], **changes)
    assert not Summary.objects.exists()


def test_a_number_that_is_not_told_is_not_published(closed: FeedbackWindow, people: dict[str, User]) -> None:
    said(closed, 2, language="fr")
    kept(closed, people["coordinator"], {"en": "{language:fr} in French, {channel:smoke} by smoke"})
    with pytest.raises(Invalid, match=re.escape("{language:fr} · {channel:smoke}")):
        published(closed, people["coordinator"])


def test_not_before_the_close_and_not_by_others(window: FeedbackWindow, people: dict[str, User], clock: Clock) -> None:
    for name in ("moderator", "observer", "member"):
        with pytest.raises(Refused):
            kept(window, people[name])
    kept(window, people["coordinator"])
    clock.set(CLOSES + timedelta(seconds=30))
    with pytest.raises(Refused):
        published(window, people["coordinator"])


@pytest.mark.parametrize(
    "changes",
    [
        {"texts": {"en": "x" * 50_001}},
        {"texts": {"nl": "Tekst"}},
        {"texts": {"ar": "نص"}},
        {"source": "nl"},
        {"days": 0},
        {"days": 10**9},
    ],
)
def test_what_cannot_be_kept(window: FeedbackWindow, people: dict[str, User], changes: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        services.save(window.pk, written(**changes), seen=0, actor=people["coordinator"])


def test_translations_remember_what_they_were_made_from(closed: FeedbackWindow, people: dict[str, User]) -> None:
    actor = people["coordinator"]
    kept(closed, actor)
    draft = kept(closed, actor, {**TEXTS, "en": "Otherwise: {total}."})
    assert summaries.outdated(draft) == ["ar"]
    published(closed, actor)
    assert "made from an earlier version" not in page()
    assert re.search("أُعدّت هذه الترجمة|made from an earlier version", page("ar"))
    assert summaries.outdated(kept(closed, actor, {**TEXTS, "en": "Otherwise: {total}."}, fitting=["ar"])) == []
    with pytest.raises(Conflict):
        services.save(closed.pk, written(), seen=1, actor=actor)


def test_staff_are_reminded_once_for_each_end(closed: FeedbackWindow, people: dict[str, User], clock: Clock) -> None:
    leading = {people[name].email for name in ("coordinator", "deputy")}
    other = people["moderator"].email
    User.objects.filter(pk=people["deputy"].pk).update(language="zh-hant")
    spoken = dict(User.objects.values_list("email", "language"))

    def reminded(days: float) -> int:
        clock.set(CLOSES + timedelta(days=days))
        return services.remind(CLOSES + timedelta(days=days))

    assert reminded(13.9) == 0
    assert reminded(14) == 1
    assert reminded(15) == 0
    mails = OutboxMessage.objects.filter(kind="summary-due")
    assert {one.mailbox for one in mails} == leading
    assert {one.mailbox: one.language for one in mails} == {mailbox: spoken[mailbox] for mailbox in leading}
    chinese = next(one for one in mails if one.language == "zh-hant")
    assert chinese.context["window"]["text"] == "專案組的職責"
    assert "/zh-hant/admin/" in chinese.context["url"]
    assert other not in leading
    assert [one.pk for one in summaries.due_for(people["coordinator"], CLOSES + timedelta(days=15))] == [closed.pk]
    assert not summaries.due_for(people["moderator"], CLOSES + timedelta(days=15))
    kept(closed, people["coordinator"])
    published(closed, people["coordinator"])
    assert not summaries.due_for(people["coordinator"], CLOSES + timedelta(days=15))


def test_an_extension_moves_what_is_expected(window: FeedbackWindow, people: dict[str, User], clock: Clock) -> None:
    clock.set(CLOSES - timedelta(days=2))
    last = window.phase.closes_on + timedelta(days=7)
    timeline.extend(window.phase_id, closes_on=last, reason="Why", actor=people["coordinator"])
    assert "22 March 2022" in page()
    assert services.remind(CLOSES + timedelta(days=15)) == 0
    clock.set(CLOSES + timedelta(days=21))
    assert services.remind(CLOSES + timedelta(days=21)) == 1


def test_nobody_is_reminded_once_it_is_published(closed: FeedbackWindow, people: dict[str, User], clock: Clock) -> None:
    kept(closed, people["coordinator"])
    published(closed, people["coordinator"])
    for days in (14, 15, 400):
        clock.set(CLOSES + timedelta(days=days))
        assert services.remind(CLOSES + timedelta(days=days)) == 0
    assert not OutboxMessage.objects.filter(kind="summary-due").exists()


def test_the_staff_pages_write_and_publish(closed: FeedbackWindow, client: Client, people: dict[str, User]) -> None:
    url = EDIT.format(closed.pk)
    client.force_login(people["coordinator"])
    note_sign_in(client, people["coordinator"], second_factor=True)
    assert client.get(url).status_code == 200
    sent = {"source": "en", "days": "10", "seen": "0", "text-en": "Of {total}", "text-ar": "{total}"}
    assert client.post(url, sent).status_code == 302
    again = client.post(url, sent | {"text-en": "Mine"})
    assert again.status_code == 409
    assert "Of {total}" in again.content.decode()
    assert "Mine" in again.content.decode()
    assert client.post(url, sent | {"seen": "1", "text-en": ""}).status_code == 400
    shown = client.get(f"{url}publish/").content.decode()
    assert "Of 20" in shown
    publish = {"version": "1", "number": "1"}
    assert "Tick this box" in client.post(f"{url}publish/", publish).content.decode()
    done = client.post(f"{url}publish/", publish | {"confirmed": "yes"}, follow=True)
    assert done.redirect_chain == [(url, 302)]
    assert "The summary is published." in done.content.decode(), "where messages are shown"
    assert "Of 20" in page()
    assert client.post(f"{url}publish/", publish | {"confirmed": "yes"}).status_code == 409


@pytest.mark.parametrize(("page_of", "name"), [("", "text-ar"), ("publish/", "change-ar")])
def test_what_staff_typed_survives_a_sign_in_that_has_ended(
    closed: FeedbackWindow, client: Client, people: dict[str, User], page_of: str, name: str
) -> None:
    lead, url = people["coordinator"], f"{EDIT.format(closed.pk)}{page_of}"
    kept(closed, lead)
    published(closed, lead)
    client.force_login(lead)
    note_sign_in(client, lead, second_factor=True)
    fields = main_form(client, url) | {name: "نص طويل"}
    client.cookies.clear()
    gone = client.post(url, fields)
    assert gone.status_code == 302
    assert "login" in gone["Location"]
    client.force_login(lead)
    note_sign_in(client, lead, second_factor=True)
    assert main_form(client, url)[name] == "نص طويل"


def test_the_staff_side_says_what_is_published_and_whether_the_draft_says_the_same(
    closed: FeedbackWindow, client: Client, people: dict[str, User]
) -> None:
    lead, url = people["coordinator"], EDIT.format(closed.pk)
    around = ("/en/admin/feedback/feedbackwindow/", f"/en/admin/feedback/feedbackwindow/{closed.pk}/change/")
    client.force_login(lead)
    kept(closed, lead)
    assert "Until it is published" in client.get(url).content.decode()
    for path in around:
        assert "Not published" in client.get(path).content.decode()
    published(closed, lead)
    shown = client.get(url).content.decode()
    assert "Version 1 is published since" in shown
    assert "The draft says the same." in shown
    assert "Until it is published" not in shown
    for path in around:
        assert "Not published" not in client.get(path).content.decode()
        assert "Published: 1 March 2022" in client.get(path).content.decode()
    kept(closed, lead, {"en": "Otherwise."})
    assert "The draft says something else" in client.get(url).content.decode()


@pytest.mark.parametrize(
    "typed",
    ["\x00", "x" * 2_000_000, "[" * 20_000, "<script>alert(1)</script>", "\u202eabc", "[a](javascript:alert(1))"],
)
def test_hostile_texts_do_nothing_and_take_no_time(
    closed: FeedbackWindow, client: Client, people: dict[str, User], typed: str
) -> None:
    lead, url = people["coordinator"], EDIT.format(closed.pk)
    client.force_login(lead)
    note_sign_in(client, lead, second_factor=True)
    sent = main_form(client, url) | {"text-en": typed, "source": "en"}
    begun = time.process_time()
    response = client.post(url, sent)
    assert time.process_time() - begun < 1
    assert response.status_code in (200, 302, 400, 413)
    if response.status_code != 302:
        assert summaries.draft_of(closed) is None
        return
    published(closed, lead)
    for language in ("en", "ar"):
        begun = time.process_time()
        shown = page(language)
        assert time.process_time() - begun < 1
        assert "<script>alert(1)" not in shown
        assert 'href="javascript:' not in shown


def test_a_published_summary_costs_the_same_at_two_sizes(closed: FeedbackWindow, people: dict[str, User]) -> None:
    kept(closed, people["coordinator"])
    published(closed, people["coordinator"])
    found = []
    for number in range(2):
        with CaptureQueriesContext(connection) as asked:
            page()
        found.append(len(asked))
        for step in range(3):
            kept(closed, people["coordinator"], {"en": f"Text {number} {step}"})
            published(closed, people["coordinator"], changes={"en": "Changed."})
    assert found[0] == found[1] <= 7


def test_a_mistyped_place_is_marked_and_never_published(closed: FeedbackWindow, people: dict[str, User]) -> None:
    lead = people["coordinator"]
    for place in ("{bogus}", "{totl}", "{language:xx}", "{ }"):
        kept(closed, lead, {"en": f"Of {{ total }} texts {place} were in English."})
        client = Client()
        client.force_login(lead)
        note_sign_in(client, lead, second_factor=True)
        preview = client.get(f"{EDIT.format(closed.pk)}publish/").content.decode()
        assert f"Of 20 texts <strong>⚠ {place}</strong> were" in preview
        with pytest.raises(Invalid) as refused:
            published(closed, lead)
        assert place in refused.value.message
        assert "{total} · " in refused.value.message
        assert "{language:en}" in refused.value.message
    assert not Summary.objects.exists()


def test_headings_are_headings_below_that_of_the_page(closed: FeedbackWindow, people: dict[str, User]) -> None:
    text = "# What we heard\n\nMuch.\n\n## Trust\n\n#### Of whom\n\nLined\n=====\n\n{total} texts."
    kept(closed, people["coordinator"], {"en": text})
    published(closed, people["coordinator"])
    shown = page()
    for heading in ("<h2>What we heard</h2>", "<h2>Trust</h2>", "<h3>Of whom</h3>", "<h2>Lined</h2>"):
        assert heading in shown
    assert shown.count("<h1") == 1
