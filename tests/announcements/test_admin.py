"""The composer: drafts by language, previews, the one act of publishing, and who sees none of it."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from taskforce.accounts.enums import Role
from taskforce.accounts.models import User
from taskforce.accounts.services import grant_role
from taskforce.announcements import services
from taskforce.announcements.models import Announcement
from taskforce.audit.models import Entry
from taskforce.notifications.models import Mailing, OutboxMessage
from taskforce.timeline import services as timeline
from taskforce.timeline.models import TaskForce
from tests.accounts.entering import prove, send_stale
from tests.announcements.test_services import AT, add, draft
from tests.clients import Client
from tests.portal.making import publish_tested

LIST = "/en/admin/announcements/announcement/"
ClientAs = Callable[[str], Client]


@pytest.fixture
def client_as(client: Client, people: dict[str, User]) -> ClientAs:
    """A client signed in as one of the cast."""

    def signed_in(name: str) -> Client:
        client.force_login(people[name])
        return client

    return signed_in


def text_of(response: Any) -> str:
    page: str = response.content.decode()
    return page


def edit_of(announcement: Announcement, language: str = "") -> str:
    query = f"?language={language}" if language else ""
    return f"{LIST}{announcement.pk}/change/{query}"


def fields(announcement: Announcement, language: str = "en", **changes: str) -> dict[str, str]:
    """What the form sends: the stored texts, changed."""
    title, body = services.own_texts(announcement, "en")
    given = {"source_title": title, "source_body": body, "seen": services.seen(announcement, ["en", language])}
    return {**given, **changes}


@pytest.mark.parametrize("name", ["coordinator", "deputy", "admin"])
def test_a_draft_is_written_in_english_first(client_as: ClientAs, tf: TaskForce, name: str) -> None:
    client = client_as(name)
    page = text_of(client.get(f"{LIST}add/"))
    assert page.count("<h1") == 1
    sent = {"task_force": tf.pk, "slug": "members", "title": "Chosen", "body": "They begin."}
    response = client.post(f"{LIST}add/", sent)
    made = Announcement.objects.get()
    assert response["Location"] == edit_of(made)
    assert services.own_texts(made, "en") == ("Chosen", "They begin.")
    assert "Chosen" in text_of(client.get(LIST))


def test_a_slug_that_is_taken_keeps_what_was_typed(client_as: ClientAs, tf: TaskForce) -> None:
    draft(tf)
    sent = {"task_force": tf.pk, "slug": "members", "title": "Chosen", "body": "Typed text"}
    response = client_as("coordinator").post(f"{LIST}add/", sent)
    assert response.status_code == 409
    assert "Typed text" in text_of(response)
    assert "already an announcement" in text_of(response)


def test_errors_stand_at_their_field(client_as: ClientAs, tf: TaskForce) -> None:
    sent = {"task_force": tf.pk, "slug": "a b", "title": "", "body": ""}
    response = client_as("coordinator").post(f"{LIST}add/", sent)
    assert response.status_code == 200
    assert set(response.context["form"].errors) == {"slug", "title", "body"}


def test_the_source_stands_beside_one_language(client_as: ClientAs, tf: TaskForce) -> None:
    made = draft(tf)
    client = client_as("coordinator")
    page = text_of(client.get(edit_of(made, "ar")))
    assert page.count("<textarea") == 2
    assert 'lang="ar" dir="rtl"' in page
    assert text_of(client.get(edit_of(made))).count("<textarea") == 1
    sent = fields(made, "ar", title="عنوان", body="نص")
    response = client.post(edit_of(made, "ar"), sent)
    assert response["Location"] == edit_of(made, "ar")
    made.refresh_from_db()
    assert services.own_texts(made, "ar") == ("عنوان", "نص")
    assert services.own_texts(made, "zh-hant")[0] == "成員名單公布"


def test_an_unknown_language_shows_the_source(client_as: ClientAs, tf: TaskForce) -> None:
    response = client_as("coordinator").get(edit_of(draft(tf), "tlh"))
    assert response.status_code == 200
    assert text_of(response).count("<textarea") == 1


def test_two_editors_of_one_text_see_both(client_as: ClientAs, tf: TaskForce) -> None:
    made = draft(tf)
    stale = fields(made, "de", source_title="My title", title="Titel", body="")
    services.edit_draft(made.pk, titles={"en": "Their title"}, bodies={}, at=AT, actor_id=None)
    client = client_as("coordinator")
    response = client.post(edit_of(made, "de"), stale)
    page = text_of(response)
    assert response.status_code == 409
    assert "Their title" in page
    assert "My title" in page
    made.refresh_from_db()
    assert services.own_texts(made, "en")[0] == "Their title"
    again = client.post(edit_of(made, "de"), {**stale, "seen": response.context["seen"]})
    assert again.status_code == 302
    made.refresh_from_db()
    assert services.own_texts(made, "en")[0] == "My title"


@pytest.mark.parametrize(("language", "title"), [("en", "The members are chosen"), ("zh-hant", "成員名單公布")])
def test_the_preview_shows_page_and_mail(client_as: ClientAs, tf: TaskForce, language: str, title: str) -> None:
    response = client_as("coordinator").get(f"{LIST}{draft(tf).pk}/preview/?language={language}")
    page = text_of(response)
    assert response.status_code == 200
    assert page.count("<h1") == 1
    assert page.count(title) >= 3
    assert "<strong>begin</strong>" in page
    assert ("Not translated yet" in page) is (language != "en")


def test_publishing_says_what_it_does_and_does_it_once(
    client_as: ClientAs, tf: TaskForce, people: dict[str, User]
) -> None:
    add(tf, people["applicant"])
    add(tf, people["member"], consented=False)
    timeline.follow(tf, mailbox="a@example.org", topics=["announcements"], language="en", at=AT)
    made = draft(tf)
    services.test(made.pk, language="en", actor=people["coordinator"], version=made.version)
    client = client_as("deputy")
    confirm = client.get(f"{LIST}{made.pk}/publish/")
    assert (confirm.context["members"].total, confirm.context["public_before"]) == (2, 0)
    assert confirm.context["followers"] == 1
    assert not Mailing.objects.exists()
    assert client.post(f"{LIST}{made.pk}/publish/", yes(confirm)).status_code == 302
    assert client.post(f"{LIST}{made.pk}/publish/", yes(confirm)).status_code == 409
    assert Mailing.objects.filter(kind="announcement").count() == 1


def yes(page: Any) -> dict[str, Any]:
    """What the page's form sends."""
    return {"confirmed": page.context["confirmed"], "count": page.context["followers"]}


