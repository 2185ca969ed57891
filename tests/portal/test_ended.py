"""A task force that was stopped invites nobody any more: all that a visitor can reach is walked."""

import re
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.urls import reverse
from icalendar import Calendar

from feedback.models import FeedbackWindow
from proposals.models import Unit
from recruitment.models import Call
from taskforce.accounts.models import User
from taskforce.core.clock import app_now
from taskforce.core.errors import Refused
from taskforce.notifications import leaving, preferences
from taskforce.notifications.enums import MessageState
from taskforce.notifications.leaving import Leave
from taskforce.notifications.models import OutboxMessage
from taskforce.timeline import asking, plan, services
from taskforce.timeline.asking import Ask
from taskforce.timeline.models import Subscription, TaskForce
from tests.clients import Client
from tests.conftest import Clock
from tests.portal.making import TF, PhaseOf, words

DECIDED = datetime(2022, 3, 2, 12, tzinfo=UTC)
BETWEEN = datetime(2022, 3, 3, 12, tzinfo=UTC)
CALLING = datetime(2022, 3, 15, 12, tzinfo=UTC)
AFTER = datetime(2022, 5, 1, 12, tzinfo=UTC)
# What invites somebody, now or later, in the words of the pages.
INVITES = re.compile(
    r"(?<!Nothing is )(?<!See what is )Open now|under way|Take part|Become a member|Read the call and apply|"
    r"Apply, or go|Give feedback|"
    r"Say what you think|(?<!Would have )\bopens?: |not open yet|Nothing is asked of you now|Next: |"
    r"\bleft\b(?! out)|Closes",
    re.IGNORECASE,
)
# What a form asked, where a page still says so: no invitation.
ASKED = "How you mostly take part in the movement"


def walked(client: Client) -> dict[str, str]:
    """{address: its words} of every English page that one gets to from the home page, without signing in."""
    found: dict[str, str] = {}
    ahead = ["/en/", f"{TF}join/"]
    while ahead:
        address = ahead.pop()
        response = client.get(address)
        if address in found or "html" not in response.headers.get("Content-Type", "") or response.status_code != 200:
            continue
        page = response.content.decode()
        main = page[page.index("<main") : page.index("</main>")]
        found[address] = words(main).replace(ASKED, "")
        links = {link.partition("#")[0] for link in re.findall(r'href="(/en/[^"?]*)', main)}
        ahead += sorted(links - found.keys() - {link for link in links if "/subscriptions/" in link})
    return found


def invited(client: Client) -> dict[str, list[str]]:
    """{address: the words by which it invites}."""
    return {address: met for address, page in walked(client).items() if (met := INVITES.findall(page))}


def stop(phase: PhaseOf, actor: User, outcome: str = "stop") -> None:
    services.decide(phase("feedback").pk, outcome=outcome, reasons={"en": "Nobody wants it."}, actor=actor)


@pytest.mark.parametrize("at", [BETWEEN, CALLING, AFTER])
def test_no_page_invites_to_what_was_stopped(
    client: Client,
    window: FeedbackWindow,
    call: Call,
    phase: PhaseOf,
    people: dict[str, User],
    clock: Clock,
    at: datetime,
) -> None:
    clock.set(DECIDED)
    stop(phase, people["coordinator"])
    clock.set(at)
    pages = walked(client)
    assert {
        TF,
        f"{TF}join/",
        f"{TF}process/",
        f"{TF}feedback/{window.slug}/",
        f"{TF}proposals/proposal/",
    } <= pages.keys()
    assert invited(client) == {}
    # Nobody has applied to what had never opened.
    assert [address for address, page in pages.items() if "Those who applied" in page] == []
    assert "This task force has ended" in pages[TF]
    assert "This task force has ended" in pages[f"{TF}join/"]
    assert "Not pursued Recruitment" in pages["/en/"]


def test_the_walk_sees_an_invitation(
    client: Client, window: FeedbackWindow, call: Call, phase: PhaseOf, people: dict[str, User], clock: Clock
) -> None:
    clock.set(DECIDED)
    stop(phase, people["coordinator"])
    stop(phase, people["coordinator"], "proceed")
    assert {"/en/", TF, f"{TF}join/", f"{TF}process/"} <= invited(client).keys()
    clock.set(CALLING)
    assert {"/en/", TF, f"{TF}join/"} <= invited(client).keys()


