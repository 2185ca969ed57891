"""Decisions: held and invisible, released once and together."""

import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from recruitment import queries, services
from recruitment.models import Application, Call, Decision
from taskforce.accounts.models import User
from taskforce.announcements.models import Member
from taskforce.audit.models import Entry
from taskforce.core.clock import app_now
from taskforce.core.errors import Conflict, Invalid, Refused
from taskforce.notifications.models import OutboxMessage
from tests.conftest import Clock
from tests.recruitment.conftest import CALL, OPEN, PAGE, REVIEW, Apply, draft, statements

SignIn = Callable[[User], Client]
Scored = Callable[[Application, User, int, int], None]


def decisions_page(call: Call) -> str:
    return f"/en/admin/recruitment/call/{call.pk}/decisions/"


def release_page(call: Call) -> str:
    return f"/en/admin/recruitment/call/{call.pk}/release/"


@pytest.fixture
def three(apply: Apply, clock: Clock) -> list[Application]:
    """Three candidates for two seats, the second without consent to be named; the clock stands in the review."""
    made = [
        apply(name, publish_name=name != "bo", language=("en", "zh-hant")[name == "bo"]) for name in ("ada", "bo", "cy")
    ]
    clock.set(REVIEW)
    return made


@pytest.fixture
def coordinator(people: dict[str, User], sign_in: SignIn) -> Client:
    return sign_in(people["coordinator"])


def hold(coordinator: Client, call: Call, application: Application, outcome: str, **changes: Any) -> Any:
    sent = {"application": application.pk, "seen": "", "outcome": outcome, "reason": "", **changes}
    return coordinator.post(decisions_page(call), sent)


def hold_all(people: dict[str, User], applications: list[Application], *outcomes: str) -> None:
    for application, outcome in zip(applications, outcomes, strict=True):
        services.decide(application.pk, people["coordinator"], outcome)


def seen(client: Client, call: Call) -> str:
    found = re.search(r'name="seen" value="([0-9a-f]+)"', client.get(release_page(call)).content.decode())
    assert found
    return found[1]


def test_candidates_stand_by_their_mean(
    call: Call, three: list[Application], coordinator: Client, people: dict[str, User], scored: Scored
) -> None:
    scored(three[1], people["reviewer1"], 5, 5)
    scored(three[1], people["reviewer2"], 2, 4)
    scored(three[0], people["reviewer1"], 2, 2)
    html = coordinator.get(decisions_page(call)).content.decode()
    assert re.findall(r'<th scope="row"><a[^>]*>([^<]+)<', html) == ["Candidate 2", "Candidate 1", "Candidate 3"]
    rows = re.findall(r"<tr id=.*?</tr>", html, re.S)
    cells = [re.sub(r"<[^>]+>", "", cell) for cell in re.findall(r"<td data-label.*?</td>", rows[0], re.S)]
    assert cells == ["2", "3.9", "3.9", "2.8 – 5"]
    assert "Canary" not in html
    assert html.count("<h1") == 1


def test_a_decision_is_held_and_can_be_changed(call: Call, three: list[Application], coordinator: Client) -> None:
    first = hold(coordinator, call, three[0], "accept", reason="Strong.")
    assert first.status_code == 303
    assert hold(coordinator, call, three[0], "decline", seen="accept").status_code == 303
    decision = Decision.objects.get()
    assert (decision.outcome, decision.state, decision.reason) == ("decline", "held", "")
    entries = Entry.objects.filter(action="decision.held").order_by("pk")
    assert [(entry.details["before"], entry.details["outcome"]) for entry in entries] == [
        ("", "accept"),
        ("accept", "decline"),
    ]
    assert entries[0].reason == "Strong."
    assert not OutboxMessage.objects.exclude(kind="application-receipt").exists()


def test_somebody_decided_meanwhile(call: Call, three: list[Application], coordinator: Client) -> None:
    hold(coordinator, call, three[0], "accept")
    response = hold(coordinator, call, three[0], "decline", reason="KEPT reason")
    assert response.status_code == 409
    assert "KEPT reason" in response.content.decode()
    assert Decision.objects.get().outcome == "accept"


@pytest.mark.parametrize("bad", [{"outcome": "maybe"}, {"outcome": ""}, {"application": "x"}, {"seen": "x"}])
def test_a_damaged_decision_is_not_stored(
    call: Call, three: list[Application], coordinator: Client, bad: dict[str, str]
) -> None:
    sent = {"application": three[0].pk, "seen": "", "outcome": "accept", **bad}
    assert coordinator.post(decisions_page(call), sent).status_code == 200
    assert not Decision.objects.exists()


