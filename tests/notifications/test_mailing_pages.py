"""What staff see of mailings: which is which, in one set of words, and what stopping one does to whom."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from taskforce.accounts.models import User
from taskforce.announcements import services as announcements
from taskforce.notifications import expansion, kinds, services
from taskforce.notifications.models import Mailing, OutboxMessage
from taskforce.timeline import services as timeline
from taskforce.timeline.models import Bulletin, Phase, PhaseEvent, TaskForce
from taskforce.timeline.services import bulletins, digests
from tests.clients import Client
from tests.conftest import Clock
from tests.notifications.conftest import NEWS, Write
from tests.portal.making import publish_tested
from tests.timeline.bulletins import AT, follow, sent

ADMIN = "/en/admin/notifications/"
LIST = f"{ADMIN}mailing/"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
People = dict[str, User]
pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client: Client, people: People, clock: Clock) -> Client:
    """The coordinator, signed in, a day after the announcement."""
    clock.set(AT)
    client.force_login(people["coordinator"])
    return client


def words(html: str) -> str:
    """Its text, as a reader sees it: what stands in a sentence is set apart by elements, not by spaces."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html)).strip()


def page_of(mailing: Mailing | int | None, name: str = "change") -> str:
    return f"{LIST}{mailing.pk if isinstance(mailing, Mailing) else mailing}/{name}/"


def read(client: Client, address: str) -> str:
    html: str = client.get(address).content.decode()
    return html


def cells(html: str, column: str) -> list[str]:
    """The texts of a column of the list."""
    found = re.findall(rf'<t[dh] class="field-{column}[^"]*"[^>]*>(.*?)</t[dh]>', html, re.DOTALL)
    return [words(one) for one in found]


def table(html: str, caption: str) -> dict[str, tuple[str, str]]:
    """{first cell: the two others} of a table under its caption."""
    start = html.index(caption)
    body = html[html.index("<tbody>", start) : html.index("</table>", start)]
    rows = [re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row, re.DOTALL) for row in body.split("<tr>")[1:]]
    return {words(first): (words(second), words(third)) for first, second, third in rows}


# --- which is which --------------------------------------------------------------------------------------------------


@pytest.fixture
def of_each_source(tf: TaskForce, people: People, phase: Callable[[str], Phase], clock: Clock) -> dict[str, Mailing]:
    """One mailing of each kind of source."""
    clock.set(AT)
    for topic in ("updates", "announcements", "deadlines"):
        follow(tf, "a@example.org", topic=topic)
    titles, bodies = {"en": "The members are chosen", "zh-hant": "成員名單公布"}, {"en": "They begin."}
    publish_tested(
        announcements.draft(tf, slug="m", titles=titles, bodies=bodies, at=AT, actor_id=None), people["deputy"]
    )
    sent(tf, people["coordinator"], people["deputy"])
    work = phase("work")
    event = PhaseEvent.objects.create(
        phase=work, kind="opened", ends_version=work.ends_version, due_at=AT, noticed_at=AT, outcome="told"
    )
    params = {"event": event.pk, "task_force": tf.pk}
    services.publish_mailing(
        "phase-opened", key="phase-event:1:opened:1", params=params, at=AT, task_force_id=tf.pk, topic="deadlines"
    )
    timeline.close_early(work.pk, actor=people["coordinator"], reason="Done.")
    return {mailing.kind: mailing for mailing in Mailing.objects.all()}


NAMES = {
    "announcement": "Announcement: The members are chosen, mailing {}",
    "bulletin": "Mail to followers: The first meeting, mailing {}",
    "phase-opened": "Phase is open: The task force works, mailing {}",
    "phase-closed-early": "Phase closed early: The task force works, mailing {}",
}


@pytest.mark.long
def test_each_mailing_says_what_it_is_about_and_of_whom(staff: Client, of_each_source: dict[str, Mailing]) -> None:
    expected = {kind: name.format(of_each_source[kind].pk) for kind, name in NAMES.items()}
    listed = read(staff, LIST)
    assert sorted(cells(listed, "named")) == sorted(expected.values())
    assert cells(listed, "task_force_shown") == ["Leadership development"] * 4
    for kind, name in expected.items():
        full = f"{name} · Leadership development"
        for address in ("change", "stop", "release", "requeue"):
            page = read(staff, page_of(of_each_source[kind], address))
            crumbs = page[page.index('class="breadcrumbs"') :]
            assert full in words(crumbs[: crumbs.index("</div>")]), address
        page = read(staff, page_of(of_each_source[kind]))
        title = page[page.index("<title>") : page.index("</title>")]
        assert full in re.sub("[\u2066-\u2069]", "", title)
    chinese = staff.get(LIST.replace("/en/", "/zh-hant/")).content.decode()
    assert "成員名單公布" in chinese
    assert "領導力發展" in chinese
    mails = read(staff, f"{ADMIN}outboxmessage/")
    assert all(name in words(mails) for name in expected.values()), "the filter of the mails knows them too"