def test_whoever_has_an_account_gets_the_reason_and_no_form(
    client: Client, call: Call, phase: PhaseOf, people: dict[str, User], clock: Clock
) -> None:
    client.force_login(people["applicant"])
    clock.set(DECIDED)
    stop(phase, people["coordinator"])
    clock.set(CALLING)
    page = client.get(f"{TF}join/application/").content.decode()
    assert "This task force has ended" in page
    assert "Nobody can apply or change an application any more." in page
    assert "data-main" not in page
    sent: Any = client.post(f"{TF}join/application/", {"form_key": "x", "action": "submit"})
    assert not INVITES.search(words(sent.content.decode().partition("<main")[2]))


def test_what_was_open_when_it_ended_takes_nothing_more(
    client: Client, tf: TaskForce, window: FeedbackWindow, call: Call
) -> None:
    address = f"{TF}feedback/{window.slug}/"
    kept = f"{TF}proposals/proposal/"
    assert "Say what you think" in invited(client)[kept]
    assert "data-main" in client.get(address).content.decode()
    services.change_state(tf.pk, "cancel", at=app_now(), actor_id=None)
    assert invited(client) == {}
    pages = walked(client)
    for each in (address, kept):
        assert "This task force has ended, so nothing more can be sent." in pages[each]
    assert "data-main" not in client.get(address).content.decode()


FOLLOW = "/en/subscriptions/leadership-development/"


def test_nobody_is_asked_to_follow_what_has_ended(
    client: Client, tf: TaskForce, window: FeedbackWindow, people: dict[str, User]
) -> None:
    """The same bytes for everybody; whoever follows can choose and leave."""
    places = ["/en/", TF, f"{TF}feedback/{window.slug}/", "/en/subscriptions/"]
    services.change_state(tf.pk, "cancel", at=app_now(), actor_id=None)
    services.change_state(tf.pk, "resume", at=app_now(), actor_id=None)
    # A form takes the place of the window's list while it is open.
    assert [FOLLOW in client.get(place).content.decode() for place in places] == [True, True, False, True]
    services.follow(tf, mailbox="ann@example.org", topics=["updates"], language="en", at=app_now())
    services.change_state(tf.pk, "cancel", at=app_now(), actor_id=None)
    shown = {place: client.get(place).content.decode() for place in places}
    assert [place for place, page in shown.items() if FOLLOW in page] == []
    assert "There is no task force to follow now" in shown["/en/subscriptions/"]
    client.force_login(people["coordinator"])
    assert [client.get(place).content.decode() for place in places[:2]] == [shown[place] for place in places[:2]]
    page = client.get(FOLLOW).content.decode()
    assert "it cannot be followed any more" in page
    assert "data-main" not in page
    manage = reverse("subscriptions:manage", args=[preferences.token("ann@example.org")])
    assert "Stop all mails of this task force" in client.get(manage).content.decode()
    leave = reverse("subscriptions:leave", args=[leaving.token(Leave("ann@example.org", tf.pk, ""))])
    assert client.post(leave).status_code == 303
    assert "Follow again" not in client.get(leave).content.decode()


def test_a_form_that_was_open_follows_nothing_that_has_ended(
    client: Client, tf: TaskForce, people: dict[str, User]
) -> None:
    sent = {"email": "ann@example.org", "topics": ["updates"], "frequency": "immediate", "language": "en"}
    services.change_state(tf.pk, "cancel", at=app_now(), actor_id=None)
    for user in (None, people["coordinator"]):
        if user is not None:
            client.force_login(user)
        response = client.post(FOLLOW, sent)
        assert response.status_code == 403
        assert "it cannot be followed any more" in response.content.decode()
    ask = Ask("ann@example.org", tf.pk, ("updates",), "immediate", "en", "UTC")
    services.change_state(tf.pk, "resume", at=app_now(), actor_id=None)
    services.ask_to_follow(ask, sender=None, at=app_now())
    link = reverse("subscriptions:confirm", args=[asking.token(ask)])
    assert "Yes, follow" in client.get(link).content.decode()
    services.change_state(tf.pk, "cancel", at=app_now(), actor_id=None)
    page = client.get(link).content.decode()
    assert "it cannot be followed any more" in page
    assert "Yes, follow" not in page
    assert client.post(link).status_code == 403
    with pytest.raises(Refused, match="cannot be followed"):
        services.ask_to_follow(ask, sender=None, at=app_now())
    with pytest.raises(Refused, match="cannot be followed"):
        services.add_followers(
            tf.pk, "b@example.org", topics=["updates"], language="en", actor=people["coordinator"], at=app_now()
        )
    with pytest.raises(Refused, match="cannot be followed"):
        services.follow_by_account(ask, user_id=people["coordinator"].pk, at=app_now())
    assert not Subscription.objects.exclude(confirmed_at=None).exists()