def test_publishing_asks_anew_who_publishes_and_is_done_once(
    client_as: ClientAs, tf: TaskForce, people: dict[str, User]
) -> None:
    made = draft(tf)
    services.test(made.pk, language="en", actor=people["coordinator"], version=made.version)
    client, address = client_as("deputy"), f"{LIST}{made.pk}/publish/"
    place = send_stale(client, people["deputy"], address, yes(client.get(address)))
    assert not Mailing.objects.exists()
    assert prove(client, place).status_code == 302
    assert Mailing.objects.filter(kind="announcement").count() == 1


def test_whoever_wrote_it_is_told_who_publishes(client_as: ClientAs, tf: TaskForce, people: dict[str, User]) -> None:
    made = draft(tf, actor_id=people["coordinator"].pk)
    services.test(made.pk, language="en", actor=people["coordinator"], version=made.version)
    address = f"{LIST}{made.pk}/publish/"
    client = client_as("coordinator")
    own = client.get(address)
    assert "another coordinator, deputy or administrator" in text_of(own)
    assert "Publish and tell everybody" not in text_of(own)
    assert client.post(address, yes(own)).status_code == 403
    assert not Mailing.objects.exists()
    client = client_as("deputy")
    page = client.get(address)
    assert "You wrote this announcement" not in text_of(page)
    assert "Publish and tell everybody" in text_of(page)
    assert client.post(address, yes(page)).status_code == 302


def test_a_text_that_changed_meanwhile_is_not_published(
    client_as: ClientAs, tf: TaskForce, people: dict[str, User]
) -> None:
    made = draft(tf)
    services.test(made.pk, language="en", actor=people["coordinator"], version=made.version)
    client = client_as("deputy")
    address = f"{LIST}{made.pk}/publish/"
    stale = yes(client.get(address))
    services.edit_draft(made.pk, titles={"en": "Their title"}, bodies={}, at=AT, actor_id=people["coordinator"].pk)
    for sent in (stale, {}):
        response = client.post(address, sent)
        assert response.status_code == 409
        assert "This page is out of date." in text_of(response)
        assert "Their title" in text_of(response)
        assert "Publish and tell everybody" not in text_of(response), "this text is untested"
    assert not Mailing.objects.exists()