def test_a_mailing_of_nothing_that_is_there_has_its_kind_and_number(staff: Client, tf: TaskForce) -> None:
    made = services.publish_mailing(
        "announcement", key="x", params={"announcement": 10**9}, at=AT, task_force_id=tf.pk, topic="announcements"
    )
    assert cells(read(staff, LIST), "named") == [f"Announcement, mailing {made.pk}"]
    assert str(made) == f"mailing {made.pk} (x)"


@pytest.mark.long
def test_the_list_costs_the_same_for_more(staff: Client, tf: TaskForce, people: People) -> None:
    follow(tf, "a@example.org")
    costs = []
    for number in (1, 2, 9):
        for each in range(number):
            sent(tf, people["coordinator"], people["deputy"], subjects={"en": f"Number {number}-{each}"})
        with CaptureQueriesContext(connection) as captured:
            page = read(staff, LIST)
        costs.append(len(captured))
    assert "Number 9-8" in page
    assert costs[1] == costs[2]


# --- one word for one thing ------------------------------------------------------------------------------------------


def choices(html: str, name: str) -> dict[str, str]:
    """{words: address} of a filter of a list."""
    found = re.findall(rf'<a href="(\?[^"]*\b{name}(?:__exact)?=[^"]*)">(.*?)</a>', html, re.DOTALL)
    return {words(label): address.replace("&amp;", "&") for address, label in found}


@pytest.mark.long
def test_the_filter_of_mailings_has_the_words_of_its_column(staff: Client, tf: TaskForce) -> None:
    for number, state in enumerate(["queued", "expanded", "expanded", "failed", "superseded", "expired", "stopped"]):
        made = services.publish_mailing(NEWS.name, key=f"n{number}", params={}, at=AT, task_force_id=tf.pk)
        Mailing.objects.filter(pk=made.pk).update(state=state)
        if number == 2:
            row = services.enqueue(NEWS.name, key="k", mailbox="a@example.org", language="en", context={}, at=AT)
            OutboxMessage.objects.filter(pk=row.pk).update(mailing=made)
    listed = read(staff, LIST)
    offered = choices(listed, "state")
    assert sorted(offered) == sorted(cells(listed, "state_shown"))
    assert {"sent", "being sent", "taken back"} <= set(offered)
    for word, address in offered.items():
        assert cells(read(staff, f"{LIST}{address}"), "state_shown") == [word]
    assert len(cells(read(staff, f"{LIST}?state=nonsense"), "state_shown")) == 7


def test_a_filter_and_a_page_are_called_by_what_they_are_about(staff: Client, tf: TaskForce, write: Write) -> None:
    row = write("a@example.org", task_force_id=tf.pk)
    listed = read(staff, f"{ADMIN}outboxmessage/")
    heads = [words(one) for one in re.findall(r"<summary>(.*?)</summary>", listed, re.DOTALL)]
    assert {"State", "Language", "Kind"} <= set(heads)
    page = read(staff, f"{ADMIN}outboxmessage/{row.pk}/change/")
    titles = [words(one) for one in re.findall(r"<h[12][^>]*>(.*?)</h[12]>", page, re.DOTALL)]
    assert titles.count("test-receipt to a@example.org") == 1
    assert not [one for one in titles if one.startswith("View")]


@pytest.mark.long
def test_the_filter_of_mails_has_the_words_of_its_column(
    staff: Client, tf: TaskForce, write: Write, settings: Settings
) -> None:
    write("a@example.org", task_force_id=tf.pk)
    for held in (False, True):
        settings.MAIL_HOLD = held
        listed = read(staff, f"{ADMIN}outboxmessage/")
        (word,) = cells(listed, "state")
        assert ("MAIL_HOLD" in word) is held
        address = choices(listed, "state")[word]
        assert cells(read(staff, f"{ADMIN}outboxmessage/{address}"), "state") == [word]