def test_questions_that_wait_do_not_go_once_it_has_ended(tf: TaskForce, people: dict[str, User]) -> None:
    """Whether somebody wants to follow it is asked no more; that of another task force goes."""
    other = services.create_task_force("other", {"en": "Other"}, at=app_now())
    services.change_state(other.pk, "announce", at=app_now(), actor_id=None)
    for each in (tf, other):
        ask = Ask("ann@example.org", each.pk, ("updates",), "immediate", "en", "UTC")
        services.ask_to_follow(ask, sender=None, at=app_now())
    services.add_followers(
        tf.pk, "bob@example.org", topics=["updates"], language="en", actor=people["coordinator"], at=app_now()
    )
    services.change_state(tf.pk, "cancel", at=app_now(), actor_id=None)
    waiting = OutboxMessage.objects.filter(state=MessageState.QUEUED)
    assert list(waiting.values_list("mailbox", "task_force_id")) == [("ann@example.org", other.pk)]
    assert OutboxMessage.objects.filter(state=MessageState.SUPERSEDED, context={}).count() == 2


@pytest.mark.parametrize("language", ["en", "ar"])
def test_nobody_is_asked_to_translate_what_was_stopped(
    client: Client, window: FeedbackWindow, phase: PhaseOf, people: dict[str, User], clock: Clock, language: str
) -> None:
    """The reading pages say so by having no way there, whoever reads; the pages for working on it say why."""
    clock.set(DECIDED)
    text = f"/{language}/tf/leadership-development/proposals/proposal/"
    unit = Unit.objects.get(proposal=window.proposal, position=2)
    paragraph = f"{text}u/{unit.pk}/"
    is_called = language == "ar"
    assert [f"{text}translate/" in client.get(page).content.decode() for page in (text, paragraph)] == [is_called] * 2
    stop(phase, people["coordinator"])
    for reader in (None, people["coordinator"]):
        if reader is not None:
            client.force_login(reader)
        assert [f"{text}translate/" in client.get(page).content.decode() for page in (text, paragraph)] == [False] * 2
    stop(phase, people["coordinator"], "proceed")
    assert (f"{text}translate/" in client.get(text).content.decode()) is is_called


def test_the_pages_for_working_on_it_say_that_it_has_ended(
    client: Client, window: FeedbackWindow, phase: PhaseOf, people: dict[str, User], clock: Clock
) -> None:
    clock.set(DECIDED)
    tail = "/tf/leadership-development/proposals/proposal/"
    works = [
        (people["translator"], f"/zh-hant{tail}translate/"),
        (people["coordinator"], f"{TF}proposals/proposal/edit/"),
    ]
    unit = Unit.objects.get(proposal=window.proposal, position=2)
    works.append((people["translator"], f"/zh-hant{tail}translate/{unit.pk}/"))

    def warned(user: User, page: str) -> bool:
        client.force_login(user)
        shown = client.get(page).content.decode()
        main = shown[shown.index("<main") :]
        return "cdx-message--warning" in main and f'href="{page.partition("proposals/")[0]}process/"' in main

    def offered() -> bool:
        client.force_login(people["translator"])
        return f"/zh-hant{tail}translate/" in client.get("/en/accounts/email/").content.decode()

    assert ([warned(*each) for each in works], offered()) == ([False] * 3, True)
    stop(phase, people["coordinator"])
    assert ([warned(*each) for each in works], offered()) == ([True] * 3, False)


def test_programs_read_it_too(
    client: Client, tf: TaskForce, phase: PhaseOf, people: dict[str, User], clock: Clock
) -> None:
    clock.set(DECIDED)
    before: Any = Calendar.from_ical(client.get(f"{TF}timeline.ics").content)
    stop(phase, people["coordinator"])
    tf.refresh_from_db()
    assert tf.ended_at is not None
    since = tf.ended_at.isoformat().replace("+00:00", "Z")
    rows = {row["slug"]: row for row in client.get("/open-data/leadership-development/phases.json").json()}
    assert (rows["feedback"]["state"], rows["recruitment"]["state"]) == ("past", "dropped")
    assert (rows["feedback"]["dropped_at"], rows["recruitment"]["dropped_at"]) == (None, since)
    after: Any = Calendar.from_ical(client.get(f"{TF}timeline.ics").content)
    for old, new in zip(before.walk("VEVENT"), after.walk("VEVENT"), strict=True):
        is_off = new["dtstart"].dt > DECIDED
        assert (old["status"], new["status"]) == ("CONFIRMED", "CANCELLED" if is_off else "CONFIRMED")
        assert new["sequence"] - old["sequence"] == 1


