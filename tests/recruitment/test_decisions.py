"""Decisions: held and invisible, released once and together."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from recruitment import queries, services
from recruitment.models import Application, Call, Decision
from taskforce.accounts.models import User
from taskforce.audit.models import Entry
from taskforce.core.clock import app_now
from taskforce.core.errors import Conflict, Invalid, Refused
from taskforce.notifications.models import OutboxMessage
from tests.clients import Client
from tests.conftest import Clock
from tests.feedback.pages import parsed
from tests.recruitment.conftest import CALL, OPEN, PAGE, REVIEW, Apply, Scored, SignIn, draft, statements
from tests.recruitment.deciding import decisions_page, hold_all, release_page


def entered(application: Application, outcome: str = "", reason: str = "", *, seen: str = "") -> dict[str, str]:
    """What the page posts about one candidate."""
    name = f"candidate-{application.pk}"
    return {f"{name}-seen": seen, f"{name}-outcome": outcome, f"{name}-reason": reason}


def hold(coordinator: Client, call: Call, application: Application, outcome: str, **changes: str) -> Any:
    return coordinator.post(decisions_page(call), entered(application, outcome, **changes))


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
    token = queries.decision_token(Decision.objects.get())
    assert hold(coordinator, call, three[0], "decline", seen=token).status_code == 303
    decision = Decision.objects.get()
    assert (decision.outcome, decision.state, decision.reason) == ("decline", "held", "")
    entries = Entry.objects.filter(action="decision.held").order_by("pk")
    assert [(entry.details["before"], entry.details["outcome"]) for entry in entries] == [
        ("", "accept"),
        ("accept", "decline"),
    ]
    assert entries[0].reason == "Strong."
    assert not OutboxMessage.objects.exclude(kind="application-receipt").exists()


@pytest.mark.long
def test_a_saved_decision_says_that_nobody_is_told(call: Call, three: list[Application], coordinator: Client) -> None:
    before = coordinator.get(decisions_page(call)).content.decode()
    assert "Hold decision" not in before
    assert before.count("Save decisions") == 1
    assert "not told yet" not in before
    hold(coordinator, call, three[0], "accept")
    after = coordinator.get(decisions_page(call)).content.decode()
    assert "<strong>accept</strong> · not told yet" in after
    assert "1 decision is saved. The person is not told yet." in after
    assert "(held)" not in after


def test_one_button_saves_every_candidate_that_was_changed(
    call: Call, three: list[Application], coordinator: Client
) -> None:
    sent = entered(three[0], "accept", "Strong.") | entered(three[1]) | entered(three[2], "decline")
    response = coordinator.post(decisions_page(call), sent)
    assert (response.status_code, response.headers["Location"]) == (303, decisions_page(call))
    rows = Decision.objects.order_by("application__number").values_list("application", "outcome", "reason")
    assert list(rows) == [(three[0].pk, "accept", "Strong."), (three[2].pk, "decline", "")]
    assert "2 decisions are saved." in coordinator.get(decisions_page(call)).content.decode()


def test_what_the_page_shows_and_nobody_touches_is_not_written(
    call: Call, three: list[Application], coordinator: Client, people: dict[str, User]
) -> None:
    services.decide(three[0].pk, people["deputy"], "accept", "Two lines\nof reason, café.")
    html = coordinator.get(decisions_page(call)).content.decode()
    fields = fields_of(html)
    assert fields[f"candidate-{three[0].pk}-outcome"] == "accept"
    # A browser sends the ends of lines as CRLF.
    sent = {name: value.replace("\n", "\r\n") for name, value in fields.items()}
    services.decide(three[1].pk, people["deputy"], "decline")
    assert coordinator.post(decisions_page(call), sent).status_code == 303
    assert Entry.objects.filter(action="decision.held").count() == 2
    assert "Nothing was changed" in coordinator.get(decisions_page(call)).content.decode()


def fields_of(html: str) -> dict[str, str]:
    """What a browser would post of the decisions page as it is shown, without the token."""
    fields = parsed(html).fields
    assert fields is not None
    return {name: value for name, value in fields.items() if name.startswith("candidate-")}


def test_a_stale_candidate_holds_up_no_other_and_shows_both(
    call: Call, three: list[Application], coordinator: Client, people: dict[str, User]
) -> None:
    services.decide(three[0].pk, people["deputy"], "decline", "THEIRS")
    sent = entered(three[0], "accept", "MINE") | entered(three[1], "accept", "Fine.") | entered(three[2], "", "WHY")
    response = coordinator.post(decisions_page(call), sent)
    html = response.content.decode()
    assert response.status_code == 409
    assert dict(Decision.objects.values_list("application", "outcome")) == {
        three[0].pk: "decline",
        three[1].pk: "accept",
    }
    row = row_of(html, three[0])
    for text in ("Somebody has decided", "THEIRS", "MINE", "Deputy Demo", "This stands now", "This is what you sent"):
        assert text in row
    assert "Not saved" not in row_of(html, three[1])
    assert "Choose to accept or to decline." in row_of(html, three[2])
    assert "WHY" in row_of(html, three[2])
    assert "1 decision is saved." in html
    assert html.count('role="alert"') == 1
    # What was seen now may be replaced.
    again = fields_of(html)
    assert again[f"candidate-{three[0].pk}-outcome"] == "accept"
    again[f"candidate-{three[2].pk}-reason"] = ""
    assert coordinator.post(decisions_page(call), again).status_code == 303
    replaced = Decision.objects.get(application=three[0])
    assert (replaced.outcome, replaced.reason, replaced.decided_by) == ("accept", "MINE", people["coordinator"])


def row_of(html: str, application: Application) -> str:
    found = re.search(rf'<tr id="candidate-{application.pk}">.*?</tr>', html, re.S)
    assert found
    return found[0]


def test_the_same_page_twice_is_one_saving(call: Call, three: list[Application], coordinator: Client) -> None:
    for _ in range(2):
        assert hold(coordinator, call, three[0], "accept", reason="Strong.").status_code == 303
    assert Entry.objects.filter(action="decision.held").count() == 1


def test_a_reason_that_somebody_wrote_meanwhile_is_not_lost(
    call: Call, three: list[Application], people: dict[str, User]
) -> None:
    seen_before = queries.decision_token(services.decide(three[0].pk, people["coordinator"], "accept"))
    services.decide(three[0].pk, people["deputy"], "accept", "THEIRS")
    with pytest.raises(Conflict):
        services.decide(three[0].pk, people["coordinator"], "accept", "MINE", seen=seen_before)
    assert Decision.objects.get().reason == "THEIRS"


def test_a_candidate_who_withdraws_while_one_decides(call: Call, three: list[Application], coordinator: Client) -> None:
    services.withdraw(three[0].pk, three[0].applicant, at=app_now())
    response = coordinator.post(decisions_page(call), entered(three[0], "accept") | entered(three[1], "accept"))
    assert response.status_code == 409
    assert "Candidate 1: This application was withdrawn meanwhile." in response.content.decode()
    assert list(Decision.objects.values_list("application", flat=True)) == [three[1].pk]


@pytest.mark.parametrize(
    ("bad", "status"),
    [
        ({"outcome": "maybe"}, 200),
        ({"outcome": "", "reason": "why"}, 200),
        ({"reason": "a\x07b"}, 200),
        ({"reason": "x" * 2001}, 200),
        ({"seen": "x"}, 409),
        ({"seen": "x" * 65}, 200),
    ],
)
def test_a_damaged_decision_is_not_stored(
    call: Call, three: list[Application], coordinator: Client, people: dict[str, User], bad: dict[str, str], status: int
) -> None:
    services.decide(three[0].pk, people["deputy"], "decline")
    token = queries.decision_token(Decision.objects.get())
    sent = {"outcome": "accept", "seen": token, **bad}
    response = coordinator.post(decisions_page(call), entered(three[0], **sent))
    assert response.status_code == status
    assert "Not saved." in row_of(response.content.decode(), three[0])
    assert Decision.objects.get().outcome == "decline"


@pytest.mark.parametrize("pk", [999_999, 2**62, 10**18])
def test_a_candidate_of_no_call(call: Call, three: list[Application], coordinator: Client, pk: int) -> None:
    sent = entered(three[0], "accept") | {f"candidate-{pk}-outcome": "accept"}
    assert coordinator.post(decisions_page(call), sent).status_code == 404
    assert not Decision.objects.exists()


@pytest.mark.parametrize("name", ["candidate-x-outcome", "candidate--1-seen", f"candidate-{'9' * 30}-seen", "outcome"])
def test_fields_of_no_form_change_nothing(call: Call, three: list[Application], coordinator: Client, name: str) -> None:
    assert coordinator.post(decisions_page(call), {name: "accept"}).status_code == 303
    assert not Decision.objects.exists()


def test_a_draft_is_no_candidate(
    call: Call, three: list[Application], coordinator: Client, people: dict[str, User], clock: Clock
) -> None:
    clock.set(OPEN)
    drafted = services.save_draft(call.pk, people["applicant"], draft(call))
    clock.set(REVIEW)
    assert hold(coordinator, call, drafted, "accept").status_code == 404


def test_while_the_call_is_open_nothing_is_decided(
    call: Call, three: list[Application], coordinator: Client, people: dict[str, User], clock: Clock
) -> None:
    clock.set(OPEN)
    response = hold(coordinator, call, three[0], "accept", reason="KEPT reason")
    assert response.status_code == 403
    assert "KEPT reason" in response.content.decode()
    assert "Save decisions" not in response.content.decode()
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


@pytest.mark.long
def test_what_is_held_is_invisible_to_the_applicant(
    call: Call, apply: Apply, people: dict[str, User], sign_in: SignIn, clock: Clock
) -> None:
    three = [apply(name) for name in ("ada", "bo", "cy")]
    clock.set(REVIEW)
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
    sha256, applicant = application.snapshots.get().sha256, application.applicant
    for text in (application.reference, sha256, applicant.email, applicant.name):
        html = html.replace(text, "")
    return re.sub(r'<time.*?</time>|data-owner="[^"]*"', "", html)


def test_an_unknown_outcome_is_refused(call: Call, three: list[Application], people: dict[str, User]) -> None:
    with pytest.raises(Invalid):
        services.decide(three[0].pk, people["coordinator"], "alternate")


def test_calls_are_listed_for_deciders(call: Call, coordinator: Client) -> None:
    html = coordinator.get("/en/admin/recruitment/call/").content.decode()
    assert decisions_page(call) in html
    assert release_page(call) in html
    opened = coordinator.get(f"/en/admin/recruitment/call/{call.pk}/change/").content.decode()
    assert f'href="{decisions_page(call)}"' in opened
    assert f'href="{release_page(call)}"' in opened
    assert coordinator.get("/en/admin/recruitment/call/?applications__identity__name=x").status_code == 400


@pytest.mark.long
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