# --- stopping --------------------------------------------------------------------------------------------------------


@pytest.fixture
def bulletin(tf: TaskForce, people: People, staff: Client, clock: Clock) -> Bulletin:
    """Sent to two daily and to five at once: one has it, one may have it, one is being sent, one failed, one waits."""
    for name in "abcde":
        follow(tf, f"{name}@example.org")
    for name in "xy":
        follow(tf, f"{name}@example.org", frequency="daily")
        digests.begin_digest(f"{name}@example.org", at=AT)
    clock.set(AT + HOUR)
    made = sent(tf, people["coordinator"], people["deputy"])
    expansion.expand_due()
    for name, state in {"a": "sent", "b": "unknown", "c": "sending", "d": "failed"}.items():
        OutboxMessage.objects.filter(mailing=made.mailing_id, mailbox=f"{name}@example.org").update(state=state)
    return made


HAS, MAY, HANDS = "Have got a mail of their own", "May have got it: outcome unknown", "Being sent at this moment"
FAILED = "Have got none: it failed"
WAIT, DAILY, HAD = "Wait for a mail of their own", "Wait for it in their daily mail", "Have had it in their daily mail"


def numbers(html: str) -> dict[str, int]:
    return {who: int(number) for who, (number, _what) in table(html, "What stopping does").items()}


@pytest.mark.long
def test_the_stop_page_says_what_stopping_does_to_whom(staff: Client, bulletin: Bulletin) -> None:
    page = read(staff, page_of(bulletin.mailing_id, "stop"))
    assert numbers(page) == {HAS: 1, MAY: 1, HANDS: 1, WAIT: 1, FAILED: 1, DAILY: 2}
    does = {who: what for who, (_number, what) in table(page, "What stopping does").items()}
    assert does[WAIT] == "They get none."
    assert does[DAILY] == "Their daily mail goes without it."
    assert does[HANDS] == "It may still arrive."
    assert does[FAILED] == "It cannot be sent again."
    assert does[HAS] == does[MAY] == "Nothing changes: it cannot be called back."
    own = read(staff, f"/en/admin/timeline/bulletin/{bulletin.pk}/change/")
    assert numbers(own) == numbers(page), "the page of the mail itself says the same"
    answer = staff.post(page_of(bulletin.mailing_id, "stop"), follow=True).content.decode()
    assert "<bdi>1</bdi> mail was taken back" in answer
    assert "The daily mails of <bdi>2</bdi> readers go without it." in answer
    assert digests.send_digests(AT + DAY) == 0


def test_whom_nothing_was_written_yet_for_is_counted_too(
    staff: Client, tf: TaskForce, people: People, clock: Clock
) -> None:
    for name in "ab":
        follow(tf, f"{name}@example.org")
    clock.set(AT + HOUR)
    made = sent(tf, people["coordinator"], people["deputy"])
    assert numbers(read(staff, page_of(made.mailing_id, "stop"))) == {HAS: 0, WAIT: 2, DAILY: 0}


@pytest.mark.long
def test_what_waits_for_daily_mails_only_says_so_beside_the_red_button(
    staff: Client, bulletin: Bulletin, clock: Clock
) -> None:
    OutboxMessage.objects.filter(mailing=bulletin.mailing_id).update(state="sent")
    addresses = (
        page_of(bulletin.mailing_id), page_of(bulletin.mailing_id, "stop"),
        f"/en/admin/timeline/bulletin/{bulletin.pk}/change/",
    )  # fmt: skip
    said = "2 readers have it still to come in their daily mails."
    for address in addresses:
        assert said in words(read(staff, address)).replace("\u2068", "").replace("\u2069", ""), address
    digests.send_digests(clock.set(AT + DAY))
    first = OutboxMessage.objects.filter(kind="digest").order_by("pk").values("pk")[:1]
    OutboxMessage.objects.filter(pk__in=first).update(state="sent")
    assert numbers(read(staff, addresses[1])) == {HAS: 5, WAIT: 0, HAD: 1, DAILY: 1}
    OutboxMessage.objects.filter(kind="digest").update(state="sent")
    page = read(staff, addresses[0])
    assert "composer-button--stop" not in page
    assert "Everything has been sent" in page


