"""What staff do in the outbox: confirmation pages that say what will happen and why not, acts, reports, refusals."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from taskforce.accounts.enums import Role
from taskforce.accounts.models import User
from taskforce.accounts.services import create_account, grant_role
from taskforce.announcements import services as announcements
from taskforce.audit.models import Entry
from taskforce.core.clock import app_now
from taskforce.core.errors import Conflict
from taskforce.notifications import delivery, expansion, queries, services
from taskforce.notifications.enums import MailingState, MessageState
from taskforce.notifications.models import Hold, Mailing, OutboxMessage, Suppression
from taskforce.timeline import services as timeline
from taskforce.timeline.models import Bulletin, TaskForce
from taskforce.timeline.services import bulletins
from tests.clients import Client
from tests.notifications.conftest import AT, AUDIENCE, NEWS, Write
from tests.notifications.sink import Sink
from tests.portal.making import publish_tested

ADMIN = "/en/admin/notifications/"
LIST = f"{ADMIN}outboxmessage/"
pytestmark = pytest.mark.django_db


@pytest.fixture
def coordinator(client: Client, people: dict[str, User]) -> User:
    """Signed in."""
    client.force_login(people["coordinator"])
    return people["coordinator"]


def unknown(write: Write, count: int, **options: object) -> list[OutboxMessage]:
    """So many mails of unknown outcome."""
    rows = [write(f"p{number}@example.org", NEWS, **options) for number in range(count)]
    OutboxMessage.objects.filter(pk__in=[row.pk for row in rows]).update(state=MessageState.UNKNOWN)
    return rows


def confirm(client: Client, action: str, rows: list[OutboxMessage], **fields: object) -> str:
    """Send the list's form, then (with `reason`) the confirmation's; the page that answers."""
    posted = {"action": action, "_selected_action": [row.pk for row in rows], "select_across": "0", **fields}
    return client.post(LIST, posted, follow=True).content.decode()


@pytest.mark.usefixtures("coordinator")
def test_a_moved_list_forty_are_done_and_ten_are_named(client: Client, tf: TaskForce, write: Write) -> None:
    rows = unknown(write, 50, task_force_id=tf.pk)
    page = confirm(client, "resolve-sent", rows)
    assert not OutboxMessage.objects.filter(state=MessageState.SENT).exists(), "nothing before it is confirmed"
    assert rows[0].message_id.strip("<>") in page
    up_to = re.search(r'name="up_to" value="(\d+)"', page)
    assert up_to
    OutboxMessage.objects.filter(pk__in=[row.pk for row in rows[:10]]).update(state=MessageState.FAILED)
    page = confirm(client, "resolve-sent", rows, confirmed="yes", up_to=up_to[1], reason="their log has them")
    assert "Done with <bdi>40</bdi> mails." in page
    assert "Not done with <bdi>10</bdi> mails: <bdi>Its state is now “failed”.</bdi>" in page
    assert OutboxMessage.objects.filter(state=MessageState.SENT).count() == 40
    assert Entry.objects.get(action="mail.resolve-sent").reason == "their log has them"


@pytest.mark.usefixtures("coordinator")
def test_without_a_reason_nothing_is_done_and_the_field_says_so(client: Client, tf: TaskForce, write: Write) -> None:
    rows = unknown(write, 2, task_force_id=tf.pk)
    answer = client.post(
        LIST,
        {"action": "resolve-failed", "_selected_action": [rows[0].pk], "confirmed": "yes", "up_to": rows[1].pk},
    )
    assert answer.status_code == 400
    assert 'aria-invalid="true"' in answer.content.decode()
    assert set(OutboxMessage.objects.values_list("state", flat=True)) == {MessageState.UNKNOWN}


@pytest.mark.usefixtures("coordinator")
def test_mails_of_other_task_forces_are_not_touched(client: Client, tf: TaskForce, write: Write) -> None:
    (foreign,) = unknown(write, 1, task_force_id=tf.pk + 1)
    page = confirm(client, "resolve-sent", [foreign], confirmed="yes", up_to=foreign.pk, reason="mine?")
    assert "None of these mails is there any more." in page
    foreign.refresh_from_db()
    assert foreign.state == MessageState.UNKNOWN


@pytest.mark.parametrize("role", ["reviewer1", "moderator", "observer"])
def test_others_may_not(client: Client, people: dict[str, User], tf: TaskForce, write: Write, role: str) -> None:
    (row,) = unknown(write, 1, task_force_id=tf.pk)
    client.force_login(people[role])
    posted = {
        "action": "resolve-sent",
        "_selected_action": [row.pk],
        "confirmed": "yes",
        "up_to": row.pk,
        "reason": "x",
    }
    assert client.post(LIST, posted).status_code == 403
    answer = client.post(f"{ADMIN}hold/switch/", {"act": "hold", "reason": "x"})
    assert answer.status_code == 403
    assert "Only coordinators" in answer.content.decode()
    assert not Hold.objects.exists()


@pytest.mark.usefixtures("coordinator")
def test_the_confirmation_costs_the_same_for_two_and_for_twenty(client: Client, tf: TaskForce, write: Write) -> None:
    rows = unknown(write, 20, task_force_id=tf.pk)
    counts = []
    for some in (rows[:2], rows):
        with CaptureQueriesContext(connection) as captured:
            confirm(client, "resolve-sent", some)
        counts.append(len(captured))
    assert counts[0] == counts[1]


@pytest.mark.usefixtures("coordinator")
def test_a_mails_page_offers_what_can_be_done_to_it(client: Client, tf: TaskForce, write: Write) -> None:
    (row,) = unknown(write, 1, task_force_id=tf.pk)
    page = client.get(f"{LIST}{row.pk}/change/").content.decode()
    offered = set(re.findall(r'name="action" value="([a-z-]+)"', page))
    assert offered == {"resolve-sent", "resolve-failed"}
    assert "look up its Message-ID" in page


@pytest.mark.long
@pytest.mark.usefixtures("coordinator")
def test_hold_release_one_mailing_and_let_go(client: Client, tf: TaskForce, sink: Sink, write: Write) -> None:
    assert "on hold" not in client.get("/en/admin/").content.decode()
    assert client.post(f"{ADMIN}hold/switch/", {"act": "hold", "reason": " "}).status_code == 400
    page = client.post(f"{ADMIN}hold/switch/", {"act": "hold", "reason": "a wrong date"}, follow=True)
    assert "All mail is on hold" in page.content.decode()
    assert "No mail is waiting" in client.get(f"{ADMIN}hold/switch/").content.decode()
    start = client.get("/en/admin/").content.decode()
    assert "All mail is on hold" in start
    assert "a wrong date" in start
    assert client.post(f"{ADMIN}hold/switch/", {"act": "hold", "reason": "twice"}).status_code == 409
    AUDIENCE.append([("ann@example.org", "en", "UTC"), ("bob@example.org", "ar", "UTC")])
    mailing = services.publish_mailing(NEWS.name, key="n", params={"name": "x"}, at=AT, task_force_id=tf.pk)
    expansion.expand_due()
    write("other@example.org", task_force_id=tf.pk)
    assert delivery.deliver_due() == 0
    address = f"{ADMIN}mailing/{mailing.pk}/release/"
    assert "2 mails go" in client.get(address).content.decode()
    assert client.post(address, {"reason": ""}).status_code == 400
    page = client.post(address, {"reason": "this one is right"}, follow=True)
    assert "<bdi>2</bdi> mails are released." in page.content.decode()
    assert delivery.deliver_due() == 2
    client.post(f"{ADMIN}hold/switch/", {"act": "lift", "reason": "all is well"})
    assert queries.hold_in_force() is None
    assert delivery.deliver_due() == 1


@pytest.mark.long
@pytest.mark.usefixtures("coordinator")
def test_a_mailings_page_counts_shows_and_stops(client: Client, tf: TaskForce) -> None:
    AUDIENCE.append([("ann@example.org", "en", "UTC"), ("bob@example.org", "ar", "UTC")])
    first = services.publish_mailing(NEWS.name, key="n", params={"name": "x"}, at=AT, task_force_id=tf.pk)
    second = services.publish_mailing(
        NEWS.name, key="m", params={"name": "<b>y</b>"}, at=AT, task_force_id=tf.pk, corrects_id=first.pk
    )
    expansion.expand_due()
    OutboxMessage.objects.filter(mailing=second, language="ar").update(state=MessageState.SENT)
    page = client.get(f"{ADMIN}mailing/{second.pk}/change/?language=ar").content.decode()
    assert f"{ADMIN}mailing/{first.pk}/change/" in page
    assert f"{ADMIN}mailing/{second.pk}/change/" in client.get(f"{ADMIN}mailing/{first.pk}/change/").content.decode()
    start = page.index("By language and state")
    table = re.sub(r"<[^>]+>", " ", page[start : page.index("</table>", start)]).split()
    cells = "Language Queued Sent All العربية 0 1 1 English 1 0 1 All 1 1 2"
    assert table[4:] == cells.split()
    assert "<b>y</b>" not in page
    assert "All mail is on hold" not in page
    stop = f"{ADMIN}mailing/{second.pk}/stop/"
    assert "Stop it now" in client.get(stop).content.decode()
    second.refresh_from_db()
    assert second.state == MailingState.EXPANDED, "GET stops nothing"
    assert "<bdi>1</bdi> mail was taken back" in client.post(stop, follow=True).content.decode()
    second.refresh_from_db()
    assert second.state == MailingState.STOPPED
    assert client.post(stop).status_code == 409


@pytest.mark.usefixtures("coordinator")
def test_a_mailing_shows_what_its_readers_got(client: Client, tf: TaskForce) -> None:
    """What its params say today is not what was kept; in a language that nobody reads it is told so."""
    AUDIENCE.append([("ann@example.org", "ar", "UTC"), ("bob@example.org", "ar", "UTC")])
    mailing = services.publish_mailing(NEWS.name, key="n", params={"name": "as sent"}, at=AT, task_force_id=tf.pk)
    address = f"{ADMIN}mailing/{mailing.pk}/change/"
    assert "so it would be sent now" in client.get(address).content.decode()
    expansion.expand_due()
    first = OutboxMessage.objects.order_by("pk").first()
    assert first is not None
    OutboxMessage.objects.exclude(pk=first.pk).update(state=MessageState.SENT)
    OutboxMessage.objects.filter(pk=first.pk).update(context=first.context | {"name": "brought up to date"})
    Mailing.objects.update(params={"name": "of today"})
    shown = client.get(address)
    assert shown.context["language"] == "ar", "the first language in which somebody got it"
    assert "as sent" in shown.context["mail"].subject
    page = shown.content.decode()
    assert "As it was written for its readers" in page
    assert "of today" not in page
    other = client.get(f"{address}?language=en")
    assert "of today" in other.context["mail"].subject
    assert "No mail of its own was written in this language" in other.content.decode()


@pytest.mark.usefixtures("coordinator")
@pytest.mark.parametrize(
    ("mailing", "mails", "may"),
    [
        ("queued", "sent", True),
        ("expanded", "queued", True),
        ("expanded", "sending", True),
        ("expanded", "sent", False),
        ("expanded", "unknown", False),
        ("stopped", "superseded", False),
        # What could not be written is tried again as long as nobody stops it.
        ("failed", "sent", True),
    ],
)
def test_only_what_is_not_gone_is_stopped(
    client: Client, tf: TaskForce, mailing: str, mails: str, *, may: bool
) -> None:
    AUDIENCE.append([("ann@example.org", "en", "UTC")])
    made = services.publish_mailing(NEWS.name, key="n", params={"name": "x"}, at=AT, task_force_id=tf.pk)
    expansion.expand_due()
    Mailing.objects.update(state=mailing)
    OutboxMessage.objects.update(state=mails)
    page = client.get(f"{ADMIN}mailing/{made.pk}/change/").content.decode()
    assert (f"{ADMIN}mailing/{made.pk}/stop/" in page) is may
    is_gone = mailing == "expanded" and not may
    assert ("Everything has been sent" in page) is is_gone
    stop = client.get(f"{ADMIN}mailing/{made.pk}/stop/").content.decode()
    assert ("Stop it now" in stop) is not is_gone


@pytest.mark.long
@pytest.mark.usefixtures("coordinator")
def test_a_mailing_that_has_gone_leads_to_its_correction(
    client: Client, tf: TaskForce, people: dict[str, User]
) -> None:
    timeline.follow(tf, mailbox="a@example.org", topics=["announcements"], language="en", at=AT)
    titles, bodies = {"en": "The members"}, {"en": "They begin."}
    made = announcements.draft(tf, slug="members", titles=titles, bodies=bodies, at=AT, actor_id=None)
    publish_tested(made, people["deputy"])
    expansion.expand_due()
    mailing = Mailing.objects.get(kind="announcement")
    address = f"{ADMIN}mailing/{mailing.pk}/change/"
    link = f'href="/en/admin/announcements/announcement/{made.pk}/change/#correct"'
    assert link not in client.get(address).content.decode()
    OutboxMessage.objects.filter(mailing=mailing).update(state=MessageState.SENT)
    assert link in client.get(address).content.decode()
    assert 'id="correct"' in client.get(f"/en/admin/announcements/announcement/{made.pk}/change/").content.decode()


@pytest.mark.usefixtures("coordinator")
def test_the_newest_mailing_stands_first(client: Client, tf: TaskForce) -> None:
    made = [
        services.publish_mailing(NEWS.name, key=f"n{number}", params={}, at=AT, task_force_id=tf.pk) for number in "123"
    ]
    page = client.get(f"{ADMIN}mailing/").content.decode()
    places = [page.index(f"{ADMIN}mailing/{mailing.pk}/change/") for mailing in made]
    assert places == sorted(places, reverse=True)


@pytest.mark.usefixtures("coordinator")
def test_each_cell_of_a_list_names_its_column(client: Client, tf: TaskForce, write: Write) -> None:
    """Where there is no room for a table nothing else says what a cell is."""
    write("own@example.org", task_force_id=tf.pk)
    page = client.get(LIST).content.decode()
    table = page[page.index('id="result_list"') :]
    rows = table[table.index("<tbody>") : table.index("</tbody>")]
    cells = re.findall(r"<t[dh][^>]*>", rows)
    unnamed = [cell for cell in cells if "data-label=" not in cell]
    assert len(cells) == 7
    assert len(unnamed) == 1
    assert "action-checkbox" in unnamed[0]
    assert '<td class="field-state" data-label="State">' in rows


@pytest.mark.usefixtures("coordinator")
def test_a_mailing_that_cannot_be_rendered_shows_its_error(client: Client, tf: TaskForce) -> None:
    mailing = services.publish_mailing(NEWS.name, key="n", params={}, at=AT, task_force_id=tf.pk)
    Mailing.objects.update(state=MailingState.FAILED, error="KeyError", failures=10)
    page = client.get(f"{ADMIN}mailing/{mailing.pk}/change/").content.decode()
    assert "KeyError" in page
    assert "cannot be shown" in page
    Mailing.objects.update(created_at=app_now())
    assert "could not be written at all" in client.get("/en/admin/").content.decode()
    found = f"{ADMIN}mailing/?state=failed"
    assert found in client.get("/en/admin/").content.decode()
    assert f"{ADMIN}mailing/{mailing.pk}/change/" in client.get(found).content.decode()


@pytest.mark.usefixtures("coordinator")
def test_a_mailbox_that_refused_is_seen_by_those_who_wrote_to_it_and_let_in_again(
    client: Client, tf: TaskForce, write: Write
) -> None:
    write("Gone@example.org", task_force_id=tf.pk)
    mine = Suppression.objects.create(mailbox="gone@example.org", words="550 5.1.1", at=AT)
    foreign = Suppression.objects.create(mailbox="foreign@example.org", at=AT)
    page = client.get(f"{ADMIN}suppression/").content.decode()
    assert "gone@example.org" in page
    assert "foreign@example.org" not in page
    assert client.post(f"{ADMIN}suppression/{foreign.pk}/lift/", {"reason": "x"}).status_code == 404
    assert client.post(f"{ADMIN}suppression/{mine.pk}/lift/", {"reason": ""}).status_code == 400
    client.post(f"{ADMIN}suppression/{mine.pk}/lift/", {"reason": "they wrote to us"})
    mine.refresh_from_db()
    assert mine.lifted_at is not None
    assert client.post(f"{ADMIN}suppression/{mine.pk}/lift/", {"reason": "again"}).status_code == 409


def test_the_first_page_says_what_did_not_go(
    client: Client, people: dict[str, User], tf: TaskForce, write: Write, settings: Settings
) -> None:
    unknown(write, 2, task_force_id=tf.pk)
    client.force_login(people["reviewer1"])
    assert "nobody knows" not in client.get("/en/admin/").content.decode()
    client.force_login(people["deputy"])
    page = client.get("/en/admin/").content.decode()
    assert "Of 2 mails nobody knows whether they arrived." in page
    assert f"{LIST}?state__exact=unknown" in page
    settings.MAIL_HOLD = True
    assert "MAIL_HOLD" in client.get("/en/admin/").content.decode()


@pytest.mark.long
def test_the_first_page_says_what_waits_for_the_reader(
    client: Client, people: dict[str, User], tf: TaskForce, write: Write
) -> None:
    """For a second person each text that others wrote and tested; for whoever wrote it, or may not, none."""
    writer = people["coordinator"]
    titles, bodies = {"en": "The members"}, {"en": "They begin."}

    def written(number: int) -> None:
        made = announcements.draft(tf, slug=f"n{number}", titles=titles, bodies=bodies, at=AT, actor_id=writer.pk)
        announcements.test(made.pk, language="en", actor=writer, version=1)
        mail = bulletins.draft(tf, topic="updates", subjects=titles, bodies=bodies, at=AT, actor=writer)
        bulletins.test(mail.pk, language="en", actor=writer, version=1)
        bulletins.offer(mail.pk, actor=writer, version=1)

    announcements.draft(tf, slug="untested", titles=titles, bodies=bodies, at=AT, actor_id=writer.pk)
    written(1)
    pages, costs = {}, []
    for name in ("deputy", "coordinator", "observer", "reviewer1"):
        client.force_login(people[name])
        pages[name] = client.get("/en/admin/").content.decode()
    assert "1 mail to followers is written and tested." in pages["deputy"]
    assert "1 announcement is written and tested." in pages["deputy"]
    assert [name for name, page in pages.items() if "Waits for you as the second person" in page] == ["deputy"]
    client.force_login(people["deputy"])
    for number in range(2, 5):
        written(number)
        with CaptureQueriesContext(connection) as captured:
            page = client.get("/en/admin/").content.decode()
        costs.append(len(captured))
    assert "4 mails to followers are written and tested." in page
    assert len(set(costs)) == 1
    for section in ("timeline/bulletin", "announcements/announcement"):
        assert f"/en/admin/{section}/?waits=me" in page
        listed = client.get(f"/en/admin/{section}/?waits=me").content.decode()
        assert re.search(r"\b4 rows\b", listed), section
    services.hold("wait", at=AT, actor_id=1, actor_name="Ada", allow=None)
    write(task_force_id=tf.pk)
    held = OutboxMessage.objects.filter(state=MessageState.QUEUED, task_force_id=tf.pk).count()
    assert f"{held} mails are kept back by the hold." in client.get("/en/admin/").content.decode()


@pytest.mark.usefixtures("coordinator")
def test_a_mail_that_staff_wrote_is_stopped_as_a_whole(client: Client, tf: TaskForce) -> None:
    """Its own page must not call it sent while its mailing stands stopped."""
    mailing = services.publish_mailing(NEWS.name, key="n", params={"name": "x"}, at=AT, task_force_id=tf.pk)
    made = Bulletin.objects.create(
        task_force=tf, topic="updates", state="sent", mailing_id=mailing.pk, author_id=1, author_name="Ada",
        editor_id=1, editor_name="Ada", second_id=2, second_name="Bo", created_at=AT, sent_at=AT,
    )  # fmt: skip
    client.post(f"{ADMIN}mailing/{mailing.pk}/stop/")
    made.refresh_from_db()
    mailing.refresh_from_db()
    assert (made.state, mailing.state) == ("stopped", MailingState.STOPPED)


@pytest.mark.long
@pytest.mark.usefixtures("coordinator")
def test_a_parked_mailing_is_tried_again(client: Client, tf: TaskForce) -> None:
    AUDIENCE.append([("ann@example.org", "en", "UTC")])
    mailing = services.publish_mailing(NEWS.name, key="n", params={"name": "x"}, at=AT, task_force_id=tf.pk)
    expansion.expand_due()
    AUDIENCE.append([("bob@example.org", "en", "UTC")])
    Mailing.objects.update(state=MailingState.FAILED, error="OperationalError", failures=10)
    address = f"{ADMIN}mailing/{mailing.pk}/requeue/"
    assert address in client.get(f"{ADMIN}mailing/{mailing.pk}/change/").content.decode()
    page = client.get(address).content.decode()
    assert "OperationalError" in page
    mailing.refresh_from_db()
    assert mailing.state == MailingState.FAILED, "GET does nothing"
    assert client.post(address, {"reason": ""}).status_code == 400
    assert "tried again" in client.post(address, {"reason": "the database is back"}, follow=True).content.decode()
    mailing.refresh_from_db()
    assert (mailing.state, mailing.failures, mailing.error) == (MailingState.QUEUED, 0, "")
    entry = Entry.objects.get(action="mailing.requeue")
    assert (entry.task_force_id, entry.reason, entry.details) == (tf.pk, "the database is back", {"failures": 10})
    assert expansion.expand_due() == 1, "who has a mail gets no second"
    assert client.post(address, {"reason": "twice"}).status_code == 409
    assert "Its state is now" in client.get(address).content.decode()
    assert address not in client.get(f"{ADMIN}mailing/{mailing.pk}/change/").content.decode()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"state": "stopped"}, "stopped"),
        ({"valid_until": AT}, "time is over"),
        ({"kind": "gone"}, "does not know"),
    ],
)
def test_what_is_no_longer_true_is_not_tried_again(tf: TaskForce, changes: dict[str, object], words: str) -> None:
    mailing = services.publish_mailing(NEWS.name, key="n", params={"name": "x"}, at=AT, task_force_id=tf.pk)
    Mailing.objects.update(**{"state": MailingState.FAILED, "failures": 10, **changes})
    with pytest.raises(Conflict, match=words):
        services.requeue_mailing(mailing.pk, reason="again", at=AT, actor_id=5, allow=None)
    assert not Entry.objects.filter(action="mailing.requeue").exists()


def test_others_do_not_try_a_mailing_again(client: Client, people: dict[str, User], tf: TaskForce) -> None:
    mailing = services.publish_mailing(NEWS.name, key="n", params={"name": "x"}, at=AT, task_force_id=tf.pk + 1)
    Mailing.objects.update(state=MailingState.FAILED, failures=10)
    for name in ("coordinator", "observer"):
        client.force_login(people[name])
        assert client.post(f"{ADMIN}mailing/{mailing.pk}/requeue/", {"reason": "x"}).status_code == 404
    mailing.refresh_from_db()
    assert mailing.state == MailingState.FAILED


@pytest.mark.parametrize(
    ("who", "where", "may"), [("same", "one", True), ("other", "one", False), ("other", "all", True)]
)
def test_everybody_puts_the_brake_on_and_not_everybody_takes_it_off(
    client: Client, people: dict[str, User], tf: TaskForce, who: str, where: str, *, may: bool
) -> None:
    small = create_account("small@example.org", at=AT, name="Small")
    grant_role(small, Role.DEPUTY, at=AT, actor_id=None, task_force_id=tf.pk if where == "one" else None)
    holder = small if who == "same" else people["coordinator"]
    client.force_login(holder)
    client.post(f"{ADMIN}hold/switch/", {"act": "hold", "reason": "restored from a backup"})
    client.force_login(small)
    assert ("Let mail go again" in client.get("/en/admin/").content.decode()) is may
    assert client.get(f"{ADMIN}hold/switch/").status_code == (200 if may else 403)
    answer = client.post(f"{ADMIN}hold/switch/", {"act": "lift", "reason": "I want my mail out"})
    assert answer.status_code == (302 if may else 403)
    assert (queries.hold_in_force() is None) is may
    if not may:
        assert holder.name in answer.content.decode()


def test_nobody_lifts_a_newer_hold_than_the_one_they_saw() -> None:
    first = services.hold("one", at=AT, actor_id=5, actor_name="Ada", allow=None)
    services.lift("done", at=AT, actor_id=5, hold_id=first.pk, allow=None)
    services.hold("two", at=AT, actor_id=6, actor_name="Bo", allow=None)
    with pytest.raises(Conflict):
        services.lift("again", at=AT, actor_id=5, hold_id=first.pk, allow=None)
    assert queries.hold_in_force() is not None


@pytest.mark.usefixtures("coordinator")
def test_a_followers_mailbox_that_refused_is_seen_before_it_was_ever_written_to(client: Client, tf: TaskForce) -> None:
    timeline.follow(tf, mailbox="ann@example.org", topics=["updates"], language="en", at=AT)
    row = Suppression.objects.create(mailbox="ann@example.org", at=AT)
    client.post(f"{ADMIN}suppression/{row.pk}/lift/", {"reason": "they wrote to us"})
    row.refresh_from_db()
    assert row.lifted_at is not None