@pytest.mark.parametrize("pk", [999_999, 2**62])
def test_a_candidate_of_no_call(call: Call, three: list[Application], coordinator: Client, pk: int) -> None:
    assert coordinator.post(decisions_page(call), {"application": pk, "outcome": "accept"}).status_code == 404


def test_while_the_call_is_open_nothing_is_decided(
    call: Call, three: list[Application], coordinator: Client, people: dict[str, User], clock: Clock
) -> None:
    clock.set(OPEN)
    assert hold(coordinator, call, three[0], "accept").status_code == 403
    assert "Decisions are possible once the call has closed" in coordinator.get(decisions_page(call)).content.decode()
    with pytest.raises(Refused):
        services.release(call.pk, people["coordinator"])


@pytest.mark.parametrize("name", ["reviewer1", "observer", "admin", "moderator", "privacy"])
def test_only_deciders_find_the_pages(
    call: Call, three: list[Application], people: dict[str, User], sign_in: SignIn, name: str
) -> None:
    client = sign_in(people[name])
    for path in (decisions_page(call), release_page(call)):
        assert client.get(path).status_code == 404
        assert client.post(path, {}).status_code == 404
    with pytest.raises(Refused):
        services.release(call.pk, people[name])


def test_a_coordinator_who_applied_sees_no_decision(
    call: Call, three: list[Application], people: dict[str, User], clock: Clock, coordinator: Client
) -> None:
    clock.set(OPEN)
    services.submit(call.pk, people["coordinator"], draft(call))
    clock.set(REVIEW)
    assert coordinator.get(decisions_page(call)).status_code == 404
    assert coordinator.get(f"/en/admin/recruitment/application/{three[0].pk}/review/").status_code == 404
    with pytest.raises(Refused):
        services.release(call.pk, people["coordinator"])


def test_what_is_held_is_invisible_to_the_applicant(
    call: Call, three: list[Application], people: dict[str, User], sign_in: SignIn
) -> None:
    browsers = [sign_in(one.applicant) for one in three]
    before = [stripped(browser.get(PAGE).content.decode()) for browser in browsers]
    public = Client().get(CALL).content
    hold_all(people, three, "accept", "decline", "decline")
    services.decide(three[2].pk, people["deputy"], "accept")
    services.decide(three[2].pk, people["deputy"], "decline")
    assert [stripped(browser.get(PAGE).content.decode()) for browser in browsers] == before
    assert Client().get(CALL).content == public
    assert len({anonymous(page, one) for page, one in zip(before, three, strict=True)}) == 1
    refused = [browser.post(PAGE, {"action": "save", "form_key": "x"}).status_code for browser in browsers]
    assert len(set(refused)) == 1


def stripped(html: str) -> str:
    """A page without what differs each time that it is shown."""
    return re.sub(r'name="(csrfmiddlewaretoken|form_key)" value="[^"]*"', "", html)


def anonymous(html: str, application: Application) -> str:
    """A page without what differs from person to person whatever is decided."""
    snapshot = application.snapshots.get()
    return re.sub(r"<time.*?</time>", "", html.replace(application.reference, "").replace(snapshot.sha256, ""))


def test_one_can_withdraw_whatever_is_held(call: Call, three: list[Application], people: dict[str, User]) -> None:
    hold_all(people, three, "accept", "decline", "decline")
    for application in three[:2]:
        services.withdraw(application.pk, application.applicant, at=app_now())
    assert services.release(call.pk, people["coordinator"]) == (0, 1)
    assert Decision.objects.filter(state="held").count() == 2
    assert not Member.objects.exists()


def test_a_release_tells_everybody_at_once(
    call: Call, three: list[Application], people: dict[str, User], coordinator: Client, sign_in: SignIn
) -> None:
    hold_all(people, three, "accept", "accept", "decline")
    html = coordinator.get(release_page(call)).content.decode()
    assert "Ada Canary" in html
    assert three[0].reference in html
    assert Entry.objects.filter(action="identity.read").count() == 1
    response = coordinator.post(release_page(call), {"seen": seen(coordinator, call)})
    assert response.status_code == 303
    mails = OutboxMessage.objects.exclude(kind="application-receipt")
    assert sorted(mails.values_list("kind", "mailbox", "language")) == [
        ("decision-accepted", "ada@example.org", "en"),
        ("decision-accepted", "bo@example.org", "zh-hant"),
        ("decision-declined", "cy@example.org", "en"),
    ]
    members = {member.user_id: (member.name, member.consented_at is not None) for member in Member.objects.all()}
    assert members == {three[0].applicant_id: ("Ada Canary", True), three[1].applicant_id: ("", False)}
    pages = [sign_in(one.applicant).get(PAGE).content.decode() for one in three]
    assert ["You have been chosen" in page for page in pages] == [True, True, False]
    assert "You were not chosen this time" in pages[2]
    assert Counter(Entry.objects.values_list("action", flat=True))["decision.released"] == 3