def test_who_followed_later_waits_for_nothing(staff: Client, tf: TaskForce, bulletin: Bulletin) -> None:
    """Their first daily mail tells what came after; a brake for them would stop nothing."""
    follow(tf, "late@example.org", frequency="daily", confirmed_at=AT + 2 * HOUR)
    digests.begin_digest("late@example.org", at=AT)
    assert numbers(read(staff, page_of(bulletin.mailing_id, "stop")))[DAILY] == 2


@pytest.mark.long
@pytest.mark.parametrize(("size", "more"), [(3, 30)])
def test_the_pages_cost_the_same_for_more_readers(
    staff: Client, tf: TaskForce, bulletin: Bulletin, size: int, more: int
) -> None:
    costs: list[list[int]] = []
    for number in (size, more):
        rows = [
            services.enqueue(
                "bulletin", key=f"{number}-{each}", mailbox=f"{number}-{each}@example.org", language="en",
                context={"x": 1}, at=AT,
            )
            for each in range(number)
        ]  # fmt: skip
        OutboxMessage.objects.filter(pk__in=[row.pk for row in rows]).update(mailing=bulletin.mailing_id)
        costs.append([])
        for address in (page_of(bulletin.mailing_id), page_of(bulletin.mailing_id, "stop")):
            with CaptureQueriesContext(connection) as captured:
                read(staff, address)
            costs[-1].append(len(captured))
    assert costs[0] == costs[1]


@pytest.mark.long
def test_acts_that_end_something_are_red_and_the_others_not(
    staff: Client, tf: TaskForce, people: People, bulletin: Bulletin
) -> None:
    def red(html: str) -> set[str]:
        found = re.findall(r"<button[^>]*composer-button--stop[^>]*>(.*?)</button>", html, re.DOTALL)
        return {words(one) for one in found}

    assert red(read(staff, page_of(bulletin.mailing_id))) == {"Stop it…"}
    assert red(read(staff, page_of(bulletin.mailing_id, "stop"))) == {"Stop it now"}
    assert red(read(staff, f"/en/admin/timeline/bulletin/{bulletin.pk}/change/")) == {"Stop this mail"}
    correction = bulletins.correct(bulletin.pk, actor=people["coordinator"])
    assert red(read(staff, f"/en/admin/timeline/bulletin/{correction.pk}/change/")) == {"Drop this mail"}
    assert red(read(staff, f"{ADMIN}hold/")) == {"Put all mail on hold…"}
    services.hold("wait", at=AT, actor_id=people["coordinator"].pk, actor_name="Ada", allow=None)
    assert red(read(staff, f"{ADMIN}hold/switch/")) == set()
    assert red(read(staff, page_of(bulletin.mailing_id, "release"))) == set()


# --- where the words come from ---------------------------------------------------------------------------------------


@pytest.mark.long
def test_a_page_says_where_its_words_come_from(staff: Client, tf: TaskForce, people: People, clock: Clock) -> None:
    for name, language, frequency in [("a", "en", "immediate"), ("b", "en", "immediate"), ("c", "ar", "daily")]:
        follow(tf, f"{name}@example.org", language, frequency=frequency)
    digests.begin_digest("c@example.org", at=AT)
    clock.set(AT + HOUR)
    made = sent(tf, people["coordinator"], people["deputy"])
    pages = (page_of(made.mailing_id), f"/en/admin/timeline/bulletin/{made.pk}/change/")

    def note(language: str) -> str:
        shown = (read(staff, f"{one}?language={language}") for one in pages)
        notes = {re.search(r'<p class="composer-mark">(.*?)</p>', html) for html in shown}
        (found,) = {words(one[1]) for one in notes if one}
        return found

    assert note("en").startswith("Its mails are being prepared, none is written yet")
    mailing = Mailing.objects.get()
    context_for = expansion._contexts(kinds.get(mailing.kind), mailing.params)
    services.add_recipients(mailing.pk, [("a@example.org", "en", "UTC")], context_for, at=AT)
    assert note("en").startswith("As it was written for its readers")
    assert note("de").startswith("1 mail is written so far, none of them in this language")
    Mailing.objects.update(not_before=AT - DAY)
    expansion.expand_due()
    assert note("ar") == "In this language it is told in daily mails only, to 1 reader: so it would read now."
    assert note("de") == "No mail of its own was written in this language: so it would read now."
    digests.send_digests(clock.set(AT + DAY))
    assert note("ar").startswith("In this language it is told in daily mails only, to 1 reader")
    bulletins.stop(made.pk, actor=people["deputy"])
    assert note("de").startswith("It was stopped before a mail was written in this language")