@pytest.mark.long
def test_a_test_is_sent_from_the_preview(client_as: ClientAs, tf: TaskForce, people: dict[str, User]) -> None:
    made = draft(tf)
    client = client_as("coordinator")
    address = f"{LIST}{made.pk}/preview/?language=zh-hant"
    page = text_of(client.get(address))
    assert "This text has not been tested yet." in page
    assert people["coordinator"].email in page
    assert "not been tested" in text_of(client.get(f"{LIST}{made.pk}/publish/"))
    sent = {"act": "test", "version": 1, "language": "zh-hant"}
    assert client.post(address, {**sent, "language": "tlh"}).status_code == 200
    assert client.post(address, {**sent, "version": 2}).status_code == 409
    assert not OutboxMessage.objects.exists()
    assert client.post(address, sent)["Location"] == address
    assert OutboxMessage.objects.get().mailbox == people["coordinator"].email
    assert "Tests of the text as it is now:" in text_of(client.get(address))
    assert "not been tested" not in text_of(client.get(f"{LIST}{made.pk}/publish/"))


def test_the_second_person_reads_who_has_tested_it(client_as: ClientAs, tf: TaskForce, people: dict[str, User]) -> None:
    """By name, mailbox, language and moment, and what became of the test; once the text is another one, nobody."""
    made = services.draft(tf, slug="m", titles={"en": "M"}, bodies={"en": "They."}, at=AT, actor_id=None)
    services.test(made.pk, language="zh-hant", actor=people["coordinator"], version=1)
    OutboxMessage.objects.update(state="failed")
    client = client_as("deputy")
    for name in ("preview", "publish"):
        page = text_of(client.get(f"{LIST}{made.pk}/{name}/"))
        shown = page[page.index("Tests of the text as it is now:") :]
        line = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", shown[shown.index("<li>") : shown.index("</li>")]))
        parts = line.strip().split(" · ")
        assert parts[:3] == ["Coordinator Demo", people["coordinator"].email, "繁體中文"]
        assert parts[3].endswith("UTC")
        assert parts[4] == "failed"
    services.edit_draft(made.pk, titles={"en": "New"}, bodies={}, at=AT, actor_id=people["coordinator"].pk)
    assert "Tests of the text as it is now:" not in text_of(client.get(f"{LIST}{made.pk}/preview/"))
    client = client_as("observer")
    assert people["coordinator"].email not in text_of(client.get(f"{LIST}{made.pk}/preview/"))


def test_what_is_published_leads_to_its_mailing(client_as: ClientAs, tf: TaskForce, people: dict[str, User]) -> None:
    made = draft(tf)
    client = client_as("coordinator")
    assert "The mailing in the outbox" not in text_of(client.get(f"{LIST}{made.pk}/preview/"))
    publish_tested(made, people["deputy"])
    mailing = Mailing.objects.get(kind="announcement")
    page = text_of(client.get(edit_of(made)))
    assert f'href="/en/admin/notifications/mailing/{mailing.pk}/change/"' in page
    assert "Send the test to me" not in page


def test_before_publishing_every_new_name_is_shown(client_as: ClientAs, tf: TaskForce, people: dict[str, User]) -> None:
    add(tf, people["applicant"], name="Ana <b>Applicant</b>")
    add(tf, people["reviewer1"], consented=False, name="Hidden Name")
    made = draft(tf)
    services.test(made.pk, language="en", actor=people["coordinator"], version=made.version)
    page = text_of(client_as("coordinator").get(f"{LIST}{made.pk}/publish/"))
    assert "Ana &lt;b&gt;Applicant&lt;/b&gt;" in page
    assert "Hidden Name" not in page
    assert "1 new member has not agreed to be named" in page
    assert page.index("These names become public") < page.index("Publish and tell everybody")


def test_a_name_that_is_public_already_is_no_news(client_as: ClientAs, tf: TaskForce, people: dict[str, User]) -> None:
    add(tf, people["applicant"], name="Ana Applicant")
    publish_tested(draft(tf), people["coordinator"])
    response = client_as("coordinator").get(f"{LIST}{draft(tf, slug='second').pk}/publish/")
    assert response.context["public_before"] == 1
    assert "No name becomes public by this." in text_of(response)
    assert "Ana Applicant" not in text_of(response)


