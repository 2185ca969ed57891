"""What was published wrongly: a correction that is linked from both sides and does not say the same again."""

from collections.abc import Callable
from typing import Any

import pytest

from taskforce.accounts.models import User
from taskforce.announcements import services
from taskforce.announcements.models import Announcement
from taskforce.audit.models import Entry
from taskforce.core.errors import Conflict, Invalid, Refused
from taskforce.notifications import expansion, queries
from taskforce.notifications.models import Mailing, OutboxMessage
from taskforce.timeline import services as timeline
from taskforce.timeline.models import TaskForce
from tests.announcements.test_services import AT, add, draft
from tests.announcements.test_services import day as day
from tests.clients import Client
from tests.portal.making import publish_tested

LIST = "/en/admin/announcements/announcement/"
NEWS = "/en/tf/leadership-development/news/"
People = dict[str, User]
ClientAs = Callable[[str], Client]


@pytest.fixture
def client_as(client: Client, people: People) -> ClientAs:
    """A client signed in as one of the cast."""

    def signed_in(name: str) -> Client:
        client.force_login(people[name])
        return client

    return signed_in


@pytest.fixture
def wrong(tf: TaskForce, people: People) -> Announcement:
    """Published in English and Chinese (its title), and mailed."""
    timeline.follow(tf, mailbox="a@example.org", topics=["announcements"], language="en", at=AT)
    made = publish_tested(draft(tf), people["deputy"])
    expansion.expand_due()
    OutboxMessage.objects.filter(mailing__isnull=False).update(state="sent")
    return made


def put_right(correction: Announcement, actor: User) -> None:
    services.edit_draft(
        correction.pk,
        titles={"en": "The members, put right", "zh-hant": "更正：成員名單"},
        bodies={},
        at=AT,
        actor_id=actor.pk,
    )
    correction.refresh_from_db()


def press(client: Client, announcement: Announcement, act: str, version: int = 1) -> Any:
    return client.post(f"{LIST}{announcement.pk}/preview/", {"act": act, "version": version})


def test_a_correction_goes_to_the_same_readers_in_answer_to_the_first(
    tf: TaskForce, people: People, wrong: Announcement
) -> None:
    correction = services.correct(wrong.pk, actor=people["coordinator"])
    assert (correction.corrects, correction.slug, correction.state) == (wrong, "members-correction", "draft")
    put_right(correction, people["coordinator"])
    publish_tested(correction, people["deputy"])
    expansion.expand_due()
    first, second = Mailing.objects.filter(kind="announcement").order_by("pk")
    assert second.corrects == first
    earlier, mail = OutboxMessage.objects.filter(mailing__isnull=False).order_by("pk").select_related("mailing")
    assert queries.earlier_message_id(mail) == earlier.message_id
    assert mail.context["corrects"]["title"]["text"] == "The members are chosen"
    again = services.correct(wrong.pk, actor=people["coordinator"])
    assert again.slug == "members-correction-2"
    assert services.correct(correction.pk, actor=people["coordinator"]).slug == "members-correction-3"


def test_what_says_the_same_is_not_published(people: People, wrong: Announcement) -> None:
    correction = services.correct(wrong.pk, actor=people["coordinator"])
    with pytest.raises(Invalid, match="English · 繁體中文"):
        publish_tested(correction, people["deputy"])
    services.edit_draft(correction.pk, titles={"en": "New"}, bodies={}, at=AT, actor_id=people["coordinator"].pk)
    correction.refresh_from_db()
    with pytest.raises(Invalid, match="in: 繁體中文"):
        publish_tested(correction, people["deputy"])
    assert Mailing.objects.filter(kind="announcement").count() == 1
    with pytest.raises(Conflict):
        services.leave_out(correction.pk, actor=people["coordinator"], version=1)
    left = services.leave_out(correction.pk, actor=people["coordinator"], version=2)
    assert services.own_texts(left, "zh-hant") == ("", "")
    assert publish_tested(left, people["deputy"]).state == "published"


def test_one_correction_is_written_at_a_time(people: People, wrong: Announcement) -> None:
    services.correct(wrong.pk, actor=people["coordinator"])
    with pytest.raises(Conflict, match="being written already"):
        services.correct(wrong.pk, actor=people["deputy"])


def test_a_draft_is_changed_and_not_corrected(tf: TaskForce, people: People) -> None:
    with pytest.raises(Refused, match="changed, not corrected"):
        services.correct(draft(tf).pk, actor=people["coordinator"])


def test_others_correct_nothing(people: People, wrong: Announcement) -> None:
    for name in ("observer", "reviewer1", "member"):
        with pytest.raises(Refused):
            services.correct(wrong.pk, actor=people[name])
        assert Announcement.objects.count() == 1, name


def test_after_the_end_a_correction_is_still_published(tf: TaskForce, people: People) -> None:
    """It brings no member, so it changes no state."""
    add(tf, people["applicant"])
    made = publish_tested(draft(tf), people["deputy"])
    timeline.change_state(tf.pk, "end", at=AT, actor_id=1)
    correction = services.correct(made.pk, actor=people["coordinator"])
    put_right(correction, people["coordinator"])
    assert publish_tested(correction, people["deputy"]).members_count == 1
    assert TaskForce.objects.get(pk=tf.pk).state == "ended"