def test_a_second_release_does_nothing(
    call: Call, three: list[Application], people: dict[str, User], coordinator: Client
) -> None:
    hold_all(people, three, "accept", "accept", "decline")
    token = seen(coordinator, call)
    for _ in range(2):
        assert coordinator.post(release_page(call), {"seen": token}).status_code == 303
    assert OutboxMessage.objects.exclude(kind="application-receipt").count() == 3
    assert Entry.objects.filter(action="call.released").count() == 1
    assert services.release(call.pk, people["deputy"]) == (0, 0)


def test_more_than_the_seats_is_refused_whole(
    call: Call, three: list[Application], people: dict[str, User], coordinator: Client
) -> None:
    hold_all(people, three, "accept", "accept", "accept")
    html = coordinator.get(release_page(call)).content.decode()
    assert "More people would be accepted than there are seats" in html
    assert "Release all held decisions" not in html
    response = coordinator.post(release_page(call), {"seen": queries.release_token(queries.held(call))})
    assert response.status_code == 403
    assert "3 people would be accepted, but there are 2 seats" in response.content.decode()
    assert not Decision.objects.filter(state="released").exists()
    assert not Member.objects.exists()


def test_seats_count_over_two_releases(call: Call, three: list[Application], people: dict[str, User]) -> None:
    hold_all(people, three[:2], "accept", "accept")
    services.release(call.pk, people["coordinator"])
    services.decide(three[2].pk, people["coordinator"], "accept")
    with pytest.raises(Refused):
        services.release(call.pk, people["coordinator"])


def test_a_decision_after_the_page_was_shown_stops_the_release(
    call: Call, three: list[Application], people: dict[str, User], coordinator: Client
) -> None:
    hold_all(people, three, "accept", "decline", "decline")
    token = seen(coordinator, call)
    services.decide(three[1].pk, people["deputy"], "accept")
    assert coordinator.post(release_page(call), {"seen": token}).status_code == 409
    assert not Decision.objects.filter(state="released").exists()


def test_what_is_told_stays_told(
    call: Call, three: list[Application], people: dict[str, User], coordinator: Client, sign_in: SignIn
) -> None:
    hold_all(people, three, "accept", "accept", "decline")
    services.release(call.pk, people["coordinator"])
    with pytest.raises(Conflict):
        services.decide(three[2].pk, people["coordinator"], "accept")
    client = sign_in(three[2].applicant)
    assert client.post(PAGE, {"action": "withdraw", "confirm": "on"}).status_code == 403
    assert Application.objects.filter(state="withdrawn").count() == 0


def test_an_unknown_outcome_is_refused(call: Call, three: list[Application], people: dict[str, User]) -> None:
    with pytest.raises(Invalid):
        services.decide(three[0].pk, people["coordinator"], "alternate")


def test_calls_are_listed_for_deciders(call: Call, coordinator: Client) -> None:
    html = coordinator.get("/en/admin/recruitment/call/").content.decode()
    assert decisions_page(call) in html
    assert release_page(call) in html
    opened = coordinator.get(f"/en/admin/recruitment/call/{call.pk}/change/")
    assert opened.headers["Location"] == decisions_page(call)
    assert coordinator.get("/en/admin/recruitment/call/?applications__identity__name=x").status_code == 400


def test_the_pages_cost_the_same_for_two_and_for_ten(
    call: Call, apply: Apply, people: dict[str, User], clock: Clock, coordinator: Client
) -> None:
    counts = []
    for first, last in ((0, 2), (2, 10)):
        clock.set(OPEN)
        made = [apply(f"person{number}") for number in range(first, last)]
        clock.set(REVIEW)
        hold_all(people, made, *("decline" for _ in made))
        with CaptureQueriesContext(connection) as captured:
            coordinator.get(decisions_page(call))
            coordinator.get(release_page(call))
        counts.append(statements(captured))
    assert counts[0] == counts[1]
    assert counts[0][1] <= 16