def test_before_publishing_it_says_who_gets_which_language(
    client_as: ClientAs, tf: TaskForce, people: dict[str, User]
) -> None:
    for number, language in enumerate(["zh-hant", "zh-hant", "ar"]):
        mailbox = f"{number}@example.org"
        timeline.follow(tf, mailbox=mailbox, topics=["announcements"], language=language, at=AT)
    timeline.follow(tf, mailbox="d@example.org", topics=["deadlines"], language="de", at=AT)
    made = draft(tf, titles={"en": "Chosen", "zh-hant": "名單"}, bodies={"en": "Text", "zh-hant": "正文"})
    response = client_as("coordinator").get(f"{LIST}{made.pk}/publish/")
    readers = {one["code"]: one for one in response.context["readers"]}
    assert [readers[code]["followers"] for code in ("zh-hant", "ar", "de", "en")] == [2, 1, 0, 0]
    assert readers["zh-hant"]["complete"]
    assert readers["ar"]["instead"] == '<bdi lang="en">English</bdi>'
    assert readers["zh-hans"]["instead"] == '<bdi lang="zh-Hant">繁體中文</bdi>'
    assert len(response.context["missing"]) == 10
    assert "Title or text is missing in:" in text_of(response)
    assert "Nobody follows" not in text_of(response)


def test_without_any_text_there_is_nothing_to_press(client_as: ClientAs, tf: TaskForce) -> None:
    page = text_of(client_as("coordinator").get(f"{LIST}{draft(tf, bodies={}).pk}/publish/"))
    assert "this cannot be published" in page
    assert "Nobody follows the announcements" in page
    assert "Publish and tell everybody" not in page


def test_going_to_another_language_saves_first(client_as: ClientAs, tf: TaskForce) -> None:
    made = draft(tf)
    client = client_as("coordinator")
    page = text_of(client.get(edit_of(made, "ar")))
    assert 'href="?language=' not in page
    assert page.count('name="go" value="de"') == 1
    # Enter in a line of text presses the form's first button: it must be the plain one.
    form = page[page.index("data-main") :]
    assert form.index("Save the draft") < form.index('name="go"')
    sent = {**fields(made, "ar", title="عنوان", body="نص"), "go": "de"}
    response = client.post(edit_of(made, "ar"), sent)
    assert response["Location"] == edit_of(made, "de")
    made.refresh_from_db()
    assert services.own_texts(made, "ar") == ("عنوان", "نص")
    response = client.post(edit_of(made, "ar"), {**sent, "seen": services.seen(made, ["en", "ar"]), "go": "preview"})
    assert response["Location"] == f"{LIST}{made.pk}/preview/?language=ar"
    response = client.post(edit_of(made, "ar"), {**sent, "seen": services.seen(made, ["en", "ar"]), "go": "tlh"})
    assert response["Location"] == edit_of(made, "ar")


def test_going_on_to_publishing_saves_first(client_as: ClientAs, tf: TaskForce) -> None:
    made = draft(tf)
    client = client_as("coordinator")
    page = text_of(client.get(edit_of(made, "ar")))
    assert "/publish/" not in page, "a link that would lose what was typed"
    form = page[page.index("data-main") :]
    assert form.index('value="publish"') < form.rindex("Save the draft")
    sent = fields(made, "ar", title="عنوان", body="نص", go="publish")
    assert client.post(edit_of(made, "ar"), sent)["Location"] == f"{LIST}{made.pk}/publish/"
    made.refresh_from_db()
    assert services.own_texts(made, "ar") == ("عنوان", "نص")
    refused = client.post(edit_of(made, "ar"), {**sent, "title": "Typed", "source_title": ""})
    assert refused.status_code == 200
    assert "Typed" in text_of(refused)


def test_going_on_without_a_change_writes_nothing(client_as: ClientAs, tf: TaskForce) -> None:
    made = draft(tf, bodies={"en": "One\n\nTwo"})
    client = client_as("coordinator")
    sent = fields(made, "ar", title="", body="", source_body="One\r\n\r\nTwo\r\n", go="de")
    assert client.post(edit_of(made, "ar"), sent)["Location"] == edit_of(made, "de")
    assert not Entry.objects.filter(action="announcement.edited").exists()


def test_going_on_loses_nothing_when_the_form_is_refused(client_as: ClientAs, tf: TaskForce) -> None:
    made = draft(tf)
    sent = fields(made, "ar", title="عنوان", body="نص", source_title="", go="de")
    response = client_as("coordinator").post(edit_of(made, "ar"), sent)
    assert response.status_code == 200
    assert "عنوان" in text_of(response)
    assert set(response.context["form"].errors) == {"source_title"}