def test_staff_read_why_no_date_can_be_changed(
    client: Client, tf: TaskForce, phase: PhaseOf, people: dict[str, User], clock: Clock
) -> None:
    clock.set(DECIDED)
    one = phase("recruitment")
    draft = plan.Draft("later", one.opens_on, one.closes_on, capabilities=[], titles={"en": "Later"})
    planned = services.draft_phase(tf, draft, actor=people["coordinator"])
    client.force_login(people["coordinator"])
    address = f"/en/admin/timeline/phase/{one.pk}/extend/"
    before = client.get("/en/admin/timeline/phase/").content.decode()
    assert address in before
    assert "It is not pursued" not in before
    assert "data-main" in client.get(address).content.decode()
    stop(phase, people["coordinator"])
    listed = client.get("/en/admin/timeline/phase/").content.decode()
    assert address not in listed
    assert "Decided after feedback It is not pursued" in words(listed)
    assert f"/en/admin/timeline/phase/{planned.pk}/publish/" not in listed
    assert "its dates do not change any more" in listed
    page = client.get(address).content.decode()
    assert "data-main" not in page
    assert "its dates do not change any more" in page
    for act in (services.cancel_phase, services.close_early):
        with pytest.raises(Refused, match="has ended"):
            act(one.pk, reason="R", actor=people["coordinator"])
    with pytest.raises(Refused, match="has ended"):
        services.publish_draft(planned.pk, actor=people["coordinator"])
    with pytest.raises(Refused, match="has ended"):
        services.publish_phase(
            tf,
            slug="third",
            titles={"en": "Third"},
            capabilities=[],
            opens_on=one.opens_on,
            closes_on=one.closes_on,
            at=DECIDED,
        )


def test_no_way_leads_to_a_decision_that_is_refused(
    client: Client, tf: TaskForce, phase: PhaseOf, people: dict[str, User], clock: Clock
) -> None:
    """In the list of phases: what was stopped by a decision is put right by one, what ended otherwise is not."""
    clock.set(DECIDED)
    client.force_login(people["coordinator"])
    address = f"/en/admin/timeline/phase/{phase('feedback').pk}/decide/"
    stop(phase, people["coordinator"])
    assert address in client.get("/en/admin/timeline/phase/").content.decode()
    stop(phase, people["coordinator"], "proceed")
    services.change_state(tf.pk, "cancel", at=app_now(), actor_id=None)
    listed = client.get("/en/admin/timeline/phase/").content.decode()
    assert address not in listed
    assert "This task force has ended, so there is nothing to decide any more." in listed


def test_a_staff_form_from_before_says_that_the_task_force_has_ended(
    client: Client, tf: TaskForce, phase: PhaseOf, people: dict[str, User]
) -> None:
    """Not that somebody has changed the end, although somebody had."""
    one = phase("recruitment")
    fields = {"closes_on": "2022-04-20", "reason": "R", "reason_language": "en", "ends_version": one.ends_version}
    services.extend(one.pk, closes_on=date(2022, 4, 15), reason="R", actor=people["deputy"])
    client.force_login(people["coordinator"])
    address = f"/en/admin/timeline/phase/{one.pk}/extend/"
    assert "Somebody has changed the end meanwhile" in words(client.post(address, fields).content.decode())
    services.change_state(tf.pk, "cancel", at=app_now(), actor_id=None)
    response = client.post(address, fields)
    page = words(response.content.decode())
    assert response.status_code == 409
    assert "The task force has ended meanwhile, so this phase is not pursued. It would have closed: 15 April" in page
    assert "Somebody has changed" not in page


def test_whoever_applied_before_it_was_stopped_finds_the_way(
    client: Client, tf: TaskForce, call: Call, clock: Clock
) -> None:
    """The call had opened."""
    clock.set(CALLING)
    services.change_state(tf.pk, "cancel", at=app_now(), actor_id=None)
    for address in (TF, f"{TF}join/"):
        assert "Those who applied" in words(client.get(address).content.decode()), address