@pytest.mark.long
def test_the_staff_side_leads_there_and_back(client_as: ClientAs, people: People, wrong: Announcement) -> None:
    client = client_as("observer")
    assert 'value="correct"' not in client.get(f"{LIST}{wrong.pk}/change/").content.decode()
    assert press(client, wrong, "correct").status_code == 403
    client = client_as("coordinator")
    assert 'value="correct"' in client.get(f"{LIST}{wrong.pk}/change/").content.decode()
    response = press(client, wrong, "correct")
    correction = Announcement.objects.get(corrects=wrong)
    assert response["Location"] == f"{LIST}{correction.pk}/change/?language=en"
    assert press(client, wrong, "correct").status_code == 409
    page = client.get(f"{LIST}{wrong.pk}/change/").content.decode()
    assert 'value="correct"' not in page
    assert f"{LIST}{correction.pk}/change/" in page
    preview = client.get(f"{LIST}{correction.pk}/preview/").content.decode()
    assert f"{LIST}{wrong.pk}/change/" in preview
    edit = client.get(f"{LIST}{correction.pk}/change/?language=zh-hant").content.decode()
    assert edit.count("What it corrects") == 2
    assert edit.count("copied, not changed yet") == 4
    publish = client_as("deputy").get(f"{LIST}{correction.pk}/publish/")
    assert [one["code"] for one in publish.context["copied"]] == ["en", "zh-hant"]
    assert press(client, correction, "leave-out").status_code == 302
    correction.refresh_from_db()
    assert services.own_texts(correction, "zh-hant") == ("", "")


@pytest.mark.long
def test_readers_find_the_correction_and_what_it_corrects(client: Client, people: People, wrong: Announcement) -> None:
    correction = services.correct(wrong.pk, actor=people["coordinator"])
    put_right(correction, people["coordinator"])
    assert "was corrected" not in client.get(f"{NEWS}members/").content.decode(), "a draft is not there for the public"
    publish_tested(correction, people["deputy"])
    assert f"{NEWS}members-correction/" in client.get(f"{NEWS}members/").content.decode()
    assert f"{NEWS}members/" in client.get(f"{NEWS}members-correction/").content.decode()


def test_the_page_keeps_the_mail_that_was_sent(client_as: ClientAs, tf: TaskForce, wrong: Announcement) -> None:
    TaskForce.objects.filter(pk=tf.pk).update(name_en="A later name")
    client = client_as("coordinator")
    shown = client.get(f"{LIST}{wrong.pk}/preview/")
    assert "A later name" not in shown.context["mail"].subject
    other = client.get(f"{LIST}{wrong.pk}/preview/?language=de")
    assert "A later name" in other.context["mail"].subject
    assert "so it would read now" in other.content.decode()


def test_what_no_button_sends_does_nothing(client_as: ClientAs, tf: TaskForce) -> None:
    made, client = draft(tf), client_as("coordinator")
    sent: list[dict[str, Any]] = [{"act": "drop", "version": 1}, {"act": "x"}, {"act": "test", "version": "x"}, {}]
    for values in sent:
        assert client.post(f"{LIST}{made.pk}/preview/", values).status_code == 409, values
        made.refresh_from_db()
        assert (made.state, made.version, made.tested_version) == ("draft", 1, None), values


@pytest.mark.long
@pytest.mark.parametrize(("to", "told"), [("readers", {"a"}), ("everybody", {"a", "late"}), (None, {"a"})])
def test_the_second_person_chooses_who_hears_of_it(
    client_as: ClientAs, tf: TaskForce, people: People, wrong: Announcement, to: str | None, told: set[str]
) -> None:
    """Who came since is told of it only if they want that; both numbers stand on the page."""
    timeline.follow(tf, mailbox="late@example.org", topics=["announcements"], language="en", at=AT)
    correction = services.correct(wrong.pk, actor=people["coordinator"])
    put_right(correction, people["coordinator"])
    services.test(correction.pk, language="en", actor=people["coordinator"], version=correction.version)
    client, address = client_as("deputy"), f"{LIST}{correction.pk}/publish/"
    shown = client.get(address)
    page = shown.content.decode()
    assert "Those who got what it corrects, or may have got it: 1" in page
    assert "All who follow now, also those who never got it: 2" in page
    assert (shown.context["meant"], shown.context["followers"]) == (1, 2)
    assert [(one["followers"], one["all"]) for one in shown.context["readers"] if one["code"] == "en"] == [(1, 2)]
    posted = {"confirmed": shown.context["confirmed"], "count": 2, "readers": 1} | ({"to": to} if to else {})
    assert client.post(address, posted | {"readers": 0, "count": 0}).status_code == 409, "more than were shown"
    assert client.post(address, posted).status_code == 302
    expansion.expand_due()
    mails = OutboxMessage.objects.filter(mailing__corrects__isnull=False)
    assert {mailbox.partition("@")[0] for mailbox in mails.values_list("mailbox", flat=True)} == told
    entry = Entry.objects.filter(action="announcement.published").order_by("-id")[0]
    assert entry.details["everybody"] is (to == "everybody")


def test_what_corrects_nothing_offers_no_choice(client_as: ClientAs, tf: TaskForce, people: People) -> None:
    made = draft(tf)
    page = client_as("deputy").get(f"{LIST}{made.pk}/publish/").content.decode()
    assert 'name="to"' not in page
    assert 'name="readers"' not in page
    assert 'name="count"' in page


@pytest.mark.long
def test_a_correction_that_nobody_needs_is_published_and_mails_nobody(
    client_as: ClientAs, people: People, wrong: Announcement
) -> None:
    """The page of news stands for all; the mail is for those who had the wrong one."""
    OutboxMessage.objects.filter(mailing__isnull=False).update(state="failed")
    correction = services.correct(wrong.pk, actor=people["coordinator"])
    put_right(correction, people["coordinator"])
    page = client_as("deputy").get(f"{LIST}{correction.pk}/publish/").content.decode()
    assert "Nobody got what this corrects: no mail will be sent, unless it goes to all followers." in page
    publish_tested(correction, people["deputy"])
    assert expansion.expand_due() == 0