def test_the_only_task_force_is_chosen_already(client_as: ClientAs, tf: TaskForce, people: dict[str, User]) -> None:
    client = client_as("coordinator")
    assert f'<option value="{tf.pk}" selected>' in text_of(client.get(f"{LIST}add/"))
    other = timeline.create_task_force("other", {"en": "Other"}, at=AT)
    grant_role(people["coordinator"], Role.COORDINATOR, at=AT, actor_id=None, task_force_id=other.pk)
    page = text_of(client.get(f"{LIST}add/"))
    assert '<option value="" selected>' in page
    assert "cannot be changed once the draft is saved" in page


def test_what_is_published_is_no_preview(client_as: ClientAs, tf: TaskForce, people: dict[str, User]) -> None:
    made = draft(tf)
    client = client_as("coordinator")
    assert "<h1>Preview</h1>" in text_of(client.get(f"{LIST}{made.pk}/preview/"))
    publish_tested(made, people["coordinator"])
    assert "<h1>As published</h1>" in text_of(client.get(edit_of(made)))


def test_what_is_published_is_only_read(client_as: ClientAs, tf: TaskForce, people: dict[str, User]) -> None:
    made = publish_tested(draft(tf), people["coordinator"])
    client = client_as("coordinator")
    page = text_of(client.get(edit_of(made)))
    assert "<textarea" not in page
    assert "Read it on the portal" in page
    assert client.post(edit_of(made), fields(made, source_title="Other")).status_code == 403
    assert client.get(f"{LIST}{made.pk}/publish/").status_code == 403
    made.refresh_from_db()
    assert services.own_texts(made, "en")[0] == "The members are chosen"


def test_an_observer_reads_drafts_and_changes_nothing(client_as: ClientAs, tf: TaskForce) -> None:
    made = draft(tf)
    client = client_as("observer")
    assert "<textarea" not in text_of(client.get(edit_of(made)))
    assert client.get(f"{LIST}{made.pk}/preview/").status_code == 200
    assert client.post(edit_of(made), fields(made, source_title="Other")).status_code == 403
    sent = {"act": "test", "version": 1, "language": "en"}
    assert client.post(f"{LIST}{made.pk}/preview/", sent).status_code == 403
    for address in (f"{LIST}{made.pk}/publish/", f"{LIST}add/"):
        assert client.get(address).status_code == 403
        assert client.post(address, {}).status_code == 403
    made.refresh_from_db()
    assert made.state == "draft"


@pytest.mark.long
def test_other_roles_find_nothing(client_as: ClientAs, tf: TaskForce) -> None:
    made, found = draft(tf), {}
    # What they type themselves is given back to them.
    sent = {name: str(value).replace("The members are chosen", "Mine") for name, value in fields(made).items()}
    addresses = (LIST, f"{LIST}add/", edit_of(made), f"{LIST}{made.pk}/preview/", f"{LIST}{made.pk}/publish/")
    for name in ("reviewer1", "moderator", "privacy", "translator", "facilitator", "member"):
        client = client_as(name)
        for address in addresses:
            for response in (client.get(address), client.post(address, sent)):
                if response.status_code not in (302, 403, 404) or "The members are chosen" in text_of(response):
                    found[name, response.request["REQUEST_METHOD"], address] = response.status_code
        made.refresh_from_db()
        assert made.state == "draft", name
    assert found == {}


def test_another_task_forces_drafts_are_not_there(client_as: ClientAs, people: dict[str, User]) -> None:
    other = timeline.create_task_force("other", {"en": "Foreign"}, at=AT)
    made = draft(other, titles={"en": "Foreign draft"})
    client = client_as("coordinator")
    assert "Foreign draft" not in text_of(client.get(LIST))
    for address in (edit_of(made), f"{LIST}{made.pk}/preview/", f"{LIST}{made.pk}/publish/"):
        assert client.get(address).status_code == 404
        assert client.post(address, fields(made)).status_code == 404
    sent = {"task_force": other.pk, "slug": "x", "title": "X", "body": "Y"}
    response = client.post(f"{LIST}add/", sent)
    assert response.status_code == 200
    assert list(response.context["form"].errors) == ["task_force"]
    assert Announcement.objects.count() == 1


def test_an_announcement_that_is_not_there_is_not_found(client_as: ClientAs) -> None:
    client = client_as("coordinator")
    numbers = ("0", "99999999999999999999999", "x", "²")
    found = {number: client.get(f"{LIST}{number}/change/").status_code for number in numbers}
    assert found == dict.fromkeys(numbers, 404)
